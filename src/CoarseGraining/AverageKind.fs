namespace AniSoap

/// Kinds of molecules whose shape is that of their average.
module internal AverageKind =
    /// A kind whose reference is the average molecule, with the mean shape.
    let withAverage (options: CoarseGrainOptions) (kind: BodyKind) (average: AverageMolecule) : BodyKind =
        let m = average.Moments
        let mass = kind.Atoms |> Seq.sumBy _.Mass
        let root x = if x > 0.0 then sqrt x else 0.0
        let scaled factor = Vector3.create (root (factor * m.X)) (root (factor * m.Y)) (root (factor * m.Z))
        let positions = Seq.toArray average.Positions

        let radii () =
            kind.Atoms
            |> Seq.map (fun atom ->
                match atom.Element with
                | Some element -> element.VanDerWaalsRadius
                | None -> 0.0)
            |> Seq.toArray

        let shape =
            match options.Shape with
            | BodyShape.Gyration factor
            | BodyShape.Inertia factor -> scaled factor
            | BodyShape.Contact -> BodyAxes.halfExtents Matrix3.identity positions (radii ())
            | BodyShape.Fixed axes -> axes

        let added =
            if options.AddRadius then
                let weights =
                    match options.Centre with
                    | BodyCentre.Mass -> kind.Atoms |> Seq.map _.Mass |> Seq.toArray
                    | BodyCentre.Geometry -> Array.create positions.Length 1.0

                (Array.map2 (*) weights (radii ()) |> Array.sum) / Array.sum weights
            else
                0.0

        {
            kind with
                Reference = average.Positions
                Shape = ValueSome(shape + Vector3.create added added added)
                Inertia = ValueSome(mass * Vector3.create (m.Y + m.Z) (m.X + m.Z) (m.X + m.Y))
        }
