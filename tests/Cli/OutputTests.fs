/// What the program writes, against the references of upstream.
module AniSoap.Tests.Cli.OutputTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private succeeds (outcome: Outcome) =
    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") "exit code and standard error"

let private ok =
    function
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

let private cases = TestData.cases "anisoap" |> List.filter (fun name -> name <> "cg-real.json")

/// Upstream puts frames without a species side by side with others' rows (ALGORITHM.md §6): no reference for means.
let private alignedCases = cases |> List.filter (fun case -> case <> "three-species-cluster")

let private run' folder arguments = run folder arguments |> succeeds
let private inside folder name = Path.Combine(folder, name)
let private arrayOf folder file name = Map.find name (NumpyFiles.npz (inside folder file))

let private spectrum folder output more =
    run'
        folder
        ([ "power-spectrum"; "frames.xyz"; "-o"; output; "--hypers"; "hypers.json" ]
         @ more)

let private numbers (line: string) =
    line.Split ','
    |> Array.map (fun text -> Double.Parse(text, CultureInfo.InvariantCulture))

[<Tests>]
let means =
    testList "program: mean power spectra in .npz are upstream's" [
        for case in alignedCases ->
            testCase case (fun () ->
                inCase case (fun folder ->
                    spectrum folder "out.npz" []
                    let arrays = NumpyFiles.npz (inside folder "out.npz")

                    let expected =
                        (TestData.text $"anisoap/{case}/power_spectrum.csv")
                            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                        |> Array.map numbers

                    Expect.equal arrays["values"].Kind "<f8" "double precision"
                    Expect.equal arrays["values"].Shape [ expected.Length; expected[0].Length ] "rows and columns"
                    Close.toLargest 1e-10 (NumpyFiles.floats arrays["values"]) (Array.concat expected) "values"
                    Expect.equal (NumpyFiles.texts arrays["sample_names"]) [ "frame" ] "sample names"

                    Expect.equal
                        (NumpyFiles.integers arrays["samples"])
                        (Array.init expected.Length id)
                        "a row for each frame, in order"

                    Expect.equal
                        (NumpyFiles.texts arrays["property_names"])
                        (words "center_type l n_1 neighbor_1_type n_2 neighbor_2_type")
                        "property names"

                    Expect.equal arrays["properties"].Shape [ expected[0].Length; 6 ] "a property for each column"

                    let properties = NumpyFiles.integers arrays["properties"] |> Array.chunkBySize 6
                    Expect.equal properties (Array.sort properties) "columns in order, last dimension fastest"))
    ]

/// The blocks of two files hold the same numbers for the same samples.
let private sameBlocks tolerance (actual: TensorMap) (expected: TensorMap) =
    Expect.equal actual.Count expected.Count "number of blocks"

    let largest =
        expected.Blocks
        |> Seq.map (fun block -> Seq.fold (fun m v -> max m (abs v)) 0.0 (block.Values.ToArray()))
        |> Seq.max

    for i in 0 .. expected.Count - 1 do
        let actual, expected = actual[i], expected[i]
        Expect.equal actual.Samples.Count expected.Samples.Count $"samples of block {i}"

        let size =
            if expected.Samples.Count = 0 then
                0
            else
                expected.Values.Length / expected.Samples.Count

        let values = actual.Values.ToArray()

        let aligned = [|
            for sample in expected.Samples do
                let row = actual.Samples.Position(sample.Values)
                Close.atLeast row 0 $"block {i} has the sample"
                yield! values[row * size .. (row + 1) * size - 1]
        |]

        Close.within tolerance largest aligned (expected.Values.ToArray()) $"block {i}"

let private reference case file = TestData.withFile $"anisoap/{case}/{file}" Mts.read |> ok

let private sameAsReference verb more file =
    testList $"program: {verb} {more} gives upstream's {file}" [
        for case in cases ->
            testCase case (fun () ->
                inCase case (fun folder ->
                    run'
                        folder
                        ([ verb; "frames.xyz"; "-o"; "out.mts"; "--hypers"; "hypers.json"; "--labels"; "anisoap" ]
                         @ more)

                    let actual = Mts.read (inside folder "out.mts") |> ok
                    let expected = reference case file
                    Expect.equal actual.Keys.Names expected.Keys.Names "names of the keys"
                    Expect.equal (actual.Keys.Values.ToArray()) (expected.Keys.Values.ToArray()) "keys"
                    Expect.equal actual[0].Samples.Names expected[0].Samples.Names "names of the samples"
                    Expect.equal actual[0].Properties.Names expected[0].Properties.Names "names of the properties"

                    Expect.equal
                        (actual[0].Components |> Seq.map _.Names |> Seq.toList)
                        (expected[0].Components |> Seq.map _.Names |> Seq.toList)
                        "names of the components"

                    sameBlocks 1e-10 actual expected))
    ]

[<Tests>]
let spectra = sameAsReference "power-spectrum" [ "--per-particle" ] "power_spectrum.mts"

