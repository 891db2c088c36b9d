namespace AniSoap

open System.Collections.Immutable

/// Molecules that become ellipsoids of one species: the same elements in the same order.
[<NoComparison>]
type BodyKind = {
    /// The name: a formula such as `C6H6`, or what a groups file says.
    Name: string
    /// The species of the ellipsoids.
    Species: int
    /// The atoms' kinds, in the order of the molecule.
    Atoms: ImmutableArray<AtomKind>
    /// The reference molecule: positions from its centre along its principal axes, the longest first.
    Reference: ImmutableArray<Vector3>
    /// The one shape of the kind, where molecules of a kind have one.
    Shape: Vector3 voption
    /// The principal moments of inertia along the body's axes, where molecules of a kind have one shape.
    Inertia: Vector3 voption
    /// Whether all atoms of the reference are on a line.
    IsStraight: bool
}

/// How far the atoms of molecules stay from those that they are laid onto, by the rotation that is best by mass.
[<Struct>]
type FitResidual = {
    /// The root mean square distance over atoms, each counted alike.
    OverAtoms: float
    /// The root of the mean square distance weighted by mass: hydrogens, which move most, count least.
    ByMass: float
}

/// A molecule as an ellipsoid, with what its atoms say about it.
[<NoComparison>]
type Body = {
    /// Its kind, an index into the frame's kinds.
    Kind: int
    /// The numbers of its atoms, ascending.
    Atoms: ImmutableArray<int>
    /// The positions of its atoms from the centre, whole.
    Positions: ImmutableArray<Vector3>
    /// The number that the input has for the molecule; 0 where it has none.
    Molecule: int64
    /// The centre of the whole molecule, near the first atom.
    Centre: Vector3
    /// The semi-axes along the body's axes.
    SemiAxes: Vector3
    /// The body's axes: from the body's frame to the lab's.
    Orientation: Quaternion
    /// The rotation that lays the reference molecule onto this one.
    Fit: Quaternion
    /// How far the atoms stay from the reference's after that fit, which is by mass.
    Residual: FitResidual
    /// The sum of the masses.
    Mass: float
    /// The second moments of its atoms about the centre, weighted as the centre is.
    Gyration: Matrix3
    /// The tensor of inertia about the centre, lab frame.
    Inertia: Matrix3
    /// The semi-axes before a smallest one is looked at: zero where the molecule is planar or straight.
    RawSemiAxes: Vector3
    /// The sum of the forces on its atoms.
    Force: Vector3 voption
    /// The torque of these forces about the centre.
    Torque: Vector3 voption
    /// The velocity of the centre of mass.
    Velocity: Vector3 voption
    /// The angular momentum of its atoms about the centre, beside what moves with the centre of mass.
    AngularMomentum: Vector3 voption
    /// How many cells the centre has left the cell behind, by the atoms' image flags where they make the molecule whole.
    FlaggedImage: struct (int * int * int) voption
}

/// The molecules of a frame.
[<NoEquality; NoComparison>]
type CoarseFrame = {
    /// The molecules, in the order of their first atoms.
    Bodies: ImmutableArray<Body>
    /// The kinds of this frame and of those before it.
    Kinds: ImmutableArray<BodyKind>
    /// Atoms that stay spheres.
    Spheres: ImmutableArray<int>
    /// Atoms that are in no group.
    Leftover: ImmutableArray<int>
    /// What was understood of the atoms.
    Atoms: ImmutableArray<AtomKind>
    /// What a person should know.
    Warnings: string list
}
