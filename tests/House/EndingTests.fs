/// The tables of docs/formats/endings.md, held against the one list of endings.
module AniSoap.Tests.House.EndingTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open AniSoap.Formats
open AniSoap.Tests

let private folder = Path.Combine(Repository.root, "docs", "formats")
let private page = lazy File.ReadAllText(Path.Combine(folder, "endings.md"))

/// The cells of the rows of the table below a heading that begin with an ending.
let private rows (heading: string) =
    let below = page.Value.Substring(page.Value.IndexOf("## " + heading))
    let section = Regex.Split(below.Substring 3, "^## ", RegexOptions.Multiline)[0]

    [
        for line in section.Split '\n' do
            if line.StartsWith "| `." then
                line.Trim('|', ' ').Split '|' |> Array.map _.Trim() |> Array.toList
    ]

let private yes isSo = if isSo then "yes" else "no"

/// The cells without the second, which is for people.
let private told (row: string list) = row.Head.Trim '`' :: row.Tail.Tail

[<Tests>]
let tests =
    testList "endings" [
        testCase "the page of endings says of files of frames what the list of endings says"
        <| fun () ->
            let known = [
                for ending in Endings.frames ->
                    [ ending.Ending; yes (Endings.isWritten ending.Format); yes ending.MayBePacked ]
            ]

            Expect.equal (rows "Files of frames" |> List.map told) known "rows"

        testCase "the page of endings says of files of features what the list of endings says"
        <| fun () ->
            let known = [
                for format in Endings.features do
                    for ending in format.Endings -> [ ending; yes format.IsSelfDescribing; yes format.HoldsBlocks ]
            ]

            Expect.equal (rows "Files of features" |> List.map told) known "rows"

        testCase "every page that the page of endings leads to is there"
        <| fun () ->
            let pages =
                Regex.Matches(page.Value, @"\]\(([\w-]+\.md)\)")
                |> Seq.map _.Groups[1].Value
                |> Seq.toList

            Close.above pages.Length 15 "links"

            for name in pages do
                Expect.isTrue (File.Exists(Path.Combine(folder, name))) name
    ]
