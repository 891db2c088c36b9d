namespace AniSoap.Formats

open System.IO
open System.Text
open AniSoap
open AniSoap.Formats.Hdf5Messages

/// Reads the heads of an HDF5 file: every address and length stays inside the file, and all that is read together is no more
/// than the file deserves.
[<Sealed>]
type internal Hdf5Source(stream: Stream) =
    let length = uint64 stream.Length
    // Every head is read twice at most, and all of them together are no longer than the file.
    let mutable budget = 4L * stream.Length + 65536L

    member _.Length = length

    /// Fails unless so many bytes are there.
    member _.Inside(what: string, address: uint64, size: uint64) =
        if address > length || size > length - address then
            fail (
                what
                + " at "
                + string address
                + ", "
                + string size
                + " bytes long, in a file of "
                + string length
            )

    /// Bytes from the file.
    member source.Bytes(what: string, address: uint64, size: uint64) : byte[] =
        source.Inside(what, address, size)
        budget <- budget - int64 size

        if budget < 0L then
            fail (what + " at " + string address + " that has been there already")

        let part = Array.zeroCreate<byte>(int size)
        stream.Position <- int64 address
        stream.ReadExactly(part, 0, part.Length)
        part

    /// Bytes that end with their checksum.
    member source.Summed(what: string, address: uint64, size: uint64) : byte[] =
        let part = source.Bytes(what, address, size)

        if
            size < 4UL
            || Hdf5Checksum.lookup3 part (part.Length - 4) <> u32 part (part.Length - 4)
        then
            fail (what + " at " + string address + " with another checksum")

        part

    /// Whether bytes start with the four letters of their kind.
    static member Has(part: byte[], letters: string) =
        part.Length >= 4 && Encoding.ASCII.GetString(part, 0, 4) = letters

    /// Fails unless bytes start with the four letters of their kind.
    static member Signature(part: byte[], letters: string, what: string, address: uint64) =
        if not (Hdf5Source.Has(part, letters)) then
            fail (what + " at " + string address + " of an unknown kind or none")
