namespace AniSoap

open System
open System.Collections.Immutable
open System.Text.Json

/// A property: the value of each frame or particle (of no kind where it has none), as numbers or texts, one or several.
[<NoEquality; NoComparison>]
type internal ChemiscopeValue = {
    IsLogical: bool
    /// The numbers or texts that a value consists of.
    Width: int
    At: int -> JsonElement
}

/// `name[1]`, `name[2]`, … are the components of `name`, and may have components of their own.
[<NoEquality; NoComparison>]
type internal ChemiscopeNames =
    | Single of ChemiscopeValue
    | Several of ChemiscopeNames list

/// The properties of a chemiscope file as columns and info of its frames.
[<Sealed>]
type internal ChemiscopeValues(root: JsonElement, starts: int[], warn: string -> unit) =
    static let isMissing (value: JsonElement) =
        value.ValueKind = JsonValueKind.Undefined
        || value.ValueKind = JsonValueKind.Null

    /// The numbers and texts of a value, rows within rows one after another.
    static let rec flat (value: JsonElement) : JsonElement list =
        if value.ValueKind = JsonValueKind.Array then
            [
                for item in value.EnumerateArray() do
                    yield! flat item
            ]
        else
            [ value ]

    static let isKnown (value: JsonElement) =
        match value.ValueKind with
        | JsonValueKind.Number
        | JsonValueKind.String
        | JsonValueKind.Null
        | JsonValueKind.True
        | JsonValueKind.False -> true
        | _ -> false

    /// The values of a property, or what is wrong with them.
    let valuesOf (environments: ChemiscopeEnvironments voption) count (property: JsonElement) (values: JsonElement) =
        let hasRows =
            values.EnumerateArray()
            |> Seq.exists (fun value -> value.ValueKind = JsonValueKind.Array)

        // A list of plain values is looked up in place; one of lists would be walked for each.
        let items =
            if hasRows then
                [| for value in values.EnumerateArray() -> value |]
            else
                [||]

        let item place = if hasRows then items[place] else values[place]

        let widths =
            if hasRows then
                items
                |> Seq.filter (isMissing >> not)
                |> Seq.map (flat >> List.length)
                |> Seq.distinct
                |> Seq.toList
            else
                [ 1 ]

        let known =
            if hasRows then
                items |> Array.forall (flat >> List.forall isKnown)
            else
                values.EnumerateArray() |> Seq.forall isKnown

        let isLogical =
            match property.TryGetProperty "description" with
            | true, text when text.ValueKind = JsonValueKind.String -> text.GetString() = ChemiscopeTexts.logical
            | _ -> false

        let made at width = Ok { IsLogical = isLogical; Width = width; At = at }

        if values.GetArrayLength() <> count then
            Error(
                "it has "
                + string (values.GetArrayLength())
                + " values where "
                + string count
                + " are expected"
            )
        elif not known then
            Error "its values are neither numbers nor texts nor lists of them"
        else
            match widths, environments with
            | [ 0 ], _ -> Error "its values are empty lists"
            | [ width ], ValueSome { Doubled = _ :: _ as doubled } when
                doubled
                |> List.exists (fun (struct (place, first)) -> (item place).GetRawText() <> (item first).GetRawText())
                ->
                Error(
                    "a particle that has two environments has two values"
                    + (if width = 1 then "" else " of each component")
                )
            | [ width ], ValueSome { Places = ValueSome places } ->
                made
                    (fun particle ->
                        if places[particle] < 0 then
                            Unchecked.defaultof<_>
                        else
                            item places[particle])
                    width
            | [ width ], _ -> made item width
            | _ -> Error "its values are lists of several lengths"

    let properties target count environments = [
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
                        match valuesOf environments count property.Value values with
                        | Ok known -> property.Name, Single known
                        | Error why -> warn ("the property " + property.Name + " is left out: " + why)
                    | _ -> ()
        | _ -> ()
    ]

    static let startOf (name: string) =
        if name.Length > 3 && name.EndsWith("[1]", StringComparison.Ordinal) then
            ValueSome(name.Substring(0, name.Length - 3))
        else
            ValueNone

    /// Properties that follow each other as components under one name; a lone `name[1]` is a list of one.
    static let rec grouped (items: (string * ChemiscopeNames) list) : (string * ChemiscopeNames) list =
        let rec take name (parts: ChemiscopeNames list) rest =
            match rest with
            | (next, part) :: others when next = name + "[" + string (parts.Length + 1) + "]" ->
                take name (part :: parts) others
            | _ -> List.rev parts, rest

        let rec walk known items =
            match items with
            | [] -> List.rev known
            | (name, part) :: others ->
                match startOf name with
                | ValueSome whole ->
                    let parts, rest = take whole [ part ] others
                    walk ((whole, Several parts) :: known) rest
                | ValueNone -> walk ((name, part) :: known) others

        let once = walk [] items

        if List.map fst once = List.map fst items then
            once
        else
            grouped once

    let structures = properties "structure" (starts.Length - 1) ValueNone |> grouped

    let atoms =
        lazy
            (match ChemiscopeEnvironments.ofFile root starts with
             | Ok environments ->
                 let known = properties "atom" environments.Count (ValueSome environments)
                 let unknown = environments.Places |> ValueOption.map (Array.filter (fun place -> place < 0))

                 match unknown with
                 | ValueSome missing when missing.Length > 0 && not known.IsEmpty ->
                     warn (
                         string missing.Length
                         + " of "
                         + string starts[starts.Length - 1]
                         + " particles have no environment: properties of particles have no value for them"
                     )
                 | _ -> ()

                 Ok(grouped known)
             | Error error -> Error error)

    static let mixed name =
        "the property "
        + name
        + " is left out of frames where it is both numbers and texts"

    static let rec evaluate structure names =
        match names with
        | Single property -> ChemiscopeInfo.ofJson property.IsLogical (property.At structure)
        | Several parts -> ChemiscopeInfo.together (parts |> List.map (evaluate structure))

    /// The info of a frame. `frame` and `particles` are not among it: they are written for a map to draw.
    member _.Info(structure: int) : (string * InfoValue) list =
        structures
        |> List.filter (fun (name, _) -> name <> "frame" && name <> "particles")
        |> List.choose (fun (name, names) ->
            match evaluate structure names with
            | Some value -> Some(name, value)
            | None ->
                if
                    ChemiscopeValues.Leaves names
                    |> List.exists (fun leaf -> not (isMissing (leaf.At structure)))
                then
                    warn (mixed name)

                None)
        |> List.distinctBy fst

    static member private Leaves(names) : ChemiscopeValue list =
        match names with
        | Single property -> [ property ]
        | Several parts -> parts |> List.collect ChemiscopeValues.Leaves

    /// Particles × components, where any particle has a value.
    member private _.Column(name, names, first, finish) =
        let leaves = ChemiscopeValues.Leaves names
        let width = leaves |> List.sumBy _.Width

        let items = [|
            for particle in first .. finish - 1 do
                for leaf in leaves do
                    let value = leaf.At particle

                    if isMissing value then
                        yield! Array.create leaf.Width Unchecked.defaultof<JsonElement>
                    else
                        yield! flat value
        |]

        let isOf kind (item: JsonElement) = item.ValueKind = kind
        let isLogical (item: JsonElement) = isOf JsonValueKind.True item || isOf JsonValueKind.False item
        let all test = items |> Array.forall (fun item -> isMissing item || test item)
        let isWhole = items |> Array.forall (isMissing >> not)
        let made values = Some(ParticleColumn.create name width values)

        let integers () =
            items
            |> Array.choose (fun item ->
                match item.TryGetInt64() with
                | true, value -> Some value
                | false, _ -> None)


        if items |> Array.forall isMissing then
            None
        elif isWhole && all isLogical then
            made (ColumnValues.Logicals(items |> Seq.map (isOf JsonValueKind.True) |> ImmutableArray.CreateRange))
        elif all (isOf JsonValueKind.Number) then
            let whole = if isWhole then integers () else [||]
            let isTruth value = (value = 0L || value = 1L)

            if whole.Length < items.Length then
                items
                |> Seq.map (fun item -> if isMissing item then nan else item.GetDouble())
                |> ImmutableArray.CreateRange
                |> ColumnValues.Reals
                |> made
            elif leaves |> List.forall _.IsLogical && Array.forall isTruth whole then
                made (ColumnValues.Logicals(whole |> Seq.map ((=) 1L) |> ImmutableArray.CreateRange))
            else
                made (ColumnValues.Integers(ImmutableArray.CreateRange whole))
        elif all (isOf JsonValueKind.String) then
            items
            |> Seq.map (fun item -> if isMissing item then "-" else string (item.GetString()))
            |> ImmutableArray.CreateRange
            |> ColumnValues.Texts
            |> made
        else
            warn (mixed name)
            None

    /// The columns of a frame.
    member known.Columns(structure: int) : Result<ParticleColumn list, AniSoapError> =
        let first, finish = starts[structure], starts[structure + 1]

        if first = finish then
            Ok []
        else
            atoms.Value
            |> Result.bind (fun atoms ->
                atoms
                |> Seq.choose (fun (name, names) -> known.Column(name, names, first, finish))
                |> Result.traverse id
                |> Result.map (List.ofArray >> List.distinctBy _.Name))
