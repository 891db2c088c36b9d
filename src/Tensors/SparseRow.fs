namespace AniSoap

// Pointers to the row's own memory.
#nowarn "9"

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

/// A row of numbers of which zeros may be left out: the columns of species that a frame does not hold. What is there comes in parts (a species as centre, say)
/// that lie behind each other and have the same places: value i of part p stands in column Start(p) + Places[i]. Columns ascend. The memory is the
/// sender's: all is gone after the call that hands the row over.
[<Struct; IsReadOnly; IsByRefLike; NoComparison; NoEquality>]
type SparseRow =
    val private length: int
    val private from: int
    val private starts: ReadOnlySpan<int>
    val private places: ReadOnlySpan<int>
    val private values: ReadOnlySpan<float>

    internal new
        (length: int, from: int, starts: ReadOnlySpan<int>, places: ReadOnlySpan<int>, values: ReadOnlySpan<float>) =
        { length = length; from = from; starts = starts; places = places; values = values }

    /// All numbers of a row.
    static member internal Dense(values: ReadOnlySpan<float>) =
        SparseRow(values.Length, 0, ReadOnlySpan<int>.Empty, ReadOnlySpan<int>.Empty, values)

    /// Number of columns, those left out included.
    member row.Length = row.length

    /// Number of parts that are there; none where the row holds zeros alone. A dense row is one part.
    member row.Parts =
        if row.IsDense && row.starts.IsEmpty then
            1
        else
            row.starts.Length

    /// The column that a part begins at.
    member row.Start(part: int) : int =
        if row.starts.IsEmpty then
            0
        else
            row.starts[part] - row.from

    /// Where the values of a part stand behind its start, ascending; empty where they are all columns from there on.
    member row.Places = row.places

    /// The values, part after part.
    member row.Values = row.values

    /// Whether no column is left out: the values are the row.
    member row.IsDense = row.values.Length = row.length

    /// Writes the values that are there, zeros or not, into a row; what stands in the other columns stays.
    member row.Scatter(target: Span<float>) : unit =
        FullOptimization.ask ()

        if row.IsDense then
            row.values.CopyTo target
        else
            let parts = row.Parts

            for part in 0 .. parts - 1 do
                let width = row.values.Length / parts
                let own = row.values.Slice(part * width, width)

                if row.places.IsEmpty then
                    own.CopyTo(target.Slice(row.Start part, width))
                elif width > 0 then
                    // The last place is the largest: with it all are inside.
                    let into = target.Slice(row.Start part, row.places[width - 1] + 1)
                    use place = fixed &MemoryMarshal.GetReference row.places
                    use from = fixed &MemoryMarshal.GetReference own
                    use first = fixed &MemoryMarshal.GetReference into

                    for i in 0 .. width - 1 do
                        NativePtr.set first (NativePtr.get place i) (NativePtr.get from i)

    /// Puts zeros again where `Scatter` wrote.
    member row.Clear(target: Span<float>) : unit =
        if row.IsDense then
            target.Slice(0, row.length).Clear()
        else
            let parts = row.Parts

            for part in 0 .. parts - 1 do
                let width = row.values.Length / parts
                let into = target.Slice(row.Start part)

                if row.places.IsEmpty then
                    into.Slice(0, width).Clear()
                else
                    for place in row.places do
                        into[place] <- 0.0

    /// Writes the whole row, zeros too.
    member row.CopyTo(target: Span<float>) : unit =
        if not row.IsDense then
            target.Slice(0, row.length).Clear()

        row.Scatter target

    /// Columns from one on, so many, where no part lies across their ends.
    member internal row.Slice(first: int, count: int) : SparseRow =
        if row.IsDense then
            SparseRow.Dense(row.values.Slice(first, count))
        else
            let parts = row.Parts
            let mutable low = 0

            while low < parts && row.Start low < first do
                low <- low + 1

            let mutable high = low

            while high < parts && row.Start high < first + count do
                high <- high + 1

            let width = if parts = 0 then 0 else row.values.Length / parts

            SparseRow(
                count,
                row.from + first,
                row.starts.Slice(low, high - low),
                row.places,
                row.values.Slice(low * width, (high - low) * width)
            )

/// Rows made whole in the memory of one row: only what a row held is cleared again.
[<Sealed>]
type internal WholeRow() =
    let mutable whole = Array.empty<float>

    /// All columns of a row; of a dense row its own memory. To be let go of before the next row.
    member _.Of(row: SparseRow) : ReadOnlySpan<float> =
        if row.IsDense then
            row.Values
        else
            if whole.Length < row.Length then
                whole <- Array.zeroCreate row.Length

            row.Scatter(Span whole)
            ReadOnlySpan(whole, 0, row.Length)

    /// Lets go of what `Of` gave of this row.
    member _.LetGo(row: SparseRow) : unit =
        if not row.IsDense then
            row.Clear(Span whole)

/// Columns of a row from `first` on.
type internal RowPiece = delegate of first: int * values: ReadOnlySpan<float> -> unit

/// Rows piece by piece, so that one with few values is never made whole: a piece stays in the first-level cache, and of it only what was written is cleared.
[<Sealed>]
type internal RowPieces() =
    let piece = Array.zeroCreate<float> 2048

    /// Hands over all columns of a row in order; a dense row as it is.
    member _.ForEach(row: SparseRow, take: RowPiece) : unit =
        if row.IsDense then
            take.Invoke(0, row.Values)
        else
            let parts = row.Parts
            let width = if parts = 0 then 0 else row.Values.Length / parts
            let isWhole = row.Places.IsEmpty
            let mutable part = 0
            let mutable i = 0
            let mutable first = 0

            while first < row.Length do
                let count = min piece.Length (row.Length - first)
                let beginning = part * width + i
                let mutable isInside = part < parts && width > 0

                while isInside do
                    let column = row.Start part + (if isWhole then i else row.Places[i])

                    if column < first + count then
                        piece[column - first] <- row.Values[part * width + i]
                        i <- i + 1

                        if i = width then
                            i <- 0
                            part <- part + 1
                            isInside <- part < parts
                    else
                        isInside <- false

                take.Invoke(first, ReadOnlySpan(piece, 0, count))

                if part * width + i > beginning then
                    Array.Clear(piece, 0, count)

                first <- first + count
