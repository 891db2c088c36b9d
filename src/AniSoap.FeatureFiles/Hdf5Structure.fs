namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text
open AniSoap

/// Reads the structure of an HDF5 file: every head and its checksum, and that every address and length stays inside the file
/// (HDF5 File Format Specification, version 3: superblock 2 or 3, object headers 2, layouts 3 to 5). That is what this
/// package writes, and h5py with `libver="latest"`; files of older structure carry no checksums and are refused.
module internal Hdf5Structure =
    open Hdf5Messages

    /// The bytes that every file starts with.
    let private mark = [| 0x89uy; yield! "HDF\r\n\026\n"B |]

    /// What a dataset's messages say, until all of them are known.
    [<Sealed; AllowNullLiteral>]
    type private Found() =
        member val Links: (string * Hdf5Object) list = [] with get, set
        member val Attributes: Map<string, Hdf5Attribute> = Map.empty with get, set
        member val Shape: uint64 list option = None with get, set
        member val Type: byte[] option = None with get, set
        member val Layout: byte[] option = None with get, set
        member val Filters: Hdf5Filter list = [] with get, set
        member val Fill: byte[] = [||] with get, set

    [<Sealed>]
    type private Reader(stream: Stream) =
        let length = uint64 stream.Length
        let known = Dictionary<uint64, Hdf5Object voption>()
        // Every head is read twice at most, and all of them together are no longer than the file.
        let mutable budget = 4L * stream.Length + 65536L

        let inside what address size =
            if address > length || size > length - address then
                fail (
                    what
                    + " at "
                    + string address
                    + ", "
                    + string size
                    + " bytes long, in a file of "
                    + string length
                )

        /// Bytes from the file.
        let bytes what (address: uint64) (size: uint64) =
            inside what address size
            budget <- budget - int64 size

            if budget < 0L then
                fail (what + " at " + string address + " that has been there already")

            let part = Array.zeroCreate<byte>(int size)
            stream.Position <- int64 address
            stream.ReadExactly(part, 0, part.Length)
            part

        /// Bytes that end with their checksum.
        let summed what address size =
            let part = bytes what address size

            if
                size < 4UL
                || Hdf5Checksum.lookup3 part (part.Length - 4) <> u32 part (part.Length - 4)
            then
                fail (what + " at " + string address + " with another checksum")

            part

        let signature (part: byte[]) (expected: string) what (address: uint64) =
            if part.Length < 4 || Encoding.ASCII.GetString(part, 0, 4) <> expected then
                fail (what + " at " + string address + " of an older kind or none")

        /// A collection of the global heap, where texts are: each of them by its number.
        let heaps = Dictionary<uint64, Dictionary<int, ArraySegment<byte>>>()

        let heap address =
            match heaps.TryGetValue address with
            | true, known -> known
            | _ ->
                let head = bytes "a heap" address 16UL
                signature head "GCOL" "a heap" address
                let size = u64 head 8
                let all = bytes "a heap" address size
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

        /// An attribute message of version 3: datatype, dataspace and data behind the name.
        let attribute (message: byte[]) : string * Hdf5Attribute =
            if message.Length < 9 || message[0] <> 3uy || message[1] <> 0uy then
                fail "an attribute of an older kind"

            let nameSize, typeSize, spaceSize = u16 message 2, u16 message 4, u16 message 6
            let kindAt = 9 + nameSize
            let spaceAt = kindAt + typeSize
            let dataAt = spaceAt + spaceSize

            if typeSize < 8 || spaceSize < 4 || dataAt > message.Length then
                fail "an attribute longer than its message"

            let rank = int message[spaceAt + 1]

            if message[spaceAt] <> 2uy || spaceSize < 4 + 8 * rank then
                fail "a dataspace of an older kind"

            let total = shape message spaceAt |> Seq.fold (fun n (l: uint64) -> n * bigint l) 1I

            if total > bigint message.Length then
                fail $"an attribute of {string total} values"

            let count = int total
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

            text (ReadOnlySpan(message, 9, nameSize)), values

        let chunk (part: byte[]) at entry full =
            let address = u64 part at

            let size, skipped =
                if entry > 12 then
                    number part (at + 8) (entry - 12), u32 part (at + entry - 4)
                else
                    full, 0u

            if address <> undefined then
                inside "a chunk" address size

            { Address = address; Bytes = size; Skipped = skipped }

        /// The index of a dataset's chunks: a fixed array, in pages where it is long.
        let fixedArray address full : Hdf5Chunk[] =
            let head = summed "an index of chunks" address 28UL
            signature head "FAHD" "an index of chunks" address
            let entry, pageBits, count, block = int head[6], int head[7], u64 head 8, u64 head 16

            if (entry <> 8 && entry < 14) || entry > 20 || pageBits > 20 || count > length then
                fail $"an index of {string count} chunks at {string address}"

            let width = uint64 entry
            let page = 1UL <<< pageBits
            let absent = { Address = undefined; Bytes = 0UL; Skipped = 0u }

            if block = undefined then
                [||]
            elif count <= page then
                let all = summed "an index of chunks" block (14UL + count * width + 4UL)
                signature all "FADB" "an index of chunks" block
                Array.init (int count) (fun i -> chunk all (14 + i * entry) entry full)
            else
                let pages = (count + page - 1UL) / page
                let prefix = summed "an index of chunks" block (14UL + (pages + 7UL) / 8UL + 4UL)
                signature prefix "FADB" "an index of chunks" block
                let chunks = Array.create (int count) absent
                let mutable at = block + uint64 prefix.Length

                for i in 0UL .. pages - 1UL do
                    let held = min page (count - i * page)
                    let isThere = prefix[14 + int (i / 8UL)] &&& (0x80uy >>> int (i % 8UL)) <> 0uy

                    if isThere then
                        let part = summed "an index of chunks" at (held * width + 4UL)

                        for j in 0 .. int held - 1 do
                            chunks[int (i * page) + j] <- chunk part (j * entry) entry full

                    at <- at + held * width + 4UL

                chunks

        let boxes (message: byte[]) (shape: uint64 list) size : Hdf5Storage =
            let axes, width = int message[3], int message[4]

            if width < 1 || width > 8 || axes <> shape.Length + 1 then
                fail "chunks of an unknown shape"

            let lengths = List.init (axes - 1) (fun i -> number message (5 + i * width) width)
            let full = Seq.fold (fun n (l: uint64) -> n * bigint l) (bigint (size: int)) lengths

            if full < 1I || full > bigint Int32.MaxValue then
                fail $"chunks of {string full} bytes"

            let full = uint64 full
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
                            inside "a chunk" found.Address found.Bytes

                        [| found |]
                    else
                        [| chunk message (kindAt + 1) 8 full |]
                | 2uy ->
                    let address = u64 message (kindAt + 1)

                    if address = undefined then
                        [||]
                    else
                        if count * bigint full > bigint length then
                            fail $"{string count} chunks in a file of {string length} bytes"

                        inside "an array" address (uint64 count * full)

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
                        fixedArray address full
                | 4uy
                | 5uy -> refuse "an array that may grow" "arrays of a fixed shape (in h5py, without maxshape)"
                | kind -> fail $"chunks by an index of kind {string kind}"

            if chunks.Length > 0 && bigint chunks.Length <> count then
                fail $"{string chunks.Length} chunks where the shape has {string count}"

            if chunks.Length = 0 then
                Hdf5Storage.Nowhere
            else
                Hdf5Storage.Boxes(List.map int lengths, chunks, message[2] &&& 1uy <> 0uy)

        let storage (message: byte[]) (shape: uint64 list) size : Hdf5Storage =
            match message[0], message[1] with
            | (3uy | 4uy | 5uy), 0uy when u16 message 2 <= message.Length - 4 ->
                Hdf5Storage.Inside message[4 .. 3 + u16 message 2]
            | (3uy | 4uy | 5uy), 1uy ->
                let address = u64 message 2

                if address = undefined then
                    Hdf5Storage.Nowhere
                else
                    inside "an array" address (u64 message 10)
                    Hdf5Storage.Together address
            | (4uy | 5uy), 2uy -> boxes message shape size
            | 3uy, 2uy -> fail "chunks by an index of an older kind"
            | _, 3uy -> refuse "a virtual dataset, made of others" "arrays that are in the file"
            | version, kind -> fail $"an array laid out by version {string version}, class {string kind}"

        /// Links and attributes that are few stand in the header itself; a heap of many is not looked into.
        let compact (message: byte[]) at =
            if u64 message at <> undefined then
                refuse "a group of more than eight members, or as many attributes" "at most eight"

        let rec link depth (found: Found) (message: byte[]) =
            let flags = message[1]
            let at = 2 + (if flags &&& 8uy <> 0uy then 1 else 0)

            if message[0] <> 1uy || (flags &&& 8uy <> 0uy && message[2] <> 0uy) then
                fail "a link that leads to no object of the file"

            let at = at + (if flags &&& 4uy <> 0uy then 8 else 0)
            let at = at + (if flags &&& 0x10uy <> 0uy then 1 else 0)
            let width = 1 <<< int (flags &&& 3uy)
            let nameSize = number message at width

            if nameSize > uint64 message.Length then
                fail "a link longer than its message"

            let name = Encoding.UTF8.GetString(message, at + width, int nameSize)
            let target = header (depth + 1) (u64 message (at + width + int nameSize))
            found.Links <- (name, target) :: found.Links

        /// The messages of a header or of its continuation, between two places.
        and messages depth (found: Found) (part: byte[]) start finish ordered =
            let prefix = if ordered then 6 else 4
            let mutable at = start

            // A gap too short for a message may follow the last.
            while at + prefix <= finish do
                let size = u16 part (at + 1)

                if size > finish - at - prefix then
                    fail $"a message of {string size} bytes in a header that is shorter"

                let message = part[at + prefix .. at + prefix + size - 1]
                let kind = part[at]

                if part[at + 3] &&& 2uy <> 0uy && kind <> 0uy then
                    fail "a type that stands elsewhere in the file (a shared message)"

                match kind with
                | 0x01uy -> found.Shape <- Some(shape message 0)
                | 0x02uy -> compact message (if message[1] &&& 1uy <> 0uy then 10 else 2)
                | 0x03uy -> found.Type <- Some message
                | 0x05uy -> found.Fill <- fill message
                | 0x06uy -> link depth found message
                | 0x07uy -> refuse "an array in another file" "arrays that are in the file"
                | 0x08uy -> found.Layout <- Some message
                | 0x0Buy -> found.Filters <- filters message
                | 0x0Cuy ->
                    let name, values = attribute message
                    found.Attributes <- Map.add name values found.Attributes
                | 0x15uy -> compact message (if message[1] &&& 1uy <> 0uy then 4 else 2)
                | 0x10uy ->
                    let address, length = u64 message 0, u64 message 8
                    let next = summed "a part of a header" address length
                    signature next "OCHK" "a part of a header" address
                    messages depth found next 4 (next.Length - 4) ordered
                | _ -> ()

                at <- at + prefix + size

        /// An object: a group or a dataset.
        and header depth address : Hdf5Object =
            if depth > 64 then
                fail "groups in groups, and so on"

            match known.TryGetValue address with
            | true, ValueSome already -> already
            | true, ValueNone -> fail "groups in groups, and so on"
            | _ ->
                known[address] <- ValueNone
                let start = bytes "a header" address (min 34UL (length - min length address))
                signature start "OHDR" "a header" address
                let flags = start[5]

                let at =
                    6
                    + (if flags &&& 0x20uy <> 0uy then 16 else 0)
                    + (if flags &&& 0x10uy <> 0uy then 4 else 0)

                let width = 1 <<< int (flags &&& 3uy)
                let size = number start at width
                inside "a header" address size
                let all = summed "a header" address (uint64 (at + width) + size + 4UL)
                let found = Found()
                messages depth found all (at + width) (all.Length - 4) (flags &&& 4uy <> 0uy)

                let data =
                    match found.Shape, found.Type, found.Layout with
                    | Some shape, Some kind, Some layout ->
                        let size = sizeOf kind 0

                        Some {
                            Type = numbers kind 0
                            Size = size
                            Shape = shape
                            Filters = found.Filters
                            Storage = storage layout shape size
                            Fill = found.Fill
                        }
                    | _ -> None

                let made = { Links = List.rev found.Links; Attributes = found.Attributes; Data = data }
                known[address] <- ValueSome made
                made

        member _.Run() : Hdf5Object =
            let start = bytes "a superblock" 0UL (min length 48UL)

            if start.Length < 8 || not (start.AsSpan(0, 8).SequenceEqual(ReadOnlySpan mark)) then
                fail "other bytes at the start"

            if start[8] < 2uy then
                refuse
                    $"the structure of HDF5 1.6 (superblock {string start[8]})"
                    "that of HDF5 1.10 or newer, which has checksums: in h5py, File(name, \"w\", libver=\"latest\")"

            if start[8] > 3uy || start[9] <> 8uy || start[10] <> 8uy || u64 start 12 <> 0UL then
                fail $"a superblock of version {string start[8]}"

            let block = summed "a superblock" 0UL 48UL

            if u64 block 28 > length then
                fail $"{string length} bytes of a file of {string (u64 block 28)}"

            header 0 (u64 block 36)

    let private expected =
        "an intact HDF5 file of the structure that this program writes, and h5py with libver=\"latest\""

    /// The root of a file, or what is wrong.
    let read (stream: Stream) : Result<Hdf5Object, AniSoapError> =
        let refuse found = Error(Malformed(found, expected, Place.Unknown))

        try
            Ok(Reader(stream).Run())
        with
        | Refused(found, accepted) -> Error(Malformed(found, accepted, Place.Unknown))
        | :? InvalidDataException as e -> refuse e.Message
        | :? IndexOutOfRangeException
        | :? EndOfStreamException
        | :? ArgumentException -> refuse "a message that ends early"
