namespace AniSoap

open System
open System.Collections.Generic

/// Arrays for the atoms of one frame after another: those of most runs have as many each, and large arrays are dear to make.
[<Sealed>]
type internal AtomRoom() =
    let mutable starts: int[] = [||]
    let mutable next: int[] = [||]

    member val Positions: Vector3[] = [||] with get, set
    member val Kinds: int[] = [||] with get, set
    member val Masses: float[] = [||] with get, set
    /// For each atom the number of its group.
    member val Numbers: int[] = [||] with get, set
    /// Atoms in the order of their groups.
    member val Order: int[] = [||] with get, set
    /// Whether an atom may be in a group.
    member val Free: bool[] = [||] with get, set
    /// Whether an atom is in one.
    member val Taken: bool[] = [||] with get, set
    /// The molecules' numbers in the input, and which group each became.
    member val Names = Dictionary<int64, int>()
    /// The groups of the frame before.
    member val Groups: AtomGroup[] = [||] with get, set

    /// Makes the arrays as long as a frame has atoms.
    member room.Hold count =
        if room.Positions.Length <> count then
            room.Positions <- LargeArray.zeros count
            room.Kinds <- LargeArray.zeros count
            room.Masses <- LargeArray.zeros count
            room.Numbers <- LargeArray.zeros count
            room.Order <- LargeArray.zeros count
            room.Free <- LargeArray.zeros count
            room.Taken <- LargeArray.zeros count

    /// Atoms by their groups (below zero: none), in the order of the atoms: those of group g stand in `Order` from entry g of
    /// the array that is returned up to entry g + 1.
    member room.Sort(numbers: int[], groups: int) : int[] =
        if starts.Length < groups + 1 then
            starts <- Array.zeroCreate (groups + 1)
            next <- Array.zeroCreate (groups + 1)

        Array.Clear starts

        for number in numbers do
            if number >= 0 then
                starts[number + 1] <- starts[number + 1] + 1

        for g in 1..groups do
            starts[g] <- starts[g] + starts[g - 1]

        Array.Copy(starts, next, groups + 1)
        let order = room.Order

        for i in 0 .. numbers.Length - 1 do
            let number = numbers[i]

            if number >= 0 then
                order[next[number]] <- i
                next[number] <- next[number] + 1

        starts

    /// The group with these numbers. Most are the same in every frame, and then they are kept.
    member room.Group(g: int, from: int, behind: int, molecule: int64, shiftsOf: int[] -> Shift[]) : AtomGroup =
        let members = ReadOnlySpan(room.Order, from, behind - from)

        let before =
            if
                g < room.Groups.Length
                && members.SequenceEqual(ReadOnlySpan room.Groups[g].Members)
            then
                ValueSome room.Groups[g]
            else
                ValueNone

        let members =
            match before with
            | ValueSome group -> group.Members
            | ValueNone -> members.ToArray()

        let shifts = shiftsOf members

        match before with
        | ValueSome group when shifts.Length = 0 && group.Shifts.Length = 0 && group.Molecule = molecule -> group
        | _ -> {
            Members = members
            Shifts = shifts
            Molecule = molecule
            GroupName = ValueNone
            GroupSpecies = ValueNone
          }
