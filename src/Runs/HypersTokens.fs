/// Values of hyperparameters that are more than a number or a word, as their files have them.
module internal AniSoap.Formats.HypersTokens

open System.Collections.Generic
open System.Text.Json
open AniSoap

/// `max_radial`.
let maxRadial (rest: Queue<JsonToken>) (token: JsonToken) =
    let accepted = "a whole number, a list of them (one for each l), or null for coupled"

    match token.Kind, JsonTokens.tryWhole token with
    | JsonTokenType.Null, _ -> Ok RadialCount.Coupled
    | JsonTokenType.String, _ when token.Text = "coupled" -> Ok RadialCount.Coupled
    | JsonTokenType.Number, Some one -> Ok(RadialCount.Uniform one)
    | JsonTokenType.StartArray, _ ->
        JsonTokens.wholes "max_radial" accepted rest
        |> Result.map RadialCount.PerAngular
    | _ -> JsonTokens.refuse token "max_radial" accepted

/// `species`: null where they are those of the run.
let species (rest: Queue<JsonToken>) (token: JsonToken) =
    let accepted = "a list of different whole numbers"

    match token.Kind with
    | JsonTokenType.Null -> Ok None
    | JsonTokenType.StartArray ->
        JsonTokens.wholes "species" accepted rest
        |> Result.bind (fun numbers ->
            if numbers.IsEmpty || (List.distinct numbers).Length < numbers.Length then
                JsonTokens.refuseValue token "species" (numbers |> List.map string |> String.concat ",") accepted
            else
                Ok(Some(List.sort numbers)))
    | _ -> JsonTokens.refuse token "species" accepted

/// `radial_scaling`.
let scaling (rest: Queue<JsonToken>) (token: JsonToken) =
    let accepted = "an object with the numbers scale, rate and exponent, or null"

    let rec take (known: Map<string, float>) =
        let name = rest.Dequeue()

        if name.Kind = JsonTokenType.EndObject then
            match known.TryFind "scale", known.TryFind "rate", known.TryFind "exponent" with
            | Some scale, Some rate, Some exponent -> Ok(Some { Scale = scale; Rate = rate; Exponent = exponent })
            | _ -> JsonTokens.refuseValue name "radial_scaling" "an incomplete object" accepted
        else
            JsonTokens.number ("radial_scaling " + name.Text) (rest.Dequeue())
            |> Result.bind (fun value ->
                if
                    List.contains name.Text [ "scale"; "rate"; "exponent" ]
                    && not (known.ContainsKey name.Text)
                then
                    take (known.Add(name.Text, value))
                else
                    JsonTokens.refuseValue name "radial_scaling keyword" name.Text accepted)

    match token.Kind with
    | JsonTokenType.Null -> Ok None
    | JsonTokenType.StartObject -> take Map.empty
    | _ -> JsonTokens.refuse token "radial_scaling" accepted
