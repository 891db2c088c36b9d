/// Shapes of a dump's rows, where the columns alone do not tell them: points, and shapes from a data file of the run.
module internal AniSoap.LammpsDumpShapes

open System
open System.Collections.Immutable

/// What `compute property/atom` has printed for a point since 2023: diameters of 1 and the quaternion 1 0 0 0. A ball that
/// never turned looks the same.
let private looksLikePoint (layout: ParticleLayout) (numbers: float[]) at =
    let s, q = at + layout.ShapeStart, at + layout.OrientationStart

    numbers[s] = 1.0
    && numbers[s + 1] = 1.0
    && numbers[s + 2] = 1.0
    && (layout.Orientation.Length = 0
        || layout.Orientation.Length = 4
           && numbers[q] = 1.0
           && numbers[q + 1] = 0.0
           && numbers[q + 2] = 0.0
           && numbers[q + 3] = 0.0)

let private isZero (layout: ParticleLayout) (numbers: float[]) at =
    let s = at + layout.ShapeStart
    numbers[s] = 0.0 && numbers[s + 1] = 0.0 && numbers[s + 2] = 0.0

let private hasSizes (options: InputOptions) =
    options.PointSemiAxis.IsSome || not options.PointSemiAxisBySpecies.IsEmpty

/// Makes zeros, as older versions print them, of rows that look like points and are given a size.
let private markPoints options warn layout (rows: ParticleRows) =
    let numbers, stride = rows.Numbers, rows.Stride
    let like = Array.init rows.Count (fun row -> looksLikePoint layout numbers (row * stride))

    let others =
        Seq.exists id (Seq.init rows.Count (fun row -> not like[row] && not (isZero layout numbers (row * stride))))

    if not (Array.contains true like) then
        ()
    elif others then
        let mutable unsized = false

        for row in 0 .. rows.Count - 1 do
            let species = rows.Species[row]

            if like[row] && not (LammpsPoints.isReplaced options species) then
                if (LammpsPoints.trySize options species).IsSome then
                    Array.Clear(numbers, row * stride + layout.ShapeStart, 3)
                else
                    unsized <- true

        if unsized then
            warn
                "particles with diameters 1 1 1 and the quaternion 1 0 0 0 beside other shapes are taken for balls of \
                 diameter 1; LAMMPS prints points (ellipsoidflag 0) like this since 2023: if they are points, give \
                 --point-diameter D (or TYPE=D), or --shapes-from RUN.data"
    elif hasSizes options then
        warn
            "the diameter of points is not used: all particles have diameters 1 1 1 and the quaternion 1 0 0 0, and so are \
             taken for balls of diameter 1 (--diameters D,D,D gives them others)"

/// The shapes of the data file instead of those in the rows; `wrong` makes an error about a row.
let private replace warn (shapes: LammpsShapes) (layout: ParticleLayout) idPlace (rows: ParticleRows) wrong =
    let numbers, stride = rows.Numbers, rows.Stride
    let inFile = Array.contains -1 layout.Shape |> not
    let mutable failure = Ok()
    let mutable row = 0

    while row < rows.Count && Result.isOk failure do
        let at = row * stride
        let s = at + layout.ShapeStart

        match shapes.ById.TryGetValue numbers[at + idPlace] with
        | false, _ ->
            failure <-
                AniSoapError.invalid
                    "id"
                    numbers[at + idPlace]
                    $"the id of a particle in {shapes.Source} (--shapes-from)"
                |> wrong row
                |> Error
        | true, shape ->
            let given = 0.5 / layout.ShapeFactor * shape.Diameters
            let found = Vector3.create numbers[s] numbers[s + 1] numbers[s + 2]

            if
                inFile
                && not shape.IsPoint
                && Vector3.norm (given - found) > 1e-4 * Vector3.norm given
                && not (isZero layout numbers at)
            then
                warn (
                    "the shapes in "
                    + shapes.Source
                    + " are not those in the dump; those in "
                    + shapes.Source
                    + " are taken"
                )

            numbers[s] <- given.X
            numbers[s + 1] <- given.Y
            numbers[s + 2] <- given.Z

        row <- row + 1

    failure

