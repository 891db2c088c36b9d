namespace AniSoap.Learning

open System
open System.IO
open System.Reflection
open AniSoap

/// Rigid ellipsoids in motion under a potential, by LAMMPS: as many processes as there are, and thermostats and barostats that this library does not have.
module LammpsSimulation =
    let private version =
        match Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>() with
        | null -> ""
        | attribute -> attribute.InformationalVersion.Split('+')[0]

    let private guard (path: string) (action: unit -> 'a) : Result<'a, AniSoapError> =
        try
            Ok(action ())
        with
        | :? IOException
        | :? UnauthorizedAccessException as error -> Error(Inaccessible(path, AniSoapError.systemReason error))

    let private writeIn (lammps: LammpsOptions) loading options potential folder snapshot =
        attempt {
            let! start = LammpsStart.create (LammpsOptions.warn lammps) options potential snapshot
            do! LammpsInput.checkFriction options start
            do! guard folder (fun () -> Directory.CreateDirectory folder |> ignore)
            let path name = Path.Combine(folder, name)
            let! start = LammpsStart.write (path LammpsFiles.Data) start
            do! PotentialFile.save Existing.Replace (path LammpsFiles.Potential) potential
            let text = LammpsInput.text version lammps loading options potential start
            do! guard (path LammpsFiles.Input) (fun () -> File.WriteAllText(path LammpsFiles.Input, text))
            return start
        }

    /// Writes what LAMMPS needs into `LammpsOptions.Folder` without running it, replacing what is there: start.data, potential.json and run.in, which loads the pair style by the package
    /// PLUGIN. Gives the path of the input. Refuses what `run` refuses.
    let write
        (lammps: LammpsOptions)
        (options: SimulationOptions)
        (potential: Potential)
        (snapshot: Snapshot)
        : Result<string, AniSoapError> =
        attempt {
            do! LammpsOptions.check lammps

            let! folder =
                match lammps.Folder with
                | Some folder -> Ok folder
                | None -> Error(Missing("the folder of the run", "say where the files go", Place.Unknown))

            let! _ = writeIn lammps LammpsLoading.Plugin options potential folder snapshot
            return Path.Combine(folder, LammpsFiles.Input)
        }

    let private follow (lammps: LammpsOptions) (options: SimulationOptions) (rows: LammpsRows) (line: string) =
        match rows.Take line, lammps.Progress with
        | Some row, (NonNull told) ->
            told.Invoke {
                Step = int row[0]
                Time = row[0] * options.TimeStep
                PotentialEnergy = row[1]
                KineticEnergy = row[2]
                RotationalEnergy = row[3]
                TotalEnergy = row[4]
                Temperature = row[5]
                RotationalTemperature = row[6]
                Pressure = row[7]
            }
        | _ -> ()

    let private compute (lammps: LammpsOptions) (options: SimulationOptions) potential folder snapshot =
        attempt {
            let! loading = LammpsProgram.loading lammps options.Cancellation
            let! start = writeIn lammps loading options potential folder snapshot
            // What an earlier run left would be taken for this one's.
            do! guard folder (fun () -> File.Delete(Path.Combine(folder, LammpsFiles.Trajectory)))
            let rows = LammpsRows LammpsTrajectory.Width
            let arguments = [ "-in"; LammpsFiles.Input; "-log"; LammpsFiles.Log; "-nocite" ]
            do! LammpsProgram.run lammps options.Cancellation folder arguments (follow lammps options rows)
            return struct (start, rows)
        }

    let private frames (options: SimulationOptions) folder (start: LammpsStart) rows =
        seq {
            let output = SimulationOutput start.Given
            let mutable isWell = true
            let path name = Path.Combine(folder, name)

            let input =
                if start.Shapes.Points.IsEmpty then
                    InputOptions.defaults
                else
                    // Dumps of some versions do not tell points from balls.
                    {
                        InputOptions.defaults with
                            ShapesFrom = Some(path LammpsFiles.Data)
                            PointsWithoutSize = true
                    }

            let dump = FrameFile.snapshotsWith input (path LammpsFiles.Trajectory)
            use read = dump.GetEnumerator()

            while isWell && read.MoveNext() do
                options.Cancellation.ThrowIfCancellationRequested()

                let frame = read.Current |> Result.bind (LammpsTrajectory.frame options start output rows)

                isWell <- frame.IsOk
                frame
        }

    /// As `Simulation.run`, by LAMMPS: from the same positions, velocities and angular momenta, drawn from the same seed, with the same frames and logs. Nothing begins before the first frame is asked
    /// for; then LAMMPS runs to its end, and frames are read from its trajectory one after another. Going through it again runs it again. The first error ends it.
    ///
    /// Types of LAMMPS are the species. Its diameters are chosen so that moments of inertia are those of the bodies (`inertia`), and where the potential looks at shapes and these are others
    /// it is told them by type. Virials are whole: their lower half follows from the torques. Steps are LAMMPS's `nve/asphere`, whose rotations creep: their energy grows as the cube
    /// of the time step. Refuses what `Simulation.run` refuses, species that are no types, left-handed cells, turned cells of which not all vectors repeat, moments that no body has, friction that LAMMPS's own along
    /// the lab's axes cannot follow, programs and libraries that are missing, and a LAMMPS that ends with an error, in its words.
    let run
        (lammps: LammpsOptions)
        (options: SimulationOptions)
        (potential: Potential)
        (snapshot: Snapshot)
        : seq<Result<SimulationFrame, AniSoapError>> =
        seq {
            let folder =
                lammps.Folder
                |> Option.map Ok
                |> Option.defaultWith (fun () ->
                    guard (Path.GetTempPath()) (fun () -> Directory.CreateTempSubdirectory("anisoap-lammps-").FullName))

            try
                match
                    LammpsOptions.check lammps
                    |> Result.bind (fun () -> folder)
                    |> Result.bind (fun folder -> compute lammps options potential folder snapshot)
                with
                | Error error -> Error error
                | Ok struct (start, rows) -> yield! frames options (Result.defaultValue "" folder) start rows
            finally
                match lammps.Folder, folder with
                | None, Ok temporary ->
                    try
                        Directory.Delete(temporary, true)
                    with
                    | :? IOException
                    | :? UnauthorizedAccessException -> ()
                | _ -> ()
        }
