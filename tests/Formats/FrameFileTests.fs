/// Files as they come: whole, damaged, compressed, missing, several at once.
module AniSoap.Tests.FrameFileTests

open System
open System.IO
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private header = "Properties=species:S:1:pos:R:3"

/// `count` frames, frame k with its one particle at x = first + k.
let private numbered first count =
    [ for k in first .. first + count - 1 -> $"1\n{header}\nC {k} 0 0\n" ]
    |> String.concat ""

let private labels results =
    results
    |> Seq.map (function
        | Ok(frame: Frame) -> int frame.Particles[0].Position.X
        | Error error -> failtest (AniSoapError.describe error))
    |> Seq.toList

let private select text =
    match FrameSelection.parse text with
    | Ok selection -> selection
    | Error error -> failtest (AniSoapError.describe error)

/// A text with its error: the case, the line, the frame, the particle, and a word of the sentence.
let private malformed = [
    "a truncated frame", $"3\n{header}\nC 0 0 0\nC 1 0 0\n", 5L, Some 0, Some 2, "2 of 3"
    "a file that ends behind the count", "3\n", 2L, Some 0, None, "comment"
    "a missing column", $"2\n{header}\nC 0 0 0\nC 1 0\n", 4L, Some 0, Some 1, "3 columns"
    "a column too many", $"1\n{header}\nC 0 0 0 7\n", 3L, Some 0, Some 0, "5 columns"
    "a blank row", $"2\n{header}\nC 0 0 0\n\n", 4L, Some 0, Some 1, "0 columns"
    "a word for a number", $"1\n{header}\nC 0 zero 0\n", 3L, Some 0, Some 0, "'zero'"
    "a NaN position", $"1\n{header}\nC 0 nan 0\n", 3L, Some 0, Some 0, "NaN"
    "an infinite position", $"1\n{header}\nC 0 0 -inf\n", 3L, Some 0, Some 0, "position"
    "a count that is no number", $"one\n{header}\nC 0 0 0\n", 1L, Some 0, None, "'one'"
    "a negative count", $"-1\n{header}\n", 1L, Some 0, None, "'-1'"
    "a fractional count", $"1.0\n{header}\n", 1L, Some 0, None, "'1.0'"
    "a count beyond all memory", $"99999999999\n{header}\n", 1L, Some 0, None, "99999999999"
    "a great count without rows", $"2147483647\n{header}\nC 0 0 0\n", 4L, Some 0, Some 1, "1 of 2147483647"
    "an error in a later frame", numbered 0 2 + $"1\n{header}\nC 0 0\n", 9L, Some 2, Some 0, "columns"
    "a row too many", numbered 0 1 + "C 0 0 0\n" + numbered 0 1, 4L, Some 1, None, "'C 0 0 0'"
    "Properties that are no triples", "1\nProperties=species:S:1:pos:R\nC 0 0 0\n", 2L, Some 0, None, "Properties"
    "Properties of an unknown type", "1\nProperties=species:Q:1:pos:R:3\nC 0 0 0\n", 2L, Some 0, None, "species:Q:1"
    "Properties of no columns", "1\nProperties=species:S:0:pos:R:3\nC 0 0 0\n", 2L, Some 0, None, "species:S:0"
    "the same column twice", "1\nProperties=pos:R:3:pos:R:3\n0 0 0 0 0 0\n", 2L, Some 0, None, "2 columns pos"
    "no positions", "1\nProperties=species:S:1\nC\n", 2L, Some 0, None, "pos"
    "positions of two coordinates", "1\nProperties=species:S:1:pos:R:2\nC 0 0\n", 2L, Some 0, None, "pos"
    "positions that are words", "1\nProperties=species:S:1:pos:S:3\nC 0 0 0\n", 2L, Some 0, None, "pos"
    "a quote that is never closed", $"1\nnote=\"open {header}\nC 0 0 0\n", 2L, Some 0, None, "closed"
    "a lattice of eight numbers",
    $"1\nLattice=\"1 0 0 0 1 0 0 0\" {header}\nC 0 0 0\n",
    2L,
    Some 0,
    None,
    "nine numbers"
    "a lattice of words", "1\nLattice=fcc\nC 0 0 0\n", 2L, Some 0, None, "fcc"
    "a flat lattice", $"1\nLattice=\"1 0 0 1 0 0 0 0 1\" {header}\nC 0 0 0\n", 2L, Some 0, None, "cell"
    "periodicity without a lattice", $"1\npbc=\"T T T\" {header}\nC 0 0 0\n", 2L, Some 0, None, "zero"
    "a periodicity of two", $"1\npbc=\"T T\" {header}\nC 0 0 0\n", 2L, Some 0, None, "pbc"
]

