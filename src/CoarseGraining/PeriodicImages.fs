namespace AniSoap

open System

/// How many cells along a, b and c.
[<Struct>]
type internal Shift = { Na: int; Nb: int; Nc: int }

module internal Shift =
    let zero = { Na = 0; Nb = 0; Nc = 0 }
    let inline isZero (p: Shift) = p.Na = 0 && p.Nb = 0 && p.Nc = 0
    let plus (p: Shift) (q: Shift) = { Na = p.Na + q.Na; Nb = p.Nb + q.Nb; Nc = p.Nc + q.Nc }
    let minus (p: Shift) (q: Shift) = { Na = p.Na - q.Na; Nb = p.Nb - q.Nb; Nc = p.Nc - q.Nc }

/// The images of points in a cell: nearest ones, and what bins them. The cell's vectors are replaced by the shortest ones
/// that make the same lattice (Minkowski's reduction), since rounding fractions of a skewed cell misses the nearest image.
[<Sealed>]
type internal PeriodicImages(cell: Cell) =
    let given = [| cell.Vectors.Row1; cell.Vectors.Row2; cell.Vectors.Row3 |]
    let repeats = [| cell.Periodicity.A; cell.Periodicity.B; cell.Periodicity.C |]
    /// Which multiples of the given vectors each reduced vector is.
    let multiples = Array2D.init 3 3 (fun i j -> if i = j then 1 else 0)
    let reduced = Array.copy given

    do
        let axes = [
            for i in 0..2 do
                if repeats[i] then
                    i
        ]

        let mutable changes = true
        let mutable rounds = 0

        let tryShorten i others =
            for steps in others do
                let candidate = steps |> List.fold (fun v (j, x) -> v + float x * reduced[j]) reduced[i]

                if Vector3.squaredNorm candidate < Vector3.squaredNorm reduced[i] * (1.0 - 1e-12) then
                    reduced[i] <- candidate

                    for k in 0..2 do
                        multiples[i, k] <- multiples[i, k] + List.sumBy (fun (j, x) -> x * multiples[j, k]) steps

                    changes <- true

        /// A long step at once along one other vector, for cells that lean by many edges.
        let lean i j =
            let x = -Math.Round(Vector3.dot reduced[i] reduced[j] / Vector3.squaredNorm reduced[j])
            if x <> 0.0 && abs x < 1e9 then [ [ j, int x ] ] else []

        while changes && rounds < 1000 do
            changes <- false
            rounds <- rounds + 1

            for i in axes do
                match axes |> List.filter ((<>) i) with
                | [ j ] -> tryShorten i (lean i j)
                | [ j; k ] ->
                    tryShorten i (lean i j)
                    tryShorten i (lean i k)

                    tryShorten i [
                        for x in -1 .. 1 do
                            for y in -1 .. 1 do
                                if x <> 0 || y <> 0 then
                                    [ j, x; k, y ]
                    ]
                | _ -> ()

    /// The reduced vectors, and unit vectors at right angles to them along axes that do not repeat.
    let basis =
        let vector i = if repeats[i] then reduced[i] else Vector3.zero
        let none: Periodicity = { A = false; B = false; C = false }

        match Cell.create (vector 0) (vector 1) (vector 2) none with
        | Ok completed -> completed.Basis
        | Error _ -> cell.Basis

    /// A row times a position is the fraction along a vector.
    let toFraction = Matrix3.transpose (Matrix3.inverse basis)
    let rows = [| basis.Row1; basis.Row2; basis.Row3 |]

    let ofCell = Matrix3.transpose (Matrix3.inverse cell.Basis)

    /// All steps to neighbouring lattice points along axes that repeat.
    let steps =
        let range i = if repeats[i] then [ -1; 0; 1 ] else [ 0 ]

        [|
            for x in range 0 do
                for y in range 1 do
                    for z in range 2 do
                        if x <> 0 || y <> 0 || z <> 0 then
                            struct (x, y, z, float x * rows[0] + float y * rows[1] + float z * rows[2])
        |]

    let shortest =
        if steps.Length = 0 then
            infinity
        else
            steps |> Seq.map (fun struct (_, _, _, v) -> Vector3.norm v) |> Seq.min

    /// Within it the first guess is the nearest image.
    let certain = 0.25 * shortest * shortest

    let original x y z : Shift = {
        Na = x * multiples[0, 0] + y * multiples[1, 0] + z * multiples[2, 0]
        Nb = x * multiples[0, 1] + y * multiples[1, 1] + z * multiples[2, 1]
        Nc = x * multiples[0, 2] + y * multiples[1, 2] + z * multiples[2, 2]
    }

    let rounded (axis: int) (row: Vector3) (d: Vector3) =
        if repeats[axis] then
            int (Math.Round(Vector3.dot row d))
        else
            0

    /// Whether anything repeats.
    member _.IsPeriodic = steps.Length > 0

    member _.Repeats = repeats

    /// The length of the shortest way from a point to its own image.
    member _.Shortest = shortest

    /// The three vectors that bins go along, and the rows that turn positions into fractions of them.
    member _.Basis = rows

    member _.ToFraction = [| toFraction.Row1; toFraction.Row2; toFraction.Row3 |]

    /// Multiples of the basis' vectors as multiples of the cell's.
    member _.Original(x, y, z) = original x y z

    /// The vector of a shift.
    member _.Vector(shift: Shift) =
        float shift.Na * given[0]
        + float shift.Nb * given[1]
        + float shift.Nc * given[2]

    /// The shift between two images of a point.
    member _.ShiftBetween(from: Vector3, onto: Vector3) : Shift =
        let d = onto - from
        let along axis row = rounded axis row d
        original (along 0 toFraction.Row1) (along 1 toFraction.Row2) (along 2 toFraction.Row3)

    /// The shift that makes `d` shortest.
    member images.Nearest(d: Vector3) : Shift =
        if steps.Length = 0 || Vector3.squaredNorm d < certain then
            Shift.zero
        else
            let mutable x = -(rounded 0 toFraction.Row1 d)
            let mutable y = -(rounded 1 toFraction.Row2 d)
            let mutable z = -(rounded 2 toFraction.Row3 d)
            let mutable best = d + float x * rows[0] + float y * rows[1] + float z * rows[2]
            let mutable improves = Vector3.squaredNorm best >= certain

            // Down along the steps until none leads further: there is no other valley.
            while improves do
                improves <- false
                let from = best
                let mutable least = Vector3.squaredNorm best * (1.0 - 1e-14)
                let mutable choice = -1

                for i in 0 .. steps.Length - 1 do
                    let struct (_, _, _, v) = steps[i]
                    let squared = Vector3.squaredNorm (from + v)

                    if squared < least then
                        least <- squared
                        choice <- i

                if choice >= 0 then
                    let struct (dx, dy, dz, v) = steps[choice]
                    x <- x + dx
                    y <- y + dy
                    z <- z + dz
                    best <- from + v
                    improves <- true

            original x y z

    /// The shift that brings a point into the given cell, which begins at `origin`.
    member _.IntoCell(origin: Vector3, position: Vector3) : Shift =
        if steps.Length = 0 then
            Shift.zero
        else
            let along axis row =
                if repeats[axis] then
                    let s = Vector3.dot row (position - origin)
                    // What rounding leaves below zero stays at zero.
                    if s < 0.0 && s > -1e-12 then 0 else -int(floor s)
                else
                    0

            { Na = along 0 ofCell.Row1; Nb = along 1 ofCell.Row2; Nc = along 2 ofCell.Row3 }
