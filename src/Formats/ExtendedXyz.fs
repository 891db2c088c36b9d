namespace AniSoap.Formats

open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Text
open AniSoap

/// One frame of extended XYZ with all that it says, nothing interpreted.
[<NoComparison>]
type ExtendedXyzFrame = {
    /// The comment line as written.
    Comment: string
    /// Its keys and values in order, without Properties, Lattice and pbc; none for a file without Properties, whose
    /// comment is free text.
    Info: (string * InfoValue) list
    /// The columns, each with a list (`Integers`, `Reals`, `Logicals`, `Texts`) of particles × width values, row by row.
    Columns: (Column * InfoValue) list
    /// The cell vectors as rows.
    Lattice: Matrix3 option
    Periodicity: Periodicity
    ParticleCount: int
}

/// How the columns of the shape are written.
[<RequireQualifiedAccess>]
type ShapeColumns =
    /// `c_diameter\[1\]:R:1` and so on, as AniSOAP and ASE know it.
    | Escaped
    /// `diameter:R:3`, which follows the grammar to the letter.
    | Strict

/// Extended XYZ with everything in it, and its writer.
module ExtendedXyz =
    /// The entries of one column as they come, row by row.
    let private collector (column: Column) =
        let wrong text accepted =
            Error(Malformed($"'{text}'", $"{accepted} in the column {column.Name}", Place.Unknown))

        let collect accepted (tryRead: string -> 'a option) (toList: ImmutableArray<'a> -> InfoValue) =
            let values = ImmutableArray.CreateBuilder<'a>()

            let add text =
                match tryRead text with
                | Some value -> Ok(values.Add value)
                | None -> wrong text accepted

            add, (fun () -> toList (values.ToImmutable()))

        match column.Kind with
        | ColumnKind.Real -> collect "a number" DecimalNumber.tryParse Reals
        | ColumnKind.Integer -> collect "a whole number" InfoValue.tryInteger Integers
        | ColumnKind.Logical -> collect "T or F" InfoValue.tryLogical Logicals
        | ColumnKind.Text -> collect "a word" Some Texts

    let private readRow
        (columns: Column list)
        isExtended
        (adders: (string -> Result<unit, AniSoapError>)[])
        (line: string)
        =
        let words = RowParser.splitWords line

        if words.Length < adders.Length || (isExtended && words.Length > adders.Length) then
            let names = columns |> ExtendedXyzHeader.fieldNames |> String.concat " "
            Error(Malformed($"a row of {words.Length} columns", $"{adders.Length} columns ({names})", Place.Unknown))
        else
            Seq.zip adders words
            |> Seq.map (fun (add, word) -> add word)
            |> Seq.tryFind _.IsError
            |> Option.defaultValue (Ok())

    let private readBody (frames: ExtendedXyzLines) frame count comment =
        ExtendedXyzHeader.parse comment
        |> Result.bind (fun header ->
            let collectors = header.Columns |> List.map collector

            let adders =
                List.zip header.Columns collectors
                |> List.collect (fun (column, (add, _)) -> List.replicate column.Width add)
                |> List.toArray

            let mutable row = 0
            let mutable failure = None

            while failure.IsNone && row < count do
                if not (frames.Line.ReadLine()) then
                    failure <- Some(frames.EndOfFile(frame, row, count))
                else
                    match readRow header.Columns header.IsExtended adders frames.Line.Text with
                    | Ok() -> row <- row + 1
                    | Error error -> failure <- Some(AniSoapError.at { Place.Unknown with Particle = Some row } error)

            let isInfo (key, _) =
                not (
                    ExtendedXyzHeader.isProperties key
                    || ExtendedXyzHeader.isLattice key
                    || ExtendedXyzHeader.isPeriodicity key
                )

            let info () =
                if header.IsExtended then
                    ExtendedXyzHeader.pairs comment
                    |> List.filter isInfo
                    |> List.map (fun (key, value) -> key, InfoValue.ofWritten value)
                else
                    []

            match failure with
            | Some error -> Error error
            | None ->
                Ok(
                    ValueSome {
                        Comment = comment
                        Info = info ()
                        Columns = List.map2 (fun column (_, finish) -> column, finish ()) header.Columns collectors
                        Lattice = header.Lattice
                        Periodicity = header.Periodicity
                        ParticleCount = count
                    }
                ))

    /// The frames of a file (or of standard input, "-") with everything in them. Ends after the first error.
    let readRaw (path: string) : seq<Result<ExtendedXyzFrame, AniSoapError>> =
        seq {
            match InputStream.openPath path with
            | Error error -> yield Error error
            | Ok stream ->
                use frames = new ExtendedXyzLines(path, new LineReader(stream))
                let mutable frame = 0
                let mutable ended = false

                while not ended do
                    match frames.Next frame ValueNone (readBody frames frame) with
                    | Ok(ValueSome found) ->
                        frame <- frame + 1
                        yield Ok found
                    | Ok ValueNone -> ended <- true
                    | Error error ->
                        ended <- true
                        yield Error error
        }

    /// The shortest decimal number that reads back as the same double (at most 17 digits).
    let private number (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

    let private quoted (text: string) =
        let escaped = text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", " ").Replace("\n", "\\n")
        $"\"{escaped}\""

    let private writeComment (writer: TextWriter) columns info hasSymbols (cell: Cell) =
        let v = cell.Vectors

        if v.Row1 <> Vector3.zero || v.Row2 <> Vector3.zero || v.Row3 <> Vector3.zero then
            let numbers =
                [ v.Row1; v.Row2; v.Row3 ]
                |> List.collect (fun row -> [ number row.X; number row.Y; number row.Z ])
                |> String.concat " "

            writer.Write $"Lattice=\"{numbers}\" "

        writer.Write "Properties="
        writer.Write(if hasSymbols then "species:S:1" else "type:I:1")
        writer.Write ":pos:R:3:c_q:R:4:"

        match columns with
        | ShapeColumns.Escaped -> writer.Write @"c_diameter\[1\]:R:1:c_diameter\[2\]:R:1:c_diameter\[3\]:R:1"
        | ShapeColumns.Strict -> writer.Write "diameter:R:3"

        let flag repeats = if repeats then "T" else "F"
        let p = cell.Periodicity
        writer.Write $" pbc=\"{flag p.A} {flag p.B} {flag p.C}\""

        for key, text in info do
            writer.Write $" {key}={quoted text}"

        writer.Write '\n'

    let private writeParticle (writer: TextWriter) hasSymbols (particle: Ellipsoid) =
        let species =
            match ChemicalSymbols.trySymbol particle.Species with
            | Some symbol when hasSymbols -> symbol
            | _ -> particle.Species.ToString CultureInfo.InvariantCulture

        writer.Write species
        let r, q, a = particle.Position, particle.Orientation, particle.SemiAxes

        for value in [| r.X; r.Y; r.Z; q.W; q.X; q.Y; q.Z; 2.0 * a.X; 2.0 * a.Y; 2.0 * a.Z |] do
            writer.Write ' '
            writer.Write(number value)

        writer.Write '\n'

    /// Appends a frame as extended XYZ: species (chemical symbols where every number is one, else `type`), positions,
    /// quaternions w, x, y, z, full diameters, cell and periodicity, and `info` as keys (letters, digits and `_`) with
    /// texts. Every number reads back as the same double. What fails is up to the writer.
    let write (columns: ShapeColumns) (info: (string * string) list) (writer: TextWriter) (frame: Frame) =
        let hasSymbols =
            frame.Particles
            |> Seq.forall (fun particle -> (ChemicalSymbols.trySymbol particle.Species).IsSome)

        writer.Write(frame.Particles.Length.ToString CultureInfo.InvariantCulture)
        writer.Write '\n'
        writeComment writer columns info hasSymbols frame.Cell

        for particle in frame.Particles do
            writeParticle writer hasSymbols particle

    /// The same as a text.
    let render columns info (frame: Frame) =
        let text = StringBuilder()
        use writer = new StringWriter(text, CultureInfo.InvariantCulture)
        write columns info writer frame
        text.ToString()
