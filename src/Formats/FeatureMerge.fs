namespace AniSoap

open System
open System.Text.Json
open AniSoap.Formats

/// Files of features as parts of one: whether they are, how their frames are numbered on, and what stands beside the
/// numbers of the whole.
module internal FeatureMerge =
    /// What frames are called: in tables, in blocks by key, and by the Python package.
    let private framesAreCalled = [ "frame"; "system"; "type" ]

    let private inputsOf (metadata: Map<string, string>) = metadata.TryFind "inputs"

    let private textsIn (json: string) =
        try
            use document = JsonDocument.Parse json

            [
                for item in document.RootElement.EnumerateArray() ->
                    Option.ofObj (item.GetString()) |> Option.defaultValue ""
            ]
        with
        | :? JsonException
        | :? InvalidOperationException -> [ json ]

    /// A JSON object's entries as texts; other texts are one entry without a name.
    let private entries (text: string) =
        match Metadata.ofJson text with
        | Ok entries -> entries
        | Error _ -> Map [ "", text ]

    let private refuse path parameter (value: string) (first: string) accepted =
        Error(InvalidValue(parameter, value, accepted + ", as in " + first, { Place.Unknown with Source = Some path }))

    /// The first entry that two texts of metadata differ in, with both values.
    let private difference name (one: string) (other: string) =
        let ones, others = entries one, entries other

        Seq.append ones.Keys others.Keys
        |> Seq.distinct
        |> Seq.tryPick (fun key ->
            let text (all: Map<string, string>) = all.TryFind key |> Option.defaultValue "nothing"

            if text ones = text others then
                None
            else
                Some((if key = "" then name else key), text ones, text others))

    /// Inputs, versions and targets may differ; all else that stands beside the numbers is the same in parts of one, and all have targets or none.
    let checkMetadata (first: string, expected: Map<string, string>) (path: string, metadata: Map<string, string>) =
        Seq.append expected.Keys metadata.Keys
        |> Seq.distinct
        |> Seq.filter (fun key ->
            key <> "inputs"
            && key <> "version"
            && not (key = FrameTargets.Entry && expected.ContainsKey key && metadata.ContainsKey key))
        |> Result.check (fun key ->
            match expected.TryFind key, metadata.TryFind key with
            | Some one, Some other ->
                match difference key one other with
                | None -> Ok()
                | Some(name, expected, found) -> refuse path name found first expected
            | Some one, None -> refuse path key "nothing" first one
            | None, found -> refuse path key (defaultArg found "") first "nothing")

    let private checkLabels path first what (expected: Labels) (labels: Labels) =
        if labels = expected then
            Ok()
        else
            let show (labels: Labels) = string labels.Count + " of " + String.Join(", ", labels.Names)

            // As many of the same names: what the first that differs is.
            let stray =
                if
                    labels.Count = expected.Count
                    && List.ofSeq labels.Names = List.ofSeq expected.Names
                then
                    Seq.init labels.Count id
                    |> Seq.tryFind (fun i -> not (labels[i].Values.SequenceEqual expected[i].Values))
                else
                    None

            match stray with
            | Some i -> refuse path what (TableColumns.nameOf labels[i]) first (TableColumns.nameOf expected[i])
            | None -> refuse path what (show labels) first (show expected)

    /// Whether a table has the columns and the kind of rows of the first.
    let checkTable (first: string, expected: TableLayout) (path: string, table: TensorBlock, precision: Precision) =
        if List.ofSeq table.Samples.Names <> expected.SampleNames then
            refuse
                path
                "names of rows"
                (String.Join(", ", table.Samples.Names))
                first
                (String.concat ", " expected.SampleNames)
        elif precision <> expected.Precision then
            refuse path "precision" (string precision) first (string expected.Precision)
        else
            checkLabels path first "columns" expected.Properties table.Properties

    /// The metadata of the whole: inputs one after the other, those of several parts once.
    let joined (parts: Map<string, string> list) : Map<string, string> =
        let whole = parts.Head
        let distinct key = parts |> List.choose (Map.tryFind key) |> List.distinct

        let whole =
            match distinct "inputs" with
            | []
            | [ _ ] -> whole
            | several ->
                let json = several |> List.collect textsIn |> List.map JsonSerializer.Serialize
                whole.Add("inputs", "[" + String.concat "," json + "]")

        match distinct "version" with
        | []
        | [ _ ] -> whole
        | several -> whole.Add("version", String.concat ", " several)

    /// Numbers frames on from file to file. Files of the same inputs are parts of one run, whose numbers stay and must all
    /// be different; those of other inputs go on behind the last.
    type Numbering() =
        let seen = Collections.Generic.HashSet<int>()
        let mutable inputs: string option voption = ValueNone
        let mutable shift = 0
        let mutable last = -1

        /// What is added to the numbers of the frames of the next file.
        member _.Next(path: string, metadata: Map<string, string>, frames: int seq) : Result<int, AniSoapError> =
            let own = inputsOf metadata

            if inputs <> ValueSome own || own.IsNone then
                shift <- last + 1
                inputs <- ValueSome own

            let shift = shift
            let numbers = frames |> Seq.map (fun frame -> frame + shift) |> Seq.distinct |> Seq.toArray

            match numbers |> Array.tryFind seen.Contains with
            | Some number ->
                Error(
                    InvalidValue(
                        "frame",
                        string (number - shift),
                        "frames that no other part has",
                        { Place.Unknown with Source = Some path }
                    )
                )
            | None ->
                for number in numbers do
                    seen.Add number |> ignore
                    last <- max last number

                Ok shift

    /// The dimension of samples that is the frame.
    let frameDimension path (samples: Labels) : Result<int, AniSoapError> =
        match framesAreCalled |> List.tryFind samples.Names.Contains with
        | Some name -> Ok(samples.Dimension name)
        | None ->
            Error(
                InvalidValue(
                    "names of rows",
                    String.Join(", ", samples.Names),
                    "rows that name their frame (" + String.concat ", " framesAreCalled + ")",
                    { Place.Unknown with Source = Some path }
                )
            )

    let framesOf (dimension: int) (samples: Labels) : int seq = Seq.init samples.Count (fun i -> samples[i][dimension])

    let private shifted (changes: (int * int) list) (labels: Labels) : Labels =
        let values = labels.Values.ToArray()

        for dimension, shift in changes do
            for row in 0 .. labels.Count - 1 do
                let at = row * labels.Size + dimension
                values[at] <- values[at] + shift

        Labels.trusted labels.Names values

    let private concatenated (blocks: TensorBlock[]) (samples: Labels[]) =
        TensorBlock.ofOwned
            (Labels.trusted samples[0].Names (samples |> Array.map _.Raw |> Array.concat))
            blocks[0].Components
            blocks[0].Properties
            (blocks |> Array.map _.Raw |> Array.concat)

    let private joinBlocks (first: string) (parts: (string * int * TensorBlock)[]) =
        let blocks = parts |> Array.map (fun (_, _, block) -> block)
        let expected = blocks[0]
        let before = blocks |> Array.scan (fun rows block -> rows + block.Samples.Count) 0

        let check (path, _, block: TensorBlock) =
            checkLabels path first "columns" expected.Properties block.Properties
            |> Result.bind (fun () ->
                if List.ofSeq block.Samples.Names <> List.ofSeq expected.Samples.Names then
                    refuse
                        path
                        "names of rows"
                        (String.Join(", ", block.Samples.Names))
                        first
                        (String.Join(", ", expected.Samples.Names))
                elif Seq.toList block.Components <> Seq.toList expected.Components then
                    refuse path "components" "others" first "the same"
                elif Seq.toList block.Gradients.Keys <> Seq.toList expected.Gradients.Keys then
                    refuse
                        path
                        "gradients"
                        (String.Join(", ", block.Gradients.Keys))
                        first
                        (String.Join(", ", expected.Gradients.Keys))
                else
                    Ok())

        let gradient name =
            let all = blocks |> Array.map (fun block -> block.Gradients[name])

            // `sample` is a row of the features, `system` a frame.
            let samples =
                all
                |> Array.mapi (fun i gradient ->
                    let labels = gradient.Samples
                    let (_, shift, _) = parts[i]

                    shifted
                        [
                            for at in 0 .. labels.Size - 1 do
                                match labels.Names[at] with
                                | "sample" -> at, before[i]
                                | "system" -> at, shift
                                | _ -> ()
                        ]
                        labels)

            concatenated all samples

        parts
        |> Result.check check
        |> Result.bind (fun () ->
            parts
            |> Result.traverse (fun (path, shift, block) ->
                frameDimension path block.Samples
                |> Result.map (fun dimension -> shifted [ dimension, shift ] block.Samples)))
        |> Result.bind (concatenated blocks)
        |> Result.bind (fun whole ->
            (whole, expected.Gradients.Keys)
            ||> Result.fold (fun whole name ->
                gradient name
                |> Result.bind (fun gradient -> TensorBlock.withGradient name gradient whole)))

    /// Blocks by key of several files as one map, without its info.
    let joinMaps (parts: (string * Map<string, string> * TensorMap) list) : Result<TensorMap, AniSoapError> =
        let first, _, expected = parts.Head
        let numbering = Numbering()

        parts
        |> Result.traverse (fun (path, metadata, map) ->
            checkLabels path first "keys" expected.Keys map.Keys
            |> Result.bind (fun () ->
                map.Blocks
                |> Result.traverse (fun block ->
                    frameDimension path block.Samples
                    |> Result.map (fun dimension -> framesOf dimension block.Samples)))
            |> Result.bind (fun frames -> numbering.Next(path, metadata, Seq.concat frames))
            |> Result.map (fun shift -> path, shift, map))
        |> Result.bind (fun parts ->
            Seq.init expected.Count id
            |> Result.traverse (fun i ->
                joinBlocks first (parts |> Array.map (fun (path, shift, map) -> path, shift, map.Blocks[i]))))
        |> Result.bind (TensorMap.create expected.Keys)

    /// The metadata of the whole with the targets of all parts, whose frames are numbered as their rows are.
    let withTargets (parts: (string * Map<string, string>) list) (whole: Map<string, string>) =
        if not (whole.ContainsKey FrameTargets.Entry) then
            Ok whole
        else
            let numbering = Numbering()

            parts
            |> Result.traverse (fun (path, metadata) ->
                FrameTargets.ofMetadata metadata
                |> Result.bind (fun targets ->
                    let targets = Option.get targets

                    numbering.Next(path, metadata, targets.Frames)
                    |> Result.map (fun shift -> shift, targets))
                |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path }))
            |> Result.bind (List.ofArray >> FrameTargets.join)
            |> Result.map (FrameTargets.addTo whole)
