namespace AniSoap

open System
open System.Buffers.Binary

/// The checksum of ZIP archives: CRC-32 with the reflected polynomial 0xEDB88320 (ISO 3309), eight bytes a step.
module internal Crc32 =
    let private polynomial = 0xEDB88320u

    /// Row k: the checksum of a byte followed by k zero bytes.
    let private table =
        let table = Array.zeroCreate (8 * 256)

        for i in 0..255 do
            let mutable c = uint32 i

            for _ in 1..8 do
                c <- if c &&& 1u = 0u then c >>> 1 else (c >>> 1) ^^^ polynomial

            table[i] <- c

        for i in 256 .. table.Length - 1 do
            let before = table[i - 256]
            table[i] <- (before >>> 8) ^^^ table[int (before &&& 0xFFu)]

        table

    /// The checksum of what `crc` is the checksum of, followed by these bytes. Starts from 0.
    let update (crc: uint32) (bytes: ReadOnlySpan<byte>) : uint32 =
        let mutable c = ~~~crc
        let mutable rest = bytes

        while rest.Length >= 8 do
            let low = c ^^^ BinaryPrimitives.ReadUInt32LittleEndian rest
            let high = BinaryPrimitives.ReadUInt32LittleEndian(rest.Slice 4)

            c <-
                table[7 * 256 + int (low &&& 0xFFu)]
                ^^^ table[6 * 256 + int ((low >>> 8) &&& 0xFFu)]
                ^^^ table[5 * 256 + int ((low >>> 16) &&& 0xFFu)]
                ^^^ table[4 * 256 + int (low >>> 24)]
                ^^^ table[3 * 256 + int (high &&& 0xFFu)]
                ^^^ table[2 * 256 + int ((high >>> 8) &&& 0xFFu)]
                ^^^ table[1 * 256 + int ((high >>> 16) &&& 0xFFu)]
                ^^^ table[int (high >>> 24)]

            rest <- rest.Slice 8

        for b in rest do
            c <- (c >>> 8) ^^^ table[int ((c ^^^ uint32 b) &&& 0xFFu)]

        ~~~c

    /// a(x) b(x) modulo the polynomial; bit 31 is the coefficient of x⁰.
    let private multiply a b =
        let mutable product = 0u
        let mutable shifted = b

        for bit in 31..-1..0 do
            if (a >>> bit) &&& 1u <> 0u then
                product <- product ^^^ shifted

            shifted <-
                if shifted &&& 1u = 0u then
                    shifted >>> 1
                else
                    (shifted >>> 1) ^^^ polynomial

        product

    /// The checksum of two texts one after the other, from theirs and the second's length: the first's is multiplied by
    /// x^(8·length), and so a header can be written after the data that follow it.
    let combine (first: uint32) (second: uint32) (secondLength: int64) : uint32 =
        let mutable power = 1u <<< 23 // x⁸
        let mutable shift = 1u <<< 31 // x⁰
        let mutable rest = secondLength

        while rest > 0L do
            if rest &&& 1L <> 0L then
                shift <- multiply shift power

            power <- multiply power power
            rest <- rest >>> 1

        multiply shift first ^^^ second
