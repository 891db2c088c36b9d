namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open AniSoap

/// One thread's scratch memory for forward derivatives.
[<Sealed>]
type internal ForwardWorkspace(layout: RowLayout, parameters: ForwardParameters, width: MomentKernel.Width) =
    let projection = layout.Projection
    let table = projection.Table
    let derivatives = projection.GradientTables.Derivatives
    let work = Workspace(projection, width)
    // Whole vectors of four.
    let stride = max 4 work.Lanes
    // Second derivatives need coefficients one further.
    let order = if parameters.SemiAxes then 2 else 1
    let own, wide = derivatives.Sets[0], derivatives.Sets[order]
    let sources = projection.SourceCount
    let mostEntries = Array.max layout.Entries

    let mostDerivatives =
        8
        + (Seq.init (table.MaxAngular + 1) (fun l -> 3 * (2 * l + 1) * own.Counts[l])
           |> Seq.max)

    // Rows [p] of each source of density, one after another; and a row for lanes that go nowhere.
    let strain = AlignedBuffer(if parameters.Strain then 3 * sources * layout.Length else 0)
    let nowhere = AlignedBuffer layout.Length
    let mutable kept = AlignedBuffer 0

    /// Most doubles of pairs' coefficients kept from the way to the centre's coefficients to the derivatives; of pairs beyond they are computed again.
    static let mostKept = 1 <<< 20

    new(layout, parameters) = ForwardWorkspace(layout, parameters, MomentKernel.best ())

    member _.Layout = layout
    member _.Parameters = parameters
    member _.Work = work
    member _.Derivatives = derivatives
    member _.Stride = stride
    member _.Order = order

    /// Moments of a block of pairs where lanes are not as many as vectors hold.
    member val Moments = AlignedBuffer(if stride = work.Lanes then 0 else stride * table.StateCount)
    /// What harmonics are made of: moments traced n times for every n.
    member val Levels = AlignedBuffer(stride * wide.MostCount * wide.PlaceCount)
    /// Sums of coefficients of blocks, lane by lane.
    member val Totals = AlignedBuffer(stride * own.Length)
    /// Coefficients of one block, where they are not kept.
    member val Again = AlignedBuffer(stride * wide.Length)
    member _.BlockLength = stride * wide.Length
    member val LaneParameters = AlignedBuffer(DerivativeLanes.Parameter.Count * stride)
    /// Derivatives of the coefficients of one l: [m][n][axis].
    member val Moved = AlignedBuffer(stride * mostDerivatives)

    member val Turned =
        AlignedBuffer(
            if parameters.Orientations then
                stride * mostDerivatives
            else
                0
        )

    member val Swollen = AlignedBuffer(if parameters.SemiAxes then stride * mostDerivatives else 0)

    member val Slopes =
        AlignedBuffer(
            if parameters.SemiAxes then
                3 * stride * derivatives.Sets[1].Length
            else
                0
        )

    member val Curvatures = AlignedBuffer(if parameters.SemiAxes then 9 * stride * own.Length else 0)
    member val Tile = AlignedBuffer(stride * mostEntries)

    /// Rows of the lanes by position, orientation and semi-axes; rows that all lanes are added to, with their factors.
    member val Rows: nativeint[] = GC.AllocateArray<nativeint>(3 * stride + 4, pinned = true)
    member val Factors = AlignedBuffer(4 * stride)
    member _.Strain = strain
    member _.StrainRow(t, p) : nativeptr<float> = NativePtr.add strain.Pointer ((3 * t + p) * layout.Length)
    member _.Nowhere = nowhere
    member val Scratch = AlignedBuffer(layout.Scratch + 8)
    /// The norm that the centre's spectrum was divided by, else 1.
    member val Norm = 1.0 with get, set
    /// Features of the centre.
    member val Values: float[] = Array.empty with get, set

    /// Blocks of lanes of the centre, all of one species: the first neighbour of each and the one behind its last, whether their covariances are
    /// diagonal, and where their coefficients are kept (−1: nowhere).
    member val BlockFrom = ResizeArray<int>()
    member val BlockUpTo = ResizeArray<int>()
    member val BlockIsDiagonal = ResizeArray<bool>()
    member val BlockKept = ResizeArray<int>()
    /// For each source of density its first block; one more for the end.
    member val BlockStarts = Array.zeroCreate<int>(sources + 1)

    /// Room for so many blocks' coefficients; how many there is room for.
    member _.Keep(blocks: int) : int =
        let length = stride * wide.Length
        let held = min blocks (max 1 (mostKept / length))

        if kept.Length < held * length then
            kept <- AlignedBuffer(held * length)

        held

    member _.Kept(place: int) : nativeptr<float> = NativePtr.add kept.Pointer place
