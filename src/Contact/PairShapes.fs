namespace AniSoap

open System
open System.Runtime.InteropServices
open AniSoap.Numerics

/// What one pair's spectrum is made of, and what that changes by when its two particles swell: clear stages, one pair at a time, in the unit of the input.
///
///     F = φ_k S_{l n n'},  S = Σ_m d_{nlm} c_{n'lm} (l even)     F = φ_k² P_{l n n'},  P = Σ_m c_{nlm} c_{n'lm} (n ≤ n')
///
/// with φ the contact channels times the smoothing, d the centre's own density and c the neighbour's. A semi-axis of the centre changes d and the gap, one of the neighbour
/// c and the gap.
[<Sealed>]
type internal PairShapeParts(basis: PairBasis) =
    let layout = basis.Layout
    let hypers = basis.Hypers
    let single = basis.Single
    let functions shape (all: ContactChannel[]) = [| for one in all -> struct (shape, one) |]
    let channelsOf all = [| 0 .. layout.Shapes - 1 |] |> Array.collect (fun shape -> functions shape all)
    let ownChannels = channelsOf layout.OwnFunctions
    let neighborChannels = channelsOf layout.NeighborFunctions

    let semiAxesOf (kind: ContactShape) (particle: Ellipsoid) =
        match kind with
        | ContactShape.Scaled factor -> factor * particle.SemiAxes
        | ContactShape.BySpecies all -> all[particle.Species]

    /// What contact axes change by with the particle's own.
    let perSemiAxis (kind: ContactShape) =
        match kind with
        | ContactShape.Scaled factor -> factor
        | ContactShape.BySpecies _ -> 0.0

    let shapes = List.toArray hypers.ContactShapes

    let contact kind (first: Ellipsoid) (second: Ellipsoid) r =
        let shaped (particle: Ellipsoid) =
            Ellipsoid.trusted particle.Species particle.Position particle.Orientation (semiAxesOf kind particle)

        ContactGap.ofPair (shaped first) (shaped second) r

    /// Σ_m a_{n1} b_{n2} of own × neighbour.
    let own (a: Coefficients) (b: Coefficients) = [|
        for l in 0..2 .. layout.MaxAngular do
            for n1 in 0 .. layout.OwnRadial - 1 do
                for n2 in 0 .. layout.Radial - 1 do
                    let mutable sum = 0.0

                    for m in -l .. l do
                        sum <- sum + a[l, m, n1] * b[l, m, n2]

                    sum
    |]

    /// Σ_m (a_{n1} b_{n2} + b_{n1} a_{n2})/2 of neighbour × same neighbour.
    let twice (a: Coefficients) (b: Coefficients) = [|
        for l in 0 .. layout.MaxAngular do
            for n1 in 0 .. layout.NeighborRadial - 1 do
                for n2 in n1 .. layout.NeighborRadial - 1 do
                    let mutable sum = 0.0

                    for m in -l .. l do
                        sum <- sum + 0.5 * (a[l, m, n1] * b[l, m, n2] + b[l, m, n1] * a[l, m, n2])

                    sum
    |]

    let scaled (factor: float) = Array.map (fun value -> factor * value)

    /// Columns of a directed pair of species.
    member _.Length = layout.Length

    /// A particle's own density and its changes by its semi-axes.
    member _.Own(particle: Ellipsoid) : struct (Coefficients * Coefficients[]) =
        struct (Coefficients.compute single particle Vector3.zero,
                Coefficients.semiAxesGradient RadialForm.Orthonormal single particle Vector3.zero)

    /// For a pair, given the centre's own density, calls back for every channel with its first column (from 0), φ or φ², its changes by the centre's and by the neighbour's
    /// semi-axes, the scalars, and theirs.
    member _.Visit
        (
            first: Ellipsoid,
            second: Ellipsoid,
            r: Vector3,
            struct (density: Coefficients, changes: Coefficients[]),
            visit: int -> struct (float * float[] * float[]) -> float[] -> float[][] -> float[][] -> unit
        ) =
        let struct (smooth, _) = PairSmoothing.valueAndSlope hypers (Vector3.norm r)

        let gaps =
            shapes
            |> Array.map (fun kind -> struct (perSemiAxis kind, contact kind first second r))

        let c = Coefficients.compute single second r
        let ofNeighbor = Coefficients.semiAxesGradient RadialForm.Orthonormal single second r

        let channel isSquared (struct (shape, one)) : struct (float * float[] * float[]) =
            let struct (factor, gap) = gaps[shape]
            let struct (value, slope) = ContactChannel.valueAndSlope hypers.DeepestGap one gap.Gap
            let value, slope = smooth * value, factor * smooth * slope
            let slope = if isSquared then 2.0 * value * slope else slope
            let axes (v: Vector3) = [| slope * v.X; slope * v.Y; slope * v.Z |]

            struct ((if isSquared then value * value else value), axes gap.ByFirstSemiAxes, axes gap.BySecondSemiAxes)

        if ownChannels.Length > 0 then
            let scalars = own density c
            let byFirst = changes |> Array.map (fun change -> own change c)
            let bySecond = ofNeighbor |> Array.map (fun change -> own density change)

            for k in 0 .. ownChannels.Length - 1 do
                visit (k * layout.OwnLength) (channel false ownChannels[k]) scalars byFirst bySecond

        if neighborChannels.Length > 0 then
            let scalars = twice c c
            let none = Array.replicate 3 (Array.zeroCreate<float> scalars.Length)
            let bySecond = ofNeighbor |> Array.map (fun change -> twice c change |> scaled 2.0)

            let start = ownChannels.Length * layout.OwnLength

            for k in 0 .. neighborChannels.Length - 1 do
                visit (start + k * layout.NeighborLength) (channel true neighborChannels[k]) scalars none bySecond

