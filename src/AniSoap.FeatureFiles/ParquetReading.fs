namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// Reads tables that `ParquetRows` writes, and the same after another program has saved them: with columns that may be
/// empty, in another order, of other numbers, compressed and encoded otherwise.
module internal ParquetReading =
    let private refuse found expected = Error(Malformed(found, expected, Place.Unknown))

    let private numbersOf (column: ParquetColumn) =
        match column.Numbers with
        | Ok numbers -> Ok numbers
        | Error words -> refuse $"column '{column.Name}' of {words}" "floating-point numbers or integers"

    let metadata (description: ParquetDescription) : Result<Map<string, string>, AniSoapError> =
        match Map.tryFind "metadata" description.Entries with
        | Some json -> Metadata.ofJson json
        | None -> Ok Map.empty

    /// That the parts of all columns are inside the file and have a value a row.
    let private checkParts (stream: Stream) (description: ParquetDescription) =
        seq {
            for group in description.Groups do
                if group.Rows > 0L then
                    for i in 0 .. group.Chunks.Length - 1 do
                        let chunk, name = group.Chunks[i], description.Columns[i].Name

                        if chunk.Values <> group.Rows then
                            refuse
                                (string chunk.Values
                                 + " values in column '"
                                 + name
                                 + "' of "
                                 + string group.Rows
                                 + " rows")
                                "a value a row"
                        elif
                            chunk.Start < 4L
                            || chunk.Size < 0L
                            || chunk.Start > stream.Length
                            || chunk.Size > stream.Length - chunk.Start
                            || chunk.Size > int64 Array.MaxLength
                        then
                            refuse
                                ("column '"
                                 + name
                                 + "' at "
                                 + string chunk.Start
                                 + ", "
                                 + string chunk.Size
                                 + " bytes long, in a file of "
                                 + string stream.Length)
                                "an intact Parquet file"
                        elif not (ParquetCodecs.isKnown chunk.Codec) then
                            refuse
                                $"column '{name}' compressed by {ParquetCodecs.nameOf chunk.Codec}"
                                "none, Snappy, gzip, Brotli, Zstandard or LZ4"
        }
        |> Seq.tryHead
        |> Option.defaultValue (Ok())

    /// What is done with the values of one column in a group of rows: the rows before it, and the values.
    let private eachPart (stream: Stream) (description: ParquetDescription) column (take: int -> float[] -> unit) =
        numbersOf description.Columns[column]
        |> Result.map (fun numbers ->
            let mutable start = 0

            for group in description.Groups do
                if group.Rows > 0L then
                    ParquetPages.read
                        description.IsOurs
                        stream
                        description.Columns[column]
                        numbers
                        group.Chunks[column]
                        (int64 start)
                    |> take start

                start <- start + int group.Rows)

    let private each (items: int[]) (action: int -> int -> Result<unit, AniSoapError>) =
        Seq.indexed items |> Result.check (fun (place, item) -> action place item)

    let private isWhole (value: float) = value = Math.Floor value && value >= -2147483648.0 && value <= 2147483647.0

    let private readSamples stream (description: ParquetDescription) rows (columns: TableColumns) =
        let width = columns.SampleAt.Length
        let samples = Array.zeroCreate<int>(rows * width)
        let mutable stray = None

        each columns.SampleAt (fun place column ->
            eachPart stream description column (fun start part ->
                match part |> Array.tryFind (isWhole >> not) with
                | Some value when stray.IsNone -> stray <- Some(description.Columns[column].Name, value)
                | Some _ -> ()
                | None ->
                    for row in 0 .. part.Length - 1 do
                        samples[(start + row) * width + place] <- int part[row]))
        |> Result.bind (fun () ->
            match stray with
            | Some(name, value) -> Error(AniSoapError.invalid $"value in column '{name}'" value "32-bit integers")
            | None when width = 0 -> Labels.range "row" rows
            | None -> Labels.ofOwned columns.SampleNames samples)

    let private readValues stream description rows (columns: TableColumns) =
        let width = columns.PropertyAt.Length
        let values = Array.zeroCreate<float>(rows * width)

        each columns.PropertyAt (fun place column ->
            eachPart stream description column (fun start part ->
                for row in 0 .. part.Length - 1 do
                    values[(start + row) * width + place] <- part[row]))
        |> Result.map (fun () -> values)

    let private scalarOf (column: ParquetColumn) =
        match column.Numbers with
        | Ok numbers -> numbers.Scalar
        | Error _ -> ScalarType.Float64

    let table (stream: Stream) (description: ParquetDescription) : Result<FeatureSet, AniSoapError> =
        TableColumns.parse [ for column in description.Columns -> column.Name ]
        |> Result.bind (fun columns ->
            let rows = description.Groups |> Seq.fold (fun n group -> n + bigint group.Rows) 0I

            let total =
                if rows > bigint Array.MaxLength then
                    refuse $"{string rows} rows" $"at most {string Array.MaxLength}"
                else
                    Foreign.elements stream.Length 8 [ uint64 rows; uint64 description.Columns.Length ]

            total
            |> Result.bind (fun _ -> checkParts stream description)
            |> Result.bind (fun () -> readSamples stream description (int rows) columns)
            |> Result.bind (fun samples ->
                readValues stream description (int rows) columns
                |> Result.bind (TensorBlock.ofOwned samples [] columns.Properties))
            |> Result.bind (fun block ->
                metadata description
                |> Result.map (fun metadata -> {
                    Content = FeatureContent.Table block
                    Metadata = metadata
                    Types =
                        columns.PropertyAt
                        |> Seq.map (fun column -> scalarOf description.Columns[column])
                        |> Seq.distinct
                        |> Seq.sort
                        |> Seq.toList
                })))

    /// Opens a file and reads it with `read`, which is given its stream too.
    let reading path (read: Stream -> ParquetDescription -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        Foreign.reading "Parquet" path (fun stream ->
            try
                read stream (ParquetFooter.read stream)
            with
            | :? InvalidDataException as e -> refuse (e.Message.TrimEnd '.') "an intact Parquet file"
            | ParquetMissing(row, column) ->
                refuse ("no value in row " + string row + " of column '" + string column + "'") "a number in every row")