/// The layout with places for shapes that come from elsewhere.
let withPlaces (options: InputOptions) (layout: ParticleLayout) =
    if options.ShapesFrom.IsNone || options.SemiAxes.IsSome || layout.Shape.Length = 3 then
        layout
    elif layout.Shape.Length = 4 then
        // The sphere of a particle without a shape is not asked for where another file tells the points.
        { layout with Shape = Array.truncate 3 layout.Shape }
    else
        { layout with Shape = [| -1; -1; -1 |]; ShapeFactor = 0.5 }

/// Whether `quati` beside `c_shape[..]` is OVITO's hand: LAMMPS refuses the bare name in a dump, so whoever dumps with it
/// has a compute for both. OVITO's shapes are semi-axes.
let isByOvito (names: string[]) =
    let has name = Array.contains name names

    List.forall has [ "quatw"; "quati"; "quatj"; "quatk"; "c_shape[1]"; "c_shape[2]"; "c_shape[3]" ]
    && not (List.exists has [ "c_diameter[1]"; "diameter[1]"; "shape[1]"; "shapex" ])

/// Gives the rows of a frame their shapes: which of them are points is the result, where any are. `wrong` makes an error about
/// a row.
let settle
    (options: InputOptions)
    warn
    (shapes: LammpsShapes option)
    (layout: ParticleLayout)
    (idPlace: int voption)
    (rows: ParticleRows)
    wrong
    : Result<bool[] option, AniSoapError> =
    if layout.Shape.Length < 3 then
        Ok None
    else
        match shapes, idPlace with
        | Some shapes, ValueSome place -> replace warn shapes layout place rows wrong
        | _ ->
            // Radii, as semi-axes are called there, come from versions that print zeros.
            if layout.ShapeFactor = 0.5 then
                markPoints options warn layout rows

            Ok()
        |> Result.map (fun () ->
            let numbers, stride = rows.Numbers, rows.Stride

            let isPoint =
                Array.init rows.Count (fun row ->
                    isZero layout numbers (row * stride)
                    && not (layout.Shape.Length = 4 && numbers[row * stride + layout.ShapeStart + 3] <> 0.0)
                    && not (LammpsPoints.isReplaced options rows.Species[row]))

            if options.PointsWithoutSize then
                for row in 0 .. rows.Count - 1 do
                    if isPoint[row] && (LammpsPoints.trySize options rows.Species[row]).IsNone then
                        let size = LammpsPoints.NoSize / layout.ShapeFactor
                        Array.Fill(numbers, size, row * stride + layout.ShapeStart, 3)

            if Array.contains true isPoint then Some isPoint else None)

/// Flags of points, and masses out of the data file, where the dump has no such columns itself. Both come in the order of
/// the rows.
let added
    (shapes: LammpsShapes option)
    (columns: ParticleColumn list)
    (order: int[] option)
    (points: bool[] option)
    (ids: float[])
    =
    let has quantity =
        columns
        |> List.exists (fun column -> Quantities.canonical column.Name = quantity)

    let sorted (values: 'a[]) =
        match order with
        | Some order -> order |> Seq.map (fun row -> values[row]) |> ImmutableArray.CreateRange
        | None -> ImmutableArray.CreateRange values

    let masses =
        match shapes with
        | Some shapes -> ids |> Array.map (fun id -> shapes.ById[id].Mass)
        | None -> [||]

    [
        match points with
        | Some points when not (has Quantities.EllipsoidFlags) ->
            let flags = points |> Array.map (fun isPoint -> if isPoint then 0L else 1L)
            ParticleColumn.create Quantities.EllipsoidFlags 1 (ColumnValues.Integers(sorted flags))
        | _ -> ()
        if
            masses.Length > 0
            && Array.forall ValueOption.isSome masses
            && not (has Quantities.Masses)
        then
            ParticleColumn.create Quantities.Masses 1 (ColumnValues.Reals(sorted (Array.map ValueOption.get masses)))
    ]
    |> List.choose (function
        | Ok column -> Some column
        | Error _ -> None)
