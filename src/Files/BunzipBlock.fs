namespace AniSoap

open System.IO

/// One block of bzip2 data: Huffman codes, of which each run of fifty has one of up to six tables; numbers of a list whose
/// front is what was met last; runs of its front; and the sorted rotations of the text (M. Burrows, D. J. Wheeler, A
/// Block-sorting Lossless Data Compression Algorithm, 1994).
module internal BunzipBlock =
    /// What cannot be: the data are damaged, or end early.
    let fail (bits: BitReader) : 'a =
        raise (
            InvalidDataException(
                if bits.WasShort then
                    "that the compressed data end early"
                else
                    "compressed data that are damaged"
            )
        )

    [<Literal>]
    let private LongestCode = 20

    [<Literal>]
    let private CodesATable = 50

    /// Codes by their lengths: the last of each length, what its place is counted from, and the symbols in the codes' order.
    [<NoEquality; NoComparison>]
    type private Codes = { Shortest: int; Last: int[]; Base: int[]; Symbols: int[] }

    let private codesOf (lengths: int[]) =
        let symbols =
            [| 0 .. lengths.Length - 1 |]
            |> Array.sortBy (fun symbol -> struct (lengths[symbol], symbol))

        let counts = Array.zeroCreate<int>(LongestCode + 2)

        for length in lengths do
            counts[length] <- counts[length] + 1

        let last = Array.create (LongestCode + 1) -1
        let bases = Array.zeroCreate<int>(LongestCode + 1)
        let mutable code = 0
        let mutable before = 0

        for length in 1..LongestCode do
            bases[length] <- code - before
            code <- code + counts[length]
            before <- before + counts[length]
            last[length] <- code - 1
            code <- code <<< 1

        { Shortest = Array.min lengths; Last = last; Base = bases; Symbols = symbols }

    let private next (bits: BitReader) (codes: Codes) =
        let ahead = int (bits.Peek LongestCode)
        let mutable length = codes.Shortest

        while length <= LongestCode && (ahead >>> (LongestCode - length)) > codes.Last[length] do
            length <- length + 1

        if length > LongestCode then
            fail bits
        else
            bits.Skip length
            let place = (ahead >>> (LongestCode - length)) - codes.Base[length]

            if place < 0 || place >= codes.Symbols.Length then
                fail bits
            else
                codes.Symbols[place]

    /// The bytes that occur: sixteen bits say which sixteenths have any, sixteen more for each of these which.
    let private alphabet (bits: BitReader) =
        let sixteenths = bits.Take 16

        [|
            for i in 0..15 do
                if sixteenths &&& (0x8000u >>> i) <> 0u then
                    let some = bits.Take 16

                    for j in 0..15 do
                        if some &&& (0x8000u >>> j) <> 0u then
                            byte (16 * i + j)
        |]

    let private toFront (list: 'a[]) place =
        let value = list[place]
        System.Array.Copy(list, 0, list, 1, place)
        list[0] <- value
        value

    /// Which table each run of codes has.
    let private selectors (bits: BitReader) tables =
        let count = int (bits.Take 15)
        let list = [| 0 .. tables - 1 |]

        let all =
            Array.init count (fun _ ->
                let mutable place = 0

                while place < tables && bits.Take 1 = 1u do
                    place <- place + 1

                if place = tables then fail bits else toFront list place)

        if count = 0 then fail bits else all

    /// The lengths of the codes, each told by steps from the one before.
    let private lengths (bits: BitReader) symbols =
        let mutable length = int (bits.Take 5)

        Array.init symbols (fun _ ->
            while length >= 1 && length <= LongestCode && bits.Take 1 = 1u do
                length <- length + (if bits.Take 1 = 0u then 1 else -1)

            if length < 1 || length > LongestCode then
                fail bits
            else
                length)

    /// Reads a block behind its checksum into `links`: of the byte at each place of the sorted rotations the low eight bits
    /// hold the byte, the others where the next one is. Gives how many bytes there are, and the first link.
    let read (bits: BitReader) (links: int[]) : struct (int * int) =
        // A mark of versions before 0.9.5, which turned bytes over.
        if bits.Take 1 <> 0u then
            fail bits

        let origin = int (bits.Take 24)
        let bytes = alphabet bits
        let tables = int (bits.Take 3)

        if bytes.Length = 0 || tables < 2 || tables > 6 then
            fail bits

        let chosen = selectors bits tables
        let codes = Array.init tables (fun _ -> codesOf (lengths bits (bytes.Length + 2)))
        let ending = bytes.Length + 1
        let places = Array.zeroCreate<int> 257
        let mutable count = 0
        let mutable taken = 0

        let symbol () =
            let run = taken / CodesATable
            taken <- taken + 1

            if run >= chosen.Length then
                fail bits
            else
                next bits codes[chosen[run]]

        let put (value: byte) times =
            if times > links.Length - count then
                fail bits

            for k in count .. count + times - 1 do
                links[k] <- int value

            places[int value + 1] <- places[int value + 1] + times
            count <- count + times

        let mutable current = symbol ()

        while current <> ending do
            if current <= 1 then
                // The length of a run, by digits 1 and 2 of powers of two, the lowest first.
                let mutable times, power = 0, 1

                while current <= 1 do
                    if power > links.Length then
                        fail bits

                    times <- times + ((current + 1) * power)
                    power <- 2 * power
                    current <- symbol ()

                put bytes[0] times
            else
                put (toFront bytes (current - 1)) 1
                current <- symbol ()

        if origin >= count || bits.WasShort then
            fail bits

        for value in 1..256 do
            places[value] <- places[value] + places[value - 1]

        for k in 0 .. count - 1 do
            let value = links[k] &&& 0xFF
            let place = places[value]
            places[value] <- place + 1
            links[place] <- links[place] ||| (k <<< 8)

        struct (count, links[origin] >>> 8)
