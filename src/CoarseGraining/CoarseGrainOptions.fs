namespace AniSoap

open System
open System.Collections.Generic
open System.Runtime.InteropServices

/// The point of a molecule that its ellipsoid stands at, and that torques and inertia are about.
[<RequireQualifiedAccess>]
type BodyCentre =
    /// The centre of mass; second moments are weighted by mass.
    | Mass
    /// The mean of the atoms' positions; second moments count every atom alike.
    | Geometry

/// How a molecule's semi-axes come from its atoms.
[<RequireQualifiedAccess>]
type BodyShape =
    /// √(factor · λ) of the eigenvalues λ of the gyration tensor. The factor 5 makes the solid ellipsoid of the same moments;
    /// 1 makes the Gaussian of the same second moments.
    | Gyration of factor: float
    /// √(factor/2M · (I₁ + I₂ + I₃ − 2 I_k)) of the principal moments of inertia about the centre, always by mass: with the
    /// factor 5 the solid ellipsoid of equal inertia.
    | Inertia of factor: float
    /// Half of the length along each principal axis, atoms taken as balls of their van der Waals radius: what touches.
    | Contact
    /// These semi-axes for all.
    | Fixed of semiAxes: Vector3

/// Whether each molecule has its own shape, or all of a kind have one.
[<RequireQualifiedAccess>]
type ShapeOrigin =
    /// The shape that each molecule has at the moment, with its own principal axes.
    | Own
    /// One shape: the root of the mean squares along the axes of the average molecule.
    | Average
    /// One shape: that of the first molecule of the kind.
    | Reference

/// Which axes the orientation is of.
[<RequireQualifiedAccess>]
type OrientationAxes =
    /// The molecule's own principal axes, descending; signs as near to the reference as they can be. Nearly equal axes
    /// (benzene's in its plane) jump from frame to frame.
    | Principal
    /// The axes of a reference molecule that is laid onto the molecule atom by atom: continuous in time.
    | Reference

/// What tells which atoms form a molecule.
[<RequireQualifiedAccess>]
type MoleculeSource =
    /// The column of molecules where there is one, else bonds by covalent radii.
    | Automatic
    /// An integer column of this name; 0 is in no molecule.
    | Column of name: string
    /// Bonds by covalent radii.
    | Radii
    /// Bonds between atoms of these ids (of the particles' numbers, from 0, where there are no ids).
    | Listed of bonds: struct (int64 * int64)[]

/// A group of a groups file.
type GroupDefinition = {
    /// What messages and the output call it.
    Name: string
    /// The species of its ellipsoids; by default numbers are given in the order of appearance.
    Species: int option
    /// The molecules that the group is of, by their formula (`C6H6`); without it the atoms are those of the frame.
    Formula: string option
    /// The atoms, from 0, of the frame or, with a formula, of each such molecule in the order of the file; empty: the
    /// whole molecule.
    Atoms: int list
} with

    /// A group as C# writes it: without atoms of the whole molecule, without a formula of the frame.
    static member Of
        (
            name: string,
            [<Optional>] atoms: int seq | null,
            [<Optional>] formula: string | null,
            [<Optional>] species: Nullable<int>
        ) : GroupDefinition = {
        Name = name
        Species = Option.ofNullable species
        Formula = Option.ofObj formula
        Atoms = Given.orElse Seq.empty atoms |> List.ofSeq
    }

