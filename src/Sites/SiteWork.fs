namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open Microsoft.FSharp.NativeInterop
open AniSoap

/// What one thread works with: the pairs of sites of a centre and its neighbours that are within reach, one behind another.
[<Sealed>]
type internal SiteWork() =
    let mutable rows = AlignedBuffer 0
    let mutable room = 0
    let mutable ends = Array.empty<int>

    let row k : nativeptr<float> = NativePtr.add rows.Pointer (k * room)

    /// The neighbours of a centre.
    member val Neighbors = NeighborBuffer()

    /// Room for so many pairs of sites, and for a vector more.
    member _.EnsureRoom(pairs: int, neighbors: int) =
        if pairs + SiteLayout.Lanes > room then
            room <- (pairs + pairs / 2 + 2 * SiteLayout.Lanes) &&& ~~~(SiteLayout.Lanes - 1)
            rows <- AlignedBuffer(5 * room)

        if ends.Length < neighbors then
            ends <- Array.zeroCreate (neighbors + neighbors / 2)

    /// Squares of distances.
    member _.Squares = row 0

    /// Where their tables would begin, and the squares where they begin: only where there are several tables.
    member _.Origins = row 1
    member _.Inners = row 2

    /// What they say: u and u′(s).
    member _.Energies = row 3
    member _.Pulls = row 4

    /// Behind a neighbour's last pair.
    member _.Ends = ends
