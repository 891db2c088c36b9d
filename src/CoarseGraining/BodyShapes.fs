namespace AniSoap

/// Semi-axes of a molecule from the moments of its atoms.
module internal BodyShapes =
    let private root x = if x > 0.0 then sqrt x else 0.0

    /// The semi-axes of moments along three axes.
    let private lengths
        (options: CoarseGrainOptions)
        (along: Vector3)
        (moments: Vector3)
        mass
        axes
        positions
        (radii: float[])
        =
        match options.Shape with
        | BodyShape.Fixed given -> given
        | BodyShape.Gyration factor ->
            Vector3.create (root (factor * along.X)) (root (factor * along.Y)) (root (factor * along.Z))
        | BodyShape.Inertia factor ->
            let sum = moments.X + moments.Y + moments.Z
            let rounding = 1e-14 * sum

            let length moment =
                let twice = sum - 2.0 * moment

                if twice <= rounding then
                    0.0
                else
                    sqrt (factor / (2.0 * mass) * twice)

            Vector3.create (length moments.X) (length moments.Y) (length moments.Z)
        | BodyShape.Contact -> BodyAxes.halfExtents axes positions radii

    let private widened (options: CoarseGrainOptions) (weights: float[]) (radii: float[]) (axes: Vector3) =
        if not options.AddRadius then
            axes
        else
            let mutable sum, total = 0.0, 0.0

            for i in 0 .. weights.Length - 1 do
                sum <- sum + weights[i] * radii[i]
                total <- total + weights[i]

            axes + Vector3.create (sum / total) (sum / total) (sum / total)

    /// The smallest length looked at.
    let floored (options: CoarseGrainOptions) (axes: Vector3) =
        match options.MinAxis with
        | None -> axes
        | Some least -> Vector3.create (max least axes.X) (max least axes.Y) (max least axes.Z)

    /// The shape along given axes, before the smallest length is looked at, with the moments and the tensor of inertia.
    let along options weights masses mass (g: SymmetricMatrix3) axes (positions: Vector3[]) radii =
        let inertia =
            BodyAxes.inertia
                mass
                (if obj.ReferenceEquals(weights, masses) then
                     g
                 else
                     BodyAxes.gyration masses positions)

        let moments = BodyAxes.along axes inertia
        let along = BodyAxes.along axes g
        let along = BodyAxes.cleaned along

        let raw =
            lengths options along moments mass axes positions radii
            |> widened options weights radii

        struct (raw, moments, inertia)
