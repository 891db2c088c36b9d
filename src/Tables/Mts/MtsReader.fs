namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open AniSoap.Formats

/// Reads what metatensor saves: a ZIP archive of NPY arrays (https://docs.metatensor.org, "serialization").
module internal MtsReader =
    let private array (zip: ZipReader) name read =
        zip.Read(
            name,
            fun stream length ->
                NpyHeader.read stream
                |> Result.bind (fun header -> read length header stream |> Result.map (fun data -> header, data))
        )

    let private labels zip name = array zip name NpyData.readLabels |> Result.map snd

    /// Deeper gradients of gradients than anyone takes; a limit for archives made to harm.
    let private deepest = 16

    /// The parameters that a block has gradients of: `prefix`gradients/NAME/samples.npy.
    let private parameters (zip: ZipReader) (prefix: string) =
        let start = prefix + "gradients/"

        zip.Names
        |> Seq.choose (fun name ->
            if name.StartsWith(start, StringComparison.Ordinal) then
                match name.Substring(start.Length).Split '/' with
                | [| parameter; "samples.npy" |] -> Some parameter
                | _ -> None
            else
                None)
        |> Seq.sortWith (fun a b -> String.CompareOrdinal(a, b))
        |> Seq.toList

    /// How blocks are made: their values read, put between their labels, and given gradients.
    type private Making<'values, 'block> = {
        Shape: 'values -> int64 list
        Read: int64 -> NpyHeader * byte[] -> Stream -> Result<'values, AniSoapError>
        Block: Labels -> Labels list -> Labels -> 'values -> Result<'block, AniSoapError>
        Properties: 'block -> Labels
        WithGradient: string -> 'block -> 'block -> Result<'block, AniSoapError>
    }

    let rec private readBlock make (zip: ZipReader) (prefix: string) (ownProperties: Labels option) depth =
        let place = { Place.Unknown with Source = Some $"{zip.Source}, {prefix}values.npy" }

        let readValues stream length =
            NpyHeader.readKeeping stream
            |> Result.bind (fun (header, kept) -> make.Read length (header, kept) stream)

        zip.Read($"{prefix}values.npy", readValues)
        |> Result.bind (fun values ->
            let shape = make.Shape values
            let axes = shape.Length

            if axes < 2 then
                Error(Malformed($"an array of {string axes} axes", "samples, components and properties", place))
            elif depth > deepest then
                Error(
                    Malformed("gradients of gradients, and so on", $"at most {string deepest} levels of them", place)
                )
            else
                labels zip $"{prefix}samples.npy"
                |> Result.bind (fun samples ->
                    [ 0 .. axes - 3 ]
                    |> Result.traverse (fun j -> labels zip $"{prefix}components/{string j}.npy")
                    |> Result.map List.ofArray
                    |> Result.bind (fun components ->
                        match ownProperties with
                        | Some properties -> Ok properties
                        | None -> labels zip $"{prefix}properties.npy"
                        |> Result.bind (fun properties ->
                            let counts = [ samples.Count ] @ List.map Labels.count components @ [ properties.Count ]

                            if List.map int64 counts <> shape then
                                let show shape = "(" + String.Join(", ", (shape: 'a list)) + ")"

                                Error(
                                    Malformed($"shape {show shape}", $"{show counts}, as the labels have it", place)
                                )
                            else
                                make.Block samples components properties values))))
        |> Result.bind (fun block -> Result.fold (readGradient make zip prefix depth) block (parameters zip prefix))
        |> Result.mapError (AniSoapError.at place)

    and private readGradient make zip prefix depth block parameter =
        readBlock make zip $"{prefix}gradients/{parameter}/" (Some(make.Properties block)) (depth + 1)
        |> Result.bind (fun gradient -> make.WithGradient parameter gradient block)

    /// Blocks of doubles; the types that they had are added to `types`.
    let private doubles (types: HashSet<ScalarType>) : Making<int64 list * float[], TensorBlock> = {
        Shape = fst
        Read =
            fun length (header, _) stream ->
                NpyData.inCOrder header (fun () -> NpyData.readFloats length header stream)
                |> Result.map (fun values ->
                    match NpyData.scalarType header with
                    | Ok struct (scalarType, _) -> types.Add scalarType |> ignore
                    | Error _ -> ()

                    header.Shape, values)
        Block =
            fun samples components properties (_, values) -> TensorBlock.ofOwned samples components properties values
        Properties = _.Properties
        WithGradient = TensorBlock.withGradient
    }

    /// Blocks of numbers as they are.
    let private scalars: Making<ScalarArray, MtsBlock> = {
        Shape = fun values -> [ for length in values.Shape -> int64 length ]
        Read =
            fun available (header, kept) stream ->
                NpyData.inCOrder header (fun () -> NpyData.readScalars available (header, kept) stream)
        Block = fun samples components properties values -> MtsBlock.create samples components properties values
        Properties = _.Properties
        WithGradient = MtsBlock.withGradient
    }

    let private info (zip: ZipReader) =
        if zip.Contains "info.json" then
            zip.Bytes "info.json"
            |> Result.bind (fun bytes ->
                Metadata.ofFlatJson bytes
                |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some $"{zip.Source}, info.json" }))
        else
            Ok Map.empty

    let private readMap make (zip: ZipReader) =
        let unlike found remedy = Error(Malformed(found, ("a TensorMap: blocks with keys" + remedy), Place.Unknown))

        if not (zip.Contains "keys.npy") then
            if zip.Contains "sample_names.npy" then
                unlike "a table of features, as .npz files hold it" ""
            elif zip.Contains "values.npy" then
                unlike "a single TensorBlock" " (metatensor.TensorMap(keys, [block]) makes one)"
            else
                unlike "another archive" ", in members keys.npy, blocks/0/values.npy, …"
        elif zip.Contains "blocks/0/values/data.npy" then
            unlike "the layout of equistore before 2023" " (save it again with metatensor)"
        else
            labels zip "keys.npy"
            |> Result.bind (fun keys ->
                [ 0 .. keys.Count - 1 ]
                |> Result.traverse (fun i -> readBlock make zip $"blocks/{string i}/" None 0)
                |> Result.bind (fun blocks -> info zip |> Result.map (fun info -> keys, List.ofArray blocks, info)))

    let labelsAlone source (stream: Stream) : Result<Labels, AniSoapError> =
        Files.guard source (fun () ->
            NpyHeader.read stream
            |> Result.bind (fun header -> NpyData.readLabels stream.Length header stream)
            |> Result.bind (fun labels ->
                if stream.ReadByte() >= 0 then
                    NpyHeader.malformed "more bytes" "the end of the file"
                else
                    Ok labels))

    /// The archive in a stream; labels, which metatensor saves by themselves as a bare array, are said to be that.
    let private archiveIn source (stream: Stream) expected read =
        Files.guard source (fun () ->
            let start = stream.Position
            let first = stream.ReadByte()
            stream.Position <- start

            if first = 0x93 then
                let found =
                    match labelsAlone source stream with
                    | Ok labels -> $"labels alone ({string labels})"
                    | Error _ -> "a single NumPy array"

                Error(Malformed(found, expected, { Place.Unknown with Source = Some source }))
            else
                ZipReader.reading source stream read)

    /// A map of doubles, and the types that they had.
    let mapAndTypes source stream : Result<TensorMap * ScalarType list, AniSoapError> =
        archiveIn source stream "a TensorMap: blocks with keys" (fun zip ->
            let types = HashSet()

            readMap (doubles types) zip
            |> Result.bind (fun (keys, blocks, info) ->
                TensorMap.create keys blocks |> Result.map (TensorMap.withInfo info))
            |> Result.map (fun map -> map, List.sort (List.ofSeq types)))

    let map source stream : Result<TensorMap, AniSoapError> = mapAndTypes source stream |> Result.map fst

    /// The info alone.
    let infoAlone source stream : Result<Map<string, string>, AniSoapError> =
        archiveIn source stream "a TensorMap: blocks with keys" info

    let block source stream : Result<TensorBlock, AniSoapError> =
        archiveIn source stream "a TensorBlock" (fun zip ->
            if zip.Contains "values.npy" then
                readBlock (doubles (HashSet())) zip "" None 0
            elif zip.Contains "keys.npy" then
                Error(Malformed("a TensorMap", "a TensorBlock alone", Place.Unknown))
            else
                Error(Malformed("another archive", "a TensorBlock (with a member values.npy)", Place.Unknown)))

    /// A map or a block as it is, and all members in their order.
    let archive source stream : Result<MtsContent * (string * byte[]) list, AniSoapError> =
        ZipReader.reading source stream (fun zip ->
            let content =
                if zip.Contains "keys.npy" || not (zip.Contains "values.npy") then
                    readMap scalars zip
                    |> Result.bind (fun (keys, blocks, info) ->
                        MtsContent.check keys blocks
                        |> Result.map (fun () -> TensorMapOf(keys, blocks, info)))
                else
                    readBlock scalars zip "" None 0 |> Result.map TensorBlockOf

            content
            |> Result.bind (fun content ->
                zip.Names
                |> Result.traverse (fun name -> zip.Bytes name |> Result.map (fun bytes -> name, bytes))
                |> Result.map (fun members -> content, List.ofArray members)))
