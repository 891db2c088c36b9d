namespace AniSoap

open System

/// What the search for neighbours can work with: frames beyond it would take forever or lose neighbours, so they are refused.
module internal NeighborLimits =
    /// Largest coordinate in cutoff radii: up to there doubles resolve distances within the cutoff to four digits.
    [<Literal>]
    let private FarthestCutoffs = 1e12

    /// Most cell vectors between a particle and its cell: they are counted in 32 bits.
    [<Literal>]
    let private FarthestCells = 1e9

    /// Most images of a cell within the cutoff radius.
    [<Literal>]
    let private MostImages = 1e7

    let private rows (cell: Cell) =
        let inverse = Matrix3.transpose (Matrix3.inverse cell.Basis)
        let p = cell.Periodicity

        [ inverse.Row1, p.A; inverse.Row2, p.B; inverse.Row3, p.C ]
        |> List.filter snd
        |> List.map fst

    let private checkCell cutoff (cell: Cell) =
        let images =
            rows cell
            |> List.fold (fun product row -> product * (2.0 * cutoff * Vector3.norm row + 1.0)) 1.0

        if images <= MostImages then
            Ok()
        else
            let v = cell.Vectors

            AniSoapError.invalid
                "cell"
                ((Vector3.show v.Row1)
                 + ", "
                 + (Vector3.show v.Row2)
                 + ", "
                 + (Vector3.show v.Row3))
                (FormattableString.Invariant
                    $"a cell that has at most 1e7 images within the cutoff radius {cutoff} (here about {images:g2})")
            |> Error

    let private checkPosition cutoff (rows: Vector3 list) index (position: Vector3) =
        let refuse accepted =
            AniSoapError.invalid "position" (Vector3.show position) accepted
            |> AniSoapError.at { Place.Unknown with Particle = Some index }
            |> Some

        let largest = max (abs position.X) (max (abs position.Y) (abs position.Z))

        if not (largest <= FarthestCutoffs * cutoff) then
            refuse "coordinates up to 1e12 cutoff radii in size"
        elif
            rows
            |> List.exists (fun row -> not (abs (Vector3.dot row position) <= FarthestCells))
        then
            refuse "a place at most 1e9 cell vectors away from the cell"
        else
            None

    /// The sum of a position's coordinates, without signs, up to which nothing can be wrong.
    let private nearest cutoff (rows: Vector3 list) =
        rows
        |> List.fold (fun least row -> min least (FarthestCells / Vector3.norm row)) (FarthestCutoffs * cutoff)

    /// Refuses the first particle that is too far away, and cells that are too small for the cutoff radius.
    let check (cutoff: float) (frame: Frame) : Result<unit, AniSoapError> =
        checkCell cutoff frame.Cell
        |> Result.bind (fun () ->
            let rows = rows frame.Cell

            let mutable found = None
            let mutable i = 0
            let least = nearest cutoff rows

            while found.IsNone && i < frame.Particles.Length do
                let position = frame.Particles.PositionOf i

                // Nearly all are near.
                if not (abs position.X + abs position.Y + abs position.Z <= least) then
                    found <- checkPosition cutoff rows i position

                i <- i + 1

            match found with
            | Some error -> Error error
            | None -> Ok())
