namespace AniSoap

open System

/// The particles of one frame as a reader finds them: species, and flat rows of numbers in the order of a
/// `ParticleLayout`. Used again for each frame; it grows with the rows that really come, whatever a header promises.
[<Sealed>]
type internal ParticleRows() =
    let mutable species = Array.zeroCreate<int> 64
    let mutable numbers = Array.zeroCreate<float> 1024
    let mutable stride = 1
    let mutable count = 0
    let mutable isTurnedPointTold = false

    /// The particles of the frame before, which those of the next one may share arrays with.
    member val Before = ParticleArray.Empty with get, set

    member _.Species = species
    member _.Numbers = numbers
    member _.Stride = stride
    member _.Count = count

    /// Whether it was said that particles without a shape are turned.
    member _.IsTurnedPointTold
        with get () = isTurnedPointTold
        and set told = isTurnedPointTold <- told

    /// Empties the rows; the next ones have `rowStride` numbers.
    member _.Clear rowStride =
        stride <- rowStride
        count <- 0

    /// Makes all rows at once, `rowCount` of `rowStride` numbers; what is in them stays as it was.
    member _.Allot(rowCount, rowStride) =
        if rowCount > species.Length then
            Array.Resize(&species, rowCount)

        if int64 rowCount * int64 rowStride > int64 numbers.Length then
            Array.Resize(&numbers, rowCount * rowStride)

        stride <- rowStride
        count <- rowCount

    /// Makes room for one more row.
    member _.Reserve() =
        if count = species.Length then
            Array.Resize(&species, 2 * count)

        if (count + 1) * stride > numbers.Length then
            Array.Resize(&numbers, max (2 * numbers.Length) ((count + 1) * stride))

    /// Puts the rows into another order: row `order[i]` becomes row i.
    member rows.Reorder(order: int[]) =
        let newSpecies = Array.zeroCreate species.Length
        let newNumbers = Array.zeroCreate numbers.Length

        for row in 0 .. count - 1 do
            newSpecies[row] <- species[order[row]]
            Array.Copy(numbers, order[row] * stride, newNumbers, row * stride, stride)

        species <- newSpecies
        numbers <- newNumbers

    /// Counts the row that was written behind the others.
    member _.Add() = count <- count + 1

