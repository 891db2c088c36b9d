namespace AniSoap.Formats

open System

/// Python's `json` writes NaN, Infinity and -Infinity, which no JSON has.
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

    /// The text as JSON.
    let replaced (text: Memory<byte>) : Memory<byte> =
        if
            text.Span.IndexOf(ReadOnlySpan nan) >= 0
            || text.Span.IndexOf(ReadOnlySpan infinity) >= 0
        then
            walk text
        else
            text
