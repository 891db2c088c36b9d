namespace AniSoap

open System.Collections.Immutable
open System.Text.Json

/// Values of JSON as info of a frame.
module internal ChemiscopeInfo =
    let private number (value: JsonElement) =
        match value.TryGetInt64() with
        | true, whole -> InfoValue.Integer whole
        | false, _ -> InfoValue.Real(value.GetDouble())

    let rec private isNumeric value =
        match value with
        | Some(InfoValue.Integer _ | InfoValue.Real _)
        | None -> true
        | _ -> false

    /// One value of several; unknown numbers are no numbers. Nothing where all are unknown or their kinds do not go
    /// together.
    let together (values: InfoValue option list) =
        let known = values |> List.choose id

        let whole pick make =
            let picked = known |> List.choose pick

            if picked.Length = values.Length then
                Some(make (ImmutableArray.CreateRange<_> picked))
            else
                None

        let integers () =
            whole
                (function
                | InfoValue.Integer value -> Some value
                | _ -> None)
                InfoValue.Integers

        let logicals () =
            whole
                (function
                | InfoValue.Logical value -> Some value
                | _ -> None)
                InfoValue.Logicals

        let texts () =
            whole
                (function
                | InfoValue.Text value -> Some value
                | _ -> None)
                InfoValue.Texts

        let reals () =
            if List.forall isNumeric values then
                values
                |> List.map (function
                    | Some(InfoValue.Integer value) -> float value
                    | Some(InfoValue.Real value) -> value
                    | _ -> nan)
                |> ImmutableArray.CreateRange
                |> InfoValue.Reals
                |> Some
            else
                None

        let rows () =
            let isList value =
                match value with
                | InfoValue.Integers _
                | InfoValue.Reals _
                | InfoValue.Logicals _
                | InfoValue.Texts _
                | InfoValue.Rows _ -> true
                | _ -> false

            let unknownRow =
                match known with
                | InfoValue.Reals row :: _ -> InfoValue.Reals(ImmutableArray.CreateRange(Seq.replicate row.Length nan))
                | InfoValue.Integers row :: _ ->
                    InfoValue.Reals(ImmutableArray.CreateRange(Seq.replicate row.Length nan))
                | first :: _ -> first
                | [] -> InfoValue.Reals ImmutableArray.Empty

            if List.forall isList known then
                values
                |> List.map (Option.defaultValue unknownRow)
                |> ImmutableArray.CreateRange
                |> InfoValue.Rows
                |> Some
            else
                None

        if known.IsEmpty then
            None
        else
            integers ()
            |> Option.orElseWith logicals
            |> Option.orElseWith texts
            |> Option.orElseWith reals
            |> Option.orElseWith rows

    let rec ofJson isLogical (value: JsonElement) : InfoValue option =
        match value.ValueKind with
        | JsonValueKind.Number when isLogical ->
            match value.TryGetInt64() with
            | true, 0L -> Some(InfoValue.Logical false)
            | true, 1L -> Some(InfoValue.Logical true)
            | _ -> Some(number value)
        | JsonValueKind.Number -> Some(number value)
        | JsonValueKind.String -> Some(InfoValue.Text(string (value.GetString())))
        | JsonValueKind.True -> Some(InfoValue.Logical true)
        | JsonValueKind.False -> Some(InfoValue.Logical false)
        | JsonValueKind.Array -> together [ for item in value.EnumerateArray() -> ofJson isLogical item ]
        | _ -> None
