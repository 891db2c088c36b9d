namespace AniSoap

/// The formats that frames are read from and written in.
[<RequireQualifiedAccess>]
type FrameFormat =
    /// Extended XYZ, as ASE and OVITO read and write it.
    | ExtendedXyz
    /// A dump of LAMMPS's atoms.
    | LammpsDump
    /// A data file, which LAMMPS starts from.
    | LammpsData
    /// GSD, as HOOMD-blue reads and writes it.
    | Gsd
    /// chemiscope JSON: structures with their shapes.
    | Chemiscope
    /// PDB: atoms, read alone.
    | Pdb
    /// GROMACS's structure files: atoms, read alone.
    | Gro
