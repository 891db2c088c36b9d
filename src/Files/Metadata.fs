namespace AniSoap.Formats

open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open AniSoap

/// What stands beside the numbers of a file: texts by name. As JSON it is one object of strings (metatensor's
/// `info.json`).
module Metadata =
    /// A flat object of strings, indented by two as metatensor has it.
    let internal toFlatJson (metadata: Map<string, string>) : byte[] =
        use memory = new MemoryStream()

        let options =
            JsonWriterOptions(Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        use writer = new Utf8JsonWriter(memory, options)
        writer.WriteStartObject()
        metadata |> Map.iter (fun name text -> writer.WriteString(name, text))
        writer.WriteEndObject()
        writer.Flush()
        memory.ToArray()

    let private malformed found = Error(Malformed(found, "a JSON object of texts by name", Place.Unknown))

    let private entries ofValue (json: byte[]) =
        try
            use document = JsonDocument.Parse(System.ReadOnlyMemory json)

            if document.RootElement.ValueKind <> JsonValueKind.Object then
                malformed $"{string document.RootElement.ValueKind}"
            else
                document.RootElement.EnumerateObject()
                |> Result.traverse (fun property ->
                    ofValue property.Value |> Result.map (fun text -> property.Name, text))
                |> Result.map Map.ofArray
        with
        | :? JsonException as e ->
            let line = e.LineNumber.GetValueOrDefault() + 1L

            malformed (
                "no JSON, from byte "
                + string (e.BytePositionInLine.GetValueOrDefault())
                + " of line "
                + string line
                + " on"
            )
        | :? System.InvalidOperationException -> malformed "a text with half a character"

    let private text (value: JsonElement) =
        match value.GetString() with
        | null -> ""
        | text -> text

    /// Reads an object of strings and nothing else.
    let internal ofFlatJson (json: byte[]) : Result<Map<string, string>, AniSoapError> =
        json
        |> entries (fun value ->
            if value.ValueKind = JsonValueKind.String then
                Ok(text value)
            else
                malformed $"{string value.ValueKind}")

    let private isStructure (value: string) =
        (value.StartsWith '{' || value.StartsWith '[')
        && (try
                use document = JsonDocument.Parse value
                document.RootElement.ValueKind <> JsonValueKind.Undefined
            with :? JsonException ->
                false)

    /// An object in one line. Texts that are themselves JSON objects or arrays stand in it as such.
    let toJson (metadata: Map<string, string>) : string =
        use memory = new MemoryStream()
        let options = JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
        use writer = new Utf8JsonWriter(memory, options)
        writer.WriteStartObject()

        metadata
        |> Map.iter (fun name value ->
            if isStructure value then
                use document = JsonDocument.Parse value
                writer.WritePropertyName name
                document.WriteTo writer // without the line breaks that the text may have
            else
                writer.WriteString(name, value))

        writer.WriteEndObject()
        writer.Flush()
        Encoding.UTF8.GetString(memory.ToArray())

    /// The inverse of `toJson`: values that are not strings are given as their JSON text.
    let ofJson (json: string) : Result<Map<string, string>, AniSoapError> =
        Encoding.UTF8.GetBytes json
        |> entries (fun value ->
            Ok(
                if value.ValueKind = JsonValueKind.String then
                    text value
                else
                    value.GetRawText()
            ))
