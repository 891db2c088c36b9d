namespace AniSoap.Formats

open System
open System.Buffers.Binary
open System.IO
open System.Text
open AniSoap

/// The messages in the headers of HDF5's objects that say what a dataset's elements are (HDF5 File Format Specification,
/// version 3).
module internal Hdf5Messages =
    /// What is no fault of the file, but not read here: what was found, and what is accepted.
    exception Refused of found: string * accepted: string

    let refuse found accepted : 'a = raise (Refused(found, accepted))

    let u16 (bytes: byte[]) at = int (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(bytes, at, 2)))
    let u32 (bytes: byte[]) at = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(bytes, at, 4))
    let u64 (bytes: byte[]) at = BinaryPrimitives.ReadUInt64LittleEndian(ReadOnlySpan(bytes, at, 8))

    /// An address that leads nowhere.
    let undefined = UInt64.MaxValue

    /// An unsigned number of one to eight bytes.
    let number (bytes: byte[]) at width =
        let mutable value = 0UL

        for i in width - 1 .. -1 .. 0 do
            value <- (value <<< 8) ||| uint64 bytes[at + i]

        value

    /// The lengths of the axes; none for a single value.
    let shape (message: byte[]) (at: int) : uint64 list =
        let rank = int message[at + 1]

        match message[at] with
        | 1uy -> List.init rank (fun i -> u64 message (at + 8 + 8 * i))
        | 2uy when message[at + 3] = 2uy -> [ 0UL ] // no values at all
        | 2uy -> List.init rank (fun i -> u64 message (at + 4 + 8 * i))
        | version -> fail $"a shape of version {string version}"

    /// Bytes of an element.
    let sizeOf (message: byte[]) (at: int) =
        let size = u32 message (at + 4)

        if size > uint32 Int32.MaxValue then
            fail $"elements of {string size} bytes"

        int size

    /// Floating-point numbers as IEEE 754 has them: where exponent and mantissa are, and the bias.
    let private isIeee (message: byte[]) (at: int) size =
        let parts = [ for i in 12..15 -> int message[at + i] ], u32 message (at + 16)
        let isWhole = u16 message (at + 8) = 0 && u16 message (at + 10) = 8 * size

        isWhole
        && match size with
           | 2 -> parts = ([ 10; 5; 0; 10 ], 15u)
           | 4 -> parts = ([ 23; 8; 0; 23 ], 127u)
           | 8 -> parts = ([ 52; 11; 0; 52 ], 1023u)
           | _ -> false

    /// The numbers that elements are.
    let numbers (message: byte[]) (at: int) : Result<struct (ScalarType * bool), string> =
        let size = sizeOf message at
        let kind, bits = message[at] &&& 0x0Fuy, message[at + 1]
        let isBig = bits &&& 1uy <> 0uy

        let isWhole () = u16 message (at + 8) = 0 && u16 message (at + 10) = 8 * size

        match kind, size with
        | 0uy, _ when not (isWhole ()) -> Error "integers of unused bits"
        | 0uy, (1 | 2 | 4 | 8) ->
            let letter = if bits &&& 8uy <> 0uy then 'i' else 'u'

            match ScalarType.ofKind letter size with
            | Some found -> Ok(struct (found, isBig))
            | None -> Error "integers of unusual length"
        | 1uy, (2 | 4 | 8) when bits &&& 0x40uy = 0uy && isIeee message at size ->
            match ScalarType.ofKind 'f' size with
            | Some found -> Ok(struct (found, isBig))
            | None -> Error "floating-point numbers of unusual length"
        | 0uy, _ -> Error $"integers of {string size} bytes"
        | 1uy, _ -> Error $"floating-point numbers of {string size} bytes that are not those of IEEE 754"
        | 3uy, _ -> Error $"texts of {string size} bytes"
        | 4uy, _ -> Error $"bit fields of {string size} bytes"
        | 6uy, _ -> Error $"records of {string size} bytes (such as complex numbers)"
        | 8uy, _ -> Error $"truth values, or other names for numbers"
        | 9uy, _ -> Error "texts or lists of variable length"
        | 11uy, _ -> Error $"complex numbers of {string size} bytes"
        | kind, _ -> Error("elements of kind " + string kind + ", " + string size + " bytes")

    /// The filters in the order in which they were applied.
    let filters (message: byte[]) : Hdf5Filter list =
        let version, count = message[0], int message[1]

        if version <> 2uy && version <> 1uy then
            fail $"filters of version {string version}"

        let mutable at = if version = 1uy then 8 else 2

        [
            for _ in 1..count do
                let id = u16 message at
                let hasName = version = 1uy || id >= 256
                let length = if hasName then u16 message (at + 2) else 0
                let rest = at + (if hasName then 4 else 2)
                let values = u16 message (rest + 2)
                let nameAt = rest + 4
                // Version 1 pads names and values to eight bytes.
                let stored = if version = 1uy then (length + 7) / 8 * 8 else length
                let valuesAt = nameAt + stored
                let padding = if version = 1uy && values % 2 = 1 then 4 else 0
                at <- valuesAt + 4 * values + padding

                if at > message.Length then
                    fail "filters longer than their message"

                // The name ends with a zero, and more of them fill it.
                let name = Encoding.UTF8.GetString(message, nameAt, length)

                let kept =
                    if name.Contains '\000' then
                        name.Substring(0, name.IndexOf '\000')
                    else
                        name

                {
                    Id = id
                    Name = kept
                    Values = [ for i in 0 .. values - 1 -> u32 message (valuesAt + 4 * i) ]
                }
        ]

    let private sizedBytes (message: byte[]) at =
        let size = u32 message at

        if int64 size > int64 (message.Length - at - 4) then
            fail "a fill value longer than its message"

        message[at + 4 .. at + 3 + int size]

    /// The bytes of elements that were not written, of the oldest message that tells them: a length and the bytes.
    let oldFill (message: byte[]) : byte[] = sizedBytes message 0

    /// The bytes of elements that were not written; empty for zeros.
    let fill (message: byte[]) : byte[] =
        match message[0] with
        | 3uy when message[1] &&& 0x20uy <> 0uy -> sizedBytes message 2
        | 3uy -> [||]
        | (1uy | 2uy) when message[3] <> 0uy -> sizedBytes message 4
        | 1uy
        | 2uy -> [||]
        | version -> fail $"a fill value of version {string version}"
