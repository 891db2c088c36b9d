/// Properties of coarse-graining for molecules anywhere in cells that lean: what moves with the atoms, and what stays.
module AniSoap.Tests.WholeMoleculeTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.CoarseSupport

let private seeds = [ 1..60 ]

let private options = { defaults with MinAxis = Some 1e-6; Molecules = MoleculeSource.Radii }

/// A zigzag, at a place and with forces and velocities, whole, without a cell; and the cell that it is put into, whose
/// planes are so far apart that it is longer than half of them, and does not reach its own image.
let private drawn seed =
    let random = Random seed
    let count = random.Next(6, 14)
    let atoms = chain random count
    let length = 1.25 * float count
    // From the molecule's length and a gap down to what is hardly more: longer than half the cell in all cases.
    let cell = skewedCell random (length + uniform random 3.0 6.0)
    let place = anyVector random 40.0
    let atoms = atoms |> List.map (fun (species, position) -> species, position + place)

    let columns = [
        column Quantities.Forces 3 (Seq.init (3 * count) (fun _ -> uniform random -1.0 1.0))
        column Quantities.Velocities 3 (Seq.init (3 * count) (fun _ -> uniform random -1.0 1.0))
    ]

    struct (random, cell, atoms, columns)

let private only (frame: CoarseFrame) = Seq.exactlyOne frame.Bodies

let private ellipsoid (body: Body) =
    let d = body.SemiAxes

    SymmetricMatrix3.ofRotatedDiagonal
        (Quaternion.toMatrix body.Orientation)
        (Vector3.create (d.X * d.X) (d.Y * d.Y) (d.Z * d.Z))
    |> SymmetricMatrix3.toMatrix

/// All numbers of a body that do not say where it is.
let private shapeNumbers (body: Body) =
    Array.concat [
        upper (ellipsoid body)
        upper body.Inertia
        vector body.Force.Value
        vector body.Torque.Value
        vector body.AngularMomentum.Value
        [| body.Mass |]
    ]

let private same seed name a b = Close.within 1e-9 100.0 a b $"{name}, seed {seed}"

let private isImage (cell: Cell) (a: Vector3) (b: Vector3) =
    let inverse = Matrix3.transpose (Matrix3.inverse cell.Vectors)

    [ inverse.Row1; inverse.Row2; inverse.Row3 ]
    |> List.forall (fun row ->
        let s = Vector3.dot row (a - b)
        abs (s - round s) < 1e-9)

let private whole seed =
    let struct (random, cell, atoms, columns) = drawn seed
    struct (random, cell, atoms, columns, only (coarse options (snapshot Cell.none atoms columns)))

