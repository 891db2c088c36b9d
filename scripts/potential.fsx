(**
---
title: From dimers to a running potential
category: Scripts and notebooks
categoryindex: 4
index: 6
---

# From dimers to a running potential

Pairs of ellipsoids whose energies, forces and torques are known are all that a potential is learnt from here. It is tested on pairs that it has not seen, and moves an ellipsoid
about another one in the end.
*)
#r "nuget: AniSoap"
#r "nuget: AniSoap.Figures"
#r "nuget: AniSoap.Learning"

open System.IO
open AniSoap
open AniSoap.Learning
open AniSoap.Plotting

let file =
    Path.Combine(__SOURCE_DIRECTORY__, "..", "docs", "data", "gay-berne-dimers", "dimers.extxyz.gz")

let dimers = [
    for snapshot in FrameFile.snapshots file do
        Result.orFail snapshot
]

printfn "%d dimers; the first has %s" dimers.Length (dimers[0].Frame.Particles[0].ToString())
(*** include-output ***)

(**
## What the file knows

`PotentialTargets.ofSnapshot` takes from every frame what it has under these names: the key `energy`, the columns `forces` and `torques`. Torques are about each particle's own centre, in the lab's frame.
*)
let targets = [
    for dimer in dimers do
        PotentialTargets.ofSnapshot PotentialTargets.keys dimer |> Result.orFail
]

let energies = targets |> List.choose _.Energy
printfn "energies from %.2f to %.2f" (List.min energies) (List.max energies)
(*** include-output ***)

(**
## Learning

Four hundred dimers are learnt from. Which pair spectra, and how strong a ridge, is chosen by frames that are held out of them in turn; the hundred dimers of the test play no part in it.
*)
let training, test = List.splitAt 400 targets
let ofTargets frames = frames |> Seq.map Ok

let potential =
    PotentialTraining.train PotentialTraining.defaults (ofTargets training)
    |> Result.orFail

let hypers = potential.Contact.Value.Basis.Hypers

printfn
    "%d columns: l up to %d, n up to %d, cutoff radius %.2f"
    potential.Length
    hypers.MaxAngular
    hypers.MaxRadial
    hypers.CutoffRadius

printfn "%.1f %% of the held-out targets is left" (100.0 * sqrt potential.Fit.HeldOut)
(*** include-output ***)

(**
## Does it know dimers that it has not seen?

A few pairs overlap deeply: their forces are hundreds of times the usual ones, and carry nearly all of a mean square. The second line is of pairs with an energy below 1 alone, as they occur at ordinary temperatures.
*)
let reference, found = ResizeArray<PotentialTargets>(), ResizeArray<PotentialResult>()

let keep targets result =
    reference.Add targets
    found.Add result

let struct (all, below) =
    PotentialErrors.measureTelling keep 0 (Some 1.0) potential (ofTargets test)
    |> Result.orFail

let show name (errors: PotentialErrors) =
    printfn
        "%-14s %3d dimers: energy %.3f, forces %.1f %%, torques %.1f %%"
        name
        errors.Energy.Count
        errors.Energy.Rmse
        errors.Forces.PercentOfRms
        errors.Torques.PercentOfRms

show "all" all
show "below 1" below.Value
(*** include-output ***)

(**
Every point of the picture is a component of the force or of the torque on one of these two hundred ellipsoids.
*)
let panel name (errors: ErrorMeasures) (expected: seq<float>) (values: seq<float>) = {
    Name = name
    Note = $"{errors.PercentOfRms:F1} %% of the root mean square"
    Reference = System.Collections.Immutable.ImmutableArray.CreateRange expected
    Found = System.Collections.Immutable.ImmutableArray.CreateRange values
}

let components (vectors: seq<Vector3>) = vectors |> Seq.collect (fun v -> [ v.X; v.Y; v.Z ])

let parity =
    ParityPicture.create "A hundred dimers that were not learnt from" [
        panel
            "forces"
            all.Forces
            (reference |> Seq.collect _.Forces)
            (found |> Seq.collect (fun one -> components one.Forces))
        panel
            "torques"
            all.Torques
            (reference |> Seq.collect _.Torques)
            (found |> Seq.collect (fun one -> components one.Torques))
    ] []
    |> Result.orFail

printfn "largest energy of the hundred: %.2f" (reference |> Seq.choose _.Energy |> Seq.max)
(*** include-output ***)
parity

(**
## Motion

The test's dimer of the lowest energy, with velocities and angular momenta of kT = 0.1. Nothing but the potential acts, so that the sum of all energies must stay what it is.
*)
let start =
    List.skip 400 dimers
    |> List.zip test
    |> List.minBy (fun (targets, _) -> targets.Energy.Value)
    |> snd

let motion = { SimulationOptions.create 4000 0.002 with Temperature = Some 0.1; Seed = 1; Every = 50 }

let moments = Simulation.run motion potential start |> Seq.map Result.orFail |> Seq.toList

for moment in moments |> List.filter (fun moment -> moment.Log.Step % 800 = 0) do
    let log = moment.Log

    printfn
        "t = %.1f: potential %5.2f, kinetic %4.2f, of rotations %4.2f, total %6.3f"
        log.Time
        log.PotentialEnergy
        log.KineticEnergy
        log.RotationalEnergy
        log.TotalEnergy

let drift = moments |> Seq.map _.Log |> EnergyDrift.ofLogs |> Option.get
printfn "the total scatters by less than a thousandth: %b" (drift.StandardDeviation < 1e-3)
(*** include-output ***)

(**
A model file is one JSON: `PotentialFile.save` writes it, the program's `predict`, `evaluate` and `simulate` read it, and LAMMPS runs it with many thousands of particles.
*)
let model = Path.Combine(Path.GetTempPath(), "dimers.json")
PotentialFile.save Existing.Replace model potential |> Result.orFail

printfn
    "the potential from the file is the same: %b"
    ((PotentialFile.load model |> Result.orFail).Length = potential.Length)
(*** include-output ***)

(**
More of it: [potentials of ellipsoids](../potentials.md), and what it takes to run it in LAMMPS: [LAMMPS, C and Python](../lammps.md).
*)
