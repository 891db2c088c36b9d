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

/// Moments as plain ones at their places in the shells, a group of lanes each.
let private toShells<'L, 'V when 'L :> ILanes<'V>>
    (table: ContractionTable)
    lanes
    (sums: nativeptr<float>)
    (shells: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    let index = table.ShellIndex
    let factor = table.ShellFactor

    if lanes = stride then
        for s in 0 .. index.Length - 1 do
            'L.Store(shells, stride * index[s], 'L.Multiply('L.Fill factor[s], 'L.Load(sums, s * stride)))
    else
        for s in 0 .. index.Length - 1 do
            for lane in 0 .. lanes - 1 do
                NativePtr.set shells (stride * index[s] + lane) (factor[s] * NativePtr.get sums (s * lanes + lane))

/// The trace of the shell of degree d, as ContractionKernel's, of all lanes: rows are as many times as long.
let private trace<'L, 'V when 'L :> ILanes<'V>> d (shell: nativeptr<float>) (target: nativeptr<float>) =
    FullOptimization.ask ()
    let stride = 'L.Count
    let mutable into = target
    let mutable row = shell
    let mutable twoOn = NativePtr.add shell (stride * (d + 1 + d))

    for a in 0 .. d - 2 do
        let length = stride * (d - 1 - a)
        let mutable b = 0

        while b < length do
            'L.Store(into, b, 'L.Add('L.Add('L.Load(row, b), 'L.Load(row, b + 2 * stride)), 'L.Load(twoOn, b)))
            b <- b + stride

        into <- NativePtr.add into length
        row <- NativePtr.add row (length + 2 * stride)
        twoOn <- NativePtr.add twoOn length

/// Dots a shell of degree l with the solid harmonics: the coefficients of one n of `count`, for all m.
let private harmonics<'L, 'V when 'L :> ILanes<'V>>
    (table: ContractionTable)
    l
    n
    count
    (shell: nativeptr<float>)
    (bare: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count
    use monomials = fixed &table.TermMonomials[0]
    use weights = fixed &table.TermCoefficients[0]

    for m in 0 .. 2 * l do
        let upTo = table.TermStarts[l * l + m + 1]
        let mutable term = table.TermStarts[l * l + m]
        let mutable sum = 'L.Fill 0.0

        while term < upTo do
            sum <-
                'L
                    .MultiplyAdd(
                        'L.Fill(NativePtr.get weights term),
                        'L.Load(shell, NativePtr.get monomials term * stride),
                        sum
                    )

            term <- term + 1

        'L.Store(bare, (m * count + n) * stride, sum)

/// Every row of one l (one for each m) times a square matrix, entry (k, n) at k rowStep + n columnStep; two columns at a time, which share what they read.
let inline private multiplyRows<'L, 'V when 'L :> ILanes<'V>>
    l
    count
    rowStep
    columnStep
    (matrix: nativeptr<float>)
    (source: nativeptr<float>)
    (target: nativeptr<float>)
    =
    let stride = 'L.Count
    let inline factor k n = 'L.Fill(NativePtr.get matrix (k * rowStep + n * columnStep))

    for m in 0 .. 2 * l do
        let row = NativePtr.add source (m * count * stride)
        let into = NativePtr.add target (m * count * stride)
        let mutable n = 0

        while n + 1 < count do
            let mutable first = 'L.Fill 0.0
            let mutable second = first

            for k in 0 .. count - 1 do
                let value = 'L.Load(row, k * stride)
                first <- 'L.MultiplyAdd(factor k n, value, first)
                second <- 'L.MultiplyAdd(factor k (n + 1), value, second)

            'L.Store(into, n * stride, first)
            'L.Store(into, (n + 1) * stride, second)
            n <- n + 2

        if n < count then
            let mutable sum = 'L.Fill 0.0

            for k in 0 .. count - 1 do
                sum <- 'L.MultiplyAdd(factor k n, 'L.Load(row, k * stride), sum)

            'L.Store(into, n * stride, sum)

/// Mixes the radial functions of one l.
let private mixLanes<'L, 'V when 'L :> ILanes<'V>> l count padded matrix bare mixed =
    FullOptimization.ask ()
    multiplyRows<'L, 'V> l count padded 1 matrix bare mixed

/// From derivatives by mixed coefficients of one l to those by bare ones: the way back of `mix`.
let unmixLanes<'L, 'V when 'L :> ILanes<'V>> l count padded matrix mixed bare =
    FullOptimization.ask ()
    multiplyRows<'L, 'V> l count 1 padded matrix mixed bare

/// Mixes the radial functions of one l of `stride` pairs.
let mix l count padded stride matrix bare mixed =
    if stride = 8 then
        mixLanes<Lanes512, Vector512<float>> l count padded matrix bare mixed
    else
        mixLanes<Lanes256, Vector256<float>> l count padded matrix bare mixed

/// The coefficients of a block of pairs out of its moments, lane by lane side by side: nothing is added up over lanes, so that each stage is the centre's with
/// a vector in place of one number.
let contractLanes<'L, 'V when 'L :> ILanes<'V>> isRaw (pairs: PairWorkspace) =
    FullOptimization.ask ()
    let work = pairs.Work
    let projection = work.Projection
    let table = projection.Table
    let stride = 'L.Count
    let shells = pairs.Shells.Pointer
    toShells<'L, 'V> table work.Lanes work.Sums.Pointer shells

    for d in 0 .. table.Degree do
        let mutable shell = NativePtr.add shells (stride * table.ShellOffsets[d])
        let mutable l = d
        let mutable n = 0

        while l >= 0 && n < table.MostRadial do
            if n > 0 then
                let target = NativePtr.add pairs.TraceScratch.Pointer ((n &&& 1) * stride * table.ScratchShell)

                trace<'L, 'V> (l + 2) shell target
                shell <- target

            if l <= table.MaxAngular && n < table.RadialCounts[l] then
                harmonics<'L, 'V>
                    table
                    l
                    n
                    table.RadialCounts[l]
                    shell
                    (NativePtr.add pairs.Bare.Pointer (stride * pairs.Offsets[l]))

            l <- l - 2
            n <- n + 1

    if not isRaw then
        for l in 0 .. table.MaxAngular do
            mixLanes<'L, 'V>
                l
                table.RadialCounts[l]
                table.PaddedColumns[l]
                (NativePtr.add projection.Mixing.Pointer projection.MixingOffsets[l])
                (NativePtr.add pairs.Bare.Pointer (stride * pairs.Offsets[l]))
                (NativePtr.add pairs.Mixed.Pointer (stride * pairs.Offsets[l]))

/// The coefficients of a block of pairs, with the widest vectors that lanes fill.
let contract isRaw (pairs: PairWorkspace) =
    if pairs.Stride = 8 then
        contractLanes<Lanes512, Vector512<float>> isRaw pairs
    else
        contractLanes<Lanes256, Vector256<float>> isRaw pairs

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
