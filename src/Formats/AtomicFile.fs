namespace AniSoap

open System
open System.IO

/// A file that appears whole or not at all: it is written under a temporary name beside its target, flushed to the
/// disk, and renamed when it is committed. Disposing it without that deletes it.
[<Sealed>]
type AtomicFile private (target: string, temporary: string, stream: FileStream, replace: bool) =
    let mutable finished = false

    /// What is written here becomes the file.
    member _.Stream = stream

    /// The name that the file will have.
    member _.Path = target

    /// The name that it has until then.
    member internal _.Temporary = temporary

    /// Starts a file. Refuses a target that exists, unless `replace`, one that is a directory or a device, and a
    /// directory that is not there or cannot be written to.
    static member Create(path: string, replace: bool) : Result<AtomicFile, AniSoapError> =
        Files.named path (fun () ->
            // A link stays: what it points to is replaced.
            let target =
                let isLink = not (isNull (FileInfo(path).LinkTarget))

                match (if isLink then File.ResolveLinkTarget(path, true) else null) with
                | null -> Path.GetFullPath path
                | target -> target.FullName

            if Directory.Exists target then
                Error(Inaccessible(path, "it is a directory"))
            elif File.Exists target && target.StartsWith("/dev/", StringComparison.Ordinal) then
                Error(Inaccessible(path, "it is a device, which a file cannot replace"))
            elif File.Exists target && not replace then
                Error(Inaccessible(path, "it exists already and is only replaced when that is asked for"))
            else
                let name = Path.GetFileName target
                let unique = Guid.NewGuid().ToString("N").Substring(0, 8)

                match Path.GetDirectoryName target with
                | null -> Error(Inaccessible(path, "it is a directory"))
                | directory ->
                    let temporary = Path.Combine(directory, "." + name + "." + unique + ".partial")

                    let options =
                        FileStreamOptions(Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, BufferSize = 65536)

                    Ok(new AtomicFile(target, temporary, new FileStream(temporary, options), replace)))

    /// Flushes the file to the disk and gives it its name.
    member _.Commit() : Result<unit, AniSoapError> =
        Files.guard target (fun () ->
            if finished then
                invalidOp "the file has been committed or disposed of"

            stream.Flush true
            stream.Dispose()
            File.Move(temporary, target, replace)
            finished <- true
            Ok())

    /// Deletes what has been written, unless it was committed.
    member _.Dispose() =
        if not finished then
            finished <- true

            Files.abandon stream

            try
                File.Delete temporary
            with
            | :? IOException
            | :? UnauthorizedAccessException -> ()

    interface IDisposable with
        member file.Dispose() = file.Dispose()

/// Files that appear whole or not at all.
module AtomicFile =
    /// Writes a whole file with `write`; it appears only when that succeeds.
    let write
        (replace: bool)
        (path: string)
        (write: Stream -> Result<unit, AniSoapError>)
        : Result<unit, AniSoapError> =
        AtomicFile.Create(path, replace)
        |> Result.bind (fun file ->
            use file = file

            Files.guard path (fun () -> write file.Stream) |> Result.bind file.Commit)
