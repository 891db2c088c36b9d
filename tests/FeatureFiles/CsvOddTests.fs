/// Fields of tables of comma-separated values that look like numbers and are not, and tables that may have been cut.
module AniSoap.Tests.FeatureFiles.CsvOddTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.Cli.ProgramRun

let private table rows = "frame,l=0 n_1=0,l=0 n_1=1\n" + rows

let private reading rows =
    let mutable result = Ok [||]

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "a.csv")
        File.WriteAllText(path, table rows)
        result <- Csv.read path |> Result.map (fun (block, _) -> block.Values.ToArray()))

    result

[<Tests>]
let tests =
    testList "fields of a table" [
        testCase "with anything behind their closing quote are refused, and with space there read"
        <| fun () ->
            for field in [ "\"1.5\"x"; "\"1.5\"2"; "\"1\"\"5\"" ] do
                let text = sentence (reading $"0,{field},2\n")
                Expect.stringContains text "line 2" field
                Expect.stringContains text "l=0 n_1=0" field

            Expect.equal (ok (reading "0, \"1.5\" ,\"2\"\n")) [| 1.5; 2.0 |] "quoted numbers"

        testCase "beyond double precision are refused, and infinities by name read"
        <| fun () ->
            for field in [ "1e400"; "-1e309"; "2e308" ] do
                Expect.stringContains (sentence (reading $"0,{field},2\n")) "1.8e308" field

            Expect.equal (ok (reading "0,inf,-Infinity\n")) [| infinity; -infinity |] "infinities"
            Expect.equal (ok (reading "0,1e-400,1.7e308\n")) [| 0.0; 1.7e308 |] "the smallest and the largest"

        testCase "are all read where the last line has no end, with a warning that the last may be cut"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for ending, isWarned in [ "\n", false; "\r\n", false; "", true ] do
                    File.WriteAllText(Path.Combine(folder, "a.csv"), table "0,1,2\n1,3,4" + ending)
                    let outcome = run folder (words "convert a.csv -o a.npz --force")
                    Expect.equal outcome.ExitCode 0 "converted"
                    Expect.equal (outcome.Errors.Contains "its last number is wrong") isWarned $"{ending.Length}"
                    let quiet = run folder (words "convert a.csv -o a.npz --force --quiet")
                    Expect.equal quiet.Errors "" "silenced")
    ]
