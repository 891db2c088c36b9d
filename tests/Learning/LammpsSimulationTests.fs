/// Runs by LAMMPS, with programs in its place that say what it would say.
module AniSoap.Tests.Learning.LammpsSimulationTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Golden
open AniSoap.Tests.Learning.LearningSupport

let private hypers = {
    PairSupport.hypers with
        ContactShapes = [ ContactShape.Scaled 1.0 ]
        MaxAngular = 2
        MaxRadial = 0
        OwnMaxRadial = 0
        NeighborMaxRadial = 0
        OwnChannels = [ ContactChannel.Exponential 2.0 ]
        NeighborChannels = [ ContactChannel.Exponential 1.0 ]
        DeepestGap = -0.5
}

let private potential =
    lazy
        (let basis = PairBasis.create hypers [ 1 ] |> sure
         let random = Random 5
         let weights = Array.init basis.Length (fun _ -> random.NextDouble() - 0.3)

         Potential(
             Some(ContactPotential(basis, weights)),
             None,
             { Frames = 1; Regularization = 0.0; HeldOut = 0.0 },
             []
         ))

/// Four bodies in a cell that LAMMPS takes as it is, and moments of inertia by a column where there is one.
let private start (inertia: float list option) =
    let cell =
        Cell.create (Vector3.create 6.0 0.0 0.0) (Vector3.create 0.7 6.5 0.0) (Vector3.create 0.2 -0.4 7.0) {
            A = true
            B = true
            C = true
        }
        |> sure

    let random = Random 3

    let bodies =
        List.init 4 (fun i ->
            let next () = random.NextDouble() - 0.5
            let place = Vector3.create (1.5 + 1.3 * float (i % 2)) (2.0 + 1.4 * float (i / 2)) (3.0 + next ())
            let q = Quaternion.create (next ()) (next ()) (next ()) (next ())
            Ellipsoid.create 1 place q (Vector3.create 0.7 0.5 0.4) |> sure)

    let columns =
        match inertia with
        | None -> []
        | Some moments -> [
            ParticleColumn.create
                "inertia"
                3
                (ColumnValues.Reals(ImmutableArray.CreateRange(Seq.init 12 (fun k -> moments[k % 3]))))
            |> sure
          ]

    Snapshot.create (Frame.create cell bodies) Map.empty None [] columns |> sure

/// The same for two species.
let private mixed =
    lazy
        (let basis = PairBasis.create hypers [ 1; 2 ] |> sure

         Potential(
             Some(ContactPotential(basis, Array.create basis.Length 0.1)),
             None,
             { Frames = 1; Regularization = 0.0; HeldOut = 0.0 },
             []
         ))

/// Two of the bodies, and two balls of another species without moments of inertia, or one of them with moments.
let private pointsBeside (last: float) (semiAxis: float) =
    let frame = (start None).Frame

    let particles =
        frame.Particles
        |> Seq.mapi (fun i body ->
            if i < 2 then
                body
            else
                Ellipsoid.create 2 body.Position body.Orientation (Vector3.create semiAxis 0.5 0.5)
                |> sure)

    let moments = [
        for _ in 1..2 do
            yield! [ 0.2 * (0.25 + 0.16); 0.2 * (0.49 + 0.16); 0.2 * (0.49 + 0.25) ]
        yield! [ 0.0; 0.0; 0.0; last; last; last ]
    ]

    let column =
        ParticleColumn.create "inertia" 3 (ColumnValues.Reals(ImmutableArray.CreateRange moments))
        |> sure

    Snapshot.create (Frame.create frame.Cell particles) Map.empty None [] [ column ]
    |> sure

let private withPoints = pointsBeside 0.0 0.5

let private options = { SimulationOptions.create 3 0.002 with Temperature = Some 0.5; Every = 2; Seed = 7 }

