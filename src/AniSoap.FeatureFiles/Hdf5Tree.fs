namespace AniSoap.Formats

open System
open System.Text
open AniSoap
open AniSoap.Formats.Hdf5Messages

/// The trees of HDF5's older structure (B-trees of version 1): of the members of a group, and of the chunks of an array. They
/// carry no checksums; what is checked is that they are trees, in the order that their keys have to be in.
module internal Hdf5Tree =
    /// Bytes before the first key.
    let private headBytes = 24

    /// Calls `take` with every leaf: its bytes, and for each of its entries where the key begins and what it leads to.
    let private walk (source: Hdf5Source) (kind: byte) (keyBytes: int) root (take: byte[] -> int -> uint64 -> unit) =
        let what = "a tree"

        let rec visit address (level: byte voption) =
            let head = source.Bytes(what, address, uint64 headBytes)
            Hdf5Source.Signature(head, "TREE", what, address)
            let count = u16 head 6

            if head[4] <> kind || (level.IsSome && head[5] <> level.Value) then
                fail $"a tree that is none at {string address}"

            let node = source.Bytes(what, address, uint64 (headBytes + count * (keyBytes + 8) + keyBytes))

            for entry in 0 .. count - 1 do
                let keyAt = headBytes + entry * (keyBytes + 8)
                let child = u64 node (keyAt + keyBytes)

                if head[5] = 0uy then
                    take node keyAt child
                else
                    visit child (ValueSome(head[5] - 1uy))

        visit root ValueNone

    /// The members of a group, in the order of their names, and where their heads are.
    let members (source: Hdf5Source) (tree: uint64) (heap: uint64) : (string * uint64) list =
        let head = source.Bytes("a heap of names", heap, 32UL)
        Hdf5Source.Signature(head, "HEAP", "a heap of names", heap)
        let names = source.Bytes("a heap of names", u64 head 24, u64 head 8)

        let nameAt (offset: uint64) =
            if offset >= uint64 names.Length then
                fail $"a name that is not in the heap at {string heap}"

            let rest = ReadOnlySpan(names).Slice(int offset)
            let ending = rest.IndexOf 0uy

            if ending < 1 then
                fail $"a name without an end in the heap at {string heap}"

            Encoding.UTF8.GetString(rest.Slice(0, ending))

        let found = ResizeArray<string * uint64>()

        walk source 0uy 8 tree (fun _ _ address ->
            let what = "a list of members"
            let head = source.Bytes(what, address, 8UL)
            Hdf5Source.Signature(head, "SNOD", what, address)
            let count = u16 head 6
            let node = source.Bytes(what, address, uint64 (8 + 40 * count))

            for entry in 0 .. count - 1 do
                let at = 8 + 40 * entry
                let name = nameAt (u64 node at)

                if u32 node (at + 16) = 2u then
                    refuse "a soft or external link" "links to objects of the file"

                if found.Count > 0 && String.CompareOrdinal(fst found[found.Count - 1], name) >= 0 then
                    fail $"members that are not in order at {string address}"

                found.Add((name, u64 node (at + 8))))

        List.ofSeq found

    /// The chunks of an array, each at its number; those that were not written are nowhere.
    let chunks (source: Hdf5Source) root (shape: uint64 list) (lengths: uint64 list) full : Hdf5Chunk[] =
        let grid = List.map2 (fun n l -> (n + l - 1UL) / l) shape lengths
        let count = Seq.fold (fun n (l: uint64) -> n * bigint l) 1I grid

        // Chunks that were not written take no room in the file: a million of them always may be missing.
        if count > bigint source.Length + 1048576I then
            fail $"{string count} chunks in a file of {string source.Length} bytes"

        let absent = { Address = undefined; Bytes = 0UL; Skipped = 0u }
        let all = Array.create (int count) absent
        let mutable last = -1L

        let take (node: byte[]) keyAt address =
            let mutable number = 0UL

            for axis, (length, boxes) in Seq.indexed (Seq.zip lengths grid) do
                let first = u64 node (keyAt + 8 + 8 * axis)

                if first % length <> 0UL || first / length >= boxes then
                    fail ("a chunk at " + string first + $" of axis {string axis}, where none is")

                number <- number * boxes + first / length

            if int64 number <= last then
                fail "chunks that are not in order"

            last <- int64 number
            let bytes, skipped = uint64 (u32 node keyAt), u32 node (keyAt + 4)

            if bytes = 0UL || bytes > 2UL * full + 65536UL then
                fail $"a chunk of {string bytes} bytes whose shape has {string full}"

            source.Inside("a chunk", address, bytes)
            all[int number] <- { Address = address; Bytes = bytes; Skipped = skipped }

        walk source 1uy (16 + 8 * lengths.Length) root take
        all
