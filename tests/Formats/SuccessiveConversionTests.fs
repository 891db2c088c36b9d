/// Frames that go from one format to the next and on.
module AniSoap.Tests.SuccessiveConversionTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

let private write path snapshots =
    match FrameFile.writeSnapshots FrameOutputOptions.replacing path (Seq.map Ok snapshots) with
    | Ok _ -> ()
    | Error error -> failtest (AniSoapError.describe error)

let private through folder (snapshot: Snapshot) (ending: string) =
    let path = Path.Combine(folder, "a" + ending)
    write path [ snapshot ]

    match FrameFile.snapshots path |> Seq.exactlyOne with
    | Ok read -> read
    | Error error -> failtest (AniSoapError.describe error)

let private bits (frame: Frame) =
    frame.Particles
    |> Seq.map (fun particle ->
        let q = particle.Orientation
        [ q.W; q.X; q.Y; q.Z ] |> List.map BitConverter.DoubleToInt64Bits)
    |> Seq.toList

[<Tests>]
let tests =
    testList "successive conversions" [
        propertyTimes 100 "unit quaternions keep every bit through all text formats, in any order"
        <| fun (SomeCluster frame) (seed: int) ->
            TestData.inFolder (fun folder ->
                let endings = [| ".extxyz"; ".dump"; ".data"; ".json"; ".lammpstrj"; ".xyz" |]
                Random(seed).Shuffle endings

                let last = Array.fold (through folder) (Snapshot.ofFrame frame) (Array.append endings endings)

                Expect.equal (bits last.Frame) (bits frame) (String.concat " " endings))

        testCase "c_q 0.6 0 0 0.8 stays as it was written"
        <| fun () ->
            let text = "1\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\nC 0 0 0 0.6 0 0 0.8 3 1 1\n"
            let frame = (framesOfText InputOptions.defaults text).Head

            match RawExtendedXyz.render ShapeColumns.Strict [] frame with
            | Ok written -> Expect.stringContains written " 0.6 0 0 0.8 " "row"
            | Error error -> failtest (AniSoapError.describe error)

        property "normalising twice is normalising once, and rounding is all that is left alone"
        <| fun (SomeRotation q) ->
            for scale in [ 1.0; 1.0 + 1e-12; 0.3; 1e-200; 1e200 ] do
                let scaled = Quaternion.create (q.W * scale) (q.X * scale) (q.Y * scale) (q.Z * scale)
                let once = Quaternion.tryNormalize scaled |> Result.defaultWith (fun _ -> failtest "once")
                let twice = Quaternion.tryNormalize once |> Result.defaultWith (fun _ -> failtest "twice")
                Expect.equal twice once $"scaled by {scale}"
                let norm = sqrt (once.W * once.W + once.X * once.X + once.Y * once.Y + once.Z * once.Z)
                Close.within 2e-15 1.0 [| norm |] [| 1.0 |] "norm"
    ]
