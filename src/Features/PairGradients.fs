namespace AniSoap.Numerics

open AniSoap

/// What the coefficients of a pair change by: clear and composed, one pair at a time.
module internal PairGradients =
    let private displacementOf (frame: Frame) first second (shift: Vector3) =
        frame.Particles.PositionOf second + Matrix3.transpose frame.Cell.Vectors * shift
        - frame.Particles.PositionOf first

    let private scaled (factor: float) (c: Coefficients) = [|
        for l in 0 .. c.MaxAngular do
            for m in -l .. l do
                for n in 0 .. c.RadialCount l - 1 do
                    factor * c[l, m, n]
    |]

    /// For each atom that moves, turns or grows three rows of all coefficients, l slowest, then m, then n; of strain nine
    /// rows, and no atom (−1). `shift` is the neighbour's image in cell vectors.
    let ofPair
        form
        projection
        parameter
        (frame: Frame)
        (first: int)
        (second: int)
        (shift: Vector3)
        : struct (int * float[]) list =
        let neighbor = frame.Particles[second]
        let r = displacementOf frame first second shift

        let changes =
            match parameter with
            | GradientParameter.Positions
            | GradientParameter.Strain -> Coefficients.displacementGradient form projection neighbor r
            | GradientParameter.Orientations -> Coefficients.rotationGradient form projection neighbor r
            | GradientParameter.SemiAxes -> Coefficients.semiAxesGradient form projection neighbor r

        let triple factor = changes |> Array.collect (scaled factor)

        let ascending one other =
            let struct (a, _), struct (b, _) = one, other
            if a < b then [ one; other ] else [ other; one ]

        match parameter with
        | GradientParameter.Strain -> [
            struct (-1,
                    [| r.X; r.Y; r.Z |]
                    |> Array.collect (fun along -> changes |> Array.collect (scaled along)))
          ]
        | GradientParameter.Positions when first = second -> [ struct (first, triple 0.0) ]
        | GradientParameter.Positions -> ascending (struct (first, triple -1.0)) (struct (second, triple 1.0))
        | GradientParameter.Orientations
        | GradientParameter.SemiAxes when first = second -> [ struct (first, triple 1.0) ]
        | GradientParameter.Orientations
        | GradientParameter.SemiAxes -> ascending (struct (first, triple 0.0)) (struct (second, triple 1.0))
