/// chemiscope's JSON: read as its own library writes it, written, and read again.
module AniSoap.Tests.ChemiscopeTests

open System
open System.Collections.Immutable
open System.IO
open System.IO.Compression
open System.Text
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators
open AniSoap.Formats

let private reference = "chemiscope/triclinic.json"

let private snapshotsOf path = FrameFile.snapshots path |> Seq.map Golden.sure |> Seq.toList

/// The text that is written of snapshots, and what is said to be lost.
let private write name (snapshots: Snapshot seq) =
    let mutable text = ""
    let lost = ResizeArray<string>()

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, name)

        FrameFile.writeSnapshots
            { FrameOutputOptions.defaults with Warn = lost.Add; Existing = Existing.Replace }
            path
            (Seq.map Ok snapshots)
        |> Golden.sure
        |> ignore

        Expect.equal (Directory.GetFiles folder).Length 1 "nothing is left beside the file"
        text <- File.ReadAllText path)

    text, List.ofSeq lost

let private roundTrip snapshots =
    let text, lost = write "output.json" snapshots
    withText "output.json" text snapshotsOf, lost

let private errorOf text =
    withText "input.json" text (fun path ->
        FrameFile.read path
        |> Seq.tryPick (function
            | Error error -> Some(AniSoapError.describe error)
            | Ok _ -> None))

/// Everything of the expected value is in the actual one; numbers equal but for the rounding of normalising.
let rec private contains (actual: JsonElement) (expected: JsonElement) place =
    Expect.equal actual.ValueKind expected.ValueKind place

    match expected.ValueKind with
    | JsonValueKind.Object ->
        for item in expected.EnumerateObject() do
            contains (actual.GetProperty item.Name) item.Value (place + "/" + item.Name)
    | JsonValueKind.Array ->
        Expect.equal (actual.GetArrayLength()) (expected.GetArrayLength()) (place + ": length")

        Seq.iteri2
            (fun i a b -> contains a b (place + "/" + string i))
            (actual.EnumerateArray())
            (expected.EnumerateArray())
    | JsonValueKind.Number -> Close.below (abs (actual.GetDouble() - expected.GetDouble())) 1e-15 place
    | _ -> Expect.equal (actual.GetRawText()) (expected.GetRawText()) place

let private column name width values = ParticleColumn.create name width values |> Golden.sure
let private reals (values: float list) = ColumnValues.Reals(ImmutableArray.CreateRange values)

let private pair =
    let particle species position =
        Ellipsoid.create species position (Quaternion.create 0.5 -0.5 0.5 0.5) (Vector3.create 0.5 0.75 1.5)
        |> Golden.sure

    Frame.create Cell.none [ particle 6 (Vector3.create 0 1 2); particle 200 (Vector3.create 1e-7 -1e20 0.1) ]

let private small = fst (write "output.json" [ Snapshot.ofFrame pair ])

let private layoutOf samples =
    let properties =
        Labels.create [ "l"; "n_1" ] [
            for l in 0..2 do
                for n in 0..1 -> [ l; n ]
        ]
        |> Golden.sure

    {
        SampleNames = samples
        Properties = properties
        Precision = Precision.Double
        Metadata = Map [ "version", "1" ]
    }

