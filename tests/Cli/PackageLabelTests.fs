/// Files of features from one format to another: the Python package's labels, empty ones, and `.mts` files that are no maps.
module AniSoap.Tests.Cli.PackageLabelTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private succeeds (outcome: Outcome) =
    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"

let private refuses (fragments: string list) (outcome: Outcome) =
    Expect.equal outcome.ExitCode 2 $"exit code; {outcome.Errors}"
    Expect.equal outcome.ErrorLines.Length 1 $"one line: {outcome.Errors}"

    for fragment in fragments do
        Expect.stringContains outcome.Errors fragment "what is wrong"

let private spectrum =
    words "--max-angular 2 --max-radial 1 --radial-gaussian-width 1 --cutoff-radius 4 --point-diameter 1 --force"

let private frames =
    "3\nProperties=species:S:1:pos:R:3\nH 0 0 0\nO 1 0 0\nH 0 1.5 0\n2\nProperties=species:S:1:pos:R:3\nO 0 0 0\nO 2 0 0\n"

let private label (labels: Labels) = List.ofSeq labels.Names, labels.Values.ToArray()

/// All that a map is: keys, and of each block its labels and values.
let private shape (map: TensorMap) =
    label map.Keys,
    [
        for block in map.Blocks ->
            label block.Samples,
            [ for axis in block.Components -> label axis ],
            label block.Properties,
            block.Values.ToArray()
    ]

let private mapOf path = Mts.read path |> Golden.sure
let private tableOf path = Npz.read path |> Golden.sure |> fst

let private tableShape (block: TensorBlock) = label block.Samples, label block.Properties, block.Values.ToArray()

[<Tests>]
let tests =
    testList "program: labels of files of features" [
        testCase "the package's labels survive converting between tables and .mts, of particles and of means" (fun () ->
            inFolder (fun folder ->
                let at name = Path.Combine(folder, name)
                File.WriteAllText(at "f.xyz", frames)

                for rows in [ []; [ "--per-particle" ] ] do
                    for ending in [ "npz"; "mts" ] do
                        run
                            folder
                            ([ "power-spectrum"; "f.xyz"; "--labels"; "anisoap"; "-o"; "direct." + ending ]
                             @ rows
                             @ spectrum)
                        |> succeeds

                    for ending in [ "npz"; "csv"; "h5"; "parquet" ] do
                        run folder [ "convert"; "direct.npz"; "-o"; "table." + ending; "--force" ]
                        |> succeeds

                        run folder [ "convert"; "table." + ending; "-o"; "back.mts"; "--force" ]
                        |> succeeds

                        Expect.equal
                            (shape (mapOf (at "back.mts")))
                            (shape (mapOf (at "direct.mts")))
                            $"{rows}, {ending} to .mts"

                        run folder [ "convert"; "direct.mts"; "-o"; "map." + ending; "--force" ]
                        |> succeeds

                        run folder [ "convert"; "map." + ending; "-o"; "back.npz"; "--force" ]
                        |> succeeds

                        Expect.equal
                            (tableShape (tableOf (at "back.npz")))
                            (tableShape (tableOf (at "direct.npz")))
                            $"{rows}, .mts to {ending}"))

        testCase "a table without rows becomes a map that keeps its columns" (fun () ->
            inFolder (fun folder ->
                let at name = Path.Combine(folder, name)
                let properties = Labels.create [ "l"; "n_1" ] [ [ 0; 0 ]; [ 0; 1 ]; [ 1; 0 ] ] |> Golden.sure
                let samples = Labels.create [ "frame"; "particle"; "center_type" ] [] |> Golden.sure

                let layout = {
                    SampleNames = List.ofSeq samples.Names
                    Properties = properties
                    Precision = Precision.Double
                    Metadata = Map.empty
                }

                use writer = Npz.rows Existing.Keep (at "e.npz") layout |> Golden.sure
                writer.Complete() |> Golden.sure
                run folder (words "convert e.npz -o e.mts") |> succeeds
                let map = mapOf (at "e.mts")
                Expect.equal map.Count 1 "blocks"
                Expect.equal (label map[0].Properties) (label properties) "columns"
                run folder (words "convert e.mts -o back.npz") |> succeeds
                Expect.equal (tableShape (tableOf (at "back.npz"))) (tableShape (tableOf (at "e.npz"))) "back"))

        testCase "what no TensorMap is in an .mts file is called what it is" (fun () ->
            inFolder (fun folder ->
                let at name = Path.Combine(folder, name)
                let labels = Labels.create [ "system"; "atom" ] [ [ 0; 1 ]; [ 0; 2 ] ] |> Golden.sure
                let block = TensorBlock.create labels [] labels [| 1.0; 2.0; 3.0; 4.0 |] |> Golden.sure

                let map =
                    TensorMap.create (Labels.create [ "k" ] [ [ 0 ] ] |> Golden.sure) [ block ]
                    |> Golden.sure

                let empty = TensorMap.create (Labels.create [ "k" ] [] |> Golden.sure) [] |> Golden.sure
                Mts.writeLabels Existing.Keep (at "labels.mts") labels |> Golden.sure
                Mts.writeBlock WriteOptions.defaults (at "block.mts") block |> Golden.sure
                Mts.write (at "map.mts") map |> Golden.sure
                Mts.write (at "empty.mts") empty |> Golden.sure
                let whole = File.ReadAllBytes(at "map.mts")
                File.WriteAllBytes(at "cut.mts", whole[.. whole.Length - 30])
                File.WriteAllText(at "text.mts", "what is this?")
                File.WriteAllBytes(at "nothing.mts", [||])
                run folder (words "convert map.mts -o m.npz") |> succeeds
                File.Copy(at "m.npz", at "table.mts")

                for name, fragments in
                    [
                        "labels.mts", [ "labels alone (2 × (system, atom))"; "TensorMap" ]
                        "block.mts", [ "a single TensorBlock"; "TensorMap" ]
                        "empty.mts", [ "without blocks"; "at least one block" ]
                        "cut.mts", [ "a ZIP archive without its end" ]
                        "text.mts", [ "no ZIP archive" ]
                        "nothing.mts", [ "an empty file" ]
                        "table.mts", [ "a table of features"; ".npz"; "TensorMap" ]
                    ] do
                    for arguments in [ "convert NAME -o o.npz"; "plot map NAME -o o.html" ] do
                        if name <> "block.mts" || arguments.StartsWith "convert" then
                            run folder (words (arguments.Replace("NAME", name)))
                            |> refuses (name :: fragments)))
    ]
