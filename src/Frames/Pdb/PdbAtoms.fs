namespace AniSoap

open System
open System.Collections.Generic
open AniSoap.Formats

/// One record of an atom, and where else it might be.
[<NoEquality; NoComparison>]
type internal PdbRecord = {
    Atom: FixedAtom
    /// The mark of an alternate location; a blank without one.
    Alternate: char
    Occupancy: float
    /// What is one atom at several places: piece between TER records, chain, residue, insertion code and name.
    Place: string
}

/// The lines ATOM, HETATM and CRYST1 by their columns.
module internal PdbAtoms =
    let private malformed found expected = Error(Malformed(found, expected, Place.Unknown))
    let private field = FixedColumns.field

    let private number (text: string) first last what =
        match DecimalNumber.tryParse (field text first last) with
        | Some value -> Ok value
        | None ->
            malformed
                ("'"
                 + field text first last
                 + "' in columns "
                 + string first
                 + " to "
                 + string last)
                (what + ", a number")

    let private position text =
        match number text 31 38 "x", number text 39 46 "y", number text 47 54 "z" with
        | Ok x, Ok y, Ok z -> Ok(Vector3.create x y z)
        | Error error, _, _
        | _, Error error, _
        | _, _, Error error -> Error error

    /// The element by the column of elements, else by where the name stands: one of two letters begins in column 13.
    let private species (typeMap: Map<string, int>) (text: string) (name: string) =
        let symbol = (field text 77 78).TrimEnd([| '0' .. '9' |])
        let raw = text.PadRight(16).Substring(12, 4)

        match Map.tryFind name typeMap, Map.tryFind symbol typeMap, AtomNames.trySymbol symbol with
        | Some given, _, _
        | None, Some given, _ -> Ok(struct (given, symbol, false))
        | None, None, Some number -> Ok(struct (number, (ChemicalSymbols.trySymbol number).Value, false))
        | None, None, None ->
            let told number = Ok(struct (number, (ChemicalSymbols.trySymbol number).Value, true))

            if Char.IsAsciiLetter raw[0] then
                let two = AtomNames.trySymbol (raw.Substring(0, 2).Trim())
                let isFull = raw[3] <> ' '

                match two with
                // Names of four letters begin in column 13 whatever they are; hydrogens mostly have them.
                | _ when isFull && raw[0] = 'H' -> told 1
                | Some _ when isFull -> AtomNames.ask name |> Result.map (fun n -> struct (n, "", true))
                | Some number -> told number
                | None ->
                    match AtomNames.trySymbol (raw.Substring(0, 1)) with
                    | Some number -> told number
                    | None -> AtomNames.ask name |> Result.map (fun n -> struct (n, "", true))
            else
                let letters = AtomNames.letters name

                match AtomNames.trySymbol (letters.Substring(0, min 1 letters.Length)) with
                | Some number -> told number
                | None -> AtomNames.ask name |> Result.map (fun n -> struct (n, "", true))

    /// A whole number, on from the one before where the columns are too narrow (99999, then 0 or letters).
    let private goOn columns previous (text: string) =
        match WholeNumber.tryLong text with
        | true, written -> AtomNames.goOn columns previous written
        | _ -> previous + 1L

    /// The atom of a line; `previous` is the record before, `piece` how many TER records stand before it. `byAlignment` is told the names whose element only their place says.
    let record
        (typeMap: Map<string, int>)
        (byAlignment: string -> int -> unit)
        (piece: int)
        (previous: FixedAtom voption)
        (line: int64)
        (text: string)
        =
        let name = field text 13 16

        if text.Length < 54 then
            malformed $"a line of {string text.Length} columns" "an atom with x, y and z in columns 31 to 54"
        else
            position text
            |> Result.bind (fun position ->
                species typeMap text name
                |> Result.map (fun struct (species, element, isGuess) ->
                    if isGuess then
                        byAlignment name species

                    let id, residue, chain =
                        match previous with
                        | ValueSome atom -> atom.Id, atom.ResidueNumber, atom.Chain
                        | ValueNone -> 0L, 0L, ""

                    let thisChain = field text 22 22
                    let real first last = DecimalNumber.tryParse (field text first last) |> Option.defaultValue 0.0
                    let occupancy = DecimalNumber.tryParse (field text 55 60) |> Option.defaultValue 1.0
                    let residueText = field text 23 26

                    let residueNumber =
                        // What stood in another chain is not gone on with.
                        goOn 10000L (if thisChain = chain then residue else 0L) residueText

                    {
                        Atom = {
                            Species = species
                            Element = element
                            Name = name
                            Residue = field text 18 21
                            Chain = thisChain
                            Id = goOn 100000L id (field text 7 11)
                            ResidueNumber = residueNumber
                            Position = position
                            Others = [| "occupancy", occupancy; "temperature_factor", real 61 66 |]
                            Velocity = ValueNone
                            Line = line
                        }
                        Alternate = text[16]
                        Occupancy = occupancy
                        // Residues of other pieces, and those behind the 9999th, have the same columns.
                        Place =
                            String.Join(
                                '/',
                                piece.ToString Globalization.CultureInfo.InvariantCulture,
                                thisChain,
                                residueNumber.ToString Globalization.CultureInfo.InvariantCulture,
                                field text 27 27,
                                name
                            )
                    }))

    /// The cell of a line CRYST1; none where it says that there is none: 1 1 1 (as MDAnalysis writes it, and entries of
    /// structures without a crystal have it) or 0 0 0.
    let cell (text: string) : Result<Cell voption, AniSoapError> =
        let read first last what = number text first last what

        match
            read 7 15 "a", read 16 24 "b", read 25 33 "c", read 34 40 "alpha", read 41 47 "beta", read 48 54 "gamma"
        with
        | Ok a, Ok b, Ok c, _, _, _ when (a = 1.0 && b = 1.0 && c = 1.0) || (a = 0.0 && b = 0.0 && c = 0.0) ->
            Ok ValueNone
        | Ok a, Ok b, Ok c, Ok alpha, Ok beta, Ok gamma ->
            // Right angles exactly: their cosine is zero.
            let cosine degrees =
                if degrees = 90.0 then
                    0.0
                else
                    cos (degrees * Math.PI / 180.0)

            let ca, cb, cg = cosine alpha, cosine beta, cosine gamma
            let sg = sqrt (1.0 - cg * cg)
            let y = (ca - cb * cg) / sg
            let z = sqrt (1.0 - cb * cb - y * y)

            Cell.create
                (Vector3.create a 0.0 0.0)
                (Vector3.create (b * cg) (b * sg) 0.0)
                (Vector3.create (c * cb) (c * y) (c * z))
                { A = true; B = true; C = true }
            |> Result.map ValueSome
        | results ->
            let (a, b, c, d, e, f) = results

            [ a; b; c; d; e; f ]
            |> List.pick (function
                | Error error -> Some(Error error)
                | Ok _ -> None)

    /// Of an atom at several places the one of the highest occupancy, of equal ones the first; and how many were left out.
    let withoutAlternates (records: List<PdbRecord>) : struct (List<FixedAtom> * int) =
        let best = Dictionary<string, PdbRecord>()

        for record in records do
            if record.Alternate <> ' ' then
                match best.TryGetValue record.Place with
                | true, other when other.Occupancy >= record.Occupancy -> ()
                | _ -> best[record.Place] <- record

        let kept = List<FixedAtom>()

        for record in records do
            if record.Alternate = ' ' || obj.ReferenceEquals(best[record.Place], record) then
                kept.Add record.Atom

        struct (kept, records.Count - kept.Count)
