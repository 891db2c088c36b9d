namespace AniSoap

open System
open System.Globalization

/// Names of columns that carry their labels: `l=0 n_1=2 neighbor_1_type=6`, with names and numbers only, so that no format
/// has to quote them. A column without `=` is one of the sample's.
module internal ColumnNames =
    let ofProperty (property: LabelsRow) : string =
        let values = property.Values.ToArray()

        Seq.map2 (fun name (value: int) -> name + "=" + string value) property.Names values
        |> String.concat " "

    let private part (text: string) =
        match text.Split '=' with
        | [| name; value |] ->
            match Int32.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
            | true, value -> Some struct (name, value)
            | _ -> None
        | _ -> None

    /// The names of samples and the labels of properties that the columns are called after, samples first.
    let parse (columns: string list) : Result<string list * Labels, AniSoapError> =
        let isSample (column: string) = not (column.Contains '=')
        let samples = columns |> List.takeWhile isSample
        let properties = columns |> List.skip samples.Length

        let refuse column =
            Error(
                Malformed(
                    $"a column called '{column}'",
                    "names of samples (frame, particle), then columns called after their labels (l=0 n_1=2 …)",
                    Place.Unknown
                )
            )

        match properties with
        | [] -> refuse (List.tryLast columns |> Option.defaultValue "")
        | first :: _ ->
            let parts (column: string) = column.Split ' ' |> Array.map part
            let namesOf parts = parts |> Array.map (fun (struct (name: string, _)) -> name)
            let names = parts first |> Array.choose id |> namesOf
            let values = Array.zeroCreate<int>(properties.Length * names.Length)

            let stray =
                properties
                |> List.indexed
                |> List.tryFind (fun (i, column) ->
                    let found = parts column
                    let known = found |> Array.choose id

                    if known.Length = found.Length && namesOf known = names then
                        known
                        |> Array.iteri (fun j (struct (_, value)) -> values[i * names.Length + j] <- value)

                        false
                    else
                        true)

            match stray with
            | Some(_, column) -> refuse column
            | None ->
                Labels.checkNames samples
                |> Result.bind (fun _ -> Labels.ofOwned names values)
                |> Result.map (fun labels -> samples, labels)
