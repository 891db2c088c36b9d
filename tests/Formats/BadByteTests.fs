/// Bytes that are no text, and escapes of half a character, in the names and texts of files: replaced or refused, with a
/// sentence.
module AniSoap.Tests.BadByteTests

open System
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

/// Two bytes that stand in no UTF-8.
let private bad = [| 0xFFuy; 0xC3uy |]

/// The text with the bad bytes behind a word of it.
let private spoilt (word: string) (text: string) =
    let at = text.IndexOf(word, StringComparison.Ordinal) + word.Length
    Array.concat [ Encoding.UTF8.GetBytes(text.Substring(0, at)); bad; Encoding.UTF8.GetBytes(text.Substring at) ]

/// Snapshots or a sentence; anything thrown is a fault.
let private read name (content: byte[]) =
    withBytes name content (fun path ->
        FrameFile.snapshots path
        |> Seq.exactlyOne
        |> Result.mapError AniSoapError.describe)

let private isRead name content =
    match read name content with
    | Ok snapshot -> snapshot
    | Error sentence -> failtest sentence

let private isRefused name content (part: string) =
    match read name content with
    | Ok _ -> failtest "reading succeeded"
    | Error sentence -> Expect.stringContains sentence part "sentence"

let private chemiscope =
    """{"meta":{"name":"title"},"structures":[{"size":1,"names":["H"],"x":[0],"y":[0],"z":[0]}],
"shapes":{"rod":{"kind":"ellipsoid","parameters":{"global":{"semiaxes":[1,0.5,0.5]}}}},
"properties":{"prop":{"target":"structure","values":["word"]}}}"""

let private xyz =
    "1\nProperties=species:S:1:pos:R:3:c_q:R:4:diameter:R:3:charge:R:1 key=5 text=\"word\"\nC 0 0 0 1 0 0 0 2 1 1 0.5\n"

let private shape = "{\"type\": \"Ellipsoid\", \"a\": 1, \"b\": 2, \"c\": 3}"

let private gsd (name: byte[]) (shape: byte[]) =
    let row (bytes: byte[]) = Array.append bytes [| 0uy |]

    GsdBytes.file 1 [
        [
            GsdBytes.singles "configuration/box" 1 [ 9.0; 9.0; 9.0; 0.0; 0.0; 0.0 ]
            GsdBytes.words "particles/N" [ 1u ]
            GsdBytes.singles "particles/position" 3 [ 0.0; 0.0; 0.0 ]
            GsdBytes.chunk "particles/types" 5 1 (name.Length + 1) (row name)
            GsdBytes.chunk "particles/type_shapes" 5 1 (shape.Length + 1) (row shape)
        ]
    ]

[<Tests>]
let tests =
    testList "bytes that are no text" [
        testCase "in chemiscope's names of shapes, properties and in its texts they are replaced" (fun () ->
            for word in [ "rod"; "prop"; "word"; "title" ] do
                let snapshot = isRead "a.json" (spoilt word chemiscope)
                Expect.equal snapshot.Frame.Particles.Length 1 word

            let text = (isRead "a.json" (spoilt "word" chemiscope)).Info
            Expect.equal (sprintf "%A" text) (sprintf "%A" [ "prop", InfoValue.Text "word\uFFFD\uFFFD" ]) "info")

        testCase "escapes of half a character, as Python writes bad bytes, are replaced there too" (fun () ->
            for word in [ "rod"; "prop"; "word"; "title" ] do
                for escape in [ "\\ud800"; "\\udc80"; "\\ud800\\u0041"; "\\uD83D\\uD83D" ] do
                    isRead "a.json" (Encoding.UTF8.GetBytes(chemiscope.Replace(word, word + escape)))
                    |> ignore

            let whole = chemiscope.Replace("word", "\\ud83d\\ude00 \\\\ud800")

            Expect.equal
                (sprintf "%A" (isRead "a.json" (Encoding.UTF8.GetBytes whole)).Info)
                (sprintf "%A" [ "prop", InfoValue.Text "😀 \\ud800" ])
                "whole characters and escaped backslashes stay")

        testCase "in chemiscope's kinds of shapes and species they are refused with the word" (fun () ->
            isRefused "a.json" (spoilt "\"ellipsoid" chemiscope) "ellipsoid\uFFFD"
            isRefused "a.json" (spoilt "\"H" chemiscope) "H\uFFFD")

        testCase "the mark before UTF-8 is no part of any format" (fun () ->
            for name, text in [ "a.json", chemiscope; "a.xyz", xyz ] do
                let marked = Array.append [| 0xEFuy; 0xBBuy; 0xBFuy |] (Encoding.UTF8.GetBytes text)
                Expect.equal (isRead name marked).Frame.Particles.Length 1 name)

        testCase "in names of columns, keys and texts of extended XYZ they are replaced, in species refused" (fun () ->
            for word in [ "charge"; "key"; "word" ] do
                isRead "a.xyz" (spoilt word xyz) |> ignore

            isRefused "a.xyz" (spoilt "\nC" xyz) "C\uFFFD")

        testCase "half a character in ASE's JSON leaves the pair as it is" (fun () ->
            for json in [ "[\\\"\\\\ud800\\\"]"; "\\\"\\\\udfff\\\""; "{\\\"\\\\ud800\\\": 1}" ] do
                let text = xyz.Replace("key=5", $"key=\"_JSON {json}\"")
                let written = json.Replace("\\\"", "\"").Replace("\\\\", "\\")

                match (isRead "a.xyz" (Encoding.UTF8.GetBytes text)).Info |> List.head with
                | "key", InfoValue.Text found -> Expect.equal found ("_JSON " + written) "as it came"
                | other -> failtestf "%A" other)

        testCase "in GSD's names of types they are replaced, in shapes refused with the type" (fun () ->
            isRead "a.gsd" (gsd (Array.append "A"B bad) (Encoding.UTF8.GetBytes shape))
            |> ignore

            for word in [ "Ellipsoid"; "\"a" ] do
                isRefused "a.gsd" (gsd "A"B (spoilt word shape)) "type A"

            isRefused "a.gsd" (gsd "A"B (Encoding.UTF8.GetBytes(shape.Replace("soid", "soid\\ud800")))) "type A")
    ]
