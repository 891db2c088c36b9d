/// Tables of comma-separated values: plain ones that any program reads, their metadata beside them in the W3C's form, and
/// tables that other programs have written.
module AniSoap.Tests.FeatureFiles.CsvTableTests

open System
open System.IO
open System.Security.Cryptography
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Tests.FeatureFiles.RoundTripTests
open AniSoap.Formats

let private metadata = Map [ "hypers", """{"max_angular":6,"max_radial":null}"""; "note", "a, \"b\"" ]

let private write file =
    let features = {
        Content = FeatureContent.Table(randomTable [ "frame"; "particle" ] 5 3 11)
        Metadata = metadata
        Types = [ ScalarType.Float64 ]
    }

    FeatureFile.writeSet WriteOptions.replacing file features |> ok |> ignore

let private inFolder (action: string -> string -> unit) =
    TestData.inFolder (fun folder ->
        action (Path.Combine(folder, "a b.csv")) (Path.Combine(folder, "a b.csv-metadata.json")))

let private reads (text: string) =
    let folder = Directory.CreateTempSubdirectory "anisoap-test-"

    try
        let file = Path.Combine(folder.FullName, "a.csv")
        File.WriteAllText(file, text)
        Csv.read file
    finally
        folder.Delete true

/// Samples and values of a table whose columns are those of the texts below.
let private content (block: TensorBlock, _) =
    Seq.toList block.Samples.Names,
    block.Samples.Values.ToArray() |> Array.toList,
    block.Properties.Values.ToArray() |> Array.toList,
    block.Values.ToArray() |> Array.toList

let private expected = [ "frame" ], [ 3; 7 ], [ 0; 0; 0; 1 ], [ 0.5; 1.0; -2.0; 1e-3 ]

