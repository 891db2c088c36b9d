/// The scalars of pairs' densities that pair spectra are made of, with their derivatives, neighbours as lanes. With c the coefficients of the neighbour's density about the
/// centre and d those of the centre's own density about itself:
///
///     S_{l n n'} = Σ_m d_{nlm} c_{n'lm}   (l even)        P_{l n n'} = Σ_m c_{nlm} c_{n'lm}   (n ≤ n')
///
/// ∂c/∂r = T E[∇f] + s c with the pair's Gaussian (mean T r, weight w, ∂ ln w/∂r = s; GaussianChange.fs), f = r^{2n} R_lm, E[∇f] by HarmonicDerivatives. ∂S/∂ω of the
/// centre turns d; P does not depend on it; derivatives by ω of the neighbour follow, since turning everything changes nothing.
module internal AniSoap.Numerics.PairScalars

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Numbers of S that a set has for each scalar: the value, three by r, three by ω of the centre; of P the first four.
[<Literal>]
let OwnSets = 7

[<Literal>]
let NeighborSets = 4

/// Whole vectors of four, so that loops need no tails; what stands beyond the scalars is zero.
let padded length = (length + 3) / 4 * 4

/// One thread's memory.
[<Sealed>]
type PairScalarWorkspace(basis: PairBasis) =
    let pairs = PairKernel.PairWorkspace(basis.Single)
    let layout = basis.Layout
    let length = pairs.Offsets[layout.MaxAngular + 1]

    member _.Basis = basis
    member _.Pairs = pairs
    member _.Stride = pairs.Stride
    /// Coefficients of a pair.
    member _.Length = length
    /// T (six numbers) and s (three), by lanes.
    member val Chain = AlignedBuffer(PairBlock.ChainNumbers * pairs.Stride)
    /// Bare primitives' derivatives by r: three times the coefficients.
    member val Slopes = AlignedBuffer(3 * length * pairs.Stride)
    /// Orthonormal coefficients and their derivatives by r: four times the coefficients.
    member val Mixed = AlignedBuffer(4 * length * pairs.Stride)
    /// S and P by set, scalar, lane.
    member val Own = AlignedBuffer(OwnSets * layout.OwnLength * pairs.Stride)
    member val Neighbor = AlignedBuffer(NeighborSets * layout.NeighborLength * pairs.Stride)

let inline private load (p: nativeptr<float>) i = Vector256.Load(NativePtr.add p i)
let inline private store (p: nativeptr<float>) i (v: Vector256<float>) = Vector256.Store(v, NativePtr.add p i)

let inline private fma x y z = Vector256.MultiplyAddEstimate(x, y, (z: Vector256<float>))

/// Derivatives of bare primitives by r out of the primitives themselves.
let private slopes (rows: SparseRows) length stride (chain: nativeptr<float>) (bare: nativeptr<float>) target =
    FullOptimization.ask ()
    let starts = rows.Starts
    let sources = rows.Sources
    let factors = rows.Factors

    let inline sum row lane =
        let mutable total = Vector256<float>.Zero

        for term in starts[row] .. starts[row + 1] - 1 do
            total <- fma (Vector256.Create(factors[term]: float)) (load bare (sources[term] * stride + lane)) total

        total

    let mutable lane = 0

    while lane < stride do
        let txx, txy, txz = load chain lane, load chain (stride + lane), load chain (2 * stride + lane)

        let tyy, tyz, tzz =
            load chain (3 * stride + lane), load chain (4 * stride + lane), load chain (5 * stride + lane)

        let sx, sy, sz =
            load chain (6 * stride + lane), load chain (7 * stride + lane), load chain (8 * stride + lane)

        for i in 0 .. length - 1 do
            let gx = sum i lane
            let gy = sum (length + i) lane
            let gz = sum (2 * length + i) lane
            let value = load bare (i * stride + lane)
            let at = i * stride + lane
            store target at (fma txx gx (fma txy gy (fma txz gz (Vector256.Multiply(sx, value)))))

            store target (length * stride + at) (fma txy gx (fma tyy gy (fma tyz gz (Vector256.Multiply(sy, value)))))

            store
                target
                (2 * length * stride + at)
                (fma txz gx (fma tyz gy (fma tzz gz (Vector256.Multiply(sz, value)))))

        lane <- lane + 4

