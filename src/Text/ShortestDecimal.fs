namespace AniSoap

open System
open System.Globalization

/// The shortest decimal number that reads back as the same double, at most 17 digits, as UTF-8.
module internal ShortestDecimal =
    /// Room that is enough for any number: −2.2250738585072014E-308 has 24 bytes.
    [<Literal>]
    let Longest = 32

    let private isPowerOfTwo (value: float) = BitConverter.DoubleToUInt64Bits value &&& 0xFFFFFFFFFFFFFUL = 0UL

    /// Writes a number; gives its bytes. Doubles below a power of two lie twice as close as those above, and the base library's shortest text of
    /// 2⁻²⁵ and of 2⁻⁹⁵⁸ (.NET 10) is that of another double: of these it takes 17 digits.
    let write (value: float) (target: Span<byte>) : int =
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

    /// The number as a text.
    let text (value: float) : string =
        let target = Span<byte>(Array.zeroCreate<byte> Longest)
        let length = write value target
        Text.Encoding.ASCII.GetString(Span.op_Implicit (target.Slice(0, length)): ReadOnlySpan<byte>)
