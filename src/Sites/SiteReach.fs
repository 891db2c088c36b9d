namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System.Runtime.Intrinsics
open System.Runtime.Intrinsics.X86
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Which pairs of sites of a centre's pairs of bodies are within reach: a site of the centre with eight of a neighbour at a time, d the vector between two sites, s its square. Most are
/// not, so that those which are stand one behind another for what follows.
module internal SiteReach =
    let inline all (x: float) : Vector512<float> = Vector512.Create(x: float)

    let inline load (numbers: nativeptr<float>) at : Vector512<float> = Vector512.Load(NativePtr.add numbers at)

    let inline store (value: Vector512<float>) (numbers: nativeptr<float>) at =
        Vector512.Store(value, NativePtr.add numbers at)

    let inline fma (x: Vector512<float>) (y: Vector512<float>) (z: Vector512<float>) : Vector512<float> =
        Vector512.MultiplyAddEstimate(x, y, z)

    let inline square (x: Vector512<float>) (y: Vector512<float>) (z: Vector512<float>) = fma x x (fma y y (z * z))

    /// How many lanes a mask has, of its bits.
    let inline countOf (bits: uint64) = System.Numerics.BitOperations.PopCount bits

    /// The lanes of a mask next to each other at a place, and anything behind them.
    let inline pack (mask: Vector512<float>) (bits: uint64) (value: Vector512<float>) (numbers: nativeptr<float>) at =
        if Avx512F.IsSupported then
            store (Avx512F.Compress(Vector512<float>.Zero, mask, value)) numbers at
        else
            let mutable left = bits
            let mutable k = at

            while left <> 0UL do
                NativePtr.set numbers k (value.GetElement(System.Numerics.BitOperations.TrailingZeroCount left))
                left <- left &&& (left - 1UL)
                k <- k + 1

    /// The opposite: zeros in the other lanes.
    let inline unpack (mask: Vector512<float>) (bits: uint64) (numbers: nativeptr<float>) at : Vector512<float> =
        if Avx512F.IsSupported then
            Avx512F.Expand(Vector512<float>.Zero, mask, load numbers at)
        else
            let mutable value = Vector512<float>.Zero
            let mutable left = bits
            let mutable k = at

            while left <> 0UL do
                value <-
                    value.WithElement(System.Numerics.BitOperations.TrailingZeroCount left, NativePtr.get numbers k)

                left <- left &&& (left - 1UL)
                k <- k + 1

            value

    /// Gathers the pairs of sites within reach: their number. The numbers of the bodies begin at `lab` + `siteOf`.
    let gather
        (layout: SiteLayout)
        (work: SiteWork)
        (neighbors: NeighborBuffer)
        (firstBody: int)
        (first: nativeptr<float>)
        (bodyOf: int[])
        (siteOf: int[])
        (lab: nativeptr<float>)
        : int =
        FullOptimization.ask ()
        let types = layout.Types firstBody
        work.EnsureRoom(neighbors.Count * layout.MostPairs firstBody, neighbors.Count)
        let isSingle = layout.IsSingle
        let squares, origins, inners, ends = work.Squares, work.Origins, work.Inners, work.Ends
        let mutable count = 0

        for k in 0 .. neighbors.Count - 1 do
            let neighbor = neighbors.Second[k]
            let body = bodyOf[neighbor]

            if body >= 0 then
                let blocks, meetings = layout.Blocks body, layout.Meetings body

                for b in 0 .. blocks - 1 do
                    let second = NativePtr.add lab (siteOf[neighbor] + SiteLayout.Width * b)
                    let x = all neighbors.X[k] + load second 0
                    let y = all neighbors.Y[k] + load second 8
                    let z = all neighbors.Z[k] + load second 16

                    for a in 0 .. types.Length - 1 do
                        let at = NativePtr.add first (SiteLayout.Place a)
                        let meeting = NativePtr.add meetings (SiteLayout.Width * (types[a] * blocks + b))

                        let s =
                            square
                                (x - all (NativePtr.get at 0))
                                (y - all (NativePtr.get at 8))
                                (z - all (NativePtr.get at 16))

                        let mask = Vector512.LessThan(s, load meeting 16)
                        let bits = Vector512.ExtractMostSignificantBits mask
                        pack mask bits s squares count

                        if not isSingle then
                            pack mask bits (load meeting 0) origins count
                            pack mask bits (load meeting 8) inners count

                        count <- count + countOf bits

            ends[k] <- count

        count
