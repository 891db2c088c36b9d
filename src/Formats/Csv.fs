namespace AniSoap

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Text
open AniSoap.Formats

/// Tables of features as text: the metadata as JSON in a comment, a line of column names, a line a row. Numbers have as
/// many digits as it takes to read them back exactly.
module Csv =
    let private marker = "# "

    [<Sealed>]
    type private Rows(layout: RowLayout, file: AtomicFile) =
        inherit RowFile(layout, file)

        // No number is longer than 32 bytes: −2.2250738585072014E-308 has 24.
        let line = Array.zeroCreate<byte>(33 * (layout.SampleNames.Length + layout.Properties.Count) + 1)

        do
            let columns =
                seq {
                    yield! layout.SampleNames

                    yield! Seq.map ColumnNames.ofProperty layout.Properties
                }

            let head =
                $"{marker}{Metadata.toJson layout.Metadata}\n"
                + String.concat "," columns
                + "\n"

            file.Stream.Write(ReadOnlySpan(Encoding.UTF8.GetBytes head))

        override _.Write(sample, values) =
            // Without a format: as many digits as it takes.
            let plain = ReadOnlySpan<char>()
            let invariant = CultureInfo.InvariantCulture
            let mutable at = 0
            let mutable written = 0
            let mutable tooLarge = nan

            for value in sample do
                value.TryFormat(line.AsSpan at, &written, plain, invariant) |> ignore
                at <- at + written
                line[at] <- byte ','
                at <- at + 1

            for value in values do
                match layout.Precision with
                | Precision.Double -> value.TryFormat(line.AsSpan at, &written, plain, invariant) |> ignore
                | Precision.Single ->
                    if Single.IsInfinity(single value) then
                        tooLarge <- value

                    (single value).TryFormat(line.AsSpan at, &written, plain, invariant) |> ignore

                at <- at + written
                line[at] <- byte ','
                at <- at + 1

            if Double.IsNaN tooLarge then
                line[at - 1] <- byte '\n'
                file.Stream.Write(line, 0, at)
                Ok()
            else
                Error(NpyData.tooLargeForSingle tooLarge)

        override _.Finish() = Ok()

    /// Starts a table. Columns are called after their labels, `l=0 n_1=2 …`.
    let rows (replace: bool) (path: string) (layout: RowLayout) : Result<IRowWriter, AniSoapError> =
        RowFile.start replace path layout (fun file -> new Rows(layout, file))

    // --- reading ----------------------------------------------------------------------------------------------------

    let private comment (line: string) =
        if line.StartsWith(marker, StringComparison.Ordinal) then
            Metadata.ofJson (line.Substring marker.Length)
        else
            Ok Map.empty

    /// Reads the metadata from the comment in the first line; there are none without it.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        Files.reading path (fun stream ->
            let reader = new LineReader(stream)

            if reader.ReadLine() then
                comment reader.Text
            else
                Ok Map.empty)

    /// The numbers of one line, samples first; the error is what stands there instead.
    let private readRow (reader: LineReader) (width: int) (samples: List<int>) (row: float[]) =
        let line = Span(reader.Buffer, reader.Start, reader.End - reader.Start)
        // Numbers end at white space.
        line.Replace(','B, ' 'B)
        let mutable at = reader.Start
        let mutable column = 0
        let mutable number = 0.0
        let mutable stray = None
        let mutable left = true

        while left && stray.IsNone do
            let behind = DecimalNumber.parse reader.Buffer at &number

            if behind < 0 || column = row.Length then
                stray <- Some column
            else
                if column >= width then
                    row[column] <- number
                elif number = Math.Floor number && abs number <= 2147483647.0 then
                    samples.Add(int number)
                else
                    stray <- Some column

                column <- column + 1
                left <- behind < reader.End
                at <- behind + 1

        if stray.IsNone && column < row.Length then
            stray <- Some column

        stray

    let private readRows (reader: LineReader) (columns: string[]) (width: int) =
        let samples, values = List<int>(), List<float>()
        let row = Array.zeroCreate<float> columns.Length
        let mutable failure = None

        while failure.IsNone && reader.ReadLine() do
            if not reader.IsBlank then
                match readRow reader width samples row with
                | None -> values.AddRange(ReadOnlySpan(row, width, row.Length - width))
                | Some column ->
                    let place = { Place.Unknown with Line = Some reader.Number }

                    let expected =
                        if column = columns.Length then
                            $"{columns.Length} numbers, as many as there are columns"
                        else
                            let kind = if column < width then "a whole number" else "a number"
                            $"{kind} in column '{columns[column]}'"

                    failure <- Some(Malformed("something else", expected, place))

        match failure with
        | Some error -> Error error
        | None -> Ok(samples.ToArray(), values.ToArray())

    /// Reads a table that was written here: a block of samples × properties, and the metadata.
    let read (path: string) : Result<TensorBlock * Map<string, string>, AniSoapError> =
        Files.reading path (fun stream ->
            let reader = new LineReader(stream)
            let mutable there = reader.ReadLine()

            let metadata =
                if there && reader.Text.StartsWith(marker, StringComparison.Ordinal) then
                    let found = comment reader.Text
                    there <- reader.ReadLine()
                    found
                else
                    Ok Map.empty

            if not there then
                Error(Malformed("the end of the file", "a line of column names", Place.Unknown))
            else
                let columns = reader.Text.Split ','

                metadata
                |> Result.bind (fun metadata ->
                    ColumnNames.parse (List.ofArray columns)
                    |> Result.mapError (AniSoapError.at { Place.Unknown with Line = Some reader.Number })
                    |> Result.bind (fun (names, properties) ->
                        readRows reader columns names.Length
                        |> Result.bind (fun (samples, values) ->
                            Labels.ofOwned names samples
                            |> Result.bind (fun samples -> TensorBlock.ofOwned samples [] properties values)))
                    |> Result.map (fun block -> block, metadata)))
