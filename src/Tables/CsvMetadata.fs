namespace AniSoap

open System
open System.Buffers
open System.IO
open System.Security.Cryptography
open System.Text.Encodings.Web
open System.Text.Json
open AniSoap.Formats

/// What stands beside a table of comma-separated values: its description in the W3C's form (CSV on the Web,
/// `NAME.csv-metadata.json`), with the metadata, and with the size and the SHA-256 of the table that they belong to.
module internal CsvMetadata =
    /// The name of the file beside a table.
    let pathOf (table: string) = table + "-metadata.json"

    /// Starts the file beside a table, whose path leads through no links any more.
    let create (table: string) (existing: Existing) : Result<AtomicFile, AniSoapError> =
        let path = pathOf table

        AtomicFile.Create(path, existing)
        |> Result.mapError (fun error ->
            match error with
            | Inaccessible(_, reason) -> Inaccessible(path, reason + " (the table's metadata would stand there)")
            | other -> other)

    // Names of properties that are not the W3C's are addresses.
    let private metadataKey = "urn:anisoap:metadata"
    let private bytesKey = "urn:anisoap:bytes"
    let private hashKey = "urn:anisoap:sha256"

    /// Wider tables have their columns in their own first line alone: the description would be as long as they are.
    let private mostColumns = 100_000

    /// No description of so many columns is longer.
    let private longest = 256L <<< 20

    let private writeColumns (writer: Utf8JsonWriter) (layout: TableLayout) =
        let column (title: string) (kind: string) =
            writer.WriteStartObject()
            writer.WriteString("titles", title)
            writer.WriteString("datatype", kind)
            writer.WriteEndObject()

        writer.WriteStartObject "tableSchema"

        if layout.Properties.Count <= mostColumns then
            writer.WriteStartArray "columns"

            for name in layout.SampleNames do
                column name "integer"

            let number =
                match layout.Precision with
                | Precision.Double -> "double"
                | Precision.Single -> "float"

            for property in layout.Properties do
                column (TableColumns.nameOf property) number

            writer.WriteEndArray()

        writer.WriteEndObject()

    /// Writes the description of a table of so many bytes with this hash.
    let write (layout: TableLayout) (table: string) (bytes: int64) (hash: string) (stream: Stream) : unit =
        let options =
            JsonWriterOptions(Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        use writer = new Utf8JsonWriter(stream, options)
        writer.WriteStartObject()
        writer.WriteString("@context", "http://www.w3.org/ns/csvw")
        writer.WriteString("url", Uri.EscapeDataString(string (Path.GetFileName table)))
        // A text: within an object the W3C wants addresses for names once more.
        writer.WriteString(metadataKey, Metadata.toJson layout.Metadata)
        writer.WriteNumber(bytesKey, bytes)
        writer.WriteString(hashKey, hash)
        writeColumns writer layout
        writer.WriteEndObject()
        writer.Flush()
        stream.WriteByte '\n'B

    // --- reading ----------------------------------------------------------------------------------------------------

    let private hashOf (stream: Stream) =
        use hash = SHA256.Create()
        Convert.ToHexStringLower(hash.ComputeHash stream)

    let private malformed path found =
        Error(
            Malformed(
                found,
                "the description that was written with the table (CSV on the Web)",
                { Place.Unknown with Source = Some path }
            )
        )

    let private unfit path table (what: string) =
        Error(
            Malformed(
                $"the description of another table: {Path.GetFileName(table: string)} has {what}",
                "a table that has not been changed since; remove the description, or write both again",
                { Place.Unknown with Source = Some path }
            )
        )

    let private textOf (root: JsonElement) (name: string) =
        match root.TryGetProperty name with
        | true, value when value.ValueKind = JsonValueKind.String -> Option.ofObj (value.GetString())
        | _ -> None

    let private parse path table (root: JsonElement) =
        if root.ValueKind <> JsonValueKind.Object then
            malformed path "JSON that is no object"
        else
            let bytes =
                match root.TryGetProperty bytesKey with
                | true, value when value.ValueKind = JsonValueKind.Number ->
                    match value.TryGetInt64() with
                    | true, bytes -> Some bytes
                    | _ -> None
                | _ -> None

            match textOf root metadataKey, bytes, textOf root hashKey with
            | Some metadata, Some bytes, Some hash ->
                use stream = File.OpenRead table

                if stream.Length <> bytes then
                    unfit path table $"{string stream.Length} bytes, not {string bytes}"
                elif not (String.Equals(hashOf stream, hash, StringComparison.OrdinalIgnoreCase)) then
                    unfit path table "another SHA-256"
                else
                    Metadata.ofJson metadata
                    |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path })
            // Another program's description: there is nothing of ours in it.
            | None, None, None -> Ok Map.empty
            | _ ->
                malformed
                    path
                    ("a description without one of "
                     + metadataKey
                     + ", "
                     + bytesKey
                     + " and "
                     + hashKey)

    /// The metadata beside a table, if there are any; an error where they are those of another table.
    let read (table: string) : Result<Map<string, string> option, AniSoapError> =
        // They are written beside the table that a link leads to; somebody may have copied them to the link's side.
        let beside =
            match PathStatus.target table with
            | Ok target when target <> Path.GetFullPath table -> [ pathOf target; pathOf table ]
            | Ok _
            | Error _ -> [ pathOf table ]

        match beside |> List.tryFind File.Exists with
        | None -> Ok None
        | Some path ->
            Files.guard path (fun () ->
                if FileInfo(path).Length > longest then
                    malformed path $"more than {string longest} bytes"
                else
                    try
                        use stream = File.OpenRead path
                        use document = JsonDocument.Parse stream
                        parse path table document.RootElement |> Result.map Some
                    with :? JsonException as e ->
                        let line =
                            (e.LineNumber.GetValueOrDefault() + 1L).ToString Globalization.CultureInfo.InvariantCulture

                        malformed path $"no JSON in line {line}")
