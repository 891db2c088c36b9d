namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open PureHDF.Filters
open AniSoap

/// HDF5's filter for deflated chunks, for writing: `Hdf5Filters` undoes it.
[<Sealed>]
type internal PackDeflate() =
    // Differences between neighbouring features are noise: levels above the lowest take longer and gain little.
    static let level = 1u

    interface IH5Filter with
        member _.FilterId = DeflateFilter.Id
        member _.Name = "deflate"

        member _.GetParameters(_, _, _) = [| level |]

        member _.Filter(info) =
            use target = new MemoryStream()

            using (new ZLibStream(target, CompressionLevel.Fastest, true)) (fun stream ->
                stream.Write(Span.op_Implicit info.Buffer.Span: ReadOnlySpan<byte>))

            Memory(target.ToArray())

/// HDF5's checksum behind every chunk, for writing.
[<Sealed>]
type internal PackFletcher32() =
    interface IH5Filter with
        member _.FilterId = Fletcher32Filter.Id
        member _.Name = "fletcher32"

        member _.GetParameters(_, _, _) = Array.empty

        member _.Filter(info) =
            let length = info.Buffer.Length
            let bytes = Array.zeroCreate<byte>(length + 4)
            info.Buffer.CopyTo(Memory bytes)
            let sum = Hdf5Checksum.fletcher32 (ReadOnlySpan(bytes, 0, length))
            BinaryPrimitives.WriteUInt32LittleEndian(Span(bytes, length, 4), sum)
            Memory bytes

module internal Hdf5PackFilters =
    /// Makes PureHDF use them. Doing so again changes nothing.
    let register () =
        H5Filter.Register(PackDeflate())
        H5Filter.Register(PackFletcher32())
