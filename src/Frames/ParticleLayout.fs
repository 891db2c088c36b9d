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

/// Where the columns of a file have what particles need.
module internal ParticleLayout =
    let private position (table: ColumnTable) =
        let candidates =
            ([ "pos"; "positions"; "position" ]
             |> List.map (fun name -> table.Find(name, [ 3 ])))
            @ [ table.Each [ "x"; "y"; "z" ] ]

        match candidates |> List.filter (fun found -> found <> NotFound) with
        | Fields fields :: _ -> Ok fields
        | OtherWidth(name, width) :: _ -> ColumnChoice.widthError name width "3"
        | _ ->
            let there = String.concat ", " table.Names
            Error(Missing("the column pos of positions", $"the columns are {there}", Place.Unknown))

    /// The layout of a table's columns under the options. `speciesNames` are the columns that may hold the
    /// species, the first that is there does.
    let create (options: InputOptions) warn (speciesNames: string list) (columns: Column list) =
        let table = ColumnTable columns
        let species = speciesNames |> List.tryPick table.Single

        if species.IsNone then
            warn (
                "no species column ("
                + (String.concat ", " speciesNames)
                + "): every particle is of species 0"
            )

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
            OrientationColumns.find options warn table
            |> Result.bind (fun orientations ->
                KnownShapes.find options warn table
                |> Result.map (fun (shapes, factor, radiusFactor) ->
                    if options.SemiAxes.IsSome && shapes.Length > 0 then
                        warn "the shapes given replace those in the input"

                    let taken =
                        Set [ yield! Option.toList species; yield! positions; yield! orientations; yield! shapes ]

                    let possible = PossibleShapes.find taken columns

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

                        warn (
                            "particles are made spheres by the one number of "
                            + fst kinds[shapes[0]]
                            + ", but columns that are not used could hold shapes: "
                            + unused
                            + " (--shape-key names the column of shapes)"
                        )

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
                                    OrientationColumns.hint options table
                                else
                                    ""
                            RadiusFactor = radiusFactor
                        }
                    })))
        |> Result.bind checkNumbers
