/// What the tests of the formats share: temporary input files, and results taken apart.
module AniSoap.Tests.FormatSupport

open System.IO
open System.IO.Compression
open Expecto
open AniSoap

/// Runs `action` with the path of a temporary file of this name and content.
let withBytes (name: string) (content: byte[]) (action: string -> 'a) =
    let folder = Directory.CreateTempSubdirectory "anisoap-test-"

    try
        let path = Path.Combine(folder.FullName, name)
        File.WriteAllBytes(path, content)
        action path
    finally
        folder.Delete true

let withText name (content: string) action = withBytes name (System.Text.Encoding.UTF8.GetBytes content) action

let gzip (content: byte[]) =
    use memory = new MemoryStream()

    (use zip = new GZipStream(memory, CompressionLevel.Fastest, true)
     zip.Write(content, 0, content.Length))

    memory.ToArray()

let silent (_: string) = ()

/// All frames of a file, none of which may be an error.
let framesOf options path =
    FrameFile.readWith options path
    |> Seq.map (function
        | Ok frame -> frame
        | Error error -> failtest (AniSoapError.describe error))
    |> Seq.toList

let framesOfText options content = withText "input.extxyz" content (framesOf options)

/// The outcome of reading a text as extended XYZ: the frames before the first error, and that error.
let outcomeOfText options content =
    withText "input.extxyz" content (fun path ->
        let results = FrameFile.readWith options path |> Seq.toList

        results
        |> List.choose (function
            | Ok frame -> Some frame
            | Error _ -> None),
        results
        |> List.tryPick (function
            | Error error -> Some error
            | Ok _ -> None))

/// The one error of a text that cannot be read.
let errorOfText options content =
    match outcomeOfText options content with
    | _, Some error -> error
    | _, None -> failtest "reading succeeded"

let placeOf error =
    match error with
    | InvalidValue(_, _, _, place)
    | Malformed(_, _, place)
    | Missing(_, _, place) -> place
    | Inaccessible(path, _) -> { Place.Unknown with Source = Some path }

let spheres = { InputOptions.defaults with PointSemiAxis = Some 0.5 }

let coordinates (v: Vector3) = [| v.X; v.Y; v.Z |]
