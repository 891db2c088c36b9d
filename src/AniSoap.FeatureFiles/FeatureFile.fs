namespace AniSoap

open System
open System.IO

/// The formats of files of features.
[<RequireQualifiedAccess>]
type FeatureFormat =
    | Npz
    | Npy
    | Csv
    | Mts
    | Hdf5
    | Parquet

/// Files of features of every format, by their endings, as one thing.
module FeatureFile =
    let private formats = [
        ".npz", FeatureFormat.Npz
        ".npy", FeatureFormat.Npy
        ".csv", FeatureFormat.Csv
        ".mts", FeatureFormat.Mts
        ".h5", FeatureFormat.Hdf5
        ".hdf5", FeatureFormat.Hdf5
        ".parquet", FeatureFormat.Parquet
    ]

    /// The endings of files of features.
    let endings: string list = List.map fst formats

    /// The format of a path by its ending, if it is one of features.
    let formatOf (path: string) : FeatureFormat option =
        formats
        |> List.tryFind (fun (ending, _) -> path.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
        |> Option.map snd

    let private format (path: string) =
        match formatOf path with
        | Some format -> Ok format
        | None ->
            let ending = string (Path.GetExtension path)
            Error(AniSoapError.invalid $"ending of {path}" $"'{ending}'" (String.concat ", " endings))

    let private doubles content metadata = { Content = content; Metadata = metadata; Types = [ ScalarType.Float64 ] }

    /// An array without labels as a table: rows and columns are counted.
    let private unlabelled (array: ScalarArray) =
        let shape = List.ofSeq array.Shape

        match shape with
        | [ rows; columns ] ->
            Labels.range "row" rows
            |> Result.bind (fun samples ->
                Labels.range "column" columns
                |> Result.bind (fun properties ->
                    ScalarArray.toFloats array
                    |> Result.bind (TensorBlock.ofOwned samples [] properties)))
            |> Result.map (fun table -> {
                Content = FeatureContent.Table table
                Metadata = Map.empty
                Types = [ array.Type ]
            })
        | _ -> Error(AniSoapError.invalid "shape" $"{array}" "two axes, rows and columns")

    let private inFile path result = Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path }) result

    /// Reads a file of any format: values, the names of rows and columns, metadata. Tables that hold no names (`.npy`) count
    /// `row` and `column`.
    let read (path: string) : Result<FeatureSet, AniSoapError> =
        format path
        |> Result.bind (fun format ->
            match format with
            | FeatureFormat.Npz ->
                Npz.readTable path
                |> Result.map (fun (block, metadata, scalarType) -> {
                    Content = FeatureContent.Table block
                    Metadata = metadata
                    Types = [ scalarType ]
                })
            | FeatureFormat.Npy -> Npy.readArray path |> Result.bind (unlabelled >> inFile path)
            | FeatureFormat.Csv ->
                Csv.read path
                |> Result.map (fun (block, metadata) -> doubles (FeatureContent.Table block) metadata)
            | FeatureFormat.Mts ->
                Files.reading path (MtsReader.mapAndTypes path)
                |> Result.map (fun (map, types) -> {
                    Content = FeatureContent.Blocks map
                    Metadata = map.Info
                    Types = types
                })
            | FeatureFormat.Hdf5 -> Hdf5File.read path
            | FeatureFormat.Parquet -> ParquetFile.read path)

    /// Reads the metadata alone; `.npy` holds none.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        format path
        |> Result.bind (fun format ->
            match format with
            | FeatureFormat.Hdf5 -> Hdf5File.readMetadata path
            | FeatureFormat.Parquet -> ParquetFile.readMetadata path
            | FeatureFormat.Npy -> Ok Map.empty
            | FeatureFormat.Npz
            | FeatureFormat.Csv
            | FeatureFormat.Mts -> SavedMetadata.read path)

    /// Starts a table in the format of the path's ending; `.mts`, whose rows need keys, is `Mts.rows`.
    let rows (replace: bool) (path: string) (layout: RowLayout) : Result<IRowWriter, AniSoapError> =
        format path
        |> Result.bind (fun format ->
            match format with
            | FeatureFormat.Npz -> Npz.rows replace path layout
            | FeatureFormat.Npy -> Npy.rows replace path layout
            | FeatureFormat.Csv -> Csv.rows replace path layout
            | FeatureFormat.Hdf5 -> Hdf5File.rows replace path layout
            | FeatureFormat.Parquet -> ParquetFile.rows replace path layout
            | FeatureFormat.Mts ->
                Error(AniSoapError.invalid "ending of a table" ".mts" "the other formats; Mts.rows writes .mts"))

    /// Single precision if that is what the numbers had: nothing is lost and nothing made up.
    let private precisionOf (features: FeatureSet) =
        match features.Types with
        | [ ScalarType.Float32 ] -> Precision.Single
        | _ -> Precision.Double

    let private writeTable precision replace path metadata (table: TensorBlock) =
        let layout = {
            SampleNames = List.ofSeq table.Samples.Names
            Properties = table.Properties
            Precision = precision
            Metadata = metadata
        }

        rows replace path layout
        |> Result.bind (fun writer ->
            use writer = writer

            let rec append row =
                if row = table.Samples.Count then
                    writer.Complete()
                else
                    match writer.Append(table.Samples[row].Values, table.Row(row, 0)) with
                    | Ok() -> append (row + 1)
                    | Error error -> Error error

            append 0)

    /// Writes features in the format of the path's ending, in the precision asked for or, if none is, in the one that they
    /// had. What the format cannot hold is given back, for people: gradients in a table, everything but numbers in `.npy`.
    let write
        (precision: Precision option)
        (replace: bool)
        (path: string)
        (features: FeatureSet)
        : Result<string list, AniSoapError> =
        let precision = precision |> Option.defaultWith (fun () -> precisionOf features)

        let asTable () =
            match features.Content with
            | FeatureContent.Table table -> Ok(table, [])
            | FeatureContent.Blocks map -> FeatureTable.ofTensorMap map

        format path
        |> Result.bind (fun format ->
            match format, features.Content with
            | FeatureFormat.Mts, FeatureContent.Blocks map ->
                Mts.write precision replace path map |> Result.map (fun () -> [])
            | FeatureFormat.Mts, FeatureContent.Table table ->
                FeatureTable.toTensorMap features.Metadata table
                |> Result.bind (Mts.write precision replace path)
                |> Result.map (fun () -> [])
            | FeatureFormat.Hdf5, FeatureContent.Blocks map ->
                Hdf5File.write precision replace path map |> Result.map (fun () -> [])
            | format, _ ->
                asTable ()
                |> Result.bind (fun (table, lost) ->
                    writeTable precision replace path features.Metadata table
                    |> Result.map (fun () -> [
                        yield! lost

                        if format = FeatureFormat.Npy then
                            "the names of rows and columns"

                            if not features.Metadata.IsEmpty then
                                "the metadata"
                    ])))
