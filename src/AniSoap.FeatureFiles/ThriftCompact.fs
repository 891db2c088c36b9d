namespace AniSoap.Formats

open System
open System.IO
open System.Text
open AniSoap

/// Walks over data in Thrift's compact protocol, in which Parquet keeps what it says about itself, and lets no length or
/// count reach beyond the data.
[<Sealed>]
type internal ThriftCompact(bytes: byte[], start: int, length: int) =
    let mutable at = start

    static let deepest = 32
    let fail () : 'a = raise (InvalidDataException "a description that ends early or contradicts itself")
    let left () = length - at

    let next () =
        if at >= length then
            fail ()

        at <- at + 1
        bytes[at - 1]

    let skip (count: uint64) =
        if count > uint64 (left ()) then
            fail ()

        at <- at + int count

    let varint () =
        let mutable value = 0UL
        let mutable shift = 0
        let mutable going = true

        while going do
            let b = next ()

            if shift > 63 then
                fail ()

            value <- value ||| (uint64 (b &&& 0x7Fuy) <<< shift)
            shift <- shift + 7
            going <- b &&& 0x80uy <> 0uy

        value

    let zigzag () =
        let value = varint ()
        int64 (value >>> 1) ^^^ -(int64 (value &&& 1UL))

    new(bytes: byte[], length: int) = ThriftCompact(bytes, 0, length)

    /// Where the walk stands.
    member _.Position = at

    /// An integer of any size.
    member _.Integer() : int64 = zigzag ()

    /// An integer of one byte.
    member _.Byte() : int = int (next ())

    /// A text.
    member _.Text() : string =
        let size = varint ()
        let from = at
        skip size
        Encoding.UTF8.GetString(bytes, from, int size)

    /// Walks over the elements of a list; `element` must pass each, whose type it is given.
    member reader.Each(element: int -> unit) : unit =
        let struct (count, kind) = reader.List()

        for _ in 1UL .. count do
            element kind

    /// Passes a value of a type.
    member reader.Skip(kind: int, depth: int) : unit =
        if depth > deepest then
            fail ()

        match kind with
        | 1
        | 2 -> ()
        | 3 -> skip 1UL
        | 4
        | 5
        | 6 -> varint () |> ignore
        | 7 -> skip 8UL
        | 8 -> skip (varint ())
        | 9
        | 10 ->
            let struct (count, kind) = reader.List()

            for _ in 1UL .. count do
                reader.Element(kind, depth + 1)
        | 11 ->
            let count = varint ()

            if count > uint64 (left ()) then
                fail ()

            if count > 0UL then
                let kinds = int (next ())

                for _ in 1UL .. count do
                    reader.Element(kinds >>> 4, depth + 1)
                    reader.Element(kinds &&& 15, depth + 1)
        | 12 -> reader.Struct(depth + 1, fun _ kind -> reader.Skip(kind, depth + 1))
        | _ -> fail ()

    /// The length of a list and the type of its elements.
    member private _.List() : struct (uint64 * int) =
        let head = int (next ())
        let count = if head >>> 4 = 15 then varint () else uint64 (head >>> 4)

        // No element takes less than a byte.
        if count > uint64 (left ()) then
            fail ()

        struct (count, head &&& 15)

    /// Truth values take a byte as elements and none as fields.
    member private reader.Element(kind, depth) = reader.Skip((if kind = 1 || kind = 2 then 3 else kind), depth)

    /// Walks over the fields of a structure; `field` must pass the value of each, whose number and type it is given.
    member _.Struct(depth: int, field: int -> int -> unit) : unit =
        if depth > deepest then
            fail ()

        let mutable number = 0
        let mutable head = int (next ())

        while head <> 0 do
            number <-
                if head >>> 4 = 0 then
                    int (zigzag ())
                else
                    number + (head >>> 4)

            field number (head &&& 15)
            head <- int (next ())
