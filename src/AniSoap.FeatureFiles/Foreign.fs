namespace AniSoap.Formats

open System
open System.IO
open System.Runtime.ExceptionServices
open AniSoap

/// The bounds of other people's readers: whatever they throw becomes an error, and nothing is allocated that the file
/// cannot hold.
module internal Foreign =
    /// What the system says of a file, in whose words `FeatureFile` has it.
    let private isSystems (thrown: exn) =
        match thrown with
        | :? IOException
        | :? InvalidDataException
        | :? UnauthorizedAccessException
        | :? NotSupportedException
        | :? OperationCanceledException -> true
        // Where a file is limited in size.
        | :? ArgumentOutOfRangeException as e -> e.ParamName = "value"
        | _ -> false

    /// Runs what a library does with a file. Their words are for developers: what matters to a reader of the message is
    /// the file.
    let private guarded (format: string) (path: string) (action: unit -> Result<'a, AniSoapError>) =
        try
            action ()
        with thrown when not (isSystems thrown) ->
            Error(
                Malformed(
                    "what is no " + format,
                    "an intact " + format + " file",
                    { Place.Unknown with Source = Some path }
                )
            )

    /// Opens a file and reads it with `read`.
    let reading
        (format: string)
        (path: string)
        (read: FileStream -> Result<'a, AniSoapError>)
        : Result<'a, AniSoapError> =
        TableFormat.reading path (fun stream -> guarded format path (fun () -> read stream))

    /// Runs what a library writes to a file: the system's refusals may be wrapped in the library's own.
    let writing format (path: string) (action: unit -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        guarded format path (fun () ->
            try
                action ()
            with thrown when isSystems (thrown.GetBaseException()) ->
                ExceptionDispatchInfo.Throw(thrown.GetBaseException())
                reraise ())

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
                    ("an array of shape (" + lengths + ")"),
                    ("one that "
                     + string fileLength
                     + " bytes can hold, of at most "
                     + string Array.MaxLength
                     + " numbers"),
                    Place.Unknown
                )
            )
        else
            Ok(int count)
