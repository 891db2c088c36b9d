/// What the steady state must not do.
module AniSoap.Tests.AllocationTests

open System
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Golden

[<Tests>]
let tests =
    testList "allocation" [
        for case in [ "three-species-cluster"; "triclinic"; "spheres"; "monomial" ] do
            testCase $"nothing is allocated a pair or a centre of {case} in the steady state"
            <| fun () ->
                let frames, projection = load $"anisoap/{case}"
                let prepared = frames |> Array.map (fun frame -> PreparedFrame(projection, frame))
                let work = Workspace projection
                let sums = AlignedBuffer(SpectrumColumns.fullLength projection)

                let all () =
                    for frame in prepared do
                        for center in 0 .. frame.Frame.Particles.Length - 1 do
                            CenterKernel.findNeighbors frame.Search frame.Gaussians work center |> ignore
                            CenterKernel.expand frame.Gaussians work
                            CenterKernel.orthonormalize work
                            CenterKernel.addSpectrum work sums 0

                // Buffers grow and code is compiled the first time.
                all ()
                Expect.equal (Allocation.least all) 0L "bytes"

            testCase $"nothing is allocated a pair or a centre of {case} by forward derivatives in the steady state"
            <| fun () ->
                let frames, projection = load $"anisoap/{case}"
                let prepared = frames |> Array.map (fun frame -> PreparedFrame(projection, frame))
                let parameters = { Positions = true; Orientations = true; SemiAxes = false; Strain = true }
                let layout = RowLayout(projection, FeatureRows.SpectrumRows false)
                let size = SpectrumColumns.length OrderedPairs projection
                let work = ForwardWorkspace(layout, parameters)
                let sums = DerivativeSums(layout, size, parameters)

                let all () =
                    for frame in prepared do
                        sums.Begin frame.Frame.Particles.Length

                        for center in 0 .. frame.Frame.Particles.Length - 1 do
                            ForwardKernel.compute frame work center sums |> ignore

                all ()
                Expect.equal (Allocation.least all) 0L "bytes"
    ]
