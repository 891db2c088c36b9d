namespace AniSoap

open System
open System.Buffers
open System.Globalization
open System.IO
open System.Text

/// What stands in files that is no JSON: Python's NaN, Infinity and -Infinity, and texts that are none.
module internal JsonLiterals =
    let private nan = "NaN"B
    let private infinity = "Infinity"B

    let private isAt (text: Memory<byte>) at (word: byte[]) =
        text.Length - at >= word.Length
        && text.Span.Slice(at, word.Length).SequenceEqual(ReadOnlySpan word)

    let private isStart (text: Memory<byte>) at =
        at = 0
        || match text.Span[at - 1] with
           | ','B
           | '['B
           | ':'B
           | '-'B
           | ' 'B
           | '\t'B
           | '\n'B
           | '\r'B -> true
           | _ -> false

    /// NaN is null from here on, and an infinity a number beyond all doubles, which reads as infinite. Texts stay as they
    /// are, and so does the number of lines.
    let private walk (text: Memory<byte>) =
        let result = Array.zeroCreate<byte>(text.Length + text.Length / 3)
        let mutable at, finish = 0, 0
        let mutable inText = false

        let put (word: byte[]) length =
            word.CopyTo(result, finish)
            finish <- finish + word.Length
            at <- at + length

        while at < text.Length do
            let c = text.Span[at]
            let isEscape = inText && c = '\\'B && at + 1 < text.Length

            if not inText && c = 'N'B && isStart text at && isAt text at nan then
                put "null"B nan.Length
            elif not inText && c = 'I'B && isStart text at && isAt text at infinity then
                put "1e999"B infinity.Length
            elif isEscape then
                put [| c; text.Span[at + 1] |] 2
            else
                if c = '"'B then
                    inText <- not inText

                result[finish] <- c
                finish <- finish + 1
                at <- at + 1

        Memory(result, 0, finish)

    /// Bytes that are no UTF-8 become U+FFFD, as they do in text formats.
    let private asUtf8 (text: Memory<byte>) =
        if Unicode.Utf8.IsValid text.Span then
            text
        else
            use result = new MemoryStream(text.Length + 1024)
            let replacement = [| 0xEFuy; 0xBFuy; 0xBDuy |]
            let mutable at = 0

            while at < text.Length do
                let rest = text.Span.Slice at
                let mutable rune = Rune()
                let mutable length = 0

                if Rune.DecodeFromUtf8(rest, &rune, &length) = OperationStatus.Done then
                    result.Write(rest.Slice(0, length))
                else
                    result.Write(ReadOnlySpan replacement)

                at <- at + length

            Memory(result.GetBuffer(), 0, int result.Length)

    /// The code of the escape `\uXXXX` at a place, if one stands there.
    let private tryEscape (text: Memory<byte>) at =
        let mutable code = 0us

        if
            text.Length - at >= 6
            && text.Span[at] = '\\'B
            && text.Span[at + 1] = 'u'B
            && UInt16.TryParse(
                text.Span.Slice(at + 2, 4),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                &code
            )
        then
            ValueSome(char code)
        else
            ValueNone

    /// Escapes of half a character, as Python writes them for bytes that it could not read, become U+FFFD, where they stand.
    let private completeEscapes (text: Memory<byte>) =
        let replacement = "\\ufffd"B
        let mutable at = text.Span.IndexOf('\\'B)

        while at >= 0 && at < text.Length do
            let length =
                match tryEscape text at with
                | ValueSome high when Char.IsHighSurrogate high ->
                    match tryEscape text (at + 6) with
                    | ValueSome low when Char.IsLowSurrogate low -> 12
                    | _ ->
                        replacement.CopyTo(text.Slice at)
                        6
                | ValueSome low when Char.IsLowSurrogate low ->
                    replacement.CopyTo(text.Slice at)
                    6
                | _ -> 2

            let next = min text.Length (at + length)
            let further = text.Span.Slice(next).IndexOf('\\'B)
            at <- if further < 0 then -1 else next + further

    /// The mark that some editors put before UTF-8.
    let private mark = [| 0xEFuy; 0xBBuy; 0xBFuy |]

    /// The text as JSON.
    let replaced (text: Memory<byte>) : Memory<byte> =
        let text =
            asUtf8 (
                if text.Span.StartsWith(ReadOnlySpan mark) then
                    text.Slice mark.Length
                else
                    text
            )

        completeEscapes text

        if
            text.Span.IndexOf(ReadOnlySpan nan) >= 0
            || text.Span.IndexOf(ReadOnlySpan infinity) >= 0
        then
            walk text
        else
            text
