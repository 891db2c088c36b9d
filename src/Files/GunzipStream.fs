namespace AniSoap

open System
open System.IO
open System.IO.Compression
open System.IO.Hashing

/// The content of gzip data (RFC 1952): of one member after the other, with zeros between and behind them or without.
/// Each is checked against the checksum and the size at its end: the system's own stream takes data that break off for
/// whole. Throws `InvalidDataException` whose message says what was found.
[<Sealed>]
type internal GunzipStream(file: Stream) =
    inherit ForwardReader()

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

    override _.Dispose(disposing: bool) =
        if disposing then
            inflater.Dispose()
            compressed.Dispose()

        base.Dispose disposing