/// A folder with a program in place of LAMMPS: `says` stands in for a run, behind what it says of its packages.
let private inPlace (says: string) (test: LammpsOptions -> string -> unit) =
    TestData.inFolder (fun folder ->
        let program = Path.Combine(folder, "lammps")

        File.WriteAllText(
            program,
            "#!/bin/sh\nif [ \"$1\" = -h ]; then echo 'ASPHERE PYTHON'; exit; fi\n"
            + says
            + "\n"
        )

        File.SetUnixFileMode(program, UnixFileMode.UserRead ||| UnixFileMode.UserWrite ||| UnixFileMode.UserExecute)
        File.WriteAllText(Path.Combine(folder, "anisoapplugin.so"), "")
        let kept = Path.Combine(folder, "run")
        test { LammpsOptions.create folder with Command = [ program ]; Folder = Some kept } kept)

let private sentence (frames: seq<Result<SimulationFrame, AniSoapError>>) =
    match Seq.head frames with
    | Ok _ -> failtest "was not refused"
    | Error error -> AniSoapError.describe error

let private virialOf (frame: SimulationFrame) = [|
    match Snapshot.tryInfo "virial" frame.Snapshot with
    | Some(InfoValue.Rows rows) ->
        for row in rows do
            match row with
            | InfoValue.Reals three -> yield! three
            | _ -> ()
    | _ -> ()
|]

/// The rows that LAMMPS would print for frames: of the virial the upper half alone.
let private rows (frames: SimulationFrame[]) =
    let number (value: float) = value.ToString("R", Globalization.CultureInfo.InvariantCulture)

    String.concat "\n" [
        "Step PotEng and more"
        for frame in frames do
            let log = frame.Log
            let volume = abs (Matrix3.determinant frame.Snapshot.Frame.Cell.Basis)

            let w = virialOf frame

            String.concat " " [
                string log.Step
                number log.PotentialEnergy
                number log.KineticEnergy
                number log.RotationalEnergy
                number log.TotalEnergy
                "0"
                "0"
                "0"
                number volume
                for k in [ 0; 4; 8; 1; 2; 5 ] do
                    number (w[k] / volume)
            ]
        "Loop time of 1 s"
    ]

let private reals name (frame: SimulationFrame) = (Quantities.tryReals name 3 frame.Snapshot).Value |> Seq.toArray

