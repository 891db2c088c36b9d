/// Pair spectra: values against a slow sum, derivatives against differences, what must not change, and neighbours from outside.
module AniSoap.Tests.PairSpectrumTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.FiniteDifferences
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors

let private smoothing (distance: float) =
    let x = Math.PI * (3.3 - distance) / 1.4
    if distance > 2.6 then sin x ** 2.0 else 1.0

let private slowChannel (channel: ContactChannel) =
    match channel with
    | ContactChannel.Exponential rate -> Reference.PairSpectrum.Decay rate
    | ContactChannel.Power(power, length) -> Reference.PairSpectrum.Inverse(power, length)

let private slow (hypers: PairHypers) : Reference.PairSpectrum.Wishes = {
    Settings = {
        Radial = Reference.Gto hypers.RadialGaussianWidth
        RadialCounts = Reference.Settings.uniform hypers.MaxAngular hypers.MaxRadial
        Functions = Reference.Orthonormal 1e-8
        Cutoff = hypers.CutoffRadius
        WithCentre = false
        PairWeight = smoothing
    }
    OwnCount = hypers.OwnMaxRadial + 1
    NeighborCount = hypers.NeighborMaxRadial + 1
    DensityScale = hypers.DensityScale
    Shapes = [ _.SemiAxes; (fun particle -> shapes[particle.Species]) ]
    OwnChannels = List.map slowChannel hypers.OwnChannels
    NeighborChannels = List.map slowChannel hypers.NeighborChannels
    DeepestGap = hypers.DeepestGap
}

/// Columns of a directed pair of species, one after another: each has sizes of its own.
let private blocks (basis: PairBasis) (values: float[]) =
    values
    |> Array.chunkBySize (basis.Length / basis.Species.Length / basis.Species.Length)

let private sameRows tolerance (basis: PairBasis) (actual: float[]) (expected: float[]) message =
    Array.iter2
        (fun actual expected ->
            // A pair of species that has no pairs.
            if expected |> Array.forall ((=) 0.0) then
                Expect.equal actual expected message
            else
                Close.toLargest tolerance actual expected message)
        (blocks basis actual)
        (blocks basis expected)

/// All derivatives of a frame along a direction.
let private along (rows: PairSpectrumRows) (direction: Direction) =
    let result = Array.zeroCreate<float> rows.Basis.Length

    let add (factor: float) (row: float[]) =
        for i in 0 .. row.Length - 1 do
            result[i] <- result[i] - factor * row[i]

    match direction.Parameter with
    | GradientParameter.Strain ->
        let e = [| direction.Strain.Row1; direction.Strain.Row2; direction.Strain.Row3 |]

        for a in 0..2 do
            for b in 0..2 do
                // r_b grows by ε_ba r_a.
                add ([| e[b].X; e[b].Y; e[b].Z |][a]) (rows.Virial(a, b).ToArray())
    | parameter ->
        for i in 0 .. rows.Particles - 1 do
            let v = direction.Vectors[i]

            for axis, factor in [ 0, v.X; 1, v.Y; 2, v.Z ] do
                add
                    factor
                    (if parameter = GradientParameter.Positions then
                         rows.Forces(i, axis).ToArray()
                     else
                         rows.Torques(i, axis).ToArray())

    result

