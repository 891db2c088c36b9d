/// Dot products and sums of rows of numbers.
module internal AniSoap.Numerics.RowSums

open System
open System.Numerics
open AniSoap

/// Σ a_i b_i
let dot (a: ReadOnlySpan<float>) (b: ReadOnlySpan<float>) : float =
    FullOptimization.ask ()
    let width = Vector<float>.Count
    let mutable sums = Vector<float>.Zero
    let mutable i = 0

    while i + width <= a.Length do
        sums <- sums + Vector<float>(a.Slice i) * Vector<float>(b.Slice i)
        i <- i + width

    let mutable sum = Vector.Sum sums

    while i < a.Length do
        sum <- sum + a[i] * b[i]
        i <- i + 1

    sum

/// target_i += factor source_i
let addScaled (factor: float) (source: ReadOnlySpan<float>) (target: Span<float>) =
    FullOptimization.ask ()
    let width = Vector<float>.Count
    let mutable i = 0

    while i + width <= source.Length do
        let into = target.Slice i
        (Vector<float> into + factor * Vector<float>(source.Slice i)).CopyTo into
        i <- i + width

    while i < source.Length do
        target[i] <- target[i] + factor * source[i]
        i <- i + 1

/// row_i = factor row_i
let scale (factor: float) (row: Span<float>) =
    FullOptimization.ask ()

    for i in 0 .. row.Length - 1 do
        row[i] <- factor * row[i]
