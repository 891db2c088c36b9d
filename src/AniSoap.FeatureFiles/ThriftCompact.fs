namespace AniSoap

open System
open System.IO

/// What a value in Thrift's compact protocol must be, where the reader of it takes it for granted.
type internal ThriftShape =
    /// Of this type of the protocol: 3 a byte, 4, 5, 6 integers of 2, 4, 8 bytes, 7 a double, 8 bytes or text.
    | Kind of int
    | Truth
    | Series of ThriftShape
    /// Fields by their numbers; others may be anything.
    | Structure of Map<int, ThriftShape>

/// Walks over data in Thrift's compact protocol, in which Parquet keeps what it says about itself, and lets no length or
/// count reach beyond the data.
[<Sealed>]
type internal ThriftCompact(bytes: byte[], length: int) =
    let mutable at = 0

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

    /// Where the walk stands.
    member _.Position = at

    /// An integer of any size.
    member _.Integer() : int64 = zigzag ()

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

    /// Passes a value that must be of this shape.
    member reader.Conform(shape: ThriftShape, kind: int, depth: int) : unit =
        match shape, kind with
        | Kind expected, _ when kind = expected -> reader.Skip(kind, depth)
        | Truth, (1 | 2) -> ()
        | Structure fields, 12 ->
            reader.Struct(
                depth + 1,
                fun number kind ->
                    match Map.tryFind number fields with
                    | Some shape -> reader.Conform(shape, kind, depth + 1)
                    | None -> reader.Skip(kind, depth + 1)
            )
        | Series shape, 9 ->
            let struct (count, kind) = reader.List()

            for _ in 1UL .. count do
                reader.Conform(shape, kind, depth + 1)
        | _ -> fail ()

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
