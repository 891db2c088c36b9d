/// What one wants to do takes a dozen lines: from a file of frames to a file of features, and to a model of them.
module AniSoap.Tests.House.ProgramTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Learning
open AniSoap.Tests

/// File to file in memory: everything stays at hand.
let private features input (output: string) =
    let hypers = Hypers.gto 4 2 1.5 4.0 // max_angular, max_radial, width, cutoff radius
    let frames = FrameFile.readAll input |> Result.orFail
    let projection = Projection.ofFrames hypers frames |> Result.orFail
    let spectrum = PowerSpectrum.mean projection frames |> Result.orFail
    FeatureFile.write output spectrum |> Result.orFail
    spectrum

/// A linear model of a number a frame, here the order of the phase.
let private model input (spectrum: TensorMap) =
    let targets = [
        for frame in FrameFile.read input do
            (OrderParameters.ofPrincipalAxes (Result.orFail frame)).Value.Order
    ]

    let struct (rows, _) = Matrix.ofTensorMap spectrum |> Result.orFail
    let model = Ridge.fit Ridge.defaults rows (Matrix.ofColumn targets) |> Result.orFail
    Ridge.predict model rows |> Result.orFail, targets

/// File to file in the memory of a frame, any number of files: what the program does.
let private streamed inputs output =
    let hypers = Hypers.gto 4 2 1.5 4.0
    FeatureRun.meanSpectra FeatureRun.defaults hypers inputs output |> Result.orFail

[<Tests>]
let tests =
    testList "programs of a dozen lines" [
        testCase "from a file of frames to a file of features, and to a model of them"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let input = Repository.gayBerne "nematic"
                let output = Path.Combine(folder, "features.npz")
                let spectrum = features input output
                let read = FeatureFile.readMap output |> Result.orFail
                Expect.sequenceEqual (read[0].Values.ToArray()) (spectrum[0].Values.ToArray()) "what the file holds"
                let predicted, targets = model input spectrum
                Close.toLargest 1e-2 (predicted.Values.ToArray()) (List.toArray targets) "the model's numbers"

                let matrix = TensorMap.toMatrix spectrum |> Result.orFail
                Expect.equal matrix[1, 3] spectrum[0].[1, 3] "the matrix is the block"
                Expect.equal (Array2D.length1 matrix, Array2D.length2 matrix) (6, 45) "rows and columns")

        testCase "from files of frames to a file that says how it was made, streaming"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let output = Path.Combine(folder, "features.npz")
                let inputs = [ Repository.gayBerne "nematic"; Repository.gayBerne "smectic" ]
                let statistics = streamed inputs output
                Expect.equal statistics.Frames 12L "frames"
                Expect.equal (Hypers.load output |> Result.orFail) (Hypers.gto 4 2 1.5 4.0) "what the file says"
                let read = FeatureFile.readMap output |> Result.orFail
                Expect.equal read[0].Samples.Count 12 "rows")
    ]
