namespace AniSoap

open System
open System.Globalization
open System.Numerics
open System.Runtime.CompilerServices

/// The shortest decimal number that reads back as the same double, at most 17 digits, as UTF-8: the text of `Double.ToString` to the byte, found three
/// times as fast. By R. Giulietti, "The Schubfach way to render doubles" (2020): three products with one power of ten say which decimal numbers
/// lie nearer to a double than to its neighbours.
module internal ShortestDecimal =
    /// Room that is enough for any number: −2.2250738585072014E-308 has 24 bytes.
    [<Literal>]
    let Longest = 32

    [<Literal>]
    let private SmallestPower = -292

    [<Literal>]
    let private LargestPower = 324

    /// ⌊log₂ 10ᵉ⌋ for all powers of the table.
    let private logOfPower e = (e * 1741647) >>> 19

    /// 10ᵏ scaled by a power of two to 128 bits, of which the highest is 1, and rounded up: upper halves, then lower ones.
    let private powers: uint64[] =
        let count = LargestPower - SmallestPower + 1
        let all = Array.zeroCreate<uint64>(2 * count)

        for k in SmallestPower..LargestPower do
            let shift = 127 - logOfPower k
            let five = BigInteger.Pow(BigInteger 5, abs k)
            // 10ᵏ 2ˢ = 5ᵏ 2ᵏ⁺ˢ.
            let exponent = k + shift

            let scaled =
                if k >= 0 && exponent >= 0 then
                    five <<< exponent
                elif k >= 0 then
                    let divisor = BigInteger.One <<< -exponent
                    (five + divisor - BigInteger.One) / divisor
                else
                    ((BigInteger.One <<< exponent) + five - BigInteger.One) / five

            all[k - SmallestPower] <- uint64 (scaled >>> 64)
            all[count + k - SmallestPower] <- uint64 (scaled &&& BigInteger UInt64.MaxValue)

        all

    /// The upper part of a product of 128 by 64 bits, its last bit 1 where anything was cut off.
    let inline private product (upper: uint64) (lower: uint64) (c: uint64) =
        let mutable rest = 0UL
        let mutable middle = 0UL
        let cut = Math.BigMul(lower, c, &rest)
        let high = Math.BigMul(upper, c, &middle)
        let sum = middle + cut
        let high = if sum < cut then high + 1UL else high
        if sum > 1UL then high ||| 1UL else high

    /// The digits of c 2^q as a whole number and its power of ten; c has 53 bits and is no power of two.
    let private digits (c: uint64) (q: int) : struct (uint64 * int) =
        let outside = c &&& 1UL
        let k = (q * 1262611) >>> 22
        let h = q + logOfPower -k + 1
        let at = -k - SmallestPower
        let upper, lower = powers[at], powers[powers.Length / 2 + at]
        let below = product upper lower ((4UL * c - 2UL) <<< h) + outside
        let here = product upper lower ((4UL * c) <<< h)
        let above = product upper lower ((4UL * c + 2UL) <<< h) - outside
        let s = here / 4UL
        let tenth = s / 10UL
        let isDown = below <= 40UL * tenth
        let isUp = 40UL * tenth + 40UL <= above

        if isDown <> isUp then
            struct ((if isUp then tenth + 1UL else tenth), k + 1)
        else
            let isDown = below <= 4UL * s
            let isUp = 4UL * s + 4UL <= above

            if isDown <> isUp then
                struct ((if isUp then s + 1UL else s), k)
            else
                let middle = 4UL * s + 2UL
                let isNearer = here > middle || (here = middle && s &&& 1UL <> 0UL)
                struct ((if isNearer then s + 1UL else s), k)

    let private isPowerOfTwo (value: float) = BitConverter.DoubleToUInt64Bits value &&& 0xFFFFFFFFFFFFFUL = 0UL

    /// The base library's text, but for powers of two: doubles below one lie twice as close as those above, and its shortest text of 2⁻²⁵ and of
    /// 2⁻⁹⁵⁸ (.NET 10) is that of another double: of these it takes 17 digits.
    let private writeSlowly (value: float) (target: Span<byte>) : int =
        let mutable written = 0

        value.TryFormat(target, &written, ReadOnlySpan(), CultureInfo.InvariantCulture)
        |> ignore

        if
            isPowerOfTwo value
            && Double.IsFinite value
            && Double.Parse(Span.op_Implicit (target.Slice(0, written)), CultureInfo.InvariantCulture)
               <> value
        then
            value.TryFormat(target, &written, "G17".AsSpan(), CultureInfo.InvariantCulture)
            |> ignore

        written

    /// 00 to 99, in the order of bytes in memory.
    let private twoDigits =
        Array.init 100 (fun n -> BitConverter.ToUInt16([| byte (48 + n / 10); byte (48 + n % 10) |], 0))

    /// Puts four digits at a place.
    let inline private putFour (at: int) (number: uint32) (target: Span<byte>) =
        let hundreds = number / 100u
        Unsafe.WriteUnaligned(&target[at], twoDigits[int hundreds])
        Unsafe.WriteUnaligned(&target[at + 2], twoDigits[int (number - 100u * hundreds)])

    /// Puts the digits of a number in front of `behind`; gives the place of the first.
    let private putBefore (behind: int) (number: uint64) (target: Span<byte>) =
        let mutable left = number
        let mutable at = behind

        // Eight at a time: a division waits for the one before, those of four and four digits do not.
        while left >= 100000000UL do
            let upper = left / 100000000UL
            let eight = uint32 (left - 100000000UL * upper)
            let four = eight / 10000u
            putFour (at - 8) four target
            putFour (at - 4) (eight - 10000u * four) target
            at <- at - 8
            left <- upper

        let mutable rest = uint32 left

        while rest >= 100u do
            let hundredth = rest / 100u
            Unsafe.WriteUnaligned(&target[at - 2], twoDigits[int (rest - 100u * hundredth)])
            at <- at - 2
            rest <- hundredth

        if rest >= 10u then
            Unsafe.WriteUnaligned(&target[at - 2], twoDigits[int rest])
            at - 2
        else
            target[at - 1] <- byte (48u + rest)
            at - 1

    /// Writes digits × 10^power as `Double.ToString` does: numbers from 10⁻⁴ to below 10¹⁷ without an exponent.
    let private layOut (isNegative: bool) (number: uint64) (power: int) (target: Span<byte>) : int =
        // Digits stand at the end of the room until their places are known.
        let first = putBefore Longest number target
        let mutable last = Longest - 1

        while target[last] = '0'B do
            last <- last - 1

        let count = last + 1 - first
        let scale = Longest - first + power
        let mutable at = 0

        if isNegative then
            target[0] <- '-'B
            at <- 1

        let digits = target.Slice(first, count)

        if scale > 17 || scale < -3 then
            let exponent = scale - 1
            target[at] <- digits[0]
            at <- at + 1

            if count > 1 then
                digits.Slice(1).CopyTo(target.Slice(at + 1))
                target[at] <- '.'B
                at <- at + count

            let size = abs exponent
            target[at] <- 'E'B
            target[at + 1] <- (if exponent < 0 then '-'B else '+'B)
            at <- at + 2

            if size >= 100 then
                target[at] <- byte (48 + size / 100)
                at <- at + 1

            target[at] <- byte (48 + size / 10 % 10)
            target[at + 1] <- byte (48 + size % 10)
            at + 2
        elif scale <= 0 then
            digits.CopyTo(target.Slice(at + 2 - scale))
            target[at] <- '0'B
            target[at + 1] <- '.'B
            target.Slice(at + 2, -scale).Fill '0'B
            at + 2 - scale + count
        elif scale >= count then
            digits.CopyTo(target.Slice at)
            target.Slice(at + count, scale - count).Fill '0'B
            at + scale
        else
            digits.Slice(0, scale).CopyTo(target.Slice at)
            digits.Slice(scale).CopyTo(target.Slice(at + scale + 1))
            target[at + scale] <- '.'B
            at + count + 1

    /// Writes a number into a room of `Longest` bytes; gives how many it needs.
    let write (value: float) (target: Span<byte>) : int =
        let bits = BitConverter.DoubleToUInt64Bits value
        let exponent = int (bits >>> 52) &&& 0x7FF
        let fraction = bits &&& 0xFFFFFFFFFFFFFUL

        // Zeros, powers of two, what is below 2⁻¹⁰²², infinities and no numbers are few.
        if exponent = 0 || exponent = 0x7FF || fraction = 0UL then
            writeSlowly value target
        else
            let c = fraction ||| 0x10000000000000UL
            let q = exponent - 1075

            let struct (number, power) =
                // Whole numbers below 2⁵³ are their own digits.
                if q <= 0 && -q < 53 && c &&& ((1UL <<< -q) - 1UL) = 0UL then
                    struct (c >>> -q, 0)
                else
                    digits c q

            layOut (bits >>> 63 = 1UL) number power (target.Slice(0, Longest))

    /// The number as a text.
    let text (value: float) : string =
        let target = Span<byte>(Array.zeroCreate<byte> Longest)
        let length = write value target
        Text.Encoding.ASCII.GetString(Span.op_Implicit (target.Slice(0, length)): ReadOnlySpan<byte>)
