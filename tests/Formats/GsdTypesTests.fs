/// Types of GSD files: their default, their names, and shapes that are not read.
module AniSoap.Tests.GsdTypesTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.GsdBytes

/// The frames of a file made here, and the warnings.
let private outcome options frames =
    let warnings = ResizeArray<string>()

    let results =
        withBytes "input.gsd" (file 2 frames) (fun path ->
            FrameFile.snapshotsWith { options with Warn = warnings.Add } path |> Seq.toList)

    results, List.ofSeq warnings

let private read options frames =
    let results, warnings = outcome options frames
    results |> List.map Golden.sure, warnings

let private errorOf options frames =
    outcome options frames
    |> fst
    |> List.tryPick (function
        | Error error -> Some(AniSoapError.describe error)
        | Ok _ -> None)
    |> Option.defaultWith (fun () -> failtest "reading succeeded")

let private withShape json =
    twoParticles
    |> replace (texts "particles/type_shapes" [ json; ellipsoid 1 2 3 ])

let private named names = twoParticles |> replace (texts "particles/types" names)
let private axes (snapshot: Snapshot) = [ for p in snapshot.Frame.Particles -> p.SemiAxes ]

let private throughGsd (snapshots: Snapshot list) =
    let mutable result = []

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "output.gsd")

        FrameFile.writeSnapshots FrameOutputOptions.replacing path (Seq.map Ok snapshots)
        |> Golden.sure
        |> ignore

        use stream = new FileStream(path, FileMode.Open)
        use opened = GsdFile.Open stream |> Golden.sure
        let frames = GsdFrames opened
        frames.MoveNext() |> Golden.sure |> ignore

        result <-
            match frames.Find "particles/types" with
            | ValueSome entry ->
                frames.Chunks.Strings entry
                |> Golden.sure
                |> Array.map Text.Encoding.UTF8.GetString
                |> Array.toList
            | ValueNone -> [])

    result

