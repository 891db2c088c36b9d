namespace AniSoap.Formats

open System
open System.Collections.Immutable
open System.IO
open System.IO.Hashing
open System.Runtime.InteropServices
open PureHDF
open PureHDF.Filters
open PureHDF.Selections
open PureHDF.VOL.Native
open AniSoap

/// Holds the chunk that is being written and no other: rows come in order, and PureHDF's own cache keeps half a gigabyte.
[<Sealed>]
type internal OneChunk() =
    let mutable held = ValueNone

    // A chunk goes out by the action that came with it: PureHDF's write to the place of the chunk that they were given for,
    // whatever number they are told.
    let flush () =
        match held with
        | ValueSome struct (index: uint64, chunk: Memory<byte>, write: Action<uint64, Memory<byte>>) ->
            write.Invoke(index, chunk)
            held <- ValueNone
        | ValueNone -> ()

    interface IWritingChunkCache with
        member _.GetChunk(index, allocate, write) =
            match held with
            | ValueSome struct (current, chunk, _) when current = index -> chunk
            | _ ->
                flush ()
                let chunk = allocate.Invoke()
                held <- ValueSome struct (index, chunk, write)
                chunk

        member _.Flush _ = flush ()

/// How features stand in an HDF5 file. Labels are a dataset of integers, rows × dimensions, with the attribute `names`.
/// A table is the datasets `values`, `samples` and `properties` of the root; a TensorMap is the dataset `keys` and, below
/// `blocks/0`, `blocks/1`, …, the same datasets, `components/0`, … and `gradients/NAME`. Metadata are the root's attribute
/// `metadata`, a JSON object.
module internal Hdf5Writing =
    /// Bytes that are compressed as one.
    let private chunkBytes = 1 <<< 20

    /// For one dataset: its cache is its own.
    let private compression () =
        let filter (id: uint16) = H5Filter.op_Implicit id
        let filters = [ filter ShuffleFilter.Id; filter DeflateFilter.Id; filter Fletcher32Filter.Id ]
        H5DatasetCreation(OneChunk(), Collections.Generic.List filters)

    let private rowsOf columns size rows = max 1 (min rows (chunkBytes / max 1 (size * columns)))

    /// An array whose first axis is cut into chunks, which have checksums, or none where it is empty.
    let private chunks (shape: int list) size : uint32[] | null =
        let width = List.fold (*) 1 shape.Tail

        if shape.Head = 0 || width = 0 then
            null
        else
            [| uint32 (rowsOf width size shape.Head); yield! List.map uint32 shape.Tail |]

    let private dimensions (shape: int list) = shape |> List.map uint64 |> List.toArray

    let private dataset (shape: int list) size (values: Array) =
        match chunks shape size with
        | null -> H5Dataset(values, fileDims = dimensions shape)
        | chunks -> H5Dataset(values, chunks = chunks, fileDims = dimensions shape, datasetCreation = compression ())

    /// The attribute that holds the checksum of a text.
    let sumOf name = name + "_crc32"

    /// The CRC-32 of texts, which HDF5 keeps in a heap without a checksum: in UTF-8, with line ends between them.
    let textSum (texts: string seq) : uint32 =
        Crc32.HashToUInt32(ReadOnlySpan(Text.Encoding.UTF8.GetBytes(String.concat "\n" texts)))

    let private addSum name texts (owner: H5Object) = owner.Attributes[sumOf name] <- textSum texts

    let labels (labels: Labels) : H5Dataset =
        let all = dataset [ labels.Count; labels.Size ] 4 (labels.Values.ToArray())
        all.Attributes["names"] <- Seq.toArray labels.Names
        addSum "names" labels.Names all
        all

    let describe (metadata: Map<string, string>) (file: H5File) =
        let json = Metadata.toJson metadata
        file.Attributes["metadata"] <- json
        addSum "metadata" [ json ] file

    let private values precision (block: TensorBlock) : Result<H5Dataset, AniSoapError> =
        let shape = List.ofSeq block.Shape

        match precision with
        | Precision.Double -> Ok(dataset shape 8 (block.Values.ToArray()))
        | Precision.Single ->
            Precision.check precision block.Values
            |> Result.map (fun () -> dataset shape 4 (block.Values.ToArray() |> Array.map single))

    let rec private fill precision isGradient (group: H5Group) (block: TensorBlock) : Result<unit, AniSoapError> =
        values precision block
        |> Result.bind (fun values ->
            group["values"] <- values
            group["samples"] <- labels block.Samples

            if not isGradient then
                group["properties"] <- labels block.Properties

            if not block.Components.IsEmpty then
                let components = H5Group()

                block.Components
                |> Seq.iteri (fun j axis -> components[string j] <- labels axis)

                group["components"] <- components

            if block.Gradients.IsEmpty then
                Ok()
            else
                let gradients = H5Group()
                group["gradients"] <- gradients

                (Ok(), Map.toList block.Gradients)
                ||> List.fold (fun written (parameter, gradient) ->
                    written
                    |> Result.bind (fun () ->
                        let group = H5Group()
                        gradients[parameter] <- group
                        fill precision true group gradient)))

    /// A map as the content of a file.
    let map (precision: Precision) (map: TensorMap) : Result<H5File, AniSoapError> =
        let file = H5File()
        describe map.Info file
        file["keys"] <- labels map.Keys
        let blocks = H5Group()
        file["blocks"] <- blocks

        (Ok(), Seq.indexed map.Blocks)
        ||> Seq.fold (fun written (i, block) ->
            written
            |> Result.bind (fun () ->
                let group = H5Group()
                blocks[string i] <- group
                fill precision false group block))
        |> Result.map (fun () -> file)

    /// What a file of that many rows is before their numbers are in it.
    let private copyRows
        (writer: H5NativeWriter)
        (dataset: H5Dataset<'T[]>)
        (source: Stream)
        (rows: int64)
        (columns: int)
        (atOnce: int)
        =
        let mutable row = 0L
        let mutable part: 'T[] = Array.zeroCreate (atOnce * columns)

        while row < rows do
            let count = int (min (int64 atOnce) (rows - row))

            if count < atOnce then
                part <- Array.zeroCreate (count * columns)

            source.ReadExactly(MemoryMarshal.AsBytes(Span part))
            let start, block = [| uint64 row; 0UL |], [| uint64 count; uint64 columns |]
            writer.Write(dataset, part, fileSelection = HyperslabSelection(2, start, block))
            row <- row + int64 count

    /// A table that is to be filled with rows, or an empty one.
    let private table<'T> (rows: int64) (columns: int) : struct (H5Dataset * H5Dataset<'T[]> | null * int) =
        let size = Marshal.SizeOf<'T>()

        if rows = 0L || columns = 0 then
            struct (H5Dataset(Array.empty<'T>, fileDims = [| uint64 rows; uint64 columns |]), null, 1)
        else
            let atOnce = rowsOf columns size (int (min rows (int64 Int32.MaxValue)))

            let dataset =
                H5Dataset<'T[]>(
                    fileDims = [| uint64 rows; uint64 columns |],
                    chunks = [| uint32 atOnce; uint32 columns |],
                    datasetCreation = compression ()
                )

            struct (dataset, dataset, atOnce)

    let private fillTable writer (dataset: H5Dataset<'T[]> | null) (source: Stream) rows columns atOnce =
        match dataset with
        | null -> ()
        | dataset ->
            source.Position <- 0L
            copyRows writer dataset source rows columns atOnce

    /// Writes a table from its rows' numbers, one after another in two streams.
    let tableOfRows (layout: TableLayout) (target: Stream) (rows: int64) (samples: Stream) (values: Stream) =
        let file = H5File()
        describe layout.Metadata file
        let columns, width = layout.Properties.Count, layout.SampleNames.Length

        let write (struct (dataset: H5Dataset, part: H5Dataset<'T[]> | null, atOnce)) =
            file["values"] <- dataset
            let struct (sampleData, samplePart, samplesAtOnce) = table<int> rows width
            sampleData.Attributes["names"] <- List.toArray layout.SampleNames
            addSum "names" layout.SampleNames sampleData
            file["samples"] <- sampleData
            file["properties"] <- labels layout.Properties
            Hdf5PackFilters.register ()
            use writer = file.BeginWrite target
            fillTable writer part values rows columns atOnce
            fillTable writer samplePart samples rows width samplesAtOnce

        match layout.Precision with
        | Precision.Double -> write (table<float> rows columns)
        | Precision.Single -> write (table<single> rows columns)

/// Writes a table a row at a time. HDF5 wants the number of rows first: they wait in files beside the target.
[<Sealed>]
type internal Hdf5Rows(layout: TableLayout, file: AtomicFile) =
    inherit TableWriter(layout, file)
    let mutable samples = Stream.Null
    let mutable values = Stream.Null

    override rows.Write(sample, row) =
        if rows.Rows = 0L then
            samples <- rows.NewSpill()
            values <- rows.NewSpill()

        rows.WriteIntegers(samples, sample)
        rows.WriteNumbers(values, row)

    override rows.Finish() =
        Foreign.writing "HDF5" file.Path (fun () ->
            Hdf5Writing.tableOfRows layout file.Stream rows.Rows samples values
            Ok())
