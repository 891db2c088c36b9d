/// Everything that cannot work ends with exit code 2, one line that names it, and no output.
module AniSoap.Tests.Cli.BadInputTests

open System.IO
open Expecto
open AniSoap.Tests.Cli.ProgramRun

/// A frame of two ellipsoids that nothing is wrong with.
let private goodFrame =
    "2\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3 Lattice=\"9 0 0 0 9 0 0 0 9\"\n"
    + "C 0 0 0 1 0 0 0 2 2 1\n"
    + "C 1 2 3 0 1 0 0 2 2 1\n"

/// The run is refused: one line on standard error that contains all of `words`, and no file but those of before.
let private expectRefusal folder (before: string list) (words: string list) (outcome: Outcome) =
    Expect.equal outcome.ExitCode 2 $"exit code; standard error was: {outcome.Errors}"
    Expect.hasLength outcome.ErrorLines 1 $"one line on standard error, found: {outcome.Errors}"

    for word in words do
        Expect.stringContains outcome.Errors word "the line says what is wrong"

    Expect.isFalse (outcome.Errors.Contains "   at ") "no stack trace"
    Expect.equal outcome.Output "" "nothing on standard output"

    let files =
        Directory.GetFiles folder
        |> Array.map Path.GetFileName
        |> Array.sort
        |> Array.toList

    Expect.equal files (List.sort before) "no new file"

/// `content` as frames.xyz is refused with words.
let private refusesFrames name (content: string) words =
    testCase name (fun () ->
        inFolder (fun folder ->
            File.WriteAllText(Path.Combine(folder, "frames.xyz"), content)

            run folder ([ "power-spectrum"; "frames.xyz"; "-o"; "out.npz" ] @ smallHypers)
            |> expectRefusal folder [ "frames.xyz" ] words))

/// The good frame with these arguments is refused with words.
let private refusesArguments name (arguments: string list) words =
    testCase name (fun () ->
        inFolder (fun folder ->
            File.WriteAllText(Path.Combine(folder, "frames.xyz"), goodFrame)

            run folder arguments |> expectRefusal folder [ "frames.xyz" ] words))

let private spectrum more = [ "power-spectrum"; "frames.xyz" ] @ more
let private withOutput more = spectrum ([ "-o"; "out.npz" ] @ more)

let private hypersFile name (json: string) words =
    testCase name (fun () ->
        inFolder (fun folder ->
            File.WriteAllText(Path.Combine(folder, "frames.xyz"), goodFrame)
            File.WriteAllText(Path.Combine(folder, "hypers.json"), json)

            run folder (withOutput [ "--hypers"; "hypers.json" ])
            |> expectRefusal folder [ "frames.xyz"; "hypers.json" ] words))

[<Tests>]
let frames =
    testList "program: refuses frames" [
        refusesFrames "that are truncated" (goodFrame.Substring(0, goodFrame.Length - 22)) [ "frames.xyz"; "frame 0" ]
        refusesFrames
            "with a wrong number of columns"
            (goodFrame.Replace("C 1 2 3 0 1 0 0 2 2 1", "C 1 2 3 0 1 0 0 2 2"))
            [ "frames.xyz, line 4, frame 0" ]
        refusesFrames "with a position that is not a number" (goodFrame.Replace("C 1 2 3", "C 1 nan 3")) [
            "line 4, frame 0, particle 1"
            "NaN"
        ]
        refusesFrames "without orientations" (goodFrame.Replace("c_q:R:4:", "other:R:4:")) [
            "frames.xyz"
            "frame 0"
            "orientation"
        ]
        refusesFrames "with an axis of zero" (goodFrame.Replace("1 0 0 0 2 2 1", "1 0 0 0 2 0 1")) [
            "line 3, frame 0, particle 0"
        ]
        refusesFrames "of which there are none" "" [ "frames.xyz" ]
        refusesFrames "without particles" (goodFrame + "0\nProperties=species:S:1:pos:R:3\n") [
            "frames.xyz"
            "frame 1"
            "particle"
        ]
        refusesFrames "without shapes" (goodFrame.Replace("c_diameter", "other")) [ "frame 0"; "shape" ]
        refusesFrames "with a name that is no species" (goodFrame.Replace("C 1 2 3", "Quux 1 2 3")) [
            "line 4"
            "Quux"
            "--type-map"
        ]
    ]

