namespace AniSoap

/// Neighbours of the centre under study, in flat buffers that grow and are used again.
type internal NeighborBuffer() =
    let mutable capacity = 0

    let grown (old: 'a[]) size =
        let larger = Array.zeroCreate size
        Array.blit old 0 larger 0 old.Length
        larger

    member val Count = 0 with get, set
    member val Second: int[] = Array.empty with get, set
    member val X: float[] = Array.empty with get, set
    member val Y: float[] = Array.empty with get, set
    member val Z: float[] = Array.empty with get, set
    member val Shift: int[] = Array.empty with get, set

    /// Runs of slots of a grid in which neighbours may be, one image of the cell each: where each begins, where it ends, and the image's a, b, c, and a 0.
    member val Runs = 0 with get, set
    member val RunStart: int[] = Array.zeroCreate 64 with get, set
    member val RunEnd: int[] = Array.zeroCreate 64 with get, set
    member val RunImages: int[] = Array.zeroCreate 256 with get, set
    /// Number of slots in all runs.
    member val Candidates = 0 with get, set

    /// Candidates that were picked: their slots and runs.
    member val HitSlot: int[] = Array.zeroCreate 64 with get, set
    member val HitRun: int[] = Array.zeroCreate 64 with get, set

    /// No runs.
    member buffer.Clear() =
        buffer.Runs <- 0
        buffer.Candidates <- 0

    /// One run more, if there is anything in it.
    member buffer.AddRun(from: int, upTo: int, a: int, b: int, c: int) =
        if upTo > from then
            let run = buffer.Runs

            if run = buffer.RunStart.Length then
                buffer.RunStart <- grown buffer.RunStart (2 * run)
                buffer.RunEnd <- grown buffer.RunEnd (2 * run)
                buffer.RunImages <- grown buffer.RunImages (8 * run)

            buffer.RunStart[run] <- from
            buffer.RunEnd[run] <- upTo
            let images = buffer.RunImages
            images[4 * run] <- a
            images[4 * run + 1] <- b
            images[4 * run + 2] <- c
            buffer.Runs <- run + 1
            buffer.Candidates <- buffer.Candidates + upTo - from

    /// Room for so many candidates.
    member buffer.EnsureHits(hits: int) =
        if hits > buffer.HitSlot.Length then
            let room = max hits (2 * buffer.HitSlot.Length)
            buffer.HitSlot <- grown buffer.HitSlot room
            buffer.HitRun <- grown buffer.HitRun room

    member buffer.EnsureRoom(count: int) =
        if count > capacity then
            capacity <- max count (max 64 (2 * capacity))
            buffer.Second <- grown buffer.Second capacity
            buffer.X <- grown buffer.X capacity
            buffer.Y <- grown buffer.Y capacity
            buffer.Z <- grown buffer.Z capacity
            buffer.Shift <- grown buffer.Shift (3 * capacity)