[<Tests>]
let tests =
    testList "chemiscope" [
        test "the reference is read to the last bit" {
            use document = JsonDocument.Parse(TestData.text reference)
            let all = TestData.withFile reference snapshotsOf
            let structures = [ for s in document.RootElement.GetProperty("structures").EnumerateArray() -> s ]

            let shapes =
                document.RootElement
                    .GetProperty("shapes")
                    .GetProperty("ellipsoids")
                    .GetProperty("parameters")
                    .GetProperty("atom")

            let shapes = [ for s in shapes.EnumerateArray() -> s ]

            let numbers (json: JsonElement) (key: string) = [
                for value in json.GetProperty(key).EnumerateArray() -> value.GetDouble()
            ]

            Expect.equal all.Length structures.Length "frames"
            let mutable atom = 0

            for snapshot, json in List.zip all structures do
                let frame = snapshot.Frame
                let xyz = List.zip3 (numbers json "x") (numbers json "y") (numbers json "z")
                Expect.equal [ for p in frame.Particles -> p.Position.X, p.Position.Y, p.Position.Z ] xyz "positions"
                let v = frame.Cell.Vectors

                Expect.equal
                    [
                        for r in [ v.Row1; v.Row2; v.Row3 ] do
                            yield! coordinates r
                    ]
                    (numbers json "cell")
                    "cell"

                Expect.equal frame.Cell.Periodicity { A = true; B = true; C = true } "a cell repeats"
                let symbols = [ for name in json.GetProperty("names").EnumerateArray() -> string (name.GetString()) ]

                Expect.equal
                    [ for p in frame.Particles -> ChemicalSymbols.trySymbol p.Species ]
                    (List.map Some symbols)
                    "species"

                for p in frame.Particles do
                    let q = numbers shapes[atom] "orientation"
                    let unit = Quaternion.tryNormalize (Quaternion.create q[3] q[0] q[1] q[2]) |> Golden.sure

                    Expect.equal
                        [ p.SemiAxes.X; p.SemiAxes.Y; p.SemiAxes.Z ]
                        (numbers shapes[atom] "semiaxes")
                        "semi-axes"

                    Expect.equal p.Orientation unit "orientation"
                    atom <- atom + 1

            Expect.equal (Snapshot.tryInfo "pca1" all[1]) (Some(InfoValue.Real 0.2)) "a property of structures"

            Expect.equal
                (Quantities.tryReals "order" 1 all[1] |> Option.map Seq.toList)
                (Some [ 5.0 .. 10.0 ])
                "of atoms"
        }

        test "the reference written again holds the same structures, shapes and properties" {
            let text, lost = write "triclinic.json" (TestData.withFile reference snapshotsOf)
            Expect.equal lost [] "nothing is lost"
            use actual = JsonDocument.Parse text
            use expected = JsonDocument.Parse(TestData.text reference)

            for key in [ "meta"; "structures"; "shapes"; "properties" ] do
                contains (actual.RootElement.GetProperty key) (expected.RootElement.GetProperty key) key
        }

        property "frames come back with all digits" (fun (SomeFrame frame) ->
            let read, _ = roundTrip [ Snapshot.ofFrame frame; Snapshot.ofFrame frame ]
            Expect.equal read.Length 2 "frames"

            for snapshot in read do
                let found = snapshot.Frame
                Expect.equal found.Cell.Vectors frame.Cell.Vectors "cell"
                Expect.equal found.Cell.Periodicity frame.Cell.Periodicity "periodicity"

                for p, q in Seq.zip frame.Particles found.Particles do
                    Expect.equal (q.Species, q.Position, q.SemiAxes) (p.Species, p.Position, p.SemiAxes) "particle"

                    let dot =
                        abs (
                            p.Orientation.W * q.Orientation.W
                            + p.Orientation.X * q.Orientation.X
                            + p.Orientation.Y * q.Orientation.Y
                            + p.Orientation.Z * q.Orientation.Z
                        )

                    Close.below (1.0 - dot) 1e-15 "orientation")

        test "columns and info come back as properties, vectors by their components" {
            let info = [
                "energy", InfoValue.Real -1.5
                "note", InfoValue.Text "a \"quoted\" é <text>"
                "director", InfoValue.Reals(ImmutableArray.Create(0.1, 0.2, 0.3))
            ]

            let columns = [
                column "forces" 3 (reals [ 0.1; 0.2; 0.3; -4.5; 5; 6 ])
                column "charge" 1 (reals [ 0.5; 1.5 ])
            ]

            let before = Snapshot.create pair Map.empty (Some 7L) info columns |> Golden.sure
            let after, lost = roundTrip [ before; before ]
            Expect.equal lost [] "nothing is lost"
            Expect.equal after[1].Step (Some 7L) "step"
            Expect.equal (sprintf "%A" after[1].Info) (sprintf "%A" info) "info"

            for name, width in [ "forces", 3; "charge", 1 ] do
                let values = Quantities.tryReals name width >> Option.map Seq.toList
                Expect.equal (values after[1]) (values before) name
        }

        test "what not every frame has comes back where it was, and what JSON cannot hold is said to be lost" {
            let with' info = Snapshot.create pair Map.empty None info [] |> Golden.sure

            let after, lost =
                roundTrip [
                    with' [ "a", InfoValue.Real 1 ]
                    with' [ "b", InfoValue.Real 1; "c", InfoValue.Real nan ]
                    with' []
                ]

            Expect.equal
                (sprintf "%A" (after |> List.map _.Info))
                (sprintf "%A" [ [ "a", InfoValue.Real 1 ]; [ "b", InfoValue.Real 1 ]; [] ])
                "info"

            Expect.isTrue (lost |> List.exists _.Contains("property c")) "no number at all"

            let text, lost =
                write "output.json" [ with' [ "c", InfoValue.Real infinity ]; with' [ "c", InfoValue.Real 1.0 ] ]

            Expect.isTrue (lost |> List.exists _.Contains("infinite")) "not finite"
            JsonDocument.Parse(text).Dispose()
        }

        test "many frames spill out of memory and come back" {
            let frames = [
                for i in 0..2999 ->
                    Snapshot.create pair Map.empty (Some(int64 i)) [ "energy", InfoValue.Real(0.1 * float i) ] [
                        column "charge" 1 (reals [ float i + 0.5; 0.25 ])
                    ]
                    |> Golden.sure
            ]

            let after, _ = roundTrip frames
            Expect.equal (after |> List.map _.Step) (frames |> List.map _.Step) "steps"

            Expect.equal
                (after |> List.map (Snapshot.tryInfo "energy"))
                (frames |> List.map (Snapshot.tryInfo "energy"))
                "energies"
        }

        test "features stand beside their frames, of frames or of particles" {
            for samples, rows in [ [ "frame" ], 2; [ "frame"; "particle"; "center_type" ], 4 ] do
                TestData.inFolder (fun folder ->
                    let path = Path.Combine(folder, "features.json.gz")
                    let frames () = Seq.replicate 2 (Ok(Snapshot.ofFrame pair))

                    use writer =
                        Chemiscope.rows frames 3.5 ignore Existing.Keep path (layoutOf samples)
                        |> Golden.sure

                    for row in 0 .. rows - 1 do
                        let values = Array.init 6 (fun column -> float row + 0.125 * float column)

                        writer.Append(ReadOnlySpan(Array.create samples.Length row), ReadOnlySpan values)
                        |> Golden.sure

                    writer.Complete() |> Golden.sure
                    use stream = new GZipStream(File.OpenRead path, CompressionMode.Decompress)
                    use document = JsonDocument.Parse stream
                    let root = document.RootElement
                    let property = root.GetProperty("properties").GetProperty "l=2 n_1=1"
                    let values = [ for value in property.GetProperty("values").EnumerateArray() -> value.GetDouble() ]
                    Expect.equal values [ for row in 0 .. rows - 1 -> float row + 0.625 ] "values"
                    let target = if rows = 2 then "structure" else "atom"
                    Expect.equal (property.GetProperty("target").GetString()) target "target"
                    Expect.equal (fst (root.TryGetProperty "environments")) (rows = 4) "environments of particles"
                    Expect.equal (root.GetProperty("anisoap").GetProperty("version").GetString()) "1" "metadata")
        }

        test "features of other frames than the file's are refused" {
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "features.json")

                use writer =
                    Chemiscope.rows
                        (fun () -> Seq.replicate 3 (Ok(Snapshot.ofFrame pair)))
                        3.5
                        ignore
                        Existing.Keep
                        path
                        (layoutOf [ "frame" ])
                    |> Golden.sure

                writer.Append(ReadOnlySpan [| 0 |], ReadOnlySpan(Array.zeroCreate<float> 6))
                |> Golden.sure

                Expect.isError (writer.Complete()) "one row for three frames"
                writer.Dispose()
                Expect.equal (Directory.GetFiles folder) [||] "nothing is left")
        }

        test "a file cut off anywhere is an error that names it" {
            for length in 0 .. small.TrimEnd().Length - 1 do
                match errorOf small[.. length - 1] with
                | None -> failtest $"{length} characters: reading succeeded"
                | Some sentence -> Expect.stringContains sentence "input.json" "the file is named"
        }

        test "files that lie are errors that say where" {
            let wrong (before: string) (after: string) expected =
                Expect.stringContains small before "the text to replace"

                match errorOf (small.Replace(before, after)) with
                | None -> failtest $"{after}: reading succeeded"
                | Some sentence -> Expect.stringContains sentence expected after

            wrong "\"size\": 2" "\"size\": 3" "frame 0"
            wrong "\"size\": 2" "\"size\": -1" "frame 0"
            wrong "\"size\": 2" "\"size\": 4611686018427387904" "frame 0"
            wrong "\"x\": [" "\"x\": [1," "x"
            wrong "\"y\"" "\"why\"" "y is missing"
            wrong "\"C\"" "\"Qq\"" "particle 0"
            wrong "\"semiaxes\": [0.5" "\"semiaxes\": [-0.5" "particle 0: semi-axes"
            wrong "\"semiaxes\": [0.5" "\"semiaxes\": [\"0.5\"" "semiaxes"
            wrong "\"orientation\": [-0.5" "\"orientation\": [1,-0.5" "orientation"
            wrong "\"semiaxes\"" "\"axes\"" "the parameters axes, orientation without semiaxes in the shape ellipsoids"
            wrong "\"structures\"" "\"frames\"" "structures"
            wrong "{\"meta\"" (String('[', 100000) + "{\"meta\"") "JSON"
        }

        test "a bomb of gzip is refused early" {
            withBytes "input.json.gz" (gzip (Array.create 200_000_000 ' 'B)) (fun path ->
                match FrameFile.read path |> Seq.toList with
                | [ Error error ] -> Expect.stringContains (AniSoapError.describe error) "behind gzip" "why"
                | _ -> failtest "reading succeeded")
        }
    ]
