namespace AniSoap

open System
open System.IO
open AniSoap.Formats

/// The bytes of inputs: files, packed or not, and standard input.
module internal InputStream =
    let refuseFolder (path: string) =
        if Directory.Exists path then
            Error(Inaccessible(path, "this is a folder, not a file"))
        else
            Ok()

    /// The bytes of a file, unpacked where they are gzip, bzip2 or Zstandard, or of standard input for the path "-".
    let openPath (path: string) : Result<Stream, AniSoapError> =
        try
            if path = "-" then
                Ok(Console.OpenStandardInput())
            elif not (File.Exists path) then
                refuseFolder path
                |> Result.bind (fun () -> Error(Inaccessible(path, "there is no such file")))
            else
                let file =
                    new FileStream(
                        path,
                        FileMode.Open,
                        FileAccess.Read,
                        FileShare.ReadWrite,
                        1,
                        FileOptions.SequentialScan
                    )

                // A pipe cannot be looked at beforehand: it is taken as it is.
                if file.CanSeek then
                    let beginning = Array.zeroCreate<byte> PackedStreams.Beginning
                    let count = file.ReadAtLeast(Span beginning, beginning.Length, false)
                    file.Seek(0L, SeekOrigin.Begin) |> ignore
                    PackedStreams.unpacked (ReadOnlySpan(beginning, 0, count)) file
                else
                    Ok file
        with Files.Failure path error ->
            Error error

    /// `action`, with the failures of the file system and of damaged packed data as errors.
    let guarded source (action: unit -> Result<'a, AniSoapError>) =
        try
            action ()
        with
        | :? InvalidDataException as failure ->
            Error(
                Malformed(
                    SystemReason.ofData failure,
                    "a whole file, as text or packed",
                    { Place.Unknown with Source = Some source }
                )
            )
        | :? IOException as failure -> Error(Inaccessible(source, SystemReason.ofFile failure))
        | :? UnauthorizedAccessException as failure -> Error(Inaccessible(source, SystemReason.ofFile failure))
