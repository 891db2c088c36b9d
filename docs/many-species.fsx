(**
---
title: Many species
category: How to
categoryindex: 2
index: 3
---

# Many species

A species is a whole number: the atomic number where a file gives a chemical symbol, the type's number as simulation programs count them, or what you say
(`--type-map rod=1,disc=2`). Densities of different species are kept apart, so features tell who a neighbour is as well as where it is.
*)
#r "nuget: AniSoap"

open AniSoap

/// Two rods (species 1) and a disc (species 2).
let mixture =
    let rod = Vector3.create 0.5 0.5 1.5
    let disc = Vector3.create 1.2 1.2 0.3

    [
        Ellipsoid.create 1 Vector3.zero Quaternion.identity rod
        Ellipsoid.create 1 (Vector3.create 1.3 0.0 0.0) Quaternion.identity rod
        Ellipsoid.create 2 (Vector3.create 0.0 1.6 0.2) (Quaternion.create 0.8 0.6 0.0 0.0) disc
    ]
    |> List.map Result.orFail
    |> Frame.create Cell.none

/// Rods alone.
let rods =
    mixture.Particles
    |> Seq.filter (fun particle -> particle.Species = 1)
    |> Frame.create Cell.none

(**
## One projection for all frames

Columns are named by the species of neighbours, so all species of *all* frames must be known beforehand. The program finds them by a first pass over its input, or takes them from
`--species 1,2`; in code they are given to the projection.
*)
let frames = [ mixture; rods ]
let hypers = Hypers.gto 3 1 1.5 5.0
let projection = Projection.ofFrames hypers frames |> Result.orFail // or Projection.create hypers [ 1; 2 ]
let spectrum = PowerSpectrum.mean projection frames |> Result.orFail

for key, block in TensorMap.toSeq spectrum do
    printfn "%O: %d frames × %d columns" key block.Samples.Count block.Properties.Count
(*** include-output ***)

(**
There is a block for each species as the centre. A frame without discs has a row of zeros among the discs, so that rows of all blocks belong to the same frames:
*)
let discs = TensorMap.block [ ("center_type", 2) ] spectrum |> Result.orFail
printfn "first column of discs: %.6f in the mixture, %.6f among rods alone" discs[0, 0] discs[1, 0]
(*** include-output ***)

(**
## Columns

Every column says which two neighbour densities were multiplied. With s species and k radial functions there are (l + 1) (k s)² of them for each species of centres: twice the species,
eight times the numbers. These are those of l = 0 with n_1 = n_2 = 0:
*)
let block = spectrum.Blocks[0]

for column in block.Properties do
    if column["l"] = 0 && column["n_1"] = 0 && column["n_2"] = 0 then
        printfn
            "neighbours %d and %d: %.6f"
            column["neighbor_1_type"]
            column["neighbor_2_type"]
            block[0, column.Position]
(*** include-output ***)

(**
## Mixed into channels

Where species are many, `SpeciesMixing` mixes their densities into a few channels, each with a weight of every species: columns and memory are then the same for three species and for
fifty, and the columns are named by `neighbor_1_channel` and `neighbor_2_channel`. Weights are random numbers that depend on a seed and on the species alone (the program's
`--species-channels 4,SEED`); given, as a map from species to weights; or learnt from frames: those channels that hold most of the squares of all coefficients.
*)
let channels = { hypers with SpeciesMixing = Some(SpeciesMixing.Random(1, 0)) }
let mixed = Projection.ofFrames channels frames |> Result.orFail
let columns = SpectrumColumns.properties OrderedPairs >> _.Count
printfn "%d columns, mixed %d" (columns projection) (columns mixed)

match LearnedMixing.ofFrames 1 projection frames with
| Ok(SpeciesMixing.Weights weights) ->
    printfn "learnt weights of rods %.3f and discs %.3f" weights[1].Head weights[2].Head
| Ok _ -> ()
| Error error -> printfn "%s" (AniSoapError.describe error)
(*** include-output ***)

(**
## One row a frame

`TensorMap.keysToProperties` sets the blocks side by side, which is what the program writes to `.npz` and `.csv`:
*)
let table = TensorMap.keysToProperties [ "center_type" ] spectrum |> Result.orFail
printfn "%d frames × %d columns" table.Blocks[0].Samples.Count table.Blocks[0].Properties.Count
(*** include-output ***)

(**
Where species should not matter, give all particles the same number before the projection sees them; shape and orientation still tell rods from discs.
*)
