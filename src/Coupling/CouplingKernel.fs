/// The coupling of one row of each factor: target_{M,(p,q)} = Σ C^{LM}_{l1 m1 l2 m2} a_{m1,p} b_{m2,q}. Once a sample, for every l1, l2 and L.
///
/// Parity leaves at most two m2 for each M and m1. So d_{M m1,q} = Σ_{m2} C b_{m2,q} comes first, two multiply-adds a number, and then, for every M, a matrix product
/// Σ_{m1} a_{m1,p} d_{M m1,q}: half as many multiply-adds as there are coefficients, for every p and q, in registers until a number of the result is complete. It is
/// written once and never read. Products a_{m1,p} b_{m2,q} themselves are nowhere kept.
module internal AniSoap.Coupling.CouplingKernel

// Pointers into pinned arrays: spans cost a bounds check a load.
#nowarn "9"

open System.Collections.Immutable
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap
open AniSoap.Numerics

/// The coefficients of one l1, l2, L by M, and for each M by m1.
type Plan = {
    /// 2 L + 1.
    Rows: int
    /// Entries Starts[M + L] … Starts[M + L + 1] − 1 belong to M.
    Starts: int[]
    /// m1 + l1 of every entry.
    Left: int[]
    /// Two of every entry: m2 + l2 and the coefficient; where there is one m2 only, it stands twice, the second time with 0.
    Right: int[]
    Value: float[]
}

/// The plan of the terms of l1, l2 → L.
let plan l1 l2 l (terms: ImmutableArray<CouplingTerm>) : Plan =
    let orders = 2 * l1 + 1
    let place (term: CouplingTerm) = (term.M + l) * orders + term.M1 + l1
    let occurs = Array.zeroCreate<int>((2 * l + 1) * orders)

    for term in terms do
        occurs[place term] <- 1

    // The number of entries before each M and m1.
    let before = Array.scan (+) 0 occurs
    let count = before[occurs.Length]
    let left = Array.zeroCreate<int> count
    let right = Array.zeroCreate<int>(2 * count)
    let value = Array.zeroCreate<float>(2 * count)

    for term in terms do
        let entry = before[place term]
        let isFirst = value[2 * entry] = 0.0
        left[entry] <- term.M1 + l1

        if isFirst then
            value[2 * entry] <- term.Value
            right[2 * entry] <- term.M2 + l2
        else
            value[2 * entry + 1] <- term.Value

        right[2 * entry + 1] <- term.M2 + l2

    {
        Rows = 2 * l + 1
        Starts = Array.init (2 * l + 2) (fun row -> before[row * orders])
        Left = left
        Right = right
        Value = value
    }

let private padded columns = (columns + 3) &&& ~~~3

/// Numbers of the scratch that `couple` needs.
let scratchLength (plan: Plan) rightWidth = plan.Left.Length * padded rightWidth

let inline private load (p: nativeptr<float>) (at: int) = Vector256.Load(NativePtr.add p at)

let inline private store (v: Vector256<float>) (p: nativeptr<float>) (at: int) = Vector256.Store(v, NativePtr.add p at)

let inline private multiplyAdd (weight: float) (x: Vector256<float>) sum =
    Vector256.MultiplyAddEstimate(Vector256.Create(weight: float), x, sum)

/// d_{M m1,q}, rows of `padded` numbers, zero behind the last column.
let private weigh (plan: Plan) (right: nativeptr<float>) width (weighed: nativeptr<float>) =
    FullOptimization.ask ()
    let stride = padded width
    let rows = plan.Right
    let value = plan.Value

    for entry in 0 .. plan.Left.Length - 1 do
        let one = NativePtr.add right (rows[2 * entry] * width)
        let other = NativePtr.add right (rows[2 * entry + 1] * width)
        let into = NativePtr.add weighed (entry * stride)
        let v, w = value[2 * entry], value[2 * entry + 1]
        let mutable q = 0

        while q + 4 <= width do
            store (multiplyAdd w (load other q) (Vector256.Multiply(load one q, v))) into q
            q <- q + 4

        while q < stride do
            NativePtr.set
                into
                q
                (if q < width then
                     v * NativePtr.get one q + w * NativePtr.get other q
                 else
                     0.0)

            q <- q + 1

/// Writes, or adds, the first `count` of four numbers.
let inline private put isAdded (sum: Vector256<float>) (target: nativeptr<float>) at count =
    if count >= 4 then
        store (if isAdded then Vector256.Add(load target at, sum) else sum) target at
    else
        for i in 0 .. count - 1 do
            NativePtr.set target (at + i) ((if isAdded then NativePtr.get target (at + i) else 0.0) + sum.GetElement i)

