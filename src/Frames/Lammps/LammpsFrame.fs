namespace AniSoap

open System.Collections.Immutable
open AniSoap.Formats

/// A snapshot as LAMMPS can hold it: in a restricted box that has all particles inside along axes that do not repeat,
/// types from 1.
[<NoEquality; NoComparison>]
type internal LammpsFrame = {
    Box: LammpsBox
    Particles: ParticleArray
    /// The type of each particle.
    Types: int[]
    TypeCount: int
    /// Names of types, where the file has names.
    Labels: Map<int, string>
    Columns: ParticleColumn list
    Snapshot: Snapshot
}

/// The numbers of particles: those of the snapshot where they can serve, else 1, 2, ….
[<Struct; NoEquality; NoComparison>]
type internal LammpsIds = private {
    given: ImmutableArray<int64> voption
} with

    member ids.Item
        with get row =
            match ids.given with
            | ValueSome all -> all[row]
            | ValueNone -> int64 row + 1L

module internal LammpsIds =
    let ofSnapshot (lost: string -> unit) (snapshot: Snapshot) =
        match Quantities.tryIntegers Quantities.Ids 1 snapshot with
        | Some all ->
            let isAscending = all |> Seq.pairwise |> Seq.forall (fun (a, b) -> a < b)

            if isAscending && (all.IsEmpty || all[0] >= 1L) then
                { given = ValueSome all }
            else
                // Another order would change places when the file is read.
                lost
                    "not written: the ids of the input, which are no ascending numbers from 1: particles are numbered anew"

                { given = ValueNone }
        | None -> { given = ValueNone }

