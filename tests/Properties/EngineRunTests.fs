/// How calls of an engine go: progress in order, cancellation at once, and an engine that is as good as new afterwards. Coefficients, pairs and derivatives of an engine.
module AniSoap.Tests.EngineRunTests

open System
open System.Threading
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

/// Enough centres for many pieces of work.
let private crowd =
    Frame.create Cell.none [
        for i in 0..199 ->
            let place = Vector3.create (float (i % 6)) (float (i / 6 % 6)) (float (i / 36))

            Ellipsoid.create (List.item (i % 4) species) (1.3 * place) Quaternion.identity (Vector3.create 0.4 0.5 0.9)
            |> sure
    ]

let private positions = Array.zeroCreate<float>(3 * crowd.Particles.Length)
let private orientations = Array.zeroCreate<float>(3 * crowd.Particles.Length)
let private strain = Array.zeroCreate<float> 9
let private room () = GradientRoom(Memory positions, Memory orientations, Memory strain, Memory<float>.Empty)

/// Every method, by name.
let private methods: (string * (Engine -> CancellationToken -> Result<unit, AniSoapError>)) list =
    let count = crowd.Particles.Length

    let spectra (engine: Engine) rows = Array.zeroCreate<float>(rows * engine.SpectrumLength OrderedPairs)

    [
        "MeanSpectrum",
        fun engine token -> engine.MeanSpectrum(crowd, OrderedPairs, Memory(spectra engine 4), null, token)
        "ParticleSpectra",
        fun engine token -> engine.ParticleSpectra(crowd, OrderedPairs, Memory(spectra engine count), null, token)
        "Coefficients",
        fun engine token ->
            let values = Array.zeroCreate<float>(count * engine.CoefficientLength)
            engine.Coefficients(crowd, RadialForm.Orthonormal, Memory values, null, token)
        "Pairs",
        fun engine token ->
            engine.Pairs(crowd, RadialForm.Orthonormal, PairCoefficientHandler(fun _ _ _ _ -> ()), null, token)
        "Derivatives",
        fun engine token ->
            engine.Derivatives(
                crowd,
                ExpansionCoefficients RadialForm.Orthonormal,
                [ GradientParameter.Positions ],
                Action<_>(fun _ -> ()),
                null,
                token
            )
        "PullMean",
        fun engine token ->
            let values = spectra engine 4
            engine.PullMean(crowd, OrderedPairs, ReadOnlyMemory values, Memory values, room (), null, token)
        "PullParticles",
        fun engine token ->
            let values = spectra engine count
            let cotangents = spectra engine count
            engine.PullParticles(crowd, OrderedPairs, ReadOnlyMemory cotangents, Memory values, room (), null, token)
        "PullEach",
        fun engine token ->
            let fill = SpectrumCotangentHandler(fun _ _ cotangent -> cotangent.Fill 1.0)
            engine.PullEach(crowd, OrderedPairs, fill, Memory(spectra engine count), room (), null, token)
        "PullCoefficients",
        fun engine token ->
            let cotangents = Array.zeroCreate<float>(count * engine.CoefficientLength)
            engine.PullCoefficients(crowd, RadialForm.Orthonormal, ReadOnlyMemory cotangents, room (), null, token)
    ]

let private progressTests =
    testList "tells its progress" [
        for name, call in methods do
            for threads in [ 1; 3 ] do
                testCase $"in order and summed up: {name} on {threads} threads"
                <| fun () ->
                    use engine = Engine.Create(small, threads) |> sure
                    let told = ResizeArray<RunProgress>()
                    engine.Progress <- Action<RunProgress>(told.Add)
                    call engine CancellationToken.None |> sure
                    let last = told[told.Count - 1]
                    Close.above told.Count 10 "pieces of work"
                    Expect.equal last.Frames 1L "frames"
                    Expect.equal last.Particles 200L "particles"

                    for one, next in Seq.pairwise told do
                        Expect.isTrue (one.Particles <= next.Particles && one.Pairs <= next.Pairs) "never back"

                    let estimate = NeighborList.create small.Hypers.CutoffRadius crowd |> sure
                    Expect.equal last.Pairs (int64 estimate.Length) "pairs"
    ]

