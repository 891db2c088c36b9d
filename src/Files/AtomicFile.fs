namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// A file that appears whole or not at all: it is written under a temporary name beside its target, flushed to the
/// disk, and renamed when it is committed. Disposing it without that deletes it, and a later run for the same target
/// deletes what a process left that was killed.
[<Sealed>]
type AtomicFile private (target: string, temporary: string, stream: FileStream, replaces: bool) =
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
    static let check (path: string) (replaces: bool) : Result<string, AniSoapError> =
        let refuse reason = Error(Inaccessible(path, reason))

        Files.named path (fun () ->
            match PathStatus.kind path with
            | PathKind.Folder -> refuse "it is a directory"
            | PathKind.Pipe -> refuse "it is a pipe, which a file cannot replace"
            | PathKind.Device -> refuse "it is a device, which a file cannot replace"
            | PathKind.File when not replaces -> refuse "it exists already and is only replaced when that is asked for"
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

    /// Whether it is under way, and will have this name.
    member private _.IsAt path = not finished && target = path

    member private _.Replaces = replaces

    static member private Known(file: IOutputFile) =
        match file with
        | :? AtomicFile as known -> Some known
        | _ -> None

    /// The name that it has until then.
    member internal _.Temporary = temporary

    /// Starts a file. Refuses a target that exists, unless it is to be replaced, one that is a directory, a pipe or a device, and a
    /// directory that is not there or cannot be written to. A link stays: what it leads to is written. A file that
    /// replaces another allows reading and writing to whom that did.
    static member Create(path: string, existing: Existing) : Result<AtomicFile, AniSoapError> =
        let begun =
            match existing with
            | Existing.Begun files -> files |> List.choose AtomicFile.Known
            | Existing.Keep
            | Existing.Replace -> []

        let replaces =
            match existing with
            | Existing.Replace -> true
            | Existing.Keep -> false
            | Existing.Begun _ -> begun |> List.exists _.Replaces

        let known =
            match PathStatus.target path with
            | Ok target -> begun |> List.tryFind (fun file -> file.IsAt target)
            | Error _ -> None

        match known with
        | Some file -> Ok file
        | None ->
            check path replaces
            |> Result.bind (fun target ->
                Files.guard path (fun () ->
                    // Its temporary has a shorter name where the target's is long.
                    try
                        File.GetAttributes target |> ignore
                    with
                    | :? FileNotFoundException
                    | :? DirectoryNotFoundException -> ()

                    let stream, temporary = Temporary.create target (modeOf target)
                    // From here on it goes with the process.
                    let file = new AtomicFile(target, temporary, stream, replaces)
                    Temporary.removeAbandoned target temporary
                    Ok file))

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
                File.Move(temporary, target, replaces)
            else
                match modeOf target with
                | Some mode when replaces ->
                    try
                        File.SetUnixFileMode(stream.SafeFileHandle, mode)
                    with
                    | :? IOException
                    | :? UnauthorizedAccessException -> () // A file system without modes.
                | _ -> ()

                // Held until it has its name: else another run might take it for one that was left.
                File.Move(temporary, target, replaces)
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

    interface IOutputFile with
        member file.Path = file.Path
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
