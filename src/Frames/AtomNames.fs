namespace AniSoap

open System
open AniSoap.Formats

/// What the names of atoms say of their elements in files that have nothing else.
module internal AtomNames =
    /// The number of a symbol in whatever case; `D` is hydrogen.
    let trySymbol (symbol: string) =
        if symbol = "" then
            None
        else
            let usual =
                symbol.Substring(0, 1).ToUpperInvariant()
                + symbol.Substring(1).ToLowerInvariant()

            match usual with
            | "X" -> None
            | "D" -> Some 1
            | _ -> ChemicalSymbols.tryNumber usual

    /// The letters that a name begins with, digits before them left out.
    let letters (name: string) =
        let start = name.AsSpan().IndexOfAnyExceptInRange('0', '9')

        if start < 0 then
            ""
        else
            let mutable finish = start

            while finish < name.Length && Char.IsAsciiLetter name[finish] do
                finish <- finish + 1

            name.Substring(start, finish - start)

    let ask name =
        Error(
            AniSoapError.invalid
                "name of an atom"
                name
                ("a name that tells one element (C1, OW, HA); of this one say it (--type-map "
                 + name
                 + "=NUMBER, the atomic number)")
        )

    /// The element of a name alone: its first letter, unless the first two are another element's symbol.
    let element (typeMap: Map<string, int>) (name: string) : Result<int, AniSoapError> =
        match Map.tryFind name typeMap with
        | Some number -> Ok number
        | None ->
            let letters = letters name

            let two =
                if letters.Length >= 2 then
                    trySymbol (letters.Substring(0, 2))
                else
                    None

            let one =
                if letters.Length >= 1 then
                    trySymbol (letters.Substring(0, 1))
                else
                    None

            match two, one with
            | None, Some number -> Ok number
            | _ -> ask name

    /// Numbers that begin again at zero where their columns end, made to go on.
    let goOn (columns: int64) (previous: int64) (written: int64) =
        let turn = previous - previous % columns
        let low, high = columns / 100L, columns - columns / 100L

        if written % columns < low && previous % columns >= high then
            turn + columns + written
        else
            turn + written
