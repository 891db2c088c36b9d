namespace AniSoap

open AniSoap.Formats

/// Files of features of every format, by their endings, as one thing.
module FeatureFile =
    let private format (path: string) = Endings.featuresOf path |> Result.bind (fun ending -> ending.Format())

    /// Reads a file: values, the names of rows and columns, metadata. Tables that hold no names (`.npy`) count `row` and
    /// `column`.
    let read (path: string) : Result<FeatureSet, AniSoapError> =
        format path |> Result.bind (fun format -> format.Read path)

    /// Reads a file as blocks by key, a table as the blocks that it is of, metadata as their info.
    let readMap (path: string) : Result<TensorMap, AniSoapError> =
        read path
        |> Result.bind (fun features ->
            match features.Content with
            | FeatureContent.Blocks map -> Ok map
            | FeatureContent.Table table -> FeatureTable.toTensorMap features.Metadata table)

    /// Reads the metadata alone; `.npy` holds none.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        format path |> Result.bind (fun format -> format.ReadMetadata path)

    /// Starts a table in the format of the path's ending; `.mts`, whose rows need keys, is not among them.
    let rows (existing: Existing) (path: string) (layout: TableLayout) : Result<TableWriter, AniSoapError> =
        format path |> Result.bind (fun format -> format.Rows existing path layout)

    /// Adds all rows of a table.
    let internal appendRows (writer: TableWriter) (table: TensorBlock) : Result<unit, AniSoapError> =
        let rec append row =
            if row = table.Samples.Count then
                Ok()
            else
                match writer.Append(table.Samples[row].Values, table.Row(row, 0)) with
                | Ok() -> append (row + 1)
                | Error error -> Error error

        append 0

    let private writeTable (options: WriteOptions) path metadata (table: TensorBlock) =
        let layout = {
            SampleNames = List.ofSeq table.Samples.Names
            Properties = table.Properties
            Precision = options.Precision
            Metadata = metadata
        }

        rows options.Existing path layout
        |> Result.bind (fun writer ->
            use writer = writer
            appendRows writer table |> Result.bind writer.Complete)

    /// Writes what was read from a file, in the format of the path's ending. What that cannot hold is given back, for
    /// people: gradients in a table, everything but numbers in `.npy`.
    let writeSet (options: WriteOptions) (path: string) (features: FeatureSet) : Result<string list, AniSoapError> =
        Endings.featuresOf path
        |> Result.bind (fun ending ->
            ending.Format()
            |> Result.bind (fun format ->
                match format.WriteBlocks, features.Content with
                | Some write, FeatureContent.Blocks map -> write options path map |> Result.map (fun () -> [])
                | Some write, FeatureContent.Table table when ending.Endings = [ ".mts" ] ->
                    FeatureTable.toTensorMap features.Metadata table
                    |> Result.bind (write options path)
                    |> Result.map (fun () -> [])
                | _, content ->
                    match content with
                    | FeatureContent.Table table -> Ok(table, [])
                    | FeatureContent.Blocks map -> FeatureTable.ofTensorMap map
                    |> Result.bind (fun (table, lost) ->
                        writeTable options path features.Metadata table
                        |> Result.map (fun () -> [
                            yield! lost

                            if not ending.IsSelfDescribing then
                                "the names of rows and columns"

                                if not features.Metadata.IsEmpty then
                                    "the metadata"
                        ]))))

    /// Writes blocks by key, with their info as metadata, in the format of the path's ending: as blocks, or as one table.
    /// Gradients are refused where the format holds none.
    let writeWith (options: WriteOptions) (path: string) (map: TensorMap) : Result<unit, AniSoapError> =
        Endings.featuresOf path
        |> Result.bind (fun ending ->
            let hasGradients = map.Blocks |> Seq.exists (fun block -> not block.Gradients.IsEmpty)

            if hasGradients && not ending.HoldsBlocks then
                let holding = Endings.features |> List.filter _.HoldsBlocks |> List.collect _.Endings
                Error(AniSoapError.invalid "ending of a file with gradients" path (String.concat ", " holding))
            else
                writeSet options path (FeatureSet.ofMap map) |> Result.map ignore)

    /// Writes a new file, of doubles.
    let write (path: string) (map: TensorMap) : Result<unit, AniSoapError> = writeWith WriteOptions.defaults path map

    // --- several files as one ---------------------------------------------------------------------------------------

    let private isTable (path: string) =
        Endings.featuresOf path
        |> Result.map (fun ending -> ending.Endings <> [ ".mts" ])

    let private tableOf path (features: FeatureSet) =
        match features.Content with
        | FeatureContent.Table table -> Ok table
        | FeatureContent.Blocks _ ->
            Error(
                InvalidValue(
                    "content",
                    "blocks by key",
                    "a table, as in the first file",
                    { Place.Unknown with Source = Some path }
                )
            )

    /// Row by row: memory holds one file after the other.
    let private mergeTables existing output metadata (paths: string list) (first: FeatureSet) =
        tableOf paths.Head first
        |> Result.bind (fun table ->
            let layout = {
                SampleNames = List.ofSeq table.Samples.Names
                Properties = table.Properties
                Precision = FeatureSet.precision first
                Metadata = metadata
            }

            let numbering = FeatureMerge.Numbering()
            let sample = Array.zeroCreate<int> layout.SampleNames.Length

            let appendFile (writer: TableWriter) path (features: FeatureSet) =
                tableOf path features
                |> Result.bind (fun table ->
                    FeatureMerge.checkTable (paths.Head, layout) (path, table, FeatureSet.precision features)
                    |> Result.bind (fun () -> FeatureMerge.frameDimension path table.Samples)
                    |> Result.bind (fun dimension ->
                        numbering.Next(path, features.Metadata, FeatureMerge.framesOf dimension table.Samples)
                        |> Result.bind (fun shift ->
                            let rec append row =
                                if row = table.Samples.Count then
                                    Ok()
                                else
                                    table.Samples[row].Values.CopyTo(System.Span sample)
                                    sample[dimension] <- sample[dimension] + shift

                                    match writer.Append(System.ReadOnlySpan sample, table.Row(row, 0)) with
                                    | Ok() -> append (row + 1)
                                    | Error error -> Error error

                            append 0)))

            // A table without names of frames is refused before anything is written.
            FeatureMerge.frameDimension paths.Head table.Samples
            |> Result.bind (fun _ -> rows existing output layout)
            |> Result.bind (fun writer ->
                use writer = writer

                appendFile writer paths.Head first
                |> Result.bind (fun () ->
                    paths.Tail
                    |> Result.check (fun path -> read path |> Result.bind (appendFile writer path)))
                |> Result.bind writer.Complete))

    let private mergeMaps existing output metadata (paths: string list) (first: FeatureSet) =
        let precision = FeatureSet.precision first

        paths
        |> Result.traverse (fun path -> read path |> Result.map (fun features -> path, features))
        |> Result.bind (fun parts ->
            parts
            |> Result.traverse (fun (path, features) ->
                if FeatureSet.precision features <> precision then
                    Error(
                        InvalidValue(
                            "precision",
                            string (FeatureSet.precision features),
                            string precision + ", as in " + paths.Head,
                            { Place.Unknown with Source = Some path }
                        )
                    )
                else
                    match features.Content with
                    | FeatureContent.Blocks map -> Ok(path, features.Metadata, map)
                    | FeatureContent.Table table ->
                        FeatureTable.toTensorMap features.Metadata table
                        |> Result.map (fun map -> path, features.Metadata, map)))
        |> Result.bind (List.ofArray >> FeatureMerge.joinMaps)
        |> Result.bind (fun map ->
            writeWith { Existing = existing; Precision = precision } output (TensorMap.withInfo metadata map))

    /// Several files of features as one, in the format of the output's ending: the same columns and hyperparameters are
    /// demanded, and what differs is refused by name. Files of the same inputs are parts of one run, whose frames keep
    /// their numbers; those of other inputs are numbered on, as one run over all inputs has them. What it is then is the
    /// file of that run. Tables are read one after the other; blocks by key are all held.
    let merge (existing: Existing) (output: string) (paths: string seq) : Result<unit, AniSoapError> =
        let paths = List.ofSeq paths

        if paths.IsEmpty then
            Error(AniSoapError.invalid "files to merge" "none" "at least one")
        else
            paths
            |> Result.traverse readMetadata
            |> Result.bind (fun metadata ->
                let metadata = List.ofArray metadata

                List.zip paths metadata
                |> Result.check (FeatureMerge.checkMetadata (paths.Head, metadata.Head))
                |> Result.bind (fun () -> isTable output)
                |> Result.bind (fun isTable ->
                    read paths.Head
                    |> Result.bind (fun first ->
                        FeatureMerge.withTargets (List.zip paths metadata) (FeatureMerge.joined metadata)
                        |> Result.bind (fun whole ->
                            match first.Content with
                            | FeatureContent.Table _ when isTable -> mergeTables existing output whole paths first
                            | _ -> mergeMaps existing output whole paths first))))

    /// Adds the rows of more files to one, as `merge` does: it is replaced once all are there.
    let append (path: string) (more: string seq) : Result<unit, AniSoapError> =
        merge Existing.Replace path (Seq.append [ path ] more)
