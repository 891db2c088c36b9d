/// What a simulation begins with, and energies of a frame's particles at other places.
module AniSoap.Tests.Learning.SimulationStartTests

open System
open System.Collections.Immutable
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.DynamicsSupport

let private startTests =
    testList "starts" [
        testCase
            "masses and moments of inertia are those of the file, of given masses, or of solid ellipsoids of mass 1"
        <| fun () ->
            let still = { options with Steps = 1; Temperature = Some 0.0 }
            let first snapshot options = (run options nothing.Value snapshot)[0]
            let axes = start.Value.Frame.Particles.SemiAxes.ToArray()
            let species = start.Value.Frame.Particles.Species.ToArray()

            let solid (mass: int -> float) =
                Array.init 24 (fun k ->
                    let i = k / 3
                    let squares = axes[3 * i .. 3 * i + 2] |> Array.map (fun a -> a * a)
                    mass i * (Array.sum squares - squares[k % 3]) / 5.0)

            let plain = first start.Value still
            Expect.equal (reals Quantities.Masses 1 plain) (Array.create 8 1.0) "masses"
            Close.toLargest 1e-14 (reals "inertia" 3 plain) (solid (fun _ -> 1.0)) "inertia"

            let file =
                start.Value
                |> withColumns [ column "masses" 1 [ 1.0 .. 8.0 ]; column "inertia" 3 [ 1.0 .. 24.0 ] ]

            let ofFile = first file still
            Expect.equal (reals Quantities.Masses 1 ofFile) [| 1.0 .. 8.0 |] "masses of the file"
            Expect.equal (reals "inertia" 3 ofFile) [| 1.0 .. 24.0 |] "inertia of the file"
            let given = first file { still with Mass = Some 2.0; Masses = Map [ 6, 5.0 ] }
            let mass i = if species[i] = 6 then 5.0 else 2.0
            Expect.equal (reals Quantities.Masses 1 given) (Array.init 8 mass) "masses given"
            Close.toLargest 1e-14 (reals "inertia" 3 given) (solid mass) "inertia of masses given"
            Expect.equal (plain.Log.KineticEnergy, plain.Log.RotationalEnergy) (0.0, 0.0) "kT 0 is rest"

        testCase "angular velocities are angular momenta, where the file has none of these"
        <| fun () ->
            let snapshot =
                start.Value
                |> withColumns [
                    column "velocities" 3 (Seq.replicate 24 0.0)
                    column "angular_velocities" 3 (Seq.init 24 (fun k -> float (k % 5) - 2.0))
                ]

            let first = (run { options with Steps = 1; Temperature = None } nothing.Value snapshot)[0]
            let inertia = reals "inertia" 3 first

            let expected =
                Seq.sum (
                    seq {
                        for i in 0..7 do
                            let r = Quaternion.toMatrix start.Value.Frame.Particles[i].Orientation
                            let rate k = float ((3 * i + k) % 5) - 2.0
                            let own = Matrix3.transpose r * vector (rate 0) (rate 1) (rate 2)

                            0.5
                            * (inertia[3 * i] * own.X * own.X
                               + inertia[3 * i + 1] * own.Y * own.Y
                               + inertia[3 * i + 2] * own.Z * own.Z)
                    }
                )

            Close.within 1e-13 expected [| first.Log.RotationalEnergy |] [| expected |] "energy"

        testCase "what cannot be run is refused in words"
        <| fun () ->
            let refusal options snapshot = Simulation.run options soft.Value snapshot |> Seq.last |> sentence
            let langevin translation rotation = Ensemble.Langevin(translation, rotation)
            let stray = Frame.create Cell.none [ Ellipsoid.sphere 9 Vector3.zero 0.5 |> sure ]

            for name, options, snapshot, expected in
                [
                    "steps",
                    { options with Steps = 0 },
                    start.Value,
                    "steps = 0 cannot be used; accepted: a whole number from 1"
                    "time", { options with TimeStep = 0.0 }, start.Value, "time step = 0 "
                    "no number", { options with TimeStep = nan }, start.Value, "time step = NaN"
                    "every", { options with Every = 0 }, start.Value, "every = 0"
                    "cold", { options with Temperature = Some -1.0 }, start.Value, "temperature = -1"
                    "no temperature",
                    { options with Temperature = None; Ensemble = langevin 1.0 1.0 },
                    start.Value,
                    "temperature is missing"
                    "friction", { options with Ensemble = langevin 0.0 1.0 }, start.Value, "friction time = 0"
                    "rotations",
                    { options with Ensemble = langevin 1.0 infinity },
                    start.Value,
                    "friction time of rotations = "
                    "mass", { options with Mass = Some 0.0 }, start.Value, "mass = 0"
                    "masses", { options with Masses = Map [ 1, -1.0 ] }, start.Value, "mass = -1"
                    "threads", { options with Threads = -1 }, start.Value, "threads = -1"
                    "velocities", { options with Temperature = None }, start.Value, "velocities is missing"
                    "momenta",
                    { options with Temperature = None },
                    start.Value |> withColumns [ column "velocities" 3 (Seq.replicate 24 0.0) ],
                    "angular momenta is missing"
                    "particles", options, Snapshot.ofFrame (Frame.create Cell.none []), "number of particles = 0"
                    "species", options, Snapshot.ofFrame stray, "9"
                    "weightless",
                    options,
                    start.Value
                    |> withColumns [ column "mass" 1 [ 1.0; 1.0; 0.0; 1.0; 1.0; 1.0; 1.0; 1.0 ] ],
                    "particle 2: masses = 0"
                    "inertia",
                    options,
                    start.Value |> withColumns [ column "inertia" 1 (Seq.replicate 8 1.0) ],
                    "inertia = another kind of column"
                ] do
                Expect.stringContains (refusal options snapshot) expected name

        testCase "a time step that is too long is told with the step"
        <| fun () ->
            let wild = { options with Steps = 200; TimeStep = 1e160; Temperature = Some 1e160 }

            let found = Simulation.run wild soft.Value start.Value |> Seq.toList
            let refusal = List.last found |> sentence
            Expect.stringStarts refusal "step 1: " "the step"
            Expect.stringContains refusal "the time step may be too long" "the reason"
            Expect.equal found.Length 2 "nothing comes after it"
    ]

