module AniSoap.Tests.NeighborTests

open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

/// All directed pairs by looking at every image that can be near enough: (first, second, a, b, c), sorted.
let private bruteForce cutoff (frame: Frame) =
    let v, p = frame.Cell.Vectors, frame.Cell.Periodicity
    let inverse = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)

    /// Shifts along one axis: fractional distance no larger than cutoff / (distance of lattice planes), and one to spare.
    let range repeats (row: Vector3) (difference: Vector3) =
        if repeats then
            let fraction = Vector3.dot row difference
            let reach = cutoff * Vector3.norm row + 1.0
            [ int (floor (-fraction - reach)) .. int (ceil (-fraction + reach)) ]
        else
            [ 0 ]

    [|
        for i in 0 .. frame.Particles.Length - 1 do
            for j in 0 .. frame.Particles.Length - 1 do
                let r = frame.Particles[j].Position - frame.Particles[i].Position

                for a in range p.A inverse.Row1 r do
                    for b in range p.B inverse.Row2 r do
                        for c in range p.C inverse.Row3 r do
                            let image = r + (float a * v.Row1 + float b * v.Row2 + float c * v.Row3)
                            let isCenter = i = j && a = 0 && b = 0 && c = 0

                            if Vector3.squaredNorm image < cutoff * cutoff && not isCenter then
                                struct (i, j, a, b, c)
    |]

let private found cutoff frame =
    NeighborList.create cutoff frame
    |> sure
    |> Seq.map (fun pair -> struct (pair.First, pair.Second, pair.ShiftA, pair.ShiftB, pair.ShiftC))
    |> Seq.toArray

let private sphereAt species position = Ellipsoid.sphere species position 0.5 |> sure

/// Whole numbers for coordinates: distances are exact, and many of them equal the cutoff.
let private lattice (seed: int) =
    let random = System.Random seed
    let edge () = Vector3.create (float (random.Next(3, 8))) 0.0 0.0
    let a, b, c = (edge ()).X, (edge ()).X, (edge ()).X
    let repeats () = random.Next 4 > 0

    let cell =
        Cell.create
            (Vector3.create a 0.0 0.0)
            (Vector3.create (float (random.Next 2)) b 0.0)
            (Vector3.create 0.0 (float (random.Next 2)) c)
            { A = repeats (); B = repeats (); C = repeats () }
        |> sure

    let whole () = float (random.Next(-6, 12))

    Frame.create cell [
        for _ in 1 .. random.Next(1, 30) -> sphereAt 1 (Vector3.create (whole ()) (whole ()) (whole ()))
    ]

/// The neighbours of every particle as a grid finds them.
let private foundByGrid cutoff (frame: Frame) =
    let grid = NeighborGrid.Create(frame, cutoff)
    let buffer = NeighborBuffer()

    [|
        for first in 0 .. frame.Particles.Length - 1 do
            grid.Find(first, buffer)

            for k in 0 .. buffer.Count - 1 do
                struct (first, buffer.Second[k], buffer.Shift[3 * k], buffer.Shift[3 * k + 1], buffer.Shift[3 * k + 2])
    |]

