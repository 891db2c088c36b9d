namespace AniSoap

open System.Collections.Immutable

/// The names under which common quantities of a `Snapshot` travel from format to format. A reader gives a quantity this
/// name where its format has another spelling that is no name (`fx fy fz`); any other quantity keeps the name that it
/// has in its file. All numbers are in the units of the file.
module Quantities =
    /// The potential energy of the frame: a real of the info.
    [<Literal>]
    let Energy = "energy"

    /// The time of the frame: a real of the info.
    [<Literal>]
    let Time = "time"

    /// The name of the unit system: a text of the info.
    [<Literal>]
    let Units = "units"

    /// Where the cell vectors start: three reals of the info. Positions are not relative to it. Absent means zero, or
    /// that it does not matter.
    [<Literal>]
    let Origin = "Origin"

    /// Forces on the particles, lab frame, width 3.
    [<Literal>]
    let Forces = "forces"

    /// Torques on the particles, lab frame, width 3.
    [<Literal>]
    let Torques = "torques"

    /// Velocities, width 3.
    [<Literal>]
    let Velocities = "velocities"

    /// Angular momenta, lab frame, width 3.
    [<Literal>]
    let AngularMomenta = "angular_momenta"

    /// Angular velocities, lab frame, width 3.
    [<Literal>]
    let AngularVelocities = "angular_velocities"

    /// Dipole moments, lab frame, width 3.
    [<Literal>]
    let Dipoles = "dipoles"

    /// Masses of the particles, width 1.
    [<Literal>]
    let Masses = "masses"

    /// Charges of the particles, width 1.
    [<Literal>]
    let Charges = "charges"

    /// How many cells along a, b and c a particle has left the cell behind: integers, width 3.
    [<Literal>]
    let Images = "images"

    /// The numbers that the file gives its particles: integers.
    [<Literal>]
    let Ids = "ids"

    /// The molecule of each particle: integers.
    [<Literal>]
    let Molecules = "molecules"

    /// The rigid body of each particle, as GSD files number them: integers.
    [<Literal>]
    let internal Bodies = "body"

    /// The moments of inertia of each particle, width 3, as GSD files have them.
    [<Literal>]
    let internal Inertia = "moment_inertia"

    /// The diameters of GSD files, which are no shapes: other formats take `diameter` for one.
    [<Literal>]
    let internal GsdDiameters = "gsd_diameter"

    /// Which particles are ellipsoids (1) and which are points (0): named as LAMMPS's manual has it. Without it there are no points.
    [<Literal>]
    let internal EllipsoidFlags = "ellipsoidflag"

    /// Other spellings of these names that files use.
    let private synonyms =
        Map [
            Forces, [ "force" ]
            Torques, [ "torque" ]
            Velocities, [ "velocity"; "velo"; "vel" ]
            AngularMomenta, [ "angmom"; "angular_momentum" ]
            AngularVelocities, [ "omega"; "angular_velocity" ]
            Dipoles, [ "dipole"; "mu" ]
            Masses, [ "mass" ]
            Charges, [ "charge"; "initial_charges"; "q" ]
            Images, [ "image" ]
            Ids, [ "id"; "identifier" ]
            Molecules, [ "molid"; "mol"; "molecule" ]
        ]

    /// The vectors that turn with the lab frame.
    let internal vectors = [ Forces; Torques; Velocities; AngularMomenta; AngularVelocities; Dipoles ]

    /// The name of a column as this module has it: `force` and `forces` are both `Forces`.
    let canonical (name: string) =
        synonyms
        |> Map.tryFindKey (fun key others -> key = name || List.contains name others)
        |> Option.defaultValue name

    /// The column of a quantity under its name or another spelling.
    let tryFind (quantity: string) (snapshot: Snapshot) : ParticleColumn option =
        quantity :: (Map.tryFind quantity synonyms |> Option.defaultValue [])
        |> List.tryPick (fun name -> Snapshot.tryColumn name snapshot)

    /// A quantity of `width` numbers a particle, integers as reals; none where it is not there or not of this kind.
    let tryReals (quantity: string) (width: int) (snapshot: Snapshot) : ImmutableArray<float> option =
        match tryFind quantity snapshot with
        | Some column when column.Width = width ->
            match column.Values with
            | ColumnValues.Reals values -> Some values
            | ColumnValues.Integers values -> Some(values |> Seq.map float |> ImmutableArray.CreateRange)
            | ColumnValues.Logicals _
            | ColumnValues.Texts _ -> None
        | _ -> None

    /// A quantity of `width` whole numbers a particle.
    let tryIntegers (quantity: string) (width: int) (snapshot: Snapshot) : ImmutableArray<int64> option =
        match tryFind quantity snapshot with
        | Some column when column.Width = width ->
            match column.Values with
            | ColumnValues.Integers values -> Some values
            | _ -> None
        | _ -> None

    /// A value of the info as numbers: a scalar as one, rows one after another.
    let rec private numbers value =
        match value with
        | InfoValue.Integer number -> Some [ float number ]
        | InfoValue.Real number -> Some [ number ]
        | InfoValue.Integers all -> Some(all |> Seq.map float |> Seq.toList)
        | InfoValue.Reals all -> Some(Seq.toList all)
        | InfoValue.Rows rows ->
            let all = rows |> Seq.map numbers |> Seq.toList

            if List.forall Option.isSome all then
                Some(List.collect Option.get all)
            else
                None
        | _ -> None

    /// So many numbers of the info.
    let tryNumbers (name: string) (count: int) (snapshot: Snapshot) : float list option =
        Snapshot.tryInfo name snapshot
        |> Option.bind numbers
        |> Option.filter (fun all -> all.Length = count)

    /// The origin of the cell, where the file says it.
    let tryOrigin (snapshot: Snapshot) : Vector3 option =
        match tryNumbers Origin 3 snapshot with
        | Some [ x; y; z ] -> Some(Vector3.create x y z)
        | _ -> None
