namespace AniSoap

open System
open System.Collections.Generic
open System.Globalization
open AniSoap.Formats

/// Frames of a GROMACS structure file, whose lengths are in nanometres: they are read in Ångström, as atoms are everywhere
/// else, and velocities in Ångström a picosecond.
[<Sealed>]
type internal GroReader(options: InputOptions, warn: string -> unit, source: string, lines: LineReader) =
    let rows = ParticleRows()
    let atoms = List<FixedAtom>()
    let elements = Dictionary<string, int>()
    let mutable isMapTold = false
    let mutable title = ""

    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))

    /// Ten times the decimal number of a text, rounded once.
    let tenfold (text: string) =
        let text = text.Trim()

        match DecimalNumber.tryParse text with
        | Some _ when text.IndexOfAny [| 'e'; 'E' |] < 0 ->
            match Double.TryParse(text + "e1", NumberStyles.Float, CultureInfo.InvariantCulture) with
            | true, value -> Some value
            | _ -> None
        | Some value -> Some(10.0 * value)
        | None -> None

    let species name =
        match elements.TryGetValue name with
        | true, number -> Ok number
        | false, _ ->
            AtomNames.element options.TypeMap name
            |> Result.map (fun number ->
                elements[name] <- number
                number)

    let tellMap () =
        if not isMapTold then
            isMapTold <- true

            let map =
                elements
                |> Seq.map (fun pair ->
                    pair.Key
                    + " = "
                    + (ChemicalSymbols.trySymbol pair.Value |> Option.defaultValue (string pair.Value)))
                |> Seq.truncate 30
                |> String.concat ", "

            warn $"{source}: elements are told by the names of atoms: {map} (--type-map NAME=NUMBER says otherwise)"

    /// Where the first coordinate begins, four columns before its decimal point, and the columns that a number takes: how
    /// far two decimal points are apart. Some programs write numbers of atoms above 99999, and so move all behind them.
    let columnsOf (text: string) =
        let first = text.IndexOf('.', min 20 text.Length)
        let second = if first < 0 then -1 else text.IndexOf('.', first + 1)
        struct (max 20 (first - 4), (if second < 0 then 0 else second - first))

    let three (text: string) start width =
        let part k =
            let from = start + k * width

            if width > 0 && text.Length >= from + 1 then
                tenfold (text.Substring(from, min width (text.Length - from)))
            else
                None

        match part 0, part 1, part 2 with
        | Some x, Some y, Some z -> Some(Vector3.create x y z)
        | _ -> None

    let whole (text: string) =
        match WholeNumber.tryLong (text.Trim()) with
        | true, value -> Some value
        | _ -> None

    let atom (text: string) =
        let name = FixedColumns.field text 11 15
        let struct (start, width) = columnsOf text

        match three text start width with
        | None ->
            malformed
                $"'{text}'"
                "an atom: residue number and name, name and number of the atom in five columns each, then x, y and z in nanometres"
        | Some position ->
            species name
            |> Result.map (fun number ->
                let id, residue =
                    if atoms.Count = 0 then
                        0L, 0L
                    else
                        atoms[atoms.Count - 1].Id, atoms[atoms.Count - 1].ResidueNumber

                let goOn previous first last =
                    match whole (FixedColumns.field text first last) with
                    | Some written when written >= 100000L -> written
                    | Some written -> AtomNames.goOn 100000L previous written
                    | None -> previous + 1L

                atoms.Add {
                    Species = number
                    Element = ChemicalSymbols.trySymbol number |> Option.defaultValue ""
                    Name = name
                    Residue = FixedColumns.field text 6 10
                    Chain = ""
                    Id = goOn id 16 start
                    ResidueNumber = goOn residue 1 5
                    Position = position
                    Others = [||]
                    Velocity = ValueOption.ofOption (three text (start + 3 * width) width)
                    Line = lines.Number
                })

    /// v1x v2y v3z and, of a box that leans, v1y v1z v2x v2z v3x v3y; zeros are no box.
    let box (text: string) =
        let numbers = RowParser.splitWords text |> Array.map tenfold
        let periodicity = InputOptions.periodicity options { A = true; B = true; C = true }

        if
            (numbers.Length <> 3 && numbers.Length <> 9)
            || Array.exists Option.isNone numbers
        then
            malformed $"'{text.Trim()}'" "the box behind the atoms: three numbers, or nine, in nanometres"
        else
            let n = numbers |> Array.map Option.get
            let at i = if i < n.Length then n[i] else 0.0

            if n |> Array.forall (fun x -> x = 0.0) then
                Ok Cell.none
            else
                Cell.create
                    (Vector3.create (at 0) (at 3) (at 4))
                    (Vector3.create (at 5) (at 1) (at 6))
                    (Vector3.create (at 7) (at 8) (at 2))
                    periodicity

    let line expected =
        if lines.ReadLine() then
            Ok()
        else
            let place = { Place.Unknown with Line = Some(lines.Number + 1L) }
            Error(Malformed("the end of the file", expected, place))

    /// The title and the number of atoms of the next frame; nothing at the end of the file.
    let header () : Result<int voption, AniSoapError> =
        let mutable there = lines.ReadLine()

        // Blank lines behind the last frame are no frame; a blank title has a number behind it.
        let mutable isBlank = there && lines.IsBlank
        title <- if there then lines.Text else ""

        if not there then
            Ok ValueNone
        else
            let mutable found = lines.ReadLine()

            while isBlank && found && lines.IsBlank do
                found <- lines.ReadLine()

            if not found && isBlank then
                Ok ValueNone
            elif not found then
                malformed "the end of the file" "a number of atoms behind the title"
            else
                match whole lines.Text with
                | Some count when count >= 0L && count <= int64 Int32.MaxValue -> Ok(ValueSome(int count))
                | _ -> malformed $"'{lines.Text.Trim()}'" "the number of atoms, on the second line"

    let body count =
        atoms.Clear()
        let mutable failure = Ok()

        while failure.IsOk && atoms.Count < count do
            failure <-
                line $"{string count} atoms, as the second line says (here are {string atoms.Count})"
                |> Result.bind (fun () ->
                    atom lines.Text
                    |> Result.mapError (AniSoapError.at { Place.Unknown with Particle = Some atoms.Count }))

        failure
        |> Result.bind (fun () -> line "the box behind the atoms")
        |> Result.bind (fun () -> box lines.Text)

    /// The number behind a word of the title: `t= 10.00000 step= 5000`.
    let inTitle (word: string) =
        let at = title.LastIndexOf(word, StringComparison.Ordinal)

        if
            at < 0
            || (at > 0 && not (Char.IsWhiteSpace title[at - 1] || title[at - 1] = ','))
        then
            None
        else
            RowParser.splitWords (title.Substring(at + word.Length))
            |> Array.tryHead
            |> Option.bind DecimalNumber.tryParse

    let next frame atEnd use' =
        InputStream.guarded source (fun () ->
            match header () with
            | Error error -> Error error
            | Ok ValueNone -> Ok atEnd
            | Ok(ValueSome count) -> body count |> Result.bind use')
        |> FixedColumns.placed source lines frame

    let read cell =
        tellMap ()
        FixedColumns.frame options warn rows cell atoms

    interface IFrameReader with
        member _.Read frame = next frame ValueNone (read >> Result.map ValueSome)

        member _.ReadSnapshot frame =
            next frame ValueNone (fun cell ->
                read cell
                |> Result.bind (fun frame ->
                    let info = [
                        match inTitle "t=" with
                        | Some time -> Quantities.Time, InfoValue.Real time
                        | None -> ()
                        Quantities.Units, InfoValue.Text "angstrom, picosecond (the file's nanometres times ten)"
                    ]

                    let step =
                        inTitle "step="
                        |> Option.filter (fun step -> step = Math.Floor step && abs step < 9e15)
                        |> Option.map int64

                    FixedColumns.snapshot false frame step info atoms)
                |> Result.map ValueSome)

        member _.ReadSpecies(frame, found) =
            next frame false (fun _ ->
                for atom in atoms do
                    found.Add atom.Species |> ignore

                Ok true)

        member _.Skip frame = next frame false (fun _ -> Ok true)

    interface IDisposable with
        member _.Dispose() = (lines :> IDisposable).Dispose()
