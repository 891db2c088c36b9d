namespace AniSoap

open System
open System.IO
open Parquet
open Parquet.Schema

/// Reads tables that `ParquetRows` writes, and the same after another program has saved them with columns that may be empty.
module internal ParquetReading =
    let private refuse found expected = Error(Malformed(found, expected, Place.Unknown))

    /// A column of a group of rows as doubles.
    let private column (group: ParquetRowGroupReader) (field: DataField) (rows: int) : Result<float[], AniSoapError> =
        let read (toFloat: 'T -> float) : Result<float[], AniSoapError> =
            if field.IsNullable then
                let part = Array.zeroCreate<Nullable<'T>> rows
                group.ReadAsync<'T>(field, Memory part).AsTask().GetAwaiter().GetResult()

                match part |> Array.tryFindIndex (fun value -> not value.HasValue) with
                | Some row -> refuse $"no value in row {row} of column '{field.Name}'" "a number in every row"
                | None -> Ok(part |> Array.map (fun value -> toFloat value.Value))
            else
                let part = Array.zeroCreate<'T> rows
                group.ReadAsync<'T>(field, Memory part).AsTask().GetAwaiter().GetResult()
                Ok(Array.map toFloat part)

        let held =
            match group.GetMetadata field with
            | null -> null
            | chunk -> chunk.MetaData

        match held with
        | null -> refuse $"column '{field.Name}' without its description" "an intact Parquet file"
        | held when held.NumValues <> int64 rows ->
            refuse $"{held.NumValues} values in column '{field.Name}'" $"{rows}, a value a row"
        | _ ->
            match field.ClrType with
            | t when t = typeof<float> -> read id
            | t when t = typeof<single> -> read (fun (x: single) -> float x)
            | t when t = typeof<int> -> read (fun (x: int) -> float x)
            | t when t = typeof<int64> -> read (fun (x: int64) -> float x)
            | other -> refuse $"column '{field.Name}' of {other.Name}" "floating-point numbers or integers"

    let private typeOf (field: DataField) =
        if field.ClrType = typeof<single> then
            ScalarType.Float32
        else
            ScalarType.Float64

    let metadata (reader: ParquetReader) : Result<Map<string, string>, AniSoapError> =
        match reader.CustomMetadata.TryGetValue "metadata" with
        | true, json -> Metadata.ofJson json
        | _ -> Ok Map.empty

    let private isWhole (value: float) = value = Math.Floor value && abs value <= 2147483647.0

    /// Puts the columns of all groups into the rows of two tables.
    let private fill (reader: ParquetReader) (fields: DataField[]) width (samples: int[]) (values: float[]) =
        let columns = fields.Length - width
        let mutable start = 0
        let mutable failure = None

        for i in 0 .. reader.RowGroupCount - 1 do
            if failure.IsNone then
                use group = reader.OpenRowGroupReader i
                let rows = int group.RowCount

                for c in 0 .. fields.Length - 1 do
                    if failure.IsNone then
                        match column group fields[c] rows with
                        | Error error -> failure <- Some error
                        | Ok part when c >= width ->
                            for row in 0 .. rows - 1 do
                                values[(start + row) * columns + c - width] <- part[row]
                        | Ok part ->
                            match part |> Array.tryFind (isWhole >> not) with
                            | Some stray ->
                                failure <-
                                    Some(
                                        AniSoapError.invalid
                                            $"value in column '{fields[c].Name}'"
                                            stray
                                            "32-bit integers"
                                    )
                            | None ->
                                for row in 0 .. rows - 1 do
                                    samples[(start + row) * width + c] <- int part[row]

                start <- start + rows

        match failure with
        | Some error -> Error error
        | None -> Ok()

    let table (stream: Stream) (reader: ParquetReader) : Result<FeatureSet, AniSoapError> =
        let fields = reader.Schema.DataFields
        let counts = [ for group in reader.RowGroups -> group.RowCount ]

        if reader.Schema.Fields.Count <> fields.Length || fields |> Array.exists _.IsArray then
            refuse "nested columns" "columns of numbers"
        elif counts |> List.exists (fun count -> count < 0L) then
            refuse "a group of a negative number of rows" "groups of rows"
        else
            ColumnNames.parse [ for field in fields -> field.Name ]
            |> Result.bind (fun (names, properties) ->
                let rows = counts |> Seq.fold (fun n count -> n + bigint count) 0I

                let total =
                    if rows > bigint Array.MaxLength then
                        refuse $"{rows} rows" $"at most {Array.MaxLength}"
                    else
                        Foreign.elements stream.Length 8 [ uint64 rows; uint64 fields.Length ]

                total
                |> Result.bind (fun _ -> ParquetCheck.pages stream reader)
                |> Result.bind (fun () ->
                    let samples = Array.zeroCreate<int>(int rows * names.Length)
                    let values = Array.zeroCreate<float>(int rows * properties.Count)

                    fill reader fields names.Length samples values
                    |> Result.bind (fun () -> Labels.ofOwned names samples)
                    |> Result.bind (fun samples -> TensorBlock.ofOwned samples [] properties values)
                    |> Result.bind (fun block ->
                        metadata reader
                        |> Result.map (fun metadata -> {
                            Content = FeatureContent.Table block
                            Metadata = metadata
                            Types =
                                fields[names.Length ..]
                                |> Seq.map typeOf
                                |> Seq.distinct
                                |> Seq.sort
                                |> Seq.toList
                        }))))

    /// Opens a file and reads it with `read`, which is given its stream too.
    let reading path (read: Stream -> ParquetReader -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        Foreign.guard "Parquet" path (fun () ->
            Files.reading path (fun stream ->
                ParquetCheck.footer stream
                |> Result.bind (fun () ->
                    let reader = ParquetReader.CreateAsync(stream: Stream).GetAwaiter().GetResult()

                    try
                        read stream reader
                    finally
                        reader.DisposeAsync().AsTask().GetAwaiter().GetResult())))
