/// The ways through the library that must give the same numbers: fused and composed, any width of vectors, any number of
/// threads, frames together or one by one, in memory or as a stream.
module AniSoap.Tests.PathTests

open System
open System.Threading
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

/// The coefficients of one centre as a sum over the pairs of the neighbour list, stage by stage.
let private composed (projection: Projection) (frame: Frame) center =
    let hypers = projection.Hypers
    let pairs = NeighborList.create hypers.CutoffRadius frame |> sure
    let kinds = projection.Species.Length

    let length =
        pairRow projection (Coefficients.raw projection frame.Particles[center] Vector3.zero)
        |> _.Length

    let sums = Array.init kinds (fun _ -> Array.zeroCreate<float> length)

    let add (neighbor: Ellipsoid) displacement =
        let t = projection.Species.IndexOf neighbor.Species
        let row = Coefficients.compute projection neighbor displacement |> pairRow projection
        sums[t] <- Array.map2 (+) sums[t] row

    for pair in pairs do
        if pair.First = center then
            add frame.Particles[pair.Second] pair.Displacement

    if not hypers.SubtractCenterContribution then
        add frame.Particles[center] Vector3.zero

    // Species fastest, as the fused path has it.
    Array.init (length * kinds) (fun i -> sums[i % kinds].[i / kinds])

/// Σ_m c_nlm c_n'lm (−1)^l/√(2l+1), straight from its definition.
let private spectrumByDefinition projection row = unflatten projection row |> Reference.Coupling.powerSpectrum

/// The largest size a coefficient of the frame has if the density is where it is at most: rounding is in units of it even where
/// a centre without neighbours has coefficients of zero.
let private scaleOf (rows: float[][]) = rows |> Array.concat |> Array.fold (fun largest c -> max largest (abs c)) 1e-30

let private fusedAndComposed =
    testList "fused and composed paths agree" [
        property "for both bases, all radial counts, with or without centre, smoothing and scaling"
        <| fun (SmallFrame frame) (number: int) ->
            let projection = pick number
            let fused = coefficients projection frame
            let expected = composed projection frame 0
            Close.within 1e-12 (scaleOf [| expected |]) (Array.head fused) expected "coefficients"

            let spectrum = spectrumByDefinition projection expected

            Close.within
                1e-11
                (scaleOf [| spectrum |])
                (Array.head (spectra projection frame))
                spectrum
                "power spectrum"

        propertyTimes 3 "for l up to 9 and n up to 6"
        <| fun (SmallFrame frame) ->
            let projection =
                projectionOf { Hypers.create 9 (RadialBasis.Gto 1.5) 3.0 with MaxRadial = RadialCount.Uniform 6 }

            Close.toNorm 1e-11 (Array.head (coefficients projection frame)) (composed projection frame 0) "coefficients"
    ]

/// The orthonormal coefficients of all centres with one width of vectors.
let private withWidth width (projection: Projection) frame =
    let workspace = Workspace(projection, width)
    let rows = ResizeArray<float[]>()

    let prepared = PreparedFrame(projection, frame)

    for center in 0 .. frame.Particles.Length - 1 do
        CenterKernel.findNeighbors prepared.Search prepared.Gaussians workspace center
        |> ignore

        CenterKernel.expand prepared.Gaussians workspace
        CenterKernel.orthonormalize workspace
        rows.Add(workspace.Mixed.Span.ToArray())

    rows.ToArray()

let private widths =
    [ MomentKernel.Portable; MomentKernel.Wide256; MomentKernel.Wide512 ]
    |> List.filter MomentKernel.isSupported

let private bits (rows: float[][]) = rows |> Array.map (Array.map BitConverter.DoubleToInt64Bits)

let private widthTests =
    testList "any width of vectors gives the same coefficients" [
        property "of random frames"
        <| fun (SomeFrame frame) (number: int) ->
            for projection in [ small; pick number ] do
                let expected = withWidth MomentKernel.Portable projection frame
                let scale = Array.concat expected |> Array.sumBy (fun c -> c * c) |> sqrt |> max 1e-30

                for width in widths do
                    let actual = withWidth width projection frame
                    Close.within 1e-13 scale (Array.concat actual) (Array.concat expected) $"{width}"

        testCase "with every number of neighbours from 0 to 40, so that lanes are left over in every way"
        <| fun () ->
            for count in 0..40 do
                let frame =
                    Frame.create Cell.none [
                        for i in 0..count ->
                            let x = float i
                            let at = Vector3.create (1.9 * sin (3.0 * x)) (1.9 * cos x) (0.7 * sin (5.0 * x))
                            let q = Quaternion.create (sin x) (cos x) 0.3 0.4
                            Ellipsoid.create 6 at q (Vector3.create 0.3 0.8 (1.5 + 0.02 * x)) |> sure
                    ]

                let expected = composed small frame 0

                for width in widths do
                    let padded = (withWidth width small frame)[0]
                    // Compared by norm: padding is not part of the composed row, and is zero.
                    let norm (values: float[]) = sqrt (values |> Array.sumBy (fun c -> c * c))
                    Close.within 1e-13 (norm expected) [| norm padded |] [| norm expected |] $"{width}, {count}"

                Close.toNorm 1e-13 (Array.head (coefficients small frame)) expected $"{count} neighbours"

        testCase "planes of moments in two halves give the same bits as whole ones"
        <| fun () ->
            if MomentKernel.isSupported MomentKernel.Wide512 then
                let random = Random 15
                let step = 24

                for degree in 9..30 do
                    let buffer length = AlignedBuffer length
                    let parameters = buffer (MomentStates.Parameter.Count * step)
                    let scratch = buffer (MomentStates.scratchLength degree 8 3)
                    let whole = buffer (8 * MomentStates.stateCount degree)
                    let halves = buffer (8 * MomentStates.stateCount degree)

                    for isFirst in [ true; false; false ] do
                        for i in 0 .. parameters.Length - 1 do
                            parameters.Span[i] <- 2.0 * random.NextDouble() - 1.0

                        let place (buffer: AlignedBuffer) = buffer.Pointer

                        let sum run (sums: AlignedBuffer) =
                            run isFirst degree (place parameters) (place scratch) (place sums)

                        sum (MomentKernel.accumulateWhole MomentKernel.Wide512 3) whole
                        sum MomentTiles.accumulate halves

                        Expect.equal
                            (bits [| halves.Span.ToArray() |])
                            (bits [| whole.Span.ToArray() |])
                            $"degree {degree}"
    ]

