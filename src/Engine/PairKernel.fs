/// The coefficients of every pair of one centre, not summed: neighbours are the lanes of the same recursion of moments, and stay lanes while these are
/// contracted (traces, harmonics and mixing as in ContractionKernel).
module internal AniSoap.Numerics.PairKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Takes the coefficients of one pair: the place of the neighbour in the workspace's buffer, and the coefficients, l slowest, then m, then n.
type PairHandler = delegate of neighbor: int * values: ReadOnlySpan<float> -> unit

/// One thread's memory for pairs. The projection must know one species: the columns are then those of one neighbour.
[<Sealed>]
type PairWorkspace(projection: Projection, width: MomentKernel.Width) =
    let table = projection.Table
    let work = Workspace(projection, width)
    // Whole vectors of four.
    let stride = max 4 work.Lanes

    let offsets =
        Array.init (table.MaxAngular + 1) (fun l -> (2 * l + 1) * table.RadialCounts[l])
        |> Array.scan (+) 0

    let length = offsets[table.MaxAngular + 1]

    new(projection) = PairWorkspace(projection, MomentKernel.best ())

    member _.Work = work
    /// Numbers that stand where one does for one pair: the lanes.
    member _.Stride = stride
    /// Where the coefficients of each l begin.
    member _.Offsets = offsets
    member val Shells = AlignedBuffer(stride * table.StateCount + ContractionKernel.Padding)
    member val TraceScratch = AlignedBuffer(2 * stride * table.ScratchShell)
    /// Coefficients of bare primitives and of orthonormal functions: l slowest, then m, then n, then the lanes.
    member val Bare = AlignedBuffer(stride * length)
    member val Mixed = AlignedBuffer(stride * length)
    /// One pair's, in the same order, and what bare ones are multiplied by.
    member val Row = Array.zeroCreate<float> length

    member val RawScales =
        [|
            for l in 0 .. table.MaxAngular do
                for _ in -l .. l do
                    for n in 0 .. table.RadialCounts[l] - 1 do
                        projection.RawScale(l, n)
        |]

    /// For sorting neighbours, and for every neighbour its row in the result.
    member val Keys: int64[] = Array.empty with get, set
    member val Rows: int[] = Array.empty with get, set

/// Finds the neighbours of a centre, itself among them unless it is switched off.
let find (search: NeighborSearch) (pairs: PairWorkspace) place =
    let work = pairs.Work
    let neighbors = work.Neighbors
    search.Find(place, neighbors)
    let center = search.Center place
    let found = neighbors.Count

    if not work.Projection.Hypers.SubtractCenterContribution then
        neighbors.EnsureRoom(found + 1)
        neighbors.Second[found] <- center
        neighbors.X[found] <- 0.0
        neighbors.Y[found] <- 0.0
        neighbors.Z[found] <- 0.0
        Array.Clear(neighbors.Shift, 3 * found, 3)
        neighbors.Count <- found + 1

/// Leaves the places of the neighbours in work.Order, by neighbour, then by shift.
let sort (pairs: PairWorkspace) =
    let neighbors = pairs.Work.Neighbors

    if pairs.Rows.Length < neighbors.Count then
        pairs.Keys <- Array.zeroCreate neighbors.Second.Length
        pairs.Rows <- Array.zeroCreate neighbors.Second.Length
        pairs.Work.Order <- Array.zeroCreate neighbors.Second.Length

    NeighborOrder.sort neighbors pairs.Keys pairs.Work.Order

