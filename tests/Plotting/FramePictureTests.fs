module AniSoap.Tests.Plotting.FramePictureTests

open System
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting
open AniSoap.Tests
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Plotting.FigureData

let private meshes chart = traces chart |> List.filter (fun trace -> text "type" trace = "mesh3d")

let private mixed =
    let place k = Vector3.create (float k) 0.0 0.0

    Frame.create Cell.none [
        Ellipsoid.create 1 (place 0) Quaternion.identity (Vector3.create 2.0 0.5 0.5)
        |> sure
        Ellipsoid.create 8 (place 1) Quaternion.identity (Vector3.create 2.0 2.0 0.5)
        |> sure
        Ellipsoid.sphere 8 (place 2) 0.5 |> sure
    ]

[<Tests>]
let tests =
    testList "pictures of frames" [
        property "wrap particles into the cell by whole cell vectors"
        <| fun (SomeFrame frame) ->
            let toFraction = Matrix3.inverse (Matrix3.transpose frame.Cell.Basis)
            let p = frame.Cell.Periodicity

            for particle in frame.Particles do
                let before = toFraction * particle.Position
                let after = toFraction * FramePicture.wrapped frame.Cell particle.Position

                for repeats, before, after in [ p.A, before.X, after.X; p.B, before.Y, after.Y; p.C, before.Z, after.Z ] do
                    if repeats then
                        Expect.isTrue (after >= -1e-12 && after < 1.0 + 1e-12) $"within the cell: {after}"
                        Close.within 1e-12 1.0 [| after - before |] [| round (after - before) |] "whole vectors"
                    else
                        Close.within 1e-12 1.0 [| after |] [| before |] "unchanged"

        testCase "by orientation show angles whose P₂ has the order parameter as its mean"
        <| fun () ->
            for phase in [ "isotropic"; "nematic"; "smectic" ] do
                let frame = FrameFile.read (Repository.gayBerne phase) |> Seq.head |> sure

                let order = (OrderParameters.ofFrame BodyAxis.X frame).Value.Order
                let angles = FramePicture.angles frame

                let mean =
                    angles
                    |> Array.averageBy (fun angle -> 1.5 * (cos (Math.PI / 180.0 * angle) ** 2.0) - 0.5)

                Close.within 1e-12 1.0 [| mean |] [| order |] phase
                Expect.all angles (fun angle -> angle >= 0.0 && angle <= 90.0) "from 0 to 90 degrees"

        testCase "by orientation take a rod's and a disc's own axis and leave spheres grey"
        <| fun () ->
            let chart = FramePicture.create FramePicture.defaults mixed |> sure
            let coloured, grey = meshes chart |> List.partition (fun mesh -> (tryGet "intensity" mesh).IsSome)
            Expect.equal (coloured.Length, grey.Length) (1, 1) "two meshes"
            Expect.equal (numbers "customdata" grey.Head |> Array.distinct) [| 2.0 |] "the sphere"
            // x of the rod and z of the disc: the director is one of them, the other is at 90 degrees.
            let angles = numbers "intensity" coloured.Head |> Array.distinct |> Array.sort
            Close.within 1e-5 90.0 angles [| 0.0; 90.0 |] "angles"

        testCase "by species have a mesh and a name in the legend for each"
        <| fun () ->
            let chart =
                FramePicture.create { FramePicture.defaults with Colouring = BySpecies } mixed
                |> sure

            Expect.equal (meshes chart |> List.map (text "name")) [ "species 1"; "species 8" ] "names"

            Expect.equal
                (meshes chart
                 |> List.map (fun mesh -> numbers "customdata" mesh |> Array.distinct))
                [ [| 0.0 |]; [| 1.0; 2.0 |] ]
                "particles"

        testCase "by value give every vertex its particle's value"
        <| fun () ->
            let style = { FramePicture.defaults with Colouring = ByValue("charge / e", [ 0.5; -1.0; 2.0 ]) }
            let mesh = FramePicture.create style mixed |> sure |> meshes |> List.exactlyOne

            Array.zip (numbers "customdata" mesh) (numbers "intensity" mesh)
            |> Array.distinct
            |> fun pairs -> Expect.equal pairs [| 0.0, 0.5; 1.0, -1.0; 2.0, 2.0 |] "values"

        testCase "refuse values that are not one for each particle, and a frame without particles"
        <| fun () ->
            let style = { FramePicture.defaults with Colouring = ByValue("charge", [ 0.5 ]) }
            Expect.isError (FramePicture.create style mixed) "one value for three"
            Expect.isError (FramePicture.create FramePicture.defaults (Frame.create Cell.none [])) "no particles"

        testCase "of several frames hold what each is made of, within the same axes"
        <| fun () ->
            let frames =
                FrameFile.read (Repository.gayBerne "nematic")
                |> Seq.map sure
                |> Seq.truncate 3
                |> Seq.toList

            let chart =
                FramePicture.series FramePicture.defaults [ for k, frame in List.indexed frames -> $"frame {k}", frame ]
                |> sure

            // Outside of a page it is the picture of the first.
            let first = FramePicture.create FramePicture.defaults frames[0] |> sure
            Expect.equal (numbers "x" (meshes chart).Head) (numbers "x" (meshes first).Head) "the first frame"

            use page = Text.Json.JsonDocument.Parse(chart.PageJson())
            let shown = FigureData.frames page.RootElement
            let single (value: float) = float (float32 value)

            for frame, shown in List.zip frames shown do
                Expect.equal
                    (numbers "turns" shown)
                    [|
                        for particle in frame.Particles do
                            let q = particle.Orientation
                            single q.W
                            single q.X
                            single q.Y
                            single q.Z
                    |]
                    "turns"

                Expect.equal (numbers "values" shown) (FramePicture.angles frame |> Array.map single) "angles"

            let scene = figure chart |> get "layout" |> get "scene"

            for axis, name in [ 0, "xaxis"; 1, "yaxis"; 2, "zaxis" ] do
                let low, high =
                    match [ for bound in (scene |> get name |> get "range").EnumerateArray() -> bound.GetDouble() ] with
                    | [ low; high ] -> low, high
                    | _ -> failtest "two bounds"

                for shown in shown do
                    for k, value in Array.indexed (numbers "centers" shown) do
                        if k % 3 = axis then
                            Expect.isTrue (low < value && value < high) "within"

        testCase "have equal scales on all axes, and the cell's twelve edges"
        <| fun () ->
            let frame = FrameFile.read (Repository.gayBerne "nematic") |> Seq.head |> sure

            let chart = FramePicture.create FramePicture.defaults frame |> sure
            let scene = figure chart |> get "layout" |> get "scene"
            Expect.equal (text "aspectmode" scene) "data" "aspect"
            let edges = traces chart |> List.find (fun trace -> text "type" trace = "scatter3d")
            let x = [ for value in (get "x" edges).EnumerateArray() -> value.ValueKind = Text.Json.JsonValueKind.Null ]
            Expect.equal (x |> List.filter id |> List.length) 12 "gaps after twelve lines"
    ]
