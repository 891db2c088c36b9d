namespace AniSoap.Learning

open System
open System.Collections.Generic

/// What is known of consecutive frames of one fold.
[<RequireQualifiedAccess; NoComparison>]
type internal FactorPiece =
    /// R of all rows of a subtree, packed: leaves index × 2^level up to (index + 1) × 2^level.
    | Factor of level: int * index: int64 * packed: float[]
    /// Rows, one after the other, of a leaf of which other pieces have other frames.
    | Rows of leaf: int64 * values: float[]

/// R of the rows of one fold's frames by a tree that hangs on nothing but the frames' numbers (J. Demmel, L. Grigori, M. Hoemmen, J. Langou, SIAM J. Sci. Comput. 34 (2012) A206):
///
///     leaf i           R of the rows of the fold's frames i s … (i + 1) s − 1, in their order
///     node (l, i)      R of [node (l − 1, 2 i); node (l − 1, 2 i + 1)]
///
/// with s the frames of a leaf. Whoever has frames `first` up to `stop` has all nodes of these, and the rows of leaves that the ends cut; whoever joins these does what one would have done that
/// has all frames: the same bits. `sharesWork`: see TriangularRows; `memory` is that of several trees of as many columns.
/// A node is written over its left half, and what the right half was in is given back: a tree that grows has as many factors as there are nodes at a time, the logarithm of the leaves, one that
/// is joined has one.
[<Sealed>]
type internal FactorTree(memory: FactorMemory, leafFrames: int64, first: int64, stop: int64, sharesWork: bool) =
    let columns = memory.Columns
    let pieces = List<FactorPiece>()
    let cut = List<float>()
    let packedLength = PackedTriangle.Length columns
    // The rows of the leaf that grows.
    let mutable leaf: TriangularRows option = None
    let mutable current = -1L
    let mutable count = 0L

    let rows () =
        match leaf with
        | Some known -> known
        | None ->
            let taken = memory.TakeRows sharesWork
            leaf <- Some taken
            taken

    let isWhole index =
        first <= index * leafFrames
        && (stop = Int64.MaxValue || (index + 1L) * leafFrames <= stop)

    let join (left: float[]) (right: float[]) =
        memory.Sum(sharesWork, left, right, left)
        memory.Give right
        left

    /// Both halves of a node become the node.
    let rec push level index packed =
        let left =
            if pieces.Count > 0 && index % 2L = 1L then
                match pieces[pieces.Count - 1] with
                | FactorPiece.Factor(l, i, known) when l = level && i = index - 1L -> Some known
                | _ -> None
            else
                None

        match left with
        | Some known ->
            pieces.RemoveAt(pieces.Count - 1)
            push (level + 1) (index / 2L) (join known packed)
        | None -> pieces.Add(FactorPiece.Factor(level, index, packed))

    let close () =
        if current >= 0L then
            if isWhole current then
                let packed = memory.TakeFactor()
                let rows = rows ()
                rows.Pack packed
                rows.Clear()
                push 0 current packed
            else
                pieces.Add(FactorPiece.Rows(current, cut.ToArray()))
                cut.Clear()

            current <- -1L

    let enter index =
        if index <> current then
            close ()
            current <- index

    /// The leaf behind all that is there.
    let next () =
        if current >= 0L then
            current + 1L
        elif pieces.Count = 0 then
            first / leafFrames
        else
            match pieces[pieces.Count - 1] with
            | FactorPiece.Factor(level, index, _) -> (index + 1L) <<< level
            | FactorPiece.Rows(index, _) -> index + 1L

    /// No more frames come for now: what the last leaf grew in is given back.
    let rest () =
        close ()
        leaf |> Option.iter (fun known -> memory.Give known)
        leaf <- None

    /// A tree of which several threads work on one tile.
    new(memory, leafFrames, first, stop) = FactorTree(memory, leafFrames, first, stop, true)

    /// Where its factors are.
    member _.Memory = memory

    /// How many frames of a fold make a leaf: so many that joining two leaves, 2/3 n³ and at least a tile of rows, is little beside their rows, 2 n² each.
    static member LeafFrames(columns: int, rowsOfFrame: float) : int =
        let wanted = max 1024.0 (8.0 * float columns) / max 1e-3 rowsOfFrame
        let mutable frames = 1

        while float frames < wanted && frames < (1 <<< 20) do
            frames <- 2 * frames

        frames

    /// Rows added.
    member _.Count = count

    /// Frames come in their order, each with its number in the fold; its rows follow.
    member _.Begin(frame: int64) = enter (frame / leafFrames)

    /// A row of the frame, times a factor.
    member _.Add(row: ReadOnlySpan<float>, factor: float) =
        count <- count + 1L

        if isWhole current then
            rows().Add(row, 0, factor)
        else
            for value in row do
                cut.Add(factor * value)

    /// What stands here of the frames, in their order.
    member _.Pieces: IReadOnlyList<FactorPiece> =
        rest ()
        pieces

    /// Takes the next piece of another tree; false where it does not follow on what is here.
    member tree.Take(piece: FactorPiece) : bool =
        match piece with
        | FactorPiece.Factor(level, index, packed) ->
            close ()
            let follows = index <<< level = next () && packed.Length = packedLength

            if follows then
                // The other tree's stays what it is.
                let own = memory.TakeFactor()
                Array.blit packed 0 own 0 packedLength
                push level index own

            follows
        | FactorPiece.Rows(index, values) ->
            let follows = (index = current || index = next ()) && values.Length % columns = 0

            if follows then
                enter index

                for k in 0 .. values.Length / columns - 1 do
                    tree.Add(ReadOnlySpan(values, k * columns, columns), 1.0)

            follows

    /// No more frames come for now, or, where all are to be joined, at all: memory that is not needed meanwhile is given back.
    member tree.End(isJoined: bool) = if isJoined then tree.Root |> ignore else rest ()

    /// R of all frames, the tree's own: what has no right half is joined to its left neighbour, the smallest first. No frames come after it.
    member _.Root: PackedTriangle =
        rest ()

        let packed =
            function
            | FactorPiece.Factor(_, _, packed) -> packed
            | FactorPiece.Rows _ -> invalidOp "a leaf of which frames are missing"

        if pieces.Count = 0 then
            let nothing = memory.TakeFactor()
            Array.Clear nothing
            pieces.Add(FactorPiece.Factor(0, 0L, nothing))

        while pieces.Count > 1 do
            let left, right = packed pieces[pieces.Count - 2], packed pieces[pieces.Count - 1]
            pieces.RemoveRange(pieces.Count - 2, 2)
            pieces.Add(FactorPiece.Factor(0, 0L, join left right))

        PackedTriangle(columns, packed pieces[0])
