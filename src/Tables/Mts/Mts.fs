namespace AniSoap

open System
open System.IO

/// metatensor's files (`.mts`): TensorMaps, single blocks and labels, with values as doubles. They are read from real numbers
/// of any type and byte order (`MtsFile` keeps the type, and complex numbers), members may be compressed; written are
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

    let private addLabels (zip: ZipWriter) name labels =
        let head = NpyHeader.bytesOf (NpyData.labelsHeader labels)
        NpyData.writeIntegers (zip.Begin(name, head.Length)) labels.Values
        zip.End head

    /// Whether singles hold the numbers of blocks.
    let private checkSingles precision (blocks: TensorBlock seq) =
        let range = SingleRange()

        let rec add (block: TensorBlock) =
            range.Add block.Values
            block.Gradients.Values |> Seq.iter add

        if precision = Precision.Single then
            Seq.iter add blocks

        range.Check()

    let rec private addBlock (zip: ZipWriter) precision buffer (prefix: string) isGradient (block: TensorBlock) =
        let element = Scalar(NpyData.scalarOf precision)
        let shape = [ for length in block.Shape -> int64 length ]
        let head = NpyHeader.bytesOf (NpyData.header element shape)

        NpyData.writeFloats precision buffer (zip.Begin($"{prefix}values.npy", head.Length)) block.Values
        |> Result.bind (fun () ->
            zip.End head
            addLabels zip $"{prefix}samples.npy" block.Samples

            block.Components
            |> Seq.iteri (fun j labels -> addLabels zip $"{prefix}components/{j}.npy" labels)

            if not isGradient then
                addLabels zip $"{prefix}properties.npy" block.Properties

            (Ok(), Map.toList block.Gradients)
            ||> List.fold (fun written (parameter, gradient) ->
                written
                |> Result.bind (fun () ->
                    addBlock zip precision buffer $"{prefix}gradients/{parameter}/" true gradient)))

    /// Writes a TensorMap to a stream that can seek.
    let writeStream (precision: Precision) (stream: Stream) (map: TensorMap) : Result<unit, AniSoapError> =
        checkSingles precision map.Blocks
        |> Result.bind (fun () ->
            let zip = ZipWriter stream
            let buffer = NpyData.newBuffer ()
            addLabels zip "keys.npy" map.Keys

            (Ok(), Seq.indexed map.Blocks |> Seq.toList)
            ||> List.fold (fun written (i, block) ->
                written
                |> Result.bind (fun () -> addBlock zip precision buffer $"blocks/{i}/" false block))
            |> Result.map (fun () ->
                if not map.Info.IsEmpty then
                    zip.Add("info.json", Metadata.toFlatJson map.Info)

                zip.Finish()))

    /// Writes a TensorMap to a file, which appears whole or not at all; one that exists is replaced only if asked for.
    let write (precision: Precision) (replace: bool) (path: string) (map: TensorMap) : Result<unit, AniSoapError> =
        AtomicFile.write replace path (fun stream -> writeStream precision stream map)

    /// Writes a block alone.
    let writeBlock
        (precision: Precision)
        (replace: bool)
        (path: string)
        (block: TensorBlock)
        : Result<unit, AniSoapError> =
        AtomicFile.write replace path (fun stream ->
            let zip = ZipWriter stream

            addBlock zip precision (NpyData.newBuffer ()) "" false block
            |> Result.map zip.Finish)

    /// Writes labels alone.
    let writeLabels (replace: bool) (path: string) (labels: Labels) : Result<unit, AniSoapError> =
        AtomicFile.write replace path (fun stream ->
            stream.Write(ReadOnlySpan(NpyHeader.bytesOf (NpyData.labelsHeader labels)))
            Ok(NpyData.writeIntegers stream labels.Values))

    /// Starts a TensorMap of rows that come one at a time, each to the block that its sample says. Memory does not grow
    /// with the rows; while the file is completed, the disk holds one block after the other twice.
    let rows (byKey: RowsByKey) (replace: bool) (path: string) (layout: RowLayout) : Result<IRowWriter, AniSoapError> =
        MtsRows.check layout byKey
        |> Result.bind (fun () -> RowFile.start replace path layout (fun file -> new MtsRows(layout, byKey, file)))
