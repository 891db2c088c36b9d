namespace AniSoap.Numerics

open System
open AniSoap
open AniSoap.Numerics

/// Hands on the means of a frame and their derivatives, species by species. An atom stands in a mean's derivatives if some centre of the species depends on it.
/// Sums of coefficients become spectra of their means (`inner`).
[<Sealed>]
type internal MeanGradients
    (projection: Projection, size: int, parameters: Set<GradientParameter>, inner: InnerMeanRows voption) =
    let zeros = Array.zeroCreate<float> size
    // Of what was added up, and of features.
    let mutable rows = Array.empty<float>
    let mutable finished = Array.empty<float>

    let atomParameters =
        [|
            struct (GradientParameter.Positions, ForwardRows.Positions, projection.Unit.FromUser)
            struct (GradientParameter.Orientations, ForwardRows.Orientations, 1.0)
            struct (GradientParameter.SemiAxes, ForwardRows.SemiAxes, projection.PerSemiAxis)
        |]
        |> Array.filter (fun (struct (parameter, _, _)) -> parameters.Contains parameter)

    let mutable scratch = AlignedBuffer 0

    let scaled (factor: float) (source: float[]) =
        for i in 0 .. source.Length - 1 do
            rows[i] <- factor * source[i]

        source.Length

    /// The first so many numbers of `rows`, as features.
    let features length : ReadOnlySpan<float> =
        match inner with
        | ValueNone -> ReadOnlySpan(rows, 0, length)
        | ValueSome inner ->
            let count = length / (rows.Length / 9) * size

            if finished.Length = 0 then
                finished <- Array.zeroCreate (9 * size)

            inner.Along(ReadOnlySpan(rows, 0, length), Span(finished, 0, count))
            ReadOnlySpan(finished, 0, count)

    /// Hands on the sums of a frame.
    member _.Send(sink: IGradientSink, system: int, job: FrameJob, sums: DerivativeSums) =
        let species = job.Prepared.Gaussians.SpeciesIndex

        if rows.Length = 0 then
            rows <- Array.zeroCreate (9 * sums.Size)

        if scratch.Length < sums.Layout.Scratch + 8 then
            scratch <- AlignedBuffer(sums.Layout.Scratch + 8)

        for s in 0 .. projection.Species.Length - 1 do
            let factor = 1.0 / float (max 1 sums.Counts[s])

            let mean =
                if sums.Counts[s] = 0 then
                    zeros
                else
                    let values = sums.Values[s]

                    for i in 0 .. sums.Size - 1 do
                        values[i] <- factor * values[i]

                    values

            match inner with
            | ValueSome inner when sums.Counts[s] > 0 -> sink.Row(s, system, -1, inner.Take(ReadOnlySpan mean))
            | _ -> sink.Row(s, system, -1, ReadOnlySpan mean)

            if sums.Counts[s] > 0 then
                for struct (parameter, kind, perLength) in atomParameters do
                    for atom in 0 .. sums.Particles - 1 do
                        if sums.Find(s, atom) >= 0 then
                            let target = Span(rows, 0, 3 * sums.Size)
                            target.Clear()

                            sums.Finish(kind, s, species[atom], atom, factor * perLength, scratch.Pointer, target)

                            sink.Atom(parameter, s, system, atom, features (3 * sums.Size))

                if parameters.Contains GradientParameter.Strain then
                    sink.Strain(s, features (scaled factor (sums.Strain[s])))
