/// Reading GSD files: those of the format's own library, and small ones made here.
module AniSoap.Tests.GsdReaderTests

open System
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.GsdBytes

let private numbers (json: JsonElement) = [| for value in json.EnumerateArray() -> value.GetDouble() |]
let private rows (json: JsonElement) = [| for row in json.EnumerateArray() -> numbers row |]

let private frameOf (all: Frame list) (isSelection: bool) (json: JsonElement) i =
    if isSelection then
        all[json.GetProperty("step").GetInt32()]
    else
        all[i]

let private sameCell (cell: Cell) (box: float[]) dimensions =
    let expected =
        Matrix3.ofRows
            (Vector3.create box[0] 0.0 0.0)
            (Vector3.create (box[3] * box[1]) box[1] 0.0)
            (Vector3.create (box[4] * box[2]) (box[5] * box[2]) box[2])

    Expect.equal cell.Vectors expected "the box"
    Expect.equal cell.Periodicity { A = true; B = true; C = (dimensions = 3) } "the axes that repeat"

let private axesOf (shape: JsonElement) =
    let number (key: string) = shape.GetProperty(key).GetDouble()

    match shape.GetProperty("type").GetString() with
    | "Sphere" -> Vector3.create (number "diameter" / 2.0) (number "diameter" / 2.0) (number "diameter" / 2.0)
    | _ -> Vector3.create (number "a") (number "b") (number "c")

let private sameFrame (frame: Frame) (json: JsonElement) =
    sameCell frame.Cell (numbers (json.GetProperty "box")) (json.GetProperty("dimensions").GetInt32())
    let kinds = [| for id in json.GetProperty("typeid").EnumerateArray() -> id.GetInt32() |]
    let shapes = [| for shape in json.GetProperty("type_shapes").EnumerateArray() -> axesOf shape |]
    let positions, orientations = rows (json.GetProperty "position"), rows (json.GetProperty "orientation")
    Expect.equal frame.Particles.Length (json.GetProperty("N").GetInt32()) "the number of particles"

    for i in 0 .. frame.Particles.Length - 1 do
        let particle = frame.Particles[i]
        let q = orientations[i]
        let unit = Quaternion.tryNormalize (Quaternion.create q[0] q[1] q[2] q[3]) |> Golden.sure
        Expect.equal particle.Species kinds[i] $"species of particle {i}"
        Expect.equal (coordinates particle.Position) positions[i] $"position of particle {i}"
        Expect.equal particle.Orientation unit $"orientation of particle {i}"
        Expect.equal particle.SemiAxes shapes[kinds[i]] $"semi-axes of particle {i}"

let private golden name =
    test $"{name}.gsd of the format's own library is read to the last bit" {
        use document = JsonDocument.Parse(TestData.text $"gsd/{name}.json")
        let frames = [ for frame in document.RootElement.EnumerateArray() -> frame ]
        let isSelection = (name = "many-frames")

        TestData.withFile $"gsd/{name}.gsd" (fun path ->
            let all = framesOf InputOptions.defaults path
            Expect.equal all.Length (if isSelection then 200 else frames.Length) "the number of frames"

            frames
            |> List.iteri (fun i json -> sameFrame (frameOf all isSelection json i) json)

            let snapshots = FrameFile.snapshots path |> Seq.map Golden.sure |> Seq.toArray

            for i, json in List.indexed frames do
                let snapshot =
                    snapshots[if isSelection then
                                  json.GetProperty("step").GetInt32()
                              else
                                  i]

                Expect.equal snapshot.Step (Some(json.GetProperty("step").GetInt64())) "step"
                let names = [ for name in json.GetProperty("types").EnumerateArray() -> string (name.GetString()) ]
                Expect.equal [ for KeyValue(_, name) in snapshot.SpeciesNames -> name ] names "names of types")
    }

