/// Rigid ellipsoids in motion: free bodies against what is known of them, and what a potential must keep.
module AniSoap.Tests.Learning.DynamicsTests

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

let private freeTests =
    testList "a free body" [
        let moments = vector 0.7 1.6 2.1
        let l = vector 1.3 -0.9 1.1
        let q = turned (vector 0.4 -1.2 0.8)

        testCase "keeps its angular momentum in the lab, and its energy but for the time step squared"
        <| fun () ->
            let before = Quaternion.toMatrix q * l

            let errors steps =
                turnFor 20.0 steps q l moments
                |> Array.map (fun struct (q, own) ->
                    let lab = Quaternion.toMatrix q * own
                    Close.within 1e-12 (Vector3.norm before) (coordinates lab) (coordinates before) "momentum"
                    abs (rotationEnergy own moments - rotationEnergy l moments))
                |> Array.max

            let coarse, fine = errors 200, errors 400
            Close.above coarse 1e-5 "an error to be seen"
            Close.within 0.3 1.0 [| coarse / fine |] [| 4.0 |] "error of the energy, of twice the time step"

        testCase "that is a symmetric top turns as the closed form says, but for the time step squared"
        <| fun () ->
            let moments = vector 0.5 1.7 1.7
            let lab = Quaternion.toMatrix q * l
            let time = 3.0

            // dq/dt = ½ (0, l / I) q + ½ q (0, L_x (1 / I_x − 1 / I) e_x)
            let exact =
                turned (time / moments.Y * lab)
                * q
                * turned (vector (time * l.X * (1.0 / moments.X - 1.0 / moments.Y)) 0.0 0.0)

            let error steps =
                let struct (found, _) = turnFor time steps q l moments |> Array.last

                Array.map2 (fun a b -> (a - b) ** 2.0) (components found) (components exact)
                |> Array.sum
                |> sqrt

            let coarse, fine = error 100, error 200
            Close.below coarse 2e-3 "error"
            Close.within 0.2 1.0 [| coarse / fine |] [| 4.0 |] "of twice the time step"

        testCase "turns as LAMMPS turns it"
        <| fun () ->
            // What LAMMPS does in fix nve/asphere, with a step of 0.001: diameters 3 2 1, density 1, from no turn. (Its digits at a step of 0.1, which the same
            // formulas give to 4e-15, are off by 2e-5.)
            let mass = 3.14159265358979
            let moments = 0.2 * mass * vector (1.0 + 0.25) (2.25 + 0.25) (2.25 + 1.0)

            let struct (found, _) = turnFor 1.0 2000 Quaternion.identity (vector 0.3 0.2 -0.1) moments |> Array.last

            let expected = [| 0.9794543212506754; 0.19054210880831288; 0.05930591303554442; -0.02908171303895515 |]
            Close.within 1e-8 1.0 (components found) expected "quaternion"

        testCase "without a moment of inertia about an axis does not turn about it"
        <| fun () ->
            let snapshot =
                start.Value
                |> withColumns [ column "inertia" 3 (Seq.replicate 8 [ 0.0; 0.3; 0.3 ] |> Seq.concat) ]

            let frames = run { options with Steps = 5 } soft.Value snapshot
            let last = Array.last frames
            let momenta = reals Quantities.AngularMomenta 3 last

            for i in 0..7 do
                let r = Quaternion.toMatrix last.Snapshot.Frame.Particles[i].Orientation
                let l = vector momenta[3 * i] momenta[3 * i + 1] momenta[3 * i + 2]
                let own = Matrix3.transpose r * l
                Close.within 1e-14 1.0 [| own.X |] [| 0.0 |] "about its axis"
                Close.above (Vector3.norm l) 1e-3 "about others"

            Close.within
                1e-13
                1.0
                [| last.Log.RotationalTemperature |]
                [| 2.0 * last.Log.RotationalEnergy / 16.0 |]
                "two axes a body"
    ]