let private damaged =
    testList "malformed text" [
        for name, content, line, frame, particle, word in malformed do
            testCase $"{name} is an error that says where"
            <| fun () ->
                let error = errorOfText spheres content
                let place = placeOf error
                Expect.stringEnds (defaultArg place.Source "") "input.extxyz" "source"
                Expect.equal (place.Line, place.Frame, place.Particle) (Some line, frame, particle) $"{error}"
                Expect.stringContains (AniSoapError.describe error) word "sentence"
                Expect.isFalse ((AniSoapError.describe error).Contains '\n') "one line"

        testCase "frames before an error are read, and nothing comes after it"
        <| fun () ->
            let content = numbered 0 2 + $"1\n{header}\nC 0 0\n" + numbered 3 1

            withText "a.xyz" content (fun path ->
                let results = FrameFile.readWith spheres path |> Seq.toList
                Expect.equal (results |> List.map _.IsOk) [ true; true; false ] "outcomes")

        testCase "the species pass and the count report truncated files too"
        <| fun () ->
            withText "a.xyz" $"3\n{header}\nC 0 0 0\n" (fun path ->
                Expect.isTrue (FrameFile.species spheres [ path ]).IsError "species"
                Expect.isTrue (FrameTrajectory.count spheres [ path ]).IsError "count")
    ]

let private accepted =
    testList "text that is accepted" [
        testCase "carriage returns, tabs, a byte order mark, blank lines between frames, and no line end at the end"
        <| fun () ->
            let content = $"\uFEFF1\r\n{header}\r\nC\t1 0\t 0 \r\n\r\n \r\n 1 \r\n{header}\r\nC 2 0 0"

            withText "a.xyz" content (fun path ->
                Expect.equal (labels (FrameFile.readWith spheres path)) [ 1; 2 ] "frames")

        testCase "frames without particles are frames"
        <| fun () ->
            let frames = framesOfText spheres $"0\n\n0\n{header}\n1\n{header}\nC 5 0 0\n"
            Expect.equal (frames |> List.map _.Particles.Length) [ 0; 0; 1 ] "particles"

        testCase "a plain file may have more columns than it needs, and a lattice in its comment"
        <| fun () ->
            let frame = (framesOfText spheres "1\nLattice=\"2 0 0 0 3 0 0 0 4\" whatever\nC 1 2 3 0.5 x\n").Head
            Expect.equal (coordinates frame.Particles[0].Position) [| 1.0; 2.0; 3.0 |] "position"
            Expect.equal (coordinates frame.Cell.Vectors.Row3) [| 0.0; 0.0; 4.0 |] "cell"
            Expect.isTrue frame.Cell.Periodicity.C "periodic"

        testCase "info that looks like lost columns does no harm"
        <| fun () ->
            let content =
                $"1\n{header}:c_q:R:4 1:R:1:c_diameter=T 3:R:1:corresponding_atoms:I:12=T id=a pbc=\"F F F\"\nX 0 0 0 0 1 0 0\n"

            let options = { InputOptions.defaults with SemiAxes = Some(Vector3.create 2.0 2.0 0.25) }
            let particle = (framesOfText options content).Head.Particles[0]
            Expect.equal (coordinates particle.SemiAxes) [| 2.0; 2.0; 0.25 |] "axes"
            Expect.equal particle.Orientation (Quaternion.create 0.0 1.0 0.0 0.0) "orientation"

        testCase "rows longer than the reader's buffer, and columns that change from frame to frame"
        <| fun () ->
            let filler = String('y', 700000)

            let content =
                $"1\n{header}:note:S:1\nC 1 0 0 {filler}\n1\nProperties=pos:R:3:Z:I:1\n2 0 0 6\n1\n{header}:note:S:1\nC 3 0 0 {filler}\n"

            withText "a.xyz" content (fun path ->
                Expect.equal (labels (FrameFile.readWith spheres path)) [ 1; 2; 3 ] "frames")

        testCase "more frames than the buffer holds are all read, each with its own cell"
        <| fun () ->
            let count = 20000

            let content =
                [ for k in 1..count -> $"1\nLattice=\"{k} 0 0 0 1 0 0 0 1\" {header}\nC {k} 0 0\n" ]
                |> String.concat ""

            let frames = framesOfText spheres content
            Expect.equal (frames |> List.map (fun f -> int f.Particles[0].Position.X)) [ 1..count ] "positions"
            Expect.equal (frames |> List.map (fun f -> int f.Cell.Vectors.Row1.X)) [ 1..count ] "cells"

        testCase "gzip is read by its content whatever the ending, also in several members"
        <| fun () ->
            let content =
                Array.append (gzip (Encoding.UTF8.GetBytes(numbered 0 2))) (gzip (Encoding.UTF8.GetBytes(numbered 2 1)))

            for name in [ "a.xyz.gz"; "a.extxyz" ] do
                withBytes name content (fun path ->
                    Expect.equal (labels (FrameFile.readWith spheres path)) [ 0; 1; 2 ] name)

        testCase "damaged gzip is an error, not an exception"
        <| fun () ->
            let whole = gzip (Encoding.UTF8.GetBytes(numbered 0 5000))
            let corrupt = Array.copy whole
            corrupt[whole.Length / 2] <- corrupt[whole.Length / 2] ^^^ 0xFFuy

            for content in [ Array.truncate (whole.Length / 2) whole; corrupt ] do
                withBytes "a.xyz.gz" content (fun path ->
                    let last = FrameFile.readWith spheres path |> Seq.last
                    Expect.isTrue last.IsError "error")
    ]

