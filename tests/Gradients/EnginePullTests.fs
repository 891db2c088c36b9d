/// Derivatives by an engine: those of the pure functions, in memory of the caller's, with ghosts that have their own.
module AniSoap.Tests.EnginePullTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

/// Numbers between −1 and 1 that depend on a seed alone.
let private random (seed: int) count =
    let source = Random seed
    Array.init count (fun _ -> 2.0 * source.NextDouble() - 1.0)

type private Pulled = {
    Values: float[]
    Positions: float[]
    Orientations: float[]
    SemiAxes: float[]
    Strain: float[]
}

/// Calls with room for everything.
let private into rows size particles withShapes (call: Pulled -> Result<unit, AniSoapError>) =
    let room = {
        Values = Array.create (rows * size) nan
        Positions = Array.create (3 * particles) nan
        Orientations = Array.create (3 * particles) nan
        SemiAxes = Array.create (if withShapes then 3 * particles else 0) nan
        Strain = Array.create 9 nan
    }

    call room |> sure
    room

let private spans (room: Pulled) =
    GradientRoom(Memory room.Positions, Memory room.Orientations, Memory room.Strain, Memory room.SemiAxes)

let private flat (vectors: Vector3 seq) = [|
    for v in vectors do
        v.X
        v.Y
        v.Z
|]

let private strainOf (gradient: FrameGradient) =
    flat [ gradient.Strain.Row1; gradient.Strain.Row2; gradient.Strain.Row3 ]

let private same (expected: FrameGradient) (actual: Pulled) name =
    Expect.equal (bits actual.Values) (bits (expected.Values.ToArray())) $"{name}: values"
    Expect.equal (bits actual.Positions) (bits (flat expected.Positions)) $"{name}: positions"
    Expect.equal (bits actual.Orientations) (bits (flat expected.Orientations)) $"{name}: orientations"
    Expect.equal (bits actual.SemiAxes) (bits (flat expected.SemiAxes)) $"{name}: semi-axes"
    Expect.equal (bits actual.Strain) (bits (strainOf expected)) $"{name}: strain"

let private pullMean (engine: Engine) (frame: Frame) neighbors seed withShapes =
    let size = engine.SpectrumLength OrderedPairs
    let species = engine.Projection.Species.Length
    let cotangent = random seed (species * size)

    into species size frame.Particles.Length withShapes (fun room ->
        engine.PullMean(frame, OrderedPairs, ReadOnlyMemory cotangent, Memory room.Values, spans room, neighbors))

let private pureTests =
    testList "are those of the pure functions, bit for bit" [
        for threads in 1..3 do
            property $"on {threads} threads, frame after frame"
            <| fun (SomeFrame first) (SmallFrame second) (seed: int) ->
                use engine = Engine.Create(small, threads) |> sure
                let size = engine.SpectrumLength OrderedPairs

                for frame, withShapes in [ first, false; second, true; Frame.create Cell.none [], true; first, true ] do
                    let count = frame.Particles.Length
                    let shapes = if withShapes then [ GradientParameter.SemiAxes ] else []

                    let expected cotangent =
                        Features.pullback RunOptions.defaults OrderedPairs shapes small frame cotangent
                        |> sure


                    same
                        (expected (OfMean(ReadOnlyMemory(random seed (4 * size)))))
                        (pullMean engine frame null seed withShapes)
                        "of means"

                    let rows = random seed (count * size)

                    let ofRows =
                        into count size count withShapes (fun room ->
                            engine.PullParticles(
                                frame,
                                OrderedPairs,
                                ReadOnlyMemory rows,
                                Memory room.Values,
                                spans room
                            ))

                    same (expected (OfParticles(ReadOnlyMemory rows))) ofRows "of particles"

                    let square =
                        SpectrumCotangentHandler(fun _ spectrum cotangent ->
                            for i in 0 .. spectrum.Length - 1 do
                                cotangent[i] <- 2.0 * spectrum[i])

                    let ofEach =
                        into count size count withShapes (fun room ->
                            engine.PullEach(frame, OrderedPairs, square, Memory room.Values, spans room))

                    same (expected (OfEachParticle square)) ofEach "of each particle"

        property "of coefficients"
        <| fun (SmallFrame frame) ->
            use engine = Engine.Create(small, 1) |> sure
            let map = Expansion.coefficients small [ frame ] |> sure

            let expected =
                Features.pullbackCoefficients RunOptions.defaults RadialForm.Orthonormal [] small frame map
                |> sure

            let cotangents = Array.zeroCreate<float>(frame.Particles.Length * engine.CoefficientLength)
            engine.Coefficients(frame, RadialForm.Orthonormal, Memory cotangents) |> sure

            let pulled =
                into 0 0 frame.Particles.Length false (fun room ->
                    engine.PullCoefficients(frame, RadialForm.Orthonormal, ReadOnlyMemory cotangents, spans room))

            Expect.equal (bits pulled.Positions) (bits (flat expected.Positions)) "positions"
            Expect.equal (bits pulled.Orientations) (bits (flat expected.Orientations)) "orientations"
            Expect.equal (bits pulled.Strain) (bits (strainOf expected)) "strain"
    ]

