namespace AniSoap

open System
open System.Buffers.Binary
open System.IO

/// Compressed bytes out of a file, a few at a time, that can be gone back to: who unpacks them asks for more than it
/// uses, and does not say how many those were.
[<Sealed>]
type internal CompressedBytes(file: Stream) =
    inherit ForwardReader()

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

    override _.Dispose(disposing: bool) =
        if disposing then
            file.Dispose()

        base.Dispose disposing
