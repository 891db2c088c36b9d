namespace AniSoap

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
