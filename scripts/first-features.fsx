(**
---
title: First features
category: Scripts and notebooks
categoryindex: 4
index: 1
---

# First features

From a file of ellipsoids to a table of numbers that do not change when the whole sample is turned. The file holds six frames of a
nematic liquid crystal: 500 ellipsoids of diameters 3, 1, 1 in a periodic box, in Lennard-Jones units.
*)
#r "nuget: AniSoap"

open System
open System.IO
open AniSoap

(**
## Read frames

Frames are read one after another as they are asked for. Here all six are kept.
*)
let data = Path.Combine(__SOURCE_DIRECTORY__, "..", "docs", "data", "gay-berne")

let frames =
    FrameFile.readWith
        { InputOptions.defaults with Warn = printfn "warning: %s" }
        (Path.Combine(data, "nematic.extxyz.gz"))
    |> Seq.map Result.orFail
    |> Seq.toList

let first = frames[0]

printfn
    "%d frames, the first with %d particles of species %A"
    frames.Length
    first.Particles.Length
    (Frame.species first)

printfn "semi-axes of the first particle: %A" first.Particles[0].SemiAxes
(*** include-output ***)

(**
## Say what the features are to mean

Lengths are in the unit of the file: here the width of a molecule. The radial functions are as wide as half a molecule is long, and a particle sees as
far as 4, which takes in its first shell of neighbours.
*)
let hypers = Hypers.gto 6 4 1.5 4.0 // max_angular, max_radial, width of the radial functions, cutoff radius
let projection = Projection.ofFrames hypers frames |> Result.orFail

(**
## Compute

The mean power spectrum has a row a frame. Its columns are named by the angular momentum l, the radial indices n_1 and n_2, and the species of the
neighbours. Values have the unit length⁻³.
*)
let spectrum = PowerSpectrum.mean projection frames |> Result.orFail
let features = spectrum.Blocks[0]

printfn "%d frames × %d features" features.Samples.Count features.Properties.Count

for column in 0..4 do
    let values =
        [ for frame in 0..2 -> features[frame, column].ToString("F6") ]
        |> String.concat "  "

    printfn "%O: %s" features.Properties[column] values
(*** include-output ***)

(**
## They do not depend on how the sample lies

Turning a frame as a whole (its cell, its places and its orientations) must leave them as they are. A turn by 40° about the z axis:
*)
let turn = Quaternion.create (cos (Math.PI / 9.0)) 0.0 0.0 (sin (Math.PI / 9.0))

let rotate (v: Vector3) =
    let m = Quaternion.toMatrix turn
    Vector3.create (Vector3.dot m.Row1 v) (Vector3.dot m.Row2 v) (Vector3.dot m.Row3 v)

let turned =
    let cell =
        let v = first.Cell.Vectors

        Cell.create (rotate v.Row1) (rotate v.Row2) (rotate v.Row3) first.Cell.Periodicity
        |> Result.orFail

    first.Particles
    |> Seq.map (fun p ->
        Ellipsoid.create p.Species (rotate p.Position) (turn * p.Orientation) p.SemiAxes
        |> Result.orFail)
    |> Frame.create cell

let spectrumOfTurned = (PowerSpectrum.mean projection [ turned ] |> Result.orFail).Blocks[0]

let largestChange =
    seq { 0 .. features.Properties.Count - 1 }
    |> Seq.map (fun column -> abs (spectrumOfTurned[0, column] - features[0, column]))
    |> Seq.max

printfn
    "largest change of a feature: %s"
    (if largestChange < 1e-12 then
         "less than 1e-12"
     else
         string largestChange)
(*** include-output ***)

(**
Next: [comparing phases](phases.fsx), [what the hyperparameters do](../hyperparameters.fsx).
*)
