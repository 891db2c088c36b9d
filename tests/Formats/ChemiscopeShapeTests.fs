/// Which shapes of a chemiscope file its particles have, and what becomes of those that are no ellipsoids.
module AniSoap.Tests.ChemiscopeShapeTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport

let private file shapes more =
    """{"meta": {"name": "x"}, "structures": [{"size": 2, "names": ["H", "O"], "x": [0, 2], "y": [0, 0], "z": [0, 0]},
 {"size": 1, "names": ["H"], "x": [0], "y": [0], "z": [0]}], "shapes": """
    + shapes
    + more
    + "}"

let private points = { InputOptions.defaults with PointSemiAxis = Some 0.5 }

/// The semi-axes of all particles and the warnings, or the error.
let private read options text =
    let warnings = ResizeArray<string>()

    withText "input.json" text (fun path ->
        let frames = FrameFile.readWith { options with Warn = warnings.Add } path |> Seq.toList

        let failure =
            frames
            |> List.tryPick (function
                | Error error -> Some(AniSoapError.describe error)
                | Ok _ -> None)

        match failure with
        | Some sentence -> Error sentence
        | None ->
            Ok(
                [
                    for frame in frames do
                        for particle in (Golden.sure frame).Particles ->
                            particle.SemiAxes.X, particle.SemiAxes.Y, particle.SemiAxes.Z
                ],
                List.ofSeq warnings
            ))

let private axes options text = read options text |> Result.map fst

let private refuses (parts: string list) options text =
    match read options text with
    | Ok found -> failtest $"reading succeeded: {found}"
    | Error sentence ->
        for part in parts do
            Expect.stringContains sentence part "what is wrong"

let private ellipsoids name (a: float) =
    $"\"{name}\": {{\"kind\": \"ellipsoid\", \"parameters\": {{\"global\": {{\"semiaxes\": [{a}, 1, 1]}}}}}}"

let private two = "{" + ellipsoids "small" 2.0 + ", " + ellipsoids "e" 3.0 + "}"
let private all a = Ok(List.replicate 3 (a, 1.0, 1.0))

