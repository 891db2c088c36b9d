/// PNG pictures as pixels: 8 bits a channel, not interlaced, as browsers write screenshots (w3.org/TR/png).
module AniSoap.Tests.Browser.Png

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text

type Picture = { Width: int; Height: int; Pixels: struct (byte * byte * byte)[] }

let private chunks (bytes: byte[]) = [
    let mutable at = 8

    while at < bytes.Length do
        let length = int (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at, 4)))
        Encoding.ASCII.GetString(bytes, at + 4, 4), bytes[at + 8 .. at + 7 + length]
        at <- at + 12 + length
]

let private paeth a b c =
    let p = a + b - c
    let pa, pb, pc = abs (p - a), abs (p - b), abs (p - c)

    if pa <= pb && pa <= pc then a
    elif pb <= pc then b
    else c

let decode (bytes: byte[]) : Picture =
    let chunks = chunks bytes
    let header = chunks |> List.find (fun (name, _) -> name = "IHDR") |> snd
    let whole at = int (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(header, at, 4)))
    let width, height = whole 0, whole 4

    let channels =
        match header[8], header[9] with
        | 8uy, 2uy -> 3
        | 8uy, 6uy -> 4
        | depth, colour -> failwith $"PNG of depth {depth} and colour type {colour}"

    let data =
        chunks
        |> List.filter (fun (name, _) -> name = "IDAT")
        |> List.map snd
        |> Array.concat

    use packed = new MemoryStream(data)
    use zlib = new ZLibStream(packed, CompressionMode.Decompress)
    use unpacked = new MemoryStream()
    zlib.CopyTo unpacked
    let raw = unpacked.ToArray()
    let stride = width * channels
    let lines = Array.zeroCreate<byte>(height * stride)

    for y in 0 .. height - 1 do
        let filter = raw[y * (stride + 1)]

        for x in 0 .. stride - 1 do
            let left =
                if x >= channels then
                    int lines[y * stride + x - channels]
                else
                    0

            let above = if y > 0 then int lines[(y - 1) * stride + x] else 0

            let corner =
                if x >= channels && y > 0 then
                    int lines[(y - 1) * stride + x - channels]
                else
                    0

            let prediction =
                match filter with
                | 0uy -> 0
                | 1uy -> left
                | 2uy -> above
                | 3uy -> (left + above) / 2
                | _ -> paeth left above corner

            lines[y * stride + x] <- byte ((int raw[y * (stride + 1) + 1 + x] + prediction) &&& 255)

    {
        Width = width
        Height = height
        Pixels =
            Array.init (width * height) (fun p ->
                struct (lines[p * channels], lines[p * channels + 1], lines[p * channels + 2]))
    }

/// The share of pixels that a predicate holds for.
let share (predicate: byte -> byte -> byte -> bool) (picture: Picture) =
    let hits =
        picture.Pixels
        |> Array.sumBy (fun struct (r, g, b) -> if predicate r g b then 1 else 0)

    float hits / float picture.Pixels.Length
