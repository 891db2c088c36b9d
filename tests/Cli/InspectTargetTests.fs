/// What inspect says of energies, forces, torques, virials and stresses, and when it warns of them.
module AniSoap.Tests.Cli.InspectTargetTests

open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private forces = "Properties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3:forces:R:3"

/// Frames of two spheres, each with a comment line of its own and forces of ±2 along x.
let private inspect (comments: string list) =
    inFolder (fun folder ->
        let rows = [ "C 0 0 0 1 0 0 0 1 1 1 2 0 0"; "C 3 0 0 1 0 0 0 1 1 1 -2 0 0" ]

        File.WriteAllLines(
            Path.Combine(folder, "a.xyz"),
            comments |> List.collect (fun comment -> "2" :: $"{forces} {comment}" :: rows)
        )

        let outcome = run folder (words "inspect a.xyz")
        Expect.equal outcome.ExitCode 0 outcome.Errors
        outcome)

[<Tests>]
let tests =
    testList "program: targets that inspect tells" [
        testCase "are the energies' mean and spread, root mean squares, and the largest sum of forces"
        <| fun () ->
            let outcome = inspect [ "energy=-1000001"; "energy=-1000003"; "virial6=\"1 2 2 0 0 0\"" ]

            for line in
                [
                    "2 of 3 frames: mean -1000002, spread 1"
                    "all frames: root mean square 1.1547, sums up to 0"
                    "virial6 (6 numbers)"
                    "1 of 3 frames: root mean square 1.2247"
                ] do
                Expect.stringContains outcome.Output line line

            Expect.isFalse (outcome.Output.Contains "torques") "none are told of"
            Expect.isFalse (outcome.Errors.Contains "energy") "nothing to warn of"

        for name, comments, sentence in
            [
                "energies of exactly 0 beside forces",
                [ "energy=0"; "energy=0.0" ],
                "energy is exactly 0 in every frame"
                "an energy that is a text", [ "energy=about-five" ], "energy is a text (\"about-five\")"
                "a stress without a virial",
                [ "Lattice=\"9 0 0 0 9 0 0 0 9\" stress=\"1 0 0 0 1 0 0 0 1\"" ],
                "virial = -volume x stress"
            ] do
            testCase $"are warned of where they are {name}"
            <| fun () -> Expect.stringContains (inspect comments).Errors sentence "warning"

        testCase "are not warned of where one energy is not 0, or a virial stands beside the stress"
        <| fun () ->
            let outcome =
                inspect [
                    "energy=0"
                    "energy=1e-30 Lattice=\"9 0 0 0 9 0 0 0 9\" virial=\"1 0 0 0 1 0 0 0 1\" stress=\"1 0 0 0 1 0 0 0 1\""
                ]

            Expect.isFalse (outcome.Errors.Contains "energy" || outcome.Errors.Contains "stress") outcome.Errors
    ]
