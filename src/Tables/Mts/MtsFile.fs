namespace AniSoap

open System
open System.IO
open AniSoap.Formats

/// An `.mts` file as it is: values of every type, and the bytes of every member, so that it is written again the same.
/// For computing, `MtsFile.toTensorMap` (or `Mts.read` at once) gives doubles.
[<Sealed; NoComparison>]
type internal MtsFile internal (content: MtsContent, members: (string * byte[]) list) =
    /// What the file holds.
    member _.Content = content

    /// The names of the archive's members, in order; none where the file is bare labels.
    member _.Members = [
        for name, _ in members do
            if name <> "" then
                name
    ]

    member internal _.Raw = members

/// metatensor's files with numbers of any type.
module internal MtsFile =
    // Labels alone are no archive: their bytes are a member without a name.
    let private bare = ""

    let private npy (header: byte[]) (data: ReadOnlySpan<byte>) =
        let bytes = Array.zeroCreate<byte>(header.Length + data.Length)
        header.CopyTo(bytes, 0)
        data.CopyTo(Span(bytes, header.Length, data.Length))
        bytes

    let private labels (labels: Labels) =
        use data = new MemoryStream()
        NpyData.writeIntegers data labels.Values
        npy (NpyHeader.bytesOf (NpyData.labelsHeader labels)) (ReadOnlySpan(data.ToArray()))

    let rec private members prefix isGradient (block: MtsBlock) = [
        prefix + "values.npy", npy (ScalarArray.header block.Values) block.Values.Bytes.Span
        prefix + "samples.npy", labels block.Samples

        for j, axis in Seq.indexed block.Components do
            (prefix + "components/" + string j + ".npy"), labels axis

        if not isGradient then
            prefix + "properties.npy", labels block.Properties

        for KeyValue(parameter, gradient) in block.Gradients do
            yield! members $"{prefix}gradients/{parameter}/" true gradient
    ]

    /// A file of this content. Refuses blocks that are not as many as the keys or differ in their names.
    let create (content: MtsContent) : Result<MtsFile, AniSoapError> =
        match content with
        | LabelsOf all -> Ok(MtsFile(content, [ bare, labels all ]))
        | TensorBlockOf block -> Ok(MtsFile(content, members "" false block))
        | TensorMapOf(keys, blocks, info) ->
            MtsContent.check keys blocks
            |> Result.map (fun () ->
                let all = [
                    "keys.npy", labels keys

                    for i, block in List.indexed blocks do
                        yield! members $"blocks/{string i}/" false block

                    if not info.IsEmpty then
                        "info.json", Metadata.toFlatJson info
                ]

                MtsFile(content, all))

    /// Reads a file from a stream that can seek; `source` is its name in errors.
    let readStream (source: string) (stream: Stream) : Result<MtsFile, AniSoapError> =
        Files.guard source (fun () ->
            let start = stream.Position
            let first = stream.ReadByte()
            stream.Position <- start

            // The first byte of an NPY array; an archive starts with P.
            if first = 0x93 then
                MtsReader.labelsAlone source stream
                |> Result.map (fun labels ->
                    let bytes = Array.zeroCreate<byte>(int (stream.Length - start))
                    stream.Position <- start
                    stream.ReadExactly(bytes, 0, bytes.Length)
                    MtsFile(LabelsOf labels, [ bare, bytes ]))
            else
                MtsReader.archive source stream |> Result.map MtsFile)

    /// Reads a file. Errors name the file and the member.
    let read (path: string) : Result<MtsFile, AniSoapError> = Files.reading path (readStream path)

    /// Writes the file to a stream that can seek: its members as they were read, stored.
    let writeStream (stream: Stream) (file: MtsFile) : Result<unit, AniSoapError> =
        match file.Raw with
        | [ name, bytes ] when name = bare -> stream.Write(ReadOnlySpan bytes)
        | members ->
            let zip = ZipWriter stream
            members |> List.iter zip.Add
            zip.Finish()

        Ok()

    /// Writes the file, which appears whole or not at all; one that exists is replaced only if asked for.
    let write (existing: Existing) (path: string) (file: MtsFile) : Result<unit, AniSoapError> =
        AtomicFile.write existing path (fun stream -> writeStream stream file)

    /// The map with values as doubles. Refuses complex numbers, integers that no double is equal to, and files of a single
    /// block or labels.
    let toTensorMap (file: MtsFile) : Result<TensorMap, AniSoapError> =
        match file.Content with
        | TensorMapOf(keys, blocks, info) ->
            blocks
            |> Result.traverse MtsBlock.toTensorBlock
            |> Result.bind (TensorMap.create keys)
            |> Result.map (TensorMap.withInfo info)
        | TensorBlockOf _ -> NpyHeader.malformed "a single TensorBlock" "a TensorMap"
        | LabelsOf _ -> NpyHeader.malformed "labels alone" "a TensorMap"

    /// The file of a map, its values of 8 bytes.
    let ofTensorMap (map: TensorMap) : MtsFile =
        let blocks = [ for block in map.Blocks -> MtsBlock.ofTensorBlock block ]

        match create (TensorMapOf(map.Keys, blocks, map.Info)) with
        | Ok file -> file
        | Error error -> invalidOp (AniSoapError.describe error) // a map's blocks agree
