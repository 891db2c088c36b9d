/// Files of features as parts of one.
module AniSoap.Tests.Runs.MergeTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Formats

let private hypers = Hypers.create 2 (RadialBasis.Gto 1.5) 3.5

let private inside folder name = Path.Combine(folder, name)

/// Two trajectories of the same three species.
let private inputs folder =
    [
        "a.xyz", "anisoap/three-species-cluster/frames17.extxyz"
        "b.xyz", "anisoap/three-species-cluster/frames17.extxyz"
    ]
    |> List.map (fun (name, source) ->
        let path = inside folder name
        TestData.withFile source (fun file -> File.Copy(file, path))
        path)

let private sameBytes one other what =
    Expect.isTrue (ReadOnlySpan(File.ReadAllBytes one).SequenceEqual(ReadOnlySpan(File.ReadAllBytes other))) what

let private writing write options inputs output = write options hypers inputs output |> ok |> ignore

let private selected (text: string) = {
    FeatureRun.defaults with
        Input = { InputOptions.defaults with Selection = FrameSelection.parse text |> ok }
}

[<Tests>]
let tests =
    testList "files of features as one" [
        for ending in Endings.withHypers do
            testCase $"merged {ending} files are the file of one run over all inputs, byte for byte" (fun () ->
                TestData.inFolder (fun folder ->
                    let paths = inputs folder
                    let at name = inside folder (name + ending)

                    for perParticle, write in [ false, FeatureRun.meanSpectra; true, FeatureRun.particleSpectra ] do
                        let options = { FeatureRun.defaults with Write = WriteOptions.replacing }
                        writing write options paths (at "whole")
                        writing write options [ paths[0] ] (at "first")
                        writing write options [ paths[1] ] (at "second")

                        FeatureFile.merge Existing.Replace (at "merged") [ at "first"; at "second" ]
                        |> ok

                        sameBytes (at "merged") (at "whole") $"{ending}, per particle: {perParticle}"
                        Expect.equal (Hypers.load (at "merged") |> ok) hypers "hyperparameters"

                        FeatureFile.append (at "first") [ at "second" ] |> ok
                        sameBytes (at "first") (at "whole") $"appended {ending}, per particle: {perParticle}"))

        test "coefficients with gradients are joined, rows of samples and frames numbered on" {
            TestData.inFolder (fun folder ->
                let paths = inputs folder
                let at name = inside folder (name + ".mts")

                let options = {
                    FeatureRun.defaults with
                        Gradients = Set [ GradientParameter.Positions; GradientParameter.Strain ]
                }

                writing FeatureRun.coefficients options paths (at "whole")
                writing FeatureRun.coefficients options [ paths[0] ] (at "first")
                writing FeatureRun.coefficients options [ paths[1] ] (at "second")
                FeatureFile.merge Existing.Keep (at "merged") [ at "first"; at "second" ] |> ok
                sameMap (Mts.read (at "merged") |> ok) (Mts.read (at "whole") |> ok) "joined")
        }

        test "parts of one input keep their frames' numbers, and frames that two parts have are refused" {
            TestData.inFolder (fun folder ->
                let path = inside folder "mixture.gsd"
                TestData.withFile "gsd/many-frames.gsd" (fun file -> File.Copy(file, path))
                let at name = inside folder (name + ".npz")
                writing FeatureRun.meanSpectra (selected "0:10") [ path ] (at "whole")
                writing FeatureRun.meanSpectra (selected "0:4") [ path ] (at "first")
                writing FeatureRun.meanSpectra (selected "4:10") [ path ] (at "second")
                FeatureFile.merge Existing.Keep (at "merged") [ at "first"; at "second" ] |> ok
                sameBytes (at "merged") (at "whole") "one run"
                let twice = FeatureFile.merge Existing.Keep (at "twice") [ at "whole"; at "second" ]
                let text = sentence twice
                Expect.stringContains text (at "second") text
                Expect.stringContains text "frame = 4" text
                Expect.isFalse (File.Exists(at "twice")) "nothing")
        }

        test "other hyperparameters, columns and kinds of rows are refused by name" {
            TestData.inFolder (fun folder ->
                let paths = inputs folder
                let at name = inside folder (name + ".npz")
                writing FeatureRun.meanSpectra FeatureRun.defaults [ paths[0] ] (at "first")

                let refused name write options other words =
                    write options other [ paths[1] ] (at name) |> ok |> ignore
                    let text = sentence (FeatureFile.merge Existing.Keep (at "merged") [ at "first"; at name ])

                    for word in (at name) :: (at "first") :: words do
                        Expect.stringContains text word text

                    Expect.isFalse (File.Exists(at "merged")) "nothing"

                let defaults = FeatureRun.defaults

                refused "cutoff" FeatureRun.meanSpectra defaults { hypers with CutoffRadius = 3.0 } [
                    "cutoff_radius = 3"
                    "3.5"
                ]

                refused "angular" FeatureRun.meanSpectra defaults { hypers with MaxAngular = 3 } [ "max_angular = 3" ]

                refused "compact" FeatureRun.meanSpectra { defaults with Columns = UnorderedPairs } hypers [
                    "columns"
                ]

                refused "rows" FeatureRun.particleSpectra defaults hypers [ "names of rows"; "particle" ]

                let single = { defaults with Write = { defaults.Write with Precision = Precision.Single } }
                refused "single" FeatureRun.meanSpectra single hypers [ "precision = Single" ]

                let names = { defaults with Names = LabelNames.Package }
                refused "names" FeatureRun.meanSpectra names hypers [ "names of rows = type" ]

                let more = { defaults with Species = Some [ 1; 2; 6; 7; 8; 9 ] }
                refused "species" FeatureRun.meanSpectra more hypers [ "species" ])
        }
    ]
