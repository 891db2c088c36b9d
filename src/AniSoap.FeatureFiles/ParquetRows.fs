namespace AniSoap

open System
open System.Collections.Generic
open System.IO.Compression
open System.Threading.Tasks
open Parquet
open Parquet.Schema

/// Writes a table a row at a time: a column for each name of the sample (32-bit integers) and for each property (floating-point
/// numbers, called after its labels), in groups of rows that are all that memory holds. Metadata are the file's own
/// (`metadata`, a JSON object).
[<Sealed>]
type internal ParquetRows(layout: RowLayout, file: AtomicFile) =
    inherit RowFile(layout, file)

    /// Bytes of the numbers that wait until their group is full: larger groups compress better, and have fewer parts.
    static let groupBytes = 32 <<< 20

    let columns, width = layout.Properties.Count, layout.SampleNames.Length
    let capacity = Math.Clamp(groupBytes / (8 * columns + 4 * width), 1, 1 <<< 20)
    let values = Array.zeroCreate<float>(capacity * columns)
    let samples = Array.zeroCreate<int>(capacity * width)
    let mutable waiting = 0

    let wait (task: Task) = task.GetAwaiter().GetResult()

    let fields =
        let number name : Field =
            match layout.Precision with
            | Precision.Double -> DataField<float>(name, false)
            | Precision.Single -> DataField<single>(name, false)

        [|
            for name in layout.SampleNames -> DataField<int>(name, false) :> Field
            for property in layout.Properties -> number (ColumnNames.ofProperty property)
        |]

    let schema = ParquetSchema fields

    let writer =
        let options =
            ParquetOptions(CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Fastest)

        let writer = ParquetWriter.CreateAsync(schema, file.Stream, options).GetAwaiter().GetResult()
        writer.CustomMetadata <- Dictionary(dict [ "metadata", Metadata.toJson layout.Metadata ])
        writer

    let gather (source: 'T[]) stride column : 'T[] =
        let part = Array.zeroCreate waiting

        for row in 0 .. waiting - 1 do
            part[row] <- source[row * stride + column]

        part

    let writeGroup () =
        use group = writer.CreateRowGroup()
        let columnsOf = schema.DataFields

        for i in 0 .. width - 1 do
            wait (group.WriteAsync<int>(columnsOf[i], ReadOnlyMemory(gather samples width i)))

        for i in 0 .. columns - 1 do
            let part = gather values columns i
            let field = columnsOf[width + i]

            match layout.Precision with
            | Precision.Double -> wait (group.WriteAsync<float>(field, ReadOnlyMemory part))
            | Precision.Single -> wait (group.WriteAsync<single>(field, ReadOnlyMemory(Array.map single part)))

        waiting <- 0

    override _.Write(sample, row) =
        sample.CopyTo(Span(samples, waiting * width, width))
        row.CopyTo(Span(values, waiting * columns, columns))
        waiting <- waiting + 1

        let checkedRow =
            match layout.Precision with
            | Precision.Double -> Ok()
            | Precision.Single -> Foreign.checkSingles row

        if checkedRow.IsOk && waiting = capacity then
            Foreign.guard "Parquet" file.Path (fun () -> Ok(writeGroup ()))
        else
            checkedRow

    override _.Finish() =
        Foreign.guard "Parquet" file.Path (fun () ->
            if waiting > 0 then
                writeGroup ()

            Ok(wait (writer.DisposeAsync().AsTask())))