/// Adds what ghosts were given to those whose images they are.
let private folded (images: int[]) particles (rows: float[]) =
    let sums = Array.zeroCreate<float>(3 * particles)

    images
    |> Array.iteri (fun i own ->
        for q in 0..2 do
            sums[3 * own + q] <- sums[3 * own + q] + rows[3 * i + q])

    sums

let private ghostTests =
    testList "with ghosts" [
        property "folded back are those of the periodic frame, for means and for particles"
        <| fun (SmallFrame frame) (seed: int) ->
            use engine = Engine.Create(small, 1) |> sure
            let reach = small.Hypers.CutoffRadius + 0.2
            let all, images = OutsideNeighborTests.withGhosts reach frame
            let count = frame.Particles.Length
            let list = OutsideNeighborTests.listFor reach [| 0 .. count - 1 |] all
            let size = engine.SpectrumLength OrderedPairs
            let rows = random seed (count * size)

            let particles (frame: Frame) (neighbors: INeighbors | null) =
                into count size frame.Particles.Length true (fun room ->
                    engine.PullParticles(
                        frame,
                        OrderedPairs,
                        ReadOnlyMemory rows,
                        Memory room.Values,
                        spans room,
                        neighbors
                    ))

            for name, own, outside in
                [
                    "means", pullMean engine frame null seed true, pullMean engine all list seed true
                    "particles", particles frame null, particles all list
                ] do
                let close what (actual: float[]) (expected: float[]) =
                    let scale = outside.Positions |> Array.fold (fun most v -> max most (abs v)) 1e-300

                    Close.within
                        1e-13
                        (max scale (Array.max (Array.map abs expected)))
                        actual
                        expected
                        $"{name}: {what}"

                close "values" outside.Values own.Values
                close "positions" (folded images count outside.Positions) own.Positions
                close "orientations" (folded images count outside.Orientations) own.Orientations
                close "semi-axes" (folded images count outside.SemiAxes) own.SemiAxes
                close "strain" outside.Strain own.Strain

        property "and some particles as centres are the parts of a sum: the rest as centres gives the rest"
        <| fun (SmallFrame frame) (seed: int) ->
            use engine = Engine.Create(small, 1) |> sure
            let reach = small.Hypers.CutoffRadius
            let frame = Frame.create Cell.none frame.Particles
            let all = [| 0 .. frame.Particles.Length - 1 |]
            let size = engine.SpectrumLength OrderedPairs
            let rows = random seed (all.Length * size)

            let pull (centers: int[]) =
                let own = centers |> Array.collect (fun i -> rows[i * size .. (i + 1) * size - 1])
                let list = OutsideNeighborTests.listFor reach centers frame

                into centers.Length size all.Length false (fun room ->
                    engine.PullParticles(frame, OrderedPairs, ReadOnlyMemory own, Memory room.Values, spans room, list))

            let some, rest = all |> Array.partition (fun i -> (i + seed) % 2 = 0)
            let first, second, whole = pull some, pull rest, pull all

            let scale =
                Seq.append first.Positions second.Positions
                |> Seq.fold (fun m v -> max m (abs v)) 1e-30

            Close.within 1e-12 scale (Array.map2 (+) first.Positions second.Positions) whole.Positions "positions"
    ]

let private lengthTests =
    testList "refuse" [
        testCase "memory of another length, and derivatives that are no numbers"
        <| fun () ->
            use engine = Engine.Create(small, 1) |> sure
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]
            let size = 4 * engine.SpectrumLength OrderedPairs
            let values = Array.zeroCreate<float> size

            let call cotangent (values: float[]) positions strain =
                engine.PullMean(
                    frame,
                    OrderedPairs,
                    ReadOnlyMemory(cotangent: float[]),
                    Memory values,
                    GradientRoom(
                        Memory(Array.zeroCreate<float> positions),
                        Memory<float>.Empty,
                        Memory(Array.zeroCreate<float> strain),
                        Memory<float>.Empty
                    )
                )
                |> Tensors.sentence

            Expect.stringContains (call values[1..] values 3 9) "derivatives by features" "cotangent"
            Expect.stringContains (call values values[1..] 3 9) "length of the values" "values"
            Expect.stringContains (call values values 4 9) "derivatives by positions" "positions"
            Expect.stringContains (call values values 3 8) "derivatives by strain" "strain"
            let stray = Array.mapi (fun i v -> if i = 7 then nan else v) values
            Expect.stringContains (call stray values 3 9) "derivative by feature 7" "nan"
    ]

