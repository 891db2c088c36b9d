/// The program on LAMMPS's files: two-dimensional runs, points, pieces.
module AniSoap.Tests.Cli.LammpsRunTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Tests.LammpsPointTests

let private layer =
    "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n3\nITEM: BOX BOUNDS pp pp pp\n0 12\n0 12\n-0.5 0.5\n\
     ITEM: ATOMS id type x y z quatw quati quatj quatk shapex shapey shapez\n\
     1 1 2 2 0.1 1 0 0 0 3 1 1\n2 1 5.5 2 0 0.8 0 0 0.6 3 1 1\n3 1 7 6 -0.1 0.6 0 0 0.8 3 1 1\n"

let private basis =
    words "--max-angular 1 --max-radial 0 --radial-gaussian-width 1 --cutoff-radius 4 --force"

let private withLayer action =
    TestData.inFolder (fun folder ->
        File.WriteAllText(Path.Combine(folder, "layer.dump"), layer)
        action folder)

let private isTold (outcome: Outcome) = outcome.ErrorLines |> List.filter _.Contains("--pbc TTF") |> List.length

[<Tests>]
let runs =
    testList "program: LAMMPS's files" [
        testCase "a two-dimensional run is warned of by every verb, and --pbc TTF takes its images away" (fun () ->
            withLayer (fun folder ->
                let spectrum more =
                    run folder ([ "power-spectrum"; "layer.dump"; "-o"; "d.npz"; "--stats" ] @ basis @ more)

                let stacked, flat = spectrum [], spectrum [ "--pbc"; "TTF" ]
                Expect.equal (isTold stacked, isTold flat) (1, 0) "power-spectrum"
                Expect.stringContains (List.last flat.ErrorLines) "\"pairs\":2," "pairs"
                Expect.isFalse ((List.last stacked.ErrorLines).Contains "\"pairs\":2,") "with images"

                Expect.equal
                    (isTold (run folder ([ "expansion"; "layer.dump"; "-o"; "d.mts" ] @ basis)))
                    1
                    "expansion"

                Expect.equal (isTold (run folder [ "convert"; "layer.dump"; "-o"; "d.gsd" ])) 1 "convert"
                Expect.equal (isTold (run folder [ "convert"; "layer.dump"; "-o"; "q.gsd"; "--quiet" ])) 0 "quiet"))

        testCase "inspect does not suspect the semi-axes of a layer that touches its own images" (fun () ->
            withLayer (fun folder ->
                let outcome = run folder (words "inspect layer.dump --cutoff-radius 4")
                Expect.equal (outcome.ExitCode, isTold outcome, outcome.ErrorLines.Length) (0, 1, 1) outcome.Errors))

        testCase "what is no list of axes is refused" (fun () ->
            withLayer (fun folder ->
                for text in [ "TT"; "TTFF"; "xyF"; "110" ] do
                    let outcome = run folder [ "inspect"; "layer.dump"; "--pbc"; text ]
                    Expect.equal (outcome.ExitCode, outcome.ErrorLines.Length) (2, 1) text
                    Expect.stringContains outcome.Errors "--pbc" text))

        testCase "data files become data files without a size for points, whose energy would change with one" (fun () ->
            TestData.inFolder (fun folder ->
                let outcome = run folder [ "convert"; peer "points.data"; "-o"; "a.data" ]
                Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "no option is needed"
                let lines = File.ReadAllLines(Path.Combine(folder, "a.data"))
                Expect.contains lines "3 3 0 1.25 7.5 1.5 3.043248" "a point"

                Expect.equal
                    (run folder [ "convert"; peer "points.data"; "-o"; "a.xyz" ]).ExitCode
                    2
                    "elsewhere a size is needed"))

        testCase "pieces of a dump are frames once, and the file of shapes is not overwritten" (fun () ->
            TestData.inFolder (fun folder ->
                let pieces = [ peer "piece.0.dump"; peer "piece.1.dump" ]

                let outcome =
                    run folder ([ "power-spectrum" ] @ pieces @ [ "-o"; "d.npz"; "--stats"; "--quiet" ] @ basis)

                Expect.stringContains outcome.Errors "\"frames\":2,\"particles\":12," "frames and particles"
                File.Copy(peer "points.data", Path.Combine(folder, "run.data"))

                let outcome =
                    run folder [
                        "convert"
                        peer "points.dump"
                        "--shapes-from"
                        "run.data"
                        "-o"
                        "run.data"
                        "--force"
                    ]

                Expect.equal outcome.ExitCode 2 outcome.Errors
                let missing = run folder [ "inspect"; peer "points.dump"; "--shapes-from"; "none.data" ]
                Expect.equal (missing.ExitCode, missing.ErrorLines.Length) (2, 1) missing.Errors
                Expect.stringContains missing.Errors "none.data" "named"))
    ]
