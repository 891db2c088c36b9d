namespace AniSoap

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Hashing
open System.Text

/// Writes a ZIP archive of stored (not compressed) members to a stream that can seek, as metatensor and numpy do:
/// 64-bit lengths in front of every member, no data descriptors, and dates that do not depend on the day. A member is
/// a head that may be given last (the shape of an array is known only then) and a body that streams.
[<Sealed>]
type internal ZipWriter(stream: Stream) =
    let entries = List<struct (byte[] * uint32 * int64 * int64)>()
    let limit = 0xFFFFFFFFL
    let date = uint16 ((20 <<< 9) ||| (1 <<< 5) ||| 1) // 2000-01-01, as metatensor has it

    let mutable name: byte[] = [||]
    let mutable start = 0L
    let mutable headLength = 0
    let mutable body = new ChecksumStream(Stream.Null)

    let flags (name: byte[]) = if Ascii.IsValid(ReadOnlySpan name) then 0us else 0x0800us

    let localHeader checksum (length: int64) =
        let header = Array.zeroCreate<byte>(30 + name.Length + 20)
        let put16 (at: int) (value: uint16) = BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan at, value)
        let put32 (at: int) (value: uint32) = BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan at, value)
        put32 0 0x04034B50u
        put16 4 20us
        put16 6 (flags name)
        put16 12 date
        put32 14 checksum
        put32 18 UInt32.MaxValue
        put32 22 UInt32.MaxValue
        put16 26 (uint16 name.Length)
        put16 28 20us
        name.CopyTo(header, 30)
        let extra = 30 + name.Length
        put16 extra 1us
        put16 (extra + 2) 16us
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(extra + 4), length)
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(extra + 12), length)
        header

    let centralHeader (struct (name: byte[], checksum: uint32, length: int64, offset: int64)) =
        // 64-bit fields only where needed; order: both lengths, offset.
        let wide = [
            if length >= limit then
                length
                length
            if offset >= limit then
                offset
        ]

        let extra = if wide.IsEmpty then 0 else 4 + 8 * wide.Length
        let header = Array.zeroCreate<byte>(46 + name.Length + extra)
        let put16 (at: int) (value: uint16) = BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan at, value)
        let put32 (at: int) (value: uint32) = BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan at, value)
        put32 0 0x02014B50u
        put16 4 0x032Eus // made on Unix, version 4.6
        put16 6 (if wide.IsEmpty then 20us else 45us)
        put16 8 (flags name)
        put16 14 date
        put32 16 checksum
        put32 20 (uint32 (min length limit))
        put32 24 (uint32 (min length limit))
        put16 28 (uint16 name.Length)
        put16 30 (uint16 extra)
        put32 38 (0o100644u <<< 16) // an ordinary file, rw-r--r--
        put32 42 (uint32 (min offset limit))
        name.CopyTo(header, 46)

        if extra > 0 then
            let at = 46 + name.Length
            put16 at 1us
            put16 (at + 2) (uint16 (extra - 4))

            wide
            |> List.iteri (fun i value -> BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(at + 4 + 8 * i), value))

        header

    let writeEnd (directory: int64) =
        let size = stream.Position - directory
        let count = int64 entries.Count

        if size >= limit || directory >= limit || count >= 0xFFFFL then
            let record = Array.zeroCreate<byte> 76
            let put32 (at: int) (value: uint32) = BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan at, value)
            let put64 (at: int) (value: int64) = BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan at, value)
            put32 0 0x06064B50u
            put64 4 44L
            put32 12 0x002D032Eu // made by 4.6 on Unix, needs 4.5
            put64 24 count
            put64 32 count
            put64 40 size
            put64 48 directory
            put32 56 0x07064B50u
            put64 64 (directory + size)
            put32 72 1u
            stream.Write(record, 0, record.Length)

        let record = Array.zeroCreate<byte> 22
        let put32 (at: int) (value: uint32) = BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan at, value)
        let shortCount = uint32 (min count 0xFFFFL)
        put32 0 0x06054B50u
        put32 8 (shortCount ||| (shortCount <<< 16))
        put32 12 (uint32 (min size limit))
        put32 16 (uint32 (min directory limit))
        stream.Write(record, 0, record.Length)

    /// Starts a member with room for its head; what is written to the stream returned is its body.
    member _.Begin(memberName: string, length: int) : Stream =
        name <- Encoding.UTF8.GetBytes memberName
        start <- stream.Position
        headLength <- length
        stream.Write(ReadOnlySpan(localHeader 0u 0L))
        stream.Write(ReadOnlySpan(Array.zeroCreate<byte> length))
        body <- new ChecksumStream(stream)
        body

    /// Ends the member: its head, as long as it was said to be.
    member _.End(head: byte[]) =
        if head.Length <> headLength then
            invalidArg (nameof head) $"{string headLength} bytes have been reserved"

        let checksum = Checksums.combine (Crc32.HashToUInt32(ReadOnlySpan head)) body.Checksum body.ByteCount
        let length = int64 headLength + body.ByteCount
        let finish = stream.Position
        stream.Position <- start
        stream.Write(ReadOnlySpan(localHeader checksum length))
        stream.Write(ReadOnlySpan head)
        stream.Position <- finish
        entries.Add(struct (name, checksum, length, start))

    /// A whole member.
    member writer.Add(memberName: string, content: byte[]) =
        writer.Begin(memberName, content.Length) |> ignore
        writer.End content

    /// Writes the directory of the members, which ends the archive.
    member _.Finish() =
        let directory = stream.Position

        for entry in entries do
            stream.Write(ReadOnlySpan(centralHeader entry))

        writeEnd directory
