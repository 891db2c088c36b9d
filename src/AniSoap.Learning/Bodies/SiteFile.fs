namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.IO
open System.Text.Json
open AniSoap

/// Bodies made of sites in files of JSON.
module SiteFile =
    let private numbers (writer: Utf8JsonWriter) (values: float seq) =
        writer.WriteStartArray()

        for value in values do
            writer.WriteNumberValue value

        writer.WriteEndArray()

    let private writeBody (writer: Utf8JsonWriter) (body: SiteBody) =
        writer.WriteStartArray(string body.Species)

        for site in body.Sites do
            writer.WriteStartObject()
            writer.WritePropertyName "position"
            numbers writer [ site.Position.X; site.Position.Y; site.Position.Z ]
            writer.WriteString("type", site.Type)
            writer.WriteEndObject()

        writer.WriteEndArray()

    let private writeFunction (writer: Utf8JsonWriter) (f: SiteFunction) =
        writer.WriteStartObject()
        writer.WriteStartArray "types"
        writer.WriteStringValue f.First
        writer.WriteStringValue f.Second
        writer.WriteEndArray()

        let weights =
            match f.Form with
            | SiteForm.Exponentials(unit, weights) ->
                writer.WriteString("form", "exponentials")
                writer.WriteNumber("unit", unit)
                weights
            | SiteForm.Splines(start, spacing, weights) ->
                writer.WriteString("form", "splines")
                writer.WriteNumber("start", start)
                writer.WriteNumber("spacing", spacing)
                weights

        writer.WritePropertyName "weights"
        numbers writer weights
        writer.WriteNumber("nearest", f.Nearest)
        writer.WriteNumber("farthest", f.Farthest)
        writer.WriteEndObject()

    let private writeTrial (writer: Utf8JsonWriter) (trial: SiteTrial) =
        writer.WriteStartObject()
        writer.WriteNumber("species", trial.Species)
        writer.WriteNumber("sites", trial.Sites)
        writer.WriteNumber("types", trial.Types)
        writer.WriteNumber("training", trial.Training)
        writer.WriteNumber("held_out", trial.Validation)
        writer.WriteNumber("successes", trial.Successes)
        writer.WriteNumber("starts", trial.Starts)
        writer.WriteEndObject()

    let private readTrial (element: JsonElement) : SiteTrial =
        let whole (name: string) = element.GetProperty(name).GetInt32()
        let real (name: string) = element.GetProperty(name).GetDouble()

        {
            Species = whole "species"
            Sites = whole "sites"
            Types = whole "types"
            Training = real "training"
            Validation = real "held_out"
            Successes = whole "successes"
            Starts = whole "starts"
        }

    /// What was tried in training, where that was written down.
    let internal readTrials (element: JsonElement) : SiteTrial list =
        match element.TryGetProperty "trials" with
        | true, all -> [ for one in all.EnumerateArray() -> readTrial one ]
        | _ -> []

    /// Writes a potential of bodies, and what was tried before it was found, as a member of an object.
    let internal write (writer: Utf8JsonWriter) (sites: SitePotential) (trials: SiteTrial list) =
        writer.WriteStartObject "sites"
        writer.WriteNumber("cutoff_radius", sites.Cutoff.Radius)
        writer.WriteNumber("cutoff_smoothing_width", sites.Cutoff.SmoothingWidth)
        writer.WriteStartObject "bodies"

        for body in sites.Bodies do
            writeBody writer body

        writer.WriteEndObject()
        writer.WriteStartArray "functions"

        for f in sites.Functions do
            writeFunction writer f

        writer.WriteEndArray()
        // JSON has no numbers that are not finite.
        let finite =
            trials
            |> List.filter (fun trial -> Double.IsFinite trial.Training && Double.IsFinite trial.Validation)

        if not finite.IsEmpty then
            writer.WriteStartArray "trials"

            for trial in finite do
                writeTrial writer trial

            writer.WriteEndArray()

        writer.WriteEndObject()

    let private reals (element: JsonElement) = [ for one in element.EnumerateArray() -> one.GetDouble() ]

    let private readSite (element: JsonElement) : BodySite =
        match reals (element.GetProperty "position") with
        | [ x; y; z ] -> {
            Position = Vector3.create x y z
            Type =
                match element.GetProperty("type").GetString() with
                | null -> ""
                | name -> name
          }
        | _ -> raise (InvalidOperationException "three coordinates")

    let private readBodies (element: JsonElement) : Result<SiteBody list, AniSoapError> =
        [
            for entry in element.EnumerateObject() ->
                int entry.Name, [ for site in entry.Value.EnumerateArray() -> readSite site ]
        ]
        |> Result.traverse (fun (species, sites) -> SiteBody.create species sites)
        |> Result.map List.ofArray

    let private readFunction (element: JsonElement) : SiteFunction =
        let number (name: string) = element.GetProperty(name).GetDouble()
        let types = [ for one in element.GetProperty("types").EnumerateArray() -> string (one.GetString()) ]
        let weights = ImmutableArray.CreateRange(reals (element.GetProperty "weights"))

        {
            First = types[0]
            Second = types[1]
            Form =
                match element.GetProperty("form").GetString() with
                | "exponentials" -> SiteForm.Exponentials(number "unit", weights)
                | "splines" -> SiteForm.Splines(number "start", number "spacing", weights)
                | _ -> raise (InvalidOperationException "a form of radial functions")
            Nearest = number "nearest"
            Farthest = number "farthest"
        }

    let internal read (element: JsonElement) : Result<SitePotential, AniSoapError> =
        attempt {
            let! bodies = readBodies (element.GetProperty "bodies")

            let! cutoff =
                SiteCutoff.create
                    (element.GetProperty("cutoff_radius").GetDouble())
                    (element.GetProperty("cutoff_smoothing_width").GetDouble())

            let functions = [ for one in element.GetProperty("functions").EnumerateArray() -> readFunction one ]
            return! SitePotential.Create(bodies, functions, cutoff)
        }

    let private malformed path found expected =
        Error(Malformed(found, expected, { Place.Unknown with Source = Some path }))

    /// The bodies of a file: what `coarse-grain --sites-output` writes, or of a potential. Refuses other files.
    let bodies (path: string) : Result<SiteBody list, AniSoapError> =
        try
            use document = JsonDocument.Parse(ReadOnlyMemory(File.ReadAllBytes path))
            let sites = document.RootElement.GetProperty "sites"

            match sites.TryGetProperty "bodies" with
            | true, bodies -> readBodies bodies
            | _ -> readBodies sites
        with
        | :? JsonException as failure -> malformed path failure.Message "JSON"
        | :? Collections.Generic.KeyNotFoundException
        | :? InvalidOperationException
        | :? FormatException -> malformed path "no sites" "what `coarse-grain --sites-output` writes"
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error(Inaccessible(path, "does not exist"))
        | :? IOException as failure -> Error(Inaccessible(path, failure.Message))
        | :? UnauthorizedAccessException -> Error(Inaccessible(path, "it may not be read"))
