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

    // Where the shell of degree l stands after n traces, at n (D + 1) + l, in monomials; those never reached stay 0.
    let places = Array.zeroCreate<int>(table.MostRadial * (table.Degree + 1))
    let mutable shellsLength = table.StateCount

    do
        for l in 0 .. table.Degree do
            places[l] <- table.ShellOffsets[l]

        for n in 1 .. table.MostRadial - 1 do
            for l in 0 .. table.Degree - 2 * n do
                places[n * (table.Degree + 1) + l] <- shellsLength
                shellsLength <- shellsLength + (l + 1) * (l + 2) / 2

    new(projection) = PairWorkspace(projection, MomentKernel.best ())

    member _.Work = work
    /// Numbers that stand where one does for one pair: the lanes.
    member _.Stride = stride
    /// Where the coefficients of each l begin.
    member _.Offsets = offsets
    /// Shells of moments, then what is left of them after each trace.
    member val Shells = AlignedBuffer(stride * shellsLength + ContractionKernel.Padding)
    /// Where in Shells, in monomials, the shell of degree l stands after n traces.
    member _.Place(n, l) = places[n * (table.Degree + 1) + l]
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

/// Dots shells of degree l, of `size` (1 to 4) neighbouring n, with the solid harmonics: their coefficients for all m. Shells of one l share the terms, and each sum waits for itself alone.
let inline private harmonicsOf<'L, 'V when 'L :> ILanes<'V>>
    size
    (table: ContractionTable)
    l
    count
    (shell0: nativeptr<float>)
    (shell1: nativeptr<float>)
    (shell2: nativeptr<float>)
    (shell3: nativeptr<float>)
    (bare: nativeptr<float>)
    =
    let stride = 'L.Count
    use monomials = fixed &table.TermMonomials[0]
    use weights = fixed &table.TermCoefficients[0]
    use starts = fixed &table.TermStarts[l * l]
    let zero = 'L.Fill 0.0
    let mutable term = NativePtr.get starts 0

    for m in 0 .. 2 * l do
        let upTo = NativePtr.get starts (m + 1)
        let mutable sum0 = zero
        let mutable sum1 = zero
        let mutable sum2 = zero
        let mutable sum3 = zero

        while term < upTo do
            let weight = 'L.Fill(NativePtr.get weights term)
            let at = NativePtr.get monomials term * stride
            sum0 <- 'L.MultiplyAdd(weight, 'L.Load(shell0, at), sum0)

            if size > 1 then
                sum1 <- 'L.MultiplyAdd(weight, 'L.Load(shell1, at), sum1)

            if size > 2 then
                sum2 <- 'L.MultiplyAdd(weight, 'L.Load(shell2, at), sum2)

            if size > 3 then
                sum3 <- 'L.MultiplyAdd(weight, 'L.Load(shell3, at), sum3)

            term <- term + 1

        let into = NativePtr.add bare (m * count * stride)
        'L.Store(into, 0, sum0)

        if size > 1 then
            'L.Store(into, stride, sum1)

        if size > 2 then
            'L.Store(into, 2 * stride, sum2)

        if size > 3 then
            'L.Store(into, 3 * stride, sum3)

let private harmonics<'L, 'V when 'L :> ILanes<'V>> (pairs: PairWorkspace) (table: ContractionTable) l =
    FullOptimization.ask ()
    let stride = 'L.Count
    let count = table.RadialCounts[l]
    let inline shell n = NativePtr.add pairs.Shells.Pointer (stride * pairs.Place(n, l))
    let mutable bare = NativePtr.add pairs.Bare.Pointer (stride * pairs.Offsets[l])
    let mutable n = 0

    while n < count do
        let s = shell n

        match count - n with
        | 1 -> harmonicsOf<'L, 'V> 1 table l count s s s s bare
        | 2 -> harmonicsOf<'L, 'V> 2 table l count s (shell (n + 1)) s s bare
        | 3 -> harmonicsOf<'L, 'V> 3 table l count s (shell (n + 1)) (shell (n + 2)) s bare
        | _ -> harmonicsOf<'L, 'V> 4 table l count s (shell (n + 1)) (shell (n + 2)) (shell (n + 3)) bare

        n <- n + 4
        bare <- NativePtr.add bare (4 * stride)

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

    let inline shell n l = NativePtr.add shells (stride * pairs.Place(n, l))

    for n in 1 .. table.MostRadial - 1 do
        for l in 0 .. table.Degree - 2 * n do
            trace<'L, 'V> (l + 2) (shell (n - 1) (l + 2)) (shell n l)

    for l in 0 .. table.MaxAngular do
        harmonics<'L, 'V> pairs table l

    if not isRaw then
        for l in 0 .. table.MaxAngular do
            LaneRows.mixLanes<'L, 'V>
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
