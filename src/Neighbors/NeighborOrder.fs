/// The order of a centre's neighbours that does not depend on how they were found: by neighbour, then by shift.
module internal AniSoap.NeighborOrder

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics
open AniSoap.Numerics

/// Neighbours up to which counting those before each is faster than sorting: the time grows with their square.
[<Literal>]
let private MostRanked = 256

/// Whether the shift at one place comes before that at another.
let private isBefore (neighbors: NeighborBuffer) place other =
    let shift = neighbors.Shift
    let mutable axis = 0

    while axis < 3 && shift[3 * place + axis] = shift[3 * other + axis] do
        axis <- axis + 1

    axis < 3 && shift[3 * place + axis] < shift[3 * other + axis]

/// Fills `order` with the places of the buffer's neighbours, in order. Neighbour and place as one number are sorted; what is left are the images of one
/// neighbour, sorted by insertion where they are few, as they mostly are.
let sort (neighbors: NeighborBuffer) (keys: int64[]) (order: int[]) =
    FullOptimization.ask ()
    let count = neighbors.Count
    let second = neighbors.Second

    for k in 0 .. count - 1 do
        keys[k] <- (int64 second[k] <<< 32) ||| int64 k

    Span(keys, 0, count).Sort()

    for k in 0 .. count - 1 do
        order[k] <- int keys[k]

    let mutable from = 0

    while from < count do
        let particle = second[order[from]]
        let mutable upTo = from + 1

        while upTo < count && second[order[upTo]] = particle do
            upTo <- upTo + 1

        if upTo - from > 32 then
            Array.Sort(
                order,
                from,
                upTo - from,
                Collections.Generic.Comparer.Create(
                    Comparison(fun a b ->
                        if isBefore neighbors a b then -1
                        elif isBefore neighbors b a then 1
                        else 0)
                )
            )
        else
            for k in from + 1 .. upTo - 1 do
                let moved = order[k]
                let mutable place = k

                while place > from && isBefore neighbors moved order[place - 1] do
                    order[place] <- order[place - 1]
                    place <- place - 1

                order[place] <- moved

        from <- upTo

/// Fills `places` with the place in order of each of the buffer's neighbours. How many are before one is counted, eight at a time, without a branch that depends on
/// numbers in any order; where one particle is there twice, or neighbours are many, they are sorted.
let places (neighbors: NeighborBuffer) (keys: int64[]) (order: int[]) (places: int[]) =
    FullOptimization.ask ()
    let count = neighbors.Count
    let second = neighbors.Second
    let mutable distinct = 0

    // Eight are read and written at a time.
    let isRanked = count <= MostRanked && count + 8 <= min second.Length places.Length

    if isRanked then
        let mutable k = 0

        while k < count do
            let own = Vector256.LoadUnsafe(&MemoryMarshal.GetArrayDataReference second, unativeint k)
            let mutable before = Vector256<int>.Zero

            for j in 0 .. count - 1 do
                before <- before - Vector256.LessThan(Vector256.Create(second[j]: int), own)

            Vector256.StoreUnsafe(before, &MemoryMarshal.GetArrayDataReference places, unativeint k)
            k <- k + 8

        for k in 0 .. count - 1 do
            distinct <- distinct + places[k]

    // Of two that are equal neither is before the other.
    if not isRanked || 2 * distinct <> count * (count - 1) then
        sort neighbors keys order

        for k in 0 .. count - 1 do
            places[order[k]] <- k
