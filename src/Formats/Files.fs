namespace AniSoap

open System
open System.IO

/// The system's exceptions about files as errors.
module internal Files =
    /// Runs what touches a file and turns what the system throws into errors about this path.
    let guard (path: string) (action: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        let place = { Place.Unknown with Source = Some path }

        try
            action () |> Result.mapError (AniSoapError.at place)
        with
        | :? InvalidDataException as e -> Error(Malformed(e.Message.TrimEnd '.', "an intact file", place))
        | :? EndOfStreamException -> Error(Malformed("the end of the file", "more data", place))
        | :? FileNotFoundException -> Error(Inaccessible(path, "there is no such file"))
        | :? DirectoryNotFoundException -> Error(Inaccessible(path, "there is no such directory"))
        | :? UnauthorizedAccessException when Directory.Exists path -> Error(Inaccessible(path, "it is a directory"))
        | :? IOException
        | :? UnauthorizedAccessException
        | :? NotSupportedException
        | :? ArgumentException as e -> Error(Inaccessible(path, e.Message))

    /// Opens a file and reads it with `read`.
    let reading (path: string) (read: FileStream -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        guard path (fun () ->
            use stream = File.OpenRead path
            read stream)
