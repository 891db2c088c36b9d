namespace AniSoap

open System
open System.Buffers.Binary
open System.Text

/// The scalar types of GSD, by their numbers in the file.
type internal GsdType =
    | UInt8 = 1
    | UInt16 = 2
    | UInt32 = 3
    | UInt64 = 4
    | Int8 = 5
    | Int16 = 6
    | Int32 = 7
    | Int64 = 8
    | Float32 = 9
    | Float64 = 10
    | Character = 11

module internal GsdType =
    /// Bytes of one value; 0 of what is no type.
    let size (kind: GsdType) =
        match kind with
        | GsdType.UInt8
        | GsdType.Int8
        | GsdType.Character -> 1
        | GsdType.UInt16
        | GsdType.Int16 -> 2
        | GsdType.UInt32
        | GsdType.Int32
        | GsdType.Float32 -> 4
        | GsdType.UInt64
        | GsdType.Int64
        | GsdType.Float64 -> 8
        | _ -> 0

/// An entry of a GSD file's index: where in the file the chunk of one name in one frame stands, and of what it is made.
/// In the file 32 bytes, little-endian: frame u64, rows u64, location i64, columns u32, name u16, type u8, flags u8.
[<Struct>]
type internal GsdEntry = {
    Frame: uint64
    Rows: uint64
    Columns: uint32
    Location: int64
    /// The place of the chunk's name in the list of names.
    Name: int
    Type: GsdType
    Flags: byte
} with

    /// Bytes of the data, of an entry that has been checked against the file's length.
    member entry.ByteCount = int64 entry.Rows * int64 entry.Columns * int64 (GsdType.size entry.Type)

module internal GsdEntry =
    [<Literal>]
    let Size = 32

    let read (bytes: ReadOnlySpan<byte>) = {
        Frame = BinaryPrimitives.ReadUInt64LittleEndian bytes
        Rows = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice 8)
        Location = BinaryPrimitives.ReadInt64LittleEndian(bytes.Slice 16)
        Columns = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice 24)
        Name = int (BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice 28))
        Type = enum<GsdType>(int bytes[30])
        Flags = bytes[31]
    }

    let write (bytes: Span<byte>) (entry: GsdEntry) =
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entry.Frame)
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.Slice 8, entry.Rows)
        BinaryPrimitives.WriteInt64LittleEndian(bytes.Slice 16, entry.Location)
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice 24, entry.Columns)
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.Slice 28, uint16 entry.Name)
        bytes[30] <- byte entry.Type
        bytes[31] <- entry.Flags

/// The first 256 bytes of a GSD file, little-endian: magic u64, place and room of the index, place and room of the names
/// (u64 each), version of the schema and of the container (u32 each, major in the upper half), the application and the
/// schema (64 bytes each), 80 bytes reserved.
type internal GsdHeader = {
    IndexLocation: int64
    /// Entries that the index has room for.
    IndexRoom: int64
    NamesLocation: int64
    /// Blocks of 64 bytes that the list of names has room for.
    NamesRoom: int64
    SchemaVersion: uint32
    Version: uint32
    Application: string
    Schema: string
}