/// Orientations are normalised in a frame: the file's own numbers are those of the reference.
let private goldenOrientations name =
    test $"{name}.gsd: orientations are read as they are in the file" {
        use document = JsonDocument.Parse(TestData.text $"gsd/{name}.json")

        use file =
            new MemoryStream(TestData.bytes $"gsd/{name}.gsd")
            |> GsdFile.Open
            |> Golden.sure

        let frames = GsdFrames file
        let byStep = Collections.Generic.Dictionary<int64, float[]>()

        while frames.MoveNext() = Ok true do
            let step = frames.Integer("configuration/step", 0L, 1000L) |> Golden.sure

            byStep[ValueOption.defaultValue 0L step] <-
                match frames.FindOfParticles("particles/orientation", 4) |> Golden.sure with
                | ValueSome entry -> frames.Chunks.Reals entry
                | ValueNone -> Array.replicate frames.Count [| 1.0; 0.0; 0.0; 0.0 |] |> Array.concat

        for json in document.RootElement.EnumerateArray() do
            let expected = rows (json.GetProperty "orientation") |> Array.concat
            Expect.equal byStep[json.GetProperty("step").GetInt64()] expected "orientations"
    }

let private read options frames = withBytes "input.gsd" (file 2 frames) (framesOf options)

let private errorOf options bytes =
    withBytes "input.gsd" bytes (fun path ->
        FrameFile.readWith options path
        |> Seq.tryPick (function
            | Error error -> Some(AniSoapError.describe error)
            | Ok _ -> None)
        |> Option.defaultWith (fun () -> failtest "reading succeeded"))

let private particlesOf (frame: Frame) = [
    for p in frame.Particles -> p.Species, p.Position, p.Orientation, p.SemiAxes
]

/// The same numbers in another scalar type.
let private values kind (all: int list) =
    let bytes (value: int) =
        match kind with
        | 1
        | 5
        | 11 -> [| byte value |]
        | 2 -> BitConverter.GetBytes(uint16 value)
        | 3 -> BitConverter.GetBytes(uint32 value)
        | 4 -> BitConverter.GetBytes(uint64 value)
        | 6 -> BitConverter.GetBytes(int16 value)
        | 7 -> BitConverter.GetBytes(int32 value)
        | 8 -> BitConverter.GetBytes(int64 value)
        | 9 -> BitConverter.GetBytes(float32 value)
        | _ -> BitConverter.GetBytes(float value)

    all |> List.map bytes |> Array.concat