let private conservingTests =
    testList "at constant energy" [
        testCase "half the time step leaves a quarter of the error of the energy"
        <| fun () ->
            let spread steps =
                run { options with Steps = steps; TimeStep = 0.8 / float steps } soft.Value start.Value
                |> Array.map _.Log.TotalEnergy
                |> standardDeviation

            let coarse, fine = spread 40, spread 80
            Close.above coarse 1e-6 "an error to be seen"
            Close.above (coarse / fine) 3.0 "ratio"
            Close.below (coarse / fine) 5.0 "ratio"

        testCase "turned round, bodies come back to where they were"
        <| fun () ->
            let there = run options soft.Value start.Value
            let last = Array.last there
            let back name = column name 3 (reals name 3 last |> Seq.map (~-))

            let turnedRound =
                last.Snapshot
                |> withColumns [ back Quantities.Velocities; back Quantities.AngularMomenta ]

            let again = run { options with Temperature = None } soft.Value turnedRound |> Array.last
            let first = start.Value.Frame.Particles
            let found = again.Snapshot.Frame.Particles
            Close.within 1e-10 1.0 (found.Positions.ToArray()) (first.Positions.ToArray()) "positions"
            let signs (all: float[]) = Array.map2 (fun a b -> a * b) all (first.Orientations.ToArray())

            let overlaps =
                signs (found.Orientations.ToArray())
                |> Array.chunkBySize 4
                |> Array.map (Array.sum >> abs)

            Close.within 1e-10 1.0 overlaps (Array.create 8 1.0) "orientations"

            for name in [ Quantities.Velocities; Quantities.AngularMomenta ] do
                Close.within 1e-10 1.0 (reals name 3 again |> Array.map (~-)) (reals name 3 there[0]) name

        testCase "the total momentum drawn is zero and stays so, at the temperature"
        <| fun () ->
            let frames = run { options with Temperature = Some 0.7; Mass = Some 2.5 } soft.Value start.Value

            for frame in [ frames[0]; Array.last frames ] do
                let velocities = reals Quantities.Velocities 3 frame |> Array.chunkBySize 3
                let total = [| for k in 0..2 -> velocities |> Array.sumBy (fun v -> v[k]) |]
                Close.within 1e-13 1.0 total (Array.zeroCreate 3) "momentum"

            let log = frames[0].Log
            Close.within 1e-12 1.0 [| log.Temperature |] [| 2.0 * log.KineticEnergy / 21.0 |] "temperature"
            Close.within 0.5 0.7 [| log.Temperature; log.RotationalTemperature |] [| 0.7; 0.7 |] "temperatures"

        testCase "runs are the same bits for a seed on any number of threads, and gone through again"
        <| fun () ->
            let last (options: SimulationOptions) =
                let frames = Simulation.run options soft.Value start.Value
                let frame = Seq.last frames |> sure
                let again = Seq.last frames |> sure
                let numbers (frame: SimulationFrame) = frame.Snapshot.Frame.Particles.Positions.ToArray()
                Expect.equal (numbers again) (numbers frame) "again"
                numbers frame

            let langevin = { options with Steps = 12; Ensemble = Ensemble.Langevin(0.3, 0.2) }

            for options in [ { options with Steps = 12 }; langevin ] do
                let one = last options
                Expect.equal (last { options with Threads = 3 }) one "three threads"
                Expect.notEqual (last { options with Seed = 6 }) one "another seed"

        testCase
            "frames come every so many steps, the first and the last too, and have energy, forces and virial of the potential"
        <| fun () ->
            let frames = run { options with Steps = 11; Every = 4 } soft.Value start.Value
            Expect.equal (frames |> Array.map _.Step) [| 0; 4; 8; 11 |] "steps"
            let last = Array.last frames
            Expect.equal last.Snapshot.Step (Some 11L) "step"
            Close.within 1e-15 1.0 [| last.Log.Time |] [| 0.11 |] "time"
            let found = Potential.evaluate soft.Value last.Snapshot.Frame |> sure
            Close.within 1e-12 1.0 [| last.Log.PotentialEnergy |] [| found.Energy |] "energy"
            let forces = found.Forces |> Seq.collect coordinates |> Seq.toArray
            Close.toLargest 1e-11 (reals Quantities.Forces 3 last) forces "forces"
            Expect.isTrue (Double.IsNaN last.Log.Pressure) "a frame that does not repeat along c has no pressure"
            let line = SimulationLog.row last.Log
            Expect.equal (line.Split(',').Length) (SimulationLog.header.Split(',').Length) "columns"
            Expect.stringStarts line "11,0.11," "step and time"
            Expect.stringEnds line "," "no pressure"
    ]

