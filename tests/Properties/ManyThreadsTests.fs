/// More threads than chunks of work that may be under way.
module AniSoap.Tests.ManyThreadsTests

open System
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
                    StreamRows.ofNumbered projection threads perParticle OrderedPairs (Seq.indexed frames)
                    |> sure

                let alone = run 1

                for threads in [ 129; 256; 512 ] do
                    Expect.equal (bits (run threads)) (bits alone) $"{threads} threads"
    ]
