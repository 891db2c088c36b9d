/// Extended XYZ against what ASE read from the same files. Where ASE departs from the format's grammar the grammar
/// holds, and the test says so.
module AniSoap.Tests.ExtendedXyzGoldenTests

open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Formats

let private names =
    TestData.filesBelow "extxyz"
    |> List.filter _.EndsWith(".xyz")
    |> List.map (fun path -> path.Replace("extxyz/", "").Replace(".xyz", ""))

let private rawFrames name =
    TestData.withFile $"extxyz/{name}.xyz" (fun path ->
        RawExtendedXyz.readRaw path
        |> Seq.map (function
            | Ok frame -> frame
            | Error error -> failtest (AniSoapError.describe error))
        |> Seq.toList)

let private goldenFrames name =
    JsonDocument.Parse(TestData.text $"extxyz/{name}.json").RootElement.GetProperty("frames").EnumerateArray()
    |> Seq.toList

let rec private leaves (element: JsonElement) =
    match element.ValueKind with
    | JsonValueKind.Array -> element.EnumerateArray() |> Seq.collect leaves |> Seq.toList
    | _ -> [ element ]

let private isReal (element: JsonElement) = element.GetRawText().IndexOfAny [| '.'; 'e' |] >= 0

/// A value of the reference as one of ours, arrays flat.
let private ofJson (element: JsonElement) : InfoValue =
    let items = leaves element

    match element.ValueKind, items.Head.ValueKind with
    | JsonValueKind.Array, JsonValueKind.Number when items |> List.exists isReal ->
        InfoValue.Reals(
            items
            |> Seq.map _.GetDouble()
            |> System.Collections.Immutable.ImmutableArray.CreateRange
        )
    | JsonValueKind.Array, JsonValueKind.Number ->
        InfoValue.Integers(
            items
            |> Seq.map _.GetInt64()
            |> System.Collections.Immutable.ImmutableArray.CreateRange
        )
    | JsonValueKind.Array, JsonValueKind.String ->
        InfoValue.Texts(
            items
            |> Seq.map (fun e -> string (e.GetString()))
            |> System.Collections.Immutable.ImmutableArray.CreateRange
        )
    | JsonValueKind.Array, _ ->
        InfoValue.Logicals(
            items
            |> Seq.map _.GetBoolean()
            |> System.Collections.Immutable.ImmutableArray.CreateRange
        )
    | JsonValueKind.Number, _ when isReal element -> InfoValue.Real(element.GetDouble())
    | JsonValueKind.Number, _ -> InfoValue.Integer(element.GetInt64())
    | JsonValueKind.String, _ -> InfoValue.Text(string (element.GetString()))
    | _ -> InfoValue.Logical(element.GetBoolean())

let private members (element: JsonElement) = [ for p in element.EnumerateObject() -> p.Name, ofJson p.Value ]

/// Immutable arrays are equal only where they are the same: as texts, values compare.
let private show (value: InfoValue) =
    let listed (values: seq<'a>) = values |> Seq.map string |> String.concat ", "

    match value with
    | InfoValue.Integers values -> $"integers [{listed values}]"
    | InfoValue.Reals values -> $"reals [{listed values}]"
    | InfoValue.Logicals values -> $"logicals [{listed values}]"
    | InfoValue.Texts values -> $"texts [{listed values}]"
    | other -> $"{other}"

let private shown pairs = pairs |> List.map (fun (key, value) -> key, show value) |> List.sort

let private isFrameColumn (column: Column) = List.contains column.Name [ "species"; "Z"; "pos" ]

let private compareFrame name (raw: RawExtendedXyz.RawFrame) (golden: JsonElement) =
    let arrays =
        raw.Columns
        |> List.filter (fst >> isFrameColumn >> not)
        |> List.map (fun (column, values) -> column.Name, values)

    Expect.equal (shown arrays) (shown (members (golden.GetProperty "arrays"))) $"{name}: other columns"

    let info = members (golden.GetProperty "info") @ members (golden.GetProperty "calculator")

    let expected =
        match name with
        // ASE stops at the comma of a nested list and leaves quotes in; the grammar has lists of rows and of texts.
        | "new-arrays" -> None
        // ASE keeps Fortran's D exponent as text; to the grammar it is a real.
        | "fortran-exponent" -> Some [ "t", InfoValue.Real 10.0 ]
        // To the grammar a line without Properties is a free comment.
        | "plain" -> Some []
        | _ -> Some info

    expected
    |> Option.iter (fun expected -> Expect.equal (shown raw.Info) (shown expected) $"{name}: info")

let private compareGeometry name (frame: Frame) (golden: JsonElement) =
    let numbers (key: string) = leaves (golden.GetProperty key) |> List.map _.GetDouble() |> List.toArray

    let symbols =
        leaves (golden.GetProperty "symbols")
        |> List.map (fun e -> string (e.GetString()))

    let species = frame.Particles |> Seq.map _.Species |> Seq.toList
    Expect.equal species (symbols |> List.map (ChemicalSymbols.tryNumber >> Option.get)) $"{name}: species"

    let positions =
        frame.Particles
        |> Seq.collect (fun p -> FormatSupport.coordinates p.Position)
        |> Seq.toArray

    Expect.equal positions (numbers "positions") $"{name}: positions"

    let v = frame.Cell.Vectors
    let cell = Array.collect FormatSupport.coordinates [| v.Row1; v.Row2; v.Row3 |]
    Expect.equal cell (numbers "cell") $"{name}: cell"

    let pbc = leaves (golden.GetProperty "pbc") |> List.map _.GetBoolean()
    let p = frame.Cell.Periodicity
    Expect.equal [ p.A; p.B; p.C ] pbc $"{name}: periodicity"

[<Tests>]
let tests =
    testList "extended XYZ against ASE" [
        testCase "there are references" <| fun () -> Close.above names.Length 10 "files"

        for name in names do
            testCase $"{name}: everything in the file is read as the reference has it"
            <| fun () ->
                let raw, golden = rawFrames name, goldenFrames name
                Expect.equal raw.Length golden.Length "frames"
                List.iter2 (compareFrame name) raw golden

            testCase $"{name}: species, positions and cell are read as the reference has them"
            <| fun () ->
                let frames = TestData.withFile $"extxyz/{name}.xyz" (FormatSupport.framesOf FormatSupport.spheres)
                let golden = goldenFrames name
                Expect.equal frames.Length golden.Length "frames"
                List.iter2 (compareGeometry name) frames golden

        testCase "nested lists and lists of texts are read by the grammar"
        <| fun () ->
            let info = (rawFrames "new-arrays").Head.Info

            let rows =
                match (List.find (fst >> (=) "m") info |> snd) with
                | InfoValue.Rows rows -> rows |> Seq.map show |> Seq.toList
                | other -> failtestf "m is %A" other

            Expect.equal rows [ "reals [1, 2]"; "reals [3, 4]" ] "m"
            Expect.equal (show ((List.find (fst >> (=) "s") info |> snd))) "texts [a, b]" "s"
            Expect.equal (show ((List.find (fst >> (=) "a") info |> snd))) "integers [1, 2, 3]" "a"
            Expect.equal (show ((List.find (fst >> (=) "e") info |> snd))) (show (InfoValue.Integer 1L)) "e"

        testCase "a free comment is kept as it stands"
        <| fun () ->
            let frame = (rawFrames "plain").Head
            Expect.equal frame.Comment "a comment, not key=value \"open" "comment"
    ]