let private cancellationTests =
    testList "is ended" [
        for name, call in methods do
            for threads in [ 1; 3 ] do
                testCase $"soon after it is cancelled, and goes on as new: {name} on {threads} threads"
                <| fun () ->
                    use engine = Engine.Create(small, threads) |> sure
                    let before = EngineTests.mean engine OrderedPairs crowd
                    use source = new CancellationTokenSource()
                    let particles = [| 0L |]

                    engine.Progress <-
                        Action<RunProgress>(fun told ->
                            particles[0] <- told.Particles

                            if told.Particles >= 16L then
                                source.Cancel())

                    Expect.throwsT<OperationCanceledException>
                        (fun () -> call engine source.Token |> ignore)
                        "cancelled on the way"

                    // Nothing is handed over any more but what was at hand.
                    Close.below particles[0] 120L "particles until then"
                    engine.Progress <- null
                    Expect.equal (bits (EngineTests.mean engine OrderedPairs crowd)) (bits before) "the same spectrum"
                    call engine CancellationToken.None |> sure

        testCase "before it begins by a token that is cancelled already"
        <| fun () ->
            use engine = Engine.Create(small, 2) |> sure

            for name, call in methods do
                Expect.throwsT<OperationCanceledException>
                    (fun () -> call engine (CancellationToken true) |> ignore)
                    name

        testCase "by a handler that throws, and says what the handler says"
        <| fun () ->
            for threads in [ 1; 3 ] do
                use engine = Engine.Create(small, threads) |> sure
                let stop = PairCoefficientHandler(fun _ _ _ _ -> failwith "enough")

                Expect.throwsC (fun () -> engine.Pairs(crowd, RadialForm.Orthonormal, stop) |> ignore) (fun error ->
                    Expect.equal error.Message "enough" "message")

                Expect.isOk
                    (engine.Pairs(crowd, RadialForm.Orthonormal, PairCoefficientHandler(fun _ _ _ _ -> ())))
                    "afterwards"

        testCase "one call at a time: a call within a call is refused"
        <| fun () ->
            use engine = Engine.Create(small, 1) |> sure
            let inner = ResizeArray<string>()

            engine.Pairs(
                crowd,
                RadialForm.Orthonormal,
                PairCoefficientHandler(fun _ _ _ _ ->
                    if inner.Count = 0 then
                        let values = Array.zeroCreate<float>(4 * engine.SpectrumLength OrderedPairs)
                        inner.Add(Tensors.sentence (engine.MeanSpectrum(crowd, OrderedPairs, Memory values))))
            )
            |> sure

            Expect.stringContains inner[0] "in use" "inner call"
    ]

let private sameTests =
    testList "gives" [
        property "the coefficients of the expansion, bit for bit"
        <| fun (SomeFrame frame) ->
            for threads in [ 1; 2 ] do
                use engine = Engine.Create(small, threads) |> sure
                let values = Array.zeroCreate<float>(frame.Particles.Length * engine.CoefficientLength)
                engine.Coefficients(frame, RadialForm.Orthonormal, Memory values) |> sure
                Expect.equal (bits values) (bits (Array.concat (coefficients small frame))) "coefficients"

        property "the pairs of the expansion, bit for bit, in the order of centres and neighbours"
        <| fun (SmallFrame frame) ->
            let map = Expansion.pairCoefficients small [ frame ] |> sure

            let expected =
                [
                    for key, block in TensorMap.toSeq map do
                        for row in block.Samples do
                            let m = [ for m in 0 .. 2 * key["o3_lambda"] -> block.Row(row.Position, m).ToArray() ]
                            (row[1], row[2], row[3], row[4], row[5]), (key["o3_lambda"], Array.concat m)
                ]
                |> List.groupBy fst
                |> List.map (fun (pair, rows) ->
                    pair, rows |> List.map snd |> List.sortBy fst |> List.map snd |> Array.concat)
                |> List.sortBy fst

            for threads in [ 1; 3 ] do
                use engine = Engine.Create(small, threads) |> sure
                let pairs = ResizeArray()

                engine.Pairs(
                    frame,
                    RadialForm.Orthonormal,
                    PairCoefficientHandler(fun first second shift values ->
                        pairs.Add((first, second, shift[0], shift[1], shift[2]), values.ToArray()))
                )
                |> sure

                Expect.equal (pairs |> Seq.map fst |> Seq.toList) (expected |> List.map fst) "pairs"

                Expect.equal
                    (pairs |> Seq.map (snd >> bits) |> Seq.toList)
                    (expected |> List.map (snd >> bits))
                    "coefficients"

        property "derivatives whose rows are the gradients of the map, bit for bit"
        <| fun (SmallFrame frame) ->
            let kind = ParticleSpectra OrderedPairs
            let parameters = [ GradientParameter.Positions; GradientParameter.Strain ]

            let map =
                Features.withGradients RunOptions.defaults kind parameters small [ frame ]
                |> sure

            use engine = Engine.Create(small, 2) |> sure
            let counts = System.Collections.Generic.Dictionary<int, int>()

            engine.Derivatives(
                frame,
                kind,
                parameters,
                Action<CenterDerivatives>(fun derivatives ->
                    let block = map |> TensorMap.block [ "center_type", derivatives.Species ] |> sure

                    let row =
                        match counts.TryGetValue derivatives.Species with
                        | true, n -> n
                        | _ -> 0

                    counts[derivatives.Species] <- row + 1
                    Expect.equal (bits (derivatives.Values.ToArray())) (bits (block.Row(row, 0).ToArray())) "values"
                    let gradient = block.Gradients["positions"]

                    let samples = [
                        for s in gradient.Samples do
                            if s[0] = row then
                                s.Position, s[2]
                    ]

                    Expect.equal (derivatives.Atoms.ToArray() |> Array.toList) (samples |> List.map snd) "atoms"

                    samples
                    |> List.iteri (fun place (position, _) ->
                        let expected = [|
                            for axis in 0..2 do
                                yield! gradient.Row(position, axis).ToArray()
                        |]

                        let actual = derivatives.ByAtom(GradientParameter.Positions, place).ToArray()
                        Expect.equal (bits actual) (bits expected) "by positions")

                    Expect.equal (derivatives.ByAtom(GradientParameter.SemiAxes, 0).Length) 0 "not asked for"
                    Expect.equal derivatives.ByStrain.Length (9 * derivatives.Values.Length) "by strain")
            )
            |> sure
    ]

[<Tests>]
let tests = testList "an engine" [ progressTests; cancellationTests; sameTests ]
