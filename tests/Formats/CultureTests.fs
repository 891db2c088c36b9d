/// What is written and read is the same whatever the culture of the person at the keyboard.
module AniSoap.Tests.CultureTests

open System
open System.Globalization
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

/// Numbers as Swedes and Germans write them, both at once; made by hand, so that no data of cultures are needed.
let private foreign () =
    let culture = CultureInfo.InvariantCulture.Clone() :?> CultureInfo
    culture.NumberFormat.NegativeSign <- "\u2212"
    culture.NumberFormat.NumberDecimalSeparator <- ","
    culture.NumberFormat.NumberGroupSeparator <- "."
    culture

/// The same by hand, and Germans and Swedes themselves where the machine has data of cultures.
let foreigners () = [
    foreign ()

    for name in [ "de-DE"; "sv-SE" ] do
        let real =
            try
                Some(CultureInfo.GetCultureInfo name)
            with :? CultureNotFoundException ->
                None

        match real with
        | Some culture when culture.NumberFormat.NumberDecimalSeparator = "," -> culture
        | _ -> ()
]

let under (culture: CultureInfo) action =
    let before = CultureInfo.CurrentCulture
    CultureInfo.CurrentCulture <- culture

    try
        action ()
    finally
        CultureInfo.CurrentCulture <- before

let private snapshot =
    let text =
        "2\nLattice=\"9.5 0 0 0 9.5 0 0 0 9.5\" Properties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3:charge:R:1:body:I:1 step=-3 energy=-1.5 list=\"-1 2\" reals=\"-1.5 2\" m=[[-1, 2]] \n-3 -0.5 1 1 0.6 0 0 -0.8 1.5 1 1 -0.25 -7\n-4 -2.5 1 1 1 0 0 0 1.5 1 1 0.25 8\n"

    lazy
        (withText "a.xyz" text (fun path ->
            match FrameFile.snapshots path |> Seq.exactlyOne with
            | Ok snapshot -> snapshot
            | Error error -> failtest (AniSoapError.describe error)))

let private written name options =
    let mutable bytes = [||]

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, name)

        match FrameFile.writeSnapshots { options with Existing = Existing.Replace } path [ Ok snapshot.Value ] with
        | Ok _ -> bytes <- File.ReadAllBytes path
        | Error error -> failtest (AniSoapError.describe error))

    bytes

let private described name (bytes: byte[]) =
    withBytes name bytes (fun path ->
        match FrameFile.snapshots path |> Seq.exactlyOne with
        | Ok read ->
            let particles =
                read.Frame.Particles
                |> Seq.map (fun p -> string p.Species, p.Position, p.Orientation, p.SemiAxes)
                |> Seq.toList

            particles, read.Step, read.Info |> List.map fst
        | Error error -> failtest (AniSoapError.describe error))

let private names = [ "a.extxyz"; "a.dump"; "a.data"; "a.json"; "a.gsd" ]

[<Tests>]
let tests =
    testList "culture" [
        testCase "the culture that a run is asked to have is there"
        <| fun () ->
            if Environment.GetEnvironmentVariable "ANISOAP_TEST_CULTURE" = "sv-SE" then
                Expect.stringContains ((-3).ToString()) "\u2212" "a Swedish minus"

        testCase "every format of frames is written with the same bytes under a foreign culture"
        <| fun () ->
            for name in names do
                for columns in [ ShapeColumns.Escaped; ShapeColumns.Strict; ShapeColumns.Ovito ] do
                    let options = { FrameOutputOptions.defaults with Columns = columns }
                    let here = under CultureInfo.InvariantCulture (fun () -> written name options)

                    for culture in foreigners () do
                        Expect.equal (under culture (fun () -> written name options)) here $"{name}, {culture.Name}"

        testCase "every format of frames is read the same under a foreign culture"
        <| fun () ->
            for name in names do
                let bytes = under CultureInfo.InvariantCulture (fun () -> written name FrameOutputOptions.defaults)
                let here = under CultureInfo.InvariantCulture (fun () -> described name bytes)

                for culture in foreigners () do
                    Expect.equal (under culture (fun () -> described name bytes)) here $"{name}, {culture.Name}"

        testCase "errors and displays hold numbers with a point and a hyphen"
        <| fun () ->
            under (foreign ()) (fun () ->
                let hypers = { Hypers.create 4 (Gto 1.5) 2.5 with BasisTolerance = 1e-300; BasisRcond = 0.5 }

                let texts = [
                    match Projection.create hypers [ -3; 6 ] with
                    | Error error -> AniSoapError.describe error
                    | Ok projection -> projection.ToString()

                    snapshot.Value.Frame.ToString()
                    snapshot.Value.Frame.Particles[0].ToString()

                    match Ellipsoid.sphere -3 (Vector3.create -0.5 nan 1.0) 0.5 with
                    | Error error -> AniSoapError.describe error
                    | Ok _ -> ""
                ]

                for text in texts do
                    Expect.isFalse (text.Contains '\u2212') text
                    Expect.isFalse (Text.RegularExpressions.Regex.IsMatch(text, @"\d,\d")) text)
    ]
