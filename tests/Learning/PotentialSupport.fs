/// Potentials for tests: one whose weights are made up and what is trained on it, and one of dimers.
module AniSoap.Tests.Learning.PotentialSupport

open System
open System.Collections.Immutable
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport

let random seed =
    let random = Random seed
    fun () -> 2.0 * random.NextDouble() - 1.0

/// Targets of frames by a potential whose weights are made up.
let made count : PotentialTargets[] =
    let next = random 17

    let scales =
        let rows = rowsOf smallBasis (skew 100 9)
        rows.Values.ToArray() |> Array.map (fun size -> 1.0 / (1e-3 + abs size))

    let weights = Array.init smallBasis.Length (fun k -> next () * scales[k])
    let engine = PairEnergy.Create(smallBasis, ReadOnlyMemory weights, 1) |> sure

    Array.init count (fun seed ->
        let frame = skew (200 + seed) 9

        let forces, torques, virial =
            Array.zeroCreate<float> 27, Array.zeroCreate<float> 27, Array.zeroCreate<float> 9

        let energy = engine.Evaluate(frame, Memory forces, Memory torques, Memory virial) |> sure

        {
            Frame = frame
            Energy = Some energy
            Forces = ImmutableArray.Create<float> forces
            Torques = ImmutableArray.Create<float> torques
            Virial = ImmutableArray.CreateRange(virial |> Seq.mapi (fun i value -> struct (i, value)))
        })

let options = {
    PotentialTraining.defaults with
        Hypers = Some small
        Regularization = Some 1e-16
        Threads = 1
}

let trained = lazy (PotentialTraining.train options (made 24 |> Seq.map Ok) |> sure)

let errors potential frames =
    let struct (all, _) = PotentialErrors.measure 1 None potential (frames |> Seq.map Ok) |> sure
    all

let dimers =
    lazy
        (TestData.withFile "potentials/dimers.extxyz" (fun path ->
            FrameFile.snapshots path
            |> Seq.map (Result.bind (PotentialTargets.ofSnapshot PotentialTargets.keys) >> sure)
            |> Seq.toArray))

let dimerPotential =
    lazy
        (PotentialTraining.train PotentialTraining.defaults (dimers.Value[..199] |> Seq.map Ok)
         |> sure)
