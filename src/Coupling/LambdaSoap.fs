namespace AniSoap

// Pointers to the caller's memory while it is pinned, and into pinned buffers.
#nowarn "9"

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Threading
open Microsoft.FSharp.NativeInterop
open AniSoap.Coupling
open AniSoap.Numerics

/// One block of a row of λ-SOAP.
[<NoComparison>]
type LambdaBlock = {
    /// The L of its numbers: they are 2 L + 1 times as many as its columns, M slowest.
    L: int
    /// 1: proper tensors; −1: pseudotensors.
    Sigma: int
    /// What its columns are.
    Properties: Labels
    /// Where the block begins in a row.
    From: int
    /// How many numbers it has.
    Length: int
}

/// Takes λ-SOAP of a centre: its number, and the row. The values are gone after the call.
type LambdaRowHandler = delegate of center: int * values: ReadOnlySpan<float> -> unit

/// Two factors that are coupled, and where in a row their numbers go, and, with these factors exchanged, go once more (−1: nowhere).
[<Struct; NoComparison; NoEquality>]
type private LanePart = {
    Plan: CouplingLanes.LanePlan
    Left: int
    Right: int
    At: int
    MirroredAt: int
    Width: int
    Sign: float
}

/// The rows of some centres, a centre a lane, on their way into the caller's memory or, group after group, to a handler.
[<Sealed>]
type private LambdaGroups(rows: LambdaRows, threads: int) =
    let lanes = CouplingLanes.lanes
    let slots = if threads = 1 then 1 else 2 * threads
    let last = rows.Starts.Length - 2
    let columns = Array.init (last + 1) (fun l -> (rows.Starts[l + 1] - rows.Starts[l]) / (2 * l + 1))
    // Where the coefficients of each l stand in lanes.
    let places =
        Array.scan (+) 0 (Array.init (last + 1) (fun l -> CouplingLanes.gatheredLength (2 * l + 1) columns[l]))

    let parts = [|
        for s in 0 .. rows.Segments.Length - 1 do
            let struct (l, _) = rows.Orders[s]
            let from = rows.Segments[s].From

            for i in 0 .. rows.Parts[s].Length - 1 do
                let part = rows.Parts[s].[i]
                let other = ProductBlocks.mirrored rows.Parts[s] i

                // The first of two writes both.
                if other < 0 || other > i then
                    {
                        Plan = ProductBlocks.inLanes part
                        Left = part.Left.L
                        Right = part.Right.L
                        At = from + part.Column
                        MirroredAt =
                            if other < 0 then
                                -1
                            else
                                from + rows.Parts[s].[other].Column
                        Width = rows.Segments[s].Length / (2 * l + 1)
                        Sign =
                            if (part.Left.L + part.Right.L + l) % 2 = 0 then
                                1.0
                            else
                                -1.0
                    }
    |]

    let scratches = Array.init threads (fun _ -> AlignedBuffer(places[last + 1] + CouplingLanes.tileLength))
    // By slot, where nobody's memory was given.
    let buffers = lazy Array.init slots (fun _ -> AlignedBuffer(lanes * rows.Size))
    let groups = Array.zeroCreate<int> slots
    let mutable centers = 0
    let mutable next = 0
    let mutable source = NativePtr.ofNativeInt<float> 0n
    let mutable target = NativePtr.ofNativeInt<float> 0n
    let mutable take: LambdaRowHandler | null = null

    let countOf group = min lanes (centers - group * lanes)

    let couple (scratch: AlignedBuffer) group (into: nativeptr<float>) =
        let from = NativePtr.add source (group * lanes * rows.Coefficients)
        let count = countOf group
        let tile = NativePtr.add scratch.Pointer places[last + 1]

        for l in 0..last do
            CouplingLanes.gather
                (NativePtr.add from rows.Starts[l])
                rows.Coefficients
                (2 * l + 1)
                columns[l]
                count
                (NativePtr.add scratch.Pointer places[l])

        for i in 0 .. parts.Length - 1 do
            let part = parts[i]

            CouplingLanes.couple
                part.Plan
                (NativePtr.add scratch.Pointer places[part.Left])
                (NativePtr.add scratch.Pointer places[part.Right])
                {
                    First = NativePtr.add into part.At
                    Width = part.Width
                    Length = rows.Size
                    Samples = count
                }
                (if part.MirroredAt < 0 then
                     NativePtr.ofNativeInt 0n
                 else
                     NativePtr.add into part.MirroredAt)
                part.Sign
                tile

    /// Couples rows of coefficients, into memory or to a handler.
    member groups.Run
        (
            coefficients: nativeptr<float>,
            count: int,
            values: nativeptr<float>,
            handler: LambdaRowHandler | null,
            cancellation
        ) =
        source <- coefficients
        centers <- count
        target <- values
        take <- handler
        next <- 0
        let busy = max 1 (min threads ((count + lanes - 1) / lanes))

        try
            Schedule.run scratches busy slots groups cancellation
        finally
            take <- null

    interface IPieces<AlignedBuffer> with
        member _.Give slot =
            groups[slot] <- next
            next <- next + 1
            groups[slot] * lanes < centers

        member _.Compute(scratch, slot) =
            match take with
            | null -> couple scratch groups[slot] (NativePtr.add target (groups[slot] * lanes * rows.Size))
            | _ -> couple scratch groups[slot] buffers.Value[slot].Pointer

        member _.Emit slot =
            match take with
            | null -> ()
            | handler ->
                let first = groups[slot] * lanes

                for i in 0 .. countOf groups[slot] - 1 do
                    let row = buffers.Value[slot].Span.Slice(i * rows.Size, rows.Size)
                    handler.Invoke(first + i, Span.op_Implicit row)

        member _.Stop() = ()

