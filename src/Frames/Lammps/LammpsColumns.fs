/// The names of LAMMPS's attributes of atoms, and the quantities they are.
module internal AniSoap.LammpsColumns

open System
open System.Collections.Immutable

/// Vectors that dumps print a component a column.
let vectors = [
    Quantities.Velocities, [ "vx"; "vy"; "vz" ]
    Quantities.Forces, [ "fx"; "fy"; "fz" ]
    Quantities.Torques, [ "tqx"; "tqy"; "tqz" ]
    Quantities.AngularMomenta, [ "angmomx"; "angmomy"; "angmomz" ]
    Quantities.AngularVelocities, [ "omegax"; "omegay"; "omegaz" ]
    Quantities.Dipoles, [ "mux"; "muy"; "muz" ]
    Quantities.Images, [ "ix"; "iy"; "iz" ]
]

/// Quantities of one number.
let scalars = [
    Quantities.Ids, "id"
    Quantities.Molecules, "mol"
    Quantities.Masses, "mass"
    Quantities.Charges, "q"
]

/// The columns of positions in order of preference, and whether they are fractions of the box.
let positions = [
    [ "x"; "y"; "z" ], false
    [ "xu"; "yu"; "zu" ], false
    [ "xs"; "ys"; "zs" ], true
    [ "xsu"; "ysu"; "zsu" ], true
]

let private integers = Set [ "id"; "mol"; "type"; "proc"; "procp1"; "ix"; "iy"; "iz"; "ellipsoidflag" ]
let private texts = Set [ "element"; "typelabel" ]

/// The kind of a column by its name, where that tells it.
let tryKind name =
    if Set.contains name integers then Some ColumnKind.Integer
    elif Set.contains name texts then Some ColumnKind.Text
    else None

/// Columns of one kind and of width one, side by side.
let private joined name (parts: ParticleColumn list) =
    let interleave (all: ImmutableArray<'a> list) =
        let arrays = List.toArray all
        let rows = arrays[0].Length
        let values = ImmutableArray.CreateBuilder<'a>(rows * arrays.Length)

        for row in 0 .. rows - 1 do
            for part in arrays do
                values.Add part[row]

        values.MoveToImmutable()

    let reals column =
        match (column: ParticleColumn).Values with
        | ColumnValues.Reals all -> Some all
        | _ -> None

    let wholes (column: ParticleColumn) =
        match column.Values with
        | ColumnValues.Integers all -> Some all
        | _ -> None

    let allOf choose = parts |> List.map choose |> List.filter Option.isSome |> List.map Option.get

    match allOf reals, allOf wholes with
    | all, _ when all.Length = parts.Length -> Some(ColumnValues.Reals(interleave all))
    | _, all when all.Length = parts.Length -> Some(ColumnValues.Integers(interleave all))
    | _ -> None
    |> Option.bind (fun values ->
        match ParticleColumn.create name parts.Length values with
        | Ok column -> Some column
        | Error _ -> None)

/// `c_name[1]`, `c_name[2]`, … as the name and the number.
let private tryIndexed (name: string) =
    let opening = name.LastIndexOf '['

    if opening > 0 && name.EndsWith ']' then
        match Int32.TryParse(name.AsSpan(opening + 1, name.Length - opening - 2)) with
        | true, index when index >= 1 -> Some(name.Substring(0, opening), index)
        | _ -> None
    else
        None

/// Single columns put together to the quantities that they are components of: vectors, and what computes and fixes
/// print as `c_name[1]` and so on. Each stands where its first component stood.
let combine (columns: ParticleColumn list) =
    let byName = columns |> List.map (fun column -> column.Name, column) |> Map.ofList

    let indexed =
        columns
        |> List.choose (fun column -> tryIndexed column.Name)
        |> List.groupBy fst
        |> List.map (fun (name, all) -> name, all |> List.map snd |> List.sort)
        |> List.filter (fun (_, numbers) -> numbers.Length > 1 && numbers = [ 1 .. numbers.Length ])
        |> List.map (fun (name, numbers) -> name, numbers |> List.map (fun number -> $"{name}[{string number}]"))

    let groups =
        vectors @ indexed
        |> List.choose (fun (quantity, names) ->
            let parts = names |> List.choose (fun name -> Map.tryFind name byName)

            if parts.Length = names.Length && not (Map.containsKey quantity byName) then
                joined quantity parts |> Option.map (fun column -> names, column)
            else
                None)

    let members = groups |> List.collect fst |> Set.ofList

    let rename (column: ParticleColumn) =
        match scalars |> List.tryFind (fun (_, name) -> name = column.Name) with
        | Some(quantity, _) when not (Map.containsKey quantity byName) -> ParticleColumn.rename quantity column
        | _ -> column

    columns
    |> List.collect (fun column ->
        if Set.contains column.Name members then
            groups
            |> List.filter (fun (names, _) ->
                columns |> List.find (fun other -> List.contains other.Name names) |> _.Name = column.Name)
            |> List.map snd
        else
            [ rename column ])

/// The same vectors turned, all others as they are.
let turn (rotation: Matrix3) (columns: ParticleColumn list) =
    columns
    |> List.map (fun column ->
        match column.Values with
        | ColumnValues.Reals all when
            column.Width = 3
            && List.contains (Quantities.canonical column.Name) Quantities.vectors
            ->
            let turned = ImmutableArray.CreateBuilder<float> all.Length

            for row in 0 .. column.Rows - 1 do
                let v = rotation * Vector3.create all[3 * row] all[3 * row + 1] all[3 * row + 2]
                turned.Add v.X
                turned.Add v.Y
                turned.Add v.Z

            ParticleColumn.replace (ColumnValues.Reals(turned.MoveToImmutable())) column
        | _ -> column)
