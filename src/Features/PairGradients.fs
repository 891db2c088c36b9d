namespace AniSoap.Numerics

open System.Collections.Immutable
open AniSoap

/// The coefficients of every pair with their derivatives: clear and composed, one pair at a time.
module internal PairGradients =
    let private displacementOf (frame: Frame) (row: LabelsRow) =
        let shift = Vector3.create (float row[3]) (float row[4]) (float row[5])

        frame.Particles[row[2]].Position + Matrix3.transpose frame.Cell.Vectors * shift
        - frame.Particles[row[1]].Position

    /// Rows of one pair by one parameter: what each atom's moving, turning or growing does to all coefficients, l after l.
    let private rowsOf form projection parameter (frame: Frame) (row: LabelsRow) =
        let first, second = row[1], row[2]
        let neighbor = frame.Particles[second]
        let r = displacementOf frame row

        let changes =
            match parameter with
            | GradientParameter.Positions
            | GradientParameter.Strain -> PairCoefficients.displacementGradient form projection neighbor r
            | GradientParameter.Orientations -> PairCoefficients.rotationGradient form projection neighbor r
            | GradientParameter.SemiAxes -> PairCoefficients.semiAxesGradient form projection neighbor r

        let scaled (factor: float) l (c: Coefficients) = [|
            for m in -l .. l do
                for n in 0 .. c.RadialCount l - 1 do
                    factor * c[l, m, n]
        |]

        let triple factor l = changes |> Array.collect (scaled factor l)

        match parameter with
        | GradientParameter.Strain -> [
            0,
            fun l ->
                [| r.X; r.Y; r.Z |]
                |> Array.collect (fun along -> changes |> Array.collect (scaled along l))
          ]
        | GradientParameter.Positions when first = second -> [ first, triple 0.0 ]
        | GradientParameter.Positions -> [ first, triple -1.0; second, triple 1.0 ] |> List.sortBy fst
        | GradientParameter.Orientations
        | GradientParameter.SemiAxes when first = second -> [ first, triple 1.0 ]
        | GradientParameter.Orientations
        | GradientParameter.SemiAxes -> [ first, triple 0.0; second, triple 1.0 ] |> List.sortBy fst

    /// Gradients of the blocks of one kind of pairs, one for each l, by one parameter. `passed` is told of each pair that is done.
    let private gradients
        form
        projection
        parameter
        (frames: Map<int, Frame>)
        (passed: unit -> unit)
        (blocks: TensorBlock[])
        =
        let samples = ResizeArray<int>()
        let values = blocks |> Array.map (fun _ -> ResizeArray<float>())

        for row in blocks[0].Samples do
            for atom, rows in rowsOf form projection parameter frames[row[0]] row do
                samples.Add row.Position

                if parameter <> GradientParameter.Strain then
                    samples.Add row[0]
                    samples.Add atom

                for l in 0 .. blocks.Length - 1 do
                    values[l].AddRange(rows l)

            passed ()

        let labels = Labels.trusted (GradientParameter.sampleNames parameter) (samples.ToArray())

        Array.map2
            (fun (block: TensorBlock) (values: ResizeArray<float>) ->
                TensorBlock.ofOwned
                    labels
                    (GradientParameter.components parameter @ Seq.toList block.Components)
                    block.Properties
                    (values.ToArray())
                |> Expansion.sure)
            blocks
            values

    let compute
        (options: RunOptions)
        form
        (parameters: Set<GradientParameter>)
        (projection: Projection)
        (frames: (int * Frame)[])
        =
        // Derivatives take most of the time: what is reported is how many of the pairs have theirs.
        Expansion.ofPairs { options with Progress = None } form projection frames
        |> Result.map (fun plain ->
            let byNumber = Map.ofArray frames
            let kinds = plain.Blocks.Length / (projection.Hypers.MaxAngular + 1)
            let finished = [| 0L |]
            let turns = int64 (max 1 parameters.Count)

            let passed () =
                finished[0] <- finished[0] + 1L
                RunOptions.report options 0L 0L (finished[0] / turns)

            // Blocks stand l by l, and within each l kind by kind.
            let ofKind (all: 'T[]) kind = [| for l in 0 .. projection.Hypers.MaxAngular -> all[l * kinds + kind] |]
            let blocks = Seq.toArray plain.Blocks

            for parameter in parameters do
                for kind in 0 .. kinds - 1 do
                    gradients form projection parameter byNumber passed (ofKind blocks kind)
                    |> Array.iteri (fun l gradient ->
                        let at = l * kinds + kind

                        blocks[at] <-
                            TensorBlock.withGradient (GradientParameter.name parameter) gradient blocks[at]
                            |> Expansion.sure)

            let particles = frames |> Array.sumBy (fun (_, frame) -> int64 frame.Particles.Length)
            RunOptions.report options (int64 frames.Length) particles (finished[0] / turns)
            TensorMap.create plain.Keys blocks |> Expansion.sure)
