namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text
open AniSoap

/// Reads the structure of an HDF5 file: every head and its checksum, where it has one, and that every address and length stays
/// inside the file (HDF5 File Format Specification, version 3). This package writes superblock 2 and object headers 2, as
/// h5py does with `libver="latest"`; by default h5py writes superblock 0 and object headers 1, which have no checksums.
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
        member val Fill: byte[] option = None with get, set

    /// How the messages of a header stand: in version 2 some headers number them in the order in which they came.
    type private Form =
        | Version1
        | Version2 of isOrdered: bool

    [<Sealed>]
    type private Reader(source: Hdf5Source) =
        let known = Dictionary<uint64, Hdf5Object voption>()
        let attributes = Hdf5Attributes source

        /// Links and attributes that are few stand in the header itself; a heap of many is not looked into.
        let compact (message: byte[]) at =
            if u64 message at <> undefined then
                refuse "a group of more than eight members, or as many attributes" "at most eight"

        let rec link depth (found: Found) (message: byte[]) =
            let flags = message[1]
            let at = 2 + (if flags &&& 8uy <> 0uy then 1 else 0)

            if message[0] <> 1uy || (flags &&& 8uy <> 0uy && message[2] <> 0uy) then
                refuse "a soft or external link" "links to objects of the file"

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
        and messages depth (found: Found) (part: byte[]) start finish form =
            let prefix =
                match form with
                | Version1 -> 8
                | Version2 isOrdered -> if isOrdered then 6 else 4

            let mutable at = start

            // A gap too short for a message may follow the last.
            while at + prefix <= finish do
                let struct (kind, size, flags) =
                    match form with
                    | Version1 -> struct (u16 part at, u16 part (at + 2), part[at + 4])
                    | Version2 _ -> struct (int part[at], u16 part (at + 1), part[at + 3])

                if size > finish - at - prefix then
                    fail $"a message of {string size} bytes in a header that is shorter"

                let message = part[at + prefix .. at + prefix + size - 1]

                if flags &&& 2uy <> 0uy && kind <> 0 then
                    fail "a type that stands elsewhere in the file (a shared message)"

                match kind with
                | 0x01 -> found.Shape <- Some(shape message 0)
                | 0x02 -> compact message (if message[1] &&& 1uy <> 0uy then 10 else 2)
                | 0x03 -> found.Type <- Some message
                | 0x04 when found.Fill.IsNone -> found.Fill <- Some(oldFill message)
                | 0x05 -> found.Fill <- Some(fill message)
                | 0x06 -> link depth found message
                | 0x07 -> refuse "an array in another file" "arrays that are in the file"
                | 0x08 -> found.Layout <- Some message
                | 0x0B -> found.Filters <- filters message
                | 0x0C ->
                    let name, values = attributes.Read message
                    found.Attributes <- Map.add name values found.Attributes
                | 0x15 -> compact message (if message[1] &&& 1uy <> 0uy then 4 else 2)
                | 0x10 ->
                    let address, length = u64 message 0, u64 message 8
                    let what = "a part of a header"

                    match form with
                    | Version1 ->
                        let next = source.Bytes(what, address, length)
                        messages depth found next 0 next.Length form
                    | Version2 _ ->
                        let next = source.Summed(what, address, length)
                        Hdf5Source.Signature(next, "OCHK", what, address)
                        messages depth found next 4 (next.Length - 4) form
                | 0x11 ->
                    for name, address in Hdf5Tree.members source (u64 message 0) (u64 message 8) do
                        found.Links <- (name, header (depth + 1) address) :: found.Links
                | _ -> ()

                at <- at + prefix + size

        /// The messages of a header of version 2.
        and newMessages depth found address (start: byte[]) =
            let flags = start[5]

            let at =
                6
                + (if flags &&& 0x20uy <> 0uy then 16 else 0)
                + (if flags &&& 0x10uy <> 0uy then 4 else 0)

            let width = 1 <<< int (flags &&& 3uy)
            let size = number start at width
            source.Inside("a header", address, size)
            let all = source.Summed("a header", address, uint64 (at + width) + size + 4UL)
            messages depth found all (at + width) (all.Length - 4) (Version2(flags &&& 4uy <> 0uy))

        /// An object: a group or a dataset.
        and header depth address : Hdf5Object =
            if depth > 64 then
                fail "groups in groups, and so on"

            match known.TryGetValue address with
            | true, ValueSome already -> already
            | true, ValueNone -> fail "groups in groups, and so on"
            | _ ->
                known[address] <- ValueNone
                let found = Found()
                let start = source.Bytes("a header", address, min 34UL (source.Length - min source.Length address))

                if Hdf5Source.Has(start, "OHDR") then
                    newMessages depth found address start
                elif start.Length >= 16 && start[0] = 1uy then
                    let size = uint64 (u32 start 8)
                    let all = source.Bytes("a header", address + 16UL, size)
                    messages depth found all 0 all.Length Version1
                else
                    fail ("a header at " + string address + " of an unknown kind or none")

                let data =
                    match found.Shape, found.Type, found.Layout with
                    | Some shape, Some kind, Some layout ->
                        let size = sizeOf kind 0

                        Some {
                            Type = numbers kind 0
                            Size = size
                            Shape = shape
                            Filters = found.Filters
                            Storage = Hdf5Chunks.storage source layout shape size
                            Fill = defaultArg found.Fill [||]
                        }
                    | _ -> None

                let made = { Links = List.rev found.Links; Attributes = found.Attributes; Data = data }
                known[address] <- ValueSome made
                made

        /// The address of the root group's header.
        member private _.Root() : uint64 =
            let length = source.Length
            let start = source.Bytes("a superblock", 0UL, min length 100UL)

            if start.Length < 16 || not (start.AsSpan(0, 8).SequenceEqual(ReadOnlySpan mark)) then
                fail "other bytes at the start"

            let version = start[8]
            let isOld = version < 2uy
            let widthsAt = if isOld then 13 else 9
            // Where addresses begin: with that of the file's start, which others are counted from.
            let addresses = [| 24; 28; 12; 12 |]

            if version > 3uy || start[widthsAt] <> 8uy || start[widthsAt + 1] <> 8uy then
                fail $"a superblock of version {string version}"

            let at = addresses[int version]

            let block =
                if isOld then
                    start
                else
                    source.Summed("a superblock", 0UL, 48UL)

            if u64 block at <> 0UL then
                fail "addresses that are not counted from the start of the file"

            if u64 block (at + 16) > length then
                fail $"{string length} bytes of a file of {string (u64 block (at + 16))}"

            // The entry of the root group in a table, whose first number is where its name would be.
            u64 block (if isOld then at + 40 else at + 24)

        member reader.Run() : Hdf5Object = header 0 (reader.Root())

    let private expected = "an intact HDF5 file, as h5py and this program write it"

    /// The root of a file, or what is wrong.
    let read (stream: Stream) : Result<Hdf5Object, AniSoapError> =
        let refuse found = Error(Malformed(found, expected, Place.Unknown))

        try
            Ok(Reader(Hdf5Source stream).Run())
        with
        | Refused(found, accepted) -> Error(Malformed(found, accepted, Place.Unknown))
        | :? InvalidDataException as e -> refuse e.Message
        | :? IndexOutOfRangeException
        | :? EndOfStreamException
        | :? ArgumentException -> refuse "a message that ends early"
