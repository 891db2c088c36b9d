namespace AniSoap

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.Numerics
open System.Text

/// Checks the structure of an HDF5 file before a library takes it for granted: every checksum, and that every address and
/// length stays inside the file (HDF5 File Format Specification, version 3: superblock 2 or 3, object headers 2, layout 4).
/// That is what this package writes; files of older structure carry no checksums and are refused.
module internal Hdf5Check =
    let private fail (found: string) : 'a = raise (InvalidDataException found)

    let private u16 (bytes: byte[]) at = int (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(bytes, at, 2)))
    let private u32 (bytes: byte[]) at = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(bytes, at, 4))
    let private u64 (bytes: byte[]) at = BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(bytes, at, 8))

    /// B. Jenkins' lookup3 (hashlittle, public domain, 2006) of the first bytes with the initial value 0: the checksum of
    /// HDF5's metadata.
    let checksum (bytes: byte[]) (length: int) : uint32 =
        let start = 0xDEADBEEFu + uint32 length
        let mutable a = start
        let mutable b = start
        let mutable c = start
        let rotate (x: uint32) n = BitOperations.RotateLeft(x, n)
        let mutable at = 0

        while length - at > 12 do
            a <- a + u32 bytes at
            b <- b + u32 bytes (at + 4)
            c <- c + u32 bytes (at + 8)
            a <- (a - c) ^^^ rotate c 4
            c <- c + b
            b <- (b - a) ^^^ rotate a 6
            a <- a + c
            c <- (c - b) ^^^ rotate b 8
            b <- b + a
            a <- (a - c) ^^^ rotate c 16
            c <- c + b
            b <- (b - a) ^^^ rotate a 19
            a <- a + c
            c <- (c - b) ^^^ rotate b 4
            b <- b + a
            at <- at + 12

        if at = length then
            c
        else
            // What is missing of the last twelve bytes counts as zeros.
            let last = Array.zeroCreate<byte> 12
            Array.Copy(bytes, at, last, 0, length - at)
            a <- a + u32 last 0
            b <- b + u32 last 4
            c <- c + u32 last 8
            c <- (c ^^^ b) - rotate b 14
            a <- (a ^^^ c) - rotate c 11
            b <- (b ^^^ a) - rotate a 25
            c <- (c ^^^ b) - rotate b 16
            a <- (a ^^^ c) - rotate c 4
            b <- (b ^^^ a) - rotate a 14
            (c ^^^ b) - rotate b 24

    /// The bytes that every file starts with.
    let private mark = [| 0x89uy; yield! "HDF\r\n\026\n"B |]

    /// An address that leads nowhere.
    let private undefined = UInt64.MaxValue

    /// An unsigned number of one to eight bytes.
    let private number (bytes: byte[]) at width =
        let mutable value = 0UL

        for i in width - 1 .. -1 .. 0 do
            value <- (value <<< 8) ||| uint64 bytes[at + i]

        value

    [<Sealed>]
    type private Checker(stream: Stream) =
        let length = uint64 stream.Length
        let visited = HashSet<uint64>()
        // Every head is read twice at most, and all of them together are no longer than the file.
        let mutable budget = 4L * stream.Length + 65536L

        let inside what address size =
            if address > length || size > length - address then
                fail $"{what} at {address}, {size} bytes long, in a file of {length}"

        /// Bytes from the file.
        let bytes what (address: uint64) (size: uint64) =
            inside what address size
            budget <- budget - int64 size

            if budget < 0L then
                fail $"{what} at {address} that has been there already"

            let part = Array.zeroCreate<byte>(int size)
            stream.Position <- int64 address
            stream.ReadExactly(part, 0, part.Length)
            part

        /// Bytes that end with their checksum.
        let summed what address size =
            let part = bytes what address size

            if size < 4UL || checksum part (part.Length - 4) <> u32 part (part.Length - 4) then
                fail $"{what} at {address} with another checksum"

            part

        let signature (part: byte[]) (expected: string) what (address: uint64) =
            if part.Length < 4 || Encoding.ASCII.GetString(part, 0, 4) <> expected then
                fail $"{what} at {address} of an older kind or none"

        /// A collection of the global heap, where texts are; the length of each of them by its number.
        let heaps = Dictionary<uint64, Dictionary<int, uint64>>()

        let heap address =
            match heaps.TryGetValue address with
            | true, known -> known
            | _ ->
                let head = bytes "a heap" address 16UL
                signature head "GCOL" "a heap" address
                let size = u64 head 8
                let all = bytes "a heap" address size
                let objects = Dictionary<int, uint64>()
                let mutable at = 16

                while at + 16 <= all.Length && u16 all at <> 0 do
                    let held = u64 all (at + 8)

                    if held > uint64 (all.Length - at - 16) then
                        fail $"a text of {held} bytes in the heap at {address}"

                    objects[u16 all at] <- held
                    at <- at + 16 + ((int held + 7) / 8 * 8)

                heaps[address] <- objects
                objects

        /// The texts of an attribute: length, address of the heap, number in it.
        let texts (data: byte[]) count =
            if uint64 data.Length / 16UL < count then
                fail $"an attribute of {count} texts in {data.Length} bytes"

            for i in 0 .. int count - 1 do
                let size, address, index = u32 data (16 * i), u64 data (16 * i + 4), int (u32 data (16 * i + 12))

                if size > 0u then
                    match (heap address).TryGetValue index with
                    | true, held when uint64 size <= held -> ()
                    | _ -> fail $"a text that is not in the heap at {address}"

        /// An attribute message of version 3: datatype, dataspace and data behind the name.
        let attribute (message: byte[]) =
            if message.Length < 9 || message[0] <> 3uy then
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

            let count =
                Seq.init rank (fun i -> bigint (u64 message (spaceAt + 4 + 8 * i)))
                |> Seq.fold (*) 1I

            if count > bigint message.Length then
                fail $"an attribute of {count} values"

            // Class 9: of variable length.
            if message[kindAt] &&& 0x0Fuy = 9uy then
                texts message[dataAt..] (uint64 count)

        let element (part: byte[]) at entry =
            let address = u64 part at

            if address <> undefined then
                inside
                    "a chunk"
                    address
                    (if entry > 12 then
                         number part (at + 8) (entry - 12)
                     else
                         0UL)

        /// The index of a dataset's chunks: a fixed array, in pages where it is long.
        let fixedArray address =
            let head = summed "an index of chunks" address 28UL
            signature head "FAHD" "an index of chunks" address
            let entry, pageBits, count, block = int head[6], int head[7], u64 head 8, u64 head 16

            if entry < 8 || entry > 20 || pageBits > 20 || count > length then
                fail $"an index of {count} chunks at {address}"

            let width = uint64 entry
            let page = 1UL <<< pageBits

            if block = undefined then
                ()
            elif count <= page then
                let all = summed "an index of chunks" block (14UL + count * width + 4UL)
                signature all "FADB" "an index of chunks" block

                for i in 0 .. int count - 1 do
                    element all (14 + i * entry) entry
            else
                let pages = (count + page - 1UL) / page
                let prefix = summed "an index of chunks" block (14UL + (pages + 7UL) / 8UL + 4UL)
                signature prefix "FADB" "an index of chunks" block
                let mutable at = block + uint64 prefix.Length

                for i in 0UL .. pages - 1UL do
                    let held = min page (count - i * page)
                    let isThere = prefix[14 + int (i / 8UL)] &&& (0x80uy >>> int (i % 8UL)) <> 0uy

                    if isThere then
                        let part = summed "an index of chunks" at (held * width + 4UL)

                        for j in 0 .. int held - 1 do
                            element part (j * entry) entry

                    at <- at + held * width + 4UL

        let layout (message: byte[]) =
            match message[0], message[1] with
            | (3uy | 4uy), 0uy when u16 message 2 <= message.Length - 4 -> ()
            | (3uy | 4uy), 1uy ->
                let address = u64 message 2

                if address <> undefined then
                    inside "an array" address (u64 message 10)
            | 4uy, 2uy ->
                let axes, width = int message[3], int message[4]

                if width < 1 || width > 8 then
                    fail "chunks of an unknown shape"

                let kindAt = 5 + axes * width

                match message[kindAt] with
                | 1uy when message[2] &&& 2uy <> 0uy ->
                    let address = u64 message (kindAt + 13)

                    if address <> undefined then
                        inside "a chunk" address (u64 message (kindAt + 1))
                | 1uy -> ()
                | 3uy ->
                    let address = u64 message (kindAt + 2)

                    if address <> undefined then
                        fixedArray address
                | kind -> fail $"chunks by an index of kind {kind}"
            | version, kind -> fail $"an array laid out by version {version}, class {kind}"

        /// Links and attributes that are few stand in the header itself; a heap of many is not looked into.
        let compact (message: byte[]) at =
            if u64 message at <> undefined then
                fail "links or attributes outside of a header"

        let rec link depth (message: byte[]) =
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

            header (depth + 1) (u64 message (at + width + int nameSize))

        /// The messages of a header or of its continuation, between two places.
        and messages depth (part: byte[]) start finish ordered =
            let prefix = if ordered then 6 else 4
            let mutable at = start

            // A gap too short for a message may follow the last.
            while at + prefix <= finish do
                let size = u16 part (at + 1)

                if size > finish - at - prefix then
                    fail $"a message of {size} bytes in a header that is shorter"

                let message = part[at + prefix .. at + prefix + size - 1]

                match part[at] with
                | 0x02uy -> compact message (if message[1] &&& 1uy <> 0uy then 10 else 2)
                | 0x06uy -> link depth message
                | 0x08uy -> layout message
                | 0x0Cuy -> attribute message
                | 0x15uy -> compact message (if message[1] &&& 1uy <> 0uy then 4 else 2)
                | 0x10uy ->
                    let address, length = u64 message 0, u64 message 8
                    let next = summed "a part of a header" address length
                    signature next "OCHK" "a part of a header" address
                    messages depth next 4 (next.Length - 4) ordered
                | _ -> ()

                at <- at + prefix + size

        /// An object: a group or a dataset.
        and header depth address =
            if depth > 64 then
                fail "groups in groups, and so on"

            if visited.Add address then
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
                messages depth all (at + width) (all.Length - 4) (flags &&& 4uy <> 0uy)

        member _.Run() =
            let start = bytes "a superblock" 0UL 48UL

            if not (start.AsSpan(0, 8).SequenceEqual(ReadOnlySpan mark)) then
                fail "other bytes at the start"

            if
                start[8] < 2uy
                || start[8] > 3uy
                || start[9] <> 8uy
                || start[10] <> 8uy
                || u64 start 12 <> 0UL
            then
                fail $"a superblock of version {start[8]}"

            let block = summed "a superblock" 0UL 48UL

            if u64 block 28 > length then
                fail $"{length} bytes of a file of {u64 block 28}"

            header 0 (u64 block 36)

    /// Leaves the stream at its start, or says what is wrong.
    let check (stream: Stream) : Result<unit, AniSoapError> =
        let refuse (found: string) =
            Error(
                Malformed(
                    found,
                    "an intact HDF5 file as this program writes it (h5py and others may write older kinds)",
                    Place.Unknown
                )
            )

        try
            Checker(stream).Run()
            stream.Position <- 0L
            Ok()
        with
        | :? InvalidDataException as e -> refuse (SystemReason.ofData e)
        | :? IndexOutOfRangeException
        | :? ArgumentException -> refuse "a message that ends early"
