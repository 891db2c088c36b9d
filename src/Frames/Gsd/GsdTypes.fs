namespace AniSoap

open System
open System.Globalization
open System.Text
open System.Text.Json

/// The shape of a particle type.
type internal GsdShape =
    /// None is stated.
    | NoShape
    /// Semi-axes, and how the file spells the kind of shape.
    | Axes of Vector3 * kind: string
    /// A shape with the semi-axes of an ellipsoid that is none: a faceted ellipsoid, or one without a kind.
    | LikeEllipsoid of kind: string
    /// Polyhedra, meshes, unions of spheres.
    | OtherKind of kind: string

/// The shapes of particle types as GSD files state them: JSON texts in `particles/type_shapes`.
module internal GsdShapes =
    let private jsonOptions = JsonDocumentOptions(MaxDepth = 16)

    let private number (shape: JsonElement) (key: string) =
        match shape.TryGetProperty key with
        | true, value when value.ValueKind = JsonValueKind.Number -> Ok(value.GetDouble())
        | true, value -> Error(AniSoapError.invalid key (value.GetRawText()) "a number")
        | false, _ ->
            Error(Missing(key, "an Ellipsoid has the semi-axes a, b, c and a Sphere its diameter", Place.Unknown))

    let private hasNumber (shape: JsonElement) (key: string) =
        match shape.TryGetProperty key with
        | true, value -> value.ValueKind = JsonValueKind.Number
        | false, _ -> false

    let private isCalled (name: string) (kind: string) = String.Equals(kind, name, StringComparison.OrdinalIgnoreCase)

    let private ofObject (factor: float) (shape: JsonElement) =
        let kind =
            match shape.TryGetProperty "type" with
            | true, kind when kind.ValueKind = JsonValueKind.String -> string (kind.GetString())
            | _ -> ""

        if isCalled "Ellipsoid" kind then
            number shape "a"
            |> Result.bind (fun a ->
                number shape "b"
                |> Result.bind (fun b ->
                    number shape "c"
                    |> Result.map (fun c -> Axes(factor * Vector3.create a b c, kind))))
        elif isCalled "Sphere" kind then
            number shape "diameter"
            |> Result.map (fun diameter -> Axes(0.5 * diameter * Vector3.create 1.0 1.0 1.0, kind))
        elif List.forall (hasNumber shape) [ "a"; "b"; "c" ] then
            Ok(LikeEllipsoid kind)
        elif kind <> "" then
            Ok(OtherKind kind)
        else
            Ok NoShape

    /// Shows bytes that need not be a text.
    let private show (bytes: byte[]) = Encoding.UTF8.GetString(bytes, 0, min bytes.Length 200)

    let private malformed json =
        GsdHeader.malformed ("the shape " + show json) "a JSON object, like {\"type\": \"Sphere\", …}"

    /// The shape that a text states: its semi-axes are `factor` times an Ellipsoid's a, b, c, or half a Sphere's diameter.
    let read (factor: float) (json: byte[]) : Result<GsdShape, AniSoapError> =
        if Array.forall (fun byte -> byte = ' 'B) json then
            Ok NoShape
        elif not (Unicode.Utf8.IsValid(ReadOnlySpan json)) then
            malformed json
        else
            try
                use document = JsonDocument.Parse(ReadOnlyMemory json, jsonOptions)

                if document.RootElement.ValueKind = JsonValueKind.Object then
                    ofObject factor document.RootElement
                else
                    malformed json
            with
            | :? JsonException
            // Names and texts in the object that are no Unicode.
            | :? InvalidOperationException -> malformed json

    let private write = ShortestDecimal.text

    /// The text of a shape.
    let render (axes: Vector3) =
        if axes.X = axes.Y && axes.Y = axes.Z then
            "{\"type\": \"Sphere\", \"diameter\": " + write (2.0 * axes.X) + "}"
        else
            "{\"type\": \"Ellipsoid\", \"a\": "
            + write axes.X
            + ", \"b\": "
            + write axes.Y
            + ", \"c\": "
            + write axes.Z
            + "}"

/// Species numbers of the particle types of a GSD file.
module internal GsdTypes =
    /// The number in a name `6` or `6_2` (a further shape of species 6).
    let tryNumber (name: string) =
        let finish = name.IndexOf '_'
        let number = if finish < 0 then name else name.Substring(0, finish)
        let rest = if finish < 0 then "1" else name.Substring(finish + 1)
        let isIndex = rest.Length > 0 && Seq.forall Char.IsAsciiDigit rest

        match WholeNumber.tryInt number with
        | true, value when isIndex -> Some value
        | _ -> None

    /// Whether every type is called by a number, which is its species then.
    let areNumbers (names: string[]) = names |> Array.forall (fun name -> (tryNumber name).IsSome)

    /// The name of a species' `shape`-th shape, counted from 1; `species` gives it back.
    let name (species: int) (shape: int) =
        let number = species.ToString CultureInfo.InvariantCulture

        if shape = 1 then
            number
        else
            number + "_" + shape.ToString CultureInfo.InvariantCulture

    /// The species of each type: by the type map; else the numbers that the names spell, where every name spells one;
    /// else the types' own numbers, counted from 0. A number that a type has by itself stands for no other type.
    let species (typeMap: Map<string, int>) (names: string[]) : Result<int[], AniSoapError> =
        let spelled = names |> Array.map tryNumber
        let areNumbers = spelled |> Array.forall Option.isSome

        let own i = if areNumbers then spelled[i].Value else i

        let numbers =
            names
            |> Array.mapi (fun i name -> Map.tryFind name typeMap |> Option.defaultWith (fun () -> own i))

        let isMapped name = Map.containsKey name typeMap

        let clash =
            if areNumbers || not (Array.exists isMapped names) then
                None
            else
                let mapped =
                    names
                    |> Seq.map (fun name -> Map.tryFind name typeMap)
                    |> Seq.choose id
                    |> Set.ofSeq

                names
                |> Seq.indexed
                |> Seq.tryFind (fun (i, name) -> not (isMapped name) && mapped.Contains i)

        match clash with
        | Some(i, name) ->
            Error(
                AniSoapError.invalid
                    "type map"
                    i
                    ("numbers that no other type has: "
                     + string i
                     + " is that of type "
                     + name
                     + ", which the map leaves out")
            )
        | None -> Ok numbers
