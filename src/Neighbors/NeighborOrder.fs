/// The order of a centre's neighbours that does not depend on how they were found: by neighbour, then by shift.
module internal AniSoap.NeighborOrder

open System
open AniSoap.Numerics

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
