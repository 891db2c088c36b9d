namespace AniSoap

open System
open System.Collections.Generic
open System.Text.Json

/// The parameters of a chemiscope file's ellipsoids or spheres: of all, of each structure, of each particle; the more
/// special ones win. `starts` says where each structure's particles start among all.
[<Sealed>]
type internal ChemiscopeShapes
    private (name: string, isSphere: bool, global': JsonElement voption, structures, atoms, starts: int[]) =

    static let tryMember (key: string) (parent: JsonElement) =
        if parent.ValueKind = JsonValueKind.Object then
            match parent.TryGetProperty key with
            | true, value -> ValueSome value
            | false, _ -> ValueNone
        else
            ValueNone

    static let items (parent: JsonElement) key =
        match tryMember key parent with
        | ValueSome value when value.ValueKind = JsonValueKind.Array -> [| for item in value.EnumerateArray() -> item |]
        | _ -> [||]

    static let text value =
        match value with
        | ValueSome(value: JsonElement) when value.ValueKind = JsonValueKind.String -> string (value.GetString())
        | _ -> ""

    static let kind (group: JsonElement) = text (tryMember "kind" group)

    static let isUsable group =
        match kind group with
        | "ellipsoid"
        | "sphere" -> true
        | _ -> false

    /// What stands beside atoms rather than for them: a dipole's arrow is no particle.
    static let isDecoration kind =
        match kind with
        | "arrow"
        | "arrows"
        | "cylinder"
        | "cylinders" -> true
        | _ -> false

    /// The shapes that a combined one is made of, or the shape itself.
    static let parts (group: JsonElement) =
        if kind group = "combined" then
            items group "shapes"
        else
            [| group |]

    /// The part of a group that is ellipsoids, else the one that is spheres.
    static let usablePart group =
        let usable = parts group |> Array.filter isUsable

        usable
        |> Array.tryFind (fun part -> kind part = "ellipsoid")
        |> Option.orElse (Array.tryHead usable)

    /// The names that the viewer shows: `"shape": "a,b"` are two.
    static let shown (root: JsonElement) =
        match tryMember "settings" root |> ValueOption.bind (tryMember "structure") with
        | ValueNone -> []
        | ValueSome structure ->
            let viewers =
                if structure.ValueKind = JsonValueKind.Array then
                    Seq.truncate 1 (structure.EnumerateArray())
                else
                    Seq.singleton structure

            [
                for viewer in viewers do
                    for name in (text (tryMember "shape" viewer)).Split ',' do
                        if name.Trim() <> "" then
                            name.Trim()
            ]

    static let describe (name, group: JsonElement) =
        let kinds = parts group |> Array.map kind |> String.concat " and "

        match kind group with
        | "" -> name + " (no kind)"
        | "combined" -> name + " (combined of " + (if kinds = "" then "nothing" else kinds) + ")"
        | kind -> name + " (" + kind + ")"

    static let expected =
        "shapes of the kind ellipsoid or sphere, alone or combined, or other shapes given (--semiaxes, --diameters)"

    static let refuse found expected = Error(Malformed(found, expected, Place.Unknown))

    static let ofGroup (name: string) (group: JsonElement) (starts: int[]) =
        let isSphere = (kind group = "sphere")
        let frames, particles = starts.Length - 1, starts[starts.Length - 1]

        match tryMember "parameters" group with
        | ValueSome parameters when parameters.ValueKind = JsonValueKind.Object ->
            let structures, atoms = items parameters "structure", items parameters "atom"

            let unlike what (found: int) count =
                refuse
                    ("parameters of " + string found + " " + what + " in the shape " + name)
                    ("those of all " + string count)

            if structures.Length <> 0 && structures.Length <> frames then
                unlike "structures" structures.Length frames
            elif atoms.Length <> 0 && atoms.Length <> particles then
                unlike "atoms" atoms.Length particles
            else
                let all = tryMember "global" parameters
                Ok(ValueSome(ChemiscopeShapes(name, isSphere, all, structures, atoms, starts)))
        | _ -> refuse ("the shape " + name + " without parameters") "parameters: global, structure or atom"

    /// Whether parameters move the shapes away from the particles.
    static let hasPositions group =
        let isMoved place =
            match tryMember "position" place with
            | ValueSome value -> value.ValueKind = JsonValueKind.Array
            | ValueNone -> false

        match tryMember "parameters" group with
        | ValueSome parameters ->
            (tryMember "global" parameters |> ValueOption.exists isMoved)
            || Array.exists isMoved (items parameters "structure")
            || Array.exists isMoved (items parameters "atom")
        | ValueNone -> false

    let structures: JsonElement[] = structures
    let atoms: JsonElement[] = atoms

    let places structure atom = [
        if atoms.Length > 0 then
            atoms[atom]

        if structures.Length > 0 then
            structures[structure]

        match global' with
        | ValueSome place -> place
        | ValueNone -> ()
    ]

    let find structure atom key =
        let rec look places =
            match places with
            | [] -> ValueNone
            | place :: others ->
                match tryMember key place with
                | ValueSome value when value.ValueKind <> JsonValueKind.Null -> ValueSome value
                | _ -> look others

        look (places structure atom)

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

    /// What says nothing of the extent of a shape.
    static let isApart key =
        match key with
        | "scale"
        | "color"
        | "colour"
        | "opacity"
        | "position" -> true
        | _ -> false

    let measure = if isSphere then "radius" else "semiaxes"

    /// Parameters without the one that gives the extent: a point has none at all.
    let pointOf structure atom =
        let others =
            [
                for place in places structure atom do
                    if place.ValueKind = JsonValueKind.Object then
                        for item in place.EnumerateObject() do
                            if not (isApart item.Name) then
                                item.Name
            ]
            |> List.distinct

        match others with
        | [] -> Ok Vector3.zero
        | others ->
            refuse
                ("the parameters "
                 + String.Join(", ", others)
                 + " without "
                 + measure
                 + " in the shape "
                 + name)
                (measure + " for each particle, or no parameters for a point")

    /// The ellipsoids, else the spheres, of a file: those called `wanted`, else of those that the file's settings show,
    /// else the first. None where there are no shapes but ornaments; an error where there are shapes that are not
    /// understood, since they are no points.
    static member OfFile
        (root: JsonElement, wanted: string option, starts: int[], warn: string -> unit)
        : Result<ChemiscopeShapes voption, AniSoapError> =
        let groups =
            match tryMember "shapes" root with
            | ValueSome shapes when shapes.ValueKind = JsonValueKind.Object -> [
                for group in shapes.EnumerateObject() -> group.Name, group.Value
              ]
            | _ -> []

        let usable =
            groups
            |> List.choose (fun (name, group) -> usablePart group |> Option.map (fun part -> name, part))

        let take (name, group) =
            let others = groups |> List.filter (fun (other, _) -> other <> name)

            let unused =
                others
                |> List.filter (fun (_, group) -> parts group |> Array.exists (kind >> isDecoration >> not))

            if wanted.IsNone && not unused.IsEmpty then
                warn (
                    "the shapes are those called "
                    + name
                    + "; not used: "
                    + (unused |> List.map fst |> String.concat ", ")
                    + " (--shape-key names the ones to use)"
                )

            let apart =
                groups
                |> List.filter (fun (other, _) -> other = name)
                |> List.collect (fun (_, whole) -> parts whole |> Array.toList)
                |> List.filter (kind >> isDecoration >> not)

            if apart.Length > 1 then
                warn (
                    "of the shapes combined in "
                    + name
                    + " ("
                    + (apart |> List.map kind |> String.concat ", ")
                    + ") only the first "
                    + kind group
                    + " is used"
                )

            if hasPositions group then
                warn (
                    "the shape "
                    + name
                    + " gives positions of its own, which are not read: the shapes stand at the particles"
                )

            ofGroup name group starts

        match wanted with
        | Some wanted ->
            match usable |> List.tryFind (fun (name, _) -> name = wanted), groups with
            | Some group, _ -> take group
            | None, [] -> Error(AniSoapError.invalid "shape" wanted "the file has no shapes")
            | None, groups ->
                let known = groups |> List.map describe |> String.concat ", "
                Error(AniSoapError.invalid "shape" wanted ("one of ellipsoids or spheres; the file has " + known))
        | None ->
            let isEllipsoid (_, group) = (kind group = "ellipsoid")
            let names = shown root

            let chosen =
                names
                |> List.choose (fun name -> usable |> List.tryFind (fun (n, _) -> n = name))

            let preferred =
                List.filter isEllipsoid chosen
                @ chosen
                @ List.filter isEllipsoid usable
                @ usable

            match preferred, groups with
            | group :: _, _ -> take group
            | [], [] -> Ok ValueNone
            | [], groups ->
                let isOrnament (_, group) =
                    let parts = parts group
                    parts.Length > 0 && parts |> Array.forall (kind >> isDecoration)

                let known = groups |> List.map describe |> String.concat ", "

                if List.forall isOrnament groups then
                    warn ("the shapes " + known + " are not used: particles have none of their own")
                    Ok ValueNone
                else
                    refuse ("the shapes " + known) expected

    /// Orientation (x, y, z, w) of a particle, counted through all structures.
    member _.OrientationOf(structure: int, particle: int) : Result<float[], AniSoapError> =
        match find structure (starts[structure] + particle) "orientation" with
        | ValueNone -> Ok [| 0.0; 0.0; 0.0; 1.0 |]
        | ValueSome value -> numbers "orientation" 4 value

    /// Semi-axes of a particle; zeros where it has no shape.
    member _.SemiAxesOf(structure: int, particle: int) : Result<Vector3, AniSoapError> =
        let atom = starts[structure] + particle

        let scale =
            match find structure atom "scale" with
            | ValueNone -> Ok 1.0
            | ValueSome value -> number "scale" value

        let axes =
            match find structure atom measure with
            | ValueNone -> pointOf structure atom
            | ValueSome value when isSphere -> number "radius" value |> Result.map (fun r -> Vector3.create r r r)
            | ValueSome value ->
                numbers "semiaxes" 3 value
                |> Result.map (fun a -> Vector3.create a[0] a[1] a[2])

        match scale, axes with
        | Ok scale, Ok axes -> Ok(scale * axes)
        | Error error, _
        | _, Error error -> Error error
