namespace AniSoap

open System
open System.Text

/// A value as written, with the marks that decide how it is understood taken off.
type internal WrittenValue =
    /// A key without a value.
    | NoValue
    /// A word; quotes and brackets in its middle have been resolved.
    | Word of string
    /// The content of quotes or braces.
    | Quoted of string
    /// `[…]`, brackets included.
    | Bracketed of string

module internal Brackets =
    /// The index behind the bracket that closes the one at `start`, or −1. Brackets within quotes do not count, and a backslash takes the next character
    /// as it is.
    let closing (text: string) start =
        let mutable i = start
        let mutable depth = 0
        let mutable quote = '\000'
        let mutable found = -1

        while found < 0 && i < text.Length do
            let c = text[i]

            if c = '\\' then
                i <- i + 1
            elif quote <> '\000' then
                (if c = quote then
                     quote <- '\000')
            elif c = '"' || c = '\'' then
                quote <- c
            elif c = '[' then
                depth <- depth + 1
            elif c = ']' then
                depth <- depth - 1

                if depth = 0 then
                    found <- i + 1

            i <- i + 1

        found

/// The comment line of extended XYZ as pairs of keys and written values.
///
/// Two readings of the format live side by side. libAtoms has a grammar; ASE scans by hand, lets quotes and brackets
/// open in the middle of a word (which loses the brackets) and a backslash take the next character as it is. What
/// both understand means the same; this scanner follows the grammar and else ASE.
[<Sealed>]
type internal CommentScanner(line: string) =
    let mutable p = 0
    let mutable openAt = -1

    let closing c =
        match c with
        | '"'
        | '\'' -> c
        | '{' -> '}'
        | '[' -> ']'
        | _ -> '\000'

    let isSpaceAt i = i >= line.Length || Char.IsWhiteSpace line[i]

    let skipSpace () =
        while p < line.Length && Char.IsWhiteSpace line[p] do
            p <- p + 1

    /// The content of the quotes that open at `p`, which goes behind them; an open end reaches to the end of the line.
    let quotedInto (text: StringBuilder) =
        let start = p
        let opening = line[p]
        let close = closing opening
        p <- p + 1

        while p < line.Length && line[p] <> close do
            if line[p] = '\\' && p + 1 < line.Length then
                p <- p + 1
                text.Append(if line[p] = 'n' && opening = '"' then '\n' else line[p]) |> ignore
            else
                text.Append line[p] |> ignore

            p <- p + 1

        if p >= line.Length && openAt < 0 then
            openAt <- start

        p <- min line.Length (p + 1)

    let isPlain c atEquals =
        not (Char.IsWhiteSpace c)
        && closing c = '\000'
        && c <> '\\'
        && (c <> '=' || atEquals)

    /// A word up to white space, and for keys up to `=`.
    let word isValue =
        let start = p

        while p < line.Length && isPlain line[p] isValue do
            p <- p + 1

        if isSpaceAt p || (not isValue && line[p] = '=') then
            line.Substring(start, p - start)
        else
            let text = StringBuilder(line, start, p - start, 64)

            while not (isSpaceAt p) && (isValue || line[p] <> '=') do
                if line[p] = '\\' && p + 1 < line.Length then
                    text.Append line[p + 1] |> ignore
                    p <- p + 2
                elif closing line[p] <> '\000' then
                    quotedInto text
                else
                    text.Append line[p] |> ignore
                    p <- p + 1

            text.ToString()

    let value () =
        let start = p

        match (if p < line.Length then line[p] else ' ') with
        | '[' when (let behind = Brackets.closing line p in behind > 0 && isSpaceAt behind) ->
            p <- Brackets.closing line p
            Bracketed(line.Substring(start, p - start))
        | '"'
        | '\''
        | '{' ->
            let text = StringBuilder()
            quotedInto text

            if isSpaceAt p then
                Quoted(text.ToString())
            else
                p <- start
                Word(word true)
        | _ -> Word(word true)

    /// Whether what stands here is the key of another pair: a word with `=` at its end. ASE writes an empty text as
    /// nothing at all, and the next pair would become the value.
    let startsPair () =
        let start, wasOpenAt = p, openAt
        let isKey = word false <> "" && p < line.Length && line[p] = '='
        p <- start
        openAt <- wasOpenAt
        isKey

    /// Where the first quote or bracket opens that the line does not close, counted from 0; −1 where there is none.
    member _.OpenAt = openAt

    /// The next key and its value, if there is one more.
    member _.Next() =
        skipSpace ()

        if p >= line.Length then
            ValueNone
        else
            let key = word false
            let behindKey = p
            skipSpace ()

            if p < line.Length && line[p] = '=' then
                let isTight = p = behindKey
                p <- p + 1
                let behindSign = p
                skipSpace ()

                if isTight && p > behindSign && startsPair () then
                    ValueSome struct (key, Quoted "")
                else
                    ValueSome struct (key, value ())
            else
                p <- behindKey
                ValueSome struct (key, NoValue)