[<Tests>]
let coefficients = sameAsReference "expansion" [] "coefficients.mts"

[<Tests>]
let rawCoefficients = sameAsReference "expansion" [ "--raw" ] "coefficients_raw.mts"

[<Tests>]
let pairCoefficients = sameAsReference "expansion" [ "--pairs" ] "pairs.mts"

[<Tests>]
let labels =
    testList "program: labels of today" [
        testCase "of an expansion" (fun () ->
            inCase "triclinic" (fun folder ->
                run' folder (words "expansion frames.xyz -o out.mts --hypers hypers.json")
                let map = Mts.read (inside folder "out.mts") |> ok
                Expect.sequenceEqual map.Keys.Names [ "o3_lambda"; "o3_sigma"; "center_type" ] "keys"
                Expect.sequenceEqual map[0].Samples.Names [ "system"; "atom" ] "samples"
                Expect.sequenceEqual map[0].Components[0].Names [ "o3_mu" ] "component"
                Expect.sequenceEqual map[0].Properties.Names [ "n"; "neighbor_type" ] "properties"))

        testCase "of mean spectra in a TensorMap" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "out.mts" []
                spectrum folder "out.npz" []
                let map = Mts.read (inside folder "out.mts") |> ok
                Expect.sequenceEqual map.Keys.Names [ "center_type" ] "keys"
                Expect.sequenceEqual map[0].Samples.Names [ "system" ] "samples"

                Expect.sequenceEqual
                    map[0].Properties.Names
                    (words "l n_1 neighbor_1_type n_2 neighbor_2_type")
                    "properties"

                // Side by side, the blocks' rows are the rows of the other formats.
                let values = NumpyFiles.floats (arrayOf folder "out.npz" "values")

                let rows =
                    Array.init map[0].Samples.Count (fun row ->
                        map.Blocks |> Seq.map (fun block -> block.Row(row, 0).ToArray()) |> Array.concat)

                Expect.equal (Array.concat rows) values "the same numbers"))

        testCase "of a row a particle in .npz" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "out.npz" [ "--per-particle" ]
                let arrays = NumpyFiles.npz (inside folder "out.npz")

                Expect.equal
                    (NumpyFiles.texts arrays["sample_names"])
                    [ "frame"; "particle"; "center_type" ]
                    "samples"

                Expect.equal
                    (NumpyFiles.texts arrays["property_names"])
                    (words "l n_1 neighbor_1_type n_2 neighbor_2_type")
                    "properties"

                let samples = NumpyFiles.integers arrays["samples"] |> Array.chunkBySize 3
                Expect.equal samples (Array.sortBy (fun row -> row[0], row[1]) samples) "particles in file order"
                Expect.equal (List.head arrays["values"].Shape) samples.Length "a row for each"))
    ]

[<Tests>]
let formats =
    testList "program: outputs" [
        testCase ".npy and .csv hold the numbers of .npz" (fun () ->
            inCase "triclinic" (fun folder ->
                [ "out.npz"; "out.npy"; "out.csv" ]
                |> List.iter (fun output -> spectrum folder output [])

                let values = arrayOf folder "out.npz" "values"
                let npy = NumpyFiles.parse (File.ReadAllBytes(inside folder "out.npy"))
                Expect.equal (npy.Shape, npy.Bytes) (values.Shape, values.Bytes) "values alone"

                let lines = File.ReadAllLines(inside folder "out.csv")
                Expect.stringStarts lines[0] "frame," "a header"
                let rows = lines[1..] |> Array.map numbers
                Expect.equal (rows |> Array.map Array.head) [| 0.0; 1.0 |] "frames"
                Expect.equal (rows |> Array.collect Array.tail) (NumpyFiles.floats values) "all digits"))

        testCase "that are compact have half the columns and the same dot products" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "full.npz" []
                spectrum folder "compact.npz" [ "--compact" ]

                let rows name =
                    let array = arrayOf folder name "values"
                    NumpyFiles.floats array |> Array.chunkBySize (List.last array.Shape)

                let dot a b = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

                let products (rows: float[][]) = [|
                    for a in rows do
                        for b in rows -> dot a b
                |]

                let full, compact = rows "full.npz", rows "compact.npz"
                // l = 0 … 4 with 8 columns (n, t) each, for two species as centre.
                Expect.equal full[0].Length (2 * 5 * 8 * 8) "all ordered pairs"
                Expect.equal compact[0].Length (2 * 5 * 8 * 9 / 2) "all unordered pairs"
                Close.toLargest 1e-14 (products compact) (products full) "dot products"))

        testCase "carry what they were made with" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "out.npz" []
                let text = NumpyFiles.texts (arrayOf folder "out.npz" "metadata")
                use metadata = JsonDocument.Parse(List.exactlyOne text)
                let root = metadata.RootElement
                Expect.equal (root.GetProperty("inputs").GetRawText()) "[\"frames.xyz\"]" "inputs"
                Expect.equal (root.GetProperty("species").GetRawText()) "[1,6]" "species"
                Expect.equal (root.GetProperty("hypers").GetProperty("max_radial").GetInt32()) 3 "hyperparameters"
                Expect.stringContains (nonNull (root.GetProperty("version").GetString())) "." "version"))

        testCase "of single precision are the rounded doubles" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "double.npz" []
                spectrum folder "single.npz" [ "--dtype"; "f4" ]
                let values name = arrayOf folder name "values"
                Expect.equal (values "single.npz").Kind "<f4" "single precision"

                Expect.equal
                    (NumpyFiles.floats (values "single.npz"))
                    (NumpyFiles.floats (values "double.npz")
                     |> Array.map (fun value -> float (single value)))
                    "values"))

        for verb, output in [ "power-spectrum", "npz"; "power-spectrum", "mts"; "expansion", "mts" ] do
            testCase $"of {verb} in .{output} are the same bytes for any number of threads" (fun () ->
                inCase "needles-and-discs" (fun folder ->
                    for threads in [ "1"; "2"; "3" ] do
                        run' folder [
                            yield! [ verb; "frames.xyz"; "-o"; $"out{threads}.{output}"; "--hypers"; "hypers.json" ]
                            yield! [ "--threads"; threads ]
                        ]

                    let bytes threads = File.ReadAllBytes(inside folder $"out{threads}.{output}")
                    Expect.equal (bytes 2) (bytes 1) "two threads as one"
                    Expect.equal (bytes 3) (bytes 1) "three threads as one"))
    ]

