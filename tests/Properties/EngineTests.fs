/// One engine for many frames: the numbers of the pure functions, in memory that is used again.
module AniSoap.Tests.EngineTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

let mean (engine: Engine) columns frame =
    let values = Array.create (engine.Projection.Species.Length * engine.SpectrumLength columns) nan
    engine.MeanSpectrum(frame, columns, Memory values) |> sure
    values

let particles (engine: Engine) columns (frame: Frame) =
    let values = Array.create (frame.Particles.Length * engine.SpectrumLength columns) nan
    engine.ParticleSpectra(frame, columns, Memory values) |> sure
    values

/// Rows of the stream, which is what the pure functions are made of.
let private streamed projection perParticle columns frame =
    let rows = ResizeArray<float>()

    SpectrumStream.run
        projection
        { Threads = 1; PerParticle = perParticle; Columns = columns }
        [ Ok(struct (0, frame)) ]
        (SpectrumRowHandler(fun _ _ _ values -> rows.AddRange(values.ToArray())))
        (SpectrumProgressHandler(fun _ _ _ -> ()))
        Threading.CancellationToken.None
    |> sure
    |> ignore

    rows.ToArray()

let private spectrumTests =
    testList "spectra of an engine" [
        for threads in 1..3 do
            property $"are those of the pure functions, bit for bit, whatever came before, on {threads} threads"
            <| fun (SomeFrame first) (SmallFrame second) ->
                use engine = Engine.Create(small, threads) |> sure

                for frame in [ first; second; Frame.create Cell.none []; second; first ] do
                    for columns in [ OrderedPairs; UnorderedPairs ] do
                        Expect.equal
                            (bits (mean engine columns frame))
                            (bits (streamed small false columns frame))
                            $"mean, {columns}"

                        Expect.equal
                            (bits (particles engine columns frame))
                            (bits (streamed small true columns frame))
                            $"particles, {columns}"

        testCase "go into memory of the right length, or an error says what is"
        <| fun () ->
            use engine = Engine.Create(small, 1) |> sure
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]
            let length = engine.SpectrumLength OrderedPairs

            Expect.equal
                (engine.MeanSpectrum(frame, OrderedPairs, Memory(Array.zeroCreate<float> length)))
                (AniSoapError.invalid "length of the values" length $"{4 * length}, one for every number"
                 |> Error)
                "one species' numbers for four"

        testCase "are refused for a species that the projection does not know, and after the engine was disposed"
        <| fun () ->
            let engine = Engine.Create(small, 1) |> sure
            let values = Array.zeroCreate<float>(4 * engine.SpectrumLength OrderedPairs)
            let stranger = Frame.create Cell.none [ Ellipsoid.sphere 99 Vector3.zero 0.5 |> sure ]
            Expect.isError (engine.MeanSpectrum(stranger, OrderedPairs, Memory values)) "species 99"
            (engine :> IDisposable).Dispose()
            let known = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]

            Expect.stringContains
                (Tensors.sentence (engine.MeanSpectrum(known, OrderedPairs, Memory values)))
                "disposed"
                "disposed"
    ]

/// Bytes that a call allocates once buffers have grown and code is compiled.
let private allocated (call: unit -> unit) =
    for _ in 1..5 do
        call ()

    Allocation.least (fun () ->
        for _ in 1..10 do
            call ())

let private allocationTests =
    testList "an engine in the steady state" [
        for case in [ "three-species-cluster"; "triclinic"; "spheres"; "monomial" ] do
            testCase $"allocates nothing for spectra of {case}"
            <| fun () ->
                let frames, projection = load $"anisoap/{case}"
                use engine = Engine.Create(projection, 1) |> sure
                let most = frames |> Array.map _.Particles.Length |> Array.max
                let length = engine.SpectrumLength OrderedPairs
                let means = Array.zeroCreate<float>(projection.Species.Length * length)
                let rows = Array.zeroCreate<float>(most * length)

                let bytes =
                    allocated (fun () ->
                        for frame in frames do
                            engine.MeanSpectrum(frame, OrderedPairs, Memory means) |> sure
                            let some = Memory(rows, 0, frame.Particles.Length * length)
                            engine.ParticleSpectra(frame, OrderedPairs, some) |> sure)

                Expect.equal bytes 0L "bytes"
    ]

[<Tests>]
let tests = testList "engine" [ spectrumTests; allocationTests ]
