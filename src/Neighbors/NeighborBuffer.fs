namespace AniSoap

/// Neighbours of the centre under study, in flat buffers that grow and are used again.
type internal NeighborBuffer() =
    let mutable capacity = 0

    member val Count = 0 with get, set
    member val Second: int[] = Array.empty with get, set
    member val X: float[] = Array.empty with get, set
    member val Y: float[] = Array.empty with get, set
    member val Z: float[] = Array.empty with get, set
    member val Shift: int[] = Array.empty with get, set

    /// Candidates of a search: their slots, and the runs of bins (one image of the cell each) that they were found in.
    member val HitSlot: int[] = Array.zeroCreate 64 with get, set
    member val HitRun: int[] = Array.zeroCreate 64 with get, set
    /// Images a, b, c of every run.
    member val RunImages: int[] = Array.zeroCreate 192 with get, set

    /// Room for `hits` candidates and one more run.
    member buffer.EnsureHits(hits: int, run: int) =
        if hits > buffer.HitSlot.Length then
            let grow (old: int[]) =
                let grown = Array.zeroCreate (max hits (2 * old.Length))
                Array.blit old 0 grown 0 old.Length
                grown

            buffer.HitSlot <- grow buffer.HitSlot
            buffer.HitRun <- grow buffer.HitRun

        if 3 * (run + 1) > buffer.RunImages.Length then
            let grown = Array.zeroCreate (2 * buffer.RunImages.Length)
            Array.blit buffer.RunImages 0 grown 0 buffer.RunImages.Length
            buffer.RunImages <- grown

    member buffer.EnsureRoom(count: int) =
        if count > capacity then
            let grow (old: 'a[]) size =
                let grown = Array.zeroCreate size
                Array.blit old 0 grown 0 old.Length
                grown

            capacity <- max count (max 64 (2 * capacity))
            buffer.Second <- grow buffer.Second capacity
            buffer.X <- grow buffer.X capacity
            buffer.Y <- grow buffer.Y capacity
            buffer.Z <- grow buffer.Z capacity
            buffer.Shift <- grow buffer.Shift (3 * capacity)
