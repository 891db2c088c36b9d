namespace AniSoap

open System
open System.Collections.Immutable
open System.IO
open System.Text
open AniSoap.Formats

/// NumPy's `.npz` archives of a table of features: the members `values`, `samples` with `sample_names`, `properties` with
/// `property_names`, and `metadata` (JSON), which `numpy.load` reads without pickle. Any other archive of arrays is read too.
module internal Npz =
    // --- writing ----------------------------------------------------------------------------------------------------

    let private addIntegers (zip: ZipWriter) name (rows: int) (columns: int) (values: ReadOnlySpan<int>) =
        let head = NpyHeader.bytesOf (NpyData.header (Scalar NpyHeader.int4) [ int64 rows; int64 columns ])
        NpyData.writeIntegers (zip.Begin(name, head.Length)) values
        zip.End head

    /// An array of texts, or one text without an axis.
    let private addTexts (zip: ZipWriter) name (shape: int64 list) (texts: string list) =
        let encoded = texts |> List.map (fun text -> Encoding.UTF32.GetBytes text)
        let length = encoded |> List.map (fun bytes -> bytes.Length / 4) |> List.fold max 1
        let data = Array.zeroCreate<byte>(4 * length * texts.Length)
        encoded |> List.iteri (fun i bytes -> bytes.CopyTo(data, 4 * length * i))
        let head = NpyHeader.bytesOf (NpyData.header (Scalar(NpyHeader.text length)) shape)
        zip.Begin(name, head.Length).Write(ReadOnlySpan data)
        zip.End head

    let private addNames zip name (names: string list) = addTexts zip name [ int64 names.Length ] names

    [<Sealed>]
    type private Rows(layout: TableLayout, file: AtomicFile) =
        inherit TableWriter(layout, file)
        let samples = new Spill(file.Path)
        let zip = ZipWriter file.Stream
        let values = zip.Begin("values.npy", (Npy.tableHeader layout 0L).Length)

        override rows.Write(sample, row) =
            rows.WriteIntegers(samples.Stream, sample)
            rows.WriteNumbers(values, row)

        override rows.WriteSparse(sample, row) =
            rows.WriteIntegers(samples.Stream, sample)
            rows.WriteNumbers(values, &row)

        override rows.Finish() =
            zip.End(Npy.tableHeader layout rows.Rows)

            let shape = [ rows.Rows; int64 layout.SampleNames.Length ]
            let head = NpyHeader.bytesOf (NpyData.header (Scalar NpyHeader.int4) shape)
            samples.CopyTo(zip.Begin("samples.npy", head.Length))
            zip.End head

            addNames zip "sample_names.npy" layout.SampleNames
            let properties = layout.Properties
            addIntegers zip "properties.npy" properties.Count properties.Size properties.Values
            addNames zip "property_names.npy" (List.ofSeq properties.Names)
            addTexts zip "metadata.npy" [] [ Metadata.toJson layout.Metadata ]
            zip.Finish()
            Ok()

        override _.Release() = (samples :> IDisposable).Dispose()

    /// Starts an archive. Values stream into it; samples wait in a file beside it until the values are complete.
    let rows (existing: Existing) (path: string) (layout: TableLayout) : Result<TableWriter, AniSoapError> =
        TableWriter.Start(existing, path, layout, (fun file -> Ok(new Rows(layout, file))))

    // --- reading ----------------------------------------------------------------------------------------------------

    let private array (zip: ZipReader) name read =
        zip.Read(
            name + ".npy",
            fun stream length ->
                NpyHeader.read stream
                |> Result.bind (fun header -> read length header stream |> Result.map (fun data -> header.Shape, data))
        )

    let private readLabels zip values names =
        array zip names NpyData.readTexts
        |> Result.bind (fun (_, names) ->
            array zip values (fun length header stream ->
                match header.Shape with
                | [ _; columns ] when columns = int64 names.Length ->
                    NpyData.readIntegers length header stream |> Result.bind (Labels.ofOwned names)
                | _ ->
                    NpyHeader.malformed
                        $"{string values} of another shape"
                        $"a column for each of {string names.Length} names"))
        |> Result.map snd

    let private metadata (zip: ZipReader) =
        if zip.Contains "metadata.npy" then
            array zip "metadata" (fun length header stream ->
                NpyData.readTexts length header stream
                |> Result.bind (String.concat "" >> Metadata.ofJson))
            |> Result.map snd
        else
            Ok Map.empty

    let private reading path read = Files.reading path (fun stream -> ZipReader.reading path stream read)

    /// Reads a table that was written here: a block of samples × properties, the metadata, and the type of the values.
    let internal readTable (path: string) : Result<TensorBlock * Map<string, string> * ScalarType, AniSoapError> =
        let values length header stream =
            NpyData.scalarType header
            |> Result.bind (fun (struct (scalarType, _)) ->
                NpyData.readFloats length header stream
                |> Result.map (fun values -> scalarType, values))

        reading path (fun zip ->
            array zip "values" values
            |> Result.bind (fun (shape, (scalarType, values)) ->
                readLabels zip "samples" "sample_names"
                |> Result.bind (fun samples ->
                    readLabels zip "properties" "property_names"
                    |> Result.bind (fun properties ->
                        if shape <> [ int64 samples.Count; int64 properties.Count ] then
                            let found = String.Join(", ", shape)

                            NpyHeader.malformed
                                ("values of shape (" + string found + ")")
                                ("("
                                 + string samples.Count
                                 + ", "
                                 + string properties.Count
                                 + "), as the labels have it")
                        else
                            TensorBlock.ofOwned samples [] properties values))
                |> Result.bind (fun block -> metadata zip |> Result.map (fun metadata -> block, metadata, scalarType))))

    /// Reads a table that was written here: a block of samples × properties, and the metadata.
    let read (path: string) : Result<TensorBlock * Map<string, string>, AniSoapError> =
        readTable path |> Result.map (fun (block, metadata, _) -> block, metadata)

    let private bareName (name: string) =
        if name.EndsWith(".npy", StringComparison.Ordinal) then
            name.Substring(0, name.Length - 4)
        else
            name

    /// Reads all arrays of any archive that NumPy saved, by name and in order.
    let readArrays (path: string) : Result<(string * NpyContent) list, AniSoapError> =
        reading path (fun zip ->
            zip.Names
            |> Result.traverse (fun name ->
                zip.Read(name, (fun stream length -> Npy.readContent length stream))
                |> Result.map (fun array -> bareName name, array))
            |> Result.map List.ofArray)

    /// Reads the metadata alone.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> = reading path metadata