/// The same pairs, each centre's by the bins of the neighbours, counted on through the images of the cell, and by their numbers in a bin. Along each axis bins
/// are half a cutoff thick, thinned evenly where they would be more than the particles.
let private byBins cutoff (frame: Frame) =
    let rows = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)
    let p = frame.Cell.Periodicity
    let count = frame.Particles.Length
    let axes = [| rows.Row1, p.A; rows.Row2, p.B; rows.Row3, p.C |]

    let places =
        axes
        |> Array.map (fun (row, repeats) ->
            Array.init count (fun i ->
                let value = Vector3.dot row frame.Particles[i].Position
                if repeats then value - floor value else value))

    let low = Array.map2 (fun (_, repeats) given -> if repeats then 0.0 else Array.min given) axes places

    let extent =
        Array.map3 (fun (_, repeats) given low -> if repeats then 1.0 else Array.max given - low) axes places low

    let wished =
        Array.map2 (fun (row, _) extent -> max 1.0 (floor (2.0 * extent / (Vector3.norm row * cutoff)))) axes extent

    let rec thinned rounds (bins: float[]) =
        let excess = Array.reduce (*) bins / float count
        let divisible = bins |> Array.filter (fun n -> n > 1.0) |> Array.length

        if rounds = 0 || excess <= 1.0 || divisible = 0 then
            bins
        else
            bins
            |> Array.map (fun n -> max 1.0 (floor (n / (excess ** (1.0 / float divisible)))))
            |> thinned (rounds - 1)

    let bins = thinned 4 wished

    /// The bin along an axis, images counted on: a particle outside of the cell is in that of its image inside.
    let bin axis particle first shift =
        let own i =
            if extent[axis] > 0.0 then
                min (int ((places[axis][i] - low[axis]) / extent[axis] * bins[axis])) (int bins[axis] - 1)
            else
                0

        let row, repeats = axes[axis]

        let cells i =
            if repeats then
                int (floor (Vector3.dot row frame.Particles[i].Position))
            else
                0

        own particle + int bins[axis] * (shift + cells particle - cells first)

    bruteForce cutoff frame
    |> Array.sortBy (fun (struct (first, second, a, b, c)) ->
        first, bin 0 second first a, bin 1 second first b, bin 2 second first c, second)

