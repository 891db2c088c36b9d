namespace AniSoap


/// What else is known of the columns of a file: for messages.
type internal LayoutNotes = {
    /// The names of all columns; none where a format has no columns of names.
    Columns: string list
    /// Columns that nothing is taken from and that could hold shapes.
    PossibleShapes: string list
    /// What stands in the way of an orientation that might be there.
    OrientationHint: string
    /// What turns the fourth number of a shape, a sphere's, into its radius.
    RadiusFactor: float
}

module internal LayoutNotes =
    /// Nothing is known.
    let none = { Columns = []; PossibleShapes = []; OrientationHint = ""; RadiusFactor = 1.0 }

/// Where in a row of numbers a particle's quantities stand: position, orientation and shape, in this order. The fields
/// are indices into the rows of the file.
type internal ParticleLayout = {
    Species: int option
    Position: int[]
    /// None, four fields in the order w, x, y, z, or nine of a matrix row by row.
    Orientation: int[]
    /// None, one field of a sphere, three, or three and that of the sphere that a particle is where the three are zero.
    Shape: int[]
    /// What turns the shape's numbers into semi-axes.
    ShapeFactor: float
    /// The fields that hold what is above, and those of a shape that is replaced.
    Taken: Set<int>
    Notes: LayoutNotes
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
        "c_quat", QuaternionOrder.WXYZ
        "c_quaternion", QuaternionOrder.WXYZ
        "orientation", QuaternionOrder.XYZW
        "orientations", QuaternionOrder.XYZW
        "c_orient", QuaternionOrder.XYZW
    ]

    /// Columns of one component each; they say their order themselves.
    let private quaternionComponents = [
        [ "quatw"; "quati"; "quatj"; "quatk" ]
        [ "quatw"; "quatx"; "quaty"; "quatz" ]
        [ "qw"; "qx"; "qy"; "qz" ]
    ]

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

    /// Where a quantity may stand: what it is called in messages, its fields, and what they hold.
    type private Candidate<'a> = { Name: string; Found: FoundFields; Meaning: 'a }

    let private ordered order (fields: int[]) =
        match order with
        | QuaternionOrder.WXYZ -> fields
        | QuaternionOrder.XYZW -> [| fields[3]; fields[0]; fields[1]; fields[2] |]

    let private isUsable candidate =
        match candidate.Found with
        | Fields _ -> true
        | OtherWidth _
        | NotFound -> false

    /// The first of the candidates that is there and has the right number of components; others like it are named in
    /// a warning, for only one can be right. Without any, one of a wrong number if there is.
    let private choose what warn candidates =
        match candidates |> List.filter isUsable with
        | [] -> candidates |> List.tryFind (fun candidate -> candidate.Found <> NotFound)
        | [ only ] -> Some only
        | first :: others ->
            let unused = others |> List.map _.Name |> String.concat ", "
            warn $"the {what} is taken from the column {first.Name}; not used: {unused}"
            Some first

    let private widthError name width accepted =
        Error(AniSoapError.invalid $"numbers a particle of {name}" width accepted)

    let private columnsThere (table: ColumnTable) =
        match table.Names with
        | [] -> "there are no columns"
        | names -> "the columns are " + String.concat ", " names

    let private missingColumn what key table =
        Error(Missing($"the {what} column {key}", columnsThere table, Place.Unknown))

    let private namesOf (key: string) = key.Split(',', System.StringSplitOptions.TrimEntries) |> Array.toList

    /// The names of four components, scalar first, where their last letters say which is which.
    let private byLetter (names: string list) =
        let letter (name: string) = if name = "" then ' ' else name[name.Length - 1]

        [ [ 'w'; 'x'; 'y'; 'z' ]; [ 'w'; 'i'; 'j'; 'k' ] ]
        |> List.tryFind (fun letters -> List.sort (List.map letter names) = List.sort letters)
        |> Option.map (List.map (fun wanted -> List.find (fun name -> letter name = wanted) names))

    let private wrongWidth name found width =
        match found, width with
        | 9, 4 -> "4 of a quaternion; 9 of a matrix with the rotation type matrix (--rotation-type matrix)"
        | 4, 9 -> "9 of a matrix; 4 of a quaternion with the rotation type quaternion (--rotation-type quaternion)"
        | _ -> $"{width}"
        |> widthError name found

    /// The orientation under the name or names that the options give.
    let private chosenOrientation (options: InputOptions) (table: ColumnTable) width key =
        let turned order fields =
            if width = 9 then
                fields
            else
                ordered (defaultArg options.OrientationOrder order) fields

        match namesOf key with
        | [ name ] ->
            let order =
                quaternionNames
                |> List.tryFind (fun (known, _) -> known = name)
                |> Option.map snd
                |> Option.defaultValue QuaternionOrder.WXYZ

            let family letters = letters |> List.map (fun letter -> name + letter) |> table.Each

            match table.Find(name, [ width ]) with
            | Fields fields -> Ok(turned order fields)
            | OtherWidth(name, found) -> wrongWidth name found width
            | NotFound ->
                match family [ "w"; "x"; "y"; "z" ], family [ "w"; "i"; "j"; "k" ] with
                | Fields fields, _
                | _, Fields fields when width = 4 -> Ok fields
                | _ -> missingColumn "orientation" name table
        | names when names.Length = width ->
            match names |> List.tryFind (fun name -> (table.Single name).IsNone) with
            | Some absent -> missingColumn "orientation" absent table
            | None ->
                let fields names = names |> List.map (fun name -> (table.Single name).Value) |> List.toArray

                match byLetter names with
                | Some sorted when width = 4 -> Ok(fields sorted)
                | _ -> Ok(turned QuaternionOrder.WXYZ (fields names))
        | names ->
            Error(
                AniSoapError.invalid
                    "orientation key"
                    key
                    $"the name of a column, or {width} names with commas between them (here are {names.Length})"
            )

    let private knownOrientation (options: InputOptions) warn (table: ColumnTable) width =
        let columns =
            if width = 9 then
                matrixNames |> List.map (fun name -> name, QuaternionOrder.WXYZ)
            else
                quaternionNames
            |> List.map (fun (name, order) -> {
                Name = name
                Found = table.Find(name, [ width ])
                Meaning = defaultArg options.OrientationOrder order
            })

        // Named components say their order themselves: no option turns them around.
        let components =
            if width = 9 then
                []
            else
                quaternionComponents
                |> List.map (fun names -> {
                    Name = names.Head
                    Found = table.Each names
                    Meaning = QuaternionOrder.WXYZ
                })

        match choose "orientation" warn (columns @ components) with
        | Some { Found = Fields fields; Meaning = order } -> Ok(if width = 9 then fields else ordered order fields)
        | Some { Found = OtherWidth(name, found) } -> wrongWidth name found width
        | Some { Found = NotFound }
        | None -> Ok [||]

    let private orientation (options: InputOptions) warn table =
        let width = if options.RotationType = RotationType.Matrix then 9 else 4

        match options.RotationKey with
        | Some key -> chosenOrientation options table width key
        | None -> knownOrientation options warn table width

    /// A matrix that is there while quaternions are looked for, or the other way round.
    let private orientationHint (options: InputOptions) (table: ColumnTable) =
        let found names width = names |> List.tryFind (fun name -> (table.Find(name, [ width ])).IsFields)

        match options.RotationType with
        | RotationType.Quaternion ->
            found matrixNames 9
            |> Option.map (fun name -> $"the column {name} of nine numbers is read with --rotation-type matrix")
        | RotationType.Matrix ->
            found (List.map fst quaternionNames) 4
            |> Option.map (fun name -> $"the column {name} of four numbers is read with --rotation-type quaternion")
        |> Option.defaultValue ""

    let private factorOf measure =
        match measure with
        | ShapeMeasure.Diameter -> 0.5
        | ShapeMeasure.SemiAxis -> 1.0

    /// What a column holds by its name, for names that are not known.
    let private guessMeasure warn (options: InputOptions) (name: string) =
        let measure =
            if name.Contains "semi" || name.Contains "radi" then
                ShapeMeasure.SemiAxis
            else
                ShapeMeasure.Diameter

        if options.ShapeAs.IsNone then
            let held, other =
                match measure with
                | ShapeMeasure.Diameter -> "full diameters", "semiaxis"
                | ShapeMeasure.SemiAxis -> "semi-axes", "diameter"

            warn $"the column {name} is taken to hold {held}; if it does not, --shape-as {other} says so"

        measure

    let private measureOf warn options name =
        shapeNames
        |> List.tryFind (fun (known, _) -> known = name)
        |> Option.map snd
        |> Option.defaultWith (fun () ->
            if List.contains name shapeComponents then
                ShapeMeasure.Diameter
            else
                guessMeasure warn options name)

    /// The shape under the name or names that the options give.
    let private chosenShape (options: InputOptions) warn (table: ColumnTable) key =
        let taken name fields =
            let measure = measureOf warn options name
            Ok(fields, factorOf (defaultArg options.ShapeAs measure), 1.0)

        match namesOf key with
        | [ name ] ->
            match table.Find(name, [ 3; 1 ]), table.Each [ name + "x"; name + "y"; name + "z" ] with
            | Fields fields, _
            | NotFound, Fields fields -> taken name fields
            | OtherWidth(name, found), _ -> widthError name found "3, or 1 of a sphere"
            | NotFound, _ -> missingColumn "shape" name table
        | [ a; b; c ] as names ->
            match names |> List.tryFind (fun name -> (table.Single name).IsNone) with
            | Some absent -> missingColumn "shape" absent table
            | None -> taken a [| (table.Single a).Value; (table.Single b).Value; (table.Single c).Value |]
        | names ->
            Error(
                AniSoapError.invalid
                    "shape key"
                    key
                    $"the name of a column, or three names with commas between them (here are {names.Length})"
            )

    /// Three numbers beat one, which then is the sphere that particles are whose three are zero, as OVITO has it: its
    /// radius comes before a diameter there.
    let private knownShape (options: InputOptions) warn (table: ColumnTable) =
        let candidates width =
            shapeNames
            |> List.map (fun (name, measure) -> { Name = name; Found = table.Find(name, [ width ]); Meaning = measure })

        let three =
            candidates 3
            @ [ { Name = "shapex"; Found = table.Each shapeComponents; Meaning = ShapeMeasure.Diameter } ]

        let one = candidates 1 |> List.filter isUsable

        let sphere () =
            let radii, diameters =
                one
                |> List.partition (fun candidate -> candidate.Meaning = ShapeMeasure.SemiAxis)

            choose "size of particles whose shape is zero" warn (radii @ diameters)

        if three |> List.exists isUsable then
            match choose "shape" warn three, sphere () with
            | Some { Found = Fields fields; Meaning = measure }, None ->
                Ok(fields, factorOf (defaultArg options.ShapeAs measure), 1.0)
            | Some { Found = Fields fields; Meaning = measure }, Some { Found = Fields radius; Meaning = radiusMeasure } ->
                Ok(Array.append fields radius, factorOf (defaultArg options.ShapeAs measure), factorOf radiusMeasure)
            | _ -> Ok([||], 1.0, 1.0)
        else
            match choose "shape" warn (if one.IsEmpty then three else one) with
            | Some { Found = Fields fields; Meaning = measure } ->
                Ok(fields, factorOf (defaultArg options.ShapeAs measure), 1.0)
            | Some { Found = OtherWidth(name, found) } -> widthError name found "3, or 1 of a sphere"
            | Some { Found = NotFound }
            | None -> Ok([||], 1.0, 1.0)

    let private shape (options: InputOptions) warn table =
        match options.ShapeKey with
        | Some key -> chosenShape options warn table key
        | None -> knownShape options warn table

    /// Vectors of three numbers that are no shapes, by the beginnings of their names.
    let private otherVectors = [
        "pos"
        "vel"
        "velo"
        "forc"
        "torq"
        "ang"
        "omega"
        "mom"
        "dip"
        "mag"
        "map"
        "image"
        "inertia"
        "disp"
        "color"
        "initial_mag"
        "acc"
        "unwrapped"
        "frac"
        "scaled"
        "spin"
        "efield"
        "stress"
        "grad"
        "f_"
        "v_"
        "cell"
        "flux"
    ]

    let private otherFamilies =
        Set [ ""; "v"; "f"; "tq"; "angmom"; "omega"; "mu"; "i"; "q"; "sp"; "fm"; "b_"; "d" ]

    let private isOtherVector (name: string) =
        let name = name.ToLowerInvariant()

        otherVectors
        |> List.exists (fun start -> name.StartsWith(start, System.StringComparison.Ordinal))

    /// Columns of numbers that are not taken and could hold shapes: one of three numbers, name[1] to name[3], or three
    /// whose names differ in a last x, y, z.
    let private possibleShapes (taken: Set<int>) (columns: Column list) =
        let starts = columns |> List.scan (fun field column -> field + column.Width) 0

        let free =
            List.zip columns (List.take columns.Length starts)
            |> List.filter (fun (column, start) ->
                (column.Kind = ColumnKind.Real || column.Kind = ColumnKind.Integer)
                && Seq.forall (fun field -> not (Set.contains field taken)) (seq { start .. start + column.Width - 1 }))
            |> List.map (fun (column, _) -> { column with Name = column.Name.Replace("\\", "") })

        let whole =
            free
            |> List.filter (fun column -> column.Width = 3 && not (isOtherVector column.Name))
            |> List.map _.Name

        let single =
            free
            |> List.filter (fun column -> column.Width = 1)
            |> List.map _.Name
            |> Set.ofList

        let families (endings: string list) (show: string -> string) =
            single
            |> Seq.filter (fun name -> name.EndsWith(endings.Head, System.StringComparison.Ordinal))
            |> Seq.map (fun name -> name.Substring(0, name.Length - endings.Head.Length))
            |> Seq.filter (fun stem ->
                stem <> ""
                && not (Set.contains stem otherFamilies)
                && not (isOtherVector stem)
                && endings |> List.forall (fun ending -> Set.contains (stem + ending) single)
                // A fourth component makes it something else.
                && not (Set.contains (stem + "[4]") single)
                && not (Set.contains (stem + "4") single)
                && not (Set.contains (stem + "w") single))
            |> Seq.map show
            |> Seq.toList

        whole
        @ families [ "[1]"; "[2]"; "[3]" ] (fun stem -> stem + "[1..3]")
        @ families [ "1"; "2"; "3" ] (fun stem -> stem + "1, …")
        @ families [ "x"; "y"; "z" ] (fun stem -> stem + "x, " + stem + "y, " + stem + "z")

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
                |> Result.map (fun (shapes, factor, radiusFactor) ->
                    if options.SemiAxes.IsSome && shapes.Length > 0 then
                        warn "the shapes given replace those in the input"

                    let taken =
                        Set [ yield! Option.toList species; yield! positions; yield! orientations; yield! shapes ]

                    let possible = possibleShapes taken columns

                    // Spheres need no orientations: where there are some, a shape may stand beside them.
                    if
                        shapes.Length = 1
                        && orientations.Length > 0
                        && not possible.IsEmpty
                        && options.ShapeKey.IsNone
                        && options.SemiAxes.IsNone
                        && options.SemiAxesBySpecies.IsEmpty
                    then
                        let unused = String.concat "; " possible

                        warn
                            $"particles are made spheres by the one number of {fst kinds[shapes[0]]}, but columns that are not used could hold shapes: {unused} (--shape-key names the column of shapes)"

                    {
                        Species = species
                        Position = positions
                        Orientation = orientations
                        Shape = if options.SemiAxes.IsSome then [||] else shapes
                        ShapeFactor = factor
                        Taken = taken
                        Notes = {
                            Columns = table.Names |> List.map (fun name -> name.Replace("\\", ""))
                            PossibleShapes = possible
                            OrientationHint =
                                if orientations.Length = 0 then
                                    orientationHint options table
                                else
                                    ""
                            RadiusFactor = radiusFactor
                        }
                    })))
        |> Result.bind checkNumbers
