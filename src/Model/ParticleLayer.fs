namespace AniSoap

/// A layer of particles in a cell that repeats across it at a small distance: what a two-dimensional simulation looks
/// like in a file that calls all three directions periodic. Each particle then has its own images, and everybody else's,
/// above and below it.
type internal ParticleLayer = {
    /// The cell vector that leads across the layer: 0, 1 or 2 for a, b or c.
    Axis: int
    /// How far apart the layer and its next image are.
    Distance: float
} with

    /// The letter of the cell vector.
    member layer.Letter = "abc"[layer.Axis]

/// Layers of particles.
module internal ParticleLayer =
    /// The cell is this much thinner across a layer than along it.
    [<Literal>]
    let private Thin = 0.5

    /// Particles of a layer are at most so far apart across it, as a part of the distance to its image.
    [<Literal>]
    let private Flat = 0.25

    /// How far the lattice planes of each axis are apart; infinite along an axis that has no vector.
    let private distances (cell: Cell) =
        let inverse = Matrix3.transpose (Matrix3.inverse cell.Basis)
        let v = cell.Vectors

        [| v.Row1, inverse.Row1; v.Row2, inverse.Row2; v.Row3, inverse.Row3 |]
        |> Array.map (fun (vector, row) ->
            if vector = Vector3.zero then
                infinity
            else
                1.0 / Vector3.norm row)

    let private row axis (cell: Cell) =
        let inverse = Matrix3.transpose (Matrix3.inverse cell.Basis)

        match axis with
        | 0 -> inverse.Row1
        | 1 -> inverse.Row2
        | _ -> inverse.Row3

    /// How much of the cell the particles take up across the axis: images count as the particle itself.
    let private spread (toFraction: Vector3) (frame: Frame) =
        let first = Vector3.dot toFraction (frame.Particles.PositionOf 0)
        let mutable low = 0.0
        let mutable high = 0.0

        for i in 0 .. frame.Particles.Length - 1 do
            let s = Vector3.dot toFraction (frame.Particles.PositionOf i) - first
            let s = s - round s
            low <- min low s
            high <- max high s

        high - low

    let private smallestDiameter (frame: Frame) =
        let mutable total = 0.0

        for i in 0 .. frame.Particles.Length - 1 do
            let a = frame.Particles.SemiAxesOf i
            total <- total + 2.0 * min a.X (min a.Y a.Z)

        total / float frame.Particles.Length

    /// The layer that the particles form, if the cell repeats across it within `reach`, at no more than half of its
    /// extent along the layer; and the particles lie in one plane or nearly so, or are thicker than the cell, so that they
    /// would overlap with their own images.
    let tryFind (reach: float) (frame: Frame) : ParticleLayer option =
        let p = frame.Cell.Periodicity

        if frame.Particles.IsEmpty || not frame.Cell.IsPeriodic then
            None
        else
            let repeats = [| p.A; p.B; p.C |]
            let apart = distances frame.Cell

            let isThin axis =
                let others = [ 0; 1; 2 ] |> List.filter ((<>) axis) |> List.map (fun other -> apart[other])
                repeats[axis] && apart[axis] < reach && apart[axis] <= Thin * List.min others

            let isFlat axis =
                (frame.Particles.Length > 1 && spread (row axis frame.Cell) frame <= Flat)
                || apart[axis] <= smallestDiameter frame

            [ 0; 1; 2 ]
            |> List.tryFind (fun axis -> isThin axis && isFlat axis)
            |> Option.map (fun axis -> { Axis = axis; Distance = apart[axis] })