/// Neighbours that say more centres the second time they are asked.
type private Growing(inner: INeighbors) =
    let mutable asked = 0

    interface INeighbors with
        member _.CenterCount =
            asked <- asked + 1
            if asked = 1 then inner.CenterCount else 1000

        member _.Center place = inner.Center place
        member _.Candidates place = inner.Candidates place

let private disturbanceTests =
    testList "are not disturbed" [
        testCase "by a call within the call, which is refused"
        <| fun () ->
            use engine = Engine.Create(small, 1) |> sure

            let frame =
                Frame.create Cell.none [
                    for i in 0..39 ->
                        let place = Vector3.create (float (i % 4)) (float (i / 4 % 4)) (float (i / 16))
                        Ellipsoid.sphere 1 place 0.5 |> sure
                ]

            let size = engine.SpectrumLength OrderedPairs
            let rows = random 3 (40 * size)

            let pull (rows: float[]) =
                into 40 size 40 false (fun room ->
                    engine.PullParticles(frame, OrderedPairs, ReadOnlyMemory rows, Memory room.Values, spans room))

            let expected = pull rows
            let refusals = ResizeArray<string>()

            engine.Progress <-
                Action<RunProgress>(fun _ ->
                    let other = random 4 (40 * size)
                    let values = Array.zeroCreate<float> other.Length
                    let strain = Array.zeroCreate<float> 9

                    let room =
                        GradientRoom(Memory<float>.Empty, Memory<float>.Empty, Memory strain, Memory<float>.Empty)

                    engine.PullParticles(frame, OrderedPairs, ReadOnlyMemory other, Memory values, room)
                    |> Tensors.sentence
                    |> refusals.Add)

            Expect.equal (pull rows) expected "the outer call"
            Close.above refusals.Count 1 "calls within"
            Expect.all refusals (fun text -> text.Contains "in use") "refused"

        testCase "by neighbours that say more centres the second time"
        <| fun () ->
            use engine = Engine.Create(small, 1) |> sure
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]
            let list = OutsideNeighborTests.listFor 4.0 [| 0 |] frame
            let values = Array.zeroCreate<float>(engine.SpectrumLength OrderedPairs)
            Expect.isOk (engine.ParticleSpectra(frame, OrderedPairs, Memory values, Growing list)) "one centre"
    ]

let private allocationTests =
    testList "in the steady state" [
        for case in [ "three-species-cluster"; "triclinic"; "spheres"; "monomial" ] do
            testCase $"allocate nothing for {case}"
            <| fun () ->
                let frames, projection = load $"anisoap/{case}"
                use engine = Engine.Create(projection, 1) |> sure
                let most = frames |> Array.map _.Particles.Length |> Array.max
                let size = engine.SpectrumLength OrderedPairs
                let species = projection.Species.Length
                let cotangent = random 1 (max species most * size)
                let values = Array.zeroCreate<float>(max species most * size)
                let positions = Array.zeroCreate<float>(3 * most)
                let orientations = Array.zeroCreate<float>(3 * most)
                let semiAxes = Array.zeroCreate<float>(3 * most)
                let strain = Array.zeroCreate<float> 9

                let all () =
                    for frame in frames do
                        let three = 3 * frame.Particles.Length

                        for withShapes in [| false; true |] do
                            let room =
                                GradientRoom(
                                    Memory(positions, 0, three),
                                    Memory(orientations, 0, three),
                                    Memory strain,
                                    Memory(semiAxes, 0, (if withShapes then three else 0))
                                )

                            let rows = frame.Particles.Length * size

                            engine.PullMean(
                                frame,
                                OrderedPairs,
                                ReadOnlyMemory(cotangent, 0, species * size),
                                Memory(values, 0, species * size),
                                room
                            )
                            |> sure

                            engine.PullParticles(
                                frame,
                                OrderedPairs,
                                ReadOnlyMemory(cotangent, 0, rows),
                                Memory(values, 0, rows),
                                room
                            )
                            |> sure

                for _ in 1..5 do
                    all ()

                // The two arrays of `for withShapes in`, a frame each, are the test's own.
                let own = int64 frames.Length * 32L
                Close.below (Allocation.least all) (own + 1L) "bytes"
    ]

[<Tests>]
let tests =
    testList "derivatives by an engine" [ pureTests; ghostTests; lengthTests; disturbanceTests; allocationTests ]
