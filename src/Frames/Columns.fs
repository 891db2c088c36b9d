namespace AniSoap

/// What the entries of a column are.
[<RequireQualifiedAccess>]
type internal ColumnKind =
    /// Real numbers: R.
    | Real
    /// Whole numbers: I.
    | Integer
    /// Truth values: L.
    | Logical
    /// Words: S.
    | Text

/// A named column of a table of particles: as many neighbouring fields of each row as its width says.
type internal Column = {
    /// Its name, as the file spells it.
    Name: string
    /// What its fields are.
    Kind: ColumnKind
    /// How many fields a row has of it.
    Width: int
}

/// Where the fields of a quantity stand in a row.
type internal FoundFields =
    | NotFound
    /// The field of each component, by its index in the row.
    | Fields of int[]
    /// There is such a name, but with another number of components.
    | OtherWidth of name: string * width: int

/// Columns that are looked up by name: one column of several fields, or one column a component, spelled
/// `name[1]`, `name\[1\]` or `name1` (which is what becomes of the brackets where a program loses them).
[<Sealed>]
type internal ColumnTable(columns: Column list) =
    let starts = columns |> List.scan (fun field column -> field + column.Width) 0

    let byName =
        Seq.zip columns starts
        |> Seq.map (fun (column, start) -> column.Name.Replace("\\", ""), (start, column.Width))
        |> Seq.distinctBy fst
        |> Map.ofSeq

    /// The number of fields in a row.
    member _.FieldCount = List.last starts

    member _.Names = columns |> List.map _.Name

    /// The field of a column of width one.
    member _.Single name =
        match Map.tryFind name byName with
        | Some(start, 1) -> Some start
        | _ -> None

    /// The fields of columns of width one by their names, if all are there.
    member table.Each(names: string list) =
        let fields = names |> List.map table.Single

        if List.forall Option.isSome fields then
            Fields(fields |> List.map Option.get |> List.toArray)
        else
            NotFound

    /// The fields of `name`, of which there must be as many as one of `widths` says.
    member table.Find(name: string, widths: int list) =
        let nth i = [ name + "[" + string i + "]"; name + string i ] |> List.tryPick table.Single

        // Some programs number components from 0.
        let start = if (nth 0).IsSome then 0 else 1

        match Map.tryFind name byName with
        | Some(start, width) when List.contains width widths -> Fields [| start .. start + width - 1 |]
        | Some(_, width) -> OtherWidth(name, width)
        | None ->
            match
                Seq.initInfinite (fun i -> nth (i + start))
                |> Seq.takeWhile Option.isSome
                |> Seq.toArray
            with
            | [||] -> NotFound
            | fields when List.contains fields.Length widths -> Fields(Array.map Option.get fields)
            | fields ->
                OtherWidth(name + "[" + string start + ".." + string (fields.Length - 1 + start) + "]", fields.Length)
