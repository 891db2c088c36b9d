namespace AniSoap

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json

/// How names that are no identifiers are written, those of the shape's columns above all.
[<RequireQualifiedAccess>]
type ShapeColumns =
    /// `c_diameter\[1\]:R:1` and so on, as AniSOAP and ASE know it.
    | Escaped
    /// `diameter:R:3`, which follows the grammar to the letter; other names keep letters, digits and `_`.
    | Strict
    /// `orientation:R:4:aspherical_shape:R:3`, scalar last and semi-axes, as OVITO knows it; other names as `Escaped`.
    | Ovito

/// Values and names as the comment line has them.
module internal ExtendedXyzText =
    /// A real that reads back as a real: `5.0`, not `5`.
    let private real (value: float) =
        let text = ShortestDecimal.text value

        if text.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0 then
            text + ".0"
        else
            text

    let private integer (value: int64) = value.ToString CultureInfo.InvariantCulture
    let private logical value = if value then "T" else "F"

    let quoted (text: string) =
        let escaped = text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", " ").Replace("\n", "\\n")
        "\"" + escaped + "\""

    /// A text that needs no quotes: a word that is neither a number nor a truth value.
    let private isBare (text: string) =
        text <> ""
        && not (
            text
            |> Seq.exists (fun c -> Char.IsWhiteSpace c || Char.IsControl c || "=\",}{][\\'".Contains c)
        )
        && (match ExtendedXyzValue.ofWritten (Word text) with
            | InfoValue.Text _ -> true
            | _ -> false)

    let private word text = if isBare text then text else quoted text

    let rec private bracketed value =
        let join (parts: string seq) = "[" + String.Join(", ", parts) + "]"

        match value with
        | InfoValue.Integers all -> join (Seq.map integer all)
        | InfoValue.Reals all -> join (Seq.map real all)
        | InfoValue.Logicals all -> join (Seq.map logical all)
        | InfoValue.Texts all -> join (Seq.map quoted all)
        | InfoValue.Rows rows -> join (Seq.map bracketed rows)
        | InfoValue.Integer value -> integer value
        | InfoValue.Real value -> real value
        | InfoValue.Logical value -> logical value
        | InfoValue.Text text -> quoted text

    let rec private json value =
        let join (parts: string seq) = "[" + String.Join(", ", parts) + "]"
        let truth value = if value then "true" else "false"

        let text (value: string) =
            "\""
            + JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString()
            + "\""

        match value with
        | InfoValue.Integers all -> join (Seq.map integer all)
        | InfoValue.Reals all -> join (Seq.map real all)
        | InfoValue.Logicals all -> join (Seq.map truth all)
        | InfoValue.Texts all -> join (Seq.map text all)
        | InfoValue.Rows rows -> join (Seq.map json rows)
        | InfoValue.Integer value -> integer value
        | InfoValue.Real value -> real value
        | InfoValue.Logical value -> truth value
        | InfoValue.Text value -> text value

    let private spaced (words: string seq) = "\"" + String.Join(' ', words) + "\""

    /// The keys whose value is three by three; ASE refuses a file in which it is not, and takes nine numbers by columns.
    let isMatrixKey key = key = "virial" || key = "stress"

    /// The nine numbers of a matrix by columns, if it is one of three by three.
    let private tryMatrix value =
        let three row =
            match row with
            | InfoValue.Integers all when all.Length = 3 -> Some(all |> Seq.map integer |> Seq.toArray)
            | InfoValue.Reals all when all.Length = 3 -> Some(all |> Seq.map real |> Seq.toArray)
            | _ -> None

        match value with
        | InfoValue.Rows rows when rows.Length = 3 ->
            match three rows[0], three rows[1], three rows[2] with
            | Some a, Some b, Some c ->
                Some [
                    for column in 0..2 do
                        for row in [ a; b; c ] do
                            row[column]
                ]
            | _ -> None
        | _ -> None

    /// What stands behind the `=` of a key. A list of numbers is `"1 2 3"`, which the oldest readers know; the grammar has
    /// brackets for it, without which nine values would be a matrix. What ASE cannot read in brackets is JSON.
    let value columns key value =
        let isStrict = columns = ShapeColumns.Strict
        let isMatrix = isMatrixKey key

        let list (words: string seq) =
            let count = Seq.length words

            if isMatrix && count = 9 then spaced words
            elif isStrict || count = 9 then bracketed value
            elif count >= 2 then spaced words
            else quoted (ExtendedXyzValue.JsonMark + json value)

        match value with
        | InfoValue.Integer value -> integer value
        | InfoValue.Real value -> real value
        | InfoValue.Logical value -> logical value
        // ASE takes the next pair for the value of `a=""`.
        | InfoValue.Text "" when columns = ShapeColumns.Escaped -> quoted (ExtendedXyzValue.JsonMark + json value)
        | InfoValue.Text text -> word text
        | InfoValue.Integers all -> list (Seq.map integer all)
        | InfoValue.Reals all -> list (Seq.map real all)
        | InfoValue.Logicals all -> list (Seq.map logical all)
        | InfoValue.Texts _
        | InfoValue.Rows _ ->
            match tryMatrix value with
            | Some numbers when isMatrix -> spaced numbers
            | _ when isStrict -> bracketed value
            | _ -> quoted (ExtendedXyzValue.JsonMark + json value)

    let private isIdentifier (c: char) = Char.IsAsciiLetterOrDigit c || c = '_'

    let key (text: string) = if Seq.forall isIdentifier text then text else quoted text

    /// The name of a column within Properties. Colons and white space stand between columns: no name can have them.
    let columnName columns (name: string) =
        match columns with
        | ShapeColumns.Strict ->
            let cleaned = name |> String.map (fun c -> if isIdentifier c then c else '_')

            if Char.IsAsciiDigit cleaned[0] then
                "_" + cleaned
            else
                cleaned
        | ShapeColumns.Escaped
        | ShapeColumns.Ovito ->
            let text = StringBuilder()

            for c in name do
                if Char.IsWhiteSpace c || Char.IsControl c || c = ':' then
                    text.Append '_' |> ignore
                elif "=\",}{][\\'".Contains c then
                    text.Append('\\').Append c |> ignore
                else
                    text.Append c |> ignore

            text.ToString()