let private derivativeTests =
    testList "derivatives of pair spectra" [
        for name, change in
            [
                "with a smooth cutoff", id
                "of low order",
                (fun (hypers: PairHypers) -> {
                    hypers with
                        MaxAngular = 0
                        MaxRadial = 0
                        OwnMaxRadial = 0
                        NeighborMaxRadial = 0
                })
                "of high order",
                (fun (hypers: PairHypers) -> {
                    hypers with
                        MaxAngular = 8
                        MaxRadial = 4
                        OwnMaxRadial = 2
                        NeighborMaxRadial = 3
                })
            ] do
            testCase $"{name} are those of differences, by positions, orientations and strain"
            <| fun () ->
                let random = Random 3

                for seed in 1..3 do
                    let frame = skew seed 4
                    // No pair near the cutoff or the beginning of its smoothing, where the second derivative jumps.
                    let wanted = { Hypers.gto 0 0 1.0 3.3 with Smoothing = Smoothing.ShiftedCosine 0.7 }

                    let away, h = awayFromCutoff wanted frame
                    let hypers = change { hypers with CutoffRadius = away.CutoffRadius }
                    let basis = PairBasis.create hypers [ 1; 6; 8 ] |> sure
                    let rows = rowsOf basis frame

                    for parameter in
                        [ GradientParameter.Positions; GradientParameter.Orientations; GradientParameter.Strain ] do
                        let direction = direction random parameter frame
                        let exact = along rows direction
                        let found = differences (values basis) direction (0.5 * h) frame
                        sameRows 2e-8 basis found exact $"{name}, {GradientParameter.name parameter}"

        for name, kind, above, slopeAt in
            [
                "exponentials",
                ContactChannel.Exponential 4.0,
                (fun gap -> exp (-4.0 * gap)),
                (fun value -> -4.0 * value)
                "powers",
                ContactChannel.Power(6.0, 0.5),
                (fun gap -> (1.0 + 2.0 * gap) ** -6.0),
                (fun value -> -6.0 / (0.5 - 0.3) * value)
            ] do
            testCase $"of {name} go on in a straight line below the deepest gap, without a step"
            <| fun () ->
                let frame distance =
                    Frame.create Cell.none [
                        Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure
                        Ellipsoid.sphere 1 (Vector3.create distance 0.0 0.0) 0.5 |> sure
                    ]

                let basis =
                    PairBasis.create
                        {
                            hypers with
                                // Nothing but the channel: the density is a point, seen from its own place.
                                MaxAngular = 0
                                MaxRadial = 0
                                OwnMaxRadial = 0
                                NeighborMaxRadial = 0
                                OwnChannels = [ kind ]
                                NeighborChannels = []
                                RadialGaussianWidth = 1e4
                                ContactShapes = [ ContactShape.Scaled 1.0 ]
                                DeepestGap = -0.3
                                Smoothing = Smoothing.Step
                        }
                        [ 1 ]
                    |> sure

                let value distance = (values basis (frame distance))[0]
                let unit = value 0.8 / above -0.2
                let at gap = value (1.0 + gap) / unit

                for gap in [ 0.4; -0.1; -0.3; -0.31; -0.6; -0.9 ] do
                    let expected =
                        if gap >= -0.3 then
                            above gap
                        else
                            above -0.3 + slopeAt (above -0.3) * (gap + 0.3)

                    Close.within 1e-6 expected [| at gap |] [| expected |] $"gap {gap}"

                let slope distance = -(rowsOf basis (frame distance)).Forces(1, 0).[0]
                Close.within 1e-6 (abs (slope 0.6)) [| slope 0.2 |] [| slope 0.6 |] "slope below"

                Close.within
                    1e-6
                    (abs (slope 0.6))
                    [| slope (0.7 + 1e-12) |]
                    [| slope (0.7 - 1e-12) |]
                    "slope at the gap"
    ]