[<Tests>]
let files =
    testList "program: refuses files" [
        refusesArguments "that do not exist" ([ "power-spectrum"; "nothing.xyz"; "-o"; "out.npz" ] @ smallHypers) [
            "nothing.xyz"
        ]
        refusesArguments "that are folders" ([ "power-spectrum"; "/tmp"; "-o"; "out.npz" ] @ smallHypers) [ "/tmp" ]
        refusesArguments "of an unknown ending" ([ "power-spectrum"; "frames.foo"; "-o"; "out.npz" ] @ smallHypers) [
            "frames.foo"
            ".xyz"
            ".gsd"
        ]
        refusesArguments
            "as outputs in folders that do not exist"
            (spectrum ([ "-o"; "nowhere/out.npz" ] @ smallHypers))
            [ "nowhere" ]
        refusesArguments "as outputs where none can be created" (spectrum ([ "-o"; "/proc/out.npz" ] @ smallHypers)) [
            "/proc/out.npz"
        ]
        refusesArguments "as outputs that are inputs" (spectrum ([ "-o"; "frames.xyz" ] @ smallHypers)) [ "frames.xyz" ]
        refusesArguments "as outputs of an unknown ending" (spectrum ([ "-o"; "out.foo" ] @ smallHypers)) [
            "out.foo"
            ".npz"
            ".mts"
        ]
        testCase "as outputs that exist, without --force" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "frames.xyz"), goodFrame)
                File.WriteAllText(Path.Combine(folder, "out.npz"), "precious")

                run folder (withOutput smallHypers)
                |> expectRefusal folder [ "frames.xyz"; "out.npz" ] [ "out.npz"; "--force" ]

                Expect.equal (File.ReadAllText(Path.Combine(folder, "out.npz"))) "precious" "the file is as it was"
                let forced = run folder (withOutput smallHypers @ [ "--force" ])
                Expect.equal forced.ExitCode 0 $"--force replaces it: {forced.Errors}"))
    ]

[<Tests>]
let arguments =
    testList "program: refuses arguments" [
        refusesArguments "that are unknown" (withOutput (smallHypers @ [ "--max-angluar"; "3" ])) [ "--max-angluar" ]
        refusesArguments "without a verb" [] [ "verb"; "power-spectrum" ]
        refusesArguments "with an unknown verb" [ "transmogrify" ] [ "transmogrify"; "power-spectrum" ]
        refusesArguments "without an output" (spectrum smallHypers) [ "--output" ]
        refusesArguments
            "with a cutoff of zero"
            (withOutput (words "--max-angular 2 --radial-gaussian-width 1.5 --cutoff-radius 0"))
            [ "cutoff_radius = 0" ]
        refusesArguments
            "with a negative cutoff"
            (withOutput (words "--max-angular 2 --radial-gaussian-width 1.5 --cutoff-radius -3"))
            [ "cutoff_radius = -3" ]
        refusesArguments "with too few radial numbers" (withOutput (smallHypers @ [ "--max-radial"; "2,1" ])) [
            "max_radial = 2,1"
            "3 numbers"
        ]
        refusesArguments
            "without the width of the gto basis"
            (withOutput [ "--max-angular"; "2"; "--cutoff-radius"; "3" ])
            [ "radial_gaussian_width" ]
        refusesArguments
            "with a basis that cannot be orthonormalised"
            (withOutput (
                words "--max-angular 20 --max-radial 10 --radial-gaussian-width 1.5 --cutoff-radius 4 --basis-rcond 0"
            ))
            [ "basis" ]
        refusesArguments "with a negative thread count" (withOutput (smallHypers @ [ "--threads"; "-2" ])) [
            "--threads"
            "0 for as many as there are processors"
        ]
        refusesArguments "with a slice that is none" (withOutput (smallHypers @ [ "--frames"; "a:b" ])) [ "a:b" ]
        refusesArguments "that take no frame" (withOutput (smallHypers @ words "--frames 5: --species 6")) [
            "frames.xyz"
            "no frames"
        ]
        refusesArguments "with a slice of step zero" (withOutput (smallHypers @ [ "--frames"; "::0" ])) [ "::0" ]
        refusesArguments "with species that the data exceed" (withOutput (smallHypers @ [ "--species"; "1,8" ])) [
            "frame 0"
            "6"
            "1"
        ]
        refusesArguments
            "that read standard input without --species"
            ([ "power-spectrum"; "-"; "-o"; "out.npz" ] @ smallHypers)
            [ "--species" ]
        refusesArguments "with a shape of two axes" (withOutput (smallHypers @ [ "--diameters"; "1,2" ])) [
            "--diameters = 1,2"
        ]
    ]

[<Tests>]
let hypersFiles =
    testList "program: refuses hyperparameter files" [
        hypersFile "with unknown keywords" """{"max_angluar": 3}""" [
            "hypers.json, line 1"
            "max_angluar"
            "max_angular"
        ]
        hypersFile "that are no JSON" "{\n\"max_angular\": }" [ "hypers.json, line 2"; "JSON" ]
        hypersFile "with a keyword twice" """{"max_angular": 3, "max_angular": 4}""" [ "max_angular"; "once" ]
        hypersFile "with a number that is a text" """{"max_angular": "3"}""" [ "max_angular = 3"; "whole number" ]
        hypersFile
            "with a width for the monomial basis"
            """{"max_angular": 3, "cutoff_radius": 4, "radial_basis_name": "monomial", "radial_gaussian_width": 1}"""
            [ "radial_gaussian_width" ]
        hypersFile "that are empty" "" [ "hypers.json"; "JSON" ]
    ]
