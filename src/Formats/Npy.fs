namespace AniSoap

open System
open System.Collections.Immutable
open System.IO

/// An array of doubles in C order, as NumPy saves it.
[<NoComparison; NoEquality>]
type NpyArray = { Shape: ImmutableArray<int>; Values: ReadOnlyMemory<float> }

/// NumPy's `.npy` files: one array each. Read are floating-point numbers of 8 and 4 bytes in C order, of either byte order.
module Npy =
    let internal readArray (available: int64) (stream: Stream) : Result<NpyArray, AniSoapError> =
        NpyHeader.read stream
        |> Result.bind (fun header ->
            NpyData.readFloats available header stream
            |> Result.map (fun values -> {
                Shape = ImmutableArray.CreateRange(header.Shape |> List.map int)
                Values = ReadOnlyMemory values
            }))

    /// Reads an array.
    let read (path: string) : Result<NpyArray, AniSoapError> =
        Files.reading path (fun stream ->
            readArray stream.Length stream
            |> Result.bind (fun array ->
                if stream.ReadByte() >= 0 then
                    NpyHeader.malformed "more bytes" "the end of the file"
                else
                    Ok array))

    let private element precision = Scalar(NpyData.scalarOf precision)

    /// Writes an array: its values in C order. Their number must be the product of the shape's lengths.
    let write
        (precision: Precision)
        (replace: bool)
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
            AtomicFile.write replace path (fun stream ->
                let header = NpyData.header (element precision) (List.map int64 shape)
                stream.Write(ReadOnlySpan(NpyHeader.bytesOf header))
                NpyData.writeFloats precision (NpyData.newBuffer ()) stream values.Span)

    /// The header of a table of so many rows, always of the same length, so that it can be written last.
    let internal tableHeader (layout: RowLayout) (rows: int64) : byte[] =
        let header rows = NpyData.header (element layout.Precision) [ rows; int64 layout.Properties.Count ]
        let longest = NpyHeader.bytesOf (header Int64.MaxValue)
        NpyHeader.bytesOfAtLeast longest.Length (header rows)

    [<Sealed>]
    type private Rows(layout: RowLayout, file: AtomicFile) =
        inherit RowFile(layout, file)
        let buffer = NpyData.newBuffer ()
        do file.Stream.Write(ReadOnlySpan(tableHeader layout 0L))

        override _.Write(_, values) = NpyData.writeFloats layout.Precision buffer file.Stream values

        override rows.Finish() =
            file.Stream.Position <- 0L
            file.Stream.Write(ReadOnlySpan(tableHeader layout rows.Rows))
            Ok()

    /// Starts a table of the values alone: the format has no place for samples, properties or metadata.
    let rows (replace: bool) (path: string) (layout: RowLayout) : Result<IRowWriter, AniSoapError> =
        RowFile.start replace path layout (fun file -> new Rows(layout, file))
