namespace AniSoap.Numerics

open System
open AniSoap
open AniSoap.Numerics

/// Hands on the means of a frame and their derivatives, species by species. An atom stands in a mean's derivatives if some centre of the species depends on it.
[<Sealed>]
type internal MeanGradients(projection: Projection, size: int, parameters: Set<GradientParameter>) =
    let zeros = Array.zeroCreate<float> size
    let mutable rows = Array.empty<float>

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

        ReadOnlySpan(rows, 0, source.Length)

    /// Hands on the sums of a frame.
    member _.Send(sink: IGradientSink, system: int, job: FrameJob, sums: DerivativeSums) =
        let species = job.Prepared.Gaussians.SpeciesIndex

        if rows.Length = 0 then
            rows <- Array.zeroCreate (9 * size)

        if scratch.Length < sums.Layout.Scratch + 8 then
            scratch <- AlignedBuffer(sums.Layout.Scratch + 8)

        for s in 0 .. projection.Species.Length - 1 do
            let factor = 1.0 / float (max 1 sums.Counts[s])

            let mean =
                if sums.Counts[s] = 0 then
                    zeros
                else
                    let values = sums.Values[s]

                    for i in 0 .. size - 1 do
                        values[i] <- factor * values[i]

                    values

            sink.Row(s, system, -1, ReadOnlySpan mean)

            if sums.Counts[s] > 0 then
                for struct (parameter, kind, perLength) in atomParameters do
                    for atom in 0 .. sums.Particles - 1 do
                        if sums.Find(s, atom) >= 0 then
                            let target = Span(rows, 0, 3 * size)
                            target.Clear()

                            sums.Finish(kind, s, species[atom], atom, factor * perLength, scratch.Pointer, target)

                            sink.Atom(parameter, s, system, atom, Span.op_Implicit target)

                if parameters.Contains GradientParameter.Strain then
                    sink.Strain(s, scaled factor (sums.Strain[s]))
