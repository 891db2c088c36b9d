namespace AniSoap.Learning

open System.Collections.Concurrent
open System.Threading

/// Memory of factors of as many columns, packed, and of rows on their way into them, which is used again: what one gives back the next one takes, on any thread. So a training needs as much as it
/// has in use at a time, and leaves nothing to be collected.
[<Sealed>]
type internal FactorMemory(columns: int, algebra: LinearAlgebra) =
    let factors = ConcurrentBag<float[]>()
    let rows = ConcurrentBag<TriangularRows>()
    let mutable madeFactors = 0
    let mutable madeRows = 0

    /// Columns, the target's among them.
    member _.Columns = columns

    /// Factors made so far: the most that were in use at a time.
    member _.MadeFactors = madeFactors

    /// The same of `TriangularRows`.
    member _.MadeRows = madeRows

    /// Memory of a packed R, in which anything may stand.
    member _.TakeFactor() : float[] =
        match factors.TryTake() with
        | true, known -> known
        | _ ->
            Interlocked.Increment &madeFactors |> ignore
            Array.zeroCreate<float>(PackedTriangle.Length columns)

    /// Gives a packed R back, which nobody uses any more.
    member _.Give(factor: float[]) = factors.Add factor

    /// Rows to which nothing has been added.
    member _.TakeRows(sharesWork: bool) : TriangularRows =
        match rows.TryTake() with
        | true, known ->
            known.Clear()
            known.SharesWork <- sharesWork
            known
        | _ ->
            Interlocked.Increment &madeRows |> ignore
            TriangularRows(columns, algebra, SharesWork = sharesWork)

    /// Gives rows back.
    member _.Give(known: TriangularRows) = rows.Add known

    /// R of one and another, packed, into memory that may be that of either.
    member memory.Sum(sharesWork: bool, one: float[], other: float[], into: float[]) =
        let both = memory.TakeRows sharesWork
        both.Load one
        both.AddPacked other
        both.Pack into
        memory.Give both

    /// R of one and another, packed, in memory that is taken.
    member memory.Sum(sharesWork: bool, one: float[], other: float[]) : float[] =
        let into = memory.TakeFactor()
        memory.Sum(sharesWork, one, other, into)
        into