let private invarianceTests =
    testList "pair spectra" [
        propertyTimes 25 "are those of a slow sum over pairs and images"
        <| fun (SmallFrame frame) ->
            let expected = Reference.PairSpectrum.frame (slow hypers) [| 1; 6; 8 |] frame
            sameRows 1e-10 basis (values basis frame) expected "columns"

        propertyTimes 40 "do not change when everything is turned, reflected, shifted, or moved by whole cells"
        <| fun (SmallFrame frame) (SomeRotation q) (SomeDisplacement shift) ->
            let expected = values basis frame
            let same name changed = sameRows 1e-10 basis (values basis changed) expected name
            same "turned" (Transform.rotate q frame)
            same "reflected" (Transform.invert frame)
            same "shifted" (Transform.translate shift frame)
            same "by cells" (Transform.moveByCells (fun i -> struct (i % 3 - 1, -i % 2, i % 2)) frame)
            same "in another order" (Transform.reverse frame)

        propertyTimes 40 "have forces without a sum, and torques that the arms of forces balance where nothing repeats"
        <| fun (SomeCluster frame) ->
            let kinds = Frame.species frame
            let wide = { hypers with ContactShapes = [ ContactShape.Scaled 1.0 ] }
            let basis = PairBasis.create wide kinds |> sure
            let frame = Frame.create Cell.none frame.Particles
            let rows = rowsOf basis frame
            let count = rows.Particles

            for column in 0 .. basis.Length - 1 do
                let force i =
                    Vector3.create
                        (rows.Forces(i, 0).[column])
                        (rows.Forces(i, 1).[column])
                        (rows.Forces(i, 2).[column])

                let torque i =
                    Vector3.create
                        (rows.Torques(i, 0).[column])
                        (rows.Torques(i, 1).[column])
                        (rows.Torques(i, 2).[column])

                let place i = frame.Particles[i].Position
                let all = [ 0 .. count - 1 ]
                let sum = all |> List.fold (fun total i -> total + force i) Vector3.zero

                let moments =
                    all
                    |> List.fold (fun total i -> total + torque i + Vector3.cross (place i) (force i)) Vector3.zero

                let size =
                    all
                    |> List.sumBy (fun i ->
                        Vector3.norm (force i) * (1.0 + Vector3.norm (place i))
                        + Vector3.norm (torque i))

                Close.atMost (Vector3.norm sum) (1e-12 * size) "sum of forces"
                Close.atMost (Vector3.norm moments) (1e-11 * size) "balance of torques"

        propertyTimes
            20
            "with images as ghosts are those of the periodic frame, and so are forces that ghosts hand to their particles"
        <| fun (SmallFrame frame) ->
            let ghosts, owner = OutsideNeighborTests.withGhosts 3.5 frame
            let own = frame.Particles.Length
            let list = OutsideNeighborTests.listFor 3.6 [| 0 .. own - 1 |] ghosts
            let rows = PairSpectrumRows basis
            rows.Compute(ghosts, list) |> sure
            let expected = rowsOf basis frame
            sameRows 1e-10 basis (rows.Values.ToArray()) (expected.Values.ToArray()) "columns"

            for i in 0 .. own - 1 do
                for axis in 0..2 do
                    let sums = Array.zeroCreate<float> basis.Length

                    for ghost in 0 .. owner.Length - 1 do
                        if owner[ghost] = i then
                            let force = rows.Forces(ghost, axis)

                            for k in 0 .. sums.Length - 1 do
                                sums[k] <- sums[k] + force[k]

                    let scale =
                        Array.max [|
                            for a in 0..2 do
                                for f in expected.Forces(i, a).ToArray() do
                                    abs f
                        |]
                        + 1e-3
                          * Array.max [|
                              for f in expected.Values.ToArray() do
                                  1e-6 + abs f
                          |]

                    Close.within 1e-9 scale sums (expected.Forces(i, axis).ToArray()) "forces"

        testCase "have labels for every column, all different"
        <| fun () ->
            let labels = PairBasis.properties basis
            Expect.equal labels.Count basis.Length "columns"

            Expect.equal
                (labels
                 |> Seq.map (fun row -> List.ofArray (row.Values.ToArray()))
                 |> Seq.distinct
                 |> Seq.length)
                basis.Length
                "different"

        testCase "with forces of more numbers than an array has are refused by name, counted in 64 bits"
        <| fun () ->
            let more = { hypers with MaxAngular = 6; MaxRadial = 3; OwnMaxRadial = 3; NeighborMaxRadial = 3 }
            let basis = PairBasis.create more [ 1; 6; 8 ] |> sure
            // So many that their product with the columns is somewhat above 2^32.
            let count = int (4294967296L / 6L / int64 basis.Length) + 1
            Close.below count 300_000 "particles"

            let frame =
                Frame.create
                    Cell.none
                    (Seq.init count (fun i ->
                        let place = Vector3.create (float (i % 1000)) (float (i / 1000)) 0.0
                        Ellipsoid.sphere 1 (10.0 * place) 0.1 |> sure))

            let refusal = (PairSpectrumRows basis).Compute frame |> sentence
            Expect.stringContains refusal "numbers of a frame's pair spectrum" "what"
            Expect.stringContains refusal "at most 2147483591" "limit"

        testCase "of frames are a table with these labels, and a frame of an unknown species is refused with its number"
        <| fun () ->
            let table = PairSpectrum.ofFrames basis [ skew 1 3; skew 2 4 ] |> sure
            Expect.equal (table.Samples.Count, table.Properties) (2, PairBasis.properties basis) "labels"
            Close.toLargest 1e-13 (table.Row(1, 0).ToArray()) (values basis (skew 2 4)) "row"
            let stray = Frame.create Cell.none [ Ellipsoid.sphere 7 Vector3.zero 1.0 |> sure ]
            let refusal = PairSpectrum.ofFrames basis [ skew 1 3; stray ] |> sentence
            Expect.stringContains refusal "frame 1" "frame"
            Expect.stringContains refusal "species" "parameter"
    ]

