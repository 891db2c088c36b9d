namespace AniSoap.Formats

open System
open System.IO
open System.Runtime.InteropServices
open AniSoap

/// Takes the elements of a dataset out of its chunks and to their places, a run along the last axis at a time.
module internal Hdf5Elements =
    /// Bytes that are read at once where nothing is packed.
    let private piece = 1 <<< 18

    /// What takes a run: the number of its first element, and the bytes, which it may change.
    [<Interface>]
    type IRuns =
        abstract Take: start: int * bytes: Span<byte> -> unit

    /// What gives the elements from a number on.
    type private Source = delegate of start: int * bytes: Span<byte> -> unit

    let private product lengths = List.fold (fun n l -> n * int64 (l: int)) 1L lengths

    let private read (stream: Stream) (address: uint64) (target: Span<byte>) =
        stream.Position <- int64 address
        stream.ReadExactly target

    /// The elements of the box with this number, as far as they are inside the array.
    let private box (shape: int[]) (lengths: int[]) (first: int[]) size (bytes: byte[]) (runs: IRuns) =
        let axes = shape.Length
        let held = Array.init axes (fun d -> min lengths[d] (shape[d] - first[d]))
        let run = held[axes - 1]
        let index = Array.zeroCreate<int> axes
        let mutable going = true

        while going do
            let mutable source = 0
            let mutable target = 0

            for d in 0 .. axes - 1 do
                source <- source * lengths[d] + index[d]
                target <- target * shape[d] + first[d] + index[d]

            runs.Take(target, Span(bytes, source * size, run * size))
            // The next row of the box: the last axis but one is fastest.
            let mutable d = axes - 2

            while d >= 0 && index[d] = held[d] - 1 do
                index[d] <- 0
                d <- d - 1

            if d >= 0 then index[d] <- index[d] + 1 else going <- false

    let private boxes (stream: Stream) (data: Hdf5Data) shape lengths (chunks: Hdf5Chunk[]) edgesUnfiltered runs =
        let shape, lengths = List.toArray shape, List.toArray (lengths: int list)
        let grid = Array.map2 (fun n l -> (n + l - 1) / l) shape lengths
        let size = int (product (List.ofArray lengths)) * data.Size
        let first = Array.zeroCreate<int> shape.Length

        for number in 0 .. chunks.Length - 1 do
            let mutable rest = number
            let mutable isEdge = false

            for d in shape.Length - 1 .. -1 .. 0 do
                first[d] <- rest % grid[d] * lengths[d]
                rest <- rest / grid[d]
                isEdge <- isEdge || first[d] + lengths[d] > shape[d]

            let chunk = chunks[number]

            if chunk.Address <> Hdf5Messages.undefined then
                if chunk.Bytes > 2UL * uint64 size + 65536UL then
                    fail $"a chunk of {string chunk.Bytes} bytes whose shape has {string size}"

                let stored = Array.zeroCreate<byte>(int chunk.Bytes)
                read stream chunk.Address (Span stored)
                let filters = if isEdge && edgesUnfiltered then [] else data.Filters
                let bytes = Hdf5Filters.decode filters chunk.Skipped data.Size size stored
                box shape lengths first data.Size bytes runs

    let private straight count size (runs: IRuns) (source: Source) =
        let most = max 1 (piece / size)
        let buffer = Array.zeroCreate<byte>(size * min count most)
        let mutable start = 0

        while start < count do
            let part = Span(buffer, 0, size * min most (count - start))
            source.Invoke(start, part)
            runs.Take(start, part)
            start <- start + most

    /// All elements. Those that were not written are the fill value, unless that is zero: they are not given then.
    let readAll (stream: Stream) (data: Hdf5Data) (shape: int list) (runs: IRuns) : unit =
        let count = int (product shape)
        let size = data.Size

        if data.Fill.Length = size && Array.exists ((<>) 0uy) data.Fill && count > 0 then
            straight
                count
                size
                runs
                (Source(fun _ part ->
                    for i in 0 .. part.Length / size - 1 do
                        Span(data.Fill).CopyTo(part.Slice(i * size))))

        if count > 0 then
            match data.Storage with
            | Hdf5Storage.Nowhere -> ()
            | Hdf5Storage.Inside bytes when bytes.Length < count * size ->
                fail $"{string bytes.Length} bytes for {string count} elements"
            | Hdf5Storage.Inside bytes ->
                straight count size runs (Source(fun start part -> Span(bytes, start * size, part.Length).CopyTo part))
            | Hdf5Storage.Together address ->
                let total = uint64 count * uint64 size

                if total > uint64 stream.Length - address then
                    fail (
                        "an array of "
                        + string total
                        + " bytes at "
                        + string address
                        + " in a file of "
                        + string stream.Length
                    )

                straight
                    count
                    size
                    runs
                    (Source(fun start part -> read stream (address + uint64 start * uint64 size) part))
            | Hdf5Storage.Boxes(lengths, chunks, edgesUnfiltered) ->
                boxes stream data shape lengths chunks edgesUnfiltered runs

    /// What must be told of a number that the target cannot hold.
    let private refuse name value accepted =
        Error(AniSoapError.invalid ("value in dataset " + name) (value: string) accepted)

    /// Real numbers of any type as doubles. Integers that no double is equal to are refused.
    let floats name stream data scalarType bigEndian (shape: int list) : Result<float[], AniSoapError> =
        let values = Array.zeroCreate<float>(int (product shape))
        let inexact = ref ""

        readAll
            stream
            data
            shape
            {
                new IRuns with
                    member _.Take(start, bytes) =
                        let native: Span<byte> = bytes
                        ScalarConversion.toNative scalarType bigEndian native
                        let target = Span(values, start, bytes.Length / data.Size)

                        match ScalarConversion.toFloats scalarType (Span.op_Implicit native) target with
                        | -1 -> ()
                        | i ->
                            inexact.Value <-
                                ScalarConversion.showInteger scalarType (Span.op_Implicit (native.Slice(8 * i, 8)))
            }

        if inexact.Value = "" then
            Ok values
        else
            refuse name inexact.Value "integers up to 2^53, which doubles hold"

    /// Integers of any type that fit into four bytes.
    let integers name stream data scalarType bigEndian (shape: int list) : Result<int[], AniSoapError> =
        let values = Array.zeroCreate<int>(int (product shape))
        let part = Array.zeroCreate<float> 4096
        let stray = ref nan

        readAll
            stream
            data
            shape
            {
                new IRuns with
                    member _.Take(start, bytes) =
                        let native: Span<byte> = bytes
                        ScalarConversion.toNative scalarType bigEndian native

                        if scalarType = ScalarType.Int32 then
                            let whole = MemoryMarshal.Cast<byte, int> native
                            whole.CopyTo(Span(values, start, whole.Length))
                        else
                            let count = bytes.Length / data.Size
                            let mutable at = 0

                            while at < count do
                                let length = min part.Length (count - at)
                                let source = native.Slice(at * data.Size, length * data.Size)

                                ScalarConversion.toFloats scalarType (Span.op_Implicit source) (Span part)
                                |> ignore

                                for i in 0 .. length - 1 do
                                    if part[i] >= -2147483648.0 && part[i] <= 2147483647.0 then
                                        values[start + at + i] <- int part[i]
                                    else
                                        stray.Value <- part[i]

                                at <- at + length
            }

        if Double.IsNaN stray.Value then
            Ok values
        else
            refuse name (string stray.Value) "integers of at most 2147483647, which labels can be"