[<Tests>]
let tests =
    testList "GSD reader" [
        golden "ellipsoids"
        golden "defaults"
        golden "many-frames"
        golden "two-dimensional"
        goldenOrientations "ellipsoids"
        goldenOrientations "defaults"
        goldenOrientations "many-frames"
        goldenOrientations "two-dimensional"

        test "files of version 1 and 2 of the container hold the same" {
            let frames = [ twoParticles; [ step 4UL; singles "particles/position" 3 [ 1; 1; 1; 2; 2; 2 ] ] ]
            let of' major = withBytes "input.gsd" (file major frames) (framesOf InputOptions.defaults)
            Expect.equal (of' 1 |> List.map particlesOf) (of' 2 |> List.map particlesOf) "particles"
            Expect.equal (of' 1).Length 2 "frames"
        }

        test "every scalar type is read as the number that it holds" {
            for kind in 1..11 do
                let ids =
                    if kind = 9 || kind = 10 then
                        words "particles/typeid" [ 0u; 1u ]
                    else
                        chunk "particles/typeid" kind 2 1 (values kind [ 0; 1 ])

                let positions = chunk "particles/position" kind 2 3 (values kind [ 1; 2; 3; 4; 5; 100 ])

                let frame =
                    read InputOptions.defaults [ twoParticles |> replace ids |> replace positions ]
                    |> List.head

                Expect.equal
                    [ for p in frame.Particles -> p.Species, coordinates p.Position ]
                    [ 0, [| 1.0; 2.0; 3.0 |]; 1, [| 4.0; 5.0; 100.0 |] ]
                    $"type {kind}"
        }

        test "what a frame lacks is that of frame 0 where it has as many particles, else the default" {
            let frames =
                read InputOptions.defaults [
                    twoParticles
                    [ step 1UL ]
                    [ words "particles/N" [ 1u ]; singles "particles/position" 3 [ 2; 2; 2 ] ]
                    [ words "particles/N" [ 2u ]; singles "particles/orientation" 4 [ 0; 1; 0; 0; 0; 0; 1; 0 ] ]
                    []
                    [ step 5UL ]
                ]

            let first = particlesOf frames[0]
            Expect.equal (particlesOf frames[1]) first "nothing given"
            let axes = Vector3.create 0.5 0.5 1.5
            Expect.equal (particlesOf frames[2]) [ 0, Vector3.create 2 2 2, Quaternion.identity, axes ] "another number"

            Expect.equal
                (frames[3].Particles |> Seq.map _.Position |> Seq.toList)
                (first |> List.map (fun (_, position, _, _) -> position))
                "positions of frame 0"

            Expect.equal frames[3].Particles[0].Orientation (Quaternion.create 0 1 0 0) "own orientations"
            Expect.equal frames.Length 6 "frames, one of them without any chunk"
            Expect.equal (particlesOf frames[4]) first "a frame without any chunk"
        }

        test "an empty frame is a frame" {
            let frame = read InputOptions.defaults [ [ step 1UL ] ] |> List.head
            Expect.equal frame.Particles.Length 0 "particles"
            Expect.equal frame.Cell.Vectors Matrix3.identity "the schema's default box"
        }

        test "shapes that are no ellipsoids and no spheres are no shapes" {
            let polyhedron = "{\"type\": \"ConvexPolyhedron\", \"vertices\": [[1, 0, 0]]}"
            let chunks = twoParticles |> replace (texts "particles/type_shapes" [ polyhedron ])
            let sentence = errorOf InputOptions.defaults (file 2 [ chunks ])
            Expect.stringContains sentence "frame 0, particle 0: the shape is missing" "the particle is named"
            let frame = read spheres [ chunks ] |> List.head
            Expect.isTrue (frame.Particles |> Seq.forall (fun p -> p.IsSphere && p.SemiAxes.X = 0.5)) "points"
        }

        test "the shapes of HOOMD-blue 2's state are used where there are no others" {
            let state = [
                singles "state/hpmc/ellipsoid/a" 1 [ 0.5; 1 ]
                singles "state/hpmc/ellipsoid/b" 1 [ 0.75; 2 ]
                singles "state/hpmc/ellipsoid/c" 1 [ 1.5; 3 ]
            ]

            let axes chunks = [ for p in (read InputOptions.defaults [ chunks ] |> List.head).Particles -> p.SemiAxes ]
            let fromState = [ Vector3.create 0.5 0.75 1.5; Vector3.create 1 2 3 ]
            Expect.equal (axes ((twoParticles |> without "particles/type_shapes") @ state)) fromState "state alone"
            let first = texts "particles/type_shapes" [ ellipsoid 4 5 6 ]
            Expect.equal (axes ((twoParticles |> replace first) @ state)) [ Vector3.create 4 5 6; fromState[1] ] "both"
        }

        test "particles of types without a shape are spheres of their diameters, with a warning" {
            let chunks =
                (twoParticles
                 |> replace (texts "particles/type_shapes" [ ellipsoid 1 2 3; "{}" ]))
                @ [ singles "particles/diameter" 1 [ 1.5; 0.5 ] ]

            withBytes "input.gsd" (file 2 [ chunks ]) (fun path ->
                let warnings = ResizeArray<string>()

                let frame =
                    FrameFile.readWith { InputOptions.defaults with Warn = warnings.Add } path
                    |> Seq.head
                    |> Golden.sure

                Expect.equal frame.Particles[0].SemiAxes (Vector3.create 1 2 3) "a shape"
                Expect.equal frame.Particles[1].SemiAxes (Vector3.create 0.25 0.25 0.25) "a diameter"
                Expect.equal warnings.Count 1 "warnings")
        }

        test "a, b, c are semi-axes unless an option says diameters; a sphere's diameter is one" {
            let options = { InputOptions.defaults with ShapeAs = Some ShapeMeasure.Diameter }
            let frame = read options [ twoParticles ] |> List.head
            Expect.equal frame.Particles[0].SemiAxes (Vector3.create 0.25 0.25 0.75) "ellipsoid"
            Expect.equal frame.Particles[1].SemiAxes (Vector3.create 1 1 1) "sphere"
        }

        test "species are the types' numbers, the numbers that all names spell, or those of the type map" {
            let species options names = [
                for p in
                    (read options [ twoParticles |> replace (texts "particles/types" names) ]
                     |> List.head)
                        .Particles -> p.Species
            ]

            let mapped pairs = { InputOptions.defaults with TypeMap = Map pairs }
            Expect.equal (species InputOptions.defaults [ "C"; "B" ]) [ 0; 1 ] "letters are no symbols"
            Expect.equal (species InputOptions.defaults [ "8"; "8_2" ]) [ 8; 8 ] "numbers, with a second shape"
            Expect.equal (species InputOptions.defaults [ "8"; "B" ]) [ 0; 1 ] "not all of them numbers"
            Expect.equal (species (mapped [ "C", 6; "B", 5 ]) [ "C"; "B" ]) [ 6; 5 ] "mapped"
            Expect.equal (species (mapped [ "C", 6 ]) [ "C"; "B" ]) [ 6; 1 ] "partly mapped"

            let clash = errorOf (mapped [ "A", 1 ]) (file 2 [ twoParticles ])

            Expect.stringContains clash "type B" "a number that is another type's"
        }

        test "the species are found without reading anything else" {
            let chunks = twoParticles |> without "particles/type_shapes"

            withBytes "input.gsd" (file 2 [ chunks; [ step 4UL; words "particles/typeid" [ 1u; 1u ] ] ]) (fun path ->
                let species = FrameFile.survey InputOptions.defaults [ path ]
                Expect.equal species (Ok([| 0; 1 |], 2)) "species and frames")
        }

        test "the last frames are found by a count" {
            TestData.withFile "gsd/many-frames.gsd" (fun path ->
                Expect.equal (FrameTrajectory.count InputOptions.defaults [ path ]) (Ok 200) "frames")
        }

        test "compressed files, pipes and other schemas are refused with what is accepted" {
            let packed = gzip (file 2 [ twoParticles ])
            Expect.stringContains (errorOf InputOptions.defaults packed) "unpack it first" "gzip"

            match GsdReader.OpenPath(InputOptions.defaults, silent, "-") with
            | Ok _ -> failtest "standard input was accepted"
            | Error error -> Expect.stringContains (AniSoapError.describe error) "the name of a file" "a pipe"

            let other = file 2 [ twoParticles ]
            Array.blit "gromacs"B 0 other 112 7
            Expect.stringContains (errorOf InputOptions.defaults other) "gromacs" "schema"
        }

        test "a count that lies is an error that names the chunk" {
            let wrong c expected =
                let sentence = errorOf InputOptions.defaults (file 2 [ twoParticles |> replace c ])
                Expect.stringContains sentence expected "what"
                Expect.stringContains sentence "frame 0" "where"

            wrong (words "particles/N" [ 3u ]) "particles"
            wrong (words "particles/N" [ UInt32.MaxValue ]) "particles/N"
            wrong (words "particles/N" [ 2u; 2u ]) "particles/N"
            wrong (words "particles/typeid" [ 0u; 2u ]) "particles/typeid"
            wrong (singles "particles/position" 2 [ 1; 2; 3; 4 ]) "particles/position"
            wrong (singles "particles/orientation" 4 [ 1; 0; 0; 0 ]) "particles/orientation"
            wrong (singles "particles/orientation" 4 [ 0; 0; 0; 0; 0; 0; 0; 0 ]) "quaternion"
            wrong (singles "particles/position" 3 [ nan; 0; 0; 0; 0; 0 ]) "position"
            wrong (singles "configuration/box" 1 [ 5; 5; 5 ]) "configuration/box"
            wrong (singles "configuration/box" 1 [ 5; 5; 0; 0; 0; 0 ]) "cell"
            wrong (singles "configuration/box" 1 [ 5; -5; 5; 0; 0; 0 ]) "configuration/box"
            wrong (octet "configuration/dimensions" 4) "configuration/dimensions"

            wrong
                (texts "particles/type_shapes" [ "{\"type\": \"Ellipsoid\", \"a\": 1}" ])
                "b in particles/type_shapes of the type A"

            wrong (texts "particles/type_shapes" [ "{}"; "{" ]) "particles/type_shapes of the type B"
            wrong (texts "particles/type_shapes" [ "{\"type\": \"Sphere\", \"diameter\": \"1\"}" ]) "diameter"
            wrong (texts "particles/type_shapes" [ String('[', 1000) ]) "particles/type_shapes"
        }

        test "particles without any data behind them fill no memory" {
            let chunks = [ step 1UL; words "particles/N" [ 2_000_000_000u ] ]
            Expect.stringContains (errorOf spheres (file 2 [ chunks ])) "2000000000 particles without positions" "error"
        }
    ]
