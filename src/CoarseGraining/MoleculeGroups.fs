namespace AniSoap

open System
open System.Collections.Generic

/// Atoms that become one ellipsoid.
[<NoEquality; NoComparison>]
type internal AtomGroup = {
    /// The atoms, ascending.
    Members: int[]
    /// What makes them whole, from the first atom on; empty where they are whole as they stand.
    Shifts: Shift[]
    /// What the input calls the molecule, if it has a number for it.
    Molecule: int64
    /// The name that a groups file gives it.
    GroupName: string voption
    /// The species that a groups file gives it.
    GroupSpecies: int voption
} with

    /// The shift of a member.
    member group.ShiftOf k =
        if group.Shifts.Length = 0 then
            Shift.zero
        else
            Array.get group.Shifts k

/// The atoms of a frame by what becomes of them.
[<NoEquality; NoComparison>]
type internal AtomGroups = {
    Groups: AtomGroup[]
    /// Atoms that stay spheres.
    Spheres: int[]
    /// Atoms that are in no group.
    Leftover: int[]
    Warnings: string list
}

module internal MoleculeGroups =
    let private invalid parameter value accepted = Error(AniSoapError.invalid parameter value accepted)

    let private isKept (options: CoarseGrainOptions) (kind: AtomKind) =
        let number = kind.Species.ToString Globalization.CultureInfo.InvariantCulture

        options.Keep.Contains kind.Label
        || options.Keep.Contains number
        || (kind.Element
            |> Option.exists (fun element -> options.Keep.Contains element.Symbol))

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
    let formula (kinds: AtomKind[]) (atoms: int seq) =
        atoms
        |> Seq.map (fun kind -> symbolOf kinds[kind])
        |> Seq.countBy id
        |> List.ofSeq
        |> hill

    /// A formula as `formula` writes it.
    let private normalized (text: string) =
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

    let private group molecule atoms shifts = {
        Members = atoms
        Shifts = shifts
        Molecule = molecule
        GroupName = ValueNone
        GroupSpecies = ValueNone
    }

    let private endless (first: int) (molecule: int64) =
        let which =
            if molecule > 0L then
                $"molecule {molecule} (with particle {first})"
            else
                $"the molecule of particle {first}"

        Error(
            InvalidValue(
                which,
                "bonded to an image of itself",
                "molecules that end: one that goes on through the periodic cell (a crystal, a network, a chain without ends) has no centre; other bonds or groups can cut it",
                { Place.Unknown with Particle = Some first }
            )
        )

    /// Atoms by a number each, in the order of each number's first atom; numbers below zero are left out.
    let private byNumber count (number: int[]) groups =
        let starts = Array.zeroCreate<int>(groups + 1)

        for i in 0 .. count - 1 do
            if number[i] >= 0 then
                starts[number[i] + 1] <- starts[number[i] + 1] + 1

        for g in 1..groups do
            starts[g] <- starts[g] + starts[g - 1]

        let next = Array.copy starts
        let order = Array.zeroCreate<int> starts[groups]

        for i in 0 .. count - 1 do
            if number[i] >= 0 then
                order[next[number[i]]] <- i
                next[number[i]] <- next[number[i]] + 1

        struct (starts, order)

    /// Molecules of bonds.
    let private ofBonds (atoms: AtomTable) (isFree: bool[]) (bonds: Bond[]) =
        let count = atoms.Positions.Length
        let found = WholeMolecules.pieces count bonds

        match found.Endless with
        | (_, atom) :: _ -> endless atom 0L
        | [] ->
            let number = Array.init count (fun i -> if isFree[i] then found.Piece[i] else -1)
            let struct (starts, order) = byNumber count number found.Count

            let shiftsOf (members: int[]) =
                if members |> Array.forall (fun atom -> Shift.isZero found.Shifts[atom]) then
                    Array.Empty()
                else
                    members |> Array.map (fun atom -> found.Shifts[atom])

            [|
                for g in 0 .. found.Count - 1 do
                    if starts[g + 1] > starts[g] then
                        let members = order[starts[g] .. starts[g + 1] - 1]
                        group 0L members (shiftsOf members)
            |]
            |> Ok

    /// Molecules of a column of numbers.
    let private ofColumn
        images
        radii
        (atoms: AtomTable)
        (isFree: bool[])
        (numbers: System.Collections.Immutable.ImmutableArray<int64>)
        threads
        =
        let count = atoms.Positions.Length
        let known = Dictionary<int64, int>()
        let names = List<int64>()
        let number = Array.create count -1
        let mutable last = 0L
        let mutable lastIndex = -1

        for i in 0 .. count - 1 do
            let name = numbers[i]

            if name <> 0L && isFree[i] then
                if lastIndex < 0 || name <> last then
                    match known.TryGetValue name with
                    | true, index -> lastIndex <- index
                    | false, _ ->
                        lastIndex <- names.Count
                        known[name] <- lastIndex
                        names.Add name

                    last <- name

                number[i] <- lastIndex

        let struct (starts, order) = byNumber count number names.Count
        let groups = Array.zeroCreate<AtomGroup> names.Count
        let closed = Array.create names.Count false

        let make g =
            let members = order[starts[g] .. starts[g + 1] - 1]
            let struct (shifts, closes) = WholeMolecules.ofMembers images radii atoms.Positions members
            closed[g] <- closes
            groups[g] <- group names[g] members shifts

        Workers.each threads names.Count make

        match Array.tryFindIndex id closed with
        | Some g -> endless groups[g].Members[0] names[g]
        | None -> Ok groups

    let private listed
        (images: PeriodicImages)
        (atoms: AtomTable)
        (isFree: bool[])
        snapshot
        (bonds: struct (int64 * int64)[])
        =
        let rowOf = Dictionary<int64, int>()

        match Quantities.tryIntegers Quantities.Ids 1 snapshot with
        | Some ids ->
            for i in 0 .. ids.Length - 1 do
                rowOf[ids[i]] <- i
        | None ->
            for i in 0 .. atoms.Positions.Length - 1 do
                rowOf[int64 i] <- i

        let found = List<Bond>(bonds.Length)
        let mutable failure = ValueNone

        for struct (first, second) in bonds do
            match rowOf.TryGetValue first, rowOf.TryGetValue second with
            | (true, i), (true, j) ->
                if isFree[i] && isFree[j] then
                    let shift = images.Nearest(atoms.Positions[j] - atoms.Positions[i])
                    found.Add { First = i; Second = j; Shift = shift }
            | (isThere, _), _ ->
                if failure.IsNone then
                    let absent = if isThere then second else first
                    failure <- ValueSome(AniSoapError.invalid "atom of a bond" absent "the id of an atom of the frame")

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> ofBonds atoms isFree (found.ToArray())

    let private column (snapshot: Snapshot) name =
        let found =
            Snapshot.tryColumn name snapshot
            |> Option.orElseWith (fun () -> Quantities.tryFind (Quantities.canonical name) snapshot)

        let columns () =
            let names =
                snapshot.Columns
                |> List.filter (fun column -> column.Width = 1 && column.Values.IsIntegers)
                |> List.map _.Name

            if names.IsEmpty then
                "there is no column of whole numbers"
            else
                "columns of whole numbers are " + String.concat ", " names

        match found with
        | Some column when column.Width = 1 ->
            match column.Values with
            | ColumnValues.Integers all -> Ok all
            | _ -> invalid "column of molecules" name $"a column of whole numbers; {columns ()}"
        | Some _ -> invalid "column of molecules" name $"a column of one whole number an atom; {columns ()}"
        | None -> Error(Missing($"the column of molecules {name}", columns (), Place.Unknown))

    /// The molecules of a frame.
    let private molecules (options: CoarseGrainOptions) (images: PeriodicImages) snapshot (atoms: AtomTable) isFree =
        let radii () = AtomTable.bondRadii options.BondFactor atoms

        let byRadii () =
            radii ()
            |> Result.bind (fun radii ->
                BondSearch.pairs images atoms.Positions radii (fun i j -> isFree i && isFree j)
                |> ofBonds atoms (Array.init atoms.Positions.Length isFree))

        let byColumn name =
            column snapshot name
            |> Result.bind (fun numbers ->
                let radii =
                    match radii () with
                    | Ok radii -> ValueSome radii
                    | Error _ -> ValueNone

                let free = Array.init atoms.Positions.Length isFree
                ofColumn images radii atoms free numbers options.Threads)

        match options.Molecules with
        | MoleculeSource.Column name -> byColumn name
        | MoleculeSource.Radii -> byRadii ()
        | MoleculeSource.Listed bonds -> listed images atoms (Array.init atoms.Positions.Length isFree) snapshot bonds
        | MoleculeSource.Automatic ->
            // A column of zeros alone says nothing.
            match Quantities.tryIntegers Quantities.Molecules 1 snapshot with
            | Some numbers when numbers |> Seq.exists (fun number -> number <> 0L) -> byColumn Quantities.Molecules
            | _ -> byRadii ()

    let private quoted name = "'" + name + "'"

    /// The groups of definitions among molecules.
    let private defined (options: CoarseGrainOptions) images (atoms: AtomTable) (molecules: AtomGroup[]) =
        let taken = Array.create atoms.Positions.Length -1
        let definitions = List.toArray options.Groups
        let found = List<AtomGroup>()
        let mutable failure = ValueNone

        let fail error =
            if failure.IsNone then
                failure <- ValueSome error

        let claim d (atom: int) =
            if taken[atom] >= 0 then
                fail (
                    InvalidValue(
                        "groups "
                        + quoted definitions[taken[atom]].Name
                        + " and "
                        + quoted definitions[d].Name,
                        "an atom in both",
                        "groups that do not overlap",
                        { Place.Unknown with Particle = Some atom }
                    )
                )
            else
                taken[atom] <- d

        let add d molecule atoms shifts =
            Array.iter (claim d) atoms

            found.Add {
                Members = atoms
                Shifts = shifts
                Molecule = molecule
                GroupName = ValueSome definitions[d].Name
                GroupSpecies = ValueOption.ofOption definitions[d].Species
            }

        let formulas =
            molecules
            |> Array.map (fun m -> formula atoms.KindList (m.Members |> Seq.map (fun a -> atoms.Kinds[a])))

        let ofFormula d (definition: GroupDefinition) (text: string) =
            match normalized text with
            | None ->
                fail (
                    AniSoapError.invalid $"formula of the group {quoted definition.Name}" text "a formula such as C6H6"
                )
            | Some wanted ->
                let mutable any = false

                molecules
                |> Array.iteri (fun m molecule ->
                    if formulas[m] = wanted && failure.IsNone then
                        any <- true

                        match definition.Atoms with
                        | [] -> add d molecule.Molecule molecule.Members molecule.Shifts
                        | chosen ->
                            match chosen |> List.tryFind (fun k -> k < 0 || k >= molecule.Members.Length) with
                            | Some wrong ->
                                fail (
                                    AniSoapError.invalid
                                        $"atom of the group {quoted definition.Name}"
                                        wrong
                                        $"0 to {molecule.Members.Length - 1}, the atoms of {wanted}"
                                )
                            | None ->
                                let sorted = chosen |> List.sort |> List.toArray

                                add
                                    d
                                    molecule.Molecule
                                    (sorted |> Array.map (fun k -> molecule.Members[k]))
                                    (sorted |> Array.map (fun k -> molecule.ShiftOf k)))

                if not any then
                    let there =
                        formulas
                        |> Seq.countBy id
                        |> Seq.truncate 5
                        |> Seq.map fst
                        |> String.concat ", "

                    fail (
                        AniSoapError.invalid
                            $"group {quoted definition.Name}"
                            wanted
                            $"the formula of a molecule that is there ({there})"
                    )

        let ofAtoms d (definition: GroupDefinition) =
            match
                definition.Atoms
                |> List.tryFind (fun atom -> atom < 0 || atom >= atoms.Positions.Length)
            with
            | Some wrong ->
                fail (
                    AniSoapError.invalid
                        $"atom of the group {quoted definition.Name}"
                        wrong
                        $"0 to {atoms.Positions.Length - 1}, the frame's atoms"
                )
            | None ->
                let members = definition.Atoms |> List.sort |> List.toArray

                let struct (shifts, closes) =
                    WholeMolecules.ofPoints images ValueNone (members |> Array.map (fun a -> atoms.Positions[a]))

                // A part of a molecule that is whole is whole as the molecule is.
                match
                    molecules
                    |> Array.tryFind (fun m -> members |> Array.forall (fun a -> Array.BinarySearch(m.Members, a) >= 0))
                with
                | Some m ->
                    let shiftOf a = m.ShiftOf(Array.BinarySearch(m.Members, a))
                    add d m.Molecule members (members |> Array.map shiftOf)
                | None when closes ->
                    fail (
                        AniSoapError.invalid
                            $"group {quoted definition.Name}"
                            "atoms that go on through the periodic cell"
                            "a group that ends"
                    )
                | None -> add d 0L members shifts

        definitions
        |> Array.iteri (fun d definition ->
            if failure.IsNone then
                match definition.Formula with
                | Some text -> ofFormula d definition text
                | None -> ofAtoms d definition)

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok(found.ToArray() |> Array.sortBy (fun group -> group.Members[0]))

    /// Tells of flags that say other images than the bonds do.
    let private flagWarning (atoms: AtomTable) (groups: AtomGroup[]) =
        match atoms.Images with
        | ValueNone -> []
        | ValueSome images ->
            let contradicts (group: AtomGroup) =
                let base' = Shift.minus images[group.Members[0]] (group.ShiftOf 0)
                let mutable differs = false

                for k in 1 .. group.Members.Length - 1 do
                    differs <- differs || Shift.minus images[group.Members[k]] (group.ShiftOf k) <> base'

                differs

            match groups |> Array.filter contradicts with
            | [||] -> []
            | wrong -> [
                $"{Warnings.Here}: the image flags of {wrong.Length} of {groups.Length} molecules do not make them whole (the first is that of particle {wrong[0].Members[0]}); they are made whole along bonds, and the flags are not used for these"
              ]

    /// What becomes of the atoms of a frame.
    let ofSnapshot
        options
        (images: PeriodicImages)
        (snapshot: Snapshot)
        (atoms: AtomTable)
        : Result<AtomGroups, AniSoapError> =
        let kept = atoms.KindList |> Array.map (isKept options)
        let isFree i = not kept[atoms.Kinds[i]]

        let needsMolecules =
            options.Groups.IsEmpty
            || options.Groups |> List.exists (fun group -> group.Formula.IsSome)

        let found =
            match molecules options images snapshot atoms isFree with
            // Lists of atoms alone need no bonds.
            | Error _ when not needsMolecules -> Ok [||]
            | result -> result

        found
        |> Result.bind (fun molecules ->
            if options.Groups.IsEmpty then
                Ok molecules
            else
                defined options images atoms molecules)
        |> Result.map (fun groups ->
            let single, several = groups |> Array.partition (fun group -> group.Members.Length = 1)
            let isTaken = Array.create atoms.Positions.Length false

            for group in groups do
                for atom in group.Members do
                    isTaken[atom] <- true

            let spheres = [|
                for i in 0 .. isTaken.Length - 1 do
                    if not (isFree i) then
                        i

                for group in single do
                    group.Members[0]
            |]

            let named =
                single
                |> Array.choose (fun group -> ValueOption.toOption group.GroupName)
                |> Array.distinct
                |> Array.map (fun name -> $"the group {quoted name} has one atom: it stays a sphere")

            {
                Groups = several
                Spheres = Array.sort spheres
                Leftover = [|
                    for i in 0 .. isTaken.Length - 1 do
                        if isFree i && not isTaken[i] then
                            i
                |]
                Warnings = List.ofArray named @ flagWarning atoms several
            })
