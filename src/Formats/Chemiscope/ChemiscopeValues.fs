namespace AniSoap.Formats

open System
open System.Collections.Immutable
open System.Text.Json
open AniSoap

/// The properties of a chemiscope file as columns and info of its frames.
module internal ChemiscopeValues =
    /// The values of the properties of one target that are complete.
    let private properties warn (root: JsonElement) (target: string) count = [
        match root.TryGetProperty "properties" with
        | true, all when all.ValueKind = JsonValueKind.Object ->
            for property in all.EnumerateObject() do
                if property.Value.ValueKind = JsonValueKind.Object then
                    match property.Value.TryGetProperty "target", property.Value.TryGetProperty "values" with
                    | (true, found), (true, values) when
                        found.ValueKind = JsonValueKind.String
                        && found.GetString() = target
                        && values.ValueKind = JsonValueKind.Array
                        ->
                        if values.GetArrayLength() = count then
                            property.Name, values
                        else
                            warn (
                                "the property "
                                + property.Name
                                + " is not one of every "
                                + target
                                + ": it is left out"
                            )
                    | _ -> ()
        | _ -> ()
    ]

    /// `name[1]`, `name[2]`, … that follow each other as the components of `name`; all others as they are.
    let private components (items: (string * 'a) list) : (string * 'a list) list =
        let isNext (name: string) count next = (next = name + "[" + string (count + 1) + "]")

        let folder (known: (string * 'a list) list) (name: string, value) =
            match known with
            | (vector, values) :: rest when isNext vector values.Length name -> (vector, value :: values) :: rest
            | _ when name.EndsWith("[1]", StringComparison.Ordinal) && name.Length > 3 ->
                (name.Substring(0, name.Length - 3), [ value ]) :: known
            | _ -> (name, [ value ]) :: known

        // A lone `name[1]` is that of the file, and so is a name that is followed by its own component.
        items
        |> List.fold folder []
        |> List.rev
        |> List.map (fun (name, values) -> name, List.rev values)

    let private number (value: JsonElement) =
        match value.TryGetInt64() with
        | true, whole -> Integer whole
        | false, _ -> Real(value.GetDouble())

    let private single (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Number -> Some(number value)
        | JsonValueKind.String -> Some(Text(string (value.GetString())))
        | _ -> None

    let private vector (values: JsonElement list) =
        if values |> List.forall (fun value -> value.ValueKind = JsonValueKind.Number) then
            let numbers = values |> List.map number

            let integers =
                numbers
                |> List.choose (function
                    | Integer value -> Some value
                    | _ -> None)

            if integers.Length = numbers.Length then
                Some(Integers(ImmutableArray.CreateRange integers))
            else
                Some(Reals(values |> Seq.map _.GetDouble() |> ImmutableArray.CreateRange))
        else
            None

    /// The info of a frame. `frame` and `particles` are not among it: they are written for a map to draw.
    let info warn root count structure : (string * InfoValue) list =
        properties warn root "structure" count
        |> List.filter (fun (name, _) -> name <> "frame" && name <> "particles")
        |> List.map (fun (name, values) -> name, values[structure])
        |> components
        |> List.choose (fun (name, values) ->
            match values with
            | [ value ] -> single value |> Option.map (fun value -> name, value)
            | several -> vector several |> Option.map (fun value -> name, value))
        |> List.distinctBy fst

    /// Particles × components, the components' values given one after another.
    let private column name (parts: JsonElement[] list) =
        let width, rows = parts.Length, parts.Head.Length
        let items = Array.init (rows * width) (fun i -> parts[i % width][i / width])
        let areKind kind = items |> Array.forall (fun item -> item.ValueKind = kind)

        if areKind JsonValueKind.Number then
            let integers =
                items
                |> Array.choose (fun item ->
                    match item.TryGetInt64() with
                    | true, value -> Some value
                    | false, _ -> None)

            if integers.Length = items.Length then
                Some(name, width, ColumnValues.Integers(ImmutableArray.Create<int64> integers))
            else
                Some(name, width, ColumnValues.Reals(items |> Seq.map _.GetDouble() |> ImmutableArray.CreateRange))
        elif width = 1 && areKind JsonValueKind.String then
            let texts = items |> Seq.map (fun item -> string (item.GetString()))
            Some(name, width, ColumnValues.Texts(ImmutableArray.CreateRange texts))
        else
            None

    /// The columns of a frame; `starts` says where each structure's particles start among all.
    let columns warn root (starts: int[]) structure : Result<ParticleColumn list, AniSoapError> =
        let first, finish = starts[structure], starts[structure + 1]

        if first = finish then
            Ok []
        else
            properties warn root "atom" starts[starts.Length - 1]
            |> List.map (fun (name, values) -> name, [| for i in first .. finish - 1 -> values[i] |])
            |> components
            |> List.choose (fun (name, parts) -> column name parts)
            |> List.distinctBy (fun (name, _, _) -> name)
            |> List.map (fun (name, width, values) -> ParticleColumn.create name width values)
            |> List.fold
                (fun known column ->
                    known
                    |> Result.bind (fun known -> column |> Result.map (fun column -> column :: known)))
                (Ok [])
            |> Result.map List.rev
