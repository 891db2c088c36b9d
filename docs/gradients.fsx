(**
---
title: Gradients, forces and torques
category: How to
categoryindex: 2
index: 4
---

# Gradients, forces and torques

A model that predicts an energy E from features also predicts forces and torques: minus the derivatives of E by positions and orientations. There are two ways to get
them, and which is right depends on what you have.

| you have | you want | use |
|---|---|---|
| a model, its derivative ∂E/∂features for each frame | forces, torques, virial for simulation or training | `Features.pullback`: one pass, no Jacobian is ever stored |
| no model yet | the derivatives of every feature by every particle, to write to a file or to fit linearly | `Features.withGradients` |

Signs, axes and units are on the page [conventions](conventions.md). With a step at the cutoff, features jump when a neighbour crosses it, and forces miss the jump: use a smooth
cutoff (`Smoothing`) wherever derivatives matter.
*)
#r "nuget: AniSoap"

open System
open System.IO
open AniSoap

let frame =
    Path.Combine(__SOURCE_DIRECTORY__, "data", "gay-berne", "nematic.extxyz.gz")
    |> FrameFile.read
    |> Seq.head
    |> Result.orFail

let hypers = { Hypers.gto 4 3 1.5 4.0 with Smoothing = Smoothing.ShiftedCosine 0.5 }

let projection = Projection.create hypers (Frame.species frame) |> Result.orFail

(**
## Forces and torques of a linear model

A linear model E = Σ_i w · p_i over the power spectra p_i of the particles has ∂E/∂p_i = w for every particle. (The weights here are made up.) Threads share the
particles; the result does not depend on their number, bit for bit.
*)
let columns = (SpectrumColumns.properties OrderedPairs projection).Count
let weights = [| for column in 0 .. columns - 1 -> 1e-2 * cos (float column) |]

let cotangent = SpectrumCotangentHandler(fun _particle _spectrum row -> weights.AsSpan().CopyTo row)

let pulled =
    Features.pullback (RunOptions.threads 2) OrderedPairs [] projection frame (OfEachParticle cotangent)
    |> Result.orFail

let show (v: Vector3) = $"({v.X:F5}, {v.Y:F5}, {v.Z:F5})"
printfn "force on particle 0:  %s" (show pulled.Forces[0])
printfn "torque on particle 0: %s" (show pulled.Torques[0])

printfn "virial, diagonal:     %.4f %.4f %.4f" pulled.Virial.Row1.X pulled.Virial.Row2.Y pulled.Virial.Row3.Z
(*** include-output ***)

(**
## A model that is not linear

The handler gets each particle's spectrum, so a derivative that depends on it costs nothing more. E = Σ_i (w · p_i)², for example, has ∂E/∂p_i = 2 (w · p_i) w:
*)
let quadratic =
    SpectrumCotangentHandler(fun _particle spectrum row ->
        let mutable product = 0.0

        for column in 0 .. weights.Length - 1 do
            product <- product + weights[column] * spectrum[column]

        for column in 0 .. weights.Length - 1 do
            row[column] <- 2.0 * product * weights[column])

let ofQuadratic =
    Features.pullback RunOptions.defaults OrderedPairs [] projection frame (OfEachParticle quadratic)
    |> Result.orFail

printfn "force on particle 0: %s" (show ofQuadratic.Forces[0])
(*** include-output ***)

(**
## Step after step

A simulation asks for the forces of one configuration after another. An `Engine` is made once for a projection and a number of threads and owns the memory that computing takes;
results go into arrays of yours, and on one thread nothing is allocated a call. Its methods say what is wrong with their input as an error, and take a `CancellationToken`:
*)
let engine = Engine.Create(projection, 1) |> Result.orFail
let values = Array.zeroCreate<float>(frame.Particles.Length * weights.Length)
let positions = Array.zeroCreate<float>(3 * frame.Particles.Length)
let orientations = Array.zeroCreate<float>(3 * frame.Particles.Length)
let strain = Array.zeroCreate<float> 9
let semiAxes = Array.empty<float> // not wanted

engine.PullEach(frame, OrderedPairs, quadratic, values, GradientRoom(positions, orientations, strain, semiAxes))
|> Result.orFail

printfn "force on particle 0: %s" (show (Vector3.create -positions[0] -positions[1] -positions[2]))
(*** include-output ***)

(**
A simulation program has its neighbours already, with periodic images as particles of their own ("ghosts") and perhaps only some of the particles as its own. Give the engine all of them as a
frame without a cell, and their lists as `INeighbors` (`NeighborTable` holds them): the centres are those that the lists are of; neighbours farther than the cutoff radius do not count.
Every particle gets derivatives, ghosts too; who knows whose images they are adds them up. Here are two centres whose candidates are all particles:
*)
let lists = NeighborTable()
let everyone = [| 0 .. frame.Particles.Length - 1 |]
let starts = [| 0; everyone.Length; 2 * everyone.Length |]

let centers = [| 0; 1 |]
let candidates = Array.append everyone everyone

lists.Fill(centers, starts, candidates) |> Result.orFail

engine.ParticleSpectra(frame, OrderedPairs, System.Memory(values, 0, 2 * weights.Length), lists)
|> Result.orFail

printfn "spectrum of particle 1, without images: %.4f %.4f" values[weights.Length] values[weights.Length + 1]
(*** include-output ***)

(**
## Every derivative

Gradients come as blocks beside the features, with the labels of metatensor. Each row is named by the row of the features that it belongs to (`sample`) and
by the atom that moves. Two particles are enough to see it:
*)
let two = Frame.create Cell.none (Seq.take 2 frame.Particles)

let withGradients =
    Features.withGradients
        RunOptions.defaults
        (MeanSpectra OrderedPairs)
        [ GradientParameter.Positions; GradientParameter.Orientations ]
        projection
        [ two ]
    |> Result.orFail

for entry in withGradients.Blocks[0].Gradients do
    printfn
        "%s: %d rows × %s"
        entry.Key
        entry.Value.Samples.Count
        (entry.Value.Shape |> Seq.skip 1 |> Seq.map string |> String.concat " × ")
(*** include-output ***)

(**
A worked example with a torque checked against differences of the energy: [turning one of two ellipsoids](scripts/orientation-scan.fsx).
*)
