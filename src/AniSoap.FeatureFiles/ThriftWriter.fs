namespace AniSoap.Formats

open System
open System.Collections.Generic
open System.IO
open System.Text
open AniSoap

/// Writes Thrift's compact protocol: structures of numbered fields.
[<Sealed>]
type internal ThriftWriter(stream: Stream) =
    let outer = Stack<int>()
    let mutable last = 0

    let varint (value: uint64) =
        let mutable rest = value

        while rest >= 0x80UL do
            stream.WriteByte(byte rest ||| 0x80uy)
            rest <- rest >>> 7

        stream.WriteByte(byte rest)

    let zigzag (value: int64) = varint (uint64 ((value <<< 1) ^^^ (value >>> 63)))

    let head number kind =
        if number > last && number - last < 16 then
            stream.WriteByte(byte (((number - last) <<< 4) ||| kind))
        else
            stream.WriteByte(byte kind)
            zigzag (int64 number)

        last <- number

    let bytes (value: ReadOnlySpan<byte>) =
        varint (uint64 value.Length)
        stream.Write value

    /// A field of four bytes.
    member _.Int32(number: int, value: int) =
        head number 5
        zigzag (int64 value)

    /// A field of eight bytes.
    member _.Int64(number: int, value: int64) =
        head number 6
        zigzag value

    /// A field of bytes.
    member _.Bytes(number: int, value: ReadOnlySpan<byte>) =
        head number 8
        bytes value

    /// A field of text.
    member _.Text(number: int, value: string) =
        head number 8
        bytes (ReadOnlySpan(Encoding.UTF8.GetBytes value))

    /// A field that is a structure, until `End`.
    member _.Begin(number: int) =
        head number 12
        outer.Push last
        last <- 0

    /// A field that is a list of so many elements of a type (5 integers, 8 texts, 12 structures), which follow.
    member _.List(number: int, count: int, kind: int) =
        head number 9

        if count < 15 then
            stream.WriteByte(byte ((count <<< 4) ||| kind))
        else
            stream.WriteByte(byte (0xF0 ||| kind))
            varint (uint64 count)

    /// A structure that is an element of a list, until `End`.
    member _.BeginElement() =
        outer.Push last
        last <- 0

    /// An integer that is an element of a list.
    member _.Element(value: int) = zigzag (int64 value)

    /// A text that is an element of a list.
    member _.Element(value: string) = bytes (ReadOnlySpan(Encoding.UTF8.GetBytes value))

    /// The end of a structure, that of all included.
    member _.End() =
        stream.WriteByte 0uy
        last <- if outer.Count > 0 then outer.Pop() else 0
