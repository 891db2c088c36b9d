namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.Text
open AniSoap
open AniSoap.Formats.Hdf5Messages

/// Attributes in the heads of HDF5's objects, of versions 1 to 3, and the texts in the file's global heap that they lead to.
[<Sealed>]
type internal Hdf5Attributes(source: Hdf5Source) =
    /// The collections of the global heap that have been read: their objects by number.
    let heaps = Dictionary<uint64, Dictionary<int, ArraySegment<byte>>>()

    let heap address =
        match heaps.TryGetValue address with
        | true, known -> known
        | _ ->
            let head = source.Bytes("a heap", address, 16UL)
            Hdf5Source.Signature(head, "GCOL", "a heap", address)
            let all = source.Bytes("a heap", address, u64 head 8)
            let objects = Dictionary<int, ArraySegment<byte>>()
            let mutable at = 16

            while at + 16 <= all.Length && u16 all at <> 0 do
                let held = u64 all (at + 8)

                if held > uint64 (all.Length - at - 16) then
                    fail $"a text of {string held} bytes in the heap at {string address}"

                objects[u16 all at] <- ArraySegment(all, at + 16, int held)
                at <- at + 16 + ((int held + 7) / 8 * 8)

            heaps[address] <- objects
            objects

    let text (bytes: ReadOnlySpan<byte>) =
        let ending = bytes.IndexOf 0uy
        Encoding.UTF8.GetString(if ending < 0 then bytes else bytes.Slice(0, ending))

    /// The texts of an attribute: length, address of the heap, number in it.
    let texts (data: byte[]) count = [
        if uint64 data.Length / 16UL < count then
            fail ("an attribute of " + string count + " texts in " + string data.Length + " bytes")

        for i in 0 .. int count - 1 do
            let size, address, index = u32 data (16 * i), u64 data (16 * i + 4), int (u32 data (16 * i + 12))

            if size = 0u then
                ""
            else
                match (heap address).TryGetValue index with
                | true, held when uint64 size <= uint64 held.Count ->
                    text (ReadOnlySpan(held.Array, held.Offset, int size))
                | _ -> fail $"a text that is not in the heap at {string address}"
    ]

    /// The number of values of a dataspace, of which a message holds so many bytes.
    let count (message: byte[]) at size =
        let lengthsAt =
            match message[at] with
            | 1uy -> 8
            | 2uy -> 4
            | version -> fail $"a shape of version {string version}"

        if size < lengthsAt + 8 * int message[at + 1] then
            fail "a shape longer than its message"

        let total = shape message at |> Seq.fold (fun n (l: uint64) -> n * bigint l) 1I

        if total > bigint message.Length then
            fail $"an attribute of {string total} values"

        int total

    /// An attribute's name and values: a message holds name, datatype, dataspace and data, each but the last of them filled
    /// up to eight bytes in version 1; version 3 tells how the name is written.
    member _.Read(message: byte[]) : string * Hdf5Attribute =
        if message.Length < 9 || message[0] < 1uy || message[0] > 3uy then
            fail "an attribute of an unknown kind"

        if message[0] > 1uy && message[1] <> 0uy then
            fail "an attribute whose type stands elsewhere in the file"

        let stored size = if message[0] = 1uy then (size + 7) / 8 * 8 else size
        let nameSize, typeSize, spaceSize = u16 message 2, u16 message 4, u16 message 6
        let nameAt = if message[0] = 3uy then 9 else 8
        let kindAt = nameAt + stored nameSize
        let spaceAt = kindAt + stored typeSize
        let dataAt = spaceAt + stored spaceSize

        if typeSize < 8 || spaceSize < 4 || dataAt > message.Length then
            fail "an attribute longer than its message"

        let count = count message spaceAt spaceSize
        let size = sizeOf message kindAt
        let data = message[dataAt..]

        let values =
            match message[kindAt] &&& 0x0Fuy with
            // Of variable length: texts, or lists of something.
            | 9uy when message[kindAt + 1] &&& 0x0Fuy = 1uy -> Hdf5Attribute.Texts(texts data (uint64 count))
            | 3uy when int64 size * int64 count <= int64 data.Length ->
                Hdf5Attribute.Texts [
                    for i in 0 .. count - 1 -> (text (ReadOnlySpan(data, i * size, size))).TrimEnd ' '
                ]
            | 0uy when
                count = 1
                && size <= 8
                && size <= data.Length
                && message[kindAt + 1] &&& 1uy = 0uy
                ->
                Hdf5Attribute.Whole(int64 (number data 0 size))
            | _ -> Hdf5Attribute.Others

        text (ReadOnlySpan(message, nameAt, nameSize)), values
