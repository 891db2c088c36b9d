/// Particles without a shape that became spheres although they are turned: a sign of shapes that were not understood.
module AniSoap.Tests.TurnedPointTests

open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private points = { InputOptions.defaults with PointSemiAxis = Some 0.5 }

let private warningsOf options name (texts: string list) =
    let warnings = ResizeArray<string>()

    TestData.inFolder (fun folder ->
        let paths = [
            for i, text in List.indexed texts do
                let path = System.IO.Path.Combine(folder, $"{i}-{name}")
                System.IO.File.WriteAllText(path, text)
                path
        ]

        FrameFile.readMany { options with Warn = warnings.Add } paths
        |> Seq.iter (Golden.sure >> ignore))

    warnings |> Seq.filter _.Contains("turned") |> Seq.toList

let private xyz (rows: string list) =
    let body = String.concat "\n" rows
    $"{rows.Length}\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3:c_q:R:4\n{body}\n"

let private straight = "C 1 2 3 1 0 0 0"
let private turned = "C 1 5 3 0.6 0 0.8 0"

let private dump quaternion =
    "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOUNDS pp pp pp\n0 9\n0 9\n0 9\n"
    + "ITEM: ATOMS id type x y z quatw quati quatj quatk shapex shapey shapez\n"
    + $"1 1 1 1 1 0.6 0 0.8 0 3 1 1\n2 1 5 5 5 {quaternion} 0 0 0\n"

let private chemiscope quaternion =
    """{"meta": {"name": "x"}, "structures": [{"size": 2, "names": ["H", "O"], "x": [0, 2], "y": [0, 0], "z": [0, 0]}],
"shapes": {"e": {"kind": "ellipsoid", "parameters": {"global": {"semiaxes": [0, 0, 0]},
"structure": [{"orientation": QUATERNION}]}}}}"""
        .Replace("QUATERNION", quaternion)

[<Tests>]
let tests =
    testList "turned points" [
        test "are told with file, frame, the first particle and how many there are, once a run" {
            let text = xyz [ straight; straight ] + xyz [ straight; turned; turned ] + xyz [ turned ]

            match warningsOf points "a.xyz" [ text; text ] with
            | [ warning ] ->
                Expect.stringContains warning "0-a.xyz, frame 1: particle 1 and 1 more have turned" "where"
                Expect.stringContains warning "--semiaxes" "the remedy"
            | others -> failtest $"{others.Length} warnings"
        }

        test "of files read later are told by the frame's number in its own file" {
            match
                warningsOf points "a.xyz" [ xyz [ straight ] + xyz [ straight ]; xyz [ straight ] + xyz [ turned ] ]
            with
            | [ warning ] -> Expect.stringContains warning "1-a.xyz, frame 1: particle 0 has a turned" "where"
            | others -> failtest $"{others.Length} warnings"
        }

        test "are none where nothing is turned, or a shape is given" {
            Expect.equal
                (warningsOf points "a.xyz" [ xyz [ straight; "C 5 5 5 -1 0 0 0"; "C 7 7 7 0 0 0 0" ] ])
                []
                "no turn"

            Expect.equal (warningsOf points "a.xyz" [ xyz [ "C 5 5 5 0.99999999999999 0 0 1e-7" ] ]) [] "rounding"
            let given = { points with SemiAxes = Some(Vector3.create 1 2 3) }
            Expect.equal (warningsOf given "a.xyz" [ xyz [ turned ] ]) [] "given for all"
            let given = { points with SemiAxesBySpecies = Map [ 6, Vector3.create 1 2 3 ] }
            Expect.equal (warningsOf given "a.xyz" [ xyz [ turned ] ]) [] "given for the species"
        }

        test "are told of dumps too, where only ellipsoids are turned in the file of a sound run" {
            Expect.equal (warningsOf points "a.dump" [ dump "0 0 0 0" ]) [] "points of old LAMMPS"
            Expect.equal (warningsOf points "a.dump" [ dump "1 0 0 0" ]) [] "points"
            Expect.equal (warningsOf points "a.dump" [ dump "0.6 0 0 0.8" ]).Length 1 "turned"
        }
    ]
