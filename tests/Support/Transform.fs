/// Symmetries and other changes of whole frames.
module AniSoap.Tests.Transform

open AniSoap

let private succeed result =
    match result with
    | Ok value -> value
    | Error error -> failwith (AniSoapError.describe error)

/// The same particles, each changed.
let particles (change: Ellipsoid -> Ellipsoid) (frame: Frame) =
    Frame.create frame.Cell (frame.Particles |> Seq.map change)

/// One particle turned in place.
let turn (q: Quaternion) (e: Ellipsoid) =
    Ellipsoid.create e.Species e.Position (q * e.Orientation) e.SemiAxes |> succeed

/// One particle moved.
let move (shift: Vector3) (e: Ellipsoid) =
    Ellipsoid.create e.Species (e.Position + shift) e.Orientation e.SemiAxes
    |> succeed

/// Everything turned about the origin: places, orientations and cell.
let rotate (q: Quaternion) (frame: Frame) =
    let matrix = Quaternion.toMatrix q
    let v = frame.Cell.Vectors

    let cell =
        Cell.create (matrix * v.Row1) (matrix * v.Row2) (matrix * v.Row3) frame.Cell.Periodicity
        |> succeed

    let one (e: Ellipsoid) =
        Ellipsoid.create e.Species (matrix * e.Position) (q * e.Orientation) e.SemiAxes
        |> succeed

    Frame.create cell (frame.Particles |> Seq.map one)

let translate (shift: Vector3) frame = particles (move shift) frame

/// Everything reflected through the origin. An ellipsoid is its own mirror image there, so orientations stay.
let invert (frame: Frame) =
    let v = frame.Cell.Vectors
    let cell = Cell.create (-v.Row1) (-v.Row2) (-v.Row3) frame.Cell.Periodicity |> succeed

    let one (e: Ellipsoid) = Ellipsoid.create e.Species (-e.Position) e.Orientation e.SemiAxes |> succeed

    Frame.create cell (frame.Particles |> Seq.map one)

/// The particles in reverse order: a permutation that moves all but the middle one.
let reverse (frame: Frame) = Frame.create frame.Cell (frame.Particles |> Seq.rev)

/// The order of places and orientations kept, each particle moved by whole cell vectors along the axes that repeat:
/// shifts(i) for particle i.
let moveByCells (shifts: int -> struct (int * int * int)) (frame: Frame) =
    let p, v = frame.Cell.Periodicity, frame.Cell.Vectors
    let along repeats n (vector: Vector3) = if repeats then float n * vector else Vector3.zero

    let one i e =
        let struct (a, b, c) = shifts i
        move (along p.A a v.Row1 + along p.B b v.Row2 + along p.C c v.Row3) e

    Frame.create frame.Cell (frame.Particles |> Seq.mapi one)
