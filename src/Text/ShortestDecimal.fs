namespace AniSoap

open System
open System.Globalization
open System.Numerics

/// The shortest decimal number that reads back as the same double, and of those the nearest: text as the base library's
/// `R` gives it, in a fraction of the time (R. Giulietti, The Schubfach way to render doubles, 2020).
///
/// A double is c · 2^q; numbers within half of its last place, c_l 2^(q-2) to c_r 2^(q-2) with c_l = 4c − 2 and c_r = 4c + 2,
/// read back as it. With k the largest exponent for which two numbers of the form s · 10^k are in reach, at most one number
/// is that ends one digit earlier. All three are multiplied by 10^(−k), of which 126 bits are enough, and rounded to
/// odd numbers: what is left of a fraction then still tells above from below.
///
/// Powers are worked out when they are first needed; one writer has one such value, which no two threads use at once.
[<Sealed>]
type internal ShortestDecimal() =
    // 10^k for k = −292 … 324, each as 128 bits whose first is set, rounded up; zero: not worked out yet.
    static let first = -292
    let high = Array.zeroCreate<uint64> 617
    let low = Array.zeroCreate<uint64> 617
    let digits = Array.zeroCreate<byte> 20
    let pairs = Array.init 200 (fun i -> '0'B + byte (if i % 2 = 0 then i / 20 else i / 2 % 10))

    /// ⌊log₂ 10^k⌋.
    static let log2OfPower k = (k * 1741647) >>> 19

    let workOut k =
        let shift = 127 - log2OfPower k

        let power =
            if k >= 0 then
                let exact = BigInteger.Pow(BigInteger 10, k)

                if shift >= 0 then
                    exact <<< shift
                else
                    -((-exact) >>> -shift)
            else
                // 2^shift / 10^(−k), rounded up: no power of ten divides one of two.
                (BigInteger.One <<< shift) / BigInteger.Pow(BigInteger 10, -k) + BigInteger.One

        high[k - first] <- uint64 (power >>> 64)
        low[k - first] <- uint64 (power &&& BigInteger UInt64.MaxValue)

    /// g · n / 2^128, rounded to odd.
    let timesPower index (n: uint64) =
        let mutable unused = 0UL
        let below = Math.BigMul(low[index], n, &unused)
        let mutable middle = 0UL
        let above = Math.BigMul(high[index], n, &middle)
        let sum = middle + below
        let whole = if sum < middle then above + 1UL else above
        if sum > 1UL then whole ||| 1UL else whole

    let pair at number =
        digits[at] <- pairs[2 * number]
        digits[at + 1] <- pairs[2 * number + 1]

    let mutable exponent = 0

    /// The digits as a whole number; `exponent` is set to its power of ten.
    let shortest (c: uint64) q isCloserBelow =
        let even = c &&& 1UL = 0UL
        let k = (q * 1262611 - (if isCloserBelow then 524031 else 0)) >>> 22
        let index = -k - first

        if high[index] = 0UL then
            workOut -k

        let h = q + log2OfPower -k + 1
        let here = timesPower index ((4UL * c) <<< h)
        let below = timesPower index ((4UL * c - (if isCloserBelow then 1UL else 2UL)) <<< h)
        let above = timesPower index ((4UL * c + 2UL) <<< h)
        let least = if even then below else below + 1UL
        let most = if even then above else above - 1UL
        let s = here >>> 2
        let tenth = s / 10UL
        let isTenthIn = s >= 10UL && least <= 40UL * tenth
        let isNextTenthIn = s >= 10UL && 40UL * tenth + 40UL <= most

        if isTenthIn <> isNextTenthIn then
            exponent <- k + 1
            if isNextTenthIn then tenth + 1UL else tenth
        else
            exponent <- k
            let isIn = least <= 4UL * s
            let isNextIn = 4UL * s + 4UL <= most

            if isIn <> isNextIn then
                if isNextIn then s + 1UL else s
            else
                let half = 4UL * s + 2UL

                if here > half || (here = half && s &&& 1UL = 1UL) then
                    s + 1UL
                else
                    s

    /// Writes the number, at most 24 bytes of it; gives the place behind it.
    member _.Write(value: float, buffer: byte[], start: int) : int =
        let bits = BitConverter.DoubleToUInt64Bits value
        let biased = int (bits >>> 52) &&& 0x7FF
        let fraction = bits &&& 0xFFFFFFFFFFFFFUL
        let mutable at = start

        if biased = 0x7FF || (biased = 0 && fraction = 0UL) then
            let mutable written = 0

            value.TryFormat(buffer.AsSpan start, &written, ReadOnlySpan(), CultureInfo.InvariantCulture)
            |> ignore

            start + written
        else
            if bits >>> 63 <> 0UL then
                buffer[at] <- '-'B
                at <- at + 1

            let c =
                if biased = 0 then
                    fraction
                else
                    fraction ||| 0x10000000000000UL

            let q = (if biased = 0 then 1 else biased) - 1075

            let mutable number =
                if q <= 0 && q > -53 && c &&& ((1UL <<< -q) - 1UL) = 0UL then
                    // A whole number below 2^53 has its own digits.
                    exponent <- 0
                    c >>> -q
                else
                    shortest c q (fraction = 0UL && biased > 1)

            while number % 10UL = 0UL do
                number <- number / 10UL
                exponent <- exponent + 1

            // From the last digit to the first, two at a time, eight of them by numbers of 32 bits.
            let mutable from = digits.Length

            while number >= 100000000UL do
                let rest = number / 100000000UL
                let mutable eight = uint32 (number - 100000000UL * rest)
                number <- rest

                for _ in 1..4 do
                    let hundreds = eight / 100u
                    from <- from - 2
                    pair from (int (eight - 100u * hundreds))
                    eight <- hundreds

            let mutable left = uint32 number

            while left >= 10u do
                let hundreds = left / 100u
                from <- from - 2
                pair from (int (left - 100u * hundreds))
                left <- hundreds

            if left > 0u then
                from <- from - 1
                digits[from] <- '0'B + byte left

            let count = digits.Length - from
            // The number is 0.d₁d₂… · 10^point.
            let point = count + exponent

            if point > 17 || point < -3 then
                buffer[at] <- digits[from]
                at <- at + 1

                if count > 1 then
                    buffer[at] <- '.'B
                    Array.Copy(digits, from + 1, buffer, at + 1, count - 1)
                    at <- at + count

                buffer[at] <- 'E'B
                buffer[at + 1] <- if point > 0 then '+'B else '-'B
                at <- at + 2
                let size = abs (point - 1)

                if size >= 100 then
                    buffer[at] <- '0'B + byte (size / 100)
                    at <- at + 1

                buffer[at] <- '0'B + byte (size / 10 % 10)
                buffer[at + 1] <- '0'B + byte (size % 10)
                at + 2
            elif point <= 0 then
                buffer[at] <- '0'B
                buffer[at + 1] <- '.'B
                at <- at + 2

                for _ in point .. -1 do
                    buffer[at] <- '0'B
                    at <- at + 1

                Array.Copy(digits, from, buffer, at, count)
                at + count
            elif count <= point then
                Array.Copy(digits, from, buffer, at, count)
                at <- at + count

                for _ in count .. point - 1 do
                    buffer[at] <- '0'B
                    at <- at + 1

                at
            else
                Array.Copy(digits, from, buffer, at, point)
                buffer[at + point] <- '.'B
                Array.Copy(digits, from + point, buffer, at + point + 1, count - point)
                at + count + 1
