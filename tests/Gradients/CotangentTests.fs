/// Derivatives by features that mean nothing are errors by name, not forces that are NaN or another particle's.
module AniSoap.Tests.CotangentTests

open System
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Golden
open AniSoap.Tests.Tensors

let private frames, private projection = load "anisoap/three-species-cluster"
let private frame = frames[0]
let private options = RunOptions.defaults

let private strays = [ nan; infinity; -infinity ]

let private with' (stray: float) at (values: float[]) =
    let copy = Array.copy values
    copy[at] <- stray
    copy

/// A map with other values, samples or properties in its block at a place.
let private changed place (change: TensorBlock -> TensorBlock) (map: TensorMap) =
    let blocks =
        map.Blocks
        |> Seq.mapi (fun i block -> if i = place then change block else block)

    TensorMap.create map.Keys (Seq.toList blocks) |> ok

[<Tests>]
let tests =
    testList "derivatives by features" [
        testCase "that are no numbers are refused with the feature, of means and of particles"
        <| fun () ->
            let size = SpectrumColumns.length OrderedPairs projection
            let means = Array.create (size * projection.Species.Length) 1.0
            let particles = Array.create (size * frame.Particles.Length) 1.0

            for stray in strays do
                let pull cotangent = Features.pullback options OrderedPairs [] projection frame cotangent |> sentence
                let found = pull (OfMean(ReadOnlyMemory(with' stray 5 means)))
                Expect.stringContains found "derivative by feature 5" "mean"
                let found = pull (OfParticles(ReadOnlyMemory(with' stray (2 * size + 7) particles)))
                Expect.stringContains found "particle 2: derivative by feature 7" "particles"

        testCase "that a function of each particle makes are refused with the first particle, whatever the threads"
        <| fun () ->
            for threads in [ 1; 2; 5 ] do
                let fill =
                    SpectrumCotangentHandler(fun particle _ row ->
                        row.Fill 1.0

                        if particle >= 3 then
                            row[4] <- nan)

                Features.pullback
                    { options with Threads = threads }
                    OrderedPairs
                    []
                    projection
                    frame
                    (OfEachParticle fill)
                |> sentence
                |> fun text -> Expect.stringContains text "particle 3: derivative by feature 4" $"{threads} threads"

        testCase "by coefficients are refused when no numbers, or of other atoms or columns"
        <| fun () ->
            let c = Expansion.coefficients projection [ frame ] |> ok
            let pull map = Features.pullbackCoefficients options RadialForm.Orthonormal [] projection frame map

            for stray in strays do
                let map =
                    c
                    |> changed 1 (fun block ->
                        TensorBlock.create
                            block.Samples
                            (List.ofSeq block.Components)
                            block.Properties
                            (with' stray 0 (block.Values.ToArray()))
                        |> ok)

                Expect.stringContains (sentence (pull map)) "derivatives by coefficients of l = 0" "number"

            let withLabels samples properties =
                c
                |> changed 0 (fun block ->
                    TensorBlock.create
                        (samples block.Samples)
                        (List.ofSeq block.Components)
                        (properties block.Properties)
                        (block.Values.ToArray())
                    |> ok)

            let backwards (labels: Labels) = Labels.take [ labels.Count - 1 .. -1 .. 0 ] labels |> ok

            let shifted (labels: Labels) =
                Tensors.labels (List.ofSeq labels.Names) [ for row in labels -> [ row[0]; row[1] + 1 ] ]

            Expect.stringContains (sentence (pull (withLabels shifted id))) "atoms" "other atoms"
            Expect.stringContains (sentence (pull (withLabels id backwards))) "properties" "columns in another order"

            Expect.isOk
                (pull (
                    Expansion.coefficientsWith (Systems.numbered [ 7 ]) RadialForm.Orthonormal projection [ frame ]
                    |> ok
                ))
                "another number of the system"
    ]