let private files =
    let errorAt path = FrameFile.readWith spheres path |> Seq.exactlyOne

    testList "files" [
        testCase "a missing file, a folder and an unknown ending are errors that name the path"
        <| fun () ->
            let folder = Directory.CreateTempSubdirectory "anisoap-test.xyz"

            try
                for path, word in
                    [
                        Path.Combine(folder.FullName, "none.xyz"), "no such file"
                        folder.FullName + ".xyz", "no such file"
                        Path.Combine(folder.FullName, "input.cif"), "ending"
                    ] do
                    match errorAt path with
                    | Error error ->
                        Expect.stringContains (AniSoapError.describe error) word path
                        Expect.stringContains (AniSoapError.describe error) path "path"
                    | Ok _ -> failtest path

                for name in [ "folder.xyz"; "folder" ] do
                    let inner = Directory.CreateDirectory(Path.Combine(folder.FullName, name))

                    match errorAt inner.FullName with
                    | Error(Inaccessible(_, reason)) -> Expect.stringContains reason "folder" "reason"
                    | other -> failtestf "%A" other
            finally
                folder.Delete true

        testCase "a file without frames is an error"
        <| fun () ->
            for content in [ ""; "\n\n"; " \r\n" ] do
                withText "a.xyz" content (fun path ->
                    match errorAt path with
                    | Error error -> Expect.stringContains (AniSoapError.describe error) "no frames" "sentence"
                    | Ok _ -> failtest "read")

        testCase "the format given beats the ending"
        <| fun () ->
            let options = { spheres with Format = Some FrameFormat.ExtendedXyz }

            withText "a.pdb" (numbered 4 1) (fun path ->
                Expect.equal (labels (FrameFile.readWith options path)) [ 4 ] "frames")

        testCase "frame numbers run on through several files, and errors count within their file"
        <| fun () ->
            withText "a.xyz" (numbered 0 3) (fun a ->
                withText "b.xyz" (numbered 3 2 + $"1\n{header}\nC 0 0\n") (fun b ->
                    let results = FrameFile.readMany spheres [ a; b ] |> Seq.toList
                    Expect.equal (labels (List.truncate 5 results)) [ 0..4 ] "frames"

                    match List.last results with
                    | Error error ->
                        let place = placeOf error
                        Expect.equal (place.Source, place.Frame, place.Line) (Some b, Some 2, Some 9L) "place"
                    | Ok _ -> failtest "read"))

        testCase "slices take frames across files, from the end too"
        <| fun () ->
            withText "a.xyz" (numbered 0 3) (fun a ->
                withText "b.xyz" (numbered 3 4) (fun b ->
                    for text, expected in
                        [
                            ":", [ 0..6 ]
                            "2:5", [ 2; 3; 4 ]
                            "::3", [ 0; 3; 6 ]
                            "-2:", [ 5; 6 ]
                            "-1", [ 6 ]
                            "5:1:-2", [ 3; 5 ]
                            "1,4:6", [ 1; 4; 5 ]
                            "9:", []
                        ] do
                        Expect.equal
                            (labels (FrameFile.readMany { spheres with Selection = (select text) } [ a; b ]))
                            expected
                            text

                    Expect.equal (FrameTrajectory.count spheres [ a; b ]) (Ok 7) "count"))

        testCase "frames that are not selected are not interpreted, and none is read behind the last"
        <| fun () ->
            let content =
                $"1\n{header}\nunknown 0 0 0\n"
                + numbered 1 1
                + "what comes here is never looked at\n"

            withText "a.xyz" content (fun path ->
                Expect.equal
                    (labels (FrameFile.readMany { spheres with Selection = (select "1") } [ path ]))
                    [ 1 ]
                    "frames")

        testCase "the species of a selection are found without shapes or orientations"
        <| fun () ->
            let content = $"2\n{header}\nO 0 0 0\nH 1 0 0\n1\nProperties=pos:R:3:Z:I:1\n0 0 0 6\n0\n\n"

            withText "a.xyz" content (fun path ->
                let species text = FrameFile.species { InputOptions.defaults with Selection = (select text) } [ path ]
                Expect.equal (species ":") (Ok [| 1; 6; 8 |]) "all"
                Expect.equal (species "1") (Ok [| 6 |]) "frame 1")

        testCase "a sequence can be read twice, and a file is free again after reading a part of it"
        <| fun () ->
            withText "a.xyz" (numbered 0 5) (fun path ->
                let frames = FrameFile.readWith spheres path
                Expect.equal (labels (Seq.truncate 2 frames)) [ 0; 1 ] "part"
                Expect.equal (labels frames) [ 0..4 ] "all"
                use _ = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None)
                ())
    ]

[<Tests>]
let tests = testList "frame source" [ damaged; accepted; files ]
