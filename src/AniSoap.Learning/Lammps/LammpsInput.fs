namespace AniSoap.Learning

open System
open System.Globalization
open AniSoap

/// Names of the files of a run, in its folder.
module internal LammpsFiles =
    [<Literal>]
    let Data = "start.data"

    [<Literal>]
    let Potential = "potential.json"

    [<Literal>]
    let Input = "run.in"

    [<Literal>]
    let Trajectory = "run.dump"

    [<Literal>]
    let Log = "log.lammps"

/// How a LAMMPS takes a pair style that is not its own.
[<RequireQualifiedAccess>]
type internal LammpsLoading =
    /// By its package PLUGIN.
    | Plugin
    /// By its package PYTHON: the command `python` and ctypes.
    | Python

/// What LAMMPS is told: an input that stays right when a person goes on with it.
module internal LammpsInput =
    let private number (value: float) = Refuse.text value

    /// Two digits, the second rounded up.
    let private skin (cutoff: float) =
        let part = 0.075 * cutoff
        let unit = 10.0 ** (floor (log10 part) - 1.0)
        Math.Ceiling(part / unit) * unit

    let private load (loading: LammpsLoading) (plugin: string) =
        match loading with
        | LammpsLoading.Plugin -> [ "plugin load \"" + plugin + "\"" ]
        | LammpsLoading.Python -> [
            "# A LAMMPS with the package PLUGIN needs one line instead: plugin load "
            + LammpsOptions.Plugin
            "python register input 1 SELF format p here \"\"\""
            "def register(lmp):"
            "    import ctypes"
            "    pointer = ctypes.pythonapi.PyCapsule_GetPointer"
            "    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]"
            "    plugin = ctypes.CDLL('"
            + plugin.Replace("\\", "\\\\").Replace("'", "\\'")
            + "', ctypes.RTLD_GLOBAL)"
            "    plugin.anisoap_lammps_register(ctypes.c_void_p(pointer(lmp, None)))"
            "\"\"\""
            "python register invoke"
          ]

    let private boundary (cell: Cell) =
        let word repeats = if repeats then "p" else "s"
        let p = cell.Periodicity
        String.concat " " [ "boundary"; word p.A; word p.B; word p.C ]

    let private coefficients (shapes: LammpsShapes) =
        let one (species: int, a: Vector3) = String.concat " " [ string species; number a.X; number a.Y; number a.Z ]

        if shapes.OfTypes.IsEmpty then
            [ "pair_coeff * *" ]
        else
            [
                "# Diameters of the data file are those of the moments of inertia; the potential's semi-axes by type stand here."
                "pair_coeff * * shapes "
                + (shapes.OfTypes |> Map.toSeq |> Seq.map one |> String.concat " ")
            ]

    /// Seeds of LAMMPS are above zero, and this small.
    let private seed (given: int) = 1 + int ((uint32 given) % 899999999u)

    /// The group that turns.
    let private bodies (start: LammpsStart) = if start.Shapes.Points.IsEmpty then "all" else "bodies"

    let private groups (start: LammpsStart) =
        if start.Shapes.Points.IsEmpty then
            []
        else
            [
                "# Computes and fixes of rotation stop at the first point: points have a group and fixes of their own."
                "group points type "
                + (start.Shapes.Points |> Seq.map string |> String.concat " ")
                "group bodies subtract all points"
                ""
            ]

    let private turning (start: LammpsStart) owner =
        if not start.Shapes.Points.IsEmpty then
            [
                "# A group beside another keeps no momentum: no degrees of freedom fewer for it, but for axes that nothing turns bodies about."
                "compute turning bodies temp/asphere"
                "compute_modify turning extra/dof "
                + start.IdleAxes.ToString CultureInfo.InvariantCulture
                "fix_modify " + owner + " temp turning"
            ]
        elif start.IdleAxes > 0 then
            [
                "# Nothing turns these bodies about their axes: as many degrees of freedom fewer, beside the three of the whole."
                "compute turning all temp/asphere"
                "compute_modify turning extra/dof "
                + (start.IdleAxes + 3).ToString CultureInfo.InvariantCulture
                "fix_modify " + owner + " temp turning"
            ]
        else
            []

    let private motion (options: SimulationOptions) (start: LammpsStart) =
        let kT = number (defaultArg options.Temperature 0.0)
        let group = bodies start
        let hasPoints = not start.Shapes.Points.IsEmpty
        let seedOf step = (seed (options.Seed + step)).ToString CultureInfo.InvariantCulture

        match options.Ensemble with
        | Ensemble.Nve -> [
            "fix move " + group + " nve/asphere"
            if hasPoints then
                "fix shift points nve"
          ]
        | Ensemble.Langevin(translation, rotation) -> [
            "fix move " + group + " nve/asphere"
            "# angmom: without it rotations would know nothing of the temperature. Its friction is along the lab's axes."
            String.concat " " [
                "fix bath"
                group
                "langevin"
                kT
                kT
                number translation
                seedOf 0
                "angmom"
                number (translation / rotation)
            ]
            if hasPoints then
                "fix shift points nve"
                String.concat " " [ "fix noise points langevin"; kT; kT; number translation; seedOf 1 ]
          ]
        | Ensemble.NoseHoover time -> [
            String.concat " " [ "fix move"; group; "nvt/asphere temp"; kT; kT; number time ]
            yield! turning start "move"
            if hasPoints then
                String.concat " " [ "fix shift points nvt temp"; kT; kT; number time ]
                "compute shifting points temp"
                "compute_modify shifting extra/dof 0"
                "fix_modify shift temp shifting"
          ]
        | Ensemble.Barostat(time, pressure, pressureTime) -> [
            String.concat " " [
                "fix move all npt/asphere temp"
                kT
                kT
                number time
                "iso"
                number pressure
                number pressure
                number pressureTime
            ]
            yield! turning start "move"
            "# npt/asphere's own pressure counts rotations as if they pushed at the walls: the box would end too large."
            "fix_modify move press pressure"
          ]

    /// The time that rotations keep within, of Langevin's friction along the lab's axes: the body's largest moment acts on turns about its smallest.
    let checkFriction (options: SimulationOptions) (start: LammpsStart) : Result<unit, AniSoapError> =
        match options.Ensemble with
        | Ensemble.Langevin(_, rotation) ->
            let axes = start.Shapes.SemiAxes

            let ratio =
                Seq.init start.Bodies.Count (fun i ->
                    let x, y, z = axes[3 * i] ** 2.0, axes[3 * i + 1] ** 2.0, axes[3 * i + 2] ** 2.0
                    let a, b, c = y + z, x + z, x + y
                    max a (max b c) / min a (min b c))
                |> Seq.fold max 1.0

            let least = 4.0 * options.TimeStep * ratio

            Refuse.unless (rotation >= least) (fun () ->
                Refuse.number
                    "friction time of rotations"
                    rotation
                    ("at least "
                     + number least
                     + " in LAMMPS, whose friction acts along the lab's axes with the body's largest moment of inertia, "
                     + number (Math.Round(ratio, 3))
                     + " times the smallest"))
        | _ -> Ok()

    /// The columns of what LAMMPS prints, in this order.
    let columns = "step pe c_kinetic c_rotation v_total c_translation v_turn c_pressure vol c_virial[*]"

    /// The places of the virial's six numbers (xx yy zz xy xz yz) among them.
    [<Literal>]
    let VirialPlace = 8

    /// The input, and a line for each of its steps.
    let text
        (version: string)
        (lammps: LammpsOptions)
        (loading: LammpsLoading)
        (options: SimulationOptions)
        (potential: Potential)
        (start: LammpsStart)
        : string =
        let whole (value: int) = value.ToString CultureInfo.InvariantCulture

        let axes =
            start.Bodies.Inertia
            |> Array.sumBy (fun moment -> if moment > 0.0 then 1 else 0)

        let dumped =
            "custom "
            + whole options.Every
            + " "
            + LammpsFiles.Trajectory
            + " id type xu yu zu c_q[*] c_diameter[*] vx vy vz angmomx angmomy angmomz fx fy fz tqx tqy tqz"

        String.concat "\n" [
            "# Rigid ellipsoids under a potential, by AniSoap " + version + "."
            "# To run it again, in this folder:"
            String.concat " " [
                "#     LD_LIBRARY_PATH=" + IO.Path.GetFullPath lammps.Libraries
                yield! lammps.Command
                "-in"
                LammpsFiles.Input
            ]
            ""
            "# The potential's own units, with k_B = 1: time is length x sqrt(mass / energy)."
            "units lj"
            "atom_style ellipsoid"
            "newton on"
            boundary start.Given.Frame.Cell
            "box tilt large"
            "read_data " + LammpsFiles.Data
            ""
            yield! load loading (LammpsOptions.pluginPath lammps)
            "pair_style anisoap " + LammpsFiles.Potential
            yield! coefficients start.Shapes
            "neighbor " + number (skin potential.CutoffRadius) + " bin"
            "neigh_modify every 1 delay 0 check yes"
            ""
            yield! groups start
            "# Temperature and pressure are those of translations; rotations have an energy and a temperature of their own."
            "compute kinetic all ke"
            "compute rotation " + bodies start + " erotate/asphere"
            "compute translation all temp"
            match options.Ensemble with
            | Ensemble.Langevin _ ->
                "# Noise moves the whole too: no degrees of freedom are lost."
                "compute_modify translation extra/dof 0"
            | _ -> ()
            "compute pressure all pressure translation"
            "compute virial all pressure NULL virial"
            "variable total equal pe+c_kinetic+c_rotation"
            "variable turn equal 2*c_rotation/" + whole (max axes 1)
            "thermo_style custom " + columns
            "thermo_modify norm no format float %.17g flush yes lost warn"
            "thermo " + whole options.Every
            ""
            "compute q all property/atom quatw quati quatj quatk"
            "compute diameter all property/atom shapex shapey shapez"
            "dump frames all " + dumped
            if options.Steps % options.Every = 0 then
                "dump_modify frames sort id format float %.17g"
            else
                "# Every so many steps, and the last."
                "variable ahead equal step+" + whole options.Every

                "variable upcoming equal v_ahead-(step<"
                + whole options.Steps
                + ")*(v_ahead>"
                + whole options.Steps
                + ")*(v_ahead-"
                + whole options.Steps
                + ")"

                "dump_modify frames every v_upcoming first yes sort id format float %.17g"
            ""
            yield! motion options start
            "timestep " + number options.TimeStep
            "run " + whole options.Steps
            "write_restart end.restart"
            ""
        ]