let inline private load (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
let inline private store (p: nativeptr<float>) i (v: Vector256<float>) = Vector256.Store(v, NativePtr.add p i)

/// Moments as plain ones at their places in the shells, a group of lanes each; `stride` numbers from one to the next.
let private toShells (table: ContractionTable) lanes stride (sums: nativeptr<float>) (shells: nativeptr<float>) =
    FullOptimization.ask ()
    let index = table.ShellIndex
    let factor = table.ShellFactor

    for s in 0 .. index.Length - 1 do
        let target = stride * index[s]

        for lane in 0 .. lanes - 1 do
            NativePtr.set shells (target + lane) (factor[s] * NativePtr.get sums (s * lanes + lane))

/// The trace of the shell of degree d, as ContractionKernel's, of all lanes: rows are as many times as long.
let private trace d stride (shell: nativeptr<float>) (target: nativeptr<float>) =
    FullOptimization.ask ()
    let mutable into = target
    let mutable row = shell
    let mutable twoOn = NativePtr.add shell (stride * (d + 1 + d))

    for a in 0 .. d - 2 do
        let length = stride * (d - 1 - a)
        let mutable b = 0

        while b < length do
            store into b (Vector256.Add(Vector256.Add(load row b, load row (b + 2 * stride)), load twoOn b))
            b <- b + 4

        into <- NativePtr.add into length
        row <- NativePtr.add row (length + 2 * stride)
        twoOn <- NativePtr.add twoOn length

/// Dots a shell of degree l with the solid harmonics: the coefficients of one n of `count`, for all m.
let private harmonics (table: ContractionTable) l n count stride (shell: nativeptr<float>) (bare: nativeptr<float>) =
    FullOptimization.ask ()
    let monomials = table.TermMonomials
    let weights = table.TermCoefficients

    for m in 0 .. 2 * l do
        let from = table.TermStarts[l * l + m]
        let upTo = table.TermStarts[l * l + m + 1] - 1
        let mutable lane = 0

        while lane < stride do
            let mutable sum = Vector256<float>.Zero

            for term in from..upTo do
                sum <-
                    Vector256.MultiplyAddEstimate(
                        Vector256.Create(weights[term]: float),
                        load shell (monomials[term] * stride + lane),
                        sum
                    )

            store bare ((m * count + n) * stride + lane) sum
            lane <- lane + 4

/// Mixes the radial functions of one l.
let mix l count padded stride (matrix: nativeptr<float>) (bare: nativeptr<float>) (mixed: nativeptr<float>) =
    FullOptimization.ask ()

    for m in 0 .. 2 * l do
        let from = m * count * stride

        for n in 0 .. count - 1 do
            let mutable lane = 0

            while lane < stride do
                let mutable sum = Vector256<float>.Zero

                for k in 0 .. count - 1 do
                    sum <-
                        Vector256.MultiplyAddEstimate(
                            Vector256.Create(NativePtr.get matrix (k * padded + n): float),
                            load bare (from + k * stride + lane),
                            sum
                        )

                store mixed (from + n * stride + lane) sum
                lane <- lane + 4

/// The coefficients of a block of pairs out of its moments, lane by lane side by side: nothing is added up over lanes, so that each stage is the centre's with
/// `Stride` numbers in place of one.
let contract isRaw (pairs: PairWorkspace) =
    let work = pairs.Work
    let projection = work.Projection
    let table = projection.Table
    let stride = pairs.Stride
    let shells = pairs.Shells.Pointer
    toShells table work.Lanes stride work.Sums.Pointer shells

    for d in 0 .. table.Degree do
        let mutable shell = NativePtr.add shells (stride * table.ShellOffsets[d])
        let mutable l = d
        let mutable n = 0

        while l >= 0 && n < table.MostRadial do
            if n > 0 then
                let target = NativePtr.add pairs.TraceScratch.Pointer ((n &&& 1) * stride * table.ScratchShell)

                trace (l + 2) stride shell target
                shell <- target

            if l <= table.MaxAngular && n < table.RadialCounts[l] then
                harmonics
                    table
                    l
                    n
                    table.RadialCounts[l]
                    stride
                    shell
                    (NativePtr.add pairs.Bare.Pointer (stride * pairs.Offsets[l]))

            l <- l - 2
            n <- n + 1

    if not isRaw then
        for l in 0 .. table.MaxAngular do
            mix
                l
                table.RadialCounts[l]
                table.PaddedColumns[l]
                stride
                (NativePtr.add projection.Mixing.Pointer projection.MixingOffsets[l])
                (NativePtr.add pairs.Bare.Pointer (stride * pairs.Offsets[l]))
                (NativePtr.add pairs.Mixed.Pointer (stride * pairs.Offsets[l]))

/// One lane's coefficients as a row, bare ones in the unit of the input.
let private takeLane isRaw (pairs: PairWorkspace) lane =
    FullOptimization.ask ()
    let stride = pairs.Stride
    let source = (if isRaw then pairs.Bare else pairs.Mixed).Pointer
    let row = pairs.Row
    let scales = pairs.RawScales

    for i in 0 .. row.Length - 1 do
        let value = NativePtr.get source (i * stride + lane)
        row[i] <- if isRaw then scales[i] * value else value

/// Coefficients of all pairs whose places `sort` left in work.Order, one after another.
let expand (gaussians: FrameGaussians) isRaw (pairs: PairWorkspace) (take: PairHandler) =
    let work = pairs.Work
    let projection = work.Projection
    let exponentScale = PairGaussian.exponentScale projection.InUnit
    let hasWeights = PairGaussian.hasNeighborWeights projection.InUnit
    let count = work.Neighbors.Count
    let lanes = work.Lanes

    for first in 0..lanes .. count - 1 do
        CenterKernel.fillLanes gaussians work exponentScale hasWeights first count 1

        MomentKernel.accumulate
            work.Width
            1
            true
            projection.Table.Degree
            work.Parameters.Pointer
            work.Scratch.Pointer
            work.Sums.Pointer

        contract isRaw pairs

        for lane in 0 .. min lanes (count - first) - 1 do
            takeLane isRaw pairs lane
            take.Invoke(work.Order[first + lane], ReadOnlySpan pairs.Row)
