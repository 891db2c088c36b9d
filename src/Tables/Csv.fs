namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open System.Text
open AniSoap.Formats

/// Tables of features as comma-separated values: a line of column names, a line a row. Numbers have as many digits as it
/// takes to read them back exactly. The metadata stand beside the table, in `NAME.csv-metadata.json` (CSV on the Web).
module internal Csv =
    /// Starts a table, and the file of its metadata beside it; `existing` is for both. Columns are called after their labels,
    /// `l=0 n_1=2 …`.
    let rows (existing: Existing) (path: string) (layout: TableLayout) : Result<TableWriter, AniSoapError> =
        TableWriter.Start(
            existing,
            path,
            layout,
            fun file ->
                // Beside what is really written, whatever link led there: the table is found by either name then.
                CsvMetadata.create file.Path existing
                |> Result.bind (fun description ->
                    let made =
                        Files.guard path (fun () ->
                            Ok(new CsvRows(layout, file.Path, file, description) :> TableWriter))

                    if made.IsError then
                        description.Dispose()

                    made)
        )

    // --- reading ----------------------------------------------------------------------------------------------------

    /// A line of names and data is longer than any of frames: there may be millions of columns.
    let private longestLine = 1 <<< 30

    /// The fields of a line: where they start and end, without quotes. The byte behind each becomes white space.
    [<Sealed>]
    type private Fields(reader: LineReader) =
        let mutable at = 0
        let mutable start = 0
        let mutable finish = 0
        let mutable isLeft = false

        let isSpace (b: byte) = b = ' 'B || b = '\t'B

        /// Goes to the first field of the line.
        member _.Begin() =
            at <- reader.Start
            isLeft <- true

        /// Goes to the next field, if there is one.
        member _.Next() =
            if not isLeft then
                false
            else
                let buffer = reader.Buffer

                while at < reader.End && isSpace buffer[at] do
                    at <- at + 1

                if at < reader.End && buffer[at] = '"'B then
                    start <- at + 1
                    let mutable p = start

                    // A quote that is doubled is one of the text.
                    while p < reader.End
                          && (buffer[p] <> '"'B || (p + 1 < reader.End && buffer[p + 1] = '"'B)) do
                        p <- p + (if buffer[p] = '"'B then 2 else 1)

                    finish <- min p reader.End

                let from = if at < reader.End && buffer[at] = '"'B then finish else at
                let comma = ReadOnlySpan(buffer, from, reader.End - from).IndexOf ','B
                let behind = if comma < 0 then reader.End else from + comma

                // Behind the quote that closes a field nothing but the next comma can stand.
                let isQuoted =
                    at < reader.End
                    && buffer[at] = '"'B
                    && ReadOnlySpan(buffer, min (finish + 1) behind, behind - min (finish + 1) behind)
                        .IndexOfAnyExcept(' 'B, '\t'B)
                        <
                        0

                if not isQuoted then
                    start <- at
                    finish <- behind

                    while finish > start && isSpace buffer[finish - 1] do
                        finish <- finish - 1

                buffer[finish] <- ' 'B
                isLeft <- comma >= 0
                at <- behind + 1
                true

        member _.Start = start
        member _.End = finish

        member _.HasDigit =
            ReadOnlySpan(reader.Buffer, start, finish - start).IndexOfAnyInRange('0'B, '9'B)
            >= 0

        member _.Text = Encoding.UTF8.GetString(reader.Buffer, start, finish - start).Replace("\"\"", "\"")

    let private names (reader: LineReader) =
        let fields = Fields reader
        let found = List<string>()
        fields.Begin()

        while fields.Next() do
            found.Add fields.Text

        List.ofSeq found

    let private namesIn (line: string) =
        let bytes = Encoding.UTF8.GetBytes(line + "\n")
        use reader = new LineReader(new MemoryStream(bytes))
        if reader.ReadLine() then names reader else []

    let private shown (text: string) =
        if text.Length <= 40 then
            $"'{text}'"
        else
            $"'{text.Substring(0, 40)}…'"

    let private malformed (reader: LineReader) found expected =
        Error(Malformed(found, expected, { Place.Unknown with Line = Some reader.Number }))

    /// What to do with the fields of each row: −1 passes over one, others are places among samples, then among values.
    let private placesOf count (columns: TableColumns) =
        let places = Array.create count -1
        columns.SampleAt |> Array.iteri (fun place column -> places[column] <- place)

        columns.PropertyAt
        |> Array.iteri (fun place column -> places[column] <- columns.SampleAt.Length + place)

        places

    /// The numbers of one line.
    let private readRow (reader: LineReader) (fields: Fields) (names: string[]) (places: int[]) width (row: float[]) =
        let mutable column = 0
        let mutable number = 0.0
        let mutable stray = None
        fields.Begin()

        while stray.IsNone && fields.Next() do
            if column < places.Length && places[column] >= 0 then
                let isSample = places[column] < width

                if
                    fields.Start = fields.End
                    || DecimalNumber.parse reader.Buffer fields.Start &number <> fields.End
                    // Digits that are more than a double holds, which is not what infinity is written as.
                    || Double.IsInfinity number && fields.HasDigit
                    || isSample
                       && not (number = Math.Floor number && number >= -2147483648.0 && number <= 2147483647.0)
                then
                    let found =
                        if fields.Start = fields.End then
                            "nothing"
                        else
                            shown fields.Text

                    let kind =
                        if isSample then "a whole number"
                        elif Double.IsInfinity number then "a number up to 1.8e308"
                        else "a number"

                    stray <- Some(malformed reader $"{found} in column '{names[column]}'" kind)
                else
                    row[places[column]] <- number

            column <- column + 1

        match stray with
        | Some error -> error
        | None when column <> names.Length ->
            malformed reader $"a row of {string column} values" $"{string names.Length}, as many as there are columns"
        | None -> Ok()

    /// All rows, that in which the reader stands included if it is one.
    let private readRows (reader: LineReader) (names: string[]) (columns: TableColumns) isRow =
        let width = columns.SampleAt.Length
        let samples, values = List<int>(), List<float>()
        let row = Array.zeroCreate<float>(width + columns.PropertyAt.Length)
        let places = placesOf names.Length columns
        let fields = Fields reader
        let mutable failure = None
        let mutable going = isRow || reader.ReadLine()

        while failure.IsNone && going do
            if not reader.IsBlank then
                match readRow reader fields names places width row with
                | Ok() ->
                    for i in 0 .. width - 1 do
                        samples.Add(int row[i])

                    values.AddRange(ReadOnlySpan(row, width, row.Length - width))
                | Error error -> failure <- Some error

            going <- reader.ReadLine()

        match failure with
        | Some error -> Error error
        | None -> Ok(samples.ToArray(), values.ToArray())

    /// The comments before a table, without their marks; the reader stands behind them, if anything follows.
    let private comments (reader: LineReader) =
        let found = List<string>()
        let mutable there = reader.ReadLine()

        while there && (reader.IsBlank || reader.Buffer[reader.Start] = '#'B) do
            if not reader.IsBlank then
                found.Add(reader.Text.Substring(1).Trim())

            there <- reader.ReadLine()

        List.ofSeq found, there

    /// The metadata of tables of earlier versions, which had them as JSON in a comment.
    let private inComments (found: string list) =
        match found |> List.tryFind (fun text -> text.StartsWith '{') with
        | None -> Ok None
        | Some json ->
            match Metadata.ofJson json with
            | Ok metadata -> Ok(Some metadata)
            | Error _ ->
                Error(
                    Malformed(
                        $"the comment {shown json}, which is no JSON",
                        "metadata as a JSON object, or no comment in braces",
                        Place.Unknown
                    )
                )

    /// Reads the metadata from the file beside the table, which must fit it, or from a comment of the table as earlier
    /// versions wrote it; there are none without either.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        CsvMetadata.read path
        |> Result.bind (fun beside ->
            match beside with
            | Some metadata -> Ok metadata
            | None ->
                Files.reading path (fun stream ->
                    comments (new LineReader(stream, longestLine))
                    |> fst
                    |> inComments
                    |> Result.map (Option.defaultValue Map.empty)))

    /// Names of columns apart by something else than commas.
    let private checkSeparator (reader: LineReader) (names: string list) =
        match names with
        | [ single ] when single.Contains ';' || single.Contains '\t' ->
            let mark = if single.Contains ';' then "semicolons" else "tabulators"
            malformed reader $"columns apart by {mark}" "commas, and points in numbers (write.csv in R, not write.csv2)"
        | _ -> Ok()

    /// The columns of the line in which the reader stands, or of the last comment, as `numpy.savetxt` writes its header; and
    /// whether the line is a row then.
    let private header (reader: LineReader) there (comments: string list) =
        let ofComment otherwise =
            match List.tryLast comments |> Option.map namesIn with
            | Some names ->
                match TableColumns.parse names with
                | Ok columns -> Ok(names, columns, there)
                | Error _ -> otherwise
            | None -> otherwise

        if not there then
            ofComment (Error(Malformed("the end of the file", "a line of column names", Place.Unknown)))
        else
            // Reading the fields of a line changes it, which must not be where it may be a row.
            let found =
                if comments.IsEmpty then
                    names reader
                else
                    namesIn reader.Text

            match TableColumns.parse found with
            | Ok columns -> Ok(found, columns, false)
            | Error error ->
                let placed = AniSoapError.at { Place.Unknown with Line = Some reader.Number } error

                ofComment (checkSeparator reader found |> Result.bind (fun () -> Error placed))

    /// Reads a table: a block of samples × properties, and the metadata, unless those beside it are those of another table.
    let read (path: string) : Result<TensorBlock * Map<string, string>, AniSoapError> =
        Files.reading path (fun stream ->
            let reader = new LineReader(stream, longestLine)
            let comments, there = comments reader

            let metadata =
                match CsvMetadata.read path with
                | Ok(Some metadata) -> Ok metadata
                | Ok None
                | Error _ -> inComments comments |> Result.map (Option.defaultValue Map.empty)

            metadata
            |> Result.bind (fun metadata ->
                header reader there comments
                |> Result.bind (fun (names, columns, isRow) ->
                    readRows reader (List.toArray names) columns isRow
                    |> Result.bind (fun (samples, values) ->
                        (if columns.SampleAt.Length = 0 then
                             Labels.range "row" (values.Length / columns.PropertyAt.Length)
                         else
                             Labels.ofOwned columns.SampleNames samples)
                        |> Result.bind (fun samples -> TensorBlock.ofOwned samples [] columns.Properties values)))
                |> Result.map (fun block -> block, metadata)))
