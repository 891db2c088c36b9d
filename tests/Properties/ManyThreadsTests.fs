/// More threads than chunks of work that may be under way.
module AniSoap.Tests.ManyThreadsTests

open System
open System.Threading
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Golden

let private bits (rows: float[][]) = rows |> Array.map (Array.map BitConverter.DoubleToInt64Bits)

[<Tests>]
let tests =
    testList "many threads" [
        for perParticle in [ false; true ] do
            testCase
                $"""129, 256 and 512 threads give one thread's bytes{if perParticle then ", a row a particle" else ""}"""
            <| fun () ->
                let frames, projection = load "anisoap/three-species-cluster"

                let run threads =
                    let rows = ResizeArray<float[]>()

                    SpectrumStream.run
                        projection
                        { Threads = threads; PerParticle = perParticle; Columns = OrderedPairs }
                        (frames |> Seq.mapi (fun system frame -> Ok(struct (system, frame))))
                        (SpectrumRowHandler(fun _ _ _ row -> rows.Add(row.ToArray())))
                        (SpectrumProgressHandler(fun _ _ _ -> ()))
                        CancellationToken.None
                    |> sure
                    |> ignore

                    rows.ToArray()

                let alone = run 1

                for threads in [ 129; 256; 512 ] do
                    Expect.equal (bits (run threads)) (bits alone) $"{threads} threads"
    ]
