namespace AniSoap

open System
open System.Collections.Generic

/// What becomes of the atoms of a frame: ellipsoids, spheres, or nothing.
module internal MoleculeGroups =
    let private isKept (options: CoarseGrainOptions) (kind: AtomKind) =
        let number = kind.Species.ToString Globalization.CultureInfo.InvariantCulture

        options.Keep.Contains kind.Label
        || options.Keep.Contains number
        || (kind.Element
            |> Option.exists (fun element -> options.Keep.Contains element.Symbol))

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
                String.Concat(
                    String.Concat(Warnings.Here, ": the image flags of ", string wrong.Length),
                    String.Concat(
                        " of ",
                        string groups.Length,
                        " molecules do not make them whole (the first is that of particle "
                    ),
                    string wrong[0].Members[0],
                    "); they are made whole along bonds, and the flags are not used for these"
                )
              ]

    /// The atoms by whether they are kept, or in a group of one: spheres; or in none: left over.
    let private others (room: AtomRoom) (groups: AtomGroup[]) (single: AtomGroup[]) =
        let taken = room.Taken
        Array.Clear taken

        for group in groups do
            for atom in group.Members do
                taken[atom] <- true

        let spheres = List<int>()
        let leftover = List<int>()

        for i in 0 .. taken.Length - 1 do
            if not room.Free[i] then
                spheres.Add i
            elif not taken[i] then
                leftover.Add i

        for group in single do
            spheres.Add group.Members[0]

        spheres.Sort()
        struct (spheres.ToArray(), leftover.ToArray())

    /// What becomes of the atoms of a frame.
    let ofSnapshot
        options
        (room: AtomRoom)
        (images: PeriodicImages)
        (snapshot: Snapshot)
        (atoms: AtomTable)
        : Result<AtomGroups, AniSoapError> =
        let kept = atoms.KindList |> Array.map (isKept options)

        for i in 0 .. room.Free.Length - 1 do
            room.Free[i] <- not kept[atoms.Kinds[i]]

        let needsMolecules =
            options.Groups.IsEmpty
            || options.Groups |> List.exists (fun group -> group.Formula.IsSome)

        let found =
            match MoleculeSearch.molecules options room images snapshot atoms with
            // Lists of atoms alone need no bonds.
            | Error _ when not needsMolecules -> Ok [||]
            | result -> result

        found
        |> Result.bind (fun molecules ->
            if options.Groups.IsEmpty then
                Ok molecules
            else
                NamedGroups.among options room.Free images atoms molecules)
        |> Result.map (fun groups ->
            let single = groups |> Array.filter (fun group -> group.Members.Length = 1)

            let several =
                if single.Length = 0 then
                    groups
                else
                    groups |> Array.filter (fun group -> group.Members.Length <> 1)

            let struct (spheres, leftover) = others room groups single

            let named =
                single
                |> Array.choose (fun group -> ValueOption.toOption group.GroupName)
                |> Array.distinct
                |> Array.map (fun name -> "the group " + NamedGroups.quoted name + " has one atom: it stays a sphere")

            {
                Groups = several
                Spheres = spheres
                Leftover = leftover
                Warnings = List.ofArray named @ flagWarning atoms several
            })
