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
            | Positions
            | Strain -> PairCoefficients.displacementGradient form projection neighbor r
            | Orientations -> PairCoefficients.rotationGradient form projection neighbor r
            | SemiAxes -> PairCoefficients.semiAxesGradient form projection neighbor r

        let scaled (factor: float) l (c: Coefficients) = [|
            for m in -l .. l do
                for n in 0 .. c.RadialCount l - 1 do
                    factor * c[l, m, n]
        |]

        let triple factor l = changes |> Array.collect (scaled factor l)

        match parameter with
        | Strain -> [
            0,
            fun l ->
                [| r.X; r.Y; r.Z |]
                |> Array.collect (fun along -> changes |> Array.collect (scaled along l))
          ]
        | Positions when first = second -> [ first, triple 0.0 ]
        | Positions -> [ first, triple -1.0; second, triple 1.0 ] |> List.sortBy fst
        | Orientations
        | SemiAxes when first = second -> [ first, triple 1.0 ]
        | Orientations
        | SemiAxes -> [ first, triple 0.0; second, triple 1.0 ] |> List.sortBy fst

    let private gradient form projection parameter (frames: Map<int, Frame>) l (block: TensorBlock) =
        let samples = ResizeArray<int>()
        let values = ResizeArray<float>()

        for row in block.Samples do
            for atom, rows in rowsOf form projection parameter frames[row[0]] row do
                samples.Add row.Position

                if parameter <> Strain then
                    samples.Add row[0]
                    samples.Add atom

                values.AddRange(rows l)

        TensorBlock.ofOwned
            (Labels.trusted (GradientParameter.sampleNames parameter) (samples.ToArray()))
            (GradientParameter.components parameter
             @ Seq.toList (block.Components: ImmutableArray<Labels>))
            block.Properties
            (values.ToArray())
        |> Expansion.sure

    let compute form (parameters: Set<GradientParameter>) projection (frames: (int * Frame) seq) =
        let frames = Seq.toArray frames

        Expansion.pairCoefficients form projection frames
        |> Result.map (fun plain ->
            let byNumber = Map.ofArray frames

            let blocks =
                TensorMap.toSeq plain
                |> Seq.map (fun (key, block) ->
                    parameters
                    |> Seq.fold
                        (fun block parameter ->
                            let gradient = gradient form projection parameter byNumber key["o3_lambda"] block

                            TensorBlock.withGradient (GradientParameter.name parameter) gradient block
                            |> Expansion.sure)
                        block)
                |> Seq.toArray

            TensorMap.create plain.Keys blocks |> Expansion.sure)
