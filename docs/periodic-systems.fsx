(**
---
title: Periodic systems
category: How to
categoryindex: 2
index: 2
---

# Periodic systems

Nothing needs to be switched on: the cell and its periodic directions come from the file (`Lattice="…" pbc="T T T"` in extended XYZ, the box in LAMMPS and HOOMD-blue files). What follows is what to know.

* Cells may be triclinic, and periodic along any of the three vectors: a slab is periodic along two, a single cluster along none.
* Each periodic image within the cutoff is a neighbour of its own, images of the particle itself too. So a cell may be smaller than the cutoff, down to one particle.
* Positions need not lie inside the cell: a particle that drifted out through a face counts where its image is.
* Two-dimensional simulations are often stored with a third direction that repeats too, at a small distance (LAMMPS demands it): each particle then has images above and below it. Reading such frames gives a warning;
  `--pbc TTF` (in code `InputOptions.Periodicity`) says that only the first two vectors repeat.
* Where a direction is not periodic, nothing lies beyond the file's particles.

The features of a cell do not depend on which cell of a crystal was chosen. Here is a crystal of tilted ellipsoids, one particle a cell, and the same crystal in a cell of eight.
*)
#r "nuget: AniSoap"

open AniSoap

(**
Its cell vectors, and along which of them everything repeats:
*)
let a, b, c = Vector3.create 2.0 0.0 0.0, Vector3.create 0.4 1.8 0.0, Vector3.create 0.0 0.3 3.2
let everywhere = { A = true; B = true; C = true }

/// The crystal with n × n × n particles in its cell.
let crystal n =
    let size = float n
    let cell = Cell.create (size * a) (size * b) (size * c) everywhere |> Result.orFail

    [
        for i in 0 .. n - 1 do
            for j in 0 .. n - 1 do
                for k in 0 .. n - 1 do
                    let position = float i * a + float j * b + float k * c

                    Ellipsoid.create 1 position (Quaternion.create 0.9 0.3 0.1 0.0) (Vector3.create 0.5 0.5 1.4)
                    |> Result.orFail
    ]
    |> Frame.create cell

let hypers = Hypers.gto 4 3 1.5 4.0
let projection = Projection.create hypers [ 1 ] |> Result.orFail
let featuresOf frame = (PowerSpectrum.mean projection [ frame ] |> Result.orFail).Blocks[0].Row(0, 0).ToArray()

let one, eight = featuresOf (crystal 1), featuresOf (crystal 2)
printfn "%d features; first: %.6f and %.6f" one.Length one[0] eight[0]
printfn "the same in both cells: %b" (Array.forall2 (fun x y -> abs (x - y) < 1e-11) one eight)
(*** include-output ***)

(**
## A slab

Take away the periodicity along the third vector, and each layer is alone:
*)
let slab =
    let frame = crystal 1
    let vectors = frame.Cell.Vectors

    let cell =
        Cell.create vectors.Row1 vectors.Row2 vectors.Row3 { everywhere with C = false }
        |> Result.orFail

    Frame.create cell frame.Particles

printfn "first feature of the slab: %.6f" (featuresOf slab).[0]
(*** include-output ***)

(**
## Finite samples without a cell

A frame without a cell is made with `Cell.none`. In a file leave `Lattice` out, or write `pbc="F F F"`: with a `Lattice` and no `pbc`, extended XYZ means periodic along all three.
*)
let cluster = Frame.create Cell.none (crystal 1).Particles
printfn "first feature of a single particle: %.6f" (featuresOf cluster).[0]
(*** include-output ***)
