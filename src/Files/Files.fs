namespace AniSoap

open System
open System.IO
open AniSoap.Formats

/// The system's exceptions about files as errors.
module internal Files =
    let private sourceOf path = { Place.Unknown with Source = Some path }

    /// What the system throws about a file, as an error about this path. `with Files.Failure path error -> Error error`
    let (|Failure|_|) (path: string) (thrown: exn) : AniSoapError option =
        match thrown with
        | :? InvalidDataException as e -> Some(Malformed(SystemReason.ofData e, "an intact file", sourceOf path))
        | :? EndOfStreamException -> Some(Malformed("the end of the file", "more data", sourceOf path))
        | :? UnauthorizedAccessException when Directory.Exists path -> Some(Inaccessible(path, "it is a directory"))
        | :? NotSupportedException when PathStatus.kind path = PathKind.Pipe || PathStatus.kind path = PathKind.Device ->
            Some(Inaccessible(path, "this format is read here and there, which a pipe does not allow; give a file"))
        | :? IOException
        | :? UnauthorizedAccessException
        | :? NotSupportedException -> Some(Inaccessible(path, SystemReason.ofFile thrown))
        // Where a file is limited in size, .NET throws what it throws for lengths that no file has.
        | :? ArgumentOutOfRangeException as e when e.ParamName = "value" ->
            Some(Inaccessible(path, SystemReason.ofFile thrown))
        | _ -> None

    /// Runs what touches a file; errors get its path as their source.
    let guard (path: string) (action: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        try
            action () |> Result.mapError (AniSoapError.at (sourceOf path))
        with Failure path error ->
            Error error

    /// Disposes of a stream whose content no longer matters, nor what keeps its last bytes from being written.
    let abandon (stream: Stream) : unit =
        try
            stream.Dispose()
        with
        | :? IOException
        | :? ArgumentOutOfRangeException -> ()

    /// Paths for which the system has an exception of its own kind.
    let named (path: string) (action: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        if path = "" then
            Error(Inaccessible("''", "it is not the name of a file"))
        elif path.Contains '\000' then
            Error(Inaccessible(path, "it is not the name of a file"))
        else
            guard path action

    /// Opens a file and reads it with `read`.
    let reading (path: string) (read: FileStream -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        named path (fun () ->
            use stream = File.OpenRead path
            read stream)
