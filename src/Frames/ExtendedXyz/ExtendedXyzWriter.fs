namespace AniSoap

open System
open System.Collections.Immutable
open System.Globalization
open System.IO
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open AniSoap.Formats


/// How species stand in the rows of a frame. A number that is an element's, of particles that have another name, is not
/// written as that element: whoever else reads the file would take molecules of species 1 for hydrogen.
[<RequireQualifiedAccess>]
type private SpeciesForm =
    /// All are elements: their symbols.
    | Symbols
    /// None is: their numbers.
    | Numbers
    /// Symbols, X for those that are no elements, and the numbers of all in a column of their own.
    | Both

/// Writes frames as extended XYZ, with the columns and the info of each. Every number reads back as the same double.
[<Sealed>]
type internal ExtendedXyzWriter(columns: ShapeColumns, lost: string -> unit, stream: Stream) =
    let output = TextOutput stream

    /// Names that a reader would take for those of species, positions, orientations and shapes.
    let ownNames form =
        Set [
            "pos"
            "c_q"
            "diameter"
            "c_diameter"
            "c_diameter[1]"
            "c_diameter[2]"
            "c_diameter[3]"
            "species"
            if columns = ShapeColumns.Ovito then
                yield! [ "orientation"; "aspherical_shape" ]
            if form = SpeciesForm.Numbers then
                yield! [ "type"; "Z"; "numbers"; "element" ]
            ExtendedXyzHeader.SpeciesNumber
        ]

    let isWord (text: string) =
        let mutable at = 0

        while at < text.Length && not (Char.IsWhiteSpace text[at] || Char.IsControl text[at]) do
            at <- at + 1

        at > 0 && at = text.Length

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

    let columnsOf form (snapshot: Snapshot) =
        let own = ownNames form

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

    let isElement (snapshot: Snapshot) species =
        match ChemicalSymbols.trySymbol species, Map.tryFind species snapshot.SpeciesNames with
        | Some symbol, Some name -> name = symbol
        | Some _, None -> true
        | None, _ -> false

    let formOf (snapshot: Snapshot) =
        let elements, others =
            snapshot.Frame.Particles.SpeciesAscending
            |> Array.partition (isElement snapshot)

        if others.Length = 0 then SpeciesForm.Symbols
        elif elements.Length = 0 then SpeciesForm.Numbers
        else SpeciesForm.Both

    /// Names of species that the rows do not tell.
    let namesOf form (snapshot: Snapshot) =
        let names =
            snapshot.SpeciesNames
            |> Map.filter (fun number name -> form = SpeciesForm.Both || ChemicalSymbols.trySymbol number <> Some name)

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

    let writeProperties form (others: ParticleColumn list) =
        output.Text(
            match form with
            | SpeciesForm.Symbols -> "species:S:1"
            | SpeciesForm.Numbers -> "type:I:1"
            | SpeciesForm.Both -> "species:S:1:" + ExtendedXyzHeader.SpeciesNumber + ":I:1"
        )

        output.Text ":pos:R:3:"

        match columns with
        | ShapeColumns.Ovito -> output.Text "orientation:R:4:aspherical_shape:R:3"
        | ShapeColumns.Escaped -> output.Text @"c_q:R:4:c_diameter\[1\]:R:1:c_diameter\[2\]:R:1:c_diameter\[3\]:R:1"
        | ShapeColumns.Strict -> output.Text "c_q:R:4:diameter:R:3"

        for column in others do
            output.Byte ':'B
            output.Text(ExtendedXyzText.columnName columns column.Name)
            output.Byte ':'B
            output.Byte(byte (letter column.Values))
            output.Byte ':'B
            output.Integer(int64 column.Width)

    /// ASE reads no file at all where these are anything but three by three.
    let warnOfMatrix key value =
        let count =
            match value with
            | InfoValue.Integers all -> all.Length
            | InfoValue.Reals all -> all.Length
            | InfoValue.Rows rows when rows.Length = 3 -> 9
            | _ -> 1

        if ExtendedXyzText.isMatrixKey key && count <> 9 then
            lost $"the info {key} has not the nine numbers of a matrix: ASE will not read the file"

    let writeInfo form (snapshot: Snapshot) =
        let p = snapshot.Frame.Cell.Periodicity
        let flag repeats = if repeats then "T" else "F"
        writePair "pbc" ("\"" + flag p.A + " " + flag p.B + " " + flag p.C + "\"")

        match snapshot.Step with
        | Some step -> writePair ExtendedXyzInfo.StepKey (step.ToString CultureInfo.InvariantCulture)
        | None -> ()

        let names = namesOf form snapshot

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
                warnOfMatrix key value
                writePair (ExtendedXyzText.key key) (ExtendedXyzText.value columns key value)

    let writeSpecies form snapshot species =
        match form, ChemicalSymbols.trySymbol species with
        | SpeciesForm.Symbols, Some symbol -> output.Text symbol
        | SpeciesForm.Symbols, None
        | SpeciesForm.Numbers, _ -> output.Integer(int64 species)
        | SpeciesForm.Both, symbol ->
            output.Text(
                if isElement snapshot species then
                    Option.get symbol
                else
                    "X"
            )

            output.Byte ' 'B
            output.Integer(int64 species)

    let writeParticle form snapshot (particles: ParticleArray) row =
        writeSpecies form snapshot (particles.SpeciesOf row)

        match columns with
        | ShapeColumns.Ovito -> output.ParticleForOvito(particles, row)
        | ShapeColumns.Escaped
        | ShapeColumns.Strict -> output.Particle(particles, row)

    let write (snapshot: Snapshot) =
        let particles = snapshot.Frame.Particles
        let form = formOf snapshot
        let others = columnsOf form snapshot
        output.Integer(int64 particles.Length)
        output.Byte '\n'B
        writeLattice snapshot.Frame.Cell
        output.Text "Properties="
        writeProperties form others
        writeInfo form snapshot
        output.Byte '\n'B

        for row in 0 .. particles.Length - 1 do
            writeParticle form snapshot particles row

            for column in others do
                output.Entries(column, row, "T", "F")

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
