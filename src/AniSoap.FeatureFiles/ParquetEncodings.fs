namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Runtime.InteropServices

/// The encodings of the Parquet format: from the bytes of a page to its numbers.
module internal ParquetEncodings =
    let early () : 'a = fail "a page that ends early"

    let varint (bytes: byte[]) (at: byref<int>) finish =
        let mutable value = 0UL
        let mutable shift = 0
        let mutable going = true

        while going do
            if at >= finish || shift > 63 then
                early ()

            value <- value ||| (uint64 (bytes[at] &&& 0x7Fuy) <<< shift)
            shift <- shift + 7
            going <- bytes[at] &&& 0x80uy <> 0uy
            at <- at + 1

        value

    /// Bits of a number, from a bit on; those behind the end are zeros.
    let private bits (bytes: byte[]) (start: int64) width finish =
        let mutable value = 0UL

        for i in 0 .. width - 1 do
            let bit = start + int64 i
            let index = int (bit >>> 3)

            if index < finish && (bytes[index] >>> int (bit &&& 7L)) &&& 1uy <> 0uy then
                value <- value ||| (1UL <<< i)

        value

    /// Runs of equal numbers, and groups of eight packed bit by bit, of so many bits each.
    let hybrid (bytes: byte[]) start finish width (target: int[]) =
        let mutable at = start
        let mutable filled = 0

        if width < 0 || width > 32 then
            fail $"numbers of {string width} bits"

        while filled < target.Length do
            let head = varint bytes &at finish

            if head &&& 1UL = 0UL then
                let count = int (min (head >>> 1) (uint64 (target.Length - filled)))
                let size = (width + 7) / 8

                if at + size > finish || count = 0 then
                    early ()

                let mutable value = 0

                for i in size - 1 .. -1 .. 0 do
                    value <- (value <<< 8) ||| int bytes[at + i]

                at <- at + size
                Array.Fill(target, value, filled, count)
                filled <- filled + count
            else
                let groups = head >>> 1
                let size = groups * uint64 width

                if groups = 0UL || groups > uint64 Int32.MaxValue then
                    early ()

                // The last group may end with the page.
                let count = int (min (8UL * groups) (uint64 (target.Length - filled)))

                if int64 (finish - at) * 8L < int64 count * int64 width then
                    early ()

                for i in 0 .. count - 1 do
                    target[filled + i] <- int (uint32 (bits bytes (int64 at * 8L + int64 i * int64 width) width finish))

                filled <- filled + count
                at <- int (min (uint64 at + size) (uint64 finish))

    /// Integers as differences in blocks, in as many bits as the differences of each small block need.
    let private deltas (bytes: byte[]) start finish (target: int64[]) =
        let mutable at = start
        let zigzag value = int64 (value >>> 1) ^^^ -(int64 (value &&& 1UL))
        let block = varint bytes &at finish
        let parts = varint bytes &at finish
        let total = varint bytes &at finish
        let mutable value = zigzag (varint bytes &at finish)

        if
            block = 0UL
            || block > 1048576UL
            || parts = 0UL
            || block % parts <> 0UL
            || total <> uint64 target.Length
        then
            fail "a page of differences whose blocks do not fit"

        let length = int (block / parts)
        let mutable filled = 0

        if target.Length > 0 then
            target[0] <- value
            filled <- 1

        while filled < target.Length do
            let least = zigzag (varint bytes &at finish)

            if at + int parts > finish then
                early ()

            let widths = bytes[at .. at + int parts - 1]
            at <- at + int parts

            for width in widths do
                if filled < target.Length then
                    let width = int width
                    let count = min length (target.Length - filled)

                    if width > 64 || int64 (finish - at) * 8L < int64 count * int64 width then
                        early ()

                    for i in 0 .. count - 1 do
                        let difference = bits bytes (int64 at * 8L + int64 i * int64 width) width finish
                        value <- value + least + int64 difference
                        target[filled + i] <- value

                    filled <- filled + count
                    at <- int (min (int64 at + int64 length * int64 width / 8L) (int64 finish))

    /// Numbers one after another as doubles.
    let plain (numbers: ParquetNumbers) (bytes: ReadOnlySpan<byte>) (target: Span<float>) =
        if bytes.Length < target.Length * numbers.Stored then
            early ()

        let bytes = bytes.Slice(0, target.Length * numbers.Stored)

        let stored =
            match numbers.Scalar, numbers.Stored with
            | ScalarType.UInt32, 4 -> ScalarType.UInt32
            | (ScalarType.Float32 | ScalarType.Float64 | ScalarType.Float16 | ScalarType.UInt64), _ -> numbers.Scalar
            | _, 4 -> ScalarType.Int32
            | _ -> ScalarType.Int64

        match ScalarConversion.toFloats stored bytes target with
        | -1 -> ()
        | i ->
            let text = ScalarConversion.showInteger stored (bytes.Slice(8 * i, 8))
            fail $"the integer {text}, which no double is equal to"

    let private unsplit size (bytes: byte[]) start count : byte[] =
        if bytes.Length - start < size * count then
            early ()

        let target = Array.zeroCreate<byte>(size * count)

        for part in 0 .. size - 1 do
            for i in 0 .. count - 1 do
                target[i * size + part] <- bytes[start + part * count + i]

        target

    let private fromIntegers (numbers: ParquetNumbers) (values: int64[]) (target: Span<float>) =
        if numbers.Stored = 4 then
            let narrow = values |> Array.map int
            plain numbers (MemoryMarshal.AsBytes(ReadOnlySpan narrow)) target
        else
            plain numbers (MemoryMarshal.AsBytes(ReadOnlySpan values)) target

    let decode numbers encoding (table: float[]) (bytes: byte[]) start (target: Span<float>) =
        let count = target.Length

        match encoding with
        | 0 -> plain numbers (ReadOnlySpan(bytes, start, bytes.Length - start)) target
        | 2
        | 8 when count > 0 ->
            if start >= bytes.Length then
                early ()

            let places = Array.zeroCreate<int> count
            hybrid bytes (start + 1) bytes.Length (int bytes[start]) places

            for i in 0 .. count - 1 do
                if places[i] < 0 || places[i] >= table.Length then
                    fail $"value {string places[i]} of a dictionary of {string table.Length}"

                target[i] <- table[places[i]]
        | 2
        | 8 -> ()
        | 5 ->
            let values = Array.zeroCreate<int64> count
            deltas bytes start bytes.Length values
            fromIntegers numbers values target
        | 9 -> plain numbers (ReadOnlySpan(unsplit numbers.Stored bytes start count)) target
        | other -> fail $"a page of the encoding {string other}"