/// Eight particles in a cell that repeats, all of them in it.
let private inCell =
    lazy
        (let given = skew 3 8
         let side = 4.0

         let axis k =
             vector (if k = 0 then side else 0.0) (if k = 1 then side else 0.0) (if k = 2 then side else 0.0)

         let cell = Cell.create (axis 0) (axis 1) (axis 2) { A = true; B = true; C = true } |> sure

         let particles =
             given.Particles
             |> Seq.map (fun one ->
                 Ellipsoid.create one.Species (one.Position + vector 1.6 1.6 1.6) one.Orientation one.SemiAxes
                 |> sure)

         Snapshot.ofFrame (Frame.create cell particles))

let private cellTests =
    testList "in a cell" [
        testCase "positions stay in the cell as they were, and images tell how often each has left it"
        <| fun () ->
            let frames =
                run { options with Temperature = Some 40.0; Steps = 60; Every = 60 } soft.Value inCell.Value

            let last = (Array.last frames).Snapshot
            let positions = last.Frame.Particles.Positions.ToArray()
            Expect.all positions (fun x -> x >= 0.0 && x < 4.0) "in the cell"
            let images = (Quantities.tryIntegers Quantities.Images 3 last).Value
            Expect.isTrue (images |> Seq.exists (fun image -> image <> 0L)) "some have left it"

            let outside =
                let moved =
                    inCell.Value.Frame.Particles
                    |> Seq.mapi (fun i one ->
                        let shift = if i = 0 then vector 4.0 0.0 0.0 else Vector3.zero

                        Ellipsoid.create one.Species (one.Position + shift) one.Orientation one.SemiAxes
                        |> sure)

                Snapshot.ofFrame (Frame.create inCell.Value.Frame.Cell moved)

            let whole =
                run { options with Temperature = Some 40.0; Steps = 60; Every = 60 } soft.Value outside
                |> Array.last

            let unwrapped = Array.mapi (fun k x -> x + 4.0 * float images[k]) positions
            unwrapped[0] <- unwrapped[0] + 4.0
            Close.within 1e-8 1.0 unwrapped (whole.Snapshot.Frame.Particles.Positions.ToArray()) "positions"
            Expect.isNone (Quantities.tryFind Quantities.Images whole.Snapshot) "no images where nothing is wrapped"

        testCase "the pressure is that of the kinetic energy and the virial"
        <| fun () ->
            let frame = (run { options with Steps = 1 } soft.Value inCell.Value)[1]
            let w = (Potential.evaluate soft.Value frame.Snapshot.Frame |> sure).Virial
            let expected = (2.0 * frame.Log.KineticEnergy + w.Row1.X + w.Row2.Y + w.Row3.Z) / (3.0 * 64.0)
            Close.within 1e-11 (abs expected) [| frame.Log.Pressure |] [| expected |] "pressure"
    ]

