namespace AniSoap

open System
open System.Runtime.InteropServices
open AniSoap.Numerics

/// Pair spectra of one frame after another with all that energies, forces and torques linear in them need. One call at a time; memory grows with the largest frame.
/// Spans are good until the next call.
[<Sealed>]
type PairSpectrumRows(basis: PairBasis) =
    let rows = PairRows basis

    let rowOf first particle axis =
        if uint particle >= uint rows.Particles || uint axis > 2u then
            raise (
                ArgumentOutOfRangeException(nameof particle, particle, "a particle of the frame, and an axis 0, 1 or 2")
            )

        rows.Row(first + 3 * particle + axis)

    member internal _.Rows = rows

    /// What the columns are (`PairBasis.properties`).
    member _.Basis = basis

    /// Particles of the frame.
    member _.Particles = rows.Particles

    /// Computes the rows of a frame, with neighbours from outside or its own. Of frames with neighbours from outside images are particles of their own, and have
    /// derivatives of their own. Refuses frames with species that the basis does not know.
    member _.Compute
        (frame: Frame, [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null)
        : Result<unit, AniSoapError> =
        FrameCheck.run basis.Projection frame
        |> Result.bind (fun () -> rows.CheckSize frame.Particles.Length)
        |> Result.map (fun () -> rows.Fill(frame, neighbors))
        |> Result.bind (fun () -> PairFrame.CheckStray rows.Stray)

    /// The pair spectrum of the frame: the sum over its centres.
    member _.Values: ReadOnlySpan<float> = rows.Row 0

    /// −∂/∂r of a particle (and its images) along x, y or z (0, 1, 2).
    member _.Forces(particle: int, axis: int) : ReadOnlySpan<float> = rowOf 1 particle axis

    /// −∂/∂ω of a particle that turns about the lab's x, y or z through its own centre, in radians.
    member _.Torques(particle: int, axis: int) : ReadOnlySpan<float> = rowOf (1 + 3 * rows.Particles) particle axis

    /// −∂/∂ε_ab: positions and cell vectors become (1 + ε) r, orientations and shapes stay. Σ r_a f_b over pairs.
    member _.Virial(a: int, b: int) : ReadOnlySpan<float> =
        if uint a > 2u || uint b > 2u then
            raise (ArgumentOutOfRangeException(nameof a, a, "two axes 0, 1 or 2"))

        rows.Row(1 + 6 * rows.Particles + 3 * a + b)

/// Pair spectra of one frame after another, without derivatives. One call at a time; memory is that of the largest frame. A span is good until the next call.
[<Sealed>]
type PairSpectrumValues(basis: PairBasis) =
    let frame = PairFrame basis
    let work = ScalarLanes.Workspace basis
    let stride = work.Pairs.Stride
    let sums = AlignedBuffer(basis.Length * stride)
    let values = Array.zeroCreate<float> basis.Length

    /// What the columns are (`PairBasis.properties`).
    member _.Basis = basis

    /// The spectrum of the frame: the sum over its centres.
    member _.Values: ReadOnlySpan<float> = ReadOnlySpan values

    /// Computes the spectrum of a frame. Refuses frames with species that the basis does not know.
    member _.Compute(given: Frame) : Result<unit, AniSoapError> =
        FrameCheck.run basis.Projection given
        |> Result.bind (fun () -> frame.CheckSize given.Particles.Length)
        |> Result.map (fun () ->
            frame.Fill(given, null)
            sums.Span.Clear()

            for place in 0 .. frame.Search.Count - 1 do
                PairValues.addCenter frame work place sums

            let lanes = sums.Span

            for column in 0 .. values.Length - 1 do
                let mutable sum = 0.0

                for lane in 0 .. stride - 1 do
                    sum <- sum + lanes[column * stride + lane]

                values[column] <- sum)

/// Sums over pairs of particles of scalars of their densities, weighed by their contact gap: what potentials are linear in. Each directed pair brings
/// Σ_m d_{nlm} c_{n'lm} (d of the centre's own density, c of the neighbour's, both about the centre) times exp(−α h) f(r), and Σ_m c_{nlm} c_{n'lm} times its square, with h the contact
/// gap (`ContactGap`) and f the cutoff's smoothing. Every such number is the same for frames that are turned or shifted as a whole.
module PairSpectrum =
    /// The pair spectra of frames as a table: a row a frame, sums over its centres. Refuses frames with species that the basis does not know.
    let ofFrames (basis: PairBasis) (frames: Frame seq) : Result<TensorBlock, AniSoapError> =
        let spectra = PairSpectrumValues basis
        let values = ResizeArray<float>()
        let mutable count = 0
        let mutable failure = None
        use enumerator = frames.GetEnumerator()

        while failure.IsNone && enumerator.MoveNext() do
            match spectra.Compute enumerator.Current with
            | Ok() -> values.AddRange(spectra.Values.ToArray())
            | Error error -> failure <- Some(AniSoapError.at { Place.Unknown with Frame = Some count } error)

            count <- count + 1

        match failure with
        | Some error -> Error error
        | None ->
            Labels.range "system" count
            |> Result.bind (fun samples -> TensorBlock.create samples [] (PairBasis.properties basis) values)