let private sameBits actual expected message = Tensors.sameMap actual expected message

let private threads =
    testList "threads and batches" [
        property "one, two and three threads give the same bits"
        <| fun (SomeFrame frame) ->
            let frames = [ frame; Transform.reverse frame ]

            let coefficients n =
                Expansion.coefficientsWith (RunOptions.threads n) RadialForm.Orthonormal small frames
                |> sure

            let spectra n =
                PowerSpectrum.perParticleWith (RunOptions.threads n) OrderedPairs small frames
                |> sure

            for n in 2..3 do
                sameBits (coefficients n) (coefficients 1) $"coefficients, {n} threads"
                sameBits (spectra n) (spectra 1) $"spectra, {n} threads"

        property "frames one by one give the same columns and the same bits as frames together"
        <| fun (SomeFrame first) (SmallFrame second) (SomeFrame third) ->
            let frames = [ first; second; third ]

            for compute in
                [
                    fun options -> Expansion.coefficientsWith options RadialForm.Orthonormal small
                    fun options -> Expansion.coefficientsWith options RadialForm.Raw small
                    fun options -> PowerSpectrum.perParticleWith options OrderedPairs small
                    fun options -> PowerSpectrum.meanWith options OrderedPairs small
                ] do
                let together = compute RunOptions.defaults frames |> sure

                let joined =
                    [
                        for number, frame in List.indexed frames ->
                            compute (Systems.numbered [ number ]) [ frame ] |> sure
                    ]
                    |> TensorMap.joinSamples
                    |> sure

                Expect.equal joined.Keys together.Keys "keys"

                for a, b in Seq.zip joined.Blocks together.Blocks do
                    Tensors.sameBlock a b "blocks"
    ]

let private stream threads perParticle frames =
    let rows = ResizeArray<struct (int * int * int) * float[]>()

    SpectrumStream.run
        small
        { Threads = threads; PerParticle = perParticle; Columns = OrderedPairs }
        (frames |> List.map (fun (number, frame) -> Ok(struct (number, frame))))
        (SpectrumRowHandler(fun frame particle kind values ->
            rows.Add(struct (frame, particle, kind), values.ToArray())))
        (SpectrumProgressHandler(fun _ _ _ -> ()))
        CancellationToken.None
    |> sure
    |> ignore

    rows.ToArray()

let private streams =
    testList "the stream" [
        property "gives the per-particle spectra in order, with any number of threads the same bits"
        <| fun (SomeFrame first) (SmallFrame second) ->
            let frames = [ 3, first; 7, second; 8, Frame.create Cell.none []; 9, first ]
            let alone = stream 1 true frames

            let expected = [|
                for number, frame in frames do
                    yield!
                        Seq.mapi2
                            (fun i (e: Ellipsoid) row -> struct (number, i, e.Species), row)
                            frame.Particles
                            (spectra small frame)
            |]

            Expect.equal (alone |> Array.map fst) (expected |> Array.map fst) "frame, particle and species"
            allToLargest 1e-13 (alone |> Array.map snd) (expected |> Array.map snd) "spectra"

            for threads in 2..3 do
                let together = stream threads true frames
                Expect.equal (together |> Array.map fst) (alone |> Array.map fst) "order"
                Expect.equal (together |> Array.map snd |> bits) (alone |> Array.map snd |> bits) $"{threads} threads"

        property "gives the mean spectra, with any number of threads the same bits"
        <| fun (SomeFrame first) (SmallFrame second) ->
            let frames = [ 0, first; 1, Frame.create Cell.none []; 2, second ]
            let alone = stream 1 false frames |> Array.map snd

            // Averaged here: the library's own means come from the stream.
            let mean (frame: Frame) =
                Seq.map2 (fun (e: Ellipsoid) row -> e.Species, row) frame.Particles (spectra small frame)
                |> Seq.toList
                |> Reference.Coupling.mean (alone[0].Length / species.Length) (List.toArray species)

            let expected = frames |> List.map (snd >> mean) |> List.toArray
            allToLargest 1e-13 alone expected "mean"

            for threads in 2..3 do
                Expect.equal (stream threads false frames |> Array.map snd |> bits) (bits alone) $"{threads} threads"
    ]

[<Tests>]
let tests = testList "paths" [ fusedAndComposed; widthTests; threads; streams ]