[<Tests>]
let tests =
    testList "comma-separated values" [
        testCase "the first line is the header, and the metadata stand beside it as CSV on the Web"
        <| fun () ->
            inFolder (fun table beside ->
                write table
                let lines = File.ReadAllLines table
                Expect.stringStarts lines[0] "frame,particle,l=0 n_1=0 neighbor_1_type=0," "header"
                Expect.equal lines.Length 6 "a line a row"
                use document = JsonDocument.Parse(File.ReadAllText beside)
                let root = document.RootElement
                let text (name: string) = root.GetProperty(name).GetString()
                Expect.equal (text "@context") "http://www.w3.org/ns/csvw" "context"
                Expect.equal (text "url") "a%20b.csv" "address"
                Expect.equal (root.GetProperty("urn:anisoap:bytes").GetInt64()) (FileInfo(table).Length) "size"

                Expect.equal
                    (text "urn:anisoap:sha256")
                    (Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes table)))
                    "hash"

                let columns = root.GetProperty("tableSchema").GetProperty("columns")

                Expect.equal
                    [ for column in columns.EnumerateArray() -> column.GetProperty("titles").GetString() ]
                    (List.ofArray (lines[0].Split ','))
                    "titles"

                Expect.equal
                    [ for column in columns.EnumerateArray() -> column.GetProperty("datatype").GetString() ]
                    [ "integer"; "integer"; "double"; "double"; "double" ]
                    "types"

                Expect.equal (Csv.readMetadata table |> ok) metadata "metadata"
                Expect.equal (Csv.read table |> ok |> snd) metadata "metadata with the table")

        testCase "metadata of another table are refused, and left out where the table is read"
        <| fun () ->
            inFolder (fun table beside ->
                write table
                let text = File.ReadAllText table

                for changed, reason in [ text + "9,9,1,2,3\n", "bytes"; text.Replace("-", "+"), "SHA-256" ] do
                    File.WriteAllText(table, changed)
                    let refused = sentence (Csv.readMetadata table)
                    Expect.stringContains refused "a b.csv-metadata.json" "the file"
                    Expect.stringContains refused reason "the reason"
                    Expect.equal (Csv.read table |> ok |> snd) Map.empty "no metadata"

                File.WriteAllText(table, text)
                Expect.equal (Csv.readMetadata table |> ok) metadata "the table as it was"

                for broken in [ "{"; "[]"; File.ReadAllText(beside).Replace("sha256", "sha1") ] do
                    File.WriteAllText(beside, broken)
                    Expect.stringContains (sentence (Csv.readMetadata table)) "a b.csv-metadata.json" broken

                File.WriteAllText(beside, """{"@context":"http://www.w3.org/ns/csvw","url":"a.csv"}""")
                Expect.equal (Csv.readMetadata table |> ok) Map.empty "another program's")

        testCase "both files are replaced when that is asked for, and none of them else"
        <| fun () ->
            inFolder (fun table beside ->
                let layout: TableLayout = {
                    SampleNames = [ "frame" ]
                    Properties = Labels.range "n" 2 |> ok
                    Precision = Precision.Double
                    Metadata = Map.empty
                }

                let names () =
                    Directory.GetFileSystemEntries(nonNull (Path.GetDirectoryName table))
                    |> Array.sort

                for there in [ table; beside ] do
                    File.WriteAllText(there, "old")

                    Expect.stringContains
                        (sentence (Csv.rows Existing.Keep table layout |> Result.map ignore))
                        there
                        "refused"

                    Expect.equal (names ()) [| there |] "nothing else"
                    File.Delete there

                File.WriteAllText(table, "old")
                File.WriteAllText(beside, "old")
                write table
                Expect.equal (names ()) [| table; beside |] "both"
                Expect.equal (Csv.readMetadata table |> ok) metadata "they belong together")

        testCase "tables of earlier versions, whose first line is a comment of metadata, are read"
        <| fun () ->
            let block, found =
                reads "# {\"hypers\":{\"max_angular\":6}}\nframe,l=0 n=0,l=0 n=1\n3,0.5,1\n7,-2,1e-3\n"
                |> ok

            Expect.equal (content (block, found)) expected "table"
            Expect.equal found (Map [ "hypers", """{"max_angular":6}""" ]) "metadata"

        for name, text in
            [
                "R", "\"\",\"frame\",\"l=0 n=0\",\"l=0 n=1\"\n\"1\",3,0.5,1\n\"2\",7,-2,0.001\n"
                "R without row names", "\"frame\",\"l=0 n=0\",\"l=0 n=1\"\r\n3,0.5,1\r\n7,-2,0.001\r\n"
                "pandas with its index", ",frame,l=0 n=0,l=0 n=1\n0,3,0.5,1.0\n1,7,-2.0,0.001\n"
                "pandas, read and written twice", ",Unnamed: 0,frame,l=0 n=0,l=0 n=1\n0,0,3,0.5,1.0\n1,1,7,-2.0,0.001\n"
                "a spreadsheet", "\uFEFFframe,l=0 n=0,l=0 n=1\r\n3, 0.5, 1\r\n7,-2,1E-03\r\n\r\n"
                "numbers in quotes", "frame,l=0 n=0,l=0 n=1\n\"3\",\"0.5\",\"1\"\n\"7\",\"-2\",\"1e-3\""
                "the sample last", "l=0 n=0,l=0 n=1,frame\n0.5,1,3\n-2,1e-3,7\n"
                "numpy.savetxt", "# frame,l=0 n=0,l=0 n=1\n3.0e+00,5.0e-01,1.0e+00\n7.0e+00,-2.0e+00,1.0e-03\n"
                "numpy.savetxt with a note", "# a note, by hand\n# frame,l=0 n=0,l=0 n=1\n3,0.5,1\n7,-2,1e-3\n"
                "row names with commas and quotes",
                "\"\",frame,l=0 n=0,l=0 n=1\n\"a, \"\"b\"\"\",3,0.5,1\nc,7,-2,1e-3\n"
            ] do
            testCase $"a table as {name} writes it is read"
            <| fun () -> Expect.equal (reads text |> ok |> content) expected text

        testCase "without columns that name samples, rows are counted"
        <| fun () ->
            let names, samples, _, values = reads "l=0 n=0,l=0 n=1\n0.5,1\n-2,1e-3\n" |> ok |> content
            Expect.equal (names, samples, values) ([ "row" ], [ 0; 1 ], [ 0.5; 1.0; -2.0; 1e-3 ]) "counted"

        for text, parts in
            [
                "frame,l=0 n=0\n0,1,2\n", [ "line 2"; "a row of 3 values"; "2, as many as there are columns" ]
                "frame,l=0 n=0\n0\n", [ "line 2"; "a row of 1 values"; "2, as many" ]
                "frame,l=0 n=0\n0,x\n", [ "line 2"; "'x' in column 'l=0 n=0'"; "a number" ]
                "frame,l=0 n=0\n0,\n", [ "line 2"; "nothing in column 'l=0 n=0'" ]
                "frame,l=0 n=0\n0,NA\n", [ "'NA' in column 'l=0 n=0'" ]
                "frame,l=0 n=0\n0.5,1\n", [ "'0.5' in column 'frame'"; "a whole number" ]
                "frame;l=0 n=0\n0;0,5\n", [ "line 1"; "semicolons"; "commas" ]
                "# {broken\nframe,l=0 n=0\n0,1\n", [ "the comment '{broken'"; "JSON" ]
                "# only a note\n1,2\n", [ "line 2"; "a column called" ]
                "", [ "the end of the file"; "column names" ]
            ] do
            let shown = text.Replace("\n", "⏎")

            testCase $"what is wrong is said with its place: {shown}"
            <| fun () ->
                let found = sentence (reads text)

                for part: string in parts do
                    Expect.stringContains found part text

                Expect.isFalse (found.Contains "LineNumber" || found.Contains "Expected") found

        testCase "a table of 200,000 columns has no description of them, and reads back"
        <| fun () ->
            inFolder (fun table beside ->
                let layout: TableLayout = {
                    SampleNames = [ "frame" ]
                    Properties = Labels.range "n" 200_000 |> ok
                    Precision = Precision.Single
                    Metadata = metadata
                }

                let row = Array.init 200_000 float

                using (Csv.rows Existing.Keep table layout |> ok) (fun writer ->
                    writer.Append(ReadOnlySpan [| 4 |], ReadOnlySpan row) |> ok
                    writer.Complete() |> ok)

                Close.below (FileInfo(beside).Length) 2000L "description"
                let block, found = Csv.read table |> ok
                Expect.equal (block.Values.ToArray()) row "values"
                Expect.equal found metadata "metadata")
    ]
