namespace AniSoap

open System
open System.IO

/// The system's exceptions in words of ours. Its own texts name temporary files and stages of its work, and are mere keys where a program was
/// published without them.
module internal SystemReason =
    /// What stands in an exception where texts were left out: one word with underscores, or letters without a blank.
    let private isKey (text: string) =
        let word = text.Split([| ' '; ',' |], 2)[0]
        word.Contains '_' || not (text.Contains ' ')

    /// Errors by their number on Unix, which is what the exception carries there.
    let private byNumber number =
        match number with
        | 5 -> Some "the device reports an input/output error"
        | 21 -> Some "it is a directory"
        | 22 -> Some "the file system does not allow it"
        | 23
        | 24 -> Some "too many files are open"
        | 27 -> Some "the file would be larger than the file system allows"
        | 28 -> Some "no space is left on the device"
        | 30 -> Some "the file system can only be read"
        | 32 -> Some "whoever was reading has gone"
        | 40 -> Some "it is a link that leads back to itself"
        | 122 -> Some "the quota of the disc is used up"
        // ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
        | 0x80070070
        | 0x80070027 -> Some "no space is left on the device"
        | 0x80070020 -> Some "another program uses it"
        | _ -> None

    /// An assembly that was asked for when its code was first needed, by its full name.
    let private (|MissingAssembly|_|) (thrown: exn) =
        match thrown with
        | :? FileNotFoundException as missing ->
            match missing.FileName with
            | null -> None
            | name when name.Contains(", Version=", StringComparison.Ordinal) -> Some(name.Split(',')[0])
            | _ -> None
        | _ -> None

    /// Why the system refused to open, read or write a file.
    let ofFile (thrown: exn) : string =
        match thrown with
        | MissingAssembly name -> String.Concat("the program is incomplete: ", name, ".dll is missing")
        | :? FileNotFoundException -> "there is no such file"
        | :? DirectoryNotFoundException -> "there is no such directory"
        | :? PathTooLongException -> "its name is longer than the file system allows"
        | :? UnauthorizedAccessException -> "permission is denied"
        | :? EndOfStreamException -> "it ends early"
        // What .NET throws where a file may not grow any more.
        | :? ArgumentOutOfRangeException -> "the file would be larger than the file system allows"
        | _ ->
            match byNumber thrown.HResult with
            | Some reason -> reason
            | None when isKey thrown.Message ->
                String.Concat(
                    "the system refuses it (error ",
                    thrown.HResult.ToString Globalization.CultureInfo.InvariantCulture,
                    ")"
                )
            | None -> thrown.Message.TrimEnd '.'

    /// What was found in data that do not follow their format: as our own checks say it, or that they are damaged where the system's
    /// decompression does.
    let ofData (thrown: InvalidDataException) : string =
        let isOurs =
            match thrown.Source with
            | null -> false
            | source -> source.StartsWith("AniSoap", StringComparison.Ordinal)

        if isOurs then
            thrown.Message.TrimEnd '.'
        else
            "damaged or incomplete data"
