namespace AniSoap.Learning

/// Memory of one thread's fits, which grows and is used again.
[<Sealed>]
type internal SiteKernelWork() =
    let mutable columns = Array.empty<float[]>
    let mutable derivatives = Array.empty<float[]>

    let grown (arrays: float[][]) count length =
        if arrays.Length >= count && (count = 0 || arrays[0].Length >= length) then
            arrays
        else
            let length =
                if arrays.Length > 0 then
                    max length arrays[0].Length
                else
                    length

            Array.init (max count arrays.Length) (fun k ->
                if k < arrays.Length && arrays[k].Length >= length then
                    arrays[k]
                else
                    Array.zeroCreate<float> length)

    member val Lab = Array.empty<float> with get, set
    member val Powers = Array.empty<float> with get, set
    member val Tile = Array.empty<float> with get, set
    member _.Columns = columns
    member _.Derivatives = derivatives

    member work.Prepare(rows: int, columnCount: int, derivativeCount: int, sites: int) =
        columns <- grown columns columnCount rows
        derivatives <- grown derivatives derivativeCount rows
        let wide = Lanes.Count * (2 * SiteExponentials.count + 4) * (sites + 1)

        if work.Powers.Length < wide then
            work.Powers <- Array.zeroCreate wide

        // Of all sites: places, and sums of forces (3) and their slopes (6) of both bodies.
        if work.Lab.Length < 2 * 12 * Lanes.Count * (sites + 1) then
            work.Lab <- Array.zeroCreate (2 * 12 * Lanes.Count * (sites + 1))

        let tile = 10 * Lanes.Count * (max columnCount derivativeCount)

        if work.Tile.Length < tile then
            work.Tile <- Array.zeroCreate tile
