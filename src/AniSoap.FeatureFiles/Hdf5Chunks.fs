namespace AniSoap.Formats

open System
open AniSoap
open AniSoap.Formats.Hdf5Messages

/// Where the elements of a dataset are: in its head, in one piece, or in chunks that an index finds (layout messages of
/// versions 3 to 5).
module internal Hdf5Chunks =
    let private chunk (source: Hdf5Source) (part: byte[]) at entry full =
        let address = u64 part at

        let size, skipped =
            if entry > 12 then
                number part (at + 8) (entry - 12), u32 part (at + entry - 4)
            else
                full, 0u

        if address <> undefined then
            source.Inside("a chunk", address, size)

        { Address = address; Bytes = size; Skipped = skipped }

    /// The index of a dataset's chunks: a fixed array, in pages where it is long.
    let private fixedArray (source: Hdf5Source) address full : Hdf5Chunk[] =
        let head = source.Summed("an index of chunks", address, 28UL)
        Hdf5Source.Signature(head, "FAHD", "an index of chunks", address)
        let entry, pageBits, count, block = int head[6], int head[7], u64 head 8, u64 head 16

        if
            (entry <> 8 && entry < 14)
            || entry > 20
            || pageBits > 20
            || count > source.Length
        then
            fail $"an index of {string count} chunks at {string address}"

        let width = uint64 entry
        let page = 1UL <<< pageBits
        let absent = { Address = undefined; Bytes = 0UL; Skipped = 0u }

        if block = undefined then
            [||]
        elif count <= page then
            let all = source.Summed("an index of chunks", block, 14UL + count * width + 4UL)
            Hdf5Source.Signature(all, "FADB", "an index of chunks", block)
            Array.init (int count) (fun i -> chunk source all (14 + i * entry) entry full)
        else
            let pages = (count + page - 1UL) / page
            let prefix = source.Summed("an index of chunks", block, 14UL + (pages + 7UL) / 8UL + 4UL)
            Hdf5Source.Signature(prefix, "FADB", "an index of chunks", block)
            let chunks = Array.create (int count) absent
            let mutable at = block + uint64 prefix.Length

            for i in 0UL .. pages - 1UL do
                let held = min page (count - i * page)
                let isThere = prefix[14 + int (i / 8UL)] &&& (0x80uy >>> int (i % 8UL)) <> 0uy

                if isThere then
                    let part = source.Summed("an index of chunks", at, held * width + 4UL)

                    for j in 0 .. int held - 1 do
                        chunks[int (i * page) + j] <- chunk source part (j * entry) entry full

                at <- at + held * width + 4UL

            chunks

    /// Bytes of a chunk as it is unpacked.
    let private boxBytes (lengths: uint64 list) (size: int) : uint64 =
        let full = Seq.fold (fun n (l: uint64) -> n * bigint l) (bigint size) lengths

        if full < 1I || full > bigint Int32.MaxValue then
            fail $"chunks of {string full} bytes"

        uint64 full

    /// Chunks that an index of the newer structure finds.
    let private boxes (source: Hdf5Source) (message: byte[]) (shape: uint64 list) size : Hdf5Storage =
        let axes, width = int message[3], int message[4]

        if width < 1 || width > 8 || axes <> shape.Length + 1 then
            fail "chunks of an unknown shape"

        let lengths = List.init (axes - 1) (fun i -> number message (5 + i * width) width)
        let full = boxBytes lengths size
        let kindAt = 5 + axes * width
        let grid = List.map2 (fun n l -> (n + l - 1UL) / l) shape lengths
        let count = Seq.fold (fun n (l: uint64) -> n * bigint l) 1I grid

        let chunks =
            match message[kindAt] with
            | 1uy ->
                if message[2] &&& 2uy <> 0uy then
                    let found = {
                        Address = u64 message (kindAt + 13)
                        Bytes = u64 message (kindAt + 1)
                        Skipped = u32 message (kindAt + 9)
                    }

                    if found.Address <> undefined then
                        source.Inside("a chunk", found.Address, found.Bytes)

                    [| found |]
                else
                    [| chunk source message (kindAt + 1) 8 full |]
            | 2uy ->
                let address = u64 message (kindAt + 1)

                if address = undefined then
                    [||]
                else
                    if count * bigint full > bigint source.Length then
                        fail $"{string count} chunks in a file of {string source.Length} bytes"

                    source.Inside("an array", address, uint64 count * full)

                    Array.init (int count) (fun i -> {
                        Address = address + uint64 i * full
                        Bytes = full
                        Skipped = 0u
                    })
            | 3uy ->
                let address = u64 message (kindAt + 2)

                if address = undefined then
                    [||]
                else
                    fixedArray source address full
            | 4uy
            | 5uy -> refuse "an array that may grow" "arrays of a fixed shape (in h5py, without maxshape)"
            | kind -> fail $"chunks by an index of kind {string kind}"

        if chunks.Length > 0 && bigint chunks.Length <> count then
            fail $"{string chunks.Length} chunks where the shape has {string count}"

        if chunks.Length = 0 then
            Hdf5Storage.Nowhere
        else
            Hdf5Storage.Boxes(List.map int lengths, chunks, message[2] &&& 1uy <> 0uy)

    /// Chunks that a tree finds: the last length is an element's.
    let private treeBoxes (source: Hdf5Source) (message: byte[]) (shape: uint64 list) size : Hdf5Storage =
        let axes = int message[2]

        if axes <> shape.Length + 1 || u32 message (7 + 4 * axes) <> uint32 size then
            fail "chunks of an unknown shape"

        let lengths = List.init (axes - 1) (fun i -> uint64 (u32 message (11 + 4 * i)))
        let full = boxBytes lengths size
        let address = u64 message 3

        if address = undefined then
            Hdf5Storage.Nowhere
        else
            match Hdf5Tree.chunks source address shape lengths full with
            | [||] -> Hdf5Storage.Nowhere
            | chunks -> Hdf5Storage.Boxes(List.map int lengths, chunks, false)

    /// Where the elements of an array of this shape are.
    let storage (source: Hdf5Source) (message: byte[]) (shape: uint64 list) size : Hdf5Storage =
        match message[0], message[1] with
        | (3uy | 4uy | 5uy), 0uy when u16 message 2 <= message.Length - 4 ->
            Hdf5Storage.Inside message[4 .. 3 + u16 message 2]
        | (3uy | 4uy | 5uy), 1uy ->
            let address = u64 message 2

            if address = undefined then
                Hdf5Storage.Nowhere
            else
                source.Inside("an array", address, u64 message 10)
                Hdf5Storage.Together address
        | (4uy | 5uy), 2uy -> boxes source message shape size
        | 3uy, 2uy -> treeBoxes source message shape size
        | _, 3uy -> refuse "a virtual dataset, made of others" "arrays that are in the file"
        | version, kind -> fail $"an array laid out by version {string version}, class {string kind}"