[<Tests>]
let tests =
    testList "LAMMPS runs" [
        testCase "give the frames and logs that their trajectories tell, whole virials too"
        <| fun () ->
            let own =
                Simulation.run options potential.Value (start None)
                |> Seq.map sure
                |> Seq.toArray

            Expect.equal (own |> Array.map _.Step) [| 0; 2; 3 |] "steps"

            inPlace "cp ../own.dump run.dump; cat ../rows" (fun lammps folder ->
                let beside name = Path.Combine(folder, "..", name)

                FrameFile.writeSnapshots
                    FrameOutputOptions.defaults
                    (beside "own.dump")
                    (own |> Seq.map (fun frame -> Ok frame.Snapshot))
                |> sure
                |> ignore

                File.WriteAllText(beside "rows", rows own)
                let told = ResizeArray<int>()
                let lammps = { lammps with Progress = Action<SimulationLog>(fun log -> told.Add log.Step) }

                let found =
                    LammpsSimulation.run lammps options potential.Value (start None)
                    |> Seq.map sure
                    |> Seq.toArray

                Expect.equal (Seq.toArray told) [| 0; 2; 3 |] "progress"

                for a, b in Seq.zip own found do
                    Expect.equal b.Step a.Step "step"

                    for name in
                        [ Quantities.Forces; Quantities.Torques; Quantities.Velocities; Quantities.AngularMomenta ] do
                        Close.toLargest 1e-15 (reals name b) (reals name a) name

                    Close.toLargest
                        1e-12
                        [| b.Log.TotalEnergy; b.Log.Temperature; b.Log.RotationalTemperature; b.Log.Pressure |]
                        [| a.Log.TotalEnergy; a.Log.Temperature; a.Log.RotationalTemperature; a.Log.Pressure |]
                        "log"

                    Close.toLargest 1e-11 (virialOf b) (virialOf a) "virial")

        testCase "begin with positions, momenta, masses and diameters that have the bodies' moments of inertia"
        <| fun () ->
            // Semi-axes 0.9, 0.6, 0.3 of a mass of 1, in bodies of another shape.
            let moments = [ 0.2 * (0.36 + 0.09); 0.2 * (0.81 + 0.09); 0.2 * (0.81 + 0.36) ]

            inPlace "exit 1" (fun lammps folder ->
                let snapshot = start (Some moments)
                let input = LammpsSimulation.write lammps options potential.Value snapshot |> sure
                let text = File.ReadAllText input
                Expect.stringContains text "pair_coeff * * shapes 1 0.7 0.5 0.4" "the potential's shapes"

                let data = FrameFile.snapshots (Path.Combine(folder, "start.data")) |> Seq.head |> sure
                let first = Simulation.run options potential.Value snapshot |> Seq.head |> sure

                Close.toLargest
                    1e-12
                    (data.Frame.Particles.SemiAxes.ToArray())
                    [|
                        for _ in 1..4 do
                            yield! [| 0.9; 0.6; 0.3 |]
                    |]
                    "diameters"

                let of' name (snapshot: Snapshot) = (Quantities.tryReals name 3 snapshot).Value |> Seq.toArray

                for name in [ Quantities.Velocities; Quantities.AngularMomenta ] do
                    Close.toLargest 1e-15 (of' name data) (of' name first.Snapshot) name)

        testCase "of flat bodies are told of, and have a thickness"
        <| fun () ->
            inPlace "exit 1" (fun lammps folder ->
                let told = ResizeArray<string>()
                let lammps = { lammps with Warn = Action<string> told.Add }
                let snapshot = start (Some [ 0.1; 0.1; 0.2 ])
                LammpsSimulation.write lammps options potential.Value snapshot |> sure |> ignore
                Expect.equal told.Count 1 "one warning"
                Expect.stringContains told[0] "4 bodies are flat" "warning"
                let data = FrameFile.readAll (Path.Combine(folder, "start.data")) |> sure
                let axes = data[0].Particles[0].SemiAxes
                Close.within 1e-12 1.0 [| axes.Z / axes.X |] [| 0.01 |] "thickness")

        testCase "have inputs that are right where LAMMPS's habits are not"
        <| fun () ->
            let text ensemble (snapshot: Snapshot) =
                let mutable input = ""

                inPlace "exit 1" (fun lammps _ ->
                    input <-
                        LammpsSimulation.write lammps { options with Ensemble = ensemble } potential.Value snapshot
                        |> sure
                        |> File.ReadAllText)

                input.Split '\n'

            let has line lines = Expect.contains lines line line
            let nve = text Ensemble.Nve (start None)
            nve |> has "fix move all nve/asphere"
            nve |> has "variable total equal pe+c_kinetic+c_rotation"
            nve |> has "compute pressure all pressure translation"

            let langevin = text (Ensemble.Langevin(0.4, 0.2)) (start None)
            langevin |> has "fix bath all langevin 0.5 0.5 0.4 8 angmom 2"
            langevin |> has "compute_modify translation extra/dof 0"

            let pressed = text (Ensemble.Barostat(0.2, 0.1, 2.0)) (start None)
            pressed |> has "fix move all npt/asphere temp 0.5 0.5 0.2 iso 0.1 0.1 2"
            pressed |> has "fix_modify move press pressure"

            // Bodies of revolution that do not turn about their axes: one degree of freedom each.
            let still =
                let particles = [
                    for p in (start None).Frame.Particles ->
                        Ellipsoid.create 1 p.Position p.Orientation (Vector3.create 0.7 0.4 0.4) |> sure
                ]

                let zeros name =
                    ParticleColumn.create name 3 (ColumnValues.Reals(ImmutableArray.CreateRange(Array.zeroCreate 12)))
                    |> sure

                Snapshot.create (Frame.create (start None).Frame.Cell particles) Map.empty None [] [
                    zeros Quantities.Velocities
                    zeros Quantities.AngularMomenta
                ]
                |> sure

            text (Ensemble.NoseHoover 0.2) still |> has "compute_modify turning extra/dof 7"

        testCase "have groups for points, which LAMMPS's fixes and computes of rotation stop at"
        <| fun () ->
            let write ensemble snapshot =
                let mutable found = [||], [||]

                inPlace "exit 1" (fun lammps folder ->
                    let input =
                        LammpsSimulation.write lammps { options with Ensemble = ensemble } mixed.Value snapshot
                        |> sure

                    found <- File.ReadAllLines input, File.ReadAllLines(Path.Combine(folder, "start.data")))

                found

            let has line lines = Expect.contains lines line line
            let nve, data = write Ensemble.Nve withPoints
            nve |> has "group points type 2"
            nve |> has "group bodies subtract all points"
            nve |> has "compute rotation bodies erotate/asphere"
            nve |> has "fix move bodies nve/asphere"
            nve |> has "fix shift points nve"
            nve |> has "pair_coeff * * shapes 2 0.5 0.5 0.5"
            data |> has "2 ellipsoids"

            let langevin, _ = write (Ensemble.Langevin(0.4, 0.2)) withPoints
            langevin |> has "fix bath bodies langevin 0.5 0.5 0.4 8 angmom 2"
            langevin |> has "fix noise points langevin 0.5 0.5 0.4 9"

            let thermostat, _ = write (Ensemble.NoseHoover 0.2) withPoints
            thermostat |> has "fix move bodies nvt/asphere temp 0.5 0.5 0.2"
            thermostat |> has "compute_modify turning extra/dof 0"
            thermostat |> has "fix shift points nvt temp 0.5 0.5 0.2"
            thermostat |> has "compute_modify shifting extra/dof 0"

            // No barostat moves two groups: points are balls that do not turn, three degrees of freedom fewer each.
            let pressed, _ = write (Ensemble.Barostat(0.2, 0.1, 2.0)) withPoints
            pressed |> has "fix move all npt/asphere temp 0.5 0.5 0.2 iso 0.1 0.1 2"
            pressed |> has "compute_modify turning extra/dof 9"
            Expect.isFalse (pressed |> Array.exists (fun line -> line.StartsWith "group ")) "no groups"

        testCase "that cannot be are refused in words"
        <| fun () ->
            let run change options snapshot =
                let mutable said = ""

                inPlace "echo 'ERROR: pair_style anisoap: no (src/pair.cpp:1)'; exit 1" (fun lammps _ ->
                    said <-
                        LammpsSimulation.run (change lammps) options potential.Value snapshot
                        |> sentence)

                said

            Expect.stringContains (run id options (start None)) "ERROR: pair_style anisoap: no" "LAMMPS's words"

            Expect.stringContains
                (run (fun lammps -> { lammps with Command = [ "no-such-lmp" ] }) options (start None))
                "the program no-such-lmp is missing"
                "program"

            Expect.stringContains
                (run (fun lammps -> { lammps with Libraries = "/nowhere" }) options (start None))
                "./build native and ./build lammps"
                "libraries"

            Expect.stringContains
                (run id { options with Ensemble = Ensemble.Langevin(0.4, 0.004) } (start None))
                "friction time of rotations = 0.004"
                "friction"

            Expect.stringContains (run id options (start (Some [ 0.1; 0.1; 0.3 ]))) "moments of a body" "inertia"

            let refused snapshot =
                let mutable said = ""

                inPlace "exit 1" (fun lammps _ ->
                    said <- LammpsSimulation.run lammps options mixed.Value snapshot |> sentence)

                said

            Expect.stringContains (refused (pointsBeside 0.1 0.5)) "others of species 2 which are points" "points"
            Expect.stringContains (refused (pointsBeside 0.0 0.6)) "for a point: three that are equal" "a point's shape"

            Expect.stringContains
                (Simulation.run { options with Ensemble = Ensemble.NoseHoover 0.2 } potential.Value (start None)
                 |> sentence)
                "LAMMPS has the others"
                "this library's own engine"

        testCase "end with what asks for them"
        <| fun () ->
            inPlace "exec sleep 60" (fun lammps _ ->
                use source = new Threading.CancellationTokenSource(300)
                let options = { options with Cancellation = source.Token }

                Expect.throwsT<OperationCanceledException>
                    (fun () ->
                        LammpsSimulation.run lammps options potential.Value (start None)
                        |> Seq.iter ignore)
                    "cancelled")
    ]