[<Tests>]
let hypersBack =
    testList "program: hyperparameters" [
        for output in [ "npz"; "mts"; "csv" ] do
            testCase $"come back from .{output}" (fun () ->
                inCase "radial-per-l" (fun folder ->
                    spectrum folder $"first.{output}" [
                        yield! [ "--subtract-center"; "--cutoff-smoothing-width"; "0.75" ]
                        yield! [ "--radial-scaling"; "2.5,1,3"; "--species"; "1,6,8,9" ]
                    ]

                    run' folder [
                        "power-spectrum"
                        "frames.xyz"
                        "-o"
                        $"again.{output}"
                        "--hypers"
                        $"first.{output}"
                    ]

                    let bytes name = File.ReadAllBytes(inside folder $"{name}.{output}")
                    Expect.equal (bytes "again") (bytes "first") "the same run gives the same file"))

        testCase "of what the density is made of come back, and what contradicts itself is refused" (fun () ->
            inCase "radial-per-l" (fun folder ->
                let choices =
                    words
                        "--center-density own --density-scale 0.8 --species-channels 2,7 --normalize --average inner"

                spectrum folder "first.mts" choices
                run' folder (words "power-spectrum frames.xyz -o again.mts --hypers first.mts")
                let bytes name = File.ReadAllBytes(inside folder name)
                Expect.equal (bytes "again.mts") (bytes "first.mts") "the same run gives the same file"
                spectrum folder "absent.mts" [ "--center-density"; "none" ]
                spectrum folder "subtracted.mts" [ "--subtract-center" ]
                Expect.equal (bytes "absent.mts") (bytes "subtracted.mts") "two words for one thing"

                for options, text in
                    [
                        "--subtract-center --center-density own", "--center-density = own"
                        "--per-particle --average inner", "--average = inner"
                        "--species-channels 0", "species_mixing = 0"
                        "--density-scale 0", "density_scale = 0"
                    ] do
                    let refused =
                        run folder (words "power-spectrum frames.xyz -o no.mts --hypers hypers.json" @ words options)

                    Expect.notEqual refused.ExitCode 0 refused.Errors
                    Expect.stringContains refused.Errors text "what is wrong"))

        testCase "given as options beat the file" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "out.npz" (words "--max-radial coupled --cutoff-radius 4.5 --max-angular 2")

                let text = NumpyFiles.texts (arrayOf folder "out.npz" "metadata")
                use metadata = JsonDocument.Parse(List.exactlyOne text)
                let hypers = metadata.RootElement.GetProperty "hypers"
                Expect.equal (hypers.GetProperty("max_radial").ValueKind) JsonValueKind.Null "coupled"
                Expect.equal (hypers.GetProperty("cutoff_radius").GetDouble()) 4.5 "cutoff"
                Expect.equal (hypers.GetProperty("max_angular").GetInt32()) 2 "max_angular"
                Expect.equal (hypers.GetProperty("radial_gaussian_width").GetDouble()) 1.5 "from the file"))

        testCase "as options are the same as in a file" (fun () ->
            inCase "triclinic" (fun folder ->
                spectrum folder "file.npz" []

                words
                    "--rotation-type quaternion --rotation-key c_q --max-angular 4 --max-radial 3 --cutoff-radius 5.3"
                @ words "--radial-basis gto --radial-gaussian-width 1.5"
                |> List.append (words "power-spectrum frames.xyz -o options.npz")
                |> run' folder

                let bytes name = File.ReadAllBytes(inside folder name)
                Expect.equal (bytes "options.npz") (bytes "file.npz") "the same file"))
    ]