let private placeTests =
    testList "energies at other places" [
        testCase "are those of a frame that is there, and nothing that grows with the particles is allocated"
        <| fun () ->
            let bytes count =
                let frame, there = skew 4 count, skew 5 count
                let engine = soft.Value.Engine 1 |> sure
                let positions = there.Particles.Positions.ToArray()
                let orientations = there.Particles.Orientations.ToArray()
                let forces, torques = Array.zeroCreate<float>(3 * count), Array.zeroCreate<float>(3 * count)
                let virial = Array.zeroCreate<float> 9

                let evaluate () =
                    engine.EvaluateAt(frame, positions, orientations, Memory forces, Memory torques, Memory virial)

                let energy = evaluate () |> sure

                let moved =
                    Frame.ofArrays
                        frame.Cell
                        (frame.Particles.Species.ToArray())
                        positions
                        orientations
                        (frame.Particles.SemiAxes.ToArray())
                    |> sure

                let expected = Potential.evaluate soft.Value moved |> sure
                Expect.equal energy expected.Energy "energy"
                Expect.equal forces (expected.Forces |> Seq.collect coordinates |> Seq.toArray) "forces"
                evaluate () |> ignore
                let before = GC.GetAllocatedBytesForCurrentThread()

                for _ in 1..4 do
                    evaluate () |> ignore

                GC.GetAllocatedBytesForCurrentThread() - before

            let few, many = bytes 3, bytes 12
            Expect.equal many few "bytes"

        testCase "are refused for arrays of other lengths and numbers that are not finite"
        <| fun () ->
            let frame = skew 4 2
            let engine = soft.Value.Engine 1 |> sure

            let refusal positions =
                engine.EvaluateAt(
                    frame,
                    positions,
                    frame.Particles.Orientations.ToArray(),
                    Memory(Array.zeroCreate 6),
                    Memory(Array.zeroCreate 6),
                    Memory(Array.zeroCreate 9)
                )
                |> sentence

            Expect.stringContains (refusal [| 0.0 |]) "length of the positions = 1" "length"
            Expect.stringContains (refusal [| 0.0; 1.0; 2.0; 3.0; nan; 5.0 |]) "particle 1: positions = NaN" "a number"
    ]

[<Tests>]
let tests = testList "dynamics" [ startTests; placeTests ]
