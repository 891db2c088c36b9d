namespace AniSoap

open System
open System.Buffers.Text
open System.Collections.Immutable
open System.Text

/// Collects the entries of columns out of lines of text: of those that `isTaken` does not say to be read already. Memory
/// grows with the rows that really come.
[<Sealed>]
type internal ColumnCollector(columns: Column list, isTaken: int -> bool) =
    let starts = columns |> List.scan (fun field column -> field + column.Width) 0

    let kept =
        List.zip columns (List.take columns.Length starts)
        |> List.filter (fun (column, start) -> not (Seq.forall isTaken (seq { start .. start + column.Width - 1 })))
        |> List.toArray

    let reals = kept |> Array.map (fun _ -> ResizeArray<float>())
    let integers = kept |> Array.map (fun _ -> ResizeArray<int64>())
    let logicals = kept |> Array.map (fun _ -> ResizeArray<bool>())
    let texts = kept |> Array.map (fun _ -> ResizeArray<string>())
    let names = kept |> Array.map (fun (column, _) -> column.Name)
    let kinds = kept |> Array.map (fun (column, _) -> column.Kind)

    /// For each field up to the last that is kept: the column it belongs to, or −1.
    let owners =
        let last =
            kept
            |> Array.fold (fun last (column, start) -> max last (start + column.Width)) 0

        let owners = Array.create last -1

        kept
        |> Array.iteri (fun k (column, start) -> Array.fill owners start column.Width k)

        owners

    let tryAdd (buffer: byte[]) start finish k =
        let token = ReadOnlySpan(buffer, start, finish - start)

        match kinds[k] with
        | ColumnKind.Real ->
            let mutable value = 0.0
            let good = DecimalNumber.parse buffer start &value = finish
            reals[k].Add value
            good
        | ColumnKind.Integer ->
            let mutable value = 0L
            let mutable used = 0

            let token =
                if token.Length > 1 && token[0] = '+'B then
                    token.Slice 1
                else
                    token

            let good = Utf8Parser.TryParse(token, &value, &used) && used = token.Length
            integers[k].Add value
            good
        | ColumnKind.Logical ->
            match ExtendedXyzValue.tryLogical (Encoding.UTF8.GetString token) with
            | Some value ->
                logicals[k].Add value
                true
            | None -> false
        | ColumnKind.Text ->
            texts[k].Add(Encoding.UTF8.GetString token)
            true

    let expected k =
        match kinds[k] with
        | ColumnKind.Real -> "a number"
        | ColumnKind.Integer -> "a whole number"
        | ColumnKind.Logical -> "T or F"
        | ColumnKind.Text -> "a word"

    /// Forgets all rows.
    member _.Clear() =
        for k in 0 .. kept.Length - 1 do
            reals[k].Clear()
            integers[k].Clear()
            logicals[k].Clear()
            texts[k].Clear()

    /// Adds the fields of the current line, or says what is wrong with one.
    member _.Add(line: LineReader) : Result<unit, AniSoapError> =
        let buffer, finish = line.Buffer, line.End
        let mutable p = line.Start
        let mutable field = 0
        let mutable wrong = ValueNone

        while wrong.IsNone && field < owners.Length do
            while p < finish && buffer[p] <= 32uy do
                p <- p + 1

            let start = p

            // A byte of white space stands behind every line.
            while buffer[p] > 32uy do
                p <- p + 1

            let k = owners[field]

            if p = start then
                wrong <-
                    ValueSome(
                        Malformed(
                            $"a row of {string field} columns",
                            $"at least {string owners.Length} columns",
                            Place.Unknown
                        )
                    )
            elif k >= 0 && not (tryAdd buffer start p k) then
                let text = Encoding.UTF8.GetString(buffer, start, p - start)

                wrong <-
                    ValueSome(
                        Malformed(
                            $"'{text}'",
                            (expected k + " in column " + string (field + 1) + " (" + names[k] + ")"),
                            Place.Unknown
                        )
                    )

            field <- field + 1

        match wrong with
        | ValueSome error -> Error error
        | ValueNone -> Ok()

    /// The columns of the rows so far, row `order[i]` becoming row i where an order is given.
    member _.Columns(order: int[] option) : Result<ParticleColumn list, AniSoapError> =
        let sorted width (values: ResizeArray<'a>) =
            match order with
            | None -> ImmutableArray.CreateRange values
            | Some order ->
                let all = ImmutableArray.CreateBuilder<'a> values.Count

                for row in order do
                    for component' in 0 .. width - 1 do
                        all.Add values[row * width + component']

                all.ToImmutable()

        let column k (column: Column, _) =
            let width = column.Width

            match column.Kind with
            | ColumnKind.Real -> ColumnValues.Reals(sorted width reals[k])
            | ColumnKind.Integer -> ColumnValues.Integers(sorted width integers[k])
            | ColumnKind.Logical -> ColumnValues.Logicals(sorted width logicals[k])
            | ColumnKind.Text -> ColumnValues.Texts(sorted width texts[k])
            |> ParticleColumn.create (column.Name.Replace("\\", "")) width

        Seq.indexed kept
        |> Result.traverse (fun (k, one) -> column k one)
        |> Result.map List.ofArray
