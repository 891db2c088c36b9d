namespace AniSoap

open System
open System.Buffers.Binary

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
