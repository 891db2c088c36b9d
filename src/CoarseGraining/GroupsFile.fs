namespace AniSoap

open System
open System.IO
open System.Text.Json

/// Files that name groups of atoms: `{"groups":[{"name":"ring","elements":"C6H6"}, {"name":"head","atoms":[0,1,2]}]}`.
module GroupsFile =
    let private refuse path found expected =
        Error(Malformed(found, expected, { Place.Unknown with Source = Some path }))

    let private known = set [ "name"; "type"; "atoms"; "elements" ]

    let private definition path (index: int) (entry: JsonElement) =
        let where = "group " + string index

        if entry.ValueKind <> JsonValueKind.Object then
            refuse path where "an object with name, and atoms or elements or both"
        else
            let property (name: string) =
                match entry.TryGetProperty name with
                | true, value -> Some value
                | _ -> None

            let stranger = entry.EnumerateObject() |> Seq.tryFind (fun p -> not (known.Contains p.Name))

            let text name =
                match property name with
                | None -> Ok None
                | Some value when value.ValueKind = JsonValueKind.String -> Ok(value.GetString() |> Option.ofObj)
                | Some value -> refuse path (String.Concat(name, " of ", where, ": " + value.GetRawText())) "a text"

            let whole (value: JsonElement) =
                match value.ValueKind with
                | JsonValueKind.Number ->
                    match value.TryGetInt32() with
                    | true, number -> Some number
                    | _ -> None
                | _ -> None

            let species =
                match property "type" with
                | None -> Ok None
                | Some value ->
                    match whole value with
                    | Some number -> Ok(Some number)
                    | None -> refuse path $"type of {where}: {value.GetRawText()}" "a whole number"

            let atoms =
                match property "atoms" with
                | None -> Ok None
                | Some value when value.ValueKind <> JsonValueKind.Array ->
                    refuse path $"atoms of {where}: {value.GetRawText()}" "a list of numbers of atoms, from 0"
                | Some value ->
                    let all = value.EnumerateArray() |> Seq.map whole |> Seq.toList

                    match all |> List.tryFindIndex Option.isNone with
                    | Some wrong -> refuse path ("atom " + string wrong + " of " + where) "a whole number, from 0"
                    | None ->
                        let all = List.map Option.get all

                        match all |> List.countBy id |> List.tryFind (fun (_, count) -> count > 1) with
                        | Some(twice, _) -> refuse path ("atom " + string twice + " twice in " + where) "each atom once"
                        | None -> Ok(Some all)

            match stranger, text "name", text "elements", species, atoms with
            | Some p, _, _, _, _ -> refuse path $"{p.Name} in {where}" "name, type, atoms, elements"
            | None, Error error, _, _, _
            | None, _, Error error, _, _
            | None, _, _, Error error, _
            | None, _, _, _, Error error -> Error error
            | None, Ok name, Ok formula, Ok species, Ok atoms ->
                let name = name |> Option.orElse formula |> Option.defaultValue where
                let isWord = name <> "" && not (Seq.exists System.Char.IsWhiteSpace name)

                match formula, atoms with
                | _ when not isWord -> refuse path $"the name '{name}' of {where}" "one word"
                | None, None ->
                    refuse path $"'{name}' without atoms and elements" "atoms, or elements such as C6H6, or both"
                | _, Some [] -> refuse path $"'{name}' with no atoms: an empty group" "at least one atom"
                | _ ->
                    Ok {
                        Name = name
                        Species = species
                        Formula = formula
                        Atoms = Option.defaultValue [] atoms
                    }

    /// The groups of a text; `path` is for errors.
    let parse (path: string) (text: string) : Result<GroupDefinition list, AniSoapError> =
        try
            use document = JsonDocument.Parse text

            match document.RootElement.ValueKind with
            | JsonValueKind.Object ->
                match document.RootElement.TryGetProperty "groups" with
                | true, groups when groups.ValueKind = JsonValueKind.Array && groups.GetArrayLength() > 0 ->
                    groups.EnumerateArray()
                    |> Seq.indexed
                    |> Result.traverse (fun (index, entry) -> definition path index entry)
                    |> Result.map List.ofArray
                | _ -> refuse path "no groups" """{"groups":[{"name":"ring","elements":"C6H6"}, …]}"""
            | _ -> refuse path "no object" """{"groups":[{"name":"ring","elements":"C6H6"}, …]}"""
        with :? JsonException as failure ->
            let line =
                if failure.LineNumber.HasValue then
                    Some(failure.LineNumber.Value + 1L)
                else
                    None

            Error(
                Malformed(
                    "text that is no JSON",
                    "a groups file (JSON)",
                    { Place.Unknown with Source = Some path; Line = line }
                )
            )

    /// The groups of a file.
    let read (path: string) : Result<GroupDefinition list, AniSoapError> =
        InputStream.guarded path (fun () ->
            if not (File.Exists path) then
                Error(Inaccessible(path, "there is no such file"))
            else
                parse path (File.ReadAllText path))
