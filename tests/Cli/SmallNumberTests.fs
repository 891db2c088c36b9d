/// The program on numbers that single precision makes zeros of, and what pictures say of files of features.
module AniSoap.Tests.Cli.SmallNumberTests

open System
open System.IO
open Expecto
open AniSoap.Tests.Cli.ProgramRun

/// Balls so large that their densities are next to nothing anywhere, though the hyperparameters are of ordinary size.
let private balls =
    "2\nProperties=species:S:1:pos:R:3:c_diameter:R:3 pbc=\"F F F\"\nH 0 0 0 1e15 1e15 1e15\nH 1 0 0 1e15 1e15 1e15\n"

let private hypers =
    words "--max-angular 1 --max-radial 1 --radial-gaussian-width 1 --cutoff-radius 4 --force"

[<Tests>]
let tests =
    testList "program: numbers" [
        testCase "that are all too small for single precision are refused by name, and written in double"
        <| fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "in.xyz"), balls)

                for arguments in
                    [
                        words "power-spectrum in.xyz -o out.npz"
                        words "power-spectrum in.xyz -o out.csv --per-particle"
                        words "power-spectrum in.xyz -o out.mts"
                        words "power-spectrum in.xyz -o out.h5"
                        words "power-spectrum in.xyz -o out.mts --gradients positions"
                        words "expansion in.xyz -o out.mts"
                        words "expansion in.xyz -o out.mts --pairs"
                    ] do
                    let output = Path.Combine(folder, arguments[3])
                    let outcome = run folder (arguments @ hypers @ words "--dtype f4 --quiet")
                    Expect.notEqual outcome.ExitCode 0 $"{arguments}"
                    Expect.stringContains outcome.Errors "single precision" $"{arguments}"
                    Expect.equal outcome.ErrorLines.Length 1 "one sentence"
                    Expect.isFalse (File.Exists output) "no file"
                    let outcome = run folder (arguments @ hypers @ words "--quiet")
                    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "in double precision"
                    File.Delete output)

        testCase "of a .csv whose last line has no end are drawn with a warning, as of every text"
        <| fun () ->
            inFolder (fun folder ->
                let header =
                    "frame,l=0 n_1=0 neighbor_1_type=1 n_2=0 neighbor_2_type=1,l=0 n_1=0 neighbor_1_type=1 n_2=1 neighbor_2_type=1"

                for ending, isWarned in [ "\n", false; "", true ] do
                    File.WriteAllText(Path.Combine(folder, "a.csv"), header + "\n0,1,2\n1,3,4\n2,4,9" + ending)

                    for picture in [ "map"; "spectrum" ] do
                        let arguments = words $"plot {picture} a.csv -o a.html --force"
                        let outcome = run folder arguments
                        Expect.equal outcome.ExitCode 0 outcome.Errors
                        Expect.equal (outcome.Errors.Contains "a.csv: the last line has no line end") isWarned picture
                        Expect.equal (run folder (arguments @ [ "--quiet" ])).Errors "" "silenced")

        testCase "without labels are no spectrum to draw, says a sentence that names the file"
        <| fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "a.csv"), "frame,n=0,n=1\n0,1,2\n1,3,4\n")

                for name in [ "a.npy"; "a.csv" ] do
                    if name <> "a.csv" then
                        let made = run folder [ "convert"; "a.csv"; "-o"; name; "--quiet" ]
                        Expect.equal made.ExitCode 0 made.Errors

                    let outcome = run folder [ "plot"; "spectrum"; name; "-o"; "a.html" ]
                    Expect.equal outcome.ExitCode 2 outcome.Errors
                    Expect.equal outcome.ErrorLines.Length 1 "one sentence"
                    Expect.stringContains outcome.Errors name "which file")
    ]
