namespace AniSoap.Formats

open System
open System.Collections.Immutable
open System.Globalization
open System.Text

/// A value of an extended XYZ comment line: a scalar, a list, or rows of lists.
[<NoComparison>]
type InfoValue =
    | Integer of int64
    | Real of float
    | Logical of bool
    | Text of string
    | Integers of ImmutableArray<int64>
    | Reals of ImmutableArray<float>
    | Logicals of ImmutableArray<bool>
    | Texts of ImmutableArray<string>
    | Rows of ImmutableArray<InfoValue>

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

/// The comment line of extended XYZ as pairs of keys and written values.
///
/// Two readings of the format live side by side. libAtoms has a grammar; ASE scans by hand, lets quotes and brackets
/// open in the middle of a word (which loses the brackets) and a backslash take the next character as it is. What
/// both understand means the same; this scanner follows the grammar and else ASE.
[<Sealed>]
type internal CommentScanner(line: string) =
    let mutable p = 0

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

    /// The index behind the bracket that closes the one at `p`, or −1.
    let closingBracket () =
        let mutable i = p
        let mutable depth = 0
        let mutable quote = '\000'
        let mutable found = -1

        while found < 0 && i < line.Length do
            let c = line[i]

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

    let value () =
        let start = p

        match (if p < line.Length then line[p] else ' ') with
        | '[' when (let behind = closingBracket () in behind > 0 && isSpaceAt behind) ->
            p <- closingBracket ()
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
                p <- p + 1
                skipSpace ()
                ValueSome struct (key, value ())
            else
                p <- behindKey
                ValueSome struct (key, NoValue)

/// From written values to typed ones, in the order of the grammar: integer, real, logical, list, text.
module internal InfoValue =
    let private separators = [| ' '; '\t'; '\n'; '\r'; '\v'; '\f' |]

    let splitWords (text: string) = text.Split(separators, StringSplitOptions.RemoveEmptyEntries)

    let private isInteger (text: string) =
        let digits = text.AsSpan().TrimStart('+').TrimStart('-')

        text.Length - digits.Length <= 1
        && digits.Length > 0
        && digits.IndexOfAnyExceptInRange('0', '9') < 0
        && (digits.Length = 1 || digits[0] <> '0')

    let tryInteger (text: string) =
        match Int64.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
        | true, value when isInteger text -> Some value
        | _ -> None

    let tryLogical text =
        match text with
        | "T"
        | "true"
        | "True"
        | "TRUE" -> Some true
        | "F"
        | "false"
        | "False"
        | "FALSE" -> Some false
        | _ -> None

    let private tryReal (text: string) =
        // `007` is neither an integer nor a real of the grammar; numbers beyond 64 bits are reals.
        let isOddInteger = text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 && not (isInteger text)
        if isOddInteger then None else DecimalNumber.tryParse text

    /// All values, if every one is one.
    let private all choose (words: string[]) =
        let values = Array.choose choose words
        if values.Length = words.Length then Some values else None

    let private scalar text =
        tryInteger text
        |> Option.map Integer
        |> Option.orElseWith (fun () -> tryReal text |> Option.map Real)
        |> Option.orElseWith (fun () -> tryLogical text |> Option.map Logical)

    let private list (words: string[]) =
        all tryInteger words
        |> Option.map (fun values -> Integers(ImmutableArray.Create<int64> values))
        |> Option.orElseWith (fun () ->
            all tryReal words
            |> Option.map (fun values -> Reals(ImmutableArray.Create<float> values)))
        |> Option.orElseWith (fun () ->
            all tryLogical words
            |> Option.map (fun values -> Logicals(ImmutableArray.Create<bool> values)))

    /// The parts of `[…]` between its commas or blanks, each as a scanner's value.
    let private elements (text: string) =
        let inner = text.Substring(1, text.Length - 2)
        let parts = ResizeArray<WrittenValue>()
        let mutable i = 0

        while i < inner.Length do
            let c = inner[i]

            if Char.IsWhiteSpace c || c = ',' then
                i <- i + 1
            elif c = '[' then
                let behind = inner.IndexOf(']', i) + 1
                let behind = if behind = 0 then inner.Length else behind
                parts.Add(Bracketed(inner.Substring(i, behind - i)))
                i <- behind
            elif c = '"' || c = '\'' then
                let text = StringBuilder()
                i <- i + 1

                while i < inner.Length && inner[i] <> c do
                    if inner[i] = '\\' && i + 1 < inner.Length then
                        i <- i + 1

                    text.Append inner[i] |> ignore
                    i <- i + 1

                i <- i + 1
                parts.Add(Quoted(text.ToString()))
            else
                let start = i

                while i < inner.Length && not (Char.IsWhiteSpace inner[i]) && inner[i] <> ',' do
                    i <- i + 1

                parts.Add(Word(inner.Substring(start, i - start)))

        parts.ToArray()

    let rec private bracketed (text: string) =
        let parts = elements text

        let isWord part =
            match part with
            | Word _ -> true
            | _ -> false

        let words =
            parts
            |> Array.choose (function
                | Word word
                | Quoted word -> Some word
                | _ -> None)

        if parts.Length > 0 && words.Length = 0 then
            parts
            |> Array.map (function
                | Bracketed row when row.EndsWith ']' -> bracketed row
                | _ -> Text text)
            |> fun rows -> Rows(ImmutableArray.Create<InfoValue> rows)
        elif words.Length < parts.Length then
            Text text
        elif Array.forall isWord parts then
            list words |> Option.defaultValue (Texts(ImmutableArray.Create<string> words))
        else
            Texts(ImmutableArray.Create<string> words)

    /// The typed value.
    let ofWritten (value: WrittenValue) =
        match value with
        | NoValue -> Logical true
        | Word text -> scalar text |> Option.defaultValue (Text text)
        | Quoted text ->
            match splitWords text with
            | [||] -> Text text
            | [| word |] -> scalar word |> Option.defaultValue (Text text)
            | words -> list words |> Option.defaultValue (Text text)
        | Bracketed text -> bracketed text

    /// The words of a value whatever quotes, brackets and commas hold them together.
    let words (value: WrittenValue) =
        match value with
        | NoValue -> [||]
        | Word text
        | Quoted text
        | Bracketed text -> text.Replace('[', ' ').Replace(']', ' ').Replace(',', ' ') |> splitWords
