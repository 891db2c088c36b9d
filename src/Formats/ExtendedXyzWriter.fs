namespace AniSoap.Formats

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Text
open AniSoap

/// How names that are no identifiers are written, those of the shape's columns above all.
[<RequireQualifiedAccess>]
type ShapeColumns =
    /// `c_diameter\[1\]:R:1` and so on, as AniSOAP and ASE know it.
    | Escaped
    /// `diameter:R:3`, which follows the grammar to the letter; other names keep letters, digits and `_`.
    | Strict

/// Values and names as the comment line has them.
module internal ExtendedXyzText =
    /// A real that reads back as a real: `5.0`, not `5`.
    let private real (value: float) =
        let text = value.ToString("R", CultureInfo.InvariantCulture)

        if text.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0 then
            text + ".0"
        else
            text

    let private integer (value: int64) = value.ToString CultureInfo.InvariantCulture
    let private logical value = if value then "T" else "F"

    let quoted (text: string) =
        let escaped = text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\r", " ").Replace("\n", "\\n")
        "\"" + escaped + "\""

    let rec private bracketed value =
        let join (parts: string seq) = "[" + String.Join(", ", parts) + "]"

        match value with
        | Integers all -> join (Seq.map integer all)
        | Reals all -> join (Seq.map real all)
        | Logicals all -> join (Seq.map logical all)
        | Texts all -> join (Seq.map quoted all)
        | Rows rows -> join (Seq.map bracketed rows)
        | Integer value -> integer value
        | Real value -> real value
        | Logical value -> logical value
        | Text text -> quoted text

    /// `"1 2 3"`, which the oldest readers know; a list of one must not become a scalar.
    let private list (words: string seq) value =
        if Seq.length words >= 2 then
            "\"" + String.Join(' ', words) + "\""
        else
            bracketed value

    let value columns value =
        match value with
        | Integer value -> integer value
        | Real value -> real value
        | Logical value -> logical value
        | Text text -> quoted text
        | Integers all -> list (Seq.map integer all) value
        | Reals all -> list (Seq.map real all) value
        | Logicals all -> list (Seq.map logical all) value
        | Texts _ -> bracketed value
        // ASE's scanner takes the first closing bracket for the last.
        | Rows _ when columns = ShapeColumns.Escaped -> quoted ("_JSON " + bracketed value)
        | Rows _ -> bracketed value

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
        | ShapeColumns.Escaped ->
            let text = StringBuilder()

            for c in name do
                if Char.IsWhiteSpace c || Char.IsControl c || c = ':' then
                    text.Append '_' |> ignore
                elif "=\",}{][\\'".Contains c then
                    text.Append('\\').Append c |> ignore
                else
                    text.Append c |> ignore

            text.ToString()