[<Tests>]
let tests =
    testList "whole molecules" [
        test "pieces of bonds are whole whatever order bonds come in, and one that closes on its image is named" {
            for seed in 1..80 do
                let random = Random(seed: int)
                let count = random.Next(1, 40)

                let places =
                    Array.init count (fun _ -> { Na = random.Next(-3, 4); Nb = random.Next(-3, 4); Nc = random.Next 2 })

                let bond i j = { First = i; Second = j; Shift = Shift.minus places[j] places[i] }
                let bonds = Array.init (random.Next count) (fun _ -> bond (random.Next count) (random.Next count))

                // Numbers handed on along bonds until all atoms of a piece have its first one's.
                let first = Array.init count id

                for _ in 1..count do
                    for bond in bonds do
                        let least = min first[bond.First] first[bond.Second]
                        first[bond.First] <- least
                        first[bond.Second] <- least

                let found = WholeMolecules.pieces count bonds
                let numbers = first |> Array.distinct

                Expect.equal
                    found.Piece
                    (first |> Array.map (fun f -> Array.IndexOf(numbers, f)))
                    $"pieces, seed {seed}"

                Expect.equal found.Count numbers.Length $"their number, seed {seed}"
                Expect.equal found.Endless ValueNone $"all end, seed {seed}"

                for i in 0 .. count - 1 do
                    Expect.equal found.Shifts[i] (Shift.minus places[i] places[first[i]]) $"atom {i}, seed {seed}"

                let i = random.Next count
                let closing = { First = i; Second = i; Shift = { Shift.zero with Nb = 1 } }
                let endless = WholeMolecules.pieces count (Array.append bonds [| closing |])
                Expect.equal endless.Endless (ValueSome first[i]) $"the piece's first atom, seed {seed}"
        }

        test
            "a molecule longer than half of a leaning cell, across its faces and corners, is the same as without a cell" {
            for seed in seeds do
                let struct (random, cell, atoms, columns, expected) = whole seed
                let inCell = atoms |> List.map (fun (species, p) -> species, wrapped cell p)
                let found = only (coarse options (snapshot cell inCell columns))
                same seed "by radii" (shapeNumbers found) (shapeNumbers expected)
                Expect.isTrue (isImage cell found.Centre expected.Centre) $"the centre is an image, seed {seed}"

                let numbered = columns @ [ integers Quantities.Molecules 1 (Seq.replicate atoms.Length 7L) ]

                let found =
                    only (coarse { options with Molecules = MoleculeSource.Automatic } (snapshot cell inCell numbered))

                same seed "by numbers" (shapeNumbers found) (shapeNumbers expected)

                let bonds = [| for i in 0L .. int64 atoms.Length - 2L -> struct (i, i + 1L) |]

                let found =
                    only (
                        coarse { options with Molecules = MoleculeSource.Listed bonds } (snapshot cell inCell columns)
                    )

                same seed "by a list of bonds" (shapeNumbers found) (shapeNumbers expected)
                ignore random
        }

        test "at every face and corner of a cell the molecule is whole" {
            for seed in [ 101..110 ] do
                let struct (random, cell, atoms, columns, expected) = whole seed
                let centre = expected.Centre
                ignore random

                for a in [ 0.0; 0.5 ] do
                    for b in [ 0.0; 0.5 ] do
                        for c in [ 0.0; 0.5 ] do
                            let v = cell.Vectors
                            let corner = a * v.Row1 + b * v.Row2 + c * v.Row3
                            let moved = atoms |> List.map (fun (z, p) -> z, wrapped cell (p - centre + corner))
                            let found = only (coarse options (snapshot cell moved columns))
                            same seed $"at ({a}, {b}, {c})" (shapeNumbers found) (shapeNumbers expected)
                            Expect.isTrue (isImage cell found.Centre corner) $"centre, seed {seed}"
        }

        test "moving all atoms moves the centre alone" {
            for seed in seeds do
                let struct (random, _, atoms, columns, expected) = whole seed
                let shift = anyVector random 10.0

                let found =
                    only (coarse options (snapshot Cell.none (atoms |> List.map (fun (z, p) -> z, p + shift)) columns))

                same seed "numbers" (shapeNumbers found) (shapeNumbers expected)
                same seed "centre" (vector found.Centre) (vector (expected.Centre + shift))
        }

        test "turning all atoms turns the ellipsoid, the force, the torque and the momentum" {
            for seed in seeds do
                let struct (random, _, atoms, columns, expected) = whole seed
                let turn = Quaternion.toMatrix (rotation random)

                let turned (column: ParticleColumn) =
                    match column.Values with
                    | ColumnValues.Reals all ->
                        Seq.init (all.Length / 3) (fun i ->
                            vector (turn * Vector3.create all[3 * i] all[3 * i + 1] all[3 * i + 2]))
                        |> Seq.concat
                        |> CoarseSupport.column column.Name 3
                    | _ -> column

                let found =
                    only (
                        coarse
                            options
                            (snapshot
                                Cell.none
                                (atoms |> List.map (fun (z, p) -> z, turn * p))
                                (List.map turned columns))
                    )

                same seed "centre" (vector found.Centre) (vector (turn * expected.Centre))
                same seed "semi-axes" (vector found.SemiAxes) (vector expected.SemiAxes)
                same seed "force" (vector found.Force.Value) (vector (turn * expected.Force.Value))
                same seed "torque" (vector found.Torque.Value) (vector (turn * expected.Torque.Value))

                same
                    seed
                    "momentum"
                    (vector found.AngularMomentum.Value)
                    (vector (turn * expected.AngularMomentum.Value))

                let back = Matrix3.multiply (Matrix3.transpose turn) (Quaternion.toMatrix found.Orientation)
                let e = ellipsoid { found with Orientation = Quaternion.tryOfMatrix back |> sure }
                same seed "ellipsoid" (upper e) (upper (ellipsoid expected))
        }

        test "the order of atoms changes the order of molecules alone" {
            for seed in seeds do
                let struct (random, cell, atoms, columns, expected) = whole seed
                let order = Array.init atoms.Length id
                random.Shuffle order

                let inCell =
                    order
                    |> Array.toList
                    |> List.map (fun i -> fst atoms[i], wrapped cell (snd atoms[i]))

                let reordered (column: ParticleColumn) =
                    match column.Values with
                    | ColumnValues.Reals all ->
                        order
                        |> Seq.collect (fun i -> [ all[3 * i]; all[3 * i + 1]; all[3 * i + 2] ])
                        |> CoarseSupport.column column.Name 3
                    | _ -> column

                let found = only (coarse options (snapshot cell inCell (List.map reordered columns)))
                same seed "numbers" (shapeNumbers found) (shapeNumbers expected)
        }

        test "forces and torques of all molecules add up to those of all atoms" {
            for seed in [ 1..20 ] do
                let random = Random seed
                let place i = Vector3.create (30.0 * float i) 0.0 0.0

                let molecules = [
                    for i in 0..4 -> chain random (random.Next(3, 9)) |> List.map (fun (z, p) -> z, p + place i)
                ]

                let atoms = List.concat molecules
                let forces = Array.init atoms.Length (fun _ -> anyVector random 1.0)

                let bodies =
                    (coarse
                        options
                        (snapshot Cell.none atoms [ column Quantities.Forces 3 (forces |> Seq.collect vector) ]))
                        .Bodies

                Expect.equal bodies.Length 5 "molecules"
                let total = forces |> Array.reduce (+)
                let torque = Seq.map2 (fun (_, p) f -> Vector3.cross p f) atoms forces |> Seq.reduce (+)
                same seed "forces" (vector (bodies |> Seq.map _.Force.Value |> Seq.reduce (+))) (vector total)

                let ofBodies =
                    bodies
                    |> Seq.map (fun b -> b.Torque.Value + Vector3.cross b.Centre b.Force.Value)
                    |> Seq.reduce (+)

                same seed "torques" (vector ofBodies) (vector torque)
        }

        test "a chain that is bonded to its own image is refused, however it is told, with a particle of it" {
            let cell =
                Cell.create (Vector3.create 10.0 0.0 0.0) (Vector3.create 4.0 12.0 0.0) (Vector3.create -3.0 2.0 11.0) {
                    A = true
                    B = true
                    C = true
                }
                |> sure

            let atoms = [ for i in 0..9 -> 6, Vector3.create (float i) 3.0 3.0 ]
            let numbered = [ integers Quantities.Molecules 1 (Seq.replicate 10 4L) ]
            let bonds = [| for i in 0L .. 9L -> struct (i, (i + 1L) % 10L) |]

            for source in [ MoleculeSource.Radii; MoleculeSource.Automatic; MoleculeSource.Listed bonds ] do
                let text =
                    CoarseGrain.frame
                        { options with Molecules = source }
                        CoarseGrain.noKinds
                        (snapshot cell atoms numbered)
                    |> refusal

                Expect.stringContains text "particle 0" text
                Expect.stringContains text "image of itself" text
        }

        test "bonds are those of all pairs of images, in cells smaller than a bond too" {
            for seed in [ 1..40 ] do
                let random = Random seed
                let cell = skewedCell random (uniform random 0.8 3.0)
                let points = Array.init (random.Next(1, 9)) (fun _ -> anyVector random 6.0)
                let reaches = points |> Array.map (fun _ -> uniform random 0.3 1.2)
                let images = PeriodicImages cell

                let found =
                    BondSearch.pairs 2 images points reaches (fun _ _ -> true)
                    |> Array.map (fun bond ->
                        vector (points[bond.Second] + images.Vector bond.Shift - points[bond.First])
                        |> Array.sumBy (fun x -> x * x)
                        |> sqrt)
                    |> Array.sort

                // Rows of lattice points are told from the planes' distances: this is farther than any bond.
                let inverse = Matrix3.transpose (Matrix3.inverse cell.Vectors)
                let reach (row: Vector3) = 2.5 * Vector3.norm row

                let expected = [|
                    for i in 0 .. points.Length - 1 do
                        for j in i .. points.Length - 1 do
                            let d = points[j] - points[i]

                            let range (row: Vector3) =
                                let s = Vector3.dot row d
                                [ int (floor (-s - reach row)) .. int (ceil (-s + reach row)) ]

                            for a in range inverse.Row1 do
                                for b in range inverse.Row2 do
                                    for c in range inverse.Row3 do
                                        let r = Vector3.norm (d + cellVector cell (a, b, c))
                                        // Of an atom and its images one of two opposite ones.
                                        let isHalf = a > 0 || (a = 0 && (b > 0 || (b = 0 && c > 0)))

                                        if r < reaches[i] + reaches[j] && (i < j || isHalf) then
                                            r
                |]

                Close.within 1e-9 1.0 found (Array.sort expected) $"lengths of bonds, seed {seed}"
        }

        test "the nearest image is the nearest of all, however the cell leans" {
            for seed in [ 1..300 ] do
                let random = Random seed
                let v () = anyVector random 5.0
                let a = v ()
                let b = v () + float (random.Next(-3, 4)) * a
                let c = v () + float (random.Next(-3, 4)) * a + float (random.Next(-3, 4)) * b

                match Cell.create a b c { A = true; B = true; C = random.Next 3 > 0 } with
                | Error _ -> ()
                | Ok cell ->
                    let images = PeriodicImages cell
                    let d = anyVector random 20.0
                    let found = Vector3.norm (d + images.Vector(images.Nearest d))

                    // Every lattice vector that could be nearer is within these multiples of the reduced vectors.
                    let steps = if cell.Periodicity.C then [ -2 .. 2 ] else [ 0 ]

                    let near =
                        [
                            for x in -2 .. 2 do
                                for y in -2 .. 2 do
                                    for z in steps do
                                        let shift = images.Original(x, y, z)
                                        Vector3.norm (d + images.Vector(images.Nearest d) + images.Vector shift)
                        ]
                        |> List.min

                    Close.atMost found (near * (1.0 + 1e-12)) $"seed {seed}"
        }
    ]
