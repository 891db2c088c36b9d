namespace AniSoap.Numerics

open System
open AniSoap

/// By what features are differentiated, and how many numbers each gives an entry.
[<Struct>]
type internal ForwardParameters = { Positions: bool; Orientations: bool; SemiAxes: bool; Strain: bool }

/// The radial functions of one neighbour species alone: what a pair's coefficients are contracted with.
[<Sealed>]
type internal SingleSpeciesTable(projection: Projection) =
    let counts = Array.init (projection.Hypers.MaxAngular + 1) projection.RadialCount
    let table = ContractionTable(projection.Hypers.MaxAngular, counts, 1)
    let struct (mixing, offsets) = Mixing.create projection.RadialFunctions table
    member _.Table = table
    member _.Mixing = mixing
    member _.MixingOffsets = offsets

/// One thread's scratch memory for forward derivatives. Shell-ordered vectors of scaled moments have room for a zero behind the last.
[<Sealed>]
type internal ForwardWorkspace(projection: Projection, single: SingleSpeciesTable, parameters: ForwardParameters) =
    let table = projection.Table
    let length = (table.StateCount + 1 + 7) / 8 * 8
    let last (offsets: int[]) = offsets[offsets.Length - 1]
    let coefficients = last table.CoefficientOffsets

    member _.Parameters = parameters
    member _.Single = single
    member val Pull = PullbackWorkspace(projection, false)
    /// Doubles of a vector of moments.
    member _.Length = length
    /// The pair's scaled moments, their derivatives ∂_x, ∂_y, ∂_z, and the second ones xx, yy, zz, xy, xz, yz.
    member val Terms = AlignedBuffer(10 * length)
    /// Sums over the images of one atom: displacement, rotation, semi-axes, three each.
    member val AtomSums = AlignedBuffer(9 * length)
    /// Sums over the pairs of one species: strain [q][p].
    member val StrainSums = AlignedBuffer(9 * length)
    member val Plain = AlignedBuffer(length + ContractionKernel.Padding)
    member val Traced = AlignedBuffer(last single.Table.TracedOffsets)
    member val TraceScratch = AlignedBuffer(2 * single.Table.ScratchShells)
    member val PairCoefficients = AlignedBuffer(last single.Table.CoefficientOffsets)
    member val PairMixed = AlignedBuffer(last single.Table.CoefficientOffsets)
    /// Derivatives of all coefficients of the centre by one entry, three of them; the centre's own by positions; by strain.
    member val Entry = AlignedBuffer(3 * coefficients)
    member val Own = AlignedBuffer(3 * coefficients)
    member val Strain = AlignedBuffer(9 * coefficients)
    member _.CoefficientsLength = coefficients
    /// Neighbours of the centre in the order of their atoms, for sorting.
    member val SortKeys: int[] = Array.zeroCreate 64 with get, set

/// The derivatives of one centre's features: for every atom that they depend on, ascending, three rows a parameter.
[<Sealed>]
type internal CenterGradients(size: int) =
    /// Numbers of one row of features.
    member _.Size = size
    member val Atoms = ResizeArray<int>()
    /// Pairs of the centre.
    member val Pairs = 0L with get, set
    /// [atom][3][size] each; empty where not asked for.
    member val Positions: float[] = Array.empty with get, set
    member val Orientations: float[] = Array.empty with get, set
    member val SemiAxes: float[] = Array.empty with get, set
    /// [p][q][size]: ∂/∂ε_qp.
    member val Strain: float[] = Array.zeroCreate (9 * size)
    /// The features themselves.
    member val Values: float[] = Array.zeroCreate size

    member gradients.Clear(parameters: ForwardParameters) =
        let length = 3 * size * gradients.Atoms.Count

        let cleared wanted (rows: float[]) =
            if not wanted then
                rows
            elif rows.Length >= length then
                Array.Clear(rows, 0, length)
                rows
            else
                Array.zeroCreate (length + length / 2)

        gradients.Positions <- cleared parameters.Positions gradients.Positions
        gradients.Orientations <- cleared parameters.Orientations gradients.Orientations
        gradients.SemiAxes <- cleared parameters.SemiAxes gradients.SemiAxes
        Array.Clear gradients.Strain