[<Tests>]
let tests =
    testList "neighbour list" [
        property "finds each centre's neighbours in the order of half bins, in which sums are taken"
        <| fun (SomeFrame frame) (number: int) ->
            let cutoff = [| 0.7; 2.0; 3.3; 5.0 |][number &&& 3]
            Expect.equal (foundByGrid cutoff frame) (byBins cutoff frame) $"pairs within {cutoff}"

        property "has the pairs of a search over all images, in order"
        <| fun (SomeFrame frame) (number: int) ->
            let cutoff = [| 0.7; 2.0; 3.3; 5.0 |][number &&& 3]
            // One pair more or less where rounding decides has never come up with these seeds.
            Expect.equal (found cutoff frame) (bruteForce cutoff frame) $"pairs within {cutoff}"

        property "has the displacements of its shifts"
        <| fun (SomeFrame frame) ->
            let v = frame.Cell.Vectors

            for pair in NeighborList.create 3.0 frame |> sure do
                let r = frame.Particles[pair.Second].Position - frame.Particles[pair.First].Position

                let expected =
                    r
                    + (float pair.ShiftA * v.Row1
                       + float pair.ShiftB * v.Row2
                       + float pair.ShiftC * v.Row3)

                let d = pair.Displacement
                Close.within 1e-14 30.0 [| d.X; d.Y; d.Z |] [| expected.X; expected.Y; expected.Z |] "displacement"
                Close.below (Vector3.norm d) 3.0 "length"

        testCase "of many particles in random order it has the displacements of the search, bit for bit"
        <| fun () ->
            let random = System.Random 5
            let edge = 24.0

            let cell =
                Cell.create (Vector3.create edge 0.0 0.0) (Vector3.create 1.3 edge 0.0) (Vector3.create 0.0 -2.0 edge) {
                    A = true
                    B = true
                    C = false
                }
                |> sure

            // More than are asked for ahead; inside of the cell, and some of them some cells away.
            for stretch in [ 0.0; 2.0 ] do
                let particles = [
                    for _ in 1..11_000 ->
                        let part () = random.NextDouble()

                        let inside =
                            part () * cell.Vectors.Row1
                            + part () * cell.Vectors.Row2
                            + part () * cell.Vectors.Row3

                        sphereAt 1 (inside + floor (stretch * part ()) * cell.Vectors.Row1)
                ]

                let frame = Frame.create cell particles
                let searched = ResizeArray<NeighborPair>()

                NeighborList.visit Limits.defaults 1.6 searched.Add frame |> sure

                let key (pair: NeighborPair) = struct (pair.First, pair.Second, pair.ShiftA, pair.ShiftB, pair.ShiftC)

                let bitsOf (pair: NeighborPair) =
                    let d = pair.Displacement
                    let bits (value: float) = System.BitConverter.DoubleToInt64Bits value
                    struct (key pair, bits d.X, bits d.Y, bits d.Z)

                let expected = searched.ToArray() |> Array.sortBy key |> Array.map bitsOf
                let listed = NeighborList.create 1.6 frame |> sure |> Seq.map bitsOf |> Seq.toArray
                Close.above listed.Length 100_000 "pairs"
                Expect.isTrue (listed = expected) $"stretch {stretch}"

        property "leaves out pairs exactly at the cutoff, and finds coincident ones"
        <| fun (seed: int) ->
            let frame = lattice seed

            for cutoff in [ 1.0; 3.0; 5.0 ] do
                Expect.equal (found cutoff frame) (bruteForce cutoff frame) $"pairs within {cutoff}"

        testCase "takes |r| < cutoff strictly"
        <| fun () ->
            let pair distance =
                Frame.create Cell.none [ sphereAt 1 Vector3.zero; sphereAt 1 (Vector3.create distance 0.0 0.0) ]

            Expect.isEmpty (found 5.0 (pair 5.0)) "at the cutoff"
            Expect.equal (found 5.0 (pair (System.Math.BitDecrement 5.0))).Length 2 "just within"

            let diagonal =
                Frame.create Cell.none [ sphereAt 1 Vector3.zero; sphereAt 1 (Vector3.create 3.0 4.0 0.0) ]

            Expect.isEmpty (found 5.0 diagonal) "3, 4, 5"

        testCase "finds particles that lie on each other, but never a particle itself"
        <| fun () ->
            let frame = Frame.create Cell.none (List.replicate 3 (sphereAt 1 Vector3.zero))

            let expected = [|
                for i in 0..2 do
                    for j in 0..2 do
                        if i <> j then
                            struct (i, j, 0, 0, 0)
            |]

            Expect.equal (found 1.0 frame) expected "pairs"

        property "is symmetric: with every pair its reverse"
        <| fun (SomeFrame frame) ->
            let pairs = found 4.0 frame |> Set.ofArray

            Expect.isTrue
                (pairs
                 |> Set.forall (fun (struct (i, j, a, b, c)) -> pairs.Contains(struct (j, i, -a, -b, -c))))
                "reverse"

        testCase "has as many pairs a particle in a crystal of any size"
        <| fun () ->
            let cube = Vector3.create 2.1 0.0 0.0, Vector3.create 0.3 2.0 0.0, Vector3.create -0.2 0.1 1.9
            let x, y, z = cube

            let perParticle (na, nb, nc) =
                let cell =
                    Cell.create (float na * x) (float nb * y) (float nc * z) { A = true; B = true; C = true }
                    |> sure

                let particles = [
                    for a in 0 .. na - 1 do
                        for b in 0 .. nb - 1 do
                            for c in 0 .. nc - 1 do
                                let corner = float a * x + float b * y + float c * z
                                sphereAt 1 (corner + Vector3.create 0.1 0.2 0.3)
                                sphereAt 6 (corner + Vector3.create 1.0 1.1 0.7)
                ]

                let pairs = found 3.9 (Frame.create cell particles)
                Expect.equal (pairs.Length % particles.Length) 0 "the same for all"
                pairs.Length / particles.Length

            let one = perParticle (1, 1, 1)
            Close.above one 50 "cell smaller than the cutoff"

            for size in [ 2, 1, 1; 1, 3, 2; 4, 4, 4; 9, 2, 1 ] do
                Expect.equal (perParticle size) one $"{size}"
    ]
