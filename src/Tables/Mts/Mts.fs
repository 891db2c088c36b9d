namespace AniSoap.Formats

open System
open System.IO
open AniSoap

/// metatensor's files (`.mts`): TensorMaps, single blocks and labels, with values as doubles. They are read from real numbers
/// of any type and byte order, members may be compressed; written are
/// doubles or singles in stored members, as metatensor writes them.
module Mts =
    /// Reads a TensorMap from a stream that can seek; `source` is its name in errors.
    let readStream (source: string) (stream: Stream) : Result<TensorMap, AniSoapError> = MtsReader.map source stream

    /// Reads a TensorMap. Errors name the file and the member.
    let read (path: string) : Result<TensorMap, AniSoapError> = Files.reading path (MtsReader.map path)

    /// Reads a single block.
    let readBlock (path: string) : Result<TensorBlock, AniSoapError> = Files.reading path (MtsReader.block path)

    /// Reads labels, which metatensor saves as a bare NPY array of records.
    let readLabels (path: string) : Result<Labels, AniSoapError> = Files.reading path (MtsReader.labelsAlone path)

    /// Reads the info of a TensorMap alone.
    let readInfo (path: string) : Result<Map<string, string>, AniSoapError> =
        Files.reading path (MtsReader.infoAlone path)

    /// Whether singles hold the numbers of blocks: those of each, those of each of its gradients, and all of them.
    let private checkSingles precision (blocks: TensorBlock seq) =
        let range = SingleRange()

        let rec add (block: TensorBlock) =
            range.Add block.Values

            Precision.check precision block.Values
            |> Result.bind (fun () -> block.Gradients.Values |> Result.check add)

        if precision = Precision.Single then
            Result.check add blocks |> Result.bind range.Check
        else
            Ok()

    /// Writes a TensorMap to a stream that can seek.
    let writeStream (precision: Precision) (stream: Stream) (map: TensorMap) : Result<unit, AniSoapError> =
        checkSingles precision map.Blocks
        |> Result.bind (fun () ->
            let sink = MtsSink stream
            let buffer = NpyData.newBuffer ()
            sink.Labels("keys.npy", map.Keys)

            map.Blocks
            |> Seq.indexed
            |> Result.check (fun (i, block) -> sink.Block("blocks/" + string i + "/", precision, buffer, block, false))
            |> Result.map (fun () -> sink.Finish map.Info))

    /// Writes a TensorMap to a file, which appears whole or not at all.
    let writeWith (options: WriteOptions) (path: string) (map: TensorMap) : Result<unit, AniSoapError> =
        AtomicFile.write options.Existing path (fun stream -> writeStream options.Precision stream map)

    /// Writes a TensorMap to a new file, as doubles.
    let write (path: string) (map: TensorMap) : Result<unit, AniSoapError> = writeWith WriteOptions.defaults path map

    /// Writes a block alone.
    let writeBlock (options: WriteOptions) (path: string) (block: TensorBlock) : Result<unit, AniSoapError> =
        AtomicFile.write options.Existing path (fun stream ->
            checkSingles options.Precision [ block ]
            |> Result.bind (fun () ->
                let sink = MtsSink stream

                sink.Block("", options.Precision, NpyData.newBuffer (), block, false)
                |> Result.map (fun () -> sink.Finish Map.empty)))

    /// Writes labels alone.
    let writeLabels (existing: Existing) (path: string) (labels: Labels) : Result<unit, AniSoapError> =
        AtomicFile.write existing path (fun stream ->
            stream.Write(ReadOnlySpan(NpyHeader.bytesOf (NpyData.labelsHeader labels)))
            Ok(NpyData.writeIntegers stream labels.Values))

    /// Starts a TensorMap of rows that come one at a time, each to the block that its sample says. Memory does not grow
    /// with the rows; while the file is completed, the disk holds one block after the other twice.
    let internal rows
        (byKey: RowsByKey)
        (existing: Existing)
        (path: string)
        (layout: TableLayout)
        : Result<TableWriter, AniSoapError> =
        MtsRows.check layout byKey
        |> Result.bind (fun () ->
            TableWriter.Start(existing, path, layout, (fun file -> Ok(new MtsRows(layout, byKey, file)))))