/// Σ_{m1} a_{m1,p} d_{M m1,q} for four p and eight q, four p and four q, or one p and four q at a time, into rows of the target `width` apart.
let private sumUp
    (plan: Plan)
    (left: nativeptr<float>)
    leftWidth
    (weighed: nativeptr<float>)
    rightWidth
    isAdded
    (target: nativeptr<float>)
    width
    =
    FullOptimization.ask ()
    let stride = padded rightWidth
    let starts = plan.Starts
    let orders = plan.Left

    for row in 0 .. plan.Rows - 1 do
        let from = starts[row]
        let upTo = starts[row + 1] - 1
        let rowAt = NativePtr.add target (row * width)
        let mutable p = 0

        while p + 4 <= leftWidth do
            let at = NativePtr.add rowAt (p * rightWidth)
            let mutable q = 0

            while q + 8 <= rightWidth do
                let mutable s0 = Vector256<float>.Zero
                let mutable s1 = Vector256<float>.Zero
                let mutable s2 = Vector256<float>.Zero
                let mutable s3 = Vector256<float>.Zero
                let mutable t0 = Vector256<float>.Zero
                let mutable t1 = Vector256<float>.Zero
                let mutable t2 = Vector256<float>.Zero
                let mutable t3 = Vector256<float>.Zero

                for entry in from..upTo do
                    let a = NativePtr.add left (orders[entry] * leftWidth + p)
                    let d = load weighed (entry * stride + q)
                    let e = load weighed (entry * stride + q + 4)
                    s0 <- multiplyAdd (NativePtr.get a 0) d s0
                    t0 <- multiplyAdd (NativePtr.get a 0) e t0
                    s1 <- multiplyAdd (NativePtr.get a 1) d s1
                    t1 <- multiplyAdd (NativePtr.get a 1) e t1
                    s2 <- multiplyAdd (NativePtr.get a 2) d s2
                    t2 <- multiplyAdd (NativePtr.get a 2) e t2
                    s3 <- multiplyAdd (NativePtr.get a 3) d s3
                    t3 <- multiplyAdd (NativePtr.get a 3) e t3

                put isAdded s0 at q 4
                put isAdded t0 at (q + 4) 4
                put isAdded s1 at (rightWidth + q) 4
                put isAdded t1 at (rightWidth + q + 4) 4
                put isAdded s2 at (2 * rightWidth + q) 4
                put isAdded t2 at (2 * rightWidth + q + 4) 4
                put isAdded s3 at (3 * rightWidth + q) 4
                put isAdded t3 at (3 * rightWidth + q + 4) 4
                q <- q + 8

            while q < rightWidth do
                let mutable s0 = Vector256<float>.Zero
                let mutable s1 = Vector256<float>.Zero
                let mutable s2 = Vector256<float>.Zero
                let mutable s3 = Vector256<float>.Zero

                for entry in from..upTo do
                    let a = NativePtr.add left (orders[entry] * leftWidth + p)
                    let d = load weighed (entry * stride + q)
                    s0 <- multiplyAdd (NativePtr.get a 0) d s0
                    s1 <- multiplyAdd (NativePtr.get a 1) d s1
                    s2 <- multiplyAdd (NativePtr.get a 2) d s2
                    s3 <- multiplyAdd (NativePtr.get a 3) d s3

                let count = rightWidth - q
                put isAdded s0 at q count
                put isAdded s1 at (rightWidth + q) count
                put isAdded s2 at (2 * rightWidth + q) count
                put isAdded s3 at (3 * rightWidth + q) count
                q <- q + 4

            p <- p + 4

        while p < leftWidth do
            let at = NativePtr.add rowAt (p * rightWidth)
            let mutable q = 0

            while q < rightWidth do
                let mutable sum = Vector256<float>.Zero

                for entry in from..upTo do
                    let a = NativePtr.get left (orders[entry] * leftWidth + p)
                    sum <- multiplyAdd a (load weighed (entry * stride + q)) sum

                put isAdded sum at q (rightWidth - q)
                q <- q + 4

            p <- p + 1

/// Couples a row of the left factor ((2 l1 + 1) × its columns from `leftAt`) with one of the right factor into a row of the product, whose M lie `width`
/// apart from `targetAt` on: written, or added to what is there.
let couple
    (plan: Plan)
    (left: float[])
    leftAt
    leftWidth
    (right: float[])
    rightAt
    rightWidth
    isAdded
    (target: float[])
    targetAt
    width
    (scratch: float[])
    =
    use a = fixed left
    use b = fixed right
    use weighed = fixed scratch
    use into = fixed target
    weigh plan (NativePtr.add b rightAt) rightWidth weighed
    sumUp plan (NativePtr.add a leftAt) leftWidth weighed rightWidth isAdded (NativePtr.add into targetAt) width
