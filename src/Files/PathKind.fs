namespace AniSoap.Formats

open System
open System.IO
open System.Runtime.InteropServices
open System.Text
open AniSoap

/// What a path names, through links: by what stands there, not by how it is called.
[<RequireQualifiedAccess>]
type PathKind =
    /// Nothing, or a link to nothing.
    | Nothing
    /// A file: it can be read more than once and replaced.
    | File
    /// A folder.
    | Folder
    /// A pipe or a socket: it is read once, from its beginning to its end.
    | Pipe
    /// A terminal, a disc, `/dev/null`: no file can take its place.
    | Device

/// What the system says of a path.
module internal PathStatus =
    // .NET tells neither the kind of a path nor the number of a file on its device. These structures are the same on
    // all processors: Linux made `statx` so; macOS has one `stat`, under an older name on Intel.
    [<DllImport("libc", EntryPoint = "statx")>]
    extern int private statx(int folder, byte[] path, int flags, uint32 mask, byte[] status)

    [<DllImport("libc", EntryPoint = "stat")>]
    extern int private macStat(byte[] path, byte[] status)

    [<DllImport("libc", EntryPoint = "stat$INODE64")>]
    extern int private macStatOfIntel(byte[] path, byte[] status)

    let private field (status: byte[]) at bytes =
        let mutable value = 0UL

        for i in 0 .. bytes - 1 do
            let place = if BitConverter.IsLittleEndian then i else bytes - 1 - i
            value <- value ||| (uint64 status[at + place] <<< (8 * i))

        value

    let private kindOfMode (mode: uint64) =
        match mode &&& 0o170000UL with
        | 0o100000UL -> PathKind.File
        | 0o040000UL -> PathKind.Folder
        | 0o010000UL
        | 0o140000UL -> PathKind.Pipe
        | _ -> PathKind.Device

    let private terminated (path: string) = Array.append (Encoding.UTF8.GetBytes path) [| 0uy |]

    /// The kind, and device and number that tell a file from all others; none where the system does not say or nothing
    /// is there.
    let private ask (path: string) : (PathKind * struct (uint64 * uint64)) option =
        let status = Array.zeroCreate<byte> 256

        try
            if OperatingSystem.IsLinux() then
                let currentFolder, all = -100, 0x7FFu

                if statx (currentFolder, terminated path, 0, all, status) = 0 then
                    let device = (field status 136 4 <<< 32) ||| field status 140 4
                    Some(kindOfMode (field status 28 2), struct (device, field status 32 8))
                else
                    None
            elif OperatingSystem.IsMacOS() then
                let found =
                    if RuntimeInformation.ProcessArchitecture = Architecture.X64 then
                        macStatOfIntel (terminated path, status)
                    else
                        macStat (terminated path, status)

                if found = 0 then
                    Some(kindOfMode (field status 4 2), struct (field status 0 4, field status 8 8))
                else
                    None
            else
                None
        with
        | :? DllNotFoundException
        | :? EntryPointNotFoundException -> None

    let private isNamed (path: string) = path <> "" && not (path.Contains '\000')

    /// The kind of a path.
    let kind (path: string) : PathKind =
        if not (isNamed path) then
            PathKind.Nothing
        else
            match ask (Path.GetFullPath path) with
            | Some(kind, _) -> kind
            | None when Directory.Exists path -> PathKind.Folder
            // A link to nothing exists for .NET.
            | None when File.Exists path && not (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) ->
                PathKind.File
            | None -> PathKind.Nothing

    /// More links than any system follows: they lead in a circle.
    let private mostLinks = 40

    /// Where a path leads through all links, whether or not something is there. Done here because a link's target counts
    /// from the folder that the link really stands in, and `..` in it from where the folder before it leads.
    let private follow (path: string) : Result<string, AniSoapError> =
        let split (text: string) = text.Split('/', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray

        let rec walk links (folder: string) parts =
            match parts with
            | [] -> Ok folder
            | "." :: rest -> walk links folder rest
            | ".." :: rest ->
                let above =
                    match Path.GetDirectoryName folder with
                    | null -> "/"
                    | above -> above

                walk links above rest
            | part :: rest ->
                let here = Path.Join(folder, part)

                match FileInfo(here).LinkTarget with
                | null -> walk links here rest
                | _ when links = mostLinks -> Error(Inaccessible(path, "its links lead in a circle"))
                | target -> walk (links + 1) (if target.StartsWith '/' then "/" else folder) (split target @ rest)

        let whole =
            if path.StartsWith '/' then
                path
            else
                Path.Join(Directory.GetCurrentDirectory(), path)

        walk 0 "/" (split whole)

    /// The full path of what a path leads to through all links, whether or not something is there.
    let target (path: string) : Result<string, AniSoapError> =
        if OperatingSystem.IsWindows() then
            let full = Path.GetFullPath path

            let link =
                if isNull (FileInfo(full).LinkTarget) then
                    null
                else
                    File.ResolveLinkTarget(full, true)

            Ok(
                match link with
                | null -> full
                | found -> found.FullName
            )
        else
            // A name that ends on a slash is a folder's: it is kept apart from the file's.
            follow path
            |> Result.map (fun found -> if path.EndsWith '/' then found + "/" else found)

    /// Whether two paths name one file: the same file under two names (links, linked folders, hard links), or the same
    /// path where nothing is there yet.
    let isSame (first: string) (second: string) : bool =
        if not (isNamed first && isNamed second) then
            false
        else
            let first, second = Path.GetFullPath first, Path.GetFullPath second

            match ask first, ask second with
            | Some(_, one), Some(_, other) -> one = other
            | Some _, None
            | None, Some _ -> false
            | None, None ->
                let caseCounts = not (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())

                let comparison =
                    if caseCounts then
                        StringComparison.Ordinal
                    else
                        StringComparison.OrdinalIgnoreCase

                match target first, target second with
                | Ok one, Ok other -> String.Equals(one, other, comparison)
                | _ -> String.Equals(first, second, comparison)

/// What paths name.
module PathKind =
    /// What a path names, through links.
    let ofPath (path: string) : PathKind = PathStatus.kind path

    /// Whether two paths name one file, also by links, through linked folders, or as hard links; or one place where
    /// nothing is yet.
    let isSameFile (first: string) (second: string) : bool = PathStatus.isSame first second

    /// Whether what a path names can be read only once, from its beginning to its end: a pipe, a terminal, and `-`,
    /// which is standard input.
    let isStream (path: string) : bool =
        path = "-"
        || match PathStatus.kind path with
           | PathKind.Pipe
           | PathKind.Device -> true
           | PathKind.Nothing
           | PathKind.File
           | PathKind.Folder -> false
