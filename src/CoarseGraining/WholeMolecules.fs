namespace AniSoap

open System
open System.Collections.Generic

/// Molecules made whole: how many cells each atom is from where its position says, so that bonds are as long as they are.
module internal WholeMolecules =
    /// The connected pieces: for each atom the number of its piece, in the order of their first atoms; shifts that make the
    /// pieces whole, zero for each piece's first atom; and the first atom of the first piece, if there is one, that is
    /// bonded to an image of its own: it goes through the whole cell.
    [<NoEquality; NoComparison>]
    type Pieces = { Piece: int[]; Count: int; Shifts: Shift[]; Endless: int voption }

    /// Pieces by union and find (Tarjan, J. ACM 22 (1975) 215): each atom points to one of its piece before it, the first
    /// to itself, and knows its shift from that one.
    let pieces count (bonds: Bond[]) : Pieces =
        let parent = Array.init count id
        let shifts = Array.zeroCreate<Shift> count

        /// The first atom that this one leads to, and the shift from there; the way is shortened by half.
        let find (atom: int) =
            let mutable at = atom
            let mutable total = Shift.zero

            while parent[at] <> at do
                let next = parent[at]

                if parent[next] <> next then
                    shifts[at] <- Shift.plus shifts[at] shifts[next]
                    parent[at] <- parent[next]

                total <- Shift.plus total shifts[at]
                at <- parent[at]

            struct (at, total)

        let endless = List<int>()

        for bond in bonds do
            let struct (first, fromFirst) = find bond.First
            let struct (second, fromSecond) = find bond.Second
            let between = Shift.minus (Shift.plus fromFirst bond.Shift) fromSecond

            if first < second then
                parent[second] <- first
                shifts[second] <- between
            elif second < first then
                parent[first] <- second
                shifts[first] <- Shift.minus Shift.zero between
            elif not (Shift.isZero between) then
                endless.Add first

        let piece = Array.zeroCreate<int> count
        let mutable found = 0

        for i in 0 .. count - 1 do
            let struct (first, shift) = find i

            if first = i then
                piece[i] <- found
                found <- found + 1
            else
                piece[i] <- piece[first]
                // What it points to has been here: nothing adds to its shift any more.
                shifts[i] <- shift
                parent[i] <- first

        let firstOf atom =
            let struct (first, _) = find atom
            first

        {
            Piece = piece
            Count = found
            Shifts = shifts
            Endless =
                if endless.Count = 0 then
                    ValueNone
                else
                    ValueSome(endless |> Seq.map firstOf |> Seq.min)
        }

    /// The shortest tree that joins all points of a molecule, nearest images taken: what stands for bonds where none are
    /// known, since no other tree has a shorter longest step. Gives the shifts from the first atom, and the longest step.
    let private tree (images: PeriodicImages) (points: Vector3[]) =
        let count = points.Length
        let shifts = Array.zeroCreate<Shift> count
        let distance = Array.create count infinity
        let nearest = Array.zeroCreate<Shift> count
        let joined = Array.zeroCreate<bool> count
        let mutable longest = 0.0
        let mutable current = 0

        for _ in 1 .. count - 1 do
            joined[current] <- true
            let from = points[current] + images.Vector shifts[current]
            let mutable best = -1

            for i in 0 .. count - 1 do
                if not joined[i] then
                    let d = points[i] - from
                    let shift = images.Nearest d

                    let squared =
                        if Shift.isZero shift then
                            Vector3.squaredNorm d
                        else
                            Vector3.squaredNorm (d + images.Vector shift)

                    if squared < distance[i] then
                        distance[i] <- squared
                        nearest[i] <- shift

                    if best < 0 || distance[i] < distance[best] then
                        best <- i

            shifts[best] <- nearest[best]
            longest <- max longest distance[best]
            current <- best

        struct (shifts, sqrt longest)

    /// Molecules of more atoms than this are joined along near pairs instead of all pairs.
    [<Literal>]
    let private ManyAtoms = 600

    /// The same for many points: pairs within a reach that grows until it joins them all.
    let private treeOfMany (images: PeriodicImages) (points: Vector3[]) =
        let all _ _ = true

        let rec grow reach =
            let bonds = BondSearch.pairs 1 images points (Array.create points.Length (0.5 * reach)) all

            let length bond = Vector3.squaredNorm (points[bond.Second] + images.Vector bond.Shift - points[bond.First])

            // Kruskal: the shortest pairs first, each that joins two pieces.
            let parent = Array.init points.Length id

            let rec root i =
                if parent[i] = i then
                    i
                else
                    parent[i] <- parent[parent[i]]
                    root parent[i]

            let kept =
                bonds
                |> Array.sortBy length
                |> Array.filter (fun bond ->
                    let a, b = root bond.First, root bond.Second

                    if a <> b then
                        parent[a] <- b

                    a <> b)

            if kept.Length = points.Length - 1 then
                let longest = kept |> Array.fold (fun longest bond -> max longest (length bond)) 0.0
                struct ((pieces points.Length kept).Shifts, sqrt longest)
            else
                grow (1.5 * reach)

        let low =
            points
            |> Array.reduce (fun a b -> Vector3.create (min a.X b.X) (min a.Y b.Y) (min a.Z b.Z))

        let high =
            points
            |> Array.reduce (fun a b -> Vector3.create (max a.X b.X) (max a.Y b.Y) (max a.Z b.Z))

        grow (
            max 1e-6 (2.0 * Vector3.norm (high - low) / float points.Length ** (1.0 / 3.0))
            / 4.0
        )

    /// How much longer than the longest step of the tree a bond can be that closes a ring, where radii are not known.
    [<Literal>]
    let private Closing = 1.2

    /// The nearest images to the first atom, where all are so near that those of any two atoms are the nearest too: so are
    /// nearly all molecules. False where they are not.
    let private tryCompact (images: PeriodicImages) (points: Vector3[]) (shifts: Shift[]) (farthest: byref<float>) =
        let limit = images.Shortest * images.Shortest / 16.0
        let mutable near = true
        let mutable most = 0.0
        let mutable i = 1

        while near && i < points.Length do
            let d = points[i] - points[0]
            let shift = images.Nearest d
            shifts[i] <- shift
            let squared = Vector3.squaredNorm (if Shift.isZero shift then d else d + images.Vector shift)
            most <- max most squared
            near <- squared < limit
            i <- i + 1

        farthest <- sqrt most
        near

    /// The same for molecules that reach far.
    let private ofSpreadPoints images (reaches: float[] voption) (points: Vector3[]) : struct (Shift[] * bool) =
        let struct (shifts, longest) =
            if points.Length > ManyAtoms then
                treeOfMany images points
            else
                tree images points

        let whole = Array.map2 (fun point shift -> point + images.Vector shift) points shifts

        let reaches =
            match reaches with
            | ValueSome known -> known
            | ValueNone -> Array.create points.Length (0.5 * Closing * longest)

        let mutable squared = 0.0

        for point in whole do
            squared <- max squared (Vector3.squaredNorm (point - whole[0]))

        if 2.0 * sqrt squared + 2.0 * Array.max reaches < images.Shortest then
            struct (shifts, false)
        else
            let closes =
                BondSearch.pairs 1 images whole reaches (fun _ _ -> true)
                |> Array.exists (fun bond -> bond.Shift <> Shift.zero)

            struct (shifts, closes)

    /// The shifts that make one molecule whole whose bonds are not known, and whether it goes on through the cell: some
    /// atom is as near to an image of the whole as bonded atoms are. `reaches` are the radii of bonds, where known.
    let ofPoints (images: PeriodicImages) (reaches: float[] voption) (points: Vector3[]) : struct (Shift[] * bool) =
        if not images.IsPeriodic || points.Length < 2 then
            struct (Array.zeroCreate points.Length, false)
        else
            let compact = Array.zeroCreate<Shift> points.Length
            let mutable farthest = 0.0
            let isCompact = tryCompact images points compact &farthest

            let reach =
                match reaches with
                | ValueSome known when isCompact -> Array.max known
                | _ -> infinity

            if isCompact && 2.0 * farthest + 2.0 * reach < images.Shortest then
                struct (compact, false)
            else
                ofSpreadPoints images reaches points

    /// The same of some of all positions, with the kinds of all and the radii of these; no shifts at all stand for zeros.
    let ofMembers
        (images: PeriodicImages)
        (radii: float[] voption)
        (kinds: int[])
        (positions: Vector3[])
        (members: int[])
        : struct (Shift[] * bool) =
        let limit = images.Shortest / 4.0
        let mutable squared = 0.0
        let mutable reach = if radii.IsSome then 0.0 else infinity
        let first = positions[members[0]]

        for atom in members do
            squared <- max squared (Vector3.squaredNorm (positions[atom] - first))

            match radii with
            | ValueSome radii -> reach <- max reach radii[kinds[atom]]
            | ValueNone -> ()

        let farthest = sqrt squared

        // Whole as it stands, and too small to reach an image: nearly all molecules of a large cell.
        if
            farthest < limit
            && (not images.IsPeriodic || 2.0 * farthest + 2.0 * reach < images.Shortest)
        then
            struct (Array.Empty(), false)
        else
            let points = members |> Array.map (fun atom -> positions[atom])

            let reaches =
                radii
                |> ValueOption.map (fun radii -> members |> Array.map (fun atom -> radii[kinds[atom]]))

            ofPoints images reaches points
