namespace AniSoap

open System.Collections.Generic

/// What a data file says of a particle for the dumps of its run.
[<Struct>]
type internal LammpsShape = {
    IsPoint: bool
    /// Full diameters; zeros of a point.
    Diameters: Vector3
    Mass: float voption
}

/// The shapes of a data file by id.
type internal LammpsShapes = { Source: string; ById: Dictionary<float, LammpsShape> }

/// Points: particles of LAMMPS that have neither a size nor an orientation (`ellipsoidflag` 0).
module internal LammpsPoints =
    /// The radius of points that need no size, small enough to matter nowhere.
    let NoSize = 1.0 / float (1L <<< 40)

    /// The radius that the options give to points of a species.
    let trySize (options: InputOptions) species =
        Map.tryFind species options.PointSemiAxisBySpecies
        |> Option.orElse options.PointSemiAxis

    /// Whether the options give particles of a species a shape, points too, which are then none any more.
    let isReplaced (options: InputOptions) species =
        options.SemiAxes.IsSome || Map.containsKey species options.SemiAxesBySpecies

    /// Whether each particle is a point by the column of a snapshot.
    let ofSnapshot (snapshot: Snapshot) : int -> bool =
        match Quantities.tryIntegers Quantities.EllipsoidFlags 1 snapshot with
        | Some flags -> fun row -> flags[row] = 0L
        | None -> fun _ -> false

/// The end of a text without a line end.
module internal OpenEnd =
    /// One rule for all texts: people and programs write files whose last line has no end, so a row that has all its
    /// columns is read; only its last number may be wrong.
    let warn (warn: string -> unit) (source: string) (lines: LineReader) =
        if lines.IsOpen then
            warn $"{source}: the last line has no line end; if the file was cut off, its last number is wrong"
