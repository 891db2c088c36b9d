namespace AniSoap

open System
open System.IO
open System.IO.Compression
open PureHDF.Filters

/// HDF5's filter for deflated chunks. PureHDF's own inflates whatever there is; this one no more than the chunk can hold.
[<Sealed>]
type internal BoundedDeflate() =
    // Differences between neighbouring features are noise: levels above the lowest take longer and gain little.
    static let level = 1u

    let inflate (chunkSize: int) (buffer: Memory<byte>) =
        use stream = new ZLibStream(new MemoryStream(buffer.ToArray()), CompressionMode.Decompress)
        let bytes = Array.zeroCreate<byte> chunkSize

        if stream.ReadAtLeast(Span bytes, chunkSize, false) < chunkSize then
            raise (InvalidDataException "a chunk that inflates to less than its shape")

        if stream.ReadByte() >= 0 then
            raise (InvalidDataException "a chunk that inflates to more than its shape")

        Memory bytes

    let deflate (buffer: Memory<byte>) =
        use target = new MemoryStream()

        using (new ZLibStream(target, CompressionLevel.Fastest, true)) (fun stream ->
            stream.Write(Span.op_Implicit buffer.Span: ReadOnlySpan<byte>))

        Memory(target.ToArray())

    /// Makes PureHDF use it. Doing so again changes nothing.
    static member Register() = H5Filter.Register(BoundedDeflate())

    interface IH5Filter with
        member _.FilterId = DeflateFilter.Id
        member _.Name = "deflate"

        member _.GetParameters(_, _, _) = [| level |]

        member _.Filter(info) =
            if info.Flags.HasFlag H5FilterFlags.Decompress then
                inflate info.ChunkSize info.Buffer
            else
                deflate info.Buffer
