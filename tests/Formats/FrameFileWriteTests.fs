/// Frames into files and out of them by the shortest way, and as one trajectory of several files.
module AniSoap.Tests.FrameFileWriteTests

open System.IO
open Expecto
open AniSoap

let private frame x =
    Frame.create Cell.none [ Ellipsoid.sphere 1 (Vector3.create x 0.0 0.0) 0.5 |> Result.orFail ]

let private positions (frames: Frame seq) = [ for frame in frames -> frame.Particles[0].Position.X ]

[<Tests>]
let tests =
    testList "frame file" [
        testCase "frames that are written are read again, by every ending that needs no cell"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for ending in [ ".extxyz"; ".extxyz.gz"; ".dump"; ".gsd"; ".json" ] do
                    let path = Path.Combine(folder, "a" + ending)
                    Expect.equal (FrameFile.write path [ frame 1.0; frame 2.0 ]) (Ok 2) ending
                    Expect.equal (FrameFile.readAll path |> Result.orFail |> positions) [ 1.0; 2.0 ] ending)

        testCase "a file that exists is replaced only where that is asked for"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.extxyz")
                FrameFile.write path [ frame 1.0 ] |> Result.orFail |> ignore
                Expect.isError (FrameFile.write path [ frame 2.0 ]) "not asked for"
                Expect.equal (FrameFile.readAll path |> Result.orFail |> positions) [ 1.0 ] "still the first"

                FrameFile.writeWith FrameOutputOptions.replacing path [ frame 2.0 ]
                |> Result.orFail
                |> ignore

                Expect.equal (FrameFile.readAll path |> Result.orFail |> positions) [ 2.0 ] "replaced")

        testCase "a frame of several files tells its number in all and in its own"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path name = Path.Combine(folder, name)

                FrameFile.write (path "a.extxyz") [ frame 1.0; frame 2.0 ]
                |> Result.orFail
                |> ignore

                FrameFile.write (path "b.extxyz") [ frame 3.0; frame 4.0 ]
                |> Result.orFail
                |> ignore

                let options = { InputOptions.defaults with Selection = FrameSelection.parse "1:" |> Result.orFail }

                let found = [
                    for read in FrameFile.readNumbered options [ path "a.extxyz"; path "b.extxyz" ] do
                        let read = Result.orFail read

                        read.Number,
                        string (Path.GetFileName read.Path),
                        read.NumberInFile,
                        read.Value.Particles[0].Position.X
                ]

                Expect.equal
                    found
                    [ 1, "a.extxyz", 1, 2.0; 2, "b.extxyz", 0, 3.0; 3, "b.extxyz", 1, 4.0 ]
                    "numbers run on")
    ]
