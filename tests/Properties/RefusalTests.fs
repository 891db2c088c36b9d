/// What the library's functions answer to maps and frames that are not meant for them: an error, never an exception.
module AniSoap.Tests.RefusalTests

open System
open System.Threading
open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private frames, private projection = load "anisoap/three-species-cluster"
let private frame = frames[0]

/// A frame with one particle of a species that no projection knows.
let private foreign =
    Frame.create frame.Cell (Seq.append frame.Particles [ Ellipsoid.sphere 99 Vector3.zero 0.5 |> sure ])

let private options = RunOptions.defaults

let private refusedFor (what: string) result message = Expect.stringContains (Tensors.sentence result) what message

/// All that computes features of frames.
let private everything: (string * (RunOptions -> Projection -> Frame seq -> Result<TensorMap, AniSoapError>)) list = [
    for form in [ RadialForm.Orthonormal; RadialForm.Raw ] do
        $"coefficients, {form}", fun options p f -> Expansion.coefficientsWith options form p f
        $"pair coefficients, {form}", fun options p f -> Expansion.pairCoefficientsWith options form p f
    "pairs with gradients",
    fun options p f -> Features.pairsWithGradients options RadialForm.Orthonormal [ GradientParameter.Positions ] p f
    "spectra", fun options p f -> PowerSpectrum.perParticleWith options OrderedPairs p f
    "means", fun options p f -> PowerSpectrum.meanWith options OrderedPairs p f
    for kind in
        [
            ExpansionCoefficients RadialForm.Orthonormal
            ParticleSpectra OrderedPairs
            MeanSpectra UnorderedPairs
        ] do
        $"gradients of {kind}",
        fun options p f -> Features.withGradients options kind [ GradientParameter.Positions ] p f
]

[<Tests>]
let tests =
    testList "refusals" [
        testCase "a species that the projection does not know is an error, in reverse derivatives too"
        <| fun () ->
            let c = Expansion.coefficients projection frames |> sure

            for form in [ RadialForm.Raw; RadialForm.Orthonormal ] do
                refusedFor "species = 99" (Features.pullbackCoefficients options form [] projection foreign c) $"{form}"

            let size = SpectrumColumns.length OrderedPairs projection

            refusedFor
                "species = 99"
                (Features.pullback
                    options
                    OrderedPairs
                    []
                    projection
                    foreign
                    (OfParticles(ReadOnlyMemory(Array.zeroCreate size))))
                "spectra"

            for name, compute in everything do
                refusedFor "species = 99" (compute RunOptions.defaults projection [ foreign ]) name

        testCase "frames of the same system number are refused at once, in gradients too"
        <| fun () ->
            for name, compute in everything do
                let compute systems = compute (Systems.numbered systems) projection [ frame; frame; frame ]

                refusedFor "system = 3" (compute [ 2; 3; 3 ]) name
                refusedFor "number of systems = 2" (compute [ 2; 3 ]) $"{name}: too few"
                refusedFor "number of systems = above 3" (compute [ 2; 3; 4; 5 ]) $"{name}: too many"

        testCase "frames have the system numbers that are given, and 0, 1, 2 … without"
        <| fun () ->
            for name, compute in everything do
                let systems options =
                    (compute options projection [ frame; frame ] |> sure).Blocks
                    |> Seq.collect (fun block -> block.Samples |> Seq.map (fun row -> row["system"]))
                    |> Seq.distinct
                    |> Seq.sort
                    |> Seq.toList

                Expect.equal (systems RunOptions.defaults) [ 0; 1 ] name
                Expect.equal (systems (Systems.numbered [ 7; 4 ])) [ 4; 7 ] name

        testCase "cotangents with foreign keys, species or lengths are errors"
        <| fun () ->
            let pull c = Features.pullbackCoefficients options RadialForm.Orthonormal [] projection frame c
            let c = Expansion.coefficients projection [ frame ] |> sure
            let few = Projection.create projection.Hypers [ 1 ] |> sure
            let one = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]
            refusedFor "block" (pull (TensorMap.filterKeys (fun key -> key["o3_lambda"] > 0) c)) "keys missing"
            Expect.isError (pull (PowerSpectrum.mean projection [ frame ] |> sure)) "another map"
            Expect.isError (pull (Expansion.coefficients few [ one ] |> sure)) "of other species"
            Expect.isOk (pull c) "its own"

        testCase "negative and absurd numbers of threads are refused, by all that take a number of them"
        <| fun () ->
            for threads in [ -1; -3; 5000; Int32.MaxValue; Int32.MinValue ] do
                let said = "threads = " + string threads

                for name, compute in everything do
                    refusedFor said (compute (RunOptions.threads threads) projection [ frame ]) name

                let options = { options with Threads = threads }
                let c = Expansion.coefficients projection [ frame ] |> sure

                refusedFor
                    said
                    (Features.pullbackCoefficients options RadialForm.Orthonormal [] projection frame c)
                    "pullback"

                refusedFor
                    said
                    (Features.pullback options OrderedPairs [] projection frame (OfMean ReadOnlyMemory.Empty))
                    "pullback"

        testCase "no threads stand for as many as there are processors, with the bits of one"
        <| fun () ->
            for name, compute in everything do
                let one = compute RunOptions.defaults projection frames |> sure
                Tensors.sameMap (compute (RunOptions.threads 0) projection frames |> sure) one name

            let size = SpectrumColumns.length OrderedPairs projection * projection.Species.Length
            let ones = OfMean(ReadOnlyMemory(Array.create size 1.0))

            let pulled threads =
                Features.pullback { options with Threads = threads } OrderedPairs [] projection frame ones
                |> sure

            Expect.equal (pulled 0).Positions (pulled 1).Positions "reverse"

        testCase "everything that runs can be stopped, and tells how far it is"
        <| fun () ->
            for name, compute in everything do
                use source = new CancellationTokenSource()
                let told = ResizeArray<RunProgress>()
                let options = { RunOptions.threads 2 with Progress = Some told.Add; Cancellation = source.Token }
                compute options projection frames |> sure |> ignore
                let last = told[told.Count - 1]
                let particles = frames |> Seq.sumBy (fun frame -> int64 frame.Particles.Length)
                Expect.equal (last.Frames, last.Particles) (int64 frames.Length, particles) name
                Close.above last.Pairs 0L $"{name}: pairs"
                let stopping = { options with Progress = Some(fun _ -> source.Cancel()) }

                Expect.throwsT<OperationCanceledException>
                    (fun () -> compute stopping projection frames |> ignore)
                    $"{name}, stopped on its way"

                Expect.throwsT<OperationCanceledException>
                    (fun () -> compute options projection frames |> ignore)
                    $"{name}, stopped before"

        testCase "no orders at all have no radial functions"
        <| fun () ->
            for maxAngular in [ -1; -2; -100; Int32.MinValue ] do
                for count in [ RadialCount.Coupled; RadialCount.Uniform 3 ] do
                    let hypers = { Hypers.create maxAngular RadialBasis.Monomial 3.0 with MaxRadial = count }
                    Expect.isEmpty (HyperRules.maxRadialPerAngular hypers) $"{maxAngular}"
                    refusedFor "max_angular" (Projection.create hypers [ 1 ]) $"{maxAngular}"
    ]