/// Derivatives of pair spectra by the semi-axes of particles, forwards (every column, a row for every particle and axis) and backwards (the energy alone). Of orientations and positions
/// `PairSpectrumRows` and `PairEnergy` know, many times faster: shapes change in fits of shapes and in tests, not step after step.
[<Sealed>]
type PairSpectrumShapes(basis: PairBasis) =
    let parts = PairShapeParts basis
    let mutable rows = Array.empty<float>
    let mutable particles = 0

    let prepare (frame: Frame) =
        FrameCheck.run basis.Projection frame
        |> Result.bind (fun () -> NeighborList.create basis.Hypers.CutoffRadius frame)
        |> Result.map (fun pairs -> pairs, frame.Particles |> Seq.map parts.Own |> Seq.toArray)

    /// The first columns that a pair stands in, each with its weight.
    let columnsOf (frame: Frame) first second =
        let species (i: int) = basis.Projection.SpeciesIndex(frame.Particles.SpeciesOf i)
        let center, neighbor = species first, species second

        if basis.ChannelWeights.Length = 0 then
            [| struct (basis.FirstColumn(center, neighbor), 1.0) |]
        else
            let found = ResizeArray<struct (int * float)>()
            basis.VisitChannels(center, neighbor, (fun column weight -> found.Add(struct (column, weight))))
            found.ToArray()

    /// What the columns are (`PairBasis.properties`).
    member _.Basis = basis

    /// Particles of the frame.
    member _.Particles = particles

    /// Computes the derivatives of a frame's pair spectrum. Memory: three rows a particle. Refuses frames with species that the basis does not know.
    member _.Compute(frame: Frame) : Result<unit, AniSoapError> =
        let count = frame.Particles.Length

        ArraySize.check "derivatives of a pair spectrum by semi-axes" [ 3L; int64 count; int64 basis.Length ]
        |> Result.bind (fun size -> prepare frame |> Result.map (fun found -> size, found))
        |> Result.map (fun (size, (pairs, own)) ->
            particles <- count
            rows <- Array.zeroCreate size

            for pair in pairs do
                let starts = columnsOf frame pair.First pair.Second

                let add particle axis column (phi: float) (slope: float) (scalars: float[]) (changes: float[]) =
                    for struct (start, weight) in starts do
                        let at = (3 * particle + axis) * basis.Length + start + column

                        for i in 0 .. scalars.Length - 1 do
                            rows[at + i] <- rows[at + i] + weight * (phi * changes[i] + slope * scalars[i])

                parts.Visit(
                    frame.Particles[pair.First],
                    frame.Particles[pair.Second],
                    pair.Displacement,
                    own[pair.First],
                    fun column (struct (phi, ofFirst, ofSecond)) scalars byFirst bySecond ->
                        for axis in 0..2 do
                            add pair.First axis column phi ofFirst[axis] scalars byFirst[axis]
                            add pair.Second axis column phi ofSecond[axis] scalars bySecond[axis]
                ))

    /// ∂/∂a of a particle's semi-axis along its body's x, y or z (0, 1, 2), its images' with it. Good until the next call.
    member _.SemiAxes(particle: int, axis: int) : ReadOnlySpan<float> =
        if uint particle >= uint particles || uint axis > 2u then
            raise (
                ArgumentOutOfRangeException(nameof particle, particle, "a particle of the frame, and an axis 0, 1 or 2")
            )

        ReadOnlySpan(rows, (3 * particle + axis) * basis.Length, basis.Length)

    /// The energy E = Σ w F of weights w, one for every column, and into `semiAxes` ∂E/∂a, three numbers a particle: what it costs does not grow with particles times columns. Refuses
    /// frames with species that the basis does not know, and memory of other lengths.
    member _.Pull(frame: Frame, weights: ReadOnlyMemory<float>, semiAxes: Memory<float>) : Result<float, AniSoapError> =
        let count = frame.Particles.Length

        EnergyRoom.checkLength "the derivatives by semi-axes" semiAxes.Length (3 * count)
        |> Result.bind (fun () -> EnergyRoom.checkLength "weights" weights.Length basis.Length)
        |> Result.bind (fun () -> prepare frame)
        |> Result.map (fun (pairs, own) ->
            semiAxes.Span.Clear()
            let energy = [| 0.0 |]

            for pair in pairs do
                let starts = columnsOf frame pair.First pair.Second

                let dot column (values: float[]) =
                    let mutable sum = 0.0

                    for struct (start, weight) in starts do
                        let own = weights.Span.Slice(start + column, values.Length)
                        sum <- sum + weight * RowSums.dot (ReadOnlySpan values) own

                    sum

                let add (particle: int) axis (value: float) =
                    let target = semiAxes.Span
                    target[3 * particle + axis] <- target[3 * particle + axis] + value

                parts.Visit(
                    frame.Particles[pair.First],
                    frame.Particles[pair.Second],
                    pair.Displacement,
                    own[pair.First],
                    fun column (struct (phi, ofFirst, ofSecond)) scalars byFirst bySecond ->
                        let sum = dot column scalars
                        energy[0] <- energy[0] + phi * sum

                        for axis in 0..2 do
                            add pair.First axis (phi * dot column byFirst[axis] + ofFirst[axis] * sum)
                            add pair.Second axis (phi * dot column bySecond[axis] + ofSecond[axis] * sum)
                )

            energy[0])
