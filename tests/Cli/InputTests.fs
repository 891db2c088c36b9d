/// What the program reads: several files, slices of them, standard input, shapes from the command line.
module AniSoap.Tests.Cli.InputTests

open System.IO
open System.Text.RegularExpressions
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private succeeds (outcome: Outcome) =
    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") "exit code and standard error"

let private hypers = [ "--hypers"; "hypers.json" ]

let private rows folder name =
    let arrays = NumpyFiles.npz (Path.Combine(folder, name))
    let values = NumpyFiles.floats arrays["values"]
    NumpyFiles.integers arrays["samples"], values |> Array.chunkBySize arrays["values"].Shape[1]

/// The frames and rows of a run over these inputs.
let private runOver folder inputs more =
    let output = $"out{System.Guid.NewGuid():N}.npz"

    run folder ([ "power-spectrum" ] @ inputs @ [ "-o"; output ] @ hypers @ more)
    |> succeeds

    rows folder output

[<Tests>]
let inputs =
    testList "program: inputs" [
        testCase "are read one after another and numbered on" (fun () ->
            inCase "triclinic" (fun folder ->
                let _, alone = runOver folder [ "frames.xyz" ] []
                let frames, both = runOver folder [ "frames.xyz"; "frames.xyz" ] []
                Expect.equal frames [| 0; 1; 2; 3 |] "frames"
                Expect.equal both (Array.append alone alone) "the rows of each"))

        testCase "are taken in slices, each frame under its own number" (fun () ->
            inCase "triclinic" (fun folder ->
                let inputs = List.replicate 3 "frames.xyz"
                let _, all = runOver folder inputs []

                for slices, expected in
                    [
                        [ "--frames"; "2:5" ], [| 2; 3; 4 |]
                        [ "--frames"; "-2:" ], [| 4; 5 |]
                        [ "--frames"; "::2" ], [| 0; 2; 4 |]
                        [ "--frames"; "0:1"; "--frames"; "3:" ], [| 0; 3; 4; 5 |]
                        [ "--frames=1" ], [| 1 |]
                    ] do
                    // The species of the slice alone would make other columns.
                    let frames, some = runOver folder inputs (slices @ [ "--species"; "1,6" ])
                    Expect.equal frames expected $"frames of {slices}"
                    Expect.equal some (expected |> Array.map (fun frame -> all[frame])) $"rows of {slices}"))

        testCase "may be standard input, when the species are given" (fun () ->
            inCase "triclinic" (fun folder ->
                let expected = runOver folder [ "frames.xyz" ] []

                runWithInput
                    folder
                    ((words "power-spectrum - -o out.npz --species 1,6") @ hypers)
                    (TestData.text "anisoap/triclinic/frames17.extxyz")
                |> succeeds

                Expect.equal (rows folder "out.npz") expected "the same rows"))

        testCase "have no shape of their own when one is given, and a warning says so" (fun () ->
            inCase "triclinic" (fun folder ->
                let outcome = run folder ((words "power-spectrum frames.xyz -o a.npz --diameters 2,2,4") @ hypers)

                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.hasLength (outcome.Surprises.Split '\n') 1 "one warning"
                Expect.stringContains outcome.Errors "warning" "a warning"

                let more = (words "--semiaxes 1=1,1,2 --semiaxes C=1,1,2 --quiet")

                run folder ([ "power-spectrum"; "frames.xyz"; "-o"; "b.npz" ] @ hypers @ more)
                |> succeeds

                Expect.equal (rows folder "b.npz") (rows folder "a.npz") "diameters are twice the semi-axes"))

        testCase "without species of their own take those of --type-map" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(
                    Path.Combine(folder, "frames.xyz"),
                    "1\nProperties=species:S:1:pos:R:3\nBead 0 0 0\n"
                )

                run
                    folder
                    ((words "power-spectrum frames.xyz -o out.npz --type-map Bead=7 --point-diameter 2")
                     @ smallHypers)
                |> succeeds

                let arrays = NumpyFiles.npz (Path.Combine(folder, "out.npz"))
                let properties = NumpyFiles.integers arrays["properties"] |> Array.chunkBySize 6
                Expect.all properties (fun row -> row[0] = 7 && row[3] = 7 && row[5] = 7) "species 7"))

        testCase "have one set of columns, whichever frames lack a species" (fun () ->
            inCase "three-species-cluster" (fun folder ->
                let _, all = runOver folder [ "frames.xyz" ] []
                Expect.all all (fun row -> row.Length = all[0].Length) "rows of one length"
                Expect.exists all (Array.contains 0.0) "zeros for the species that is not there"))
    ]