let private langevinTests =
    testList "with a thermostat" [
        testCase "every velocity and every axis of rotation has its kT / 2"
        <| fun () ->
            let count = 12

            let particles = [
                for i in 0 .. count - 1 ->
                    Ellipsoid.create
                        1
                        (vector (100.0 * float i) 0.0 0.0)
                        (turned (vector 0.3 (float i) 0.1))
                        (vector 0.6 0.4 0.2)
                    |> sure
            ]

            let inertia = [| 0.2; 0.5; 1.1 |]

            let snapshot =
                Snapshot.ofFrame (Frame.create Cell.none particles)
                |> withColumns [
                    column "mass" 1 (Seq.init count (fun i -> 0.5 + float (i % 3)))
                    column "inertia" 3 (Seq.init count (fun _ -> inertia) |> Seq.concat)
                ]

            let kT = 0.8

            // Ten steps are five friction times: samples are independent.
            let frames =
                run
                    {
                        options with
                            Steps = 3000
                            Every = 10
                            TimeStep = 0.02
                            Temperature = Some kT
                            Ensemble = Ensemble.Langevin(0.04, 0.04)
                    }
                    nothing.Value
                    snapshot
                |> Array.skip 1

            let sums = Array.zeroCreate<float> 4

            for frame in frames do
                sums[3] <- sums[3] + frame.Log.KineticEnergy / (1.5 * float count)
                let momenta = reals Quantities.AngularMomenta 3 frame

                for i in 0 .. count - 1 do
                    let r = Quaternion.toMatrix frame.Snapshot.Frame.Particles[i].Orientation

                    let own =
                        Matrix3.transpose r
                        * vector momenta[3 * i] momenta[3 * i + 1] momenta[3 * i + 2]

                    coordinates own
                    |> Array.iteri (fun k l -> sums[k] <- sums[k] + l * l / inertia[k] / float count)

            let means = sums |> Array.map (fun sum -> sum / float frames.Length / kT)
            let independent = float (frames.Length * count)
            // Four standard errors of a mean square.
            let error = 4.0 * sqrt (2.0 / independent)
            Close.within error 1.0 means[..2] [| 1.0; 1.0; 1.0 |] "axes"
            Close.within (error / sqrt 3.0) 1.0 means[3..] [| 1.0 |] "translations"

        testCase "what moves at the start is kept, what has no velocity is drawn"
        <| fun () ->
            let langevin = { options with Steps = 1; Ensemble = Ensemble.Langevin(1.0, 1.0) }
            let fast = start.Value |> withColumns [ column "velo" 3 (Seq.replicate 24 3.0) ]
            let first = (run langevin soft.Value fast)[0]
            Expect.equal (reals Quantities.Velocities 3 first) (Array.create 24 3.0) "velocities"
            Close.above first.Log.RotationalEnergy 0.0 "drawn"
            Close.within 1e-12 1.0 [| first.Log.Temperature |] [| 2.0 * first.Log.KineticEnergy / 24.0 |] "3 N freedoms"
    ]

let private driftTests =
    testList "the drift of energies" [
        let logs count energy =
            Array.init count (fun k -> {
                Step = k
                Time = 0.5 * float k
                PotentialEnergy = 0.0
                KineticEnergy = 0.0
                RotationalEnergy = 0.0
                TotalEnergy = energy k
                Temperature = nan
                RotationalTemperature = nan
                Pressure = nan
            })

        test "of a straight line is its slope, without an error" {
            let drift = EnergyDrift.ofLogs (logs 240 (fun k -> 3.0 + 0.25 * float k)) |> Option.get

            Close.within
                1e-12
                1.0
                [| drift.Slope; drift.SlopeError; drift.Mean |]
                [| 0.5; 0.0; 3.0 + 0.25 * 119.5 |]
                "line"
        }

        test
            "of noise about a constant lies within a few of its standard errors, and its standard deviation is that of the noise" {
            let next = Random 3
            let drift = EnergyDrift.ofLogs (logs 2400 (fun _ -> next.NextDouble())) |> Option.get
            Close.below (abs drift.Slope) (3.0 * drift.SlopeError) "slope"
            Close.within 0.01 1.0 [| drift.StandardDeviation |] [| sqrt (1.0 / 12.0) |] "spread"
            Expect.isNone (EnergyDrift.ofLogs (logs 23 (fun _ -> 1.0))) "too few"
        }
    ]

[<Tests>]
let tests = testList "dynamics" [ freeTests; conservingTests; cellTests; langevinTests; driftTests ]
