namespace AniSoap

open System
open System.IO
open System.Security.Cryptography
open System.Text
open AniSoap.Formats

/// Files that stand beside an output while it is being made. Whoever makes one holds a lock on it until it has its final
/// name or is deleted; the system lets go of the lock when a process ends, however it ends. A file of that kind without
/// a lock belongs to nobody.
///
/// The lock is .NET's own for `FileShare.None`: `flock` on Unix, which only asks others to keep away, and a real one on
/// Windows.
module internal Temporary =
    let private ending = ".partial"
    let private digits = 8

    /// No file system in use allows shorter names than 255 bytes; the rest of the name is `.`, `.`, digits and ending.
    let private longestStem = 200

    /// What the temporaries of an output have in common: its name, or as much of it as fits and a hash of all.
    let private stem (name: string) =
        let bytes = Encoding.UTF8.GetBytes name

        if bytes.Length <= longestStem then
            name
        else
            let hash = Convert.ToHexString(SHA256.HashData bytes).ToLowerInvariant().Substring(0, 32)
            // Not cut within a character.
            let kept = name.EnumerateRunes() |> Seq.truncate 20 |> Seq.map string |> String.concat ""
            kept + "-" + hash

    let private nameOf (target: string) = string (Path.GetFileName target)
    let private folderOf (target: string) = string (Path.GetDirectoryName target)
    let private prefix target = "." + stem (nameOf target) + "."

    let private isDigit (c: char) = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')

    let private isOf (target: string) (name: string) =
        let prefix = prefix target

        name.Length = prefix.Length + digits + ending.Length
        && name.StartsWith(prefix, StringComparison.Ordinal)
        && name.EndsWith(ending, StringComparison.Ordinal)
        && name.Substring(prefix.Length, digits) |> Seq.forall isDigit

    let private newPath target =
        let unique = Guid.NewGuid().ToString("N").Substring(0, digits)
        Path.Join(folderOf target, prefix target + unique + ending)

    let private modeOf (mode: UnixFileMode) =
        if OperatingSystem.IsWindows() then
            Nullable()
        else
            Nullable mode

    let private options (mode: Nullable<UnixFileMode>) extra =
        let options =
            FileStreamOptions(
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 65536,
                Options = extra
            )

        if mode.HasValue then
            options.UnixCreateMode <- mode

        options

    /// Whether the name was taken, or somebody else has locked the file in between.
    let private isTaken (failure: IOException) =
        let code = failure.HResult

        if OperatingSystem.IsWindows() then
            code = 0x80070020 || code = 0x80070050
        else
            // EEXIST, and EWOULDBLOCK as Linux and as BSD (macOS) number it.
            code = 17 || code = 11 || code = 35

    /// A new file beside the target, with its path. Its mode is as of any new file, but allows nothing that `atMost`
    /// does not.
    let create (target: string) (atMost: UnixFileMode option) : FileStream * string =
        let ordinary = enum<UnixFileMode> 0o666

        let mode =
            match atMost with
            | Some atMost -> modeOf (ordinary &&& atMost)
            | None -> Nullable()

        // Between making and locking it, another run may take it for one that nobody holds: then it is locked or gone.
        let rec attempt left =
            let path = newPath target

            let made =
                try
                    let stream = new FileStream(path, options mode FileOptions.None)

                    if File.Exists path then
                        Some stream
                    else
                        stream.Dispose()
                        None
                with :? IOException as failure when isTaken failure ->
                    None

            match made with
            | Some stream -> stream, path
            | None when left > 0 -> attempt (left - 1)
            | None -> raise (IOException "its temporary file is deleted again and again by another program")

        attempt 8

    /// A new file beside the target that nobody else sees and that is gone with the stream, or with the process. Unix
    /// takes its name away at once; Windows deletes it when it is closed.
    let createUnnamed (target: string) : FileStream =
        let path = newPath target

        if OperatingSystem.IsWindows() then
            new FileStream(path, options (Nullable()) FileOptions.DeleteOnClose)
        else
            let ownerOnly = UnixFileMode.UserRead ||| UnixFileMode.UserWrite
            let stream = new FileStream(path, options (Nullable ownerOnly) FileOptions.None)
            File.Delete path
            stream

    /// Whether a second opening of a file that is held is refused: file systems exist where locks mean nothing, and
    /// there nobody can tell whose a temporary is.
    let private locksWork (held: string) =
        try
            use second = new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None)
            ignore second
            false
        with
        | :? IOException -> true
        | :? UnauthorizedAccessException -> false

    let private removeUnheld (path: string) =
        try
            if PathStatus.kind path = PathKind.File && isNull (FileInfo(path).LinkTarget) then
                // Deleted while it is held here, so that nobody who is about to write to it is left without it unawares.
                use abandoned = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete)
                ignore abandoned
                File.Delete path
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()

    /// Deletes what runs for the same target have left that ended without clearing up. `held` is a temporary that the
    /// caller holds.
    let removeAbandoned (target: string) (held: string) : unit =
        try
            let everything = EnumerationOptions(AttributesToSkip = enum 0, MatchType = MatchType.Simple)

            let others =
                Directory.EnumerateFiles(folderOf target, "*" + ending, everything)
                |> Seq.filter (fun path -> isOf target (nameOf path) && nameOf path <> nameOf held)
                |> Seq.toList

            if not others.IsEmpty && locksWork held then
                others |> List.iter removeUnheld
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ()
