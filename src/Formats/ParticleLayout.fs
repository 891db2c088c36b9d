namespace AniSoap.Formats

open AniSoap

/// Where in a row of numbers a particle's quantities stand: position, orientation and shape, in this order. The fields
/// are indices into the rows of the file.
type internal ParticleLayout = {
    Species: int option
    Position: int[]
    /// None, four fields in the order w, x, y, z, or nine of a matrix row by row.
    Orientation: int[]
    /// None, one field of a sphere, or three.
    Shape: int[]
    /// What turns the shape's numbers into semi-axes.
    ShapeFactor: float
    /// The fields that hold what is above, and those of a shape that is replaced.
    Taken: Set<int>
} with

    /// The numbers of a particle: how many, and at which fields.
    member layout.NumberFields = Array.concat [ layout.Position; layout.Orientation; layout.Shape ]

    member layout.OrientationStart = 3
    member layout.ShapeStart = 3 + layout.Orientation.Length
    member layout.Stride = 3 + layout.Orientation.Length + layout.Shape.Length

/// The columns by which the programs of this field name positions, orientations and shapes.
module internal ParticleLayout =
    let private quaternionNames = [
        "c_q", QuaternionOrder.WXYZ
        "quaternions", QuaternionOrder.WXYZ
        "quaternion", QuaternionOrder.WXYZ
        "quat", QuaternionOrder.WXYZ
        "orientation", QuaternionOrder.XYZW
        "orientations", QuaternionOrder.XYZW
        "c_orient", QuaternionOrder.XYZW
    ]

    let private quaternionComponents = [ "quatw"; "quati"; "quatj"; "quatk" ]

    let private matrixNames =
        List.map fst quaternionNames
        @ [ "rotation"; "rotations"; "rotation_matrix"; "matrix" ]

    /// LAMMPS writes full diameters whatever its columns are called.
    let private shapeNames = [
        "c_diameter", ShapeMeasure.Diameter
        "diameter", ShapeMeasure.Diameter
        "diameters", ShapeMeasure.Diameter
        "c_shape", ShapeMeasure.Diameter
        "shape", ShapeMeasure.Diameter
        "semiaxes", ShapeMeasure.SemiAxis
        "semi_axes", ShapeMeasure.SemiAxis
        "aspherical_shape", ShapeMeasure.SemiAxis
        "radius", ShapeMeasure.SemiAxis
        "radii", ShapeMeasure.SemiAxis
    ]

    let private shapeComponents = [ "shapex"; "shapey"; "shapez" ]

    let private ordered order (fields: int[]) =
        match order with
        | QuaternionOrder.WXYZ -> fields
        | QuaternionOrder.XYZW -> [| fields[3]; fields[0]; fields[1]; fields[2] |]

    let private isUsable (_, found, _) =
        match found with
        | Fields _ -> true
        | OtherWidth _
        | NotFound -> false

    /// The first of the candidates that is there and has the right number of components; others like it are named in
    /// a warning, for only one can be right. Without any, one of a wrong number if there is.
    let private choose what warn candidates =
        match candidates |> List.filter isUsable with
        | [] -> candidates |> List.tryFind (fun (_, found, _) -> found <> NotFound)
        | [ only ] -> Some only
        | (name, _, _) as first :: others ->
            let unused = others |> List.map (fun (other, _, _) -> other) |> String.concat ", "
            warn $"the {what} is taken from the column {name}; not used: {unused}"
            Some first

    let private widthError name width accepted =
        Error(AniSoapError.invalid $"numbers a particle of {name}" width accepted)

    let private orientation (options: InputOptions) warn (table: ColumnTable) =
        let isMatrix = options.RotationType = RotationType.Matrix
        let width = if isMatrix then 9 else 4

        let known =
            if isMatrix then
                matrixNames |> List.map (fun name -> name, QuaternionOrder.WXYZ)
            else
                quaternionNames

        let names =
            match options.RotationKey with
            | None -> known
            | Some key -> [
                known
                |> List.tryFind (fun (name, _) -> name = key)
                |> Option.defaultValue (key, QuaternionOrder.WXYZ)
              ]

        let columns =
            names
            |> List.map (fun (name, order) -> name, table.Find(name, [ width ]), order)

        // Named components say their order themselves: no option turns them around.
        let components =
            if isMatrix || options.RotationKey.IsSome then
                []
            else
                [ "quatw", table.Each quaternionComponents, QuaternionOrder.WXYZ ]

        match choose "orientation" warn (columns @ components), options.RotationKey with
        | Some("quatw", Fields fields, _), _ -> Ok fields
        | Some(_, Fields fields, _), _ when isMatrix -> Ok fields
        | Some(_, Fields fields, order), _ -> Ok(ordered (defaultArg options.OrientationOrder order) fields)
        | Some(_, OtherWidth(name, 9), _), _ when not isMatrix ->
            widthError name 9 "4 of a quaternion; 9 of a matrix with the rotation type matrix"
        | Some(_, OtherWidth(name, found), _), _ -> widthError name found $"{width}"
        | Some(_, NotFound, _), None
        | None, None -> Ok [||]
        | Some(_, NotFound, _), Some key
        | None, Some key ->
            let there = String.concat ", " table.Names
            Error(Missing($"the orientation column {key}", $"the columns are {there}", Place.Unknown))

    let private shape (options: InputOptions) warn (table: ColumnTable) =
        let candidates =
            (shapeNames
             |> List.map (fun (name, measure) -> name, table.Find(name, [ 3; 1 ]), measure))
            @ [ "shapex", table.Each shapeComponents, ShapeMeasure.Diameter ]

        match choose "shape" warn candidates with
        | Some(_, Fields fields, measure) ->
            match defaultArg options.ShapeAs measure with
            | ShapeMeasure.Diameter -> Ok(fields, 0.5)
            | ShapeMeasure.SemiAxis -> Ok(fields, 1.0)
        | Some(_, OtherWidth(name, found), _) -> widthError name found "3, or 1 of a sphere"
        | Some(_, NotFound, _)
        | None -> Ok([||], 1.0)

    let private position (table: ColumnTable) =
        let candidates =
            ([ "pos"; "positions"; "position" ]
             |> List.map (fun name -> table.Find(name, [ 3 ])))
            @ [ table.Each [ "x"; "y"; "z" ] ]

        match candidates |> List.filter (fun found -> found <> NotFound) with
        | Fields fields :: _ -> Ok fields
        | OtherWidth(name, width) :: _ -> widthError name width "3"
        | _ ->
            let there = String.concat ", " table.Names
            Error(Missing("the column pos of positions", $"the columns are {there}", Place.Unknown))

    /// The layout of a table's columns under the options. `speciesNames` are the columns that may hold the
    /// species, the first that is there does.
    let create (options: InputOptions) warn (speciesNames: string list) (columns: Column list) =
        let table = ColumnTable columns
        let species = speciesNames |> List.tryPick table.Single

        if species.IsNone then
            warn $"""no species column ({String.concat ", " speciesNames}): every particle is of species 0"""

        let kinds =
            columns
            |> List.collect (fun column -> List.replicate column.Width (column.Name, column.Kind))
            |> List.toArray

        let checkNumbers (layout: ParticleLayout) =
            let wrong =
                layout.NumberFields
                |> Array.map (fun field -> kinds[field])
                |> Array.tryFind (fun (_, kind) -> kind = ColumnKind.Text || kind = ColumnKind.Logical)

            match wrong with
            | Some(name, _) -> Error(AniSoapError.invalid $"the type of the column {name}" "S or L" "R or I: numbers")
            | None -> Ok layout

        position table
        |> Result.bind (fun positions ->
            orientation options warn table
            |> Result.bind (fun orientations ->
                shape options warn table
                |> Result.map (fun (shapes, factor) ->
                    if options.SemiAxes.IsSome && shapes.Length > 0 then
                        warn "the shapes given replace those in the input"

                    {
                        Species = species
                        Position = positions
                        Orientation = orientations
                        Shape = if options.SemiAxes.IsSome then [||] else shapes
                        ShapeFactor = factor
                        Taken =
                            Set [
                                yield! Option.toList species
                                yield! positions
                                yield! orientations
                                yield! shapes
                            ]
                    })))
        |> Result.bind checkNumbers
