namespace AniSoap

open System
open System.Collections.Immutable
open System.Text
open System.Text.Json

/// From written values to typed ones, in the order of the grammar: integer, real, logical, list, text.
module internal ExtendedXyzValue =
    /// What ASE writes in front of JSON.
    [<Literal>]
    let JsonMark = "_JSON "

    let private isInteger (text: string) =
        let digits = text.AsSpan().TrimStart('+').TrimStart('-')

        text.Length - digits.Length <= 1
        && digits.Length > 0
        && digits.IndexOfAnyExceptInRange('0', '9') < 0
        && (digits.Length = 1 || digits[0] <> '0')

    let tryInteger (text: string) =
        match WholeNumber.tryLong text with
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
        |> Option.map InfoValue.Integer
        |> Option.orElseWith (fun () -> tryReal text |> Option.map InfoValue.Real)
        |> Option.orElseWith (fun () -> tryLogical text |> Option.map InfoValue.Logical)

    let private list (words: string[]) =
        all tryInteger words
        |> Option.map (fun values -> InfoValue.Integers(ImmutableArray.Create<int64> values))
        |> Option.orElseWith (fun () ->
            all tryReal words
            |> Option.map (fun values -> InfoValue.Reals(ImmutableArray.Create<float> values)))
        |> Option.orElseWith (fun () ->
            all tryLogical words
            |> Option.map (fun values -> InfoValue.Logicals(ImmutableArray.Create<bool> values)))

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
                // What is not closed goes on to the end of the text.
                let behind =
                    match Brackets.closing inner i with
                    | -1 -> inner.Length
                    | behind -> behind

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

    /// Rows within rows go so deep; a line of nothing but brackets is no reason to run out of stack.
    [<Literal>]
    let private DeepestRows = 8

    let rec private bracketedAt depth (text: string) =
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
                | Bracketed row when row.EndsWith ']' && depth < DeepestRows -> bracketedAt (depth + 1) row
                | _ -> InfoValue.Text text)
            |> fun rows -> InfoValue.Rows(ImmutableArray.Create<InfoValue> rows)
        elif words.Length < parts.Length then
            InfoValue.Text text
        elif Array.forall isWord parts then
            list words
            |> Option.defaultValue (InfoValue.Texts(ImmutableArray.Create<string> words))
        else
            InfoValue.Texts(ImmutableArray.Create<string> words)

    let private bracketed text = bracketedAt 0 text

    let private everyOf (elements: JsonElement[]) (kinds: JsonValueKind list) =
        elements |> Array.forall (fun element -> List.contains element.ValueKind kinds)

    /// JSON as a value: lists of one kind, and rows of them. What is of several kinds, or an object, is none.
    let rec private ofJson (element: JsonElement) : InfoValue option =
        match element.ValueKind with
        | JsonValueKind.Number ->
            match element.TryGetInt64() with
            | true, value -> Some(InfoValue.Integer value)
            | _ when element.GetRawText().AsSpan().IndexOfAny("eE.") >= 0 -> Some(InfoValue.Real(element.GetDouble()))
            | _ -> None
        | JsonValueKind.String -> Some(InfoValue.Text(string (element.GetString())))
        | JsonValueKind.True -> Some(InfoValue.Logical true)
        | JsonValueKind.False -> Some(InfoValue.Logical false)
        | JsonValueKind.Array ->
            let all = [| for part in element.EnumerateArray() -> part |]

            if all.Length > 0 && everyOf all [ JsonValueKind.String ] then
                Some(
                    InfoValue.Texts(ImmutableArray.CreateRange(all |> Seq.map (fun part -> string (part.GetString()))))
                )
            elif everyOf all [ JsonValueKind.Number ] then
                let values = all |> Array.map ofJson

                if Array.exists Option.isNone values then
                    None
                else
                    let wholes =
                        values
                        |> Array.choose (function
                            | Some(InfoValue.Integer value) -> Some value
                            | _ -> None)

                    if wholes.Length = values.Length then
                        Some(InfoValue.Integers(ImmutableArray.Create<int64> wholes))
                    else
                        Some(InfoValue.Reals(ImmutableArray.CreateRange(all |> Seq.map _.GetDouble())))
            elif everyOf all [ JsonValueKind.True; JsonValueKind.False ] then
                Some(InfoValue.Logicals(ImmutableArray.CreateRange(all |> Seq.map _.GetBoolean())))
            elif everyOf all [ JsonValueKind.Array ] then
                let rows = all |> Array.map ofJson

                if Array.forall Option.isSome rows then
                    Some(InfoValue.Rows(ImmutableArray.CreateRange(rows |> Seq.map Option.get)))
                else
                    None
            else
                None
        | _ -> None

    /// ASE's way of writing what is no number, text or list of numbers. What has no place here stays the text that it is,
    /// and is written as it came.
    let private ofJsonText (text: string) =
        let json = text.Substring JsonMark.Length

        try
            use document = JsonDocument.Parse(json, JsonDocumentOptions(MaxDepth = DeepestRows + 1))
            ofJson document.RootElement |> Option.defaultValue (InfoValue.Text text)
        with
        | :? JsonException ->
            // Python's numbers that are none of JSON.
            if
                json.StartsWith '['
                && json.EndsWith ']'
                && (json.Contains "NaN" || json.Contains "Infinity")
            then
                bracketed json
            else
                InfoValue.Text text
        // An escape of half a character: what it stands for is no text, and the pair is written as it came.
        | :? InvalidOperationException -> InfoValue.Text text

    /// The typed value.
    let ofWritten (value: WrittenValue) =
        match value with
        | NoValue -> InfoValue.Logical true
        | Word text -> scalar text |> Option.defaultValue (InfoValue.Text text)
        | Quoted text when text.StartsWith(JsonMark, StringComparison.Ordinal) -> ofJsonText text
        | Quoted text ->
            match RowParser.splitWords text with
            | [||] -> InfoValue.Text text
            | [| word |] -> scalar word |> Option.defaultValue (InfoValue.Text text)
            | words -> list words |> Option.defaultValue (InfoValue.Text text)
        | Bracketed text -> bracketed text

    /// The words of a value whatever quotes, brackets and commas hold them together.
    let words (value: WrittenValue) =
        match value with
        | NoValue -> [||]
        | Word text
        | Quoted text
        | Bracketed text ->
            text.Replace('[', ' ').Replace(']', ' ').Replace(',', ' ')
            |> RowParser.splitWords