/// From rows of numbers to particles: the rules for shapes and orientations, the same for every format.
module internal ParticleRows =
    /// The names of the columns that a file has, for someone who looks for one.
    let private columnsThere (notes: LayoutNotes) option =
        if notes.Columns.IsEmpty then
            ""
        else
            "; the columns are "
            + String.concat ", " notes.Columns
            + (" (" + option + " names the right ones)")

    let private missingShape (layout: ParticleLayout) =
        Missing(
            "the shape",
            "give semi-axes or diameters, or a diameter for points (--point-diameter)"
            + columnsThere layout.Notes "--shape-key",
            Place.Unknown
        )

    let private missingOrientation (layout: ParticleLayout) =
        let hint =
            if layout.Notes.OrientationHint = "" then
                columnsThere layout.Notes "--orientation-key"
            else
                "; " + layout.Notes.OrientationHint

        Missing(
            "the orientation",
            "a particle that is no sphere needs a quaternion or a matrix (columns c_q, quaternions, …)"
            + hint,
            Place.Unknown
        )

    let private point (options: InputOptions) (layout: ParticleLayout) warn species =
        match
            Map.tryFind species options.PointSemiAxisBySpecies
            |> Option.orElse options.PointSemiAxis
        with
        | Some radius ->
            if not layout.Notes.PossibleShapes.IsEmpty then
                let columns = String.concat "; " layout.Notes.PossibleShapes

                warn
                    $"particles without a shape are made spheres (--point-diameter), but columns that are not used could hold shapes: {columns} (--shape-key names the column of shapes)"

            Ok(Vector3.create radius radius radius)
        | None -> Error(missingShape layout)

    /// The semi-axes in the file: LAMMPS writes zeros for particles that are no ellipsoids.
    let private semiAxesInFile (options: InputOptions) (layout: ParticleLayout) warn (numbers: float[]) row species =
        let shape = row + layout.ShapeStart
        let factor = layout.ShapeFactor

        match layout.Shape.Length with
        | 1 when numbers[shape] <> 0.0 ->
            let radius = factor * numbers[shape]
            Ok(Vector3.create radius radius radius)
        | 3
        | 4 when numbers[shape] <> 0.0 || numbers[shape + 1] <> 0.0 || numbers[shape + 2] <> 0.0 ->
            Ok(factor * Vector3.create numbers[shape] numbers[shape + 1] numbers[shape + 2])
        | 4 when numbers[shape + 3] <> 0.0 ->
            let radius = layout.Notes.RadiusFactor * numbers[shape + 3]
            Ok(Vector3.create radius radius radius)
        | _ -> point options layout warn species

    let private semiAxes (options: InputOptions) layout warn numbers row species =
        let given =
            if options.SemiAxesBySpecies.IsEmpty then
                options.SemiAxes
            else
                Map.tryFind species options.SemiAxesBySpecies |> Option.orElse options.SemiAxes

        match given with
        | Some axes -> Ok axes
        | None -> semiAxesInFile options layout warn numbers row species

    let private isSphere (axes: Vector3) = axes.X = axes.Y && axes.Y = axes.Z

    let private orientation (layout: ParticleLayout) (numbers: float[]) row axes =
        let q = row + layout.OrientationStart
        let zero = Quaternion.create 0.0 0.0 0.0 0.0

        match layout.Orientation.Length with
        | 4 ->
            let quaternion = Quaternion.create numbers[q] numbers[q + 1] numbers[q + 2] numbers[q + 3]

            if quaternion = zero && isSphere axes then
                Ok Quaternion.identity
            else
                Ok quaternion
        | 9 ->
            let at i = numbers[q + i]

            Matrix3.ofRows
                (Vector3.create (at 0) (at 1) (at 2))
                (Vector3.create (at 3) (at 4) (at 5))
                (Vector3.create (at 6) (at 7) (at 8))
            |> Quaternion.tryOfMatrix
        | _ when isSphere axes -> Ok Quaternion.identity
        | _ -> Error(missingOrientation layout)

    /// Whether a particle gets its shape from the diameter of points: nothing else gives it one.
    let private isPoint (options: InputOptions) (layout: ParticleLayout) (numbers: float[]) row species =
        options.SemiAxes.IsNone
        && not (options.SemiAxesBySpecies.ContainsKey species)
        && (let rec areZero i =
                i = layout.Shape.Length
                || (numbers[row + layout.ShapeStart + i] = 0.0 && areZero (i + 1))

            areZero 0)

    /// Turned by more than what rounding leaves of no turn.
    let private isTurned (q: Quaternion) =
        let squared = q.X * q.X + q.Y * q.Y + q.Z * q.Z
        squared > 1e-10 * (squared + q.W * q.W)

    /// A point has no need of an orientation: one that is turned is the sign of a shape that was not understood.
    let private warnOfTurnedPoints warn (options: InputOptions) (layout: ParticleLayout) (rows: ParticleRows) frame =
        if not rows.IsTurnedPointTold && layout.Orientation.Length > 0 then
            let particles = (frame: Frame).Particles
            let mutable first, count = -1, 0

            for i in 0 .. particles.Length - 1 do
                if
                    isTurned (particles.OrientationOf i)
                    && isPoint options layout rows.Numbers (i * rows.Stride) rows.Species[i]
                then
                    count <- count + 1

                    if first < 0 then
                        first <- i

            if count > 0 then
                rows.IsTurnedPointTold <- true

                let which =
                    match count with
                    | 1 -> $"particle {string first} has a turned orientation and no shape: it is a sphere"
                    | _ ->
                        ("particle "
                         + string first
                         + " and "
                         + string (count - 1)
                         + " more have turned orientations and no shape: they are spheres")

                warn
                    $"{Warnings.Here}: {which} of --point-diameter; the shape of ellipsoids is given by --semiaxes or --diameters"

    /// The frame of the rows. `lineOf` gives a particle's line, for errors; these name the particle too.
    let toFrame
        (options: InputOptions)
        warn
        (layout: ParticleLayout)
        (rows: ParticleRows)
        cell
        (lineOf: int -> int64 option)
        =
        let particles = ParticleBuilder(rows.Count, rows.Before)
        let numbers, stride = rows.Numbers, rows.Stride
        let mutable failure = ValueNone
        let mutable i = 0

        if layout.Shape.Length > 0 && not options.SemiAxesBySpecies.IsEmpty then
            let replaced =
                ReadOnlySpan(rows.Species, 0, rows.Count).ToArray()
                |> Array.exists options.SemiAxesBySpecies.ContainsKey

            if replaced then
                warn "the shapes given replace those in the input"

        while failure.IsNone && i < rows.Count do
            let row = i * stride
            let species = rows.Species[i]

            let particle =
                match semiAxes options layout warn numbers row species with
                | Error error -> Error error
                | Ok axes ->
                    match orientation layout numbers row axes with
                    | Error error -> Error error
                    | Ok quaternion ->
                        let position = Vector3.create numbers[row] numbers[row + 1] numbers[row + 2]
                        particles.Add(species, position, quaternion, axes)

            match particle with
            | Ok() -> ()
            | Error error ->
                failure <- ValueSome(AniSoapError.at { Place.Unknown with Line = lineOf i; Particle = Some i } error)

            i <- i + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone ->
            let frame = { Particles = particles.ToArray(); Cell = cell }
            rows.Before <- frame.Particles
            warnOfTurnedPoints warn options layout rows frame
            Ok frame
