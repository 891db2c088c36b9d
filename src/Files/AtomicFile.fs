namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// A file that appears whole or not at all: it is written under a temporary name beside its target, flushed to the
/// disk, and renamed when it is committed. Disposing it without that deletes it, and a later run for the same target
/// deletes what a process left that was killed.
[<Sealed>]
type AtomicFile private (target: string, temporary: string, stream: FileStream, existing: Existing) =
    let mutable finished = false

    // Whoever ends the process early, as the system's request to end does, leaves no temporary file. Its stream is left
    // to the system: another thread may be writing.
    let onExit =
        EventHandler(fun _ _ ->
            try
                if OperatingSystem.IsWindows() then
                    stream.Dispose()

                File.Delete temporary
            with _ ->
                ())

    let finish () =
        finished <- true
        AppDomain.CurrentDomain.ProcessExit.RemoveHandler onExit

    do AppDomain.CurrentDomain.ProcessExit.AddHandler onExit

    static let permissions = enum<UnixFileMode> 0o777

    /// What the file that is replaced allows to whom; none where there is none, or no such thing.
    static let modeOf (path: string) =
        if OperatingSystem.IsWindows() || not (File.Exists path) then
            None
        else
            Some(File.GetUnixFileMode path &&& permissions)

    /// The path to be written, behind all links; refuses what no file can take the place of.
    static let check (path: string) (existing: Existing) : Result<string, AniSoapError> =
        let refuse reason = Error(Inaccessible(path, reason))

        Files.named path (fun () ->
            match PathStatus.kind path with
            | PathKind.Folder -> refuse "it is a directory"
            | PathKind.Pipe -> refuse "it is a pipe, which a file cannot replace"
            | PathKind.Device -> refuse "it is a device, which a file cannot replace"
            | PathKind.File when existing = Existing.Keep ->
                refuse "it exists already and is only replaced when that is asked for"
            | PathKind.File
            | PathKind.Nothing ->
                PathStatus.target path
                |> Result.bind (fun target ->
                    if Path.GetFileName target = "" || isNull (Path.GetDirectoryName target) then
                        refuse "it is a directory"
                    elif not (Directory.Exists(Path.GetDirectoryName target)) then
                        refuse "there is no such directory"
                    else
                        Ok target))

    /// What is written here becomes the file.
    member _.Stream = stream

    /// The name that the file will have.
    member _.Path = target

    /// The name that it has until then.
    member internal _.Temporary = temporary

    /// Starts a file. Refuses a target that exists, unless it is to be replaced, one that is a directory, a pipe or a device, and a
    /// directory that is not there or cannot be written to. A link stays: what it leads to is written. A file that
    /// replaces another allows reading and writing to whom that did.
    static member Create(path: string, existing: Existing) : Result<AtomicFile, AniSoapError> =
        check path existing
        |> Result.bind (fun target ->
            Files.guard path (fun () ->
                let stream, temporary = Temporary.create target (modeOf target)
                Temporary.removeAbandoned target temporary
                Ok(new AtomicFile(target, temporary, stream, existing))))

    /// Whether `Create` would work, found out without leaving anything: permissions, read-only file systems and overlong
    /// names have no other sure test than to make a file there.
    static member CanCreate(path: string, existing: Existing) : Result<unit, AniSoapError> =
        check path existing
        |> Result.bind (fun target ->
            Files.guard path (fun () ->
                use probe = Temporary.createUnnamed target
                ignore probe

                // The probe has a shorter name where the target's is long.
                try
                    File.GetAttributes target |> ignore
                with
                | :? FileNotFoundException
                | :? DirectoryNotFoundException -> ()

                Ok()))

    /// Runs what writes to the stream; what the system refuses is an error.
    member _.Write(write: Action<Stream>) : Result<unit, AniSoapError> =
        Files.guard target (fun () ->
            write.Invoke stream
            Ok())

    /// Flushes the file to the disk and gives it its name.
    member _.Commit() : Result<unit, AniSoapError> =
        Files.guard target (fun () ->
            if finished then
                invalidOp "the file has been committed or disposed of"

            stream.Flush true

            if OperatingSystem.IsWindows() then
                stream.Dispose()
                File.Move(temporary, target, (existing = Existing.Replace))
            else
                match modeOf target with
                | Some mode when existing = Existing.Replace ->
                    try
                        File.SetUnixFileMode(stream.SafeFileHandle, mode)
                    with
                    | :? IOException
                    | :? UnauthorizedAccessException -> () // A file system without modes.
                | _ -> ()

                // Held until it has its name: else another run might take it for one that was left.
                File.Move(temporary, target, (existing = Existing.Replace))
                finish ()
                stream.Dispose()

            finish ()
            Ok())

    /// Deletes what has been written, unless it was committed.
    member _.Dispose() =
        if not finished then
            finish ()

            try
                if OperatingSystem.IsWindows() then
                    Files.abandon stream
                    File.Delete temporary
                else
                    File.Delete temporary
                    Files.abandon stream
            with
            | :? IOException
            | :? UnauthorizedAccessException -> ()

    interface IDisposable with
        member file.Dispose() = file.Dispose()

/// Files that appear whole or not at all.
module AtomicFile =
    /// Writes a whole file with `write`; it appears only when that succeeds.
    let write
        (existing: Existing)
        (path: string)
        (write: Stream -> Result<unit, AniSoapError>)
        : Result<unit, AniSoapError> =
        AtomicFile.Create(path, existing)
        |> Result.bind (fun file ->
            use file = file

            Files.guard path (fun () -> write file.Stream) |> Result.bind file.Commit)
