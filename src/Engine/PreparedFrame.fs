namespace AniSoap.Numerics

open System.Collections.Generic
open System.Threading
open AniSoap

/// A frame ready to be expanded: positions, Gaussians and neighbours, in the unit that kernels compute in. Shared by threads; filled again and again.
[<Sealed>]
type internal PreparedFrame() =
    let gaussians = FrameGaussians()
    let bodies = FrameBodies()
    let grid = NeighborGrid()
    let list = ListSearch()
    let some = ChosenSearch()
    let mutable search: NeighborSearch = grid
    let mutable positions = Array.empty<float>
    let mutable hasBodies = false
    let mutable given = Unchecked.defaultof<Frame>

    /// A frame with its own neighbours.
    new(projection, frame) as prepared =
        PreparedFrame()
        then prepared.Fill(projection, frame, ValueNone, 0, ValueNone, false)

    /// Takes a frame that the projection can expand, with neighbours from outside or without; of its own neighbours those of chosen centres, or of all.
    member _.Fill
        (
            projection: Projection,
            frame: Frame,
            neighbors: INeighbors voption,
            centers: int,
            chosen: int[] voption,
            withBodies: bool
        ) =
        let count = frame.Particles.Length
        let scale = projection.Unit.FromUser
        let cutoff = projection.InUnit.CutoffRadius

        if positions.Length < 3 * count then
            positions <- LargeArray.create (3 * count)

        given <- frame
        FramePositions.fill scale frame positions
        gaussians.Fill(projection, frame)
        hasBodies <- withBodies

        if withBodies then
            bodies.Fill(projection, frame)

        match neighbors with
        | ValueSome outside ->
            list.Fill(outside, centers, positions, count, cutoff)
            search <- list
        | ValueNone ->
            grid.Fill(positions, count, frame.Cell, scale, cutoff)

            match chosen with
            | ValueSome particles ->
                some.Fill(grid, particles)
                search <- some
            | ValueNone -> search <- grid

    member _.Frame = given
    member _.Gaussians = gaussians
    /// Axes of the bodies, for derivatives by semi-axes, where asked for.
    member _.Bodies = if hasBodies then ValueSome bodies else ValueNone
    member _.Search = search

    /// A place whose neighbours from outside are no particles of the frame; −1 as long as all are well.
    member _.Stray = if obj.ReferenceEquals(search, list) then list.Stray else -1

/// Memory of prepared frames that is waiting for the next ones.
[<Sealed>]
type internal FramePool() =
    // As many as are under way where frames are tiny (few are where they are large): what is thrown away is what the collector lets pile up between other threads' work.
    let mostKept = 64
    let free = Stack<PreparedFrame>(mostKept)

    member _.Rent() : PreparedFrame = lock free (fun () -> if free.Count > 0 then free.Pop() else PreparedFrame())

    member _.Return(prepared: PreparedFrame) =
        lock free (fun () ->
            if free.Count < mostKept then
                free.Push prepared)

/// A frame on its way through the engine. It is made ready by the first thread that needs it.
[<Sealed>]
type internal FrameJob(pool: FramePool) =
    let mutable prepared: PreparedFrame | null = null
    member val Projection = Unchecked.defaultof<Projection> with get, set
    /// The species that occur, where the projection is on those alone.
    member val Subset = Unchecked.defaultof<SpeciesSubset> with get, set
    member val Number = 0 with get, set
    member val Frame = Unchecked.defaultof<Frame> with get, set
    member val Neighbors: INeighbors voption = ValueNone with get, set
    /// Centres of those, asked for once: memory of the results is measured by it.
    member val OutsideCount = 0 with get, set
    /// The particles that are centres, ascending, where not all are.
    member val Chosen: int[] voption = ValueNone with get, set
    member val WithBodies = false with get, set

    /// A place whose neighbours from outside are no particles of the frame, noted when the frame is done.
    member val Stray = -1 with get, set

    /// Number of centres.
    member job.Count =
        match job.Neighbors, job.Chosen with
        | ValueSome _, _ -> job.OutsideCount
        | ValueNone, ValueSome particles -> particles.Length
        | ValueNone, ValueNone -> job.Frame.Particles.Length

    /// Makes the frame ready, once.
    member job.Prepared: PreparedFrame =
        match Volatile.Read &prepared with
        | null ->
            lock job (fun () ->
                match prepared with
                | null ->
                    let made = pool.Rent()
                    made.Fill(job.Projection, job.Frame, job.Neighbors, job.Count, job.Chosen, job.WithBodies)
                    Volatile.Write(&prepared, made)
                    made
                | ready -> ready)
        | ready -> ready

    /// Gives the memory back when all is done.
    member job.Release() =
        match prepared with
        | null -> ()
        | ready ->
            job.Stray <- ready.Stray
            pool.Return ready
            prepared <- null
