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
                let before = GC.GetAllocatedBytesForCurrentThread()
                all ()
                Expect.equal (GC.GetAllocatedBytesForCurrentThread() - before) 0L "bytes"
    ]
