namespace AniSoap.Learning

open System
open System.Numerics

/// Sums over vectors. Their order depends on the width of the machine's registers and on nothing else.
module internal Vectors =
    /// Σ a_i b_i
    let dot (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) : float =
        let width = Vector<float>.Count
        let mutable even = Vector<float>.Zero
        let mutable odd = Vector<float>.Zero
        let mutable i = 0

        while i + 2 * width <= a.Length do
            even <- even + Vector<float>(a.Slice i) * Vector<float>(b.Slice i)
            odd <- odd + Vector<float>(a.Slice(i + width)) * Vector<float>(b.Slice(i + width))
            i <- i + 2 * width

        let mutable sum = Vector.Sum(even + odd)

        while i < a.Length do
            sum <- sum + a[i] * b[i]
            i <- i + 1

        sum

    /// Σ (a_i − b_i)²
    let squaredDistance (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) : float =
        let width = Vector<float>.Count
        let mutable sums = Vector<float>.Zero
        let mutable i = 0

        while i + width <= a.Length do
            let d = Vector<float>(a.Slice i) - Vector<float>(b.Slice i)
            sums <- sums + d * d
            i <- i + width

        let mutable sum = Vector.Sum sums

        while i < a.Length do
            let d = a[i] - b[i]
            sum <- sum + d * d
            i <- i + 1

        sum

    /// y ← y + factor · x
    let add (factor: float) (x: ReadOnlySpan<float>) (y: Span<float>) : unit =
        let width = Vector<float>.Count
        let factors = Vector<float> factor
        let mutable i = 0

        while i + width <= x.Length do
            let target = y.Slice i

            (Vector<float>(Span.op_Implicit target: ReadOnlySpan<float>)
             + factors * Vector<float>(x.Slice i))
                .CopyTo
                target

            i <- i + width

        while i < x.Length do
            y[i] <- y[i] + factor * x[i]
            i <- i + 1

    /// (a, b) ← (c a − s b, s a + c b)
    let rotate (c: float) (s: float) (a: Span<float>) (b: Span<float>) : unit =
        let width = Vector<float>.Count
        let mutable i = 0

        while i + width <= a.Length do
            let left = a.Slice i
            let right = b.Slice i
            let x = Vector<float>(Span.op_Implicit left: ReadOnlySpan<float>)
            let y = Vector<float>(Span.op_Implicit right: ReadOnlySpan<float>)
            (x * c - y * s).CopyTo left
            (x * s + y * c).CopyTo right
            i <- i + width

        while i < a.Length do
            let x, y = a[i], b[i]
            a[i] <- c * x - s * y
            b[i] <- s * x + c * y
            i <- i + 1
