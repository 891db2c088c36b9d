/// The coupling of one row of each factor: target_{M,(p,q)} = Σ C^{LM}_{l1 m1 l2 m2} a_{m1,p} b_{m2,q}. Once a sample, for every l1, l2 and L.
///
/// Products a_{m1,p} b_{m2,q} come first, one row for each (m1, m2) that a coefficient asks for (Outer); then every M is a sum of those rows with the
/// coefficients (Value) in front, kept in registers until it is complete: each number of the result is written once and never read.
module internal AniSoap.Coupling.CouplingKernel

open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open AniSoap
open AniSoap.Numerics

/// Columns p · q that go together: their products fit into a second-level cache for any l1 and l2, in the first for those used most.
[<Literal>]
let private ColumnsTogether = 48

/// The coefficients of one l1, l2, L by M.
type Plan = {
    /// 2 L + 1.
    Rows: int
    /// m1 + l1 and m2 + l2 of every product that occurs.
    Left: int[]
    Right: int[]
    /// Terms Starts[M + L] … Starts[M + L + 1] − 1 belong to M: their products and their coefficients.
    Starts: int[]
    Product: int[]
    Value: float[]
}

/// The plan of the terms of l1, l2 → L.
let plan l1 l2 l (terms: ImmutableArray<CouplingTerm>) : Plan =
    let places = Dictionary<struct (int * int), int>()
    let left = ResizeArray<int>()
    let right = ResizeArray<int>()

    for term in terms do
        if places.TryAdd(struct (term.M1, term.M2), places.Count) then
            left.Add(term.M1 + l1)
            right.Add(term.M2 + l2)

    let ordered = terms |> Seq.sortBy _.M |> Seq.toArray
    let starts = Array.zeroCreate<int>(2 * l + 2)

    for term in ordered do
        starts[term.M + l + 1] <- starts[term.M + l + 1] + 1

    {
        Rows = 2 * l + 1
        Left = left.ToArray()
        Right = right.ToArray()
        Starts = Array.scan (+) 0 starts[1..]
        Product = ordered |> Array.map (fun term -> places[struct (term.M1, term.M2)])
        Value = ordered |> Array.map _.Value
    }

/// Columns of the left factor that are coupled at a time.
let private leftTogether rightWidth = max 1 (ColumnsTogether / max 1 rightWidth)

let private padded columns = (columns + 3) &&& ~~~3

/// Numbers of the scratch that `couple` needs.
let scratchLength (plan: Plan) leftWidth rightWidth =
    plan.Left.Length * padded (min leftWidth (leftTogether rightWidth) * rightWidth)
    + 4

let inline private load (values: float[]) (at: int) =
    Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference values, unativeint at)

let inline private store (v: Vector256<float>) (values: float[]) (at: int) =
    Vector256.StoreUnsafe(v, &MemoryMarshal.GetArrayDataReference values, unativeint at)

let inline private multiplyAdd (weight: float) (x: Vector256<float>) sum =
    Vector256.MultiplyAddEstimate(Vector256.Create(weight: float), x, sum)

/// Products of columns p0 … p0 + count − 1 of the left row with all of the right one.
let private multiply
    (plan: Plan)
    (left: float[])
    leftAt
    leftWidth
    (right: float[])
    rightAt
    rightWidth
    count
    stride
    (outer: float[])
    =
    FullOptimization.ask ()

    for i in 0 .. plan.Left.Length - 1 do
        let row1 = leftAt + plan.Left[i] * leftWidth
        let row2 = rightAt + plan.Right[i] * rightWidth

        for p in 0 .. count - 1 do
            let weight = left[row1 + p]
            let at = i * stride + p * rightWidth
            let mutable q = 0

            while q + 4 <= rightWidth do
                store (Vector256.Multiply(load right (row2 + q), weight)) outer (at + q)
                q <- q + 4

            while q < rightWidth do
                outer[at + q] <- weight * right[row2 + q]
                q <- q + 1

/// Writes, or adds, the first `count` of four numbers.
let inline private put isAdded (sum: Vector256<float>) (target: float[]) at count =
    if count >= 4 then
        store (if isAdded then Vector256.Add(load target at, sum) else sum) target at
    else
        for i in 0 .. count - 1 do
            target[at + i] <- (if isAdded then target[at + i] else 0.0) + sum.GetElement i

/// Sums of products for every M, into rows of the target `width` apart.
let private sumUp (plan: Plan) columns stride (outer: float[]) isAdded (target: float[]) targetAt width =
    FullOptimization.ask ()
    let starts = plan.Starts
    let product = plan.Product
    let value = plan.Value

    for row in 0 .. plan.Rows - 1 do
        let from = starts[row]
        let upTo = starts[row + 1] - 1
        let at = targetAt + row * width
        let mutable c = 0

        while c + 16 <= columns do
            let mutable s0 = Vector256<float>.Zero
            let mutable s1 = Vector256<float>.Zero
            let mutable s2 = Vector256<float>.Zero
            let mutable s3 = Vector256<float>.Zero

            for term in from..upTo do
                let x = product[term] * stride + c
                let weight = value[term]
                s0 <- multiplyAdd weight (load outer x) s0
                s1 <- multiplyAdd weight (load outer (x + 4)) s1
                s2 <- multiplyAdd weight (load outer (x + 8)) s2
                s3 <- multiplyAdd weight (load outer (x + 12)) s3

            put isAdded s0 target (at + c) 4
            put isAdded s1 target (at + c + 4) 4
            put isAdded s2 target (at + c + 8) 4
            put isAdded s3 target (at + c + 12) 4
            c <- c + 16

        while c < columns do
            let mutable sum = Vector256<float>.Zero

            for term in from..upTo do
                sum <- multiplyAdd value[term] (load outer (product[term] * stride + c)) sum

            put isAdded sum target (at + c) (columns - c)
            c <- c + 4

/// Couples a row of the left factor ((2 l1 + 1) × its columns from `leftAt`) with one of the right factor into a row of the product, whose M lie `width`
/// apart from `targetAt` on: written, or added to what is there.
let couple
    plan
    (left: float[])
    leftAt
    leftWidth
    (right: float[])
    rightAt
    rightWidth
    isAdded
    target
    targetAt
    width
    (scratch: float[])
    =
    let together = leftTogether rightWidth

    for p in 0..together .. leftWidth - 1 do
        let count = min together (leftWidth - p)
        let columns = count * rightWidth
        let stride = padded columns
        multiply plan left (leftAt + p) leftWidth right rightAt rightWidth count stride scratch
        sumUp plan columns stride scratch isAdded target (targetAt + p * rightWidth) width
