namespace AniSoap.Learning

open System
open System.Collections.Generic
open System.IO
open System.Text.Json
open AniSoap
open AniSoap.Formats

/// Learners in files, one format for all: JSON that says what was learnt, of which columns and of which hyperparameters. Numbers read back to
/// themselves, so that a model out of a file gives the same bits as the one that was written.
module LearnedFile =
    [<Literal>]
    let private Format = "anisoap learner"

    [<Literal>]
    let private Version = 1

    let private write (model: LearnedModel) (stream: Stream) =
        use writer = new Utf8JsonWriter(stream, JsonWriterOptions(Indented = false))
        writer.WriteStartObject()
        writer.WriteString("format", Format)
        writer.WriteNumber("version", Version)
        writer.WriteString("method", LearnedModel.methodOf model)
        writer.WriteStartArray "targets"

        for name in model.Targets do
            writer.WriteStringValue name

        writer.WriteEndArray()
        writer.WriteBoolean("per_particle", model.PerParticle)
        writer.WriteStartObject "columns"
        writer.WriteStartArray "names"

        for name in model.Columns.Names do
            writer.WriteStringValue name

        writer.WriteEndArray()
        writer.WriteStartArray "values"

        for row in model.Columns do
            for value in row.Values.ToArray() do
                writer.WriteNumberValue value

        writer.WriteEndArray()
        writer.WriteEndObject()
        writer.WriteStartObject "metadata"

        for entry in model.Metadata do
            writer.WriteString(entry.Key, entry.Value)

        writer.WriteEndObject()
        writer.WriteStartObject "scaler"
        LearnedJson.writeNumbers writer "mean" model.Scaler.Mean
        LearnedJson.writeNumbers writer "factors" model.Scaler.Factors
        writer.WriteEndObject()
        writer.WriteStartObject "model"
        LearnedJson.writeLearner writer model.Learner
        writer.WriteEndObject()
        writer.WriteEndObject()

    /// Writes a learner to a file, whole or not at all.
    let save (existing: Existing) (path: string) (model: LearnedModel) : Result<unit, AniSoapError> =
        AtomicFile.Create(path, existing)
        |> Result.bind (fun file ->
            use file = file

            file.Write(fun stream -> write model stream)
            |> Result.bind (fun () -> file.Commit()))

    let private malformed path (found: string) expected =
        Error(Malformed(found, expected, { Place.Unknown with Source = Some path }))

    let private textOf (element: JsonElement) =
        match element.GetString() with
        | null -> raise (InvalidOperationException "a text")
        | text -> text

    let private texts (element: JsonElement) = [ for one in element.EnumerateArray() -> textOf one ]

    let private read path (root: JsonElement) : Result<LearnedModel, AniSoapError> =
        match root.TryGetProperty "format" with
        | true, format when format.ValueKind = JsonValueKind.String && format.GetString() = Format ->
            let version = root.GetProperty("version").GetInt32()

            if version > Version then
                malformed path (String.Concat("version ", string version)) "version 1; a newer release reads it"
            else
                let columns = root.GetProperty "columns"
                let values = [ for value in columns.GetProperty("values").EnumerateArray() -> value.GetInt32() ]

                Labels.ofValues (texts (columns.GetProperty "names")) values
                |> Result.bind (fun labels ->
                    let scaler = root.GetProperty "scaler"

                    let scaler: ScalerModel = {
                        Mean = LearnedJson.numbers scaler "mean"
                        Factors = LearnedJson.numbers scaler "factors"
                    }

                    if scaler.Mean.Length <> labels.Count || scaler.Factors.Length <> labels.Count then
                        malformed path "a scaler of another number of columns" "a mean and a factor for each column"
                    else
                        Ok {
                            Learner =
                                LearnedJson.learner
                                    (textOf (root.GetProperty "method"))
                                    labels.Count
                                    (root.GetProperty "model")
                            Scaler = scaler
                            Columns = labels
                            Metadata =
                                Map [
                                    for entry in root.GetProperty("metadata").EnumerateObject() ->
                                        entry.Name, textOf entry.Value
                                ]
                            Targets = texts (root.GetProperty "targets")
                            PerParticle = root.GetProperty("per_particle").GetBoolean()
                        })
        | _ ->
            malformed
                path
                "no learner"
                (String.Concat("JSON with the format '", Format, "', as `reduce` and `regress` write it"))

    /// The learner of a file. Refuses what `save` has not written.
    let load (path: string) : Result<LearnedModel, AniSoapError> =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory(File.ReadAllBytes path))
            read path document.RootElement
        with
        | :? JsonException as failure -> malformed path failure.Message "JSON"
        | :? KeyNotFoundException
        | :? InvalidOperationException
        | :? FormatException as failure -> malformed path failure.Message "the members that `LearnedFile.save` writes"
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error(Inaccessible(path, "does not exist"))
        | :? IOException as failure -> Error(Inaccessible(path, failure.Message))
        | :? UnauthorizedAccessException -> Error(Inaccessible(path, "it may not be read"))
