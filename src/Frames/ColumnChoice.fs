namespace AniSoap

/// Columns that a quantity may be taken from, and what is said where that cannot be told.
module internal ColumnChoice =
    /// Where a quantity may stand: what it is called in messages, its fields, and what they hold.
    type Candidate<'a> = { Name: string; Found: FoundFields; Meaning: 'a }

    let isUsable candidate =
        match candidate.Found with
        | Fields _ -> true
        | OtherWidth _
        | NotFound -> false

    /// The first of the candidates that is there and has the right number of components; others like it are named in
    /// a warning, for only one can be right. Without any, one of a wrong number if there is.
    let choose what warn candidates =
        match candidates |> List.filter isUsable with
        | [] -> candidates |> List.tryFind (fun candidate -> candidate.Found <> NotFound)
        | [ only ] -> Some only
        | first :: others ->
            let unused = others |> List.map _.Name |> String.concat ", "

            warn (
                "the "
                + what
                + " is taken from the column "
                + first.Name
                + "; not used: "
                + unused
            )

            Some first

    let widthError name width accepted = Error(AniSoapError.invalid ("numbers a particle of " + name) width accepted)

    let columnsThere (table: ColumnTable) =
        match table.Names with
        | [] -> "there are no columns"
        | names -> "the columns are " + String.concat ", " names

    let missingColumn what key table =
        Error(Missing("the " + what + " column " + string key, columnsThere table, Place.Unknown))

    let namesOf (key: string) = key.Split(',', System.StringSplitOptions.TrimEntries) |> Array.toList
