namespace AniSoap

open System
open System.Globalization
open System.IO
open System.Security.Cryptography
open System.Text
open AniSoap.Formats

/// Writes a table of comma-separated values a row at a time, and its description beside it at the end. However many
/// columns there are, memory holds a small part of a line.
[<Sealed>]
type internal CsvRows(layout: TableLayout, path: string, file: AtomicFile, description: AtomicFile) =
    inherit TableWriter(layout, file)

    let longest = ShortestDecimal.Longest
    let buffer = Array.zeroCreate<byte> 65536
    let hash = IncrementalHash.CreateHash HashAlgorithmName.SHA256
    let mutable at = 0
    let mutable length = 0L

    let flush () =
        let part = ReadOnlySpan(buffer, 0, at)
        hash.AppendData part
        file.Stream.Write part
        length <- length + int64 at
        at <- 0

    let reserve count =
        if buffer.Length - at < count then
            flush ()

    let separator isLast =
        reserve 1
        buffer[at] <- if isLast then '\n'B else ','B
        at <- at + 1

    /// A name, in quotes where it has a comma or a quote itself.
    let name (text: string) =
        let quoted =
            if text.AsSpan().IndexOfAny(",\"\r\n") < 0 then
                text
            else
                "\"" + text.Replace("\"", "\"\"") + "\""

        let bytes = Encoding.UTF8.GetBytes quoted
        let mutable from = 0

        while from < bytes.Length do
            reserve 1
            let count = min (bytes.Length - from) (buffer.Length - at)
            Array.Copy(bytes, from, buffer, at, count)
            at <- at + count
            from <- from + count

    let last = layout.SampleNames.Length + layout.Properties.Count - 1

    do
        layout.SampleNames
        |> List.iteri (fun i text ->
            name text
            separator (i = last))

        for property in layout.Properties do
            name (TableColumns.nameOf property)
            separator (layout.SampleNames.Length + property.Position = last)

    // The last of a row that is too large for a single.
    let mutable tooLarge = nan

    /// Numbers of a row, from one of them on. Without a format: as many digits as it takes.
    let numbers first (values: ReadOnlySpan<float>) =
        let column = layout.SampleNames.Length + first
        let plain = ReadOnlySpan<char>()
        let invariant = CultureInfo.InvariantCulture
        let mutable written = 0

        for i in 0 .. values.Length - 1 do
            reserve longest

            match layout.Precision with
            | Precision.Double -> at <- at + ShortestDecimal.write values[i] (buffer.AsSpan at)
            | Precision.Single ->
                if Single.IsInfinity(single values[i]) then
                    tooLarge <- values[i]

                (single values[i]).TryFormat(buffer.AsSpan at, &written, plain, invariant)
                |> ignore

                at <- at + written

            separator (column + i = last)

    let writeNumbers = RowPiece(fun first values -> numbers first values)

    override rows.Write(sample, values) =
        let row = SparseRow.Dense values
        rows.WriteSparse(sample, &row)

    override rows.WriteSparse(sample, row) =
        let plain = ReadOnlySpan<char>()
        let mutable written = 0
        tooLarge <- nan

        for i in 0 .. sample.Length - 1 do
            reserve longest

            sample[i].TryFormat(buffer.AsSpan at, &written, plain, CultureInfo.InvariantCulture)
            |> ignore

            at <- at + written
            separator (i = last)

        rows.ForEachPiece(&row, writeNumbers)

        if Double.IsNaN tooLarge then
            Ok()
        else
            Error(Precision.tooLarge tooLarge)

    /// The table is on the disk, and then its description has its name, before the table gets its own.
    override _.Finish() =
        flush ()
        file.Stream.Flush true
        let sum = Convert.ToHexStringLower(hash.GetHashAndReset())

        Files.guard description.Path (fun () ->
            CsvMetadata.write layout path length sum description.Stream
            description.Commit())

    override _.Release() =
        hash.Dispose()
        description.Dispose()
