/// Where the metadata of a table of comma-separated values stand when its name is a link, or nearly too long.
module AniSoap.Tests.FeatureFiles.CsvLinkTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private metadata = Map [ "hypers", """{"max_angular":2}""" ]

let private write file =
    FeatureFile.writeSet WriteOptions.replacing file {
        Content = FeatureContent.Table(randomTable [ "frame" ] 3 2 5)
        Metadata = metadata
        Types = [ ScalarType.Float64 ]
    }

/// A name of so many bytes.
let private named length = String('a', length - 4) + ".csv"

[<Tests>]
let tests =
    testList "the metadata of a table" [
        testCase "written through a link stand beside what it leads to, and are found by both names"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let at (name: string) = Path.Combine(folder, name)
                Directory.CreateDirectory(at "real") |> ignore

                File.CreateSymbolicLink(at "link.csv", Path.Combine("real", "table.csv"))
                |> ignore

                write (at "link.csv") |> ok |> ignore
                Expect.isTrue (File.Exists(at "real/table.csv-metadata.json")) "beside the table"
                Expect.isFalse (File.Exists(at "link.csv-metadata.json")) "not beside the link"

                for name in [ "link.csv"; "real/table.csv" ] do
                    Expect.equal (FeatureFile.readMetadata (at name) |> ok) metadata name)

        testCase "copied to the side of a link are found there"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let at (name: string) = Path.Combine(folder, name)
                Directory.CreateDirectory(at "real") |> ignore
                write (at "real/table.csv") |> ok |> ignore

                File.CreateSymbolicLink(at "link.csv", Path.Combine("real", "table.csv"))
                |> ignore

                File.Move(at "real/table.csv-metadata.json", at "link.csv-metadata.json")
                Expect.equal (FeatureFile.readMetadata (at "link.csv") |> ok) metadata "by the link"
                Expect.isEmpty (FeatureFile.readMetadata (at "real/table.csv") |> ok) "not by the table")

        testCase "with a name as long as names may be are written, and with a longer one refused in a sentence"
        <| fun () ->
            TestData.inFolder (fun folder ->
                if OperatingSystem.IsWindows() then
                    skiptest "Windows limits paths, not names"

                let longest = 255 - "-metadata.json".Length
                let path = Path.Combine(folder, named longest)
                write path |> ok |> ignore
                Expect.equal (FeatureFile.readMetadata path |> ok) metadata "read"

                for length in [ longest + 1; 255 ] do
                    let text = sentence (write (Path.Combine(folder, named length)))
                    Expect.stringContains text "longer than the file system allows" $"{length}"
                    Expect.stringContains text "metadata" $"{length}: what stands there"

                Expect.equal (Directory.GetFileSystemEntries folder).Length 2 "nothing else is left")

        testCase "that could not be named end a run before it computes"
        <| fun () ->
            inCase "triclinic" (fun folder ->
                let arguments output = words $"power-spectrum frames.xyz --hypers hypers.json --quiet -o {output}"
                let before = Directory.GetFileSystemEntries folder
                let refused = run folder (arguments (named 255))
                Expect.equal refused.ExitCode 2 "refused"
                Expect.equal refused.ErrorLines.Length 1 "one line"
                Expect.stringContains refused.Errors "longer than the file system allows" "why"
                Expect.equal (Directory.GetFileSystemEntries folder) before "nothing is written"

                for ending in [ ".npz"; ".mts"; ".h5"; ".parquet"; ".npy" ] do
                    let name = String('a', 255 - ending.Length) + ending
                    let outcome = run folder (arguments name)
                    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") ending
                    Expect.equal (run folder (arguments ("a" + name))).ExitCode 2 $"{ending}, one more")
    ]
