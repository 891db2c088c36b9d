/// GSD files byte by byte, as the format's description has them: made without the library, for its reader and writer to
/// be held against.
module AniSoap.Tests.GsdBytes

open System
open System.IO
open System.Text

/// A chunk: name, type, rows, columns and data.
type Chunk = { Name: string; Type: int; Rows: int; Columns: int; Data: byte[] }

let private bytesOf (write: BinaryWriter -> unit) =
    use memory = new MemoryStream()
    use writer = new BinaryWriter(memory)
    write writer
    writer.Flush()
    memory.ToArray()

let chunk name kind rows columns data = { Name = name; Type = kind; Rows = rows; Columns = columns; Data = data }

let singles name columns (values: float list) =
    bytesOf (fun writer ->
        for value in values do
            writer.Write(float32 value))
    |> chunk name 9 (values.Length / columns) columns

let words name (values: uint32 list) =
    bytesOf (fun writer ->
        for value in values do
            writer.Write value)
    |> chunk name 3 values.Length 1

let octet name (value: int) = chunk name 1 1 1 [| byte value |]

let step (value: uint64) = chunk "configuration/step" 4 1 1 (BitConverter.GetBytes value)

let texts name (values: string list) =
    let all = values |> List.map Encoding.UTF8.GetBytes
    let width = 1 + (all |> List.map _.Length |> List.max)

    let padded =
        all
        |> List.map (fun bytes -> Array.append bytes (Array.zeroCreate (width - bytes.Length)))

    chunk name 5 values.Length width (Array.concat padded)

/// An entry of the index: frame, rows, location, columns, name, type, flags.
let entry (frame: uint64) (rows: uint64) (location: int64) (columns: uint32) (name: int) (kind: int) (flags: int) =
    bytesOf (fun writer ->
        writer.Write frame
        writer.Write rows
        writer.Write location
        writer.Write columns
        writer.Write(uint16 name)
        writer.Write(byte kind)
        writer.Write(byte flags))

let header
    (indexLocation: uint64)
    (indexRoom: uint64)
    (namesLocation: uint64)
    (namesRoom: uint64)
    (schema: string)
    (version: uint32)
    =
    bytesOf (fun writer ->
        let fixedText (text: string) =
            let bytes = Array.zeroCreate<byte> 64
            Encoding.UTF8.GetBytes(text, 0, text.Length, bytes, 0) |> ignore
            writer.Write bytes

        writer.Write 0x65DF65DF65DF65DFUL
        writer.Write indexLocation
        writer.Write indexRoom
        writer.Write namesLocation
        writer.Write namesRoom
        writer.Write 0x10004u
        writer.Write version
        fixedText "tests"
        fixedText schema
        writer.Write(Array.zeroCreate<byte> 80))

/// The names' block of 16 × 64 bytes: one behind the other, or 64 bytes each in version 1.
let private namesBlock major (names: string list) =
    let block = Array.zeroCreate<byte> 1024
    let mutable place = 0

    for name in names do
        let length = Encoding.UTF8.GetBytes(name, 0, name.Length, block, place)
        place <- if major = 1 then place + 64 else place + length + 1

    block

/// A file of frames in version 1.0 or 2.1: header, index of 128 entries, names, data.
let file (major: int) (frames: Chunk list list) =
    let names = frames |> List.concat |> List.map _.Name |> List.distinct
    let version = if major = 1 then 0x10000u else 0x20001u
    let mutable place = 5376L

    let entries = [
        for i, chunks in List.indexed frames do
            let numbered = chunks |> List.map (fun c -> List.findIndex ((=) c.Name) names, c)

            for number, c in (if major = 1 then numbered else List.sortBy fst numbered) do
                entry (uint64 i) (uint64 c.Rows) place (uint32 c.Columns) number c.Type 0
                place <- place + int64 c.Data.Length
    ]

    let data =
        frames
        |> List.collect (fun chunks ->
            if major = 1 then
                chunks
            else
                chunks |> List.sortBy (fun c -> List.findIndex ((=) c.Name) names))
        |> List.map _.Data

    let index = Array.concat entries

    Array.concat [
        header 256UL 128UL 4352UL 16UL "hoomd" version
        index
        Array.zeroCreate (4096 - index.Length)
        namesBlock major names
        Array.concat data
    ]

let ellipsoid a b c = $"{{\"type\": \"Ellipsoid\", \"a\": %g{a}, \"b\": %g{b}, \"c\": %g{c}}}"

/// Two particles of two types, an ellipsoid and a sphere, in a box of 5 × 6 × 7.
let twoParticles = [
    step 3UL
    singles "configuration/box" 1 [ 5.0; 6.0; 7.0; 0.0; 0.0; 0.0 ]
    words "particles/N" [ 2u ]
    texts "particles/types" [ "A"; "B" ]
    words "particles/typeid" [ 0u; 1u ]
    singles "particles/position" 3 [ 0.5; 1.0; -1.5; 2.0; -2.0; 0.25 ]
    singles "particles/orientation" 4 [ 0.5; 0.5; 0.5; 0.5; 1.0; 0.0; 0.0; 0.0 ]
    texts "particles/type_shapes" [ ellipsoid 0.5 0.5 1.5; "{\"type\": \"Sphere\", \"diameter\": 2.0}" ]
]

let without name = List.filter (fun c -> c.Name <> name)

let replace (c: Chunk) chunks = (chunks |> List.filter (fun other -> other.Name <> c.Name)) @ [ c ]
