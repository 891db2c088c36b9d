/// Decimal numbers out of bytes, correctly rounded.
///
/// Hot path (W. D. Clinger, PLDI 1990): a significand m ≤ 2⁵³ and a power of ten up to 10²² are both exact doubles, so
/// m × 10ᵉ or m ÷ 10⁻ᵉ is rounded once and thereby correctly. Everything else goes to the base library's
/// parser, which is correct for any number of digits.
module internal AniSoap.DecimalNumber

open System
open System.Globalization
open System.Text

/// 10ᵉ for e = 0 … 22, the powers that a double holds exactly.
let private powersOfTen = [| for e in 0..22 -> Double.Parse($"1e{string e}", CultureInfo.InvariantCulture) |]

[<Literal>]
let private LargestExactInteger = 9007199254740992UL

/// So many digits fit into 64 bits whatever they are.
[<Literal>]
let private SafeDigits = 19

[<Literal>]
let private LongestException = 9

/// `nan`, `inf` and `infinity` in any case, with a sign or without.
let private tryException (token: ReadOnlySpan<byte>) (value: byref<float>) =
    if token.Length > LongestException then
        false
    else
        let text = Encoding.ASCII.GetString(token).ToLowerInvariant()
        let signed = text.StartsWith '+' || text.StartsWith '-'

        match (if signed then text.Substring 1 else text) with
        | "nan" ->
            value <- nan
            true
        | "inf"
        | "infinity" ->
            value <- if text[0] = '-' then -infinity else infinity
            true
        | _ -> false

/// A number whose spelling is known to be right, by the base library; Fortran's D for the exponent becomes E.
let private parseLong (token: ReadOnlySpan<byte>) =
    let copy = token.ToArray()

    for i in 0 .. copy.Length - 1 do
        if copy[i] = 'd'B || copy[i] = 'D'B then
            copy[i] <- 'E'B

    Double.Parse(ReadOnlySpan copy, NumberStyles.Float, CultureInfo.InvariantCulture)

let inline private isDigit (b: byte) = b - '0'B <= 9uy

/// Reads the number that starts at `start` and reaches to the next byte of white space (some byte ≤ 32 must follow
/// in the buffer). Gives the index of that byte, or −1 where there is no number.
let parse (buffer: byte[]) (start: int) (value: byref<float>) : int =
    let mutable p = start
    let negative = buffer[p] = '-'B

    if negative || buffer[p] = '+'B then
        p <- p + 1

    let mutable significand = 0UL
    let integerStart = p

    while isDigit buffer[p] do
        significand <- significand * 10UL + uint64 (buffer[p] - '0'B)
        p <- p + 1

    let mutable digits = p - integerStart
    let mutable exponent = 0

    if buffer[p] = '.'B then
        p <- p + 1
        let fractionStart = p

        while isDigit buffer[p] do
            significand <- significand * 10UL + uint64 (buffer[p] - '0'B)
            p <- p + 1

        exponent <- fractionStart - p
        digits <- digits + p - fractionStart

    let mutable wellSpelled = digits > 0

    if wellSpelled && (buffer[p] ||| 32uy = 'e'B || buffer[p] ||| 32uy = 'd'B) then
        p <- p + 1
        let minus = buffer[p] = '-'B

        if minus || buffer[p] = '+'B then
            p <- p + 1

        let exponentStart = p
        let mutable written = 0

        while isDigit buffer[p] do
            // Saturates: beyond this every number is zero or infinite anyway, and goes to the long way below.
            written <- min 100000 (written * 10 + int (buffer[p] - '0'B))
            p <- p + 1

        wellSpelled <- p > exponentStart
        exponent <- exponent + (if minus then -written else written)

    if wellSpelled && buffer[p] <= 32uy then
        if
            digits <= SafeDigits
            && significand <= LargestExactInteger
            && exponent >= -22
            && exponent <= 22
        then
            let size =
                if exponent < 0 then
                    float significand / powersOfTen[-exponent]
                else
                    float significand * powersOfTen[exponent]

            value <- if negative then -size else size
        elif digits <= SafeDigits && significand = 0UL then
            value <- if negative then -0.0 else 0.0
        else
            value <- parseLong (ReadOnlySpan(buffer, start, p - start))

        p
    else
        let mutable finish = start

        while buffer[finish] > 32uy do
            finish <- finish + 1

        if tryException (ReadOnlySpan(buffer, start, finish - start)) &value then
            finish
        else
            -1

/// The number that a text spells, if it spells one and nothing else.
let tryParse (text: string) : float option =
    let buffer = Encoding.UTF8.GetBytes(text + "\n")
    let mutable value = 0.0

    if text.Length > 0 && parse buffer 0 &value = buffer.Length - 1 then
        Some value
    else
        None
