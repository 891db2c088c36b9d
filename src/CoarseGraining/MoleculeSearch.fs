namespace AniSoap

open System
open System.Collections.Generic

/// The molecules of a frame, whole: by bonds, or by a column of numbers.
module internal MoleculeSearch =
    let private invalid parameter value accepted = Error(AniSoapError.invalid parameter value accepted)

    let private endless (first: int) (molecule: int64) =
        let which =
            if molecule > 0L then
                "molecule " + string molecule + " (with particle " + string first + ")"
            else
                "the molecule of particle " + string first

        Error(
            InvalidValue(
                which,
                "bonded to an image of itself",
                "molecules that end: one that goes on through the periodic cell (a crystal, a network, a chain without ends) has no centre; other bonds or groups can cut it",
                { Place.Unknown with Particle = Some first }
            )
        )

    /// Molecules of bonds.
    let private ofBonds (room: AtomRoom) (atoms: AtomTable) (bonds: Bond[]) =
        let found = WholeMolecules.pieces atoms.Positions.Length bonds

        match found.Endless with
        | ValueSome atom -> endless atom 0L
        | ValueNone ->
            let number = found.Piece

            for i in 0 .. number.Length - 1 do
                if not room.Free[i] then
                    number[i] <- -1

            let starts = room.Sort(number, found.Count)

            let shiftsOf (members: int[]) =
                if members |> Array.forall (fun atom -> Shift.isZero found.Shifts[atom]) then
                    Array.Empty()
                else
                    members |> Array.map (fun atom -> found.Shifts[atom])

            let groups = List<AtomGroup>(found.Count)

            for piece in 0 .. found.Count - 1 do
                if starts[piece + 1] > starts[piece] then
                    groups.Add(room.Group(groups.Count, starts[piece], starts[piece + 1], 0L, shiftsOf))

            room.Groups <- groups.ToArray()
            Ok room.Groups

    /// Molecules of a column of numbers.
    let private ofColumn
        (room: AtomRoom)
        images
        radii
        (atoms: AtomTable)
        (numbers: System.Collections.Immutable.ImmutableArray<int64>)
        threads
        =
        let names = List<int64>(room.Names.Count)
        let number = room.Numbers
        let mutable last = 0L
        let mutable lastIndex = -1
        room.Names.Clear()

        for i in 0 .. number.Length - 1 do
            let name = numbers[i]

            if name <> 0L && room.Free[i] then
                if lastIndex < 0 || name <> last then
                    match room.Names.TryGetValue name with
                    | true, index -> lastIndex <- index
                    | false, _ ->
                        lastIndex <- names.Count
                        room.Names[name] <- lastIndex
                        names.Add name

                    last <- name

                number[i] <- lastIndex
            else
                number[i] <- -1

        let starts = room.Sort(number, names.Count)
        let groups = Array.zeroCreate<AtomGroup> names.Count
        let closed = Array.create names.Count false

        let make g =
            let shiftsOf members =
                let struct (shifts, closes) = WholeMolecules.ofMembers images radii atoms.Kinds atoms.Positions members
                closed[g] <- closes
                shifts

            groups[g] <- room.Group(g, starts[g], starts[g + 1], names[g], shiftsOf)

        Workers.each threads names.Count make
        room.Groups <- groups

        match Array.tryFindIndex id closed with
        | Some g -> endless groups[g].Members[0] names[g]
        | None -> Ok groups

    let private listed
        (room: AtomRoom)
        (images: PeriodicImages)
        (atoms: AtomTable)
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
                if room.Free[i] && room.Free[j] then
                    let shift = images.Nearest(atoms.Positions[j] - atoms.Positions[i])
                    found.Add { First = i; Second = j; Shift = shift }
            | (isThere, _), _ ->
                if failure.IsNone then
                    let absent = if isThere then second else first
                    failure <- ValueSome(AniSoapError.invalid "atom of a bond" absent "the id of an atom of the frame")

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> ofBonds room atoms (found.ToArray())

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
        | Some column -> MoleculeNumbers.ofColumn column
        | None -> Error(Missing($"the column of molecules {name}", columns (), Place.Unknown))

    /// The molecules of the atoms that the room says are free to form some.
    let molecules (options: CoarseGrainOptions) (room: AtomRoom) (images: PeriodicImages) snapshot (atoms: AtomTable) =
        let radii () = AtomTable.bondRadii options.BondFactor atoms

        let byRadii () =
            radii ()
            |> Result.bind (fun radii ->
                let free = room.Free
                let reaches = atoms.Kinds |> Array.map (fun kind -> radii[kind])

                BondSearch.pairs options.Threads images atoms.Positions reaches (fun i j -> free[i] && free[j])
                |> ofBonds room atoms)

        let byNumbers numbers =
            let radii =
                match radii () with
                | Ok radii -> ValueSome radii
                | Error _ -> ValueNone

            ofColumn room images radii atoms numbers options.Threads

        match options.Molecules with
        | MoleculeSource.Column name -> column snapshot name |> Result.bind byNumbers
        | MoleculeSource.Radii -> byRadii ()
        | MoleculeSource.Listed bonds -> listed room images atoms snapshot bonds
        | MoleculeSource.Automatic ->
            match Quantities.tryFind Quantities.Molecules snapshot with
            | Some column when column.Width = 1 && (column.Values.IsIntegers || column.Values.IsReals) ->
                MoleculeNumbers.ofColumn column
                |> Result.bind (fun numbers ->
                    // A column of zeros alone says nothing.
                    if numbers.AsSpan().ContainsAnyExcept 0L then
                        byNumbers numbers
                    else
                        byRadii ())
            | _ -> byRadii ()