[<Tests>]
let tests =
    testList "chemiscope: shapes" [
        test "of several sets of ellipsoids the one that the settings show is taken" {
            for settings, expected in
                [
                    "", 2.0
                    ", \"settings\": {\"structure\": [{\"shape\": \"e\"}]}", 3.0
                    ", \"settings\": {\"structure\": [{\"shape\": \"small\"}, {\"shape\": \"e\"}]}", 2.0
                    ", \"settings\": {\"structure\": {\"shape\": \"e\"}}", 3.0
                    ", \"settings\": {\"structure\": [{\"shape\": \"none, e\"}]}", 3.0
                    ", \"settings\": {\"structure\": [{\"shape\": \"small,e\"}]}", 2.0
                    ", \"settings\": {\"structure\": [{\"shape\": \"\"}]}", 2.0
                    ", \"settings\": {\"structure\": []}", 2.0
                ] do
                Expect.equal (axes InputOptions.defaults (file two settings)) (all expected) settings
        }

        test "the sets that are not taken are told with the option that names one" {
            match read InputOptions.defaults (file two "") with
            | Ok(_, [ warning ]) ->
                Expect.stringContains warning "those called small; not used: e" "which"
                Expect.stringContains warning "--shape-key" "the remedy"
            | other -> failtest $"{other}"
        }

        test "a shape's name chooses it, whatever the settings show" {
            let named name = { points with ShapeKey = Some name }
            let text = file two ", \"settings\": {\"structure\": [{\"shape\": \"small\"}]}"
            Expect.equal (read (named "e") text) (Ok(List.replicate 3 (3.0, 1.0, 1.0), [])) "chosen, without a warning"
            refuses [ "shape = none"; "small (ellipsoid), e (ellipsoid)" ] (named "none") text
            refuses [ "the file has no shapes" ] (named "e") (file "{}" "")
        }

        test "the ellipsoids inside a combined shape are taken" {
            let combined kind =
                file
                    ("{\"m\": {\"kind\": \"combined\", \"shapes\": [{\"kind\": \""
                     + kind
                     + "\", \"parameters\": {\"global\": {\"vector\": [1, 0, 0]}}}, "
                     + "{\"kind\": \"ellipsoid\", \"parameters\": {\"global\": {\"semiaxes\": [3, 1, 1]}}}]}}")
                    ""

            for kind in [ "cylinders"; "arrow"; "custom" ] do
                Expect.equal (axes points (combined kind)) (all 3.0) kind
        }

        test "shapes that are no ellipsoids are refused by name, points' diameter or not" {
            for shape, words in
                [
                    "{\"mesh\": {\"kind\": \"custom\", \"parameters\": {}}}", [ "mesh"; "custom"; "ellipsoid" ]
                    "{\"m\": {\"kind\": \"combined\", \"shapes\": [{\"kind\": \"custom\"}]}}",
                    [ "m (combined of custom)" ]
                    "{\"m\": {\"kind\": \"combined\", \"shapes\": []}}", [ "m (combined of nothing)" ]
                    "{\"b\": {\"kind\": \"box\", \"parameters\": {}}}", [ "b (box)" ]
                    "{\"b\": {\"kind\": \"Ellipsoid\", \"parameters\": {}}}", [ "b (Ellipsoid)" ]
                    "{\"b\": {\"parameters\": {}}}", [ "b (no kind)" ]
                    "{\"e\": {\"kind\": \"ellipsoid\"}}", [ "the shape e without parameters" ]
                    "{\"e\": {\"kind\": \"ellipsoid\", \"parameters\": {\"atom\": [{\"axes\": [1, 2, 3]}, {}, {}]}}}",
                    [ "frame 0, particle 0"; "axes without semiaxes in the shape e" ]
                    "{\"e\": {\"kind\": \"ellipsoid\", \"parameters\": {\"atom\": [{\"semiaxes\": [1, 2, 3]}]}}}",
                    [ "1 atoms in the shape e"; "all 3" ]
                    "{\"e\": {\"kind\": \"ellipsoid\", \"parameters\": {\"structure\": [{\"semiaxes\": [1, 2, 3]}]}}}",
                    [ "1 structures in the shape e"; "all 2" ]
                ] do
                refuses ("input.json" :: words) points (file shape "")
                refuses ("input.json" :: words) InputOptions.defaults (file shape "")
        }

        test "shapes that are given stand for those that are not understood" {
            let given = { InputOptions.defaults with SemiAxes = Some(Vector3.create 3.0 1.0 1.0) }
            Expect.equal (axes given (file "{\"mesh\": {\"kind\": \"custom\"}}" "")) (all 3.0) "given"
        }

        test "arrows and cylinders are ornaments, and their particles points" {
            for kind in [ "arrow"; "cylinder" ] do
                match
                    read
                        points
                        (file ("{\"dipoles\": {\"kind\": \"" + kind + "\", \"parameters\": {\"global\": {}}}}") "")
                with
                | Ok(found, [ warning ]) ->
                    Expect.equal found (List.replicate 3 (0.5, 0.5, 0.5)) "points"
                    Expect.stringContains warning "dipoles" "which are not used"
                | other -> failtest $"{other}"
        }

        test "a particle without parameters among others is a point" {
            let text =
                file
                    "{\"e\": {\"kind\": \"ellipsoid\", \"parameters\": {\"atom\": [{\"semiaxes\": [3, 1, 1]}, {}, {\"color\": \"red\"}]}}}"
                    ""

            Expect.equal (axes points text) (Ok [ 3.0, 1.0, 1.0; 0.5, 0.5, 0.5; 0.5, 0.5, 0.5 ]) "points"

            refuses [ "particle 1"; "the shape is missing" ] InputOptions.defaults text
        }

        test "the peers' files with several and with combined shapes give the ellipsoids that are meant" {
            for name, expected in [ "two-sets.json", (1.5, 0.5, 0.25); "combined.json", (1.25, 0.5, 0.25) ] do
                let path = Path.Combine(Repository.root, "tests", "data", "peers", name)

                for frame in framesOf points path do
                    for particle in frame.Particles do
                        Expect.equal (particle.SemiAxes.X, particle.SemiAxes.Y, particle.SemiAxes.Z) expected name
        }
    ]
