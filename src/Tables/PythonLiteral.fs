namespace AniSoap

open System

/// The literals of Python that headers of NPY files are made of.
[<RequireQualifiedAccess>]
type internal PythonLiteral =
    | Text of string
    | Number of int64
    | Truth of bool
    /// A tuple or a list.
    | Sequence of PythonLiteral list
    | Dictionary of (PythonLiteral * PythonLiteral) list

module internal PythonLiteral =
    // No header is nested more deeply, and no other text may take up the stack.
    let private deepest = 8

    let rec private skip (text: string) at =
        if at < text.Length && " \t\r\n".Contains text[at] then
            skip text (at + 1)
        else
            at

    let private startsWith (text: string) at (word: string) = String.CompareOrdinal(text, at, word, 0, word.Length) = 0

    let private number (text: string) start =
        let isPart c = Char.IsAsciiDigit c || c = '-'

        let finish =
            Seq.initInfinite ((+) start)
            |> Seq.find (fun i -> i = text.Length || not (isPart text[i]))

        let digits = text.Substring(start, finish - start)

        match WholeNumber.tryLong digits with
        // Python 2 wrote long integers with an L behind.
        | true, number -> Ok(PythonLiteral.Number number, (if startsWith text finish "L" then finish + 1 else finish))
        | _ -> Error digits

    /// Items with commas between, and perhaps one behind the last.
    let rec private list (text: string) (close: char) item at known =
        let start = skip text at

        if start < text.Length && text[start] = close then
            Ok(List.rev known, start + 1)
        else
            match item start with
            | Error found -> Error found
            | Ok(found, behind) ->
                let next = skip text behind

                if startsWith text next "," then
                    list text close item (next + 1) (found :: known)
                elif next < text.Length && text[next] = close then
                    Ok(List.rev (found :: known), next + 1)
                else
                    Error $"no '{string close}'"

    /// The literal at this place and the place behind it, or what stands there instead.
    let rec private literal (text: string) depth at : Result<PythonLiteral * int, string> =
        let start = skip text at

        if start >= text.Length then
            Error "an early end"
        elif depth > deepest then
            Error "deeper nesting"
        else
            match text[start] with
            | '\''
            | '"' as quote ->
                match text.IndexOf(quote, start + 1) with
                | -1 -> Error "text without its end"
                | finish -> Ok(PythonLiteral.Text(text.Substring(start + 1, finish - start - 1)), finish + 1)
            | '(' ->
                list text ')' (literal text (depth + 1)) (start + 1) []
                |> Result.map (fun (l, i) -> PythonLiteral.Sequence l, i)
            | '[' ->
                list text ']' (literal text (depth + 1)) (start + 1) []
                |> Result.map (fun (l, i) -> PythonLiteral.Sequence l, i)
            | '{' ->
                list text '}' (pair text (depth + 1)) (start + 1) []
                |> Result.map (fun (l, i) -> PythonLiteral.Dictionary l, i)
            | c when Char.IsAsciiDigit c || c = '-' -> number text start
            | _ when startsWith text start "True" -> Ok(PythonLiteral.Truth true, start + 4)
            | _ when startsWith text start "False" -> Ok(PythonLiteral.Truth false, start + 5)
            | c -> Error $"'{string c}'"

    and private pair text depth at =
        literal text depth at
        |> Result.bind (fun (key, behind) ->
            let colon = skip text behind

            if startsWith text colon ":" then
                literal text depth (colon + 1)
                |> Result.map (fun (value, behind) -> (key, value), behind)
            else
                Error "no ':'")

    /// The one literal that the text is, or what stands there instead.
    let parse (text: string) : Result<PythonLiteral, string> =
        literal text 0 0
        |> Result.bind (fun (value, behind) ->
            if skip text behind = text.Length then
                Ok value
            else
                Error "text behind the dictionary")
