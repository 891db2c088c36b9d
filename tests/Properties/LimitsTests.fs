/// What a run may cost, and what is said of requests beyond.
module AniSoap.Tests.LimitsTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private at x y z = Ellipsoid.sphere 1 (Vector3.create x y z) 0.5 |> sure

/// Particles on a lattice of spacing one in a periodic box of 11.
let private box =
    let cell size =
        Cell.create (Vector3.create size 0.0 0.0) (Vector3.create 0.0 size 0.0) (Vector3.create 0.0 0.0 size) {
            A = true
            B = true
            C = true
        }
        |> sure

    Frame.create (cell 11.0) [
        for x in 0..10 do
            for y in 0..10 do
                for z in 0..10 -> at (float x) (float y) (float z)
    ]

let private projection cutoff = Projection.create (Hypers.create 2 (RadialBasis.Gto 1.5) cutoff) [ 1 ] |> sure

let private everything = [
    "coefficients", fun p f -> Expansion.coefficients p [ f ] |> Result.map ignore
    "pairs", fun p f -> Expansion.pairCoefficients p [ f ] |> Result.map ignore
    "spectra", fun p f -> PowerSpectrum.perParticle p [ f ] |> Result.map ignore
    "means", fun p f -> PowerSpectrum.mean p [ f ] |> Result.map ignore
    "gradients",
    fun p f ->
        Features.withGradients RunOptions.defaults (MeanSpectra OrderedPairs) [ GradientParameter.Positions ] p [ f ]
        |> Result.map ignore
    "reverse derivatives",
    fun p f ->
        let cotangent = SpectrumCotangentHandler(fun _ _ _ -> ())

        Features.pullback RunOptions.defaults OrderedPairs [] p f (OfEachParticle cotangent)
        |> Result.map ignore
]