module internal GsdHeader =
    [<Literal>]
    let Size = 256

    /// The unit of the list of names.
    [<Literal>]
    let NameBlock = 64

    /// Room for names beyond this (32 MiB) is a lie: there are at most 65,535 of them.
    [<Literal>]
    let MostNameBlocks = 524288L

    [<Literal>]
    let private Magic = 0x65DF65DF65DF65DFUL

    let version major minor = uint32 major <<< 16 ||| uint32 minor

    let showVersion (version: uint32) = string (version >>> 16) + "." + string (version &&& 0xFFFFu)

    let malformed found expected = Error(Malformed(found, expected, Place.Unknown))

    let private text (bytes: ReadOnlySpan<byte>) =
        let finish = bytes.IndexOf 0uy
        Encoding.UTF8.GetString(if finish < 0 then bytes else bytes.Slice(0, finish))

    /// A block of `count` times `size` bytes must lie behind the header and inside the file.
    let private checkBlock what (location: uint64) (count: uint64) (size: int) (length: int64) =
        if location < uint64 Size || location > uint64 length then
            malformed
                ("the place " + string location + " of " + what)
                ("a place in the file's " + string length + " bytes, behind its header of 256")
        elif count = 0UL || count > (uint64 length - location) / uint64 size then
            malformed
                ("room for "
                 + string count
                 + " entries in "
                 + what
                 + " at byte "
                 + string location)
                ("at least 1, and all of them in the file's " + string length + " bytes")
        else
            Ok()

    /// The header out of its bytes, checked against the length of the file.
    let read (length: int64) (bytes: ReadOnlySpan<byte>) : Result<GsdHeader, AniSoapError> =
        if bytes.Length >= 2 && bytes[0] = 0x1Fuy && bytes[1] = 0x8Buy then
            malformed "gzip data" "a GSD file as it is: it is read here and there, so unpack it first"
        elif bytes.Length < 8 || BinaryPrimitives.ReadUInt64LittleEndian bytes <> Magic then
            malformed "other first bytes" "those of a GSD file (DF 65 DF 65 DF 65 DF 65)"
        elif bytes.Length < Size then
            malformed ("the end of the file after " + string bytes.Length + " bytes") "a GSD header of 256 bytes"
        else
            let indexLocation = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice 8)
            let indexRoom = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice 16)
            let namesLocation = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice 24)
            let namesRoom = BinaryPrimitives.ReadUInt64LittleEndian(bytes.Slice 32)
            let version' = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice 44)

            let header = {
                IndexLocation = int64 indexLocation
                IndexRoom = int64 indexRoom
                NamesLocation = int64 namesLocation
                NamesRoom = int64 namesRoom
                SchemaVersion = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice 40)
                Version = version'
                Application = text (bytes.Slice(48, 64))
                Schema = text (bytes.Slice(112, 64))
            }

            if version' <> version 0 3 && (version' < version 1 0 || version' >= version 3 0) then
                malformed ("GSD version " + showVersion version') "version 0.3, 1.x or 2.x"
            else
                checkBlock "the index" indexLocation indexRoom GsdEntry.Size length
                |> Result.bind (fun () -> checkBlock "the list of names" namesLocation namesRoom NameBlock length)
                |> Result.bind (fun () ->
                    let indexEnd = header.IndexLocation + header.IndexRoom * int64 GsdEntry.Size
                    let namesEnd = header.NamesLocation + header.NamesRoom * int64 NameBlock

                    if header.NamesRoom > MostNameBlocks then
                        malformed
                            ("room for " + string header.NamesRoom + " blocks of names")
                            ("at most " + string MostNameBlocks)
                    elif header.IndexLocation < namesEnd && header.NamesLocation < indexEnd then
                        malformed
                            ("the index at byte "
                             + string header.IndexLocation
                             + " and the list of names at byte "
                             + string header.NamesLocation)
                            "two blocks that do not overlap"
                    else
                        Ok header)

    let write (bytes: Span<byte>) (header: GsdHeader) =
        bytes.Slice(0, Size).Clear()
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic)
        BinaryPrimitives.WriteInt64LittleEndian(bytes.Slice 8, header.IndexLocation)
        BinaryPrimitives.WriteInt64LittleEndian(bytes.Slice 16, header.IndexRoom)
        BinaryPrimitives.WriteInt64LittleEndian(bytes.Slice 24, header.NamesLocation)
        BinaryPrimitives.WriteInt64LittleEndian(bytes.Slice 32, header.NamesRoom)
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice 40, header.SchemaVersion)
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.Slice 44, header.Version)
        // The last of the 64 bytes stays zero.
        Encoding.UTF8.GetBytes(header.Application.AsSpan(), bytes.Slice(48, 63))
        |> ignore

        Encoding.UTF8.GetBytes(header.Schema.AsSpan(), bytes.Slice(112, 63)) |> ignore