/// How atoms become ellipsoids.
type CoarseGrainOptions = {
    /// What tells the molecules.
    Molecules: MoleculeSource
    /// Atoms are bonded that are nearer than this many times the sum of their covalent radii.
    BondFactor: float
    /// Groups with names; empty: every molecule is one.
    Groups: GroupDefinition list
    /// Elements of species, by name or number, that the input does not tell: `CA` is `C`, `1` is `H`.
    Elements: Map<string, string>
    /// Masses of species, by name or number; they beat those of the input.
    Masses: Map<string, float>
    /// Species, by element, name or number, whose atoms stay as they are, as spheres.
    Keep: Set<string>
    /// The centre.
    Centre: BodyCentre
    /// The shape.
    Shape: BodyShape
    /// The smallest semi-axis; planar and straight molecules need one.
    MinAxis: float option
    /// Whether the mean van der Waals radius of the atoms is added to each semi-axis.
    AddRadius: bool
    /// Whether molecules of a kind have one shape.
    ShapeFrom: ShapeOrigin
    /// The axes of the orientation; by default those that the shape is of.
    Axes: OrientationAxes option
    /// Whether the two nearest axes are made equal.
    Uniaxial: bool
    /// How many threads.
    Threads: int
} with

    /// What is named here, and all else by default: for C#, which has no `{ CoarseGrainOptions.defaults with … }`. The defaults are molecules by their column or by
    /// bonds (1.2 times the radii), the solid ellipsoid of equal inertia about the centre of mass for each.
    static member Of
        (
            [<Optional>] molecules: MoleculeSource | null,
            [<Optional; DefaultParameterValue(1.2)>] bondFactor: float,
            [<Optional>] groups: GroupDefinition seq | null,
            [<Optional>] elements: KeyValuePair<string, string> seq | null,
            [<Optional>] masses: KeyValuePair<string, float> seq | null,
            [<Optional>] keep: string seq | null,
            [<Optional>] centre: BodyCentre | null,
            [<Optional>] shape: BodyShape | null,
            [<Optional>] minAxis: Nullable<float>,
            [<Optional>] addRadius: bool,
            [<Optional>] shapeFrom: ShapeOrigin | null,
            [<Optional>] axes: OrientationAxes | null,
            [<Optional>] uniaxial: bool,
            [<Optional; DefaultParameterValue(1)>] threads: int
        ) : CoarseGrainOptions = {
        Molecules = Given.orElse MoleculeSource.Automatic molecules
        BondFactor = bondFactor
        Groups = Given.orElse Seq.empty groups |> List.ofSeq
        Elements = Given.map elements
        Masses = Given.map masses
        Keep = Given.orElse Seq.empty keep |> Set.ofSeq
        Centre = Given.orElse BodyCentre.Mass centre
        Shape = Given.orElse (BodyShape.Gyration 5.0) shape
        MinAxis = Option.ofNullable minAxis
        AddRadius = addRadius
        ShapeFrom = Given.orElse ShapeOrigin.Own shapeFrom
        Axes = Option.ofObj axes
        Uniaxial = uniaxial
        Threads = threads
    }

/// How atoms become ellipsoids.
module CoarseGrainOptions =
    /// Molecules by their column or by bonds (1.2 times the radii), the solid ellipsoid of equal inertia about the centre of
    /// mass for each.
    let defaults = CoarseGrainOptions.Of()

    /// The axes of the orientation: a shape of all molecules lies along those of the reference.
    let internal axes options =
        match options.Axes, options.ShapeFrom, options.Shape with
        | Some axes, _, _ -> axes
        | None, ShapeOrigin.Own, BodyShape.Fixed _ -> OrientationAxes.Reference
        | None, ShapeOrigin.Own, _ -> OrientationAxes.Principal
        | None, (ShapeOrigin.Average | ShapeOrigin.Reference), _ -> OrientationAxes.Reference

    let private above name (value: float) =
        if value > 0.0 && Double.IsFinite value then
            Ok()
        else
            Error(AniSoapError.invalid name value "a number above zero")

    /// Refuses what cannot be meant.
    let check options : Result<unit, AniSoapError> =
        let shape =
            match options.Shape with
            | BodyShape.Gyration factor
            | BodyShape.Inertia factor -> above "factor" factor
            | BodyShape.Contact -> Ok()
            | BodyShape.Fixed axes ->
                above "semi-axes" (min axes.X (min axes.Y axes.Z))
                |> Result.bind (fun () -> above "semi-axes" (max axes.X (max axes.Y axes.Z)))

        let oneShape () =
            if
                options.ShapeFrom <> ShapeOrigin.Own
                && options.Axes = Some OrientationAxes.Principal
            then
                Error(
                    AniSoapError.invalid
                        "axes of the orientation"
                        "each molecule's own"
                        "those of the reference molecule, where all molecules of a kind have one shape"
                )
            else
                Ok()

        above "factor of the covalent radii" options.BondFactor
        |> Result.bind (fun () -> shape)
        |> Result.bind (fun () ->
            options.MinAxis
            |> Option.map (above "smallest semi-axis")
            |> Option.defaultValue (Ok()))
        |> Result.bind oneShape
