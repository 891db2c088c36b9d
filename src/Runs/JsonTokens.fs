namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Globalization
open System.Text
open System.Text.Json
open AniSoap

/// A part of a JSON text: as it stands there, what it means if it is a text, and its line.
[<Struct; NoComparison; NoEquality>]
type internal JsonToken = { Kind: JsonTokenType; Raw: string; Text: string; Line: int64 }

/// JSON texts part by part, for readers that name the line of what they refuse.
module internal JsonTokens =
    /// All parts in their order, or what is no JSON.
    let tokens (json: byte[]) : Result<Queue<JsonToken>, AniSoapError> =
        let found = Queue<JsonToken>()
        let mutable reader = Utf8JsonReader(ReadOnlySpan json)
        let mutable line = 1L
        let mutable counted = 0

        try
            while reader.Read() do
                let start = int reader.TokenStartIndex

                line <-
                    line
                    + int64 (MemoryExtensions.Count(ReadOnlySpan(json, counted, start - counted), '\n'B))

                counted <- start

                let text =
                    match reader.TokenType with
                    | JsonTokenType.String
                    | JsonTokenType.PropertyName -> Option.ofObj (reader.GetString()) |> Option.defaultValue ""
                    | _ -> ""

                found.Enqueue {
                    Kind = reader.TokenType
                    Raw = Encoding.UTF8.GetString reader.ValueSpan
                    Text = text
                    Line = line
                }

            Ok found
        with
        | :? JsonException as problem ->
            let place = { Place.Unknown with Line = Some(problem.LineNumber.GetValueOrDefault() + 1L) }
            Error(Malformed("no valid JSON", "one object of hyperparameters", place))
        // What the reader throws for a text whose bytes are no UTF-8, or whose escapes are half a character.
        | :? InvalidOperationException ->
            let place = { Place.Unknown with Line = Some line }
            Error(Malformed("bytes that are no text", "JSON in UTF-8", place))

    let refuseValue (token: JsonToken) keyword value accepted =
        Error(InvalidValue(keyword, value, accepted, { Place.Unknown with Line = Some token.Line }))

    let refuse (token: JsonToken) keyword accepted =
        let value =
            match token.Kind with
            | JsonTokenType.StartObject -> "{…}"
            | JsonTokenType.StartArray -> "[…]"
            | _ -> token.Raw

        refuseValue token keyword value accepted

    let tryWhole (token: JsonToken) =
        match WholeNumber.tryInt token.Raw with
        | true, value when token.Kind = JsonTokenType.Number -> Some value
        | _ -> None

    let whole keyword token =
        match tryWhole token with
        | Some value -> Ok value
        | None -> refuse token keyword "a whole number"

    let number keyword (token: JsonToken) =
        match Double.TryParse(token.Raw, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value when token.Kind = JsonTokenType.Number && Double.IsFinite value -> Ok value
        | _ -> refuse token keyword "a number"

    let orNull read (token: JsonToken) =
        if token.Kind = JsonTokenType.Null then
            Ok None
        else
            read token |> Result.map Some

    let truth keyword (token: JsonToken) =
        match token.Kind with
        | JsonTokenType.True -> Ok true
        | JsonTokenType.False -> Ok false
        | _ -> refuse token keyword "true or false"

    let word keyword words (token: JsonToken) =
        if token.Kind = JsonTokenType.String && List.contains token.Text words then
            Ok token.Text
        else
            refuse token keyword (String.concat " or " words)

    /// The numbers of a list whose opening bracket has been taken.
    let wholes keyword accepted (rest: Queue<JsonToken>) =
        let rec take known =
            match rest.Dequeue() with
            | token when token.Kind = JsonTokenType.EndArray -> Ok(List.rev known)
            | token ->
                match tryWhole token with
                | Some value -> take (value :: known)
                | None -> refuse token keyword accepted

        take []

    /// How species are mixed into channels.
    let mixing (rest: Queue<JsonToken>) (token: JsonToken) =
        let accepted =
            "an object of channels and seed, or of weights: a list of numbers for every species, or null"

        let rec numbers known =
            match rest.Dequeue() with
            | one when one.Kind = JsonTokenType.EndArray -> Ok(List.rev known)
            | one ->
                number "weight in species_mixing" one
                |> Result.bind (fun value -> numbers (value :: known))

        let rec weights (known: Map<int, float list>) =
            let name = rest.Dequeue()

            if name.Kind = JsonTokenType.EndObject then
                Ok(SpeciesMixing.Weights known)
            else
                let list = rest.Dequeue()

                match WholeNumber.tryInt name.Text with
                | true, species when list.Kind = JsonTokenType.StartArray && not (known.ContainsKey species) ->
                    numbers [] |> Result.bind (fun values -> weights (known.Add(species, values)))
                | _ -> refuseValue name "species in species_mixing" name.Text accepted

        let rec take (known: Map<string, int>) =
            let name = rest.Dequeue()

            if name.Kind = JsonTokenType.EndObject then
                match known.TryFind "channels" with
                | Some channels -> Ok(Some(SpeciesMixing.Random(channels, defaultArg (known.TryFind "seed") 0)))
                | None -> refuseValue name "species_mixing" "an incomplete object" accepted
            else
                let value = rest.Dequeue()

                match name.Text with
                | "weights" when known.IsEmpty && value.Kind = JsonTokenType.StartObject ->
                    weights Map.empty
                    |> Result.bind (fun mixing ->
                        let behind = rest.Dequeue()

                        if behind.Kind = JsonTokenType.EndObject then
                            Ok(Some mixing)
                        else
                            refuseValue behind "species_mixing keyword" behind.Text accepted)
                | "channels"
                | "seed" when not (known.ContainsKey name.Text) ->
                    whole ("species_mixing " + name.Text) value
                    |> Result.bind (fun number -> take (known.Add(name.Text, number)))
                | _ -> refuseValue name "species_mixing keyword" name.Text accepted

        match token.Kind with
        | JsonTokenType.Null -> Ok None
        | JsonTokenType.StartObject -> take Map.empty
        | _ -> refuse token "species_mixing" accepted
