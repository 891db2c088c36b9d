namespace AniSoap

open System
open System.IO
open System.IO.Compression

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

    let private fold (start: Result<'s, AniSoapError>) (items: 'i list) (step: 's -> 'i -> Result<'s, AniSoapError>) =
        (start, items)
        ||> List.fold (fun state item -> state |> Result.bind (fun state -> step state item))

    let rec private readBlock (zip: ZipReader) (prefix: string) (ownProperties: Labels option) depth =
        let place = { Place.Unknown with Source = Some $"{zip.Source}, {prefix}values.npy" }

        array zip $"{prefix}values.npy" NpyData.readFloats
        |> Result.bind (fun (header, values) ->
            let axes = header.Shape.Length

            if axes < 2 then
                Error(Malformed($"an array of {axes} axes", "samples, components and properties", place))
            elif depth > deepest then
                Error(Malformed("gradients of gradients, and so on", $"at most {deepest} levels of them", place))
            else
                labels zip $"{prefix}samples.npy"
                |> Result.bind (fun samples ->
                    fold (Ok []) [ 0 .. axes - 3 ] (fun known j ->
                        labels zip $"{prefix}components/{j}.npy" |> Result.map (fun c -> c :: known))
                    |> Result.map List.rev
                    |> Result.bind (fun components ->
                        match ownProperties with
                        | Some properties -> Ok properties
                        | None -> labels zip $"{prefix}properties.npy"
                        |> Result.bind (fun properties ->
                            let counts = [ samples.Count ] @ List.map Labels.count components @ [ properties.Count ]

                            if List.map int64 counts <> header.Shape then
                                let show shape = "(" + String.Join(", ", (shape: 'a list)) + ")"

                                Error(
                                    Malformed(
                                        $"shape {show header.Shape}",
                                        $"{show counts}, as the labels have it",
                                        place
                                    )
                                )
                            else
                                TensorBlock.ofOwned samples components properties values))))
        |> Result.bind (fun block -> fold (Ok block) (parameters zip prefix) (readGradient zip prefix depth))
        |> Result.mapError (AniSoapError.at place)

    and private readGradient zip prefix depth (block: TensorBlock) parameter =
        readBlock zip $"{prefix}gradients/{parameter}/" (Some block.Properties) (depth + 1)
        |> Result.bind (fun gradient -> TensorBlock.withGradient parameter gradient block)

    let private info (zip: ZipReader) =
        if zip.Contains "info.json" then
            zip.Read(
                "info.json",
                fun stream length ->
                    let bytes = Array.zeroCreate (int (min length 0x10000000L))
                    stream.ReadExactly(bytes, 0, bytes.Length)
                    Metadata.ofFlatJson bytes
            )
        else
            Ok Map.empty

    let private readMap (zip: ZipReader) =
        let unlike found remedy =
            Error(Malformed(found, $"a TensorMap (with a member keys.npy){remedy}", Place.Unknown))

        if not (zip.Contains "keys.npy") then
            if zip.Contains "values.npy" then
                unlike "a single TensorBlock" ": read it as a block"
            else
                unlike "another archive" ""
        elif zip.Contains "blocks/0/values/data.npy" then
            unlike "the layout of equistore before 2023" ": save it again with metatensor"
        else
            labels zip "keys.npy"
            |> Result.bind (fun keys ->
                fold (Ok []) [ 0 .. keys.Count - 1 ] (fun known i ->
                    readBlock zip $"blocks/{i}/" None 0 |> Result.map (fun block -> block :: known))
                |> Result.bind (List.rev >> TensorMap.create keys))
            |> Result.bind (fun map -> info zip |> Result.map (fun info -> TensorMap.withInfo info map))

    let private inArchive source (stream: Stream) read =
        Files.guard source (fun () ->
            use archive = new ZipArchive(stream, ZipArchiveMode.Read, true)
            read (ZipReader(archive, source)))

    let map source stream : Result<TensorMap, AniSoapError> = inArchive source stream readMap

    /// The info alone.
    let infoAlone source stream : Result<Map<string, string>, AniSoapError> = inArchive source stream info

    let block source stream : Result<TensorBlock, AniSoapError> =
        inArchive source stream (fun zip ->
            if zip.Contains "values.npy" then
                readBlock zip "" None 0
            else
                Error(Malformed("another archive", "a TensorBlock (with a member values.npy)", Place.Unknown)))

    let labelsAlone source (stream: Stream) : Result<Labels, AniSoapError> =
        Files.guard source (fun () ->
            NpyHeader.read stream
            |> Result.bind (fun header -> NpyData.readLabels stream.Length header stream)
            |> Result.bind (fun labels ->
                if stream.ReadByte() >= 0 then
                    NpyHeader.malformed "more bytes" "the end of the file"
                else
                    Ok labels))
