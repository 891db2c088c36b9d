namespace AniSoap

/// The columns by which the programs of this field name orientations.
module internal OrientationColumns =
    open ColumnChoice

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

    let private ordered order (fields: int[]) =
        match order with
        | QuaternionOrder.WXYZ -> fields
        | QuaternionOrder.XYZW -> [| fields[3]; fields[0]; fields[1]; fields[2] |]

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
        | _ -> string width
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
                    ("the name of a column, or "
                     + string width
                     + " names with commas between them (here are "
                     + string names.Length
                     + ")")
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

    let find (options: InputOptions) warn table =
        let width = if options.RotationType = RotationType.Matrix then 9 else 4

        match options.RotationKey with
        | Some key -> chosenOrientation options table width key
        | None -> knownOrientation options warn table width

    /// A matrix that is there while quaternions are looked for, or the other way round.
    let hint (options: InputOptions) (table: ColumnTable) =
        let found names width = names |> List.tryFind (fun name -> (table.Find(name, [ width ])).IsFields)

        match options.RotationType with
        | RotationType.Quaternion ->
            found matrixNames 9
            |> Option.map (fun name -> $"the column {name} of nine numbers is read with --rotation-type matrix")
        | RotationType.Matrix ->
            found (List.map fst quaternionNames) 4
            |> Option.map (fun name -> $"the column {name} of four numbers is read with --rotation-type quaternion")
        |> Option.defaultValue ""
