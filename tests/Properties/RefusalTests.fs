/// What the library's functions answer to maps and frames that are not meant for them: an error, never an exception.
module AniSoap.Tests.RefusalTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private frames, private projection = load "anisoap/three-species-cluster"
let private frame = snd frames[0]

/// A frame with one particle of a species that no projection knows.
let private foreign =
    Frame.create frame.Cell (Seq.append frame.Particles [ Ellipsoid.sphere 99 Vector3.zero 0.5 |> sure ])

let private options = PullbackOptions.defaults

let private refusedFor (what: string) result message = Expect.stringContains (Tensors.sentence result) what message

let private everything = [
    "coefficients", fun p f -> Expansion.coefficients p f
    "raw coefficients", fun p f -> Expansion.rawCoefficients p f
    "pair coefficients", fun p f -> Expansion.pairCoefficients Orthonormal p f
    "pairs with gradients", fun p f -> Features.pairsWithGradients Orthonormal [ Positions ] p f
    "spectra", fun p f -> PowerSpectrum.perParticle p f
    "means", fun p f -> PowerSpectrum.mean p f
    for kind in [ ExpansionCoefficients Orthonormal; ParticleSpectra OrderedPairs; MeanSpectra UnorderedPairs ] do
        $"gradients of {kind}", fun p f -> Features.withGradients 1 kind [ Positions ] p f
]

[<Tests>]
let tests =
    testList "refusals" [
        testCase "a species that the projection does not know is an error, in reverse derivatives too"
        <| fun () ->
            let c = Expansion.coefficients projection frames |> sure

            for form in [ Raw; Orthonormal ] do
                refusedFor "species = 99" (Features.pullbackCoefficients options form projection foreign c) $"{form}"

            let size = SpectrumColumns.length OrderedPairs projection

            refusedFor
                "species = 99"
                (Features.pullback options projection foreign (OfParticles(ReadOnlyMemory(Array.zeroCreate size))))
                "spectra"

            for name, compute in everything do
                refusedFor "species = 99" (compute projection [ 0, foreign ]) name

        testCase "frames of the same system number are refused at once, in gradients too"
        <| fun () ->
            for name, compute in everything do
                refusedFor "system = 3" (compute projection [ 2, frame; 3, frame; 3, frame ]) name

        testCase "cotangents with foreign keys, species or lengths are errors"
        <| fun () ->
            let pull c = Features.pullbackCoefficients options Orthonormal projection frame c
            let c = Expansion.coefficients projection [ 0, frame ] |> sure
            let few = Projection.create projection.Hypers [ 1 ] |> sure
            let one = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]
            refusedFor "block" (pull (TensorMap.filterKeys (fun key -> key["o3_lambda"] > 0) c)) "keys missing"
            Expect.isError (pull (PowerSpectrum.mean projection [ 0, frame ] |> sure)) "another map"
            Expect.isError (pull (Expansion.coefficients few [ 0, one ] |> sure)) "of other species"
            Expect.isOk (pull c) "its own"

        testCase "fewer threads than one are refused, by all that take a number of them"
        <| fun () ->
            for threads in [ 0; -3 ] do
                let said = "threads = " + string threads
                let one = [ 0, frame ]
                refusedFor said (Expansion.coefficientsWith threads Orthonormal projection one) "coefficients"
                refusedFor said (PowerSpectrum.perParticleWith threads OrderedPairs projection one) "spectra"
                refusedFor said (PowerSpectrum.meanWith threads OrderedPairs projection one) "means"

                refusedFor
                    said
                    (Features.withGradients threads (MeanSpectra OrderedPairs) [ Positions ] projection one)
                    "gradients"

                let options = { options with Threads = threads }
                let c = Expansion.coefficients projection one |> sure
                refusedFor said (Features.pullbackCoefficients options Orthonormal projection frame c) "pullback"
                refusedFor said (Features.pullback options projection frame (OfMean ReadOnlyMemory.Empty)) "pullback"

        testCase "no orders at all have no radial functions"
        <| fun () ->
            for maxAngular in [ -1; -2; -100; Int32.MinValue ] do
                for count in [ Coupled; Uniform 3 ] do
                    let hypers = { Hypers.create maxAngular RadialBasis.Monomial 3.0 with MaxRadial = count }
                    Expect.isEmpty (Hypers.maxRadialPerAngular hypers) $"{maxAngular}"
                    refusedFor "max_angular" (Projection.create hypers [ 1 ]) $"{maxAngular}"
    ]
