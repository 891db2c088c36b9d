namespace AniSoap

open System

/// How the rows of a dump are read: worked out once and kept for as long as the columns stay the same.
[<NoComparison>]
type internal DumpReading = {
    Columns: string
    Layout: ParticleLayout
    /// Whether positions are fractions of the box.
    IsScaled: bool
    /// The place of the particle's number in the row, where there is one.
    IdPlace: int voption
    Stride: int
    Plan: RowParser.RowPlan
    SpeciesPlan: RowParser.RowPlan
    Names: string[]
}

/// What the columns of a dump are.
module internal LammpsDumpColumns =
    /// Columns that may hold the species, in order of preference.
    let private speciesNames = [ "type"; "element"; "typelabel" ]

    let private kindOf name = LammpsColumns.tryKind name |> Option.defaultValue ColumnKind.Real

    let private positionNames (found: string[]) =
        LammpsColumns.positions
        |> List.tryFind (fun (triple, _) -> triple |> List.forall (fun name -> Array.contains name found))
        |> Option.defaultValue ([ "x"; "y"; "z" ], false)

    /// How rows under these columns are read.
    let understand (options: InputOptions) warn (text: string) =
        let found = RowParser.splitWords text
        let triple, isScaled = positionNames found

        // The layout knows positions as x y z; a column of this name that is not taken gets out of the way.
        let renamed name =
            match List.tryFindIndex ((=) name) triple with
            | Some axis -> [ "x"; "y"; "z" ][axis]
            | None -> name

        let columns =
            found
            |> Seq.map (fun name -> { Name = renamed name; Kind = kindOf name; Width = 1 })
            |> Seq.toList

        match found |> Array.countBy id |> Array.tryFind (fun (_, count) -> count > 1) with
        | Some(name, count) ->
            Error(AniSoapError.invalid "ITEM: ATOMS" $"{string count} columns {name}" "each name once")
        | None when found.Length = 0 ->
            Error(
                Malformed("no names of columns", "ITEM: ATOMS with the columns' names, id type x y z …", Place.Unknown)
            )
        | None ->
            let options =
                if options.ShapeAs.IsNone && LammpsDumpShapes.isByOvito found then
                    warn
                        "the columns c_shape[1..3] beside quati are taken for semi-axes, as OVITO writes them; \
                         --shape-as diameter (or semiaxis) says what they are"

                    { options with ShapeAs = Some ShapeMeasure.SemiAxis }
                else
                    options

            ParticleLayout.create options warn speciesNames columns
            |> Result.bind (fun layout ->
                if options.ShapesFrom.IsSome && not (Array.contains "id" found) then
                    let there = String.Join(", ", found)

                    Error(
                        Missing(
                            "the column id",
                            $"shapes from a data file are found by it; the columns are {there}",
                            Place.Unknown
                        )
                    )
                else
                    Ok(LammpsDumpShapes.withPlaces options layout))
            |> Result.map (fun layout ->
                let id =
                    match Array.tryFindIndex ((=) "id") found with
                    | Some field -> ValueSome field
                    | None -> ValueNone

                let numbers = [
                    yield!
                        layout.NumberFields
                        |> Seq.mapi (fun place field -> field, place)
                        |> Seq.filter (fun (field, _) -> field >= 0)
                    if id.IsSome then
                        id.Value, layout.Stride
                ]

                {
                    Columns = text
                    Layout = layout
                    IsScaled = isScaled
                    IdPlace = id |> ValueOption.map (fun _ -> layout.Stride)
                    Stride = layout.Stride + (if id.IsSome then 1 else 0)
                    Plan = RowParser.planAt found.Length false layout.Species numbers
                    SpeciesPlan = RowParser.speciesPlan layout found.Length
                    Names = found
                })

    /// The collector of what the layout does not take: columns that are not known are of numbers where the first row
    /// has one.
    let collectorOf (known: DumpReading) (row: string) =
        let words = RowParser.splitWords row

        let kind field name =
            LammpsColumns.tryKind name
            |> Option.defaultWith (fun () ->
                if (DecimalNumber.tryParse words[field]).IsSome then
                    ColumnKind.Real
                else
                    ColumnKind.Text)

        let columns =
            known.Names
            |> Seq.mapi (fun field name -> { Name = name; Kind = kind field name; Width = 1 })
            |> Seq.toList

        ColumnCollector(columns, known.Layout.Taken.Contains)

    /// Positions in lengths and orientations in the box's frame: the quaternions of `compute property/atom` stay in
    /// LAMMPS's restricted frame even where the box and the positions are in the general one.
    let place (known: DumpReading) (box: LammpsBox) (rows: ParticleRows) =
        let numbers = rows.Numbers

        if known.IsScaled then
            for row in 0 .. rows.Count - 1 do
                let at = row * known.Stride

                let r = LammpsBox.position box (Vector3.create numbers[at] numbers[at + 1] numbers[at + 2])

                numbers[at] <- r.X
                numbers[at + 1] <- r.Y
                numbers[at + 2] <- r.Z

        match box.Turn with
        | ValueNone -> ()
        | ValueSome turn ->
            let start = known.Layout.OrientationStart

            match known.Layout.Orientation.Length with
            | 4 ->
                for row in 0 .. rows.Count - 1 do
                    let at = row * known.Stride + start

                    let q =
                        turn
                        * Quaternion.create numbers[at] numbers[at + 1] numbers[at + 2] numbers[at + 3]

                    numbers[at] <- q.W
                    numbers[at + 1] <- q.X
                    numbers[at + 2] <- q.Y
                    numbers[at + 3] <- q.Z
            | 9 ->
                let m = Quaternion.toMatrix turn

                for row in 0 .. rows.Count - 1 do
                    for column in 0..2 do
                        let at = row * known.Stride + start + column
                        let v = m * Vector3.create numbers[at] numbers[at + 3] numbers[at + 6]
                        numbers[at] <- v.X
                        numbers[at + 3] <- v.Y
                        numbers[at + 6] <- v.Z
            | _ -> ()
