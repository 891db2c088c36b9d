/// Tables of features are written and read the same whatever the culture of the person at the keyboard.
module AniSoap.Tests.FeatureFiles.TableCultureTests

open System
open System.Globalization
open System.IO
open AniSoap
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.CultureTests
open AniSoap.Formats

/// Numbers with signs, points, exponents and thousands; labels below zero. Single precision takes no infinities.
let private table precision =
    let values = [
        yield! [ -1234567.875; 1e-7; -2.5e22; 0.1; -0.0; nan ]
        yield!
            (if precision = Precision.Double then
                 [ infinity; -infinity; 0.5 ]
             else
                 [ 1234.5; -1e-20; 0.5 ])
    ]

    TensorBlock.create
        (labels [ "frame"; "center_type" ] [ [ 0; -3 ]; [ 1; 1234567 ]; [ 2; 4 ] ])
        []
        (labels [ "l"; "neighbor_1_type" ] [ [ 0; -3 ]; [ 1; 1000 ]; [ 2; 4 ] ])
        values
    |> ok

let private features precision = {
    Content = FeatureContent.Table(table precision)
    Metadata = Map [ "hypers", """{"max_angular": 6, "cutoff_radius": 2.5}"""; "version", "0.1.0" ]
    Types = [ ScalarType.Float64 ]
}

let private endings = [ ".csv"; ".npz"; ".npy"; ".h5"; ".parquet"; ".mts" ]

/// The bytes of all files that writing makes: of a .csv, what stands beside it too.
let private written folder ending precision =
    let path = Path.Combine(folder, "a" + ending)

    FeatureFile.writeSet { WriteOptions.replacing with Precision = precision } path (features precision)
    |> ok
    |> ignore

    Directory.GetFiles folder
    |> Array.sort
    |> Array.map (fun file -> Path.GetFileName file, File.ReadAllBytes file)

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

/// All that is read, comparable.
let private described path =
    let read = FeatureFile.read path |> ok

    let blocks =
        match read.Content with
        | FeatureContent.Table table -> [ table ]
        | FeatureContent.Blocks map -> Seq.toList map.Blocks

    let content =
        blocks
        |> List.map (fun block ->
            block.Samples.Values.ToArray(), block.Properties.Values.ToArray(), bits (block.Values.ToArray()))

    content, read.Metadata, FeatureFile.readMetadata path |> ok

[<Tests>]
let tests =
    testList "culture of tables" [
        for ending in endings do
            testCase $"a {ending} table is written with the same bytes and read the same under a foreign culture"
            <| fun () ->
                for precision in [ Precision.Double; Precision.Single ] do
                    TestData.inFolder (fun folder ->
                        let here = under CultureInfo.InvariantCulture (fun () -> written folder ending precision)
                        let path = Path.Combine(folder, "a" + ending)
                        let readHere = under CultureInfo.InvariantCulture (fun () -> described path)

                        for culture in foreigners () do
                            let there = under culture (fun () -> written folder ending precision)
                            Expect.equal there here $"written, {culture.Name}, {precision}"
                            let read = under culture (fun () -> described path)
                            Expect.equal read readHere $"read, {culture.Name}, {precision}")

        testCase "blocks in .mts and .h5 are written with the same bytes and read the same under a foreign culture"
        <| fun () ->
            for seed in 1..10 do
                for ending in [ ".mts"; ".h5" ] do
                    TestData.inFolder (fun folder ->
                        let path = Path.Combine(folder, "a" + ending)
                        let blocks = { features Precision.Double with Content = FeatureContent.Blocks(random seed) }

                        let write () =
                            FeatureFile.writeSet WriteOptions.replacing path blocks |> ok |> ignore
                            File.ReadAllBytes path

                        let here = under CultureInfo.InvariantCulture write
                        let readHere = under CultureInfo.InvariantCulture (fun () -> described path)

                        for culture in foreigners () do
                            Expect.equal (under culture write) here $"written, {culture.Name}, seed {seed}"
                            Expect.equal (under culture (fun () -> described path)) readHere $"read, {culture.Name}")

        testCase "hyperparameters in JSON, and beside a table, are written and read the same under a foreign culture"
        <| fun () ->
            let hypers = {
                Hypers.create 4 (RadialBasis.Gto 1234.5) 2469.75 with
                    MaxRadial = RadialCount.PerAngular [ 3; 2; 2; 1; 1 ]
                    Smoothing = Smoothing.ShiftedCosine 1e-7
                    RadialScaling = Some { Scale = 1000.25; Rate = 0.1; Exponent = 7.5 }
                    BasisRcond = 1e-9
            }

            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "hypers.json")

                let written () =
                    Hypers.saveWith Existing.Replace path hypers |> ok
                    Hypers.toJson hypers, File.ReadAllBytes path

                let here = under CultureInfo.InvariantCulture written

                for culture in foreigners () do
                    Expect.equal (under culture written) here $"written, {culture.Name}"
                    let read () = Hypers.load path |> ok, Hypers.ofJson (fst here) |> ok
                    Expect.equal (under culture read) (hypers, hypers) $"read, {culture.Name}")

        testCase "errors in tables hold numbers with a point and a hyphen"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.csv")
                File.WriteAllText(path, "frame,l=0\n-3,1e400\n")

                for culture in foreigners () do
                    let text = under culture (fun () -> sentence (FeatureFile.read path))
                    Expect.isFalse (text.Contains '\u2212') text
                    Expect.stringContains text "1.8e308" text)
    ]
