/// Requests that cost too much are refused before they do, by every verb, with the numbers.
module AniSoap.Tests.Cli.LimitTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private nematic = Path.Combine(Repository.root, "docs", "data", "gay-berne", "nematic.extxyz.gz")

let private far =
    words "--frames 0 --cutoff-radius 400 --max-angular 6 --max-radial 4 --radial-gaussian-width 1.5"

let private refused (parts: string list) (outcome: Outcome) =
    Expect.equal outcome.ExitCode 2 $"exit code; {outcome.Errors}"
    let line = Expect.wantSome (List.tryExactlyOne outcome.ErrorLines) $"one line: {outcome.Errors}"

    for part in parts do
        Expect.stringContains line part "the sentence"

/// A file of spheres of diameter 0.8 in a box, the eighth of them of another.
let private spheres folder (diameter: string) =
    let path = Path.Combine(folder, "spheres.xyz")

    let lines = [
        "64"
        "Lattice=\"4 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:shape:R:3"
        for i in 0..63 do
            let d = if i = 7 then diameter else "0.8"
            $"H {i / 16} {i / 4 % 4} {i % 4} {d} {d} {d}"
    ]

    File.WriteAllLines(path, lines)
    path

[<Tests>]
let tests =
    testList "program: limits" [
        testCase
            "a cutoff of 400 in a box of 11 is refused by all verbs that compute, with file, frame and number of pairs"
            (fun () ->
                inFolder (fun folder ->
                    for command in
                        [
                            [ "power-spectrum"; nematic; "-o"; "out.npz" ] @ far
                            [ "power-spectrum"; nematic; "-o"; "out.mts"; "--gradients"; "positions" ] @ far
                            [ "expansion"; nematic; "-o"; "out.mts" ] @ far
                            [ "inspect"; nematic ] @ far
                            [ "plot"; "map"; nematic; "-o"; "out.html" ] @ far
                        ] do
                        run folder command
                        |> refused [ "nematic.extxyz.gz"; "frame 0"; "pairs of a frame"; "E+10"; "max_pairs" ]

                        Expect.isEmpty (Directory.GetFileSystemEntries folder) "nothing is left"))

        testCase "limits are raised and lowered by options" (fun () ->
            inFolder (fun folder ->
                let near = words "--frames 0 --cutoff-radius 4 --max-angular 2 --radial-gaussian-width 1.5"

                let compute more =
                    run folder ([ "power-spectrum"; nematic; "-o"; "out.npz"; "--force" ] @ near @ more)

                compute [ "--max-pairs"; "1e3" ]
                |> refused [ "pairs of a frame"; "max_pairs = 1000" ]

                compute [ "--max-memory"; "1000" ] |> refused [ "max_memory = 1000 bytes" ]
                compute [ "--max-pairs"; "some" ] |> refused [ "--max-pairs" ]
                compute [ "--max-pairs"; "0.5" ] |> refused [ "--max-pairs"; "a whole number" ]
                Expect.equal (compute [ "--max-pairs"; "5e10" ]).ExitCode 0 "raised"

                for picture in [ "map"; "density"; "spectrum" ] do
                    run folder ([ "plot"; picture; nematic; "-o"; "out.html"; "--max-pairs"; "1e3" ] @ near)
                    |> refused [ "pairs of a frame"; "max_pairs = 1000" ]))

        testCase "one particle of an enormous size is named by inspect, which tells the rest" (fun () ->
            inFolder (fun folder ->
                for diameter in [ "2000"; "1e6" ] do
                    let outcome =
                        run folder [
                            "inspect"
                            spheres folder diameter
                            "--shape-as"
                            "diameter"
                            "--cutoff-radius"
                            "1.5"
                        ]

                    Expect.equal outcome.ExitCode 0 $"exit code; {outcome.Errors}"
                    Expect.stringContains outcome.Errors "frame 0, particle 7: its longest semi-axis" "which particle"
                    Expect.stringContains outcome.Output "nearest distance" "the table"))

        testCase "many species are refused by the size of a row, before memory is taken" (fun () ->
            inFolder (fun folder ->
                let species = String.concat "," (Seq.map string [ 1..1000 ])
                let hypers = words "--cutoff-radius 4 --max-angular 6 --max-radial 4 --radial-gaussian-width 1.5"

                run folder ([ "power-spectrum"; nematic; "-o"; "out.npz"; "--species"; species ] @ hypers)
                |> refused [ "row of means" ]))

        testCase "single precision is refused where features of small or large lengths leave it" (fun () ->
            inFolder (fun folder ->
                for unit in [ "e-14"; "e14" ] do
                    let frame = [
                        "2"
                        "Properties=species:S:1:pos:R:3:shape:R:3"
                        for x in [ "0"; $"1{unit}" ] do
                            $"H {x} 0 0 0.8{unit} 0.8{unit} 0.8{unit}"
                    ]

                    File.WriteAllLines(Path.Combine(folder, "in.xyz"), frame)

                    let outcome =
                        words
                            $"power-spectrum in.xyz -o out.npz --dtype f4 --quiet --max-angular 2 --radial-gaussian-width 1{unit} --cutoff-radius 3{unit}"
                        |> run folder

                    Expect.notEqual outcome.ExitCode 0 "exit code"
                    let line = Expect.wantSome (List.tryExactlyOne outcome.ErrorLines) $"one line: {outcome.Errors}"
                    Expect.stringContains line "single precision" "the sentence"
                    Expect.isFalse (File.Exists(Path.Combine(folder, "out.npz"))) "no file"))
    ]