[<Tests>]
let tests =
    testList "GSD types" [
        test "a file without types has the one type A" {
            let one = twoParticles |> without "particles/types" |> without "particles/typeid"
            let frames, warnings = read InputOptions.defaults [ one ]
            Expect.equal (Map.toList frames.Head.SpeciesNames) [ 0, "A" ] "names"
            Expect.equal warnings [] "warnings"
            Expect.equal (throughGsd frames) [ "A" ] "written again"

            let ofGsd5 =
                FrameFile.snapshots (Path.Combine(Repository.root, "tests", "data", "peers", "one-type.gsd"))
                |> Seq.map Golden.sure
                |> Seq.toList

            Expect.equal (throughGsd ofGsd5) [ "A" ] "a file of gsd 5"
            let beyond = twoParticles |> without "particles/types"

            Expect.stringContains
                (errorOf InputOptions.defaults [ beyond ])
                "particles/typeid"
                "a second type has no name"
        }

        test "names of types that change are told only where a number stands for two of them" {
            let warningsOf options names =
                read options [ for names in names -> named names ] |> snd |> String.concat "\n"

            let plain = InputOptions.defaults
            let mapped = { plain with TypeMap = Map [ "A", 6; "B", 8; "C", 6 ] }
            Expect.equal (warningsOf plain [ [ "6"; "6_2" ]; [ "6"; "8"; "6_2" ] ]) "" "numbers"
            Expect.equal (warningsOf plain [ [ "A"; "B" ]; [ "A"; "B"; "C" ] ]) "" "more names"
            Expect.equal (warningsOf mapped [ [ "A"; "B" ]; [ "B"; "A" ]; [ "C"; "B" ] ]) "" "mapped"

            for names in
                [ [ [ "A"; "B" ]; [ "B"; "A" ] ]; [ [ "A"; "B" ]; [ "A"; "C" ] ]; [ [ "0"; "1" ]; [ "A"; "B" ] ] ] do
                Expect.stringContains (warningsOf plain names) "change between frames" $"{names}"
        }

        test "the types of a file are its names in all frames with their numbers" {
            withBytes "input.gsd" (file 2 [ named [ "C"; "O" ]; [ step 4UL ]; named [ "C"; "O"; "N" ] ]) (fun path ->
                Expect.equal (FrameFile.gsdTypes Map.empty path) (Ok [ "C", 0; "O", 1; "N", 2 ]) "names"
                Expect.equal (FrameFile.gsdTypes (Map [ "C", 6 ]) path) (Ok [ "C", 6; "O", 1; "N", 2 ]) "mapped")
        }

        test "kinds of shapes in other letters are read, with a warning" {
            let frames, warnings =
                read InputOptions.defaults [ withShape "{\"type\": \"ellipsoid\", \"a\": 1, \"b\": 2, \"c\": 4}" ]

            Expect.equal (axes frames.Head) [ Vector3.create 1 2 4; Vector3.create 1 2 3 ] "semi-axes"
            Expect.stringContains (String.concat " " warnings) "the type A is called ellipsoid" "warning"
            let frames, _ = read InputOptions.defaults [ withShape "{\"type\": \"SPHERE\", \"diameter\": 3}" ]
            Expect.equal (axes frames.Head).Head (Vector3.create 1.5 1.5 1.5) "sphere"
        }

        test "semi-axes of shapes that are no ellipsoids do not become points unless their type is named" {
            let faceted =
                withShape "{\"type\": \"FacetedEllipsoid\", \"a\": 1, \"b\": 2, \"c\": 4, \"normals\": []}"

            let nameless = withShape "{\"a\": 1, \"b\": 2, \"c\": 4}"
            let points = { InputOptions.defaults with PointSemiAxis = Some 0.5 }

            for frame in [ faceted; nameless ] do
                for options in [ InputOptions.defaults; points ] do
                    let sentence = errorOf options [ frame ]
                    Expect.stringContains sentence "frame 0, particle 0" "where"
                    Expect.stringContains sentence "type_shapes of the type A" "what"

                let named = { InputOptions.defaults with PointSemiAxisBySpecies = Map [ 0, 0.5 ] }
                let frames, warnings = read named [ frame ]
                Expect.equal (axes frames.Head).Head (Vector3.create 0.5 0.5 0.5) "a point"
                Expect.stringContains (String.concat " " warnings) "turned orientation" "warning"
                let given = { InputOptions.defaults with SemiAxesBySpecies = Map [ 0, Vector3.create 3 2 1 ] }
                Expect.equal (read given [ frame ] |> fst |> List.head |> axes).Head (Vector3.create 3 2 1) "given"
        }

        test "other kinds of shapes are told when they become points" {
            let union = withShape "{\"type\": \"SphereUnion\", \"diameters\": [1], \"centers\": [[0, 0, 0]]}"
            let frames, warnings = read { InputOptions.defaults with PointSemiAxis = Some 0.5 } [ union ]
            Expect.equal (axes frames.Head).Head (Vector3.create 0.5 0.5 0.5) "a point"
            let all = String.concat "\n" warnings
            Expect.stringContains all "SphereUnion" "the kind"
            Expect.stringContains all "input.gsd, frame 0: particle 0 has a turned orientation" "the particle"
        }

        test "a file of 20,000 types is read and written with all of them" {
            let count = 20000
            let names = [ for i in 0 .. count - 1 -> $"t{i}" ]

            let chunks = [
                singles "configuration/box" 1 [ 500.0; 500.0; 500.0; 0.0; 0.0; 0.0 ]
                words "particles/N" [ uint32 count ]
                texts "particles/types" names
                words "particles/typeid" [ for i in 0 .. count - 1 -> uint32 i ]
                singles "particles/position" 3 [ for i in 0 .. 3 * count - 1 -> float (i % 200) ]
                texts "particles/type_shapes" [
                    for i in 0 .. count - 1 -> $"{{\"type\": \"Sphere\", \"diameter\": {1 + i}}}"
                ]
            ]

            let frames, warnings = read InputOptions.defaults [ chunks; [ step 4UL ] ]
            Expect.equal warnings [] "warnings"
            Expect.equal frames.Length 2 "frames"
            Expect.equal frames[1].Frame.Particles[19999].Species 19999 "species"
            Expect.equal frames[1].Frame.Particles[19999].SemiAxes.X 10000.0 "shape"
            Expect.equal (throughGsd frames) names "names"
        }
    ]