[<Tests>]
let tests =
    testList "limits" [
        testCase "a cutoff of 400 in a box of 11 is refused before anything is computed, wherever frames are computed"
        <| fun () ->
            let p = projection 400.0

            for name, compute in everything do
                let before = GC.GetAllocatedBytesForCurrentThread()
                Expect.stringContains (Tensors.sentence (compute p box)) "max_pairs" name
                Close.below (GC.GetAllocatedBytesForCurrentThread() - before) 20_000_000L $"{name}: bytes"

            Expect.stringContains (Tensors.sentence (NeighborList.create 400.0 box)) "max_memory" "a list of pairs"

            Expect.stringContains
                (Tensors.sentence (NeighborList.visit Limits.defaults 400.0 ignore box))
                "max_pairs"
                "a visit"

        testCase "limits can be lowered and raised, and the error says where"
        <| fun () ->
            let few =
                projection 3.0
                |> Projection.withLimits { Limits.defaults with MaxPairs = 1000L }

            let error = Tensors.sentence (PowerSpectrum.meanWith (Systems.numbered [ 7 ]) OrderedPairs few [ box ])
            Expect.stringContains error "frame 7: pairs of a frame = about" "the place and what"
            Expect.stringContains error "max_pairs = 1000" "the limit"
            Expect.isOk (PowerSpectrum.mean (projection 3.0) [ box ]) "by default"

            let small =
                projection 3.0
                |> Projection.withLimits { Limits.defaults with MaxMemory = 100_000L }

            for name, compute in everything do
                Expect.stringContains (Tensors.sentence (compute small box)) "max_memory" name

        property "the estimate of pairs is of their order, whatever the cell"
        <| fun (SomeFrame frame) (number: int) ->
            let cutoff = 1.0 + float ((number &&& 0xFFFF) % 50) / 10.0
            let pairs = NeighborList.create cutoff frame |> sure

            let estimate = PairEstimate.ofFrame 0.0 cutoff frame
            let self = float frame.Particles.Length
            Expect.isTrue (Double.IsFinite estimate.Pairs && estimate.Pairs >= 0.0) "a number"

            // Few particles are spread anyhow: the estimate is of their order.
            Expect.isTrue
                (float pairs.Length <= 40.0 * (estimate.Pairs + self))
                $"{pairs.Length} pairs, estimated {estimate.Pairs}"

        testCase "the estimate is right to a third where particles are spread evenly, in cells of any thickness"
        <| fun () ->
            for cutoff in [ 1.5; 2.5; 3.6; 5.0; 8.0; 20.0 ] do
                let count = [| 0L |]

                NeighborList.visit Limits.none cutoff (fun _ -> count[0] <- count[0] + 1L) box
                |> sure

                let pairs = float count[0]

                let estimate = (PairEstimate.ofFrame 0.0 cutoff box).Pairs
                Expect.isTrue (estimate > 0.7 * pairs && estimate < 1.6 * pairs) $"cutoff {cutoff}: {estimate}, {pairs}"

        testCase "millions of particles at ordinary cutoffs pass the default limits"
        <| fun () ->
            // One million, spread evenly at a density of one: 256 neighbours each within 4.
            let side = 100

            let frame =
                Frame.create
                    Cell.none
                    (seq {
                        for x in 1..side do
                            for y in 1..side do
                                for z in 1..side -> at (float x) (float y) (float z)
                    })

            Expect.isOk (FrameRules.check (projection 4.0) frame) "checked"
            let estimate = RunEstimate.ofFrame 2 (projection 4.0) frame |> sure
            Expect.isTrue (estimate.Pairs > 150_000_000L && estimate.Pairs < 600_000_000L) $"{estimate.Pairs} pairs"

        testCase "numbers of species whose spectra no array holds are refused by name, before memory is taken"
        <| fun () ->
            let hypers = { Hypers.create 6 (RadialBasis.Gto 1.5) 4.0 with MaxRadial = RadialCount.Uniform 4 }
            let before = GC.GetAllocatedBytesForCurrentThread()

            for count in [ 20_000; 1_200_000 ] do
                Expect.stringContains
                    (Tensors.sentence (Projection.create hypers [ 1..count ]))
                    $"number of species = {count}"
                    $"{count} species"

            // Their tables fit, a row of their means does not.
            let many = Projection.create hypers [ 1..600 ] |> sure
            let particles = [ Ellipsoid.sphere 3 Vector3.zero 0.5 |> sure; Ellipsoid.sphere 5 Vector3.zero 0.5 |> sure ]
            let frame = Frame.create Cell.none particles
            Expect.stringContains (Tensors.sentence (PowerSpectrum.mean many [ frame ])) "row of means" "means"
            Expect.isError (SpectrumColumns.check OrderedPairs false many) "checked beforehand"
            Close.below (GC.GetAllocatedBytesForCurrentThread() - before) 1_000_000_000L "bytes"

        testCase "results of more numbers than memory or an array holds are refused by name"
        <| fun () ->
            // 300 species: the expansion of 1.2 million particles has more numbers than an array, for its size wraps around.
            let hypers = Hypers.create 2 (RadialBasis.Gto 1.5) 0.1
            let many = Projection.create hypers [ 1..300 ] |> sure |> Projection.withLimits Limits.none

            let frame =
                Frame.create Cell.none (Seq.init 1_200_000 (fun i -> at (float (i % 1000)) (float (i / 1000)) 0.0))

            Expect.stringContains (Tensors.sentence (Expansion.coefficients many [ frame ])) "all coefficients" "array"

            let limited = many |> Projection.withLimits Limits.defaults

            Expect.stringContains (Tensors.sentence (PowerSpectrum.perParticle limited [ frame ])) "max_memory" "memory"

        property "sizes of arrays are products of 64 bits, whatever the factors"
        <| fun (a: int) (b: int) (c: int) ->
            let factors = [ a; b; c ] |> List.map (fun x -> int64 (x &&& 0x7FFFFFFF))
            let exact = factors |> List.fold (fun p x -> p * bigint x) 1I

            match ArraySize.check "numbers" factors with
            | Ok size -> Expect.equal (bigint size) exact "the product"
            | Error _ -> Expect.isTrue (exact > bigint Array.MaxLength) "too large"
    ]
