/// The library formats no text by patterns that are worked out while it runs: that needs reflection, which programs compiled ahead of
/// time lack.
module AniSoap.Tests.PrintfTests

open System.IO
open System.Text.RegularExpressions
open Expecto

let private functions =
    Regex @"\b(sprintf|failwithf|k?s?e?printfn?|fprintfn?|bprintf|ksprintf|kfprintf)\b"

/// `%d{…}` within an interpolated string.
let private specifier = Regex @"%[-+0 ]*\d*(\.\d+)?[a-zA-Z]\{"

let private sources = [
    for path in Directory.EnumerateFiles(Path.Combine(Repository.root, "src"), "*.fs", SearchOption.AllDirectories) do
        if
            not (
                path.Contains(
                    Path.DirectorySeparatorChar.ToString()
                    + "obj"
                    + string Path.DirectorySeparatorChar
                )
            )
        then
            path
]

[<Tests>]
let tests =
    testList "texts without printf" [
        testCase "no source of the libraries formats by printf's patterns"
        <| fun () ->
            Close.above sources.Length 100 "the sources are here"

            let found = [
                for path in sources do
                    for number, line in Seq.indexed (File.ReadLines path) do
                        let code = line.TrimStart()

                        if not (code.StartsWith "//") && (functions.IsMatch code || specifier.IsMatch code) then
                            string (Path.GetFileName path) + ", line " + string (number + 1) + ": " + code
            ]

            Expect.isEmpty found "String.Concat, +, or interpolation of texts do"
    ]