[<Tests>]
let inspection =
    testList "program: inspect" [
        testCase "shows how well each axis that the shapes distinguish is aligned" (fun () ->
            inFolder (fun folder ->
                let frames = Repository.gayBerne "nematic"
                let outcome = run folder [ "inspect"; frames; "--frames"; "0" ]
                succeeds outcome
                // The file's comment has P2 = 0.782587 and the director 0.40388 -0.12390 0.90638.
                Expect.stringContains outcome.Output "S = 0.783 along (0.404, -0.124, 0.906)" "the long axis"
                Expect.isFalse (outcome.Output.Contains "order of body y") "the others are equal"

                let outcome = run folder [ "inspect"; frames; Repository.gayBerne "smectic" ]
                Expect.isRegexMatch outcome.Output (Regex "S = 0\.7\d\d to 0\.9\d\d \(mean 0\.8\d\d\)") "over all"))

        testCase "tells what is in a file" (fun () ->
            inCase "triclinic" (fun folder ->
                let outcome = run folder (words "inspect frames.xyz --hypers hypers.json --quiet")
                succeeds outcome

                for word in (words "frames particles semi-axes periodic neighbours rank condition") do
                    Expect.stringContains outcome.Output word "the table"))

        testCase "looks into files without shapes too" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "frames.xyz"), "2\n\nO 0 0 0\nH 0 0 0.96\n")
                let outcome = run folder (words "inspect frames.xyz --quiet")
                succeeds outcome
                Expect.stringContains outcome.Output "no shape" "shapes"
                Expect.stringContains outcome.Output "0.96" "the nearest distance"))

        testCase "warns of a cutoff that is shorter than the particles" (fun () ->
            inCase "triclinic" (fun folder ->
                let outcome = run folder [ "inspect"; "frames.xyz"; "--cutoff-radius"; "1" ]
                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.stringContains outcome.Errors "cutoff" "the warning"))

        testCase "warns of shapes that are half as large as they should be" (fun () ->
            inFolder (fun folder ->
                // A simple cubic crystal of spheres that touch when their `diameters` are taken for radii.
                let rows =
                    String.concat "" [
                        for x in 0..3 do
                            for y in 0..3 do
                                for z in 0..3 -> $"C {2 * x} {2 * y} {2 * z} 1 1 1\n"
                    ]

                let header = "Properties=species:S:1:pos:R:3:diameter:R:3 Lattice=\"8 0 0 0 8 0 0 0 8\""
                File.WriteAllText(Path.Combine(folder, "frames.xyz"), $"64\n{header}\n{rows}")
                let outcome = run folder [ "inspect"; "frames.xyz" ]
                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.stringContains outcome.Errors "look like semi-axes" "the warning"
                let mended = run folder [ "inspect"; "frames.xyz"; "--shape-as"; "semiaxis" ]
                Expect.equal (mended.ExitCode, mended.Errors) (0, "") "no warning any more"))
    ]

[<Tests>]
let conversion =
    testList "program: convert" [
        testCase "writes frames that read back as the same" (fun () ->
            inCase "triclinic" (fun folder ->
                run folder [ "convert"; "frames.xyz"; "-o"; "again.xyz" ] |> succeeds

                Expect.equal
                    (runOver folder [ "again.xyz" ] [])
                    (runOver folder [ "frames.xyz" ] [])
                    "the same features"))

        testCase "writes every format by its ending, and each gives the features of the first" (fun () ->
            TestData.withFile "lammps/states/mixture.dump" (fun path ->
                let folder = string (Path.GetDirectoryName path)

                let hypers =
                    """{"max_angular": 3, "max_radial": 1, "radial_gaussian_width": 1.5, "cutoff_radius": 2.5}"""

                File.WriteAllText(Path.Combine(folder, "hypers.json"), hypers)
                let features name = runOver folder [ name ] [] |> snd |> Array.concat
                let expected = features "mixture.dump"
                let scale = Array.max expected

                for target in [ "a.extxyz"; "b.xyz.gz"; "c.lammpstrj"; "d.dump.gz" ] do
                    run folder [ "convert"; "mixture.dump"; "-o"; target ] |> succeeds
                    Close.within 1e-12 scale (features target) expected target))

        testCase "says what the format cannot hold, once, and --quiet does not" (fun () ->
            TestData.withFile "lammps/states/mixture.extxyz" (fun path ->
                let folder = string (Path.GetDirectoryName path)
                let outcome = run folder [ "convert"; "mixture.extxyz"; "-o"; "out.dump" ]
                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.stringContains outcome.Errors "not written: the info" "what is lost"
                Expect.stringContains outcome.Errors "energy" "by its name"
                Expect.equal (outcome.Errors.Split('\n').Length) 2 "one line"

                run folder [ "convert"; "mixture.extxyz"; "-o"; "quiet.dump"; "--quiet" ]
                |> succeeds))

        testCase "refuses several frames for a data file, and leaves nothing" (fun () ->
            TestData.withFile "lammps/states/mixture.dump" (fun path ->
                let folder = string (Path.GetDirectoryName path)
                let outcome = run folder [ "convert"; "mixture.dump"; "-o"; "out.data" ]
                Expect.equal outcome.ExitCode 2 outcome.Errors
                Expect.stringContains outcome.Errors "--frames" "the remedy"
                Expect.isFalse (File.Exists(Path.Combine(folder, "out.data"))) "no file"
                let one = run folder [ "convert"; "mixture.dump"; "-o"; "out.data"; "--frames"; "1"; "--quiet" ]
                one |> succeeds))

        testCase "inspects LAMMPS's files" (fun () ->
            TestData.withFile "lammps/2025/general.data" (fun path ->
                let outcome = run (string (Path.GetDirectoryName path)) [ "inspect"; "general.data" ]
                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.stringContains outcome.Output "no shape" "the point"))
    ]
