namespace AniSoap

open System
open System.Collections.Generic
open System.Runtime.InteropServices

/// What a file's shape columns hold: full diameters or half of them.
[<RequireQualifiedAccess>]
type ShapeMeasure =
    /// Full diameters.
    | Diameter
    /// Half of them.
    | SemiAxis

/// In which order the four numbers of a quaternion stand: scalar first or scalar last.
[<RequireQualifiedAccess>]
type QuaternionOrder =
    /// Scalar first: w, x, y, z.
    | WXYZ
    /// Scalar last: x, y, z, w.
    | XYZW

/// How a file states orientations: four numbers, or a rotation matrix of nine, row by row, body to lab.
[<RequireQualifiedAccess>]
type RotationType =
    /// Four numbers.
    | Quaternion
    /// Nine numbers, row by row.
    | Matrix

/// How files of frames are read: what is taken, and how it is to be understood where the file itself does not say it or says it wrongly.
type InputOptions = {
    /// The format, where the file's ending does not tell it.
    Format: FrameFormat option
    /// What the shape columns hold; by default their names tell (`c_diameter`: diameters, `semiaxes`: semi-axes).
    ShapeAs: ShapeMeasure option
    /// Semi-axes of every particle; they replace the file's.
    SemiAxes: Vector3 option
    /// Semi-axes by species; they replace the file's and `SemiAxes`.
    SemiAxesBySpecies: Map<int, Vector3>
    /// The radius of the sphere that a particle without a shape becomes.
    PointSemiAxis: float option
    /// The same by species; beats `PointSemiAxis`.
    PointSemiAxisBySpecies: Map<int, float>
    /// The order of a quaternion's numbers; by default the column's name tells (`c_q`: w first, `orientation`: w last).
    OrientationOrder: QuaternionOrder option
    /// What the columns of orientations hold.
    RotationType: RotationType
    /// The column that holds the orientation, or four names (of a matrix nine) with commas between them, scalar first
    /// unless the names end in w, x, y, z or w, i, j, k; by default the first known name.
    RotationKey: string option
    /// The column that holds the shape (in chemiscope files the shape's name), or three names with commas between them;
    /// by default the first known name. What a column of an unknown name holds `ShapeAs` says; diameters without it.
    ShapeKey: string option
    /// Species numbers of names; beats chemical symbols and numeric names.
    TypeMap: Map<string, int>
    /// Along which cell vectors the frames repeat, whatever the files say (two-dimensional runs of LAMMPS call the third
    /// one periodic, say).
    Periodicity: Periodicity option
    /// The atom style of LAMMPS data files, as the input script has it (`ellipsoid`, `hybrid bond ellipsoid`); by default
    /// the comment behind `Atoms` tells it.
    AtomStyle: string option
    /// A LAMMPS data file that says by id which particles of dumps are points, and their diameters and masses; it beats
    /// the dumps' own columns.
    ShapesFrom: string option
    /// Whether points of LAMMPS data files (`ellipsoidflag` 0) may lack a size, as is right where frames go to a data
    /// file again: they are then of no size to speak of, and useless for features.
    PointsWithoutSize: bool
    /// The cutoff radius of the features to come, where it is known: a layer of particles whose periodic images are
    /// nearer is warned of. Without it, images nearer than two particles' lengths are.
    CutoffRadius: float option
    /// The frames that are taken, numbered on and on through the files.
    Selection: FrameSelection
    /// Told what is odd about the input but does not keep it from being read, each thing once.
    Warn: string -> unit
} with

    /// What is named here, and all else as the files say it: for C#, which has no `{ InputOptions.defaults with … }`.
    static member Of
        (
            [<Optional>] format: FrameFormat | null,
            [<Optional>] shapeAs: ShapeMeasure | null,
            [<Optional>] semiAxes: Nullable<Vector3>,
            [<Optional>] semiAxesBySpecies: KeyValuePair<int, Vector3> seq | null,
            [<Optional>] pointSemiAxis: Nullable<float>,
            [<Optional>] pointSemiAxisBySpecies: KeyValuePair<int, float> seq | null,
            [<Optional>] orientationOrder: QuaternionOrder | null,
            [<Optional>] rotationType: RotationType | null,
            [<Optional>] rotationKey: string | null,
            [<Optional>] shapeKey: string | null,
            [<Optional>] typeMap: KeyValuePair<string, int> seq | null,
            [<Optional>] periodicity: Nullable<Periodicity>,
            [<Optional>] atomStyle: string | null,
            [<Optional>] shapesFrom: string | null,
            [<Optional>] pointsWithoutSize: bool,
            [<Optional>] cutoffRadius: Nullable<float>,
            [<Optional>] selection: FrameSelection | null,
            [<Optional>] warn: Action<string> | null
        ) : InputOptions = {
        Format = Option.ofObj format
        ShapeAs = Option.ofObj shapeAs
        SemiAxes = Option.ofNullable semiAxes
        SemiAxesBySpecies = Given.map semiAxesBySpecies
        PointSemiAxis = Option.ofNullable pointSemiAxis
        PointSemiAxisBySpecies = Given.map pointSemiAxisBySpecies
        OrientationOrder = Option.ofObj orientationOrder
        RotationType = Given.orElse RotationType.Quaternion rotationType
        RotationKey = Option.ofObj rotationKey
        ShapeKey = Option.ofObj shapeKey
        TypeMap = Given.map typeMap
        Periodicity = Option.ofNullable periodicity
        AtomStyle = Option.ofObj atomStyle
        ShapesFrom = Option.ofObj shapesFrom
        PointsWithoutSize = pointsWithoutSize
        CutoffRadius = Option.ofNullable cutoffRadius
        Selection = Given.orElse FrameSelection.all selection
        Warn =
            match warn with
            | null -> ignore
            | warn -> warn.Invoke
    }

/// How inputs are understood.
module InputOptions =
    /// Every frame, as the files say it; nobody is told of what is odd.
    let defaults = InputOptions.Of()

    /// The same, and `warn` is told what is odd.
    let telling (warn: string -> unit) (options: InputOptions) : InputOptions = { options with Warn = warn }

    /// The same for features of this cutoff radius, where the options say none.
    let forCutoff (radius: float) (options: InputOptions) : InputOptions = {
        options with
            CutoffRadius = options.CutoffRadius |> Option.orElse (Some radius)
    }

    /// The axes that repeat: those of the options, else those of the file.
    let internal periodicity (options: InputOptions) (inFile: Periodicity) = defaultArg options.Periodicity inFile
