namespace AniSoap


/// How a frame stands in a GSD box, which is centred on the origin, repeats along its three axes (in two dimensions
/// along x and y), and has a along x and b in the xy plane.
[<NoComparison>]
type internal GsdBox = {
    /// The cell's vectors as they are written.
    Vectors: Matrix3
    /// Two-dimensional: all particles are in one plane along a and b, which alone repeat.
    IsFlat: bool
    /// Where this plane is, from the origin along its normal; zero for others.
    Plane: Vector3
    /// What turns the frame into the box, where it has to be turned.
    Rotation: (Quaternion * Matrix3) option
    /// Whether c was replaced by −c, which spans the same lattice, so that the box is right-handed.
    IsReversed: bool
    /// Along which axes positions can be moved by whole cells.
    Wraps: Periodicity
    /// The cell is made up along an axis, or does not repeat there: a box always does.
    IsMadeUp: bool
}

module internal GsdBox =
    let private unit v = (1.0 / Vector3.norm v) * v

    /// The rotation that turns a right-handed cell into the restricted form.
    let private rotationOf (m: Matrix3) =
        let x = unit m.Row1
        let y = unit (m.Row2 - Vector3.dot x m.Row2 * x)
        Matrix3.ofRows x y (Vector3.cross x y)

    let private turned (rotation: Matrix3) (m: Matrix3) =
        let a, b, c = rotation * m.Row1, rotation * m.Row2, rotation * m.Row3
        // What must vanish does, instead of leaving its rounding.
        Matrix3.ofRows (Vector3.create a.X 0.0 0.0) (Vector3.create b.X b.Y 0.0) c

    /// How far along each axis of the basis the particles reach, in its vectors from the origin, times two.
    let private extent (basis: Matrix3) (frame: Frame) =
        let inverse = Matrix3.transpose (Matrix3.inverse basis)
        let mutable largest = Vector3.zero

        for particle in frame.Particles do
            let s = inverse * particle.Position
            largest <- Vector3.create (max largest.X (abs s.X)) (max largest.Y (abs s.Y)) (max largest.Z (abs s.Z))

        2.0 * largest

    /// Room for the largest particle beside those at the border.
    let private margin (frame: Frame) =
        frame.Particles
        |> Seq.fold (fun most p -> max most (max p.SemiAxes.X (max p.SemiAxes.Y p.SemiAxes.Z))) 0.5
        |> (*) 2.0

    /// The box of a frame, and the positions and orientations in it.
    let create (frame: Frame) : Result<GsdBox, AniSoapError> =
        let cell = frame.Cell
        let p, v = cell.Periodicity, cell.Vectors

        let plane =
            if p.A && p.B && not p.C then
                let normal = unit (Vector3.cross v.Row1 v.Row2)
                let heights = frame.Particles |> Seq.map (fun q -> Vector3.dot normal q.Position)

                if frame.Particles.IsEmpty then
                    Some Vector3.zero
                else
                    let first = Seq.head heights
                    // Rounding of the height itself: in a plane that is turned it is a sum.
                    let near = 1e-13 * (abs first + Vector3.norm frame.Particles[0].Position)

                    if heights |> Seq.forall (fun h -> abs (h - first) <= near) then
                        Some(first * normal)
                    else
                        None
            else
                None

        let isFlat = plane.IsSome

        let basis = cell.Basis
        let reach = extent basis frame
        let room = margin frame

        let vector repeats (given: Vector3) (filled: Vector3) reach =
            if repeats then
                given
            elif given = Vector3.zero then
                (reach + room) * filled
            elif reach > 1.0 then
                (reach + room / Vector3.norm given) * given
            else
                given

        let whole =
            Matrix3.ofRows
                (vector p.A v.Row1 basis.Row1 reach.X)
                (vector p.B v.Row2 basis.Row2 reach.Y)
                (if isFlat then
                     basis.Row3
                 else
                     vector p.C v.Row3 basis.Row3 reach.Z)

        let isReversed = Matrix3.determinant whole < 0.0

        let righted =
            if isReversed then
                { whole with Row3 = -whole.Row3 }
            else
                whole

        let rotation =
            if Matrix3.isRestricted righted then
                Ok None
            else
                let matrix = rotationOf righted
                Quaternion.tryOfMatrix matrix |> Result.map (fun q -> Some(q, matrix))

        rotation
        |> Result.map (fun rotation -> {
            Vectors =
                (match rotation with
                 | None -> righted
                 | Some(_, matrix) -> turned matrix righted)
            IsFlat = isFlat
            Plane = Option.defaultValue Vector3.zero plane
            Rotation = rotation
            IsReversed = isReversed
            Wraps = p
            IsMadeUp = not (p.A && p.B && (p.C || isFlat))
        })

    /// Lx, Ly, Lz and the tilts xy, xz, yz. In two dimensions Lz is that of the cell, 0 where it has none.
    let parameters (cell: Cell) (box: GsdBox) =
        let a, b, c = box.Vectors.Row1, box.Vectors.Row2, box.Vectors.Row3

        // Adding zero makes zeros of negative ones.
        if box.IsFlat && cell.Vectors.Row3 = Vector3.zero then
            [| a.X; b.Y; 0.0; b.X / b.Y + 0.0; 0.0; 0.0 |]
        else
            [| a.X; b.Y; c.Z; b.X / b.Y + 0.0; c.X / c.Z + 0.0; c.Y / c.Z + 0.0 |]

    /// A vector of the frame as it is in the box.
    let turn (box: GsdBox) (v: Vector3) =
        match box.Rotation with
        | None -> v
        | Some(_, matrix) -> matrix * v

    /// An orientation of the frame as it is in the box.
    let turnOrientation (box: GsdBox) (q: Quaternion) =
        match box.Rotation with
        | None -> q
        | Some(rotation, _) -> rotation * q

    /// Positions further away than this many cells have lost their digits.
    [<Literal>]
    let private MostCells = 2147483647.0

    /// The particles' positions inside the box, and by how many cells along its axes they were moved there.
    let wrap (box: GsdBox) (frame: Frame) : Result<Vector3[] * int64[], AniSoapError> =
        let basis = box.Vectors
        let inverse = Matrix3.transpose (Matrix3.inverse basis)
        let cells (repeats: bool) s = if repeats then floor (s + 0.5) else 0.0
        let particles = frame.Particles
        let moved = Array.zeroCreate<int64>(3 * particles.Length)
        let positions = Array.zeroCreate<Vector3> particles.Length
        let mutable i = 0
        let mutable isNear = true

        while isNear && i < particles.Length do
            let r = turn box (particles[i].Position - box.Plane)
            let s = inverse * r
            let n = Vector3.create (cells box.Wraps.A s.X) (cells box.Wraps.B s.Y) (cells box.Wraps.C s.Z)
            isNear <- abs n.X <= MostCells && abs n.Y <= MostCells && abs n.Z <= MostCells

            if isNear then
                moved[3 * i] <- int64 n.X
                moved[3 * i + 1] <- int64 n.Y
                moved[3 * i + 2] <- int64 n.Z

                positions[i] <-
                    if n = Vector3.zero then
                        r
                    else
                        r - (n.X * basis.Row1 + n.Y * basis.Row2 + n.Z * basis.Row3)

                i <- i + 1

        if isNear then
            Ok(positions, moved)
        else
            AniSoapError.invalid "position" (Vector3.show particles[i].Position) "positions within 2147483647 cells"
            |> AniSoapError.at { Place.Unknown with Particle = Some i }
            |> Error
