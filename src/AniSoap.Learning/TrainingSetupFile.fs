namespace AniSoap.Learning

open System
open System.Collections.Immutable
open System.IO
open System.Text
open System.Text.Json
open AniSoap
open AniSoap.Formats

/// What training chose, in files of JSON. Numbers read back to themselves.
module TrainingSetupFile =
    [<Literal>]
    let private Format = "anisoap training"

    /// Rows, in the order of their factors.
    let private kinds = [ "energies"; "forces"; "torques"; "virials" ]

    let private finite (writer: Utf8JsonWriter) (name: string) (value: float) =
        if Double.IsFinite value then
            writer.WriteNumber(name, value)

    /// The setup as text: the same for the same setup.
    let toJson (setup: TrainingSetup) : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory, JsonWriterOptions(Indented = true, NewLine = "\n"))
         writer.WriteStartObject()
         writer.WriteString("format", Format)
         writer.WriteNumber("version", 1)
         writer.WriteStartArray "species"
         setup.Species |> List.iter writer.WriteNumberValue
         writer.WriteEndArray()

         setup.Hypers
         |> Option.iter (fun hypers ->
             writer.WriteStartObject "hypers"
             PotentialFile.writeHypers writer hypers
             writer.WriteEndObject())

         writer.WriteStartObject "rows"
         writer.WriteNumber("robustness", setup.Robustness)
         writer.WriteNumber("typical_force", setup.TypicalForce)
         writer.WriteNumber("typical_torque", setup.TypicalTorque)

         kinds
         |> List.iteri (fun kind name -> writer.WriteNumber(name, setup.RowFactors[kind]))

         writer.WriteEndObject()
         writer.WriteNumber("folds", setup.Folds)

         setup.Regularization
         |> Option.iter (fun value -> writer.WriteNumber("regularization", value))

         writer.WriteNumber("leaf_frames", setup.LeafFrames)
         writer.WriteNumber("largest_frame", setup.LargestFrame)
         writer.WriteStartObject "chosen_by"
         writer.WriteNumber("frames", setup.Fit.Frames)
         finite writer "regularization" setup.Fit.Regularization
         finite writer "held_out" setup.Fit.HeldOut
         writer.WriteEndObject()

         setup.Sites |> Option.iter (fun sites -> SiteFile.write writer sites [])

         writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray()) + "\n"

    /// Writes a setup to a file, whole or not at all.
    let save (existing: Existing) (path: string) (setup: TrainingSetup) : Result<unit, AniSoapError> =
        AtomicFile.write existing path (fun stream ->
            stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes(toJson setup)))
            Ok())

    let private read (root: JsonElement) : Result<TrainingSetup, AniSoapError> =
        let number (element: JsonElement) (name: string) = element.GetProperty(name).GetDouble()

        let optional (element: JsonElement) (name: string) =
            match element.TryGetProperty name with
            | true, value -> Some(value.GetDouble())
            | _ -> None

        let whole (element: JsonElement) (name: string) = element.GetProperty(name).GetInt32()

        let counted name value most =
            Refuse.unless (value >= 1 && value <= most) (fun () ->
                Refuse.count name value (String.Concat("1 to ", string most)))

        attempt {
            do! Refuse.unless (whole root "version" = 1) (fun () -> Refuse.count "version" (whole root "version") "1")

            let! sites =
                match root.TryGetProperty "sites" with
                | true, sites -> SiteFile.read sites |> Result.map Some
                | _ -> Ok None

            let rows, chosen = root.GetProperty "rows", root.GetProperty "chosen_by"
            let folds, leaf = whole root "folds", whole root "leaf_frames"
            let largest, robustness = whole root "largest_frame", number rows "robustness"
            let factors = kinds |> List.map (number rows)
            let typical = [ number rows "typical_force"; number rows "typical_torque" ]
            do! counted "folds" folds 100
            do! counted "leaf_frames" leaf (1 <<< 20)
            do! counted "largest_frame" largest Int32.MaxValue

            do!
                Refuse.unless (robustness >= 0.0 && robustness <= 1.0) (fun () ->
                    Refuse.number "robustness" robustness "0 to 1")

            do!
                factors @ typical @ Option.toList (optional root "regularization")
                |> Result.check (fun value ->
                    Refuse.unless (value >= 0.0 && Double.IsFinite value) (fun () ->
                        Refuse.number "rows, or regularization" value "finite numbers from 0"))

            return {
                Hypers =
                    match root.TryGetProperty "hypers" with
                    | true, hypers -> Some(PotentialFile.readHypers hypers)
                    | _ -> None
                Species = [ for one in root.GetProperty("species").EnumerateArray() -> one.GetInt32() ]
                Sites = sites
                Fit = {
                    Frames = whole chosen "frames"
                    Regularization = optional chosen "regularization" |> Option.defaultValue nan
                    HeldOut = optional chosen "held_out" |> Option.defaultValue nan
                }
                Robustness = robustness
                TypicalForce = typical[0]
                TypicalTorque = typical[1]
                RowFactors = ImmutableArray.CreateRange factors
                Folds = folds
                Regularization = optional root "regularization"
                LeafFrames = leaf
                LargestFrame = largest
            }
        }

    let private isOurs (root: JsonElement) =
        match root.TryGetProperty "format" with
        | true, format -> format.ValueKind = JsonValueKind.String && format.GetString() = Format
        | _ -> false

    /// The setup of a text; `source` names it in errors. Refuses what `toJson` has not written.
    let ofJson (source: string) (text: string) : Result<TrainingSetup, AniSoapError> =
        PotentialFile.parse source (Encoding.UTF8.GetBytes text) (fun root ->
            if isOurs root then
                read root
            else
                PotentialFile.malformed source "another format" Format)

    /// The setup of a file; none where the file is JSON of something else.
    let tryLoad (path: string) : Result<TrainingSetup option, AniSoapError> =
        PotentialFile.bytesOf path
        |> Result.bind (fun bytes ->
            PotentialFile.parse path bytes (fun root ->
                if isOurs root then
                    read root |> Result.map Some
                else
                    Ok None))

    /// The setup of a file. Refuses what `save` has not written.
    let load (path: string) : Result<TrainingSetup, AniSoapError> =
        tryLoad path
        |> Result.bind (fun found ->
            match found with
            | Some setup -> Ok setup
            | None -> PotentialFile.malformed path "another format" "what `train --choose` writes")