/// S and its derivatives, d given by the four sets of the centre's own numbers.
let private own (work: PairScalarWorkspace) (center: nativeptr<float>) ownLength =
    FullOptimization.ask ()
    let layout = work.Basis.Layout
    let stride = work.Stride
    let counts = work.Basis.Single.Table.RadialCounts
    let offsets = work.Pairs.Offsets
    let set = work.Length * stride
    let mixed = work.Mixed.Pointer
    let target = work.Own.Pointer
    let size = layout.OwnLength * stride
    let mutable at = 0
    let mutable start = 0

    for l in 0..2 .. layout.MaxAngular do
        let count = counts[l]

        for n in 0 .. layout.OwnRadial - 1 do
            for other in 0 .. layout.Radial - 1 do
                let mutable lane = 0

                while lane < stride do
                    let mutable s = Vector256<float>.Zero
                    let mutable rx = s
                    let mutable ry = s
                    let mutable rz = s
                    let mutable wx = s
                    let mutable wy = s
                    let mutable wz = s

                    for m in 0 .. 2 * l do
                        let d = start + m * layout.OwnRadial + n
                        let c = (offsets[l] + m * count + other) * stride + lane
                        let value = Vector256.Create(NativePtr.get center d: float)
                        let c0 = load mixed c
                        s <- fma value c0 s
                        rx <- fma value (load mixed (set + c)) rx
                        ry <- fma value (load mixed (2 * set + c)) ry
                        rz <- fma value (load mixed (3 * set + c)) rz
                        wx <- fma (Vector256.Create(NativePtr.get center (ownLength + d): float)) c0 wx
                        wy <- fma (Vector256.Create(NativePtr.get center (2 * ownLength + d): float)) c0 wy
                        wz <- fma (Vector256.Create(NativePtr.get center (3 * ownLength + d): float)) c0 wz

                    let to' = at + lane
                    store target to' s
                    store target (size + to') rx
                    store target (2 * size + to') ry
                    store target (3 * size + to') rz
                    store target (4 * size + to') wx
                    store target (5 * size + to') wy
                    store target (6 * size + to') wz
                    lane <- lane + 4

                at <- at + stride

        start <- start + (2 * l + 1) * layout.OwnRadial

/// P and its derivatives.
let private neighbor (work: PairScalarWorkspace) =
    FullOptimization.ask ()
    let layout = work.Basis.Layout
    let stride = work.Stride
    let counts = work.Basis.Single.Table.RadialCounts
    let offsets = work.Pairs.Offsets
    let set = work.Length * stride
    let mixed = work.Mixed.Pointer
    let target = work.Neighbor.Pointer
    let size = layout.NeighborLength * stride
    let mutable at = 0

    for l in 0 .. layout.MaxAngular do
        let count = counts[l]

        for n in 0 .. layout.NeighborRadial - 1 do
            for other in n .. layout.NeighborRadial - 1 do
                let mutable lane = 0

                while lane < stride do
                    let mutable p = Vector256<float>.Zero
                    let mutable rx = p
                    let mutable ry = p
                    let mutable rz = p

                    for m in 0 .. 2 * l do
                        let a = (offsets[l] + m * count + n) * stride + lane
                        let b = (offsets[l] + m * count + other) * stride + lane
                        let first = load mixed a
                        let second = load mixed b
                        p <- fma first second p
                        rx <- fma first (load mixed (set + b)) (fma second (load mixed (set + a)) rx)
                        ry <- fma first (load mixed (2 * set + b)) (fma second (load mixed (2 * set + a)) ry)
                        rz <- fma first (load mixed (3 * set + b)) (fma second (load mixed (3 * set + a)) rz)

                    let to' = at + lane
                    store target to' p
                    store target (size + to') rx
                    store target (2 * size + to') ry
                    store target (3 * size + to') rz
                    lane <- lane + 4

                at <- at + stride

/// The bare primitives of neighbours Order[first] … Order[first + count − 1], at most as many as there are lanes, and their derivatives by r; both mixed.
let private expand (frame: PairFrame) (work: PairScalarWorkspace) first count =
    let pairs = work.Pairs
    let projection = work.Basis.Single
    PairBlock.moments frame projection pairs first count
    PairBlock.fillChain frame projection pairs first count work.Chain.Pointer
    PairKernel.contract true pairs
    let stride = work.Stride
    slopes work.Basis.Gradients work.Length stride work.Chain.Pointer pairs.Bare.Pointer work.Slopes.Pointer
    let counts = projection.Table.RadialCounts

    for l in 0 .. work.Basis.Layout.MaxAngular do
        let matrix = NativePtr.add projection.Mixing.Pointer projection.MixingOffsets[l]
        let at = pairs.Offsets[l] * stride
        let mix source target = LaneRows.mix l counts[l] projection.Table.PaddedColumns[l] stride matrix source target
        mix (NativePtr.add pairs.Bare.Pointer at) (NativePtr.add work.Mixed.Pointer at)

        for axis in 0..2 do
            let set = work.Length * stride

            mix
                (NativePtr.add work.Slopes.Pointer (axis * set + at))
                (NativePtr.add work.Mixed.Pointer ((axis + 1) * set + at))

/// S and P of a block of neighbours of one centre, into work.Own and work.Neighbor.
let compute (frame: PairFrame) (work: PairScalarWorkspace) center first count =
    expand frame work first count
    let ownLength = frame.OwnLength
    use numbers = fixed &frame.Own[4 * ownLength * center]
    own work numbers ownLength
    neighbor work
