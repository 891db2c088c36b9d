namespace AniSoap

open System
open System.IO

/// The content of bzip2 data, of one stream after the other, each block checked against its checksum. Memory is that of one
/// block, 3.6 MB at most, whatever the data unpack to. Throws `InvalidDataException` whose message says what was found.
[<Sealed>]
type internal BunzipStream(file: Stream) =
    inherit ForwardReader()

    /// The checksums' polynomial, the highest bit first.
    static let checksums =
        Array.init 256 (fun value ->
            let mutable sum = uint32 value <<< 24

            for _ in 1..8 do
                sum <-
                    if sum &&& 0x80000000u <> 0u then
                        (sum <<< 1) ^^^ 0x04C11DB7u
                    else
                        sum <<< 1

            sum)

    let bits = new BitReader(file)
    let mutable links = Array.empty<int>
    let mutable isInside = false
    let mutable isFirst = true
    let mutable hasEnded = false
    let mutable ofStream = 0u
    // Of the current block.
    let mutable left = 0
    let mutable link = 0
    let mutable hasBlock = false
    let mutable expected = 0u
    let mutable checksum = 0u
    // Four equal bytes are followed by how many more there are.
    let mutable equal = 0
    let mutable last = -1
    let mutable more = 0

    let readHeader () =
        let magic = bits.Take 24
        let level = int (bits.Take 8) - int '0'B

        if magic <> 0x425A68u || level < 1 || level > 9 then
            if bits.WasShort then
                BunzipBlock.fail bits
            else
                raise (InvalidDataException "other bytes behind the compressed data")

        links <-
            if links.Length = 100_000 * level then
                links
            else
                Array.zeroCreate (100_000 * level)

        ofStream <- 0u
        isFirst <- false
        isInside <- true

    /// The next block, or the end of a stream.
    let readBlock () =
        let high, low = bits.Take 24, bits.Take 24
        let sum = bits.Take 32

        if high = 0x314159u && low = 0x265359u then
            let struct (count, first) = BunzipBlock.read bits links
            expected <- sum
            checksum <- UInt32.MaxValue
            left <- count
            link <- first
            equal <- 0
            last <- -1
            more <- 0
            hasBlock <- true
        elif high = 0x177245u && low = 0x385090u && sum = ofStream && not bits.WasShort then
            bits.Align()
            isInside <- false
        else
            BunzipBlock.fail bits

    let endBlock () =
        if ~~~checksum <> expected then
            BunzipBlock.fail bits

        ofStream <- ((ofStream <<< 1) ||| (ofStream >>> 31)) ^^^ expected
        hasBlock <- false

    let emit (value: int) = checksum <- (checksum <<< 8) ^^^ checksums[int (checksum >>> 24) ^^^ value]

    /// Bytes of the current block; 0 at its end.
    let unpack (target: Span<byte>) =
        let mutable count = 0

        while count < target.Length && (more > 0 || left > 0) do
            if more > 0 then
                more <- more - 1
                target[count] <- byte last
                emit last
                count <- count + 1
            else
                let entry = links[link]
                link <- entry >>> 8
                left <- left - 1
                let value = entry &&& 0xFF

                if equal = 4 then
                    more <- value
                    equal <- 0
                else
                    equal <- if value = last then equal + 1 else 1
                    last <- value
                    target[count] <- byte value
                    emit value
                    count <- count + 1

        count

    override _.Read(target: Span<byte>) : int =
        let mutable count = 0

        while count = 0 && not target.IsEmpty && not hasEnded do
            if isInside then
                count <- unpack target

                if count = 0 then
                    if hasBlock then
                        endBlock ()

                    readBlock ()
            elif not isFirst && bits.IsAtEnd then
                hasEnded <- true
            else
                readHeader ()

        count

    override _.Dispose(disposing: bool) =
        if disposing then
            (bits :> IDisposable).Dispose()

        base.Dispose disposing
