/// What the program does with tables of comma-separated values and what stands beside them.
module AniSoap.Tests.Cli.CsvProgramTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private spectrum folder output more =
    let outcome = run folder ([ "power-spectrum"; "frames.xyz"; "--quiet"; "-o"; output ] @ more)
    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") output

[<Tests>]
let tests =
    testList "program: comma-separated values" [
        testCase "hyperparameters are read back from a table, and from what stands beside it by its own name" (fun () ->
            inCase "triclinic" (fun folder ->
                let inside name = Path.Combine(folder, name)
                spectrum folder "a.csv" [ "--hypers"; "hypers.json" ]
                Expect.isTrue (File.Exists(inside "a.csv-metadata.json")) "beside it"

                for hypers in [ "a.csv"; "a.csv-metadata.json" ] do
                    spectrum folder "b.csv" [ "--hypers"; hypers; "--force" ]
                    Expect.equal (File.ReadAllBytes(inside "b.csv")) (File.ReadAllBytes(inside "a.csv")) hypers))

        testCase "a table that was changed is converted with a warning, and refused as hyperparameters" (fun () ->
            inCase "triclinic" (fun folder ->
                let inside name = Path.Combine(folder, name)
                spectrum folder "a.csv" [ "--hypers"; "hypers.json" ]
                File.AppendAllText(inside "a.csv", "\n")
                let refused = run folder (words "power-spectrum frames.xyz -o b.csv --hypers a.csv")
                Expect.equal refused.ExitCode 2 "refused"
                Expect.equal refused.ErrorLines.Length 1 "one line"
                Expect.stringContains refused.Errors "a.csv-metadata.json" "what does not fit"
                let converted = run folder (words "convert a.csv -o c.npz")
                Expect.equal converted.ExitCode 0 "converted"
                Expect.stringContains converted.Errors "hyperparameters are left out" "the warning"
                let quiet = run folder (words "convert a.csv -o d.npz --quiet")
                Expect.equal (quiet.ExitCode, quiet.Errors) (0, "") "without it"))

        testCase "a file beside the table that is there is replaced only with --force" (fun () ->
            inCase "triclinic" (fun folder ->
                File.WriteAllText(Path.Combine(folder, "a.csv-metadata.json"), "mine")
                let arguments = words "power-spectrum frames.xyz -o a.csv --hypers hypers.json"
                let refused = run folder arguments
                Expect.equal refused.ExitCode 2 "refused"
                Expect.stringContains refused.Errors "a.csv-metadata.json" "which file"
                Expect.isFalse (File.Exists(Path.Combine(folder, "a.csv"))) "no table"
                Expect.equal (run folder (arguments @ [ "--force" ])).ExitCode 0 "replaced"))
    ]