/// Writes frames as extended XYZ, with the columns and the info of each. Every number reads back as the same double.
[<Sealed>]
type internal ExtendedXyzWriter(columns: ShapeColumns, lost: string -> unit, stream: Stream) =
    let output = TextOutput stream

    /// Names that a reader would take for those of species, positions, orientations and shapes.
    let ownNames hasSymbols =
        Set [
            "pos"
            "c_q"
            "diameter"
            "c_diameter"
            "c_diameter[1]"
            "c_diameter[2]"
            "c_diameter[3]"
            "species"
            if not hasSymbols then
                yield! [ "type"; "Z"; "numbers"; "element" ]
        ]

    let isWord (text: string) =
        text <> ""
        && not (text |> Seq.exists (fun c -> Char.IsWhiteSpace c || Char.IsControl c))

    let canStand own seen (column: ParticleColumn) =
        let words =
            match column.Values with
            | ColumnValues.Texts all -> Seq.forall isWord all
            | _ -> true

        if Set.contains column.Name own then
            lost $"not written: the column {column.Name}: the name is that of a column of extended XYZ"
            false
        elif Set.contains (ExtendedXyzText.columnName columns column.Name) seen then
            lost $"not written: the column {column.Name}: another one is written under this name"
            false
        elif not words then
            lost $"not written: the column {column.Name}: its texts are no single words"
            false
        else
            true

    let columnsOf hasSymbols (snapshot: Snapshot) =
        let own = ownNames hasSymbols

        let folder (seen, kept) (column: ParticleColumn) =
            if canStand own seen column then
                Set.add (ExtendedXyzText.columnName columns column.Name) seen, column :: kept
            else
                seen, kept

        snapshot.Columns |> List.fold folder (own, []) |> snd |> List.rev

    let letter values =
        match values with
        | ColumnValues.Reals _ -> 'R'
        | ColumnValues.Integers _ -> 'I'
        | ColumnValues.Logicals _ -> 'L'
        | ColumnValues.Texts _ -> 'S'

    let isReserved (snapshot: Snapshot) key =
        ExtendedXyzHeader.isProperties key
        || ExtendedXyzHeader.isLattice key
        || ExtendedXyzHeader.isPeriodicity key
        || key = ExtendedXyzInfo.SpeciesNamesKey
        || (key = ExtendedXyzInfo.StepKey && snapshot.Step.IsSome)

    /// Names of species that their numbers do not tell.
    let namesOf (snapshot: Snapshot) =
        let names =
            snapshot.SpeciesNames
            |> Map.filter (fun number name -> ChemicalSymbols.trySymbol number <> Some name)

        if names |> Map.forall (fun _ name -> isWord name) then
            names
        else
            lost "not written: names of species that are no single words"
            Map.empty

    let writePair (key: string) (text: string) =
        output.Byte ' 'B
        output.Text key
        output.Byte '='B
        output.Text text

    let writeLattice (cell: Cell) =
        let v = cell.Vectors

        if v.Row1 <> Vector3.zero || v.Row2 <> Vector3.zero || v.Row3 <> Vector3.zero then
            output.Text "Lattice=\""

            for i, row in List.indexed [ v.Row1; v.Row2; v.Row3 ] do
                if i > 0 then
                    output.Byte ' 'B

                output.Number row.X
                output.Field row.Y
                output.Field row.Z

            output.Text "\" "

    let writeProperties hasSymbols (others: ParticleColumn list) =
        output.Text(if hasSymbols then "species:S:1" else "type:I:1")
        output.Text ":pos:R:3:c_q:R:4:"

        match columns with
        | ShapeColumns.Escaped -> output.Text @"c_diameter\[1\]:R:1:c_diameter\[2\]:R:1:c_diameter\[3\]:R:1"
        | ShapeColumns.Strict -> output.Text "diameter:R:3"

        for column in others do
            output.Byte ':'B
            output.Text(ExtendedXyzText.columnName columns column.Name)
            output.Byte ':'B
            output.Byte(byte (letter column.Values))
            output.Byte ':'B
            output.Integer(int64 column.Width)

    let writeInfo (snapshot: Snapshot) =
        let p = snapshot.Frame.Cell.Periodicity
        let flag repeats = if repeats then "T" else "F"
        writePair "pbc" ("\"" + flag p.A + " " + flag p.B + " " + flag p.C + "\"")

        match snapshot.Step with
        | Some step -> writePair ExtendedXyzInfo.StepKey (step.ToString CultureInfo.InvariantCulture)
        | None -> ()

        let names = namesOf snapshot

        if not names.IsEmpty then
            names
            |> Map.toSeq
            |> Seq.map (fun (number, name) -> string number + "=" + name)
            |> String.concat " "
            |> ExtendedXyzText.quoted
            |> writePair ExtendedXyzInfo.SpeciesNamesKey

        for key, value in snapshot.Info do
            if isReserved snapshot key then
                lost $"not written: the info {key}: extended XYZ has this key for something else"
            else
                writePair (ExtendedXyzText.key key) (ExtendedXyzText.value columns value)

    let writeSpecies hasSymbols species =
        match ChemicalSymbols.trySymbol species with
        | Some symbol when hasSymbols -> output.Text symbol
        | _ -> output.Integer(int64 species)

    let writeEntries row (column: ParticleColumn) =
        let first = row * column.Width

        for i in first .. first + column.Width - 1 do
            match column.Values with
            | ColumnValues.Reals all -> output.Field all[i]
            | ColumnValues.Integers all -> output.Field all[i]
            | ColumnValues.Logicals all -> output.Text(if all[i] then " T" else " F")
            | ColumnValues.Texts all ->
                output.Byte ' 'B
                output.Text all[i]

    let writeParticle hasSymbols (particle: Ellipsoid) =
        writeSpecies hasSymbols particle.Species
        output.Particle particle

    let write (snapshot: Snapshot) =
        let particles = snapshot.Frame.Particles

        let hasSymbols =
            particles
            |> Seq.forall (fun particle -> (ChemicalSymbols.trySymbol particle.Species).IsSome)

        let others = columnsOf hasSymbols snapshot
        output.Integer(int64 particles.Length)
        output.Byte '\n'B
        writeLattice snapshot.Frame.Cell
        output.Text "Properties="
        writeProperties hasSymbols others
        writeInfo snapshot
        output.Byte '\n'B

        for row in 0 .. particles.Length - 1 do
            writeParticle hasSymbols particles[row]

            for column in others do
                writeEntries row column

            output.Byte '\n'B

    interface IFrameWriter with
        member _.Write snapshot =
            write snapshot
            Ok()

        member _.Finish() =
            output.Flush()
            Ok()

    interface IDisposable with
        member _.Dispose() = ()
