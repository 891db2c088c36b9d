namespace AniSoap

open System
open System.Collections.Generic

/// The molecules of a frame, whole: by bonds, or by a column of numbers.
module internal MoleculeSearch =
    let private invalid parameter value accepted = Error(AniSoapError.invalid parameter value accepted)

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
            let struct (shifts, closes) = WholeMolecules.ofMembers images radii atoms.Kinds atoms.Positions members
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

    /// The molecules of the atoms that are free to form some.
    let molecules (options: CoarseGrainOptions) (images: PeriodicImages) snapshot (atoms: AtomTable) isFree =
        let radii () = AtomTable.bondRadii options.BondFactor atoms

        let byRadii () =
            radii ()
            |> Result.bind (fun radii ->
                let free = Array.init atoms.Positions.Length isFree
                let reaches = atoms.Kinds |> Array.map (fun kind -> radii[kind])

                BondSearch.pairs options.Threads images atoms.Positions reaches (fun i j -> free[i] && free[j])
                |> ofBonds atoms free)

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
