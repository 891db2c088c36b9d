namespace AniSoap.Formats

open System
open System.IO
open System.IO.Compression
open K4os.Compression.LZ4

/// The compressions of the Parquet format.
module internal ParquetCodecs =
    /// What the format calls them, where it is not read.
    let nameOf codec =
        match codec with
        | 3 -> "LZO"
        | 5 -> "LZ4 of Hadoop"
        | _ -> string codec

    /// Whether pages so compressed are read.
    let isKnown codec = List.contains codec [ 0; 1; 2; 4; 6; 7 ]

    let private gunzip (packed: byte[]) (target: byte[]) =
        try
            use stream = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)
            let got = stream.ReadAtLeast(Span target, target.Length, false)
            if stream.ReadByte() >= 0 then target.Length + 1 else got
        with :? InvalidDataException ->
            -1

    let private unsnap (packed: byte[]) (target: byte[]) =
        try
            Snappier.Snappy.Decompress(ReadOnlySpan packed, Span target)
        with
        | :? InvalidDataException
        | :? ArgumentException -> -1

    let private unzstd (packed: byte[]) (target: byte[]) =
        try
            use decompressor = new ZstdSharp.Decompressor()
            decompressor.Unwrap(ReadOnlySpan packed, Span target)
        with :? ZstdSharp.ZstdException ->
            -1

    let decompress codec (packed: ReadOnlySpan<byte>) (target: byte[]) : unit =
        let got =
            match codec with
            | 0 when packed.Length = target.Length ->
                packed.CopyTo(Span target)
                target.Length
            | 0 -> packed.Length
            | 1 -> unsnap (packed.ToArray()) target
            | 2 -> gunzip (packed.ToArray()) target
            | 4 ->
                let mutable written = 0

                if BrotliDecoder.TryDecompress(packed, Span target, &written) then
                    written
                else
                    -1
            | 6 -> unzstd (packed.ToArray()) target
            | 7 -> LZ4Codec.Decode(packed, Span target)
            | other -> fail $"a page compressed by {nameOf other}"

        if got <> target.Length then
            fail (
                if got < 0 then
                    "a page that is not as it was compressed"
                else
                    $"a page of {string got} bytes that says it has {string target.Length}"
            )
