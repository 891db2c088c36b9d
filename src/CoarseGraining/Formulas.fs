namespace AniSoap

open System

/// Chemical formulas in Hill's order: carbon, hydrogen, then the alphabet.
module internal Formulas =
    /// Carbon, hydrogen, then the alphabet; kinds without an element by their labels.
    let private hill (counts: (string * int) list) =
        let rank symbol =
            match symbol with
            | "C" -> 0, symbol
            | "H" when counts |> List.exists (fun (other, _) -> other = "C") -> 1, symbol
            | _ -> 2, symbol

        counts
        |> List.sortBy (fst >> rank)
        |> List.map (fun (symbol, count) ->
            let mark =
                if Char.IsAsciiDigit symbol[symbol.Length - 1] then
                    "x"
                else
                    ""

            if count = 1 && mark = "" then
                symbol
            else
                symbol + mark + string count)
        |> String.concat (
            if counts |> List.exists (fun (s, _) -> Char.IsAsciiDigit s[0]) then
                "."
            else
                ""
        )

    let private symbolOf (kind: AtomKind) =
        match kind.Element with
        | Some element -> element.Symbol
        | None -> kind.Label

    /// The formula of atoms of these kinds.
    let ofAtoms (kinds: AtomKind[]) (atoms: int seq) =
        atoms
        |> Seq.map (fun kind -> symbolOf kinds[kind])
        |> Seq.countBy id
        |> List.ofSeq
        |> hill

    /// A formula as `ofAtoms` writes it; none where the text is no formula.
    let tryNormalize (text: string) =
        let rec parts at found =
            if at >= text.Length then
                Some found
            else
                let mutable finish = at + 1

                while finish < text.Length && Char.IsAsciiLetterLower text[finish] do
                    finish <- finish + 1

                let symbol = text.Substring(at, finish - at)
                let digits = finish

                while finish < text.Length && Char.IsAsciiDigit text[finish] do
                    finish <- finish + 1

                let count =
                    if digits = finish then
                        Some 1
                    else
                        match Int32.TryParse(text.AsSpan(digits, finish - digits)) with
                        | true, count when count > 0 -> Some count
                        | _ -> None

                match count, Char.IsAsciiLetterUpper symbol[0] with
                | Some count, true -> parts finish ((symbol, count) :: found)
                | _ -> None

        parts 0 []
        |> Option.map (
            List.groupBy fst
            >> List.map (fun (symbol, all) -> symbol, List.sumBy snd all)
            >> hill
        )
