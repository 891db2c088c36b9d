namespace AniSoap.Formats

open System
open System.Text
open System.Text.Json
open AniSoap

/// The shapes of particle types as GSD files state them: JSON texts in `particles/type_shapes`.
module internal GsdShapes =
    let private jsonOptions = JsonDocumentOptions(MaxDepth = 16)

    let private number (shape: JsonElement) (key: string) =
        match shape.TryGetProperty key with
        | true, value when value.ValueKind = JsonValueKind.Number -> Ok(value.GetDouble())
        | true, value -> Error(AniSoapError.invalid key (value.GetRawText()) "a number")
        | false, _ ->
            Error(Missing(key, "an Ellipsoid has the semi-axes a, b, c and a Sphere its diameter", Place.Unknown))

    let private ofObject (factor: float) (shape: JsonElement) =
        match shape.TryGetProperty "type" with
        | true, kind when kind.ValueKind = JsonValueKind.String && kind.GetString() = "Ellipsoid" ->
            number shape "a"
            |> Result.bind (fun a ->
                number shape "b"
                |> Result.bind (fun b ->
                    number shape "c"
                    |> Result.map (fun c -> ValueSome(factor * Vector3.create a b c))))
        | true, kind when kind.ValueKind = JsonValueKind.String && kind.GetString() = "Sphere" ->
            number shape "diameter"
            |> Result.map (fun diameter -> ValueSome(0.5 * diameter * Vector3.create 1.0 1.0 1.0))
        | _ -> Ok ValueNone

    /// The semi-axes that a shape's text states: `factor` times an Ellipsoid's a, b, c, or half a Sphere's diameter.
    /// Polyhedra, meshes and an empty text are no shape here.
    let semiAxes (factor: float) (json: byte[]) : Result<Vector3 voption, AniSoapError> =
        let malformed () =
            GsdHeader.malformed
                ("the shape " + Encoding.UTF8.GetString json)
                "a JSON object, like {\"type\": \"Sphere\", …}"

        if Array.forall (fun byte -> byte = ' 'B) json then
            Ok ValueNone
        else
            try
                use document = JsonDocument.Parse(ReadOnlyMemory json, jsonOptions)

                if document.RootElement.ValueKind = JsonValueKind.Object then
                    ofObject factor document.RootElement
                else
                    malformed ()
            with :? JsonException ->
                malformed ()

    let private write (value: float) = value.ToString("R", Globalization.CultureInfo.InvariantCulture)

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
