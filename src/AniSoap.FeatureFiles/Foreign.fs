namespace AniSoap

open System

/// The bounds of other people's readers: whatever they throw becomes an error, and nothing is allocated that the file
/// cannot hold.
module internal Foreign =
    let private place path = { Place.Unknown with Source = Some path }

    /// Runs what a library does with a file.
    let guard (format: string) (path: string) (action: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        try
            Files.guard path action
        with
        // What the system refuses has been said by `Files.guard`; a library's own mistakes on a broken file come as anything.
        | :? OperationCanceledException -> reraise ()
        // Their words are for developers: what matters to a reader of the message is the file.
        | _ -> Error(Malformed($"what is no {format}", $"an intact {format} file", place path))

    /// The same of what a library writes to a file: the system's refusals may be wrapped in the library's own.
    let guardWriting format (path: string) (action: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        guard format path (fun () ->
            try
                action ()
            with failure ->
                match failure.GetBaseException() with
                | Files.Failure path refused -> Error refused
                | _ -> reraise ())

    /// Arrays that are all but constant may be this long whatever their file's length.
    let private alwaysAllowed = 32L <<< 20

    /// The number of elements of an array, if a file so long can hold them: 200 bytes from one of them at most, more only
    /// up to 32 MB.
    let elements (fileLength: int64) (size: int) (shape: uint64 seq) : Result<int, AniSoapError> =
        let count = shape |> Seq.fold (fun n length -> n * bigint length) 1I
        let bytes = count * bigint size

        if
            bytes > bigint (max alwaysAllowed (200L * fileLength))
            || count > bigint Array.MaxLength
        then
            let lengths = String.Join(", ", shape)

            Error(
                Malformed(
                    $"an array of shape ({lengths})",
                    $"one that {fileLength} bytes can hold, of at most {Array.MaxLength} numbers",
                    Place.Unknown
                )
            )
        else
            Ok(int count)

    /// The CRC-32 of bytes (ISO 3309, as ZIP and Parquet have it).
    let crc32 (bytes: ReadOnlySpan<byte>) : uint32 = System.IO.Hashing.Crc32.HashToUInt32 bytes

    /// The first number that is too large for a single, as an error.
    let checkSingles (values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        let mutable tooLarge = nan

        for i in values.Length - 1 .. -1 .. 0 do
            if Single.IsInfinity(single values[i]) then
                tooLarge <- values[i]

        if Double.IsNaN tooLarge then
            Ok()
        else
            Error(NpyData.tooLargeForSingle tooLarge)