/// λ-SOAP of centres again and again in memory that is there: out of rows of coefficients, as `Engine.Coefficients` writes them, rows of all blocks, as
/// `Product.lambdaSoap` has them for one centre, bit for bit. A map of them takes new memory, which the system gives page by page; that takes several times as
/// long as computing. One call at a time; nothing depends on the number of threads.
[<Sealed>]
type LambdaSoap private (rows: LambdaRows, threads: int) =
    let groups = LambdaGroups(rows, threads)
    let mutable isBusy = 0

    let run (coefficients: ReadOnlyMemory<float>) (check: int -> Result<unit, AniSoapError>) start =
        let centers = coefficients.Length / rows.Coefficients

        let checks =
            if centers * rows.Coefficients = coefficients.Length then
                check centers
            else
                AniSoapError.invalid
                    "length of the coefficients"
                    coefficients.Length
                    ("rows of " + string rows.Coefficients + " numbers, one for each centre")
                |> Error

        match checks with
        | Error error -> Error error
        | Ok() when Interlocked.CompareExchange(&isBusy, 1, 0) <> 0 ->
            AniSoapError.invalid
                "λ-SOAP"
                "in use"
                "one call at a time; threads that compute on their own have one of these each"
            |> Error
        | Ok() ->
            try
                use pinned = coefficients.Pin()
                start (NativePtr.ofVoidPtr<float> pinned.Pointer) centers
                Ok()
            finally
                Volatile.Write(&isBusy, 0)

    /// For these values of L, on so many threads (0: as many as there are processors). Refuses what `power-spectrum --lambda` refuses: no L, those that no two
    /// factors of the projection go to, spectra that are divided by their norms, and rows that arrays or memory do not hold.
    static member Create
        (lambdas: int seq, projection: Projection, [<Optional>] threads: int)
        : Result<LambdaSoap, AniSoapError> =
        RunOptions.threadCount threads
        |> Result.bind (fun threads ->
            LambdaRows.Create(lambdas, projection)
            |> Result.map (fun rows -> LambdaSoap(rows, threads)))

    /// Numbers of a row of coefficients: `Engine.CoefficientLength`.
    member _.CoefficientLength: int = rows.Coefficients

    /// Numbers of a row of λ-SOAP.
    member _.Length: int = rows.Size

    /// The blocks of a row: by L, and for each L σ = 1, then −1 where there is one.
    member _.Blocks: ImmutableArray<LambdaBlock> =
        ImmutableArray.CreateRange(
            Seq.map2
                (fun (struct (l, sigma)) (segment: Segment) -> {
                    L = l
                    Sigma = sigma
                    Properties = segment.Properties
                    From = segment.From
                    Length = segment.Length
                })
                rows.Orders
                rows.Segments
        )

    /// Writes a row of λ-SOAP for each row of coefficients.
    member _.Couple
        (coefficients: ReadOnlyMemory<float>, values: Memory<float>, [<Optional>] cancellation: CancellationToken)
        : Result<unit, AniSoapError> =
        run
            coefficients
            (fun centers -> EngineRoom.length "the values" values.Length centers rows.Size)
            (fun from centers ->
                use pinned = values.Pin()
                groups.Run(from, centers, NativePtr.ofVoidPtr<float> pinned.Pointer, null, cancellation))

    /// Hands a row of λ-SOAP over for each row of coefficients, in their order, one call at a time: a few rows stand in memory that stays in the caches. Throws what
    /// `take` throws.
    member _.ForEach
        (coefficients: ReadOnlyMemory<float>, take: LambdaRowHandler, [<Optional>] cancellation: CancellationToken)
        : Result<unit, AniSoapError> =
        run coefficients (fun _ -> Ok()) (fun from centers ->
            groups.Run(from, centers, NativePtr.ofNativeInt 0n, take, cancellation))
