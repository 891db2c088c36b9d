namespace AniSoap.Formats

open System.Text.Json
open AniSoap

/// The parameters of a chemiscope file's ellipsoids or spheres: of all, of each structure, of each particle; the more
/// special ones win.
[<Sealed>]
type internal ChemiscopeShapes private (isSphere: bool, global': JsonElement voption, structures, atoms) =
    static let tryArray (parent: JsonElement) (key: string) =
        match parent.TryGetProperty key with
        | true, value when value.ValueKind = JsonValueKind.Array ->
            Some [| for item in value.EnumerateArray() -> item |]
        | _ -> None

    static let kind (group: JsonElement) =
        match group.ValueKind, group.TryGetProperty "kind" with
        | JsonValueKind.Object, (true, value) when value.ValueKind = JsonValueKind.String -> string (value.GetString())
        | _ -> ""

    let structures: JsonElement[] = structures
    let atoms: JsonElement[] = atoms

    let look (place: JsonElement) (key: string) =
        if place.ValueKind = JsonValueKind.Object then
            match place.TryGetProperty key with
            | true, value -> ValueSome value
            | false, _ -> ValueNone
        else
            ValueNone

    let find structure atom key =
        let inAtom =
            if atom < atoms.Length then
                look atoms[atom] key
            else
                ValueNone

        let inStructure () =
            if structure < structures.Length then
                look structures[structure] key
            else
                ValueNone

        inAtom
        |> ValueOption.orElseWith inStructure
        |> ValueOption.orElseWith (fun () -> global' |> ValueOption.bind (fun place -> look place key))

    static let wrong key (value: JsonElement) expected =
        let text = value.GetRawText()

        let shown =
            if text.Length > 60 then
                text.Substring(0, 60) + "…"
            else
                text

        Error(AniSoapError.invalid key shown expected)

    let numbers key count (value: JsonElement) =
        let isNumber (item: JsonElement) = item.ValueKind = JsonValueKind.Number

        if
            value.ValueKind = JsonValueKind.Array
            && value.GetArrayLength() = count
            && Seq.forall isNumber (value.EnumerateArray())
        then
            Ok [| for item in value.EnumerateArray() -> item.GetDouble() |]
        else
            wrong key value (string count + " numbers")

    let number key (value: JsonElement) =
        if value.ValueKind = JsonValueKind.Number then
            Ok(value.GetDouble())
        else
            wrong key value "a number"

    /// The first group of ellipsoids, else of spheres, of a file.
    static member OfFile(root: JsonElement, warn: string -> unit) : ChemiscopeShapes voption =
        let groups =
            match root.TryGetProperty "shapes" with
            | true, shapes when shapes.ValueKind = JsonValueKind.Object -> [
                for group in shapes.EnumerateObject() -> group
              ]
            | _ -> []

        let ofKind name = groups |> List.filter (fun group -> kind group.Value = name)

        match ofKind "ellipsoid" @ ofKind "sphere" with
        | [] -> ValueNone
        | group :: others ->
            if not others.IsEmpty then
                warn (
                    "the shapes are those called "
                    + group.Name
                    + "; not used: "
                    + (others |> List.map _.Name |> String.concat ", ")
                )

            let isSphere = (kind group.Value = "sphere")

            match group.Value.TryGetProperty "parameters" with
            | true, parameters when parameters.ValueKind = JsonValueKind.Object ->
                let all =
                    match parameters.TryGetProperty "global" with
                    | true, value -> ValueSome value
                    | false, _ -> ValueNone

                let structures = tryArray parameters "structure" |> Option.defaultValue [||]
                let atoms = tryArray parameters "atom" |> Option.defaultValue [||]
                ValueSome(ChemiscopeShapes(isSphere, all, structures, atoms))
            | _ -> ValueNone

    /// Shape and orientation (x, y, z, w) of a particle, counted through all structures; zeros where it has no shape.
    member _.Of(structure: int, atom: int) : Result<Vector3 * float[], AniSoapError> =
        let scale =
            match find structure atom "scale" with
            | ValueNone -> Ok 1.0
            | ValueSome value -> number "scale" value

        let axes =
            match find structure atom (if isSphere then "radius" else "semiaxes") with
            | ValueNone -> Ok Vector3.zero
            | ValueSome value when isSphere -> number "radius" value |> Result.map (fun r -> Vector3.create r r r)
            | ValueSome value ->
                numbers "semiaxes" 3 value
                |> Result.map (fun a -> Vector3.create a[0] a[1] a[2])

        let orientation =
            match find structure atom "orientation" with
            | ValueNone -> Ok [| 0.0; 0.0; 0.0; 1.0 |]
            | ValueSome value -> numbers "orientation" 4 value

        match scale, axes, orientation with
        | Ok scale, Ok axes, Ok orientation -> Ok(scale * axes, orientation)
        | Error error, _, _
        | _, Error error, _
        | _, _, Error error -> Error error
