namespace AniSoap

open System
open System.Collections.Immutable
open System.IO
open AniSoap.Formats

/// An array of doubles in C order, as NumPy saves it.
[<NoComparison; NoEquality>]
type internal NpyArray = {
    /// The length of each axis.
    Shape: ImmutableArray<int>
    /// The numbers, the last axis fastest.
    Values: ReadOnlyMemory<float>
}

/// What an array of NumPy can be.
[<NoComparison; RequireQualifiedAccess>]
type internal NpyContent =
    /// Numbers of any type.
    | Numbers of ScalarArray
    /// Texts, in C order.
    | Texts of shape: ImmutableArray<int> * texts: ImmutableArray<string>
    /// Records of 4-byte integers, all different, as metatensor saves labels.
    | Records of Labels

/// NumPy's `.npy` files: one array each, of real numbers as doubles or of numbers of any type as they are, of either byte
/// order, C or Fortran order.
module internal Npy =
    /// Reads an array of numbers of any type. Written again it is the same file.
    let readArray (path: string) : Result<ScalarArray, AniSoapError> =
        Files.reading path (fun stream ->
            NpyHeader.readKeeping stream
            |> Result.bind (fun header -> NpyData.readScalars stream.Length header stream)
            |> Result.bind (fun array ->
                if stream.ReadByte() >= 0 then
                    NpyHeader.malformed "more bytes" "the end of the file"
                else
                    Ok array))

    /// Reads an array of real numbers. Refuses complex ones, and integers that no double is equal to.
    let read (path: string) : Result<NpyArray, AniSoapError> =
        readArray path
        |> Result.bind (fun array ->
            ScalarArray.toFloats array
            |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path })
            |> Result.map (fun values -> { Shape = array.Shape; Values = ReadOnlyMemory values }))

    /// An array without labels as a table: rows and columns are counted.
    let internal readTable (path: string) : Result<TensorBlock * ScalarType, AniSoapError> =
        readArray path
        |> Result.bind (fun array ->
            match List.ofSeq array.Shape with
            | [ rows; columns ] ->
                Labels.range "row" rows
                |> Result.bind (fun samples ->
                    Labels.range "column" columns
                    |> Result.bind (fun properties ->
                        ScalarArray.toFloats array
                        |> Result.bind (TensorBlock.ofOwned samples [] properties)))
                |> Result.map (fun table -> table, array.Type)
            | _ -> Error(AniSoapError.invalid "shape" $"{string array}" "two axes, rows and columns")
            |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some path }))

    /// Numbers, texts or records.
    let internal readContent (available: int64) (stream: Stream) : Result<NpyContent, AniSoapError> =
        NpyHeader.readKeeping stream
        |> Result.bind (fun (header, kept) ->
            match header.Element with
            | Record _ -> NpyData.readLabels available header stream |> Result.map NpyContent.Records
            | Scalar { Kind = 'U' } ->
                NpyData.readTexts available header stream
                |> Result.map (fun texts ->
                    let shape = ImmutableArray.CreateRange(header.Shape |> Seq.map int)
                    NpyContent.Texts(shape, ImmutableArray.CreateRange texts))
            | Scalar _ ->
                NpyData.readScalars available (header, kept) stream
                |> Result.map NpyContent.Numbers)

    /// Writes an array of any type.
    let writeArray (existing: Existing) (path: string) (array: ScalarArray) : Result<unit, AniSoapError> =
        AtomicFile.write existing path (fun stream ->
            stream.Write(ReadOnlySpan(ScalarArray.header array))
            Ok(stream.Write array.Bytes.Span))

    let private element precision = Scalar(NpyData.scalarOf precision)

    /// Writes an array: its values in C order. Their number must be the product of the shape's lengths.
    let write
        (precision: Precision)
        (existing: Existing)
        (path: string)
        (shape: int list)
        (values: ReadOnlyMemory<float>)
        : Result<unit, AniSoapError> =
        if
            List.exists (fun length -> length < 0) shape
            || List.fold (fun n l -> n * int64 l) 1L shape <> int64 values.Length
        then
            Error(
                AniSoapError.invalid "number of values" values.Length $"""the product of {String.Join(" × ", shape)}"""
            )
        else
            AtomicFile.write existing path (fun stream ->
                let header = NpyData.header (element precision) (List.map int64 shape)
                stream.Write(ReadOnlySpan(NpyHeader.bytesOf header))
                NpyData.writeFloats precision (NpyData.newBuffer ()) stream values.Span)

    /// The header of a table of so many rows, always of the same length, so that it can be written last.
    let internal tableHeader (layout: TableLayout) (rows: int64) : byte[] =
        let header rows = NpyData.header (element layout.Precision) [ rows; int64 layout.Properties.Count ]
        let longest = NpyHeader.bytesOf (header Int64.MaxValue)
        NpyHeader.bytesOfAtLeast longest.Length (header rows)

    [<Sealed>]
    type private Rows(layout: TableLayout, file: AtomicFile) =
        inherit TableWriter(layout, file)
        do file.Stream.Write(ReadOnlySpan(tableHeader layout 0L))

        override rows.Write(_, values) = rows.WriteNumbers(file.Stream, values)
        override rows.WriteSparse(_, row) = rows.WriteNumbers(file.Stream, &row)

        override rows.Finish() =
            file.Stream.Position <- 0L
            file.Stream.Write(ReadOnlySpan(tableHeader layout rows.Rows))
            Ok()

    /// Starts a table of the values alone: the format has no place for samples, properties or metadata.
    let rows (existing: Existing) (path: string) (layout: TableLayout) : Result<TableWriter, AniSoapError> =
        TableWriter.Start(existing, path, layout, (fun file -> Ok(new Rows(layout, file))))