let private refusals =
    testList "hyperparameters of pair spectra that cannot work are refused by name" [
        for number, (name, (change: PairHypers -> PairHypers)) in
            List.indexed [
                "max_angular", (fun (hypers: PairHypers) -> { hypers with MaxAngular = 18 })
                "max_radial", (fun (hypers: PairHypers) -> { hypers with MaxRadial = -1 })
                "own_max_radial", (fun (hypers: PairHypers) -> { hypers with OwnMaxRadial = 3 })
                "neighbor_max_radial", (fun (hypers: PairHypers) -> { hypers with NeighborMaxRadial = 3 })
                "radial_gaussian_width", (fun (hypers: PairHypers) -> { hypers with RadialGaussianWidth = 0.0 })
                "cutoff_radius", (fun (hypers: PairHypers) -> { hypers with CutoffRadius = nan })
                "cutoff_smoothing_width",
                (fun (hypers: PairHypers) -> { hypers with Smoothing = Smoothing.ShiftedCosine 4.0 })
                "density_scale", (fun (hypers: PairHypers) -> { hypers with DensityScale = -1.0 })
                "own_channels",
                (fun (hypers: PairHypers) -> {
                    hypers with
                        OwnChannels = List.replicate 2 (ContactChannel.Exponential 1.0)
                })
                "rate of a contact channel",
                (fun (hypers: PairHypers) -> { hypers with NeighborChannels = [ ContactChannel.Exponential -1.0 ] })
                "power of a contact channel",
                (fun (hypers: PairHypers) -> { hypers with OwnChannels = [ ContactChannel.Power(nan, 20.0) ] })
                "length of a contact channel",
                (fun (hypers: PairHypers) -> { hypers with OwnChannels = [ ContactChannel.Power(2.0, 12.0) ] })
                "contact channels",
                (fun (hypers: PairHypers) -> { hypers with OwnChannels = []; NeighborChannels = [] })
                "contact shapes", (fun (hypers: PairHypers) -> { hypers with ContactShapes = [] })
                "contact shape",
                (fun (hypers: PairHypers) -> { hypers with ContactShapes = [ ContactShape.Scaled 0.0 ] })
                "contact shape of species",
                (fun (hypers: PairHypers) -> { hypers with ContactShapes = [ ContactShape.BySpecies Map.empty ] })
                "deepest_gap", (fun (hypers: PairHypers) -> { hypers with DeepestGap = 0.1 })
                "deepest_gap", (fun (hypers: PairHypers) -> { hypers with DeepestGap = -1e3 })
            ] do
            let changed = change hypers

            testCase $"{name}, case {number}"
            <| fun () ->
                let refusal = PairBasis.create changed [ 1; 6; 8 ] |> sentence
                Expect.stringContains refusal name "parameter"
    ]

[<Tests>]
let tests = testList "contact" [ invarianceTests; derivativeTests; refusals ]
