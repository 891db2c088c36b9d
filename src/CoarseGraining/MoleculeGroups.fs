namespace AniSoap

open System

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
            match MoleculeSearch.molecules options images snapshot atoms isFree with
            // Lists of atoms alone need no bonds.
            | Error _ when not needsMolecules -> Ok [||]
            | result -> result

        found
        |> Result.bind (fun molecules ->
            if options.Groups.IsEmpty then
                Ok molecules
            else
                NamedGroups.among options images atoms molecules)
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
                |> Array.map (fun name -> $"the group {NamedGroups.quoted name} has one atom: it stays a sphere")

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
