/// The references that others' programs made, carried in `data/*.zip` beside the tests (data/README.md names their
/// sources). A path's first folder names the archive: "anisoap/triclinic/hypers.json" is in data/anisoap.zip.
module AniSoap.Tests.TestData

open System
open System.IO
open System.IO.Compression

let private archive (name: string) = ZipFile.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", name + ".zip"))

let private archiveOf (path: string) = path.Substring(0, path.IndexOf '/')

/// The whole content of one file.
let bytes (path: string) =
    use zip = archive (archiveOf path)

    match zip.GetEntry path with
    | null -> failwith $"there is no test data at {path}"
    | entry ->
        use stream = entry.Open()
        use memory = new MemoryStream()
        stream.CopyTo memory
        memory.ToArray()

let text path = Text.Encoding.UTF8.GetString(bytes path)

/// The paths below a folder, sorted.
let filesBelow (folder: string) =
    use zip = archive (archiveOf (folder + "/"))

    zip.Entries
    |> Seq.map _.FullName
    |> Seq.filter _.StartsWith(folder + "/", StringComparison.Ordinal)
    |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
    |> Seq.toList

/// The names directly below a folder, sorted: the cases of a reference.
let cases (folder: string) =
    filesBelow folder
    |> List.map (fun path -> path.Substring(folder.Length + 1).Split('/')[0])
    |> List.distinct

/// Runs `action` with the path of a temporary copy of the file.
let withFile (path: string) (action: string -> 'a) =
    let folder = Directory.CreateTempSubdirectory "anisoap-test-"

    try
        let copy = Path.Combine(folder.FullName, path.Substring(path.LastIndexOf '/' + 1))
        File.WriteAllBytes(copy, bytes path)
        action copy
    finally
        folder.Delete true

/// Runs `action` with the path of a new folder, which is gone afterwards.
let inFolder (action: string -> unit) =
    let folder = Directory.CreateTempSubdirectory "anisoap-test-"

    try
        action folder.FullName
    finally
        folder.Delete true