module internal LammpsFrame =
    /// Beyond it a number of species is taken for a code, not for a type: LAMMPS keeps tables of all types up to it.
    [<Literal>]
    let private LargestType = 10000

    let private rows (m: Matrix3) = [ m.Row1; m.Row2; m.Row3 ]

    let private ofRows (rows: Vector3 list) = Matrix3.ofRows rows[0] rows[1] rows[2]

    let private longestAxis (frame: Frame) = frame.Particles.LongestSemiAxis

    /// The box vectors, and where they start, that hold every particle along the axes that do not repeat.
    let private box lost (snapshot: Snapshot) =
        let frame = snapshot.Frame
        let cell = frame.Cell
        let origin = Quantities.tryOrigin snapshot |> Option.defaultValue Vector3.zero
        let toFractions = Matrix3.inverse (Matrix3.transpose cell.Basis)
        let repeats = [ cell.Periodicity.A; cell.Periodicity.B; cell.Periodicity.C ]
        let axes = List.zip3 (rows cell.Vectors) (rows cell.Basis) repeats
        let margin = longestAxis frame

        let reach axis =
            let component' (v: Vector3) =
                match axis with
                | 0 -> v.X
                | 1 -> v.Y
                | _ -> v.Z

            frame.Particles
            |> Seq.map (fun p -> component' (toFractions * (p.Position - origin)))
            |> Seq.fold (fun (low, high) s -> min low s, max high s) (infinity, -infinity)

        let folder (vectors, start) (axis, (given, basis, repeats)) =
            let low, high = if repeats then 0.0, 1.0 else reach axis

            if given = Vector3.zero then
                lost
                    "the cell is not given along an axis that does not repeat: the box is made as large as the particles need"

                let pad = (margin + 0.5) / Vector3.norm basis
                let low, high = (if low <= high then low - pad, high + pad else -pad, pad)
                (high - low) * basis :: vectors, start + low * basis
            elif repeats || (low >= 0.0 && high < 1.0) || not (low <= high) then
                given :: vectors, start
            else
                lost "particles are outside the cell along an axis that does not repeat: the box is made larger"
                let pad = margin / Vector3.norm basis
                let low, high = min 0.0 (low - pad), max 1.0 (high + pad)
                (high - low) * given :: vectors, start + low * given

        let vectors, start = axes |> List.indexed |> List.fold folder ([], origin)
        ofRows (List.rev vectors), start

    /// The same lattice with right-handed vectors: c turned around, from the other side.
    let private rightHanded lost (vectors: Matrix3) (origin: Vector3) =
        if Matrix3.determinant vectors > 0.0 then
            vectors, origin, false
        else
            lost
                "the cell is left-handed, which LAMMPS does not know: its vector c is turned around, the lattice is the same"

            Matrix3.ofRows vectors.Row1 vectors.Row2 (-1.0 * vectors.Row3), origin + vectors.Row3, true

    let private mirrorImages (columns: ParticleColumn list) =
        columns
        |> List.map (fun column ->
            match column.Values with
            | ColumnValues.Integers all when column.Width = 3 && Quantities.canonical column.Name = Quantities.Images ->
                let turned = all |> Seq.mapi (fun i n -> if i % 3 = 2 then -n else n)
                ParticleColumn.replace (ColumnValues.Integers(ImmutableArray.CreateRange turned)) column
            | _ -> column)

    let private turned (rotation: Matrix3) (particles: ParticleArray) =
        Quaternion.tryOfMatrix rotation
        |> Result.bind (fun q ->
            particles
            |> Result.traverse (fun p ->
                Ellipsoid.create p.Species (rotation * p.Position) (q * p.Orientation) p.SemiAxes)
            |> Result.map ParticleArray.ofSeq)

    /// The boundaries: as a LAMMPS file had them, else fixed where nothing repeats.
    let private boundary (snapshot: Snapshot) =
        let p = snapshot.Frame.Cell.Periodicity
        let plain = [ p.A; p.B; p.C ] |> List.map (fun repeats -> if repeats then "pp" else "ff")

        match Snapshot.tryInfo LammpsBox.BoundaryName snapshot with
        | Some(InfoValue.Text text) ->
            match LammpsBox.tryBoundary (List.ofArray (RowParser.splitWords text)) with
            | Some(words, found) when found = p -> words
            | _ -> plain
        | _ -> plain

    /// So many renumbered species are listed one by one.
    [<Literal>]
    let private MostTold = 6

    /// Types for species of which some are no types. Numbers from 0 move up by one, and codes become 1, 2, …, in their order;
    /// but where only X has no number among chemical elements, these keep theirs and X gets the first that is free.
    let private typeNumbers (snapshot: Snapshot) (species: int[]) =
        let isElement number = number >= 1 && Option.isSome (ChemicalSymbols.trySymbol number)

        let isX =
            species[0] = 0
            && species.Length > 1
            && Array.forall isElement (Array.tail species)
            && Map.tryFind 0 snapshot.SpeciesNames = ChemicalSymbols.trySymbol 0

        if isX then
            let free =
                Seq.initInfinite ((+) 1)
                |> Seq.find (fun number -> not (Array.contains number species))

            species
            |> Seq.map (fun number -> number, (if number = 0 then free else number))
            |> Map.ofSeq
        else
            species |> Seq.mapi (fun i number -> number, i + 1) |> Map.ofSeq

    let private types lost (snapshot: Snapshot) =
        let species = Frame.species snapshot.Frame

        if species |> Array.forall (fun number -> number >= 1 && number <= LargestType) then
            id
        else
            let numbers = typeNumbers snapshot species
            let moved = species |> Array.filter (fun number -> numbers[number] <> number)

            let told =
                moved
                |> Seq.truncate MostTold
                |> Seq.map (fun number -> string number + " is " + string numbers[number])

            let more =
                if moved.Length > MostTold then
                    let last = Array.last moved

                    (", … ("
                     + string moved.Length
                     + " in all), "
                     + string last
                     + " is "
                     + string (numbers[last]))
                else
                    ""

            lost (
                "types are numbered from 1 in LAMMPS: species "
                + (String.concat ", " told)
                + more
            )

            fun number -> numbers[number]

    /// LAMMPS reads a label that begins with a digit, `#` or `*` as something else.
    let private isLabel (name: string) =
        name <> ""
        && not (System.Char.IsAsciiDigit name[0] || name[0] = '#' || name[0] = '*')
        && name
           |> Seq.forall (fun c -> not (System.Char.IsWhiteSpace c || System.Char.IsControl c))

    /// Names that the numbers do not tell anyway.
    let private labels lost typeOf (snapshot: Snapshot) =
        let present = Frame.species snapshot.Frame |> Set.ofArray

        let names =
            snapshot.SpeciesNames
            |> Map.toList
            |> List.filter (fun (number, name) ->
                Set.contains number present && ChemicalSymbols.trySymbol number <> Some name)
            |> List.map (fun (number, name) -> typeOf number, name)

        if names |> List.forall (fun (_, name) -> isLabel name) then
            Map.ofList names
        else
            lost "not written: names of species that are no labels of LAMMPS (single words, no digit first)"
            Map.empty

    /// Says which columns and which info have no place in the file; nothing where there are none.
    let tellLost lost file (columns: string list) (info: string list) =
        if not columns.IsEmpty then
            lost (
                "not written: the columns "
                + (String.concat ", " columns)
                + ", for which "
                + file
                + " has no place"
            )

        if not info.IsEmpty then
            lost (
                "not written: the info "
                + (String.concat ", " info)
                + ", for which "
                + file
                + " has no place"
            )

    /// A snapshot as LAMMPS can hold it. `lost` is told what had to change.
    let ofSnapshot (lost: string -> unit) (snapshot: Snapshot) : Result<LammpsFrame, AniSoapError> =
        let vectors, origin = box lost snapshot
        let vectors, origin, isMirrored = rightHanded lost vectors origin
        let typeOf = types lost snapshot
        let frame = snapshot.Frame

        let columns =
            if isMirrored then
                mirrorImages snapshot.Columns
            else
                snapshot.Columns

        let result vectors origin particles columns =
            let types = frame.Particles |> Seq.map (fun p -> typeOf p.Species) |> Seq.toArray
            let labels = labels lost typeOf snapshot

            {
                Box = {
                    Vectors = vectors
                    Origin = origin
                    Periodicity = frame.Cell.Periodicity
                    Boundary = boundary snapshot
                    Turn = ValueNone
                }
                Particles = particles
                Types = types
                TypeCount = Array.fold max 1 types
                Labels = labels
                Columns = columns
                Snapshot = snapshot
            }

        let clean = LammpsBox.withoutRounding vectors

        if Matrix3.isRestricted clean then
            Ok(result clean origin frame.Particles columns)
        else
            lost
                "the cell is turned into LAMMPS's frame (a along x, b in the xy plane), and with it positions, \
                 orientations, forces, torques, velocities, angular momenta and dipoles; other columns are not"

            let box, rotation = LammpsBox.restrict vectors

            turned rotation frame.Particles
            |> Result.map (fun particles ->
                result box (rotation * origin) particles (LammpsColumns.turn rotation columns))
