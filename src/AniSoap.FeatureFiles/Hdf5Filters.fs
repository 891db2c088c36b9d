namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open AniSoap

/// What HDF5's filters do with a chunk, backwards. No filter gives more bytes than the chunk can have.
module internal Hdf5Filters =
    let private deflate = 1
    let private shuffle = 2
    let private fletcher = 3
    let private lzf = 32000

    /// Bytes of the sum behind a chunk.
    let private sumBytes = 4

    let inflate (limit: int) (packed: ReadOnlyMemory<byte>) : byte[] =
        use stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress)
        let bytes = Array.zeroCreate<byte> limit

        let struct (got, isMore) =
            try
                let got = stream.ReadAtLeast(Span bytes, limit, false)
                struct (got, got = limit && stream.ReadByte() >= 0)
            with :? InvalidDataException ->
                fail "a chunk that is not as it was deflated"

        if isMore then
            fail "a chunk that inflates to more than its shape"

        if got = limit then bytes else bytes[.. got - 1]

    /// The first bytes of all elements stand first, then the second ones, and so on; what is no whole element follows.
    let private unshuffle (size: int) (bytes: ReadOnlyMemory<byte>) : byte[] =
        let source = bytes.ToArray()
        let count = if size > 0 then source.Length / size else 0
        let target = Array.copy source

        for part in 0 .. size - 1 do
            let mutable at = part

            for from in part * count .. part * count + count - 1 do
                target[at] <- source[from]
                at <- at + size

        target

    /// The bytes without the sum behind them. Libraries before 1.6.3 swapped the bytes of its words: either is right.
    let private checkSum (bytes: ReadOnlyMemory<byte>) : byte[] =
        if bytes.Length < sumBytes then
            fail "a chunk shorter than its checksum"

        let data = bytes.Slice(0, bytes.Length - sumBytes)
        let stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span.Slice data.Length)
        let sum = Hdf5Checksum.fletcher32 data.Span
        let swapped = ((sum &&& 0x00FF00FFu) <<< 8) ||| ((sum >>> 8) &&& 0x00FF00FFu)

        if stored <> sum && stored <> swapped then
            fail "a chunk with another checksum"

        data.ToArray()

    /// M. Lehmann's LZF: runs of bytes as they are, and runs that have been there before.
    let private expand (limit: int) (packed: ReadOnlyMemory<byte>) : byte[] =
        let source = packed.ToArray()
        let target = Array.zeroCreate<byte> limit
        let mutable at = 0
        let mutable filled = 0

        let next () =
            if at >= source.Length then
                fail "a chunk that ends early"

            at <- at + 1
            int source[at - 1]

        let room count =
            if count > limit - filled then
                fail "a chunk that expands to more than its shape"

        while at < source.Length do
            let head = next ()

            if head < 32 then
                let count = head + 1
                room count

                if count > source.Length - at then
                    fail "a chunk that ends early"

                Array.Copy(source, at, target, filled, count)
                at <- at + count
                filled <- filled + count
            else
                let count = if head >>> 5 = 7 then 9 + next () else 2 + (head >>> 5)
                let from = filled - ((head &&& 31) <<< 8) - 1 - next ()
                room count

                if from < 0 then
                    fail "a chunk that repeats what was not there"

                // Runs may overlap what they repeat: byte by byte.
                for i in 0 .. count - 1 do
                    target[filled + i] <- target[from + i]

                filled <- filled + count

        if filled = limit then target else target[.. filled - 1]

    /// The filters that are not known here, in words.
    let unknown (filters: Hdf5Filter list) : string option =
        let name (filter: Hdf5Filter) =
            match filter.Id with
            | 4 -> "szip"
            | 5 -> "nbit"
            | 6 -> "scale-offset"
            | id when filter.Name <> "" -> $"{filter.Name} ({string id})"
            | id -> string id

        filters
        |> List.tryFind (fun filter -> not (List.contains filter.Id [ deflate; shuffle; fletcher; lzf ]))
        |> Option.map name

    /// A chunk of so many bytes from what stands in the file; `skipped` tells the filters that it did not go through.
    let decode (filters: Hdf5Filter list) (skipped: uint32) elementSize (size: int) (stored: byte[]) : byte[] =
        let applied =
            filters
            |> List.mapi (fun i filter -> i, filter)
            |> List.filter (fun (i, _) -> i > 31 || (skipped >>> i) &&& 1u = 0u)
            |> List.map snd

        // Sums that were added before a filter are part of what it packed.
        let rec back (bytes: byte[]) (left: Hdf5Filter list) =
            match left with
            | [] -> bytes
            | filter :: before ->
                let sums = before |> List.filter (fun filter -> filter.Id = fletcher) |> List.length
                let limit = size + sumBytes * sums
                let memory = ReadOnlyMemory bytes

                let undone =
                    match filter.Id with
                    | id when id = deflate -> inflate limit memory
                    | id when id = shuffle ->
                        let width = filter.Values |> List.tryHead |> Option.map int
                        unshuffle (Option.defaultValue elementSize width) memory
                    | id when id = fletcher -> checkSum memory
                    | _ -> expand limit memory

                back undone before

        let bytes = back stored (List.rev applied)

        if bytes.Length <> size then
            fail $"a chunk of {string bytes.Length} bytes whose shape has {string size}"

        bytes
