namespace AniSoap

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.IO.Hashing

/// Compressed bytes out of a file, a few at a time, that can be gone back to: who unpacks them asks for more than it
/// uses, and does not say how many those were.
[<Sealed>]
type internal CompressedBytes(file: Stream) =
    inherit Stream()

    /// Handed out at once, at most.
    static let most = 1 <<< 14

    /// Held back behind what is handed out. The last of them are handed out singly, so that near the end of the file,
    /// where a trailer may have been cut off, the place where the compressed data stop is known to the byte.
    static let reserve = 16

    let buffer = Array.zeroCreate<byte>(1 <<< 18)
    let mutable filled = 0
    let mutable position = 0
    let mutable hasEnded = false
    let mutable wasShort = false
    // Where the last two handed out begin.
    let mutable last = 0
    let mutable lastButOne = 0

    /// Reads on until so many bytes lie ahead, or the file ends.
    let ensure count =
        if filled - position < count && not hasEnded then
            let kept = lastButOne
            Buffer.BlockCopy(buffer, kept, buffer, 0, filled - kept)
            filled <- filled - kept
            position <- position - kept
            last <- last - kept
            lastButOne <- 0

            while filled - position < count && not hasEnded do
                let got = file.Read(buffer, filled, buffer.Length - filled)
                filled <- filled + got
                hasEnded <- got = 0

    /// Forgets what was handed out: nothing goes back behind this place.
    member _.Mark() =
        last <- position
        lastButOne <- position
        wasShort <- false

    /// Whether more was asked for than the file has.
    member _.WasShort = wasShort

    /// How many bytes lie ahead, where they are fewer than `count`; else `count`.
    member _.Ahead count =
        ensure count
        min count (filled - position)

    /// The byte at so many ahead, which `Ahead` has found.
    member _.Item
        with get (index: int) = buffer[position + index]

    member _.Skip count = position <- position + count

    /// Goes to behind the first eight bytes that are this checksum and this size, as two numbers with their low bytes
    /// first, among those handed out last and those ahead; false where there are none.
    member _.SkipTrailer(checksum: uint32, size: uint32) =
        ensure 8
        let mutable at = lastButOne
        let mutable found = false

        while not found && at <= position && at + 8 <= filled do
            found <-
                BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(buffer, at, 4)) = checksum
                && BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(buffer, at + 4, 4)) = size

            if not found then
                at <- at + 1

        if found then
            position <- at + 8

        found

    override _.Read(target: Span<byte>) : int =
        let wanted = min target.Length most
        ensure (wanted + reserve)
        let ahead = filled - position
        let count = min wanted (if ahead > reserve then ahead - reserve else min 1 ahead)

        if count = 0 then
            wasShort <- wasShort || wanted > 0
        else
            ReadOnlySpan(buffer, position, count).CopyTo target
            lastButOne <- last
            last <- position
            position <- position + count

            if ahead <= reserve then
                lastButOne <- position // handed out singly: whoever has got enough stops right here

        count

    override stream.Read(target: byte[], offset: int, count: int) : int = stream.Read(Span(target, offset, count))
    override _.CanRead = true
    override _.CanWrite = false
    override _.CanSeek = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())
    override _.Flush() = ()

    override _.Dispose(disposing: bool) =
        if disposing then
            file.Dispose()

        base.Dispose disposing

/// The content of gzip data (RFC 1952): of one member after the other, with zeros between and behind them or without.
/// Each is checked against the checksum and the size at its end: the system's own stream takes data that break off for
/// whole. Throws `InvalidDataException` whose message says what was found.
[<Sealed>]
type internal GunzipStream(file: Stream) =
    inherit Stream()

    let compressed = new CompressedBytes(file)
    let checksum = Crc32()
    let mutable size = 0u
    let mutable inflater: Stream = Stream.Null
    let mutable isInside = false
    let mutable isFirst = true
    let mutable hasEnded = false

    let fail (found: string) = raise (InvalidDataException found)

    let require count =
        if compressed.Ahead count < count then
            fail "that the compressed data end early"

    let take () =
        require 1
        let value = compressed[0]
        compressed.Skip 1
        value

    let skip count =
        for _ in 1..count do
            take () |> ignore

    let skipText () =
        while take () <> 0uy do
            ()

    let readHeader () =
        compressed.Mark()
        require 2

        if compressed[0] <> 0x1Fuy || compressed[1] <> 0x8Buy then
            fail "other bytes behind the compressed data"

        require 10
        let flags = compressed[3]

        if compressed[2] <> 8uy || flags &&& 0xE0uy <> 0uy then
            fail "a header of gzip that has no meaning"

        compressed.Skip 10
        compressed.Mark()

        if flags &&& 4uy <> 0uy then
            let low = take ()
            skip (int low ||| (int (take ()) <<< 8))

        if flags &&& 8uy <> 0uy then
            skipText () // the file's name

        if flags &&& 16uy <> 0uy then
            skipText () // a comment

        if flags &&& 2uy <> 0uy then
            skip 2 // the header's own checksum

        compressed.Mark()
        checksum.Reset()
        size <- 0u
        inflater.Dispose()
        inflater <- new DeflateStream(compressed, CompressionMode.Decompress, true)
        isInside <- true

    /// Goes to the next member, if there is one.
    let next () =
        if not isFirst then
            compressed.Mark()

            while compressed.Ahead 1 = 1 && compressed[0] = 0uy do
                compressed.Skip 1
                compressed.Mark()

        if not isFirst && compressed.Ahead 1 = 0 then
            hasEnded <- true
        else
            isFirst <- false
            readHeader ()

    let endMember () =
        isInside <- false

        if not (compressed.SkipTrailer(checksum.GetCurrentHashAsUInt32(), size)) then
            if compressed.WasShort || compressed.Ahead 8 < 8 then
                fail "that the compressed data end early"
            else
                fail "compressed data that are damaged (their checksum is another)"

    override _.Read(target: Span<byte>) : int =
        let mutable count = 0

        // Empty members are passed over.
        while count = 0 && not target.IsEmpty && not hasEnded do
            if isInside then
                count <-
                    try
                        inflater.Read target
                    with :? InvalidDataException ->
                        if compressed.WasShort then
                            fail "that the compressed data end early"
                        else
                            fail "compressed data that are damaged"

                if count = 0 then
                    endMember ()
                else
                    checksum.Append(Span.op_Implicit (target.Slice(0, count)): ReadOnlySpan<byte>)
                    size <- size + uint32 count
            else
                next ()

        count

    override stream.Read(target: byte[], offset: int, count: int) : int = stream.Read(Span(target, offset, count))
    override _.CanRead = true
    override _.CanWrite = false
    override _.CanSeek = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())
    override _.Flush() = ()

    override _.Dispose(disposing: bool) =
        if disposing then
            inflater.Dispose()
            compressed.Dispose()

        base.Dispose disposing
