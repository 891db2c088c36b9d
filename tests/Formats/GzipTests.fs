module AniSoap.Tests.GzipTests

open System
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

/// A stream that gives at most so many bytes at a time, as a pipe does.
type private Trickle(inner: Stream, most: int) =
    inherit MemoryStream()
    override _.Read(target: byte[], offset: int, count: int) : int = inner.Read(target, offset, min most count)
    override _.Read(target: Span<byte>) : int = inner.Read(target.Slice(0, min most target.Length))

/// One member of gzip whose compressed data come to a flush, where they can be cut without a trace, after each part.
let private flushed (level: CompressionLevel) (parts: byte[] list) =
    use memory = new MemoryStream()

    (use zip = new GZipStream(memory, level, true)

     for part in parts do
         zip.Write(part, 0, part.Length)
         zip.Flush())

    memory.ToArray()

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

let private unpack most (bytes: byte[]) =
    use source = new MemoryStream(bytes)
    use stream = new GunzipStream(new Trickle(source, most))
    use content = new MemoryStream()
    stream.CopyTo content
    content.ToArray()

let private refusal most bytes =
    try
        unpack most bytes |> ignore
        None
    with :? InvalidDataException as failure ->
        Some failure.Message

let private endsEarly = "the compressed data end early"

let private xyz = [ for k in 0..29 -> $"1\nProperties=species:S:1:pos:R:3\nC {k} 0 0\n" ]

let private dump = [
    for k in 0..9 ->
        $"ITEM: TIMESTEP\n{k}\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS ff ff ff\n0 9\n0 9\n0 9\nITEM: ATOMS id type x y z\n1 1 {k} 0 0\n"
]

let private data = [
    "a title\n\n1 atoms\n1 atom types\n\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\n\nAtoms # atomic\n\n"
    "1 1 1 2 3\n"
]

let private json = [
    """{"meta":{"name":"x"},"structures":[{"size":1,"names":["H"],"x":[0],"y":[0],"z":[0]}]}"""
    "\n"
]

let private noise (seed: int) count =
    let bytes = Array.zeroCreate<byte> count
    let random = Random seed
    random.NextBytes bytes
    // Of few values, so that there is something to compress.
    bytes |> Array.map (fun b -> b &&& 0x0Fuy)

let private content (random: Random) = noise (random.Next()) (if random.Next 3 = 0 then 0 else random.Next(1, 200_000))

/// No bytes at all, as gzip itself packs them.
let private empty = [|
    0x1Fuy
    0x8Buy
    8uy
    0uy
    0uy
    0uy
    0uy
    0uy
    0uy
    3uy
    3uy
    0uy
    yield! Array.zeroCreate<byte> 8
|]

let private levels = [| CompressionLevel.NoCompression; CompressionLevel.Fastest; CompressionLevel.Optimal |]

[<Tests>]
let tests =
    testList "gzip" [
        testCase "a file that was cut where its compressor had flushed is refused behind the frames it still has"
        <| fun () ->
            for name, parts, whole in [ "a.xyz.gz", xyz, 30; "a.dump.gz", dump, 10; "a.data.gz", data, 1 ] do
                let bytes = flushed CompressionLevel.Optimal (List.map utf8 parts)

                withBytes name bytes (fun path -> Expect.equal (framesOf spheres path).Length whole $"{name}, whole")

                // The trailer has eight bytes, the end of the compressed data at least one.
                for cut in [ bytes.Length - 1; bytes.Length - 8; bytes.Length - 10; bytes.Length / 2 ] do
                    withBytes name (Array.truncate cut bytes) (fun path ->
                        match FrameFile.readWith spheres path |> Seq.last with
                        | Error error ->
                            Expect.stringContains (AniSoapError.describe error) endsEarly $"{name} cut at {cut}"
                            Expect.stringContains (AniSoapError.describe error) path "names the file"
                        | Ok _ -> failtest $"{name} cut at {cut} is read"

                        Expect.isError (FrameTrajectory.count spheres [ path ]) "counting"
                        Expect.isError (FrameFile.species spheres [ path ]) "the first pass")

        testCase "a chemiscope file without its trailer is refused, and says why"
        <| fun () ->
            let bytes = flushed CompressionLevel.Optimal (List.map utf8 json)
            withBytes "a.json.gz" bytes (fun path -> Expect.equal (framesOf spheres path).Length 1 "whole")

            for cut in 1..8 do
                withBytes "a.json.gz" (Array.truncate (bytes.Length - cut) bytes) (fun path ->
                    match FrameFile.readWith spheres path |> Seq.last with
                    | Error error -> Expect.stringContains (AniSoapError.describe error) endsEarly $"{cut} bytes short"
                    | Ok _ -> failtest "read")

        testCase "extended XYZ that is read uninterpreted is refused in the same way"
        <| fun () ->
            let bytes = flushed CompressionLevel.Optimal (List.map utf8 xyz)

            withBytes "a.xyz.gz" (Array.truncate (bytes.Length - 8) bytes) (fun path ->
                match RawExtendedXyz.readRaw path |> Seq.last with
                | Error error -> Expect.stringContains (AniSoapError.describe error) endsEarly "why"
                | Ok _ -> failtest "read")

        testCase "a cut at any byte is told, however many bytes come at a time"
        <| fun () ->
            for level in levels do
                for bytes in [ flushed level [ noise 1 700; noise 2 900 ]; flushed level [ [||] ]; empty ] do
                    for cut, most in List.allPairs [ 3 .. bytes.Length - 1 ] [ 1; 7; 1 <<< 16 ] do
                        match refusal most (Array.truncate cut bytes) with
                        | Some message -> Expect.stringContains message endsEarly $"{level}, {cut}"
                        | None -> failtest $"{level}: {cut} of {bytes.Length} bytes are taken for whole"

        testCase "a flipped bit gives another content nowhere"
        <| fun () ->
            let original = noise 3 400
            let bytes = flushed CompressionLevel.Fastest [ original ]

            for at in 2 .. bytes.Length - 1 do
                for bit in 0..7 do
                    let changed = Array.copy bytes
                    changed[at] <- changed[at] ^^^ (1uy <<< bit)

                    // Date and system in the header may be any, and so may the bits that fill up a byte.
                    match refusal 4096 changed with
                    | Some _ -> ()
                    | None -> Expect.equal (unpack 4096 changed) original $"byte {at}, bit {bit}"

        testCase "names, comments, extra fields and checksums in the header are passed over"
        <| fun () ->
            let plain = gzip (utf8 "some text")
            let body = Array.skip 10 plain

            for flags in 0..31 do
                let header = [|
                    yield! Array.truncate 3 plain
                    byte flags
                    yield! plain[4..9]

                    if flags &&& 4 <> 0 then
                        yield! [| 5uy; 0uy; 1uy; 0uy; 3uy; 0uy; 5uy |]

                    if flags &&& 8 <> 0 then
                        yield! utf8 "name.xyz\000"

                    if flags &&& 16 <> 0 then
                        yield! utf8 "a comment\000"

                    if flags &&& 2 <> 0 then
                        yield! [| 1uy; 2uy |]
                |]

                Expect.equal (Encoding.UTF8.GetString(unpack 5 (Array.append header body))) "some text" $"flags {flags}"

        testCase "what stands behind the compressed data and is neither gzip nor zeros is refused"
        <| fun () ->
            for behind in [ "x"; "1\n\nC 0 0 0\n"; "\000\000\031" ] do
                let bytes = Array.append (gzip (utf8 "text")) (utf8 behind)
                Expect.isSome (refusal 100 bytes) behind

        propertyTimes 60 "members one after the other, with zeros behind them or not, are one content"
        <| fun (seed: int) ->
            let random = Random seed
            let parts = List.init (random.Next(1, 6)) (fun _ -> content random)

            let bytes = [|
                for part in parts do
                    yield!
                        (if part.Length = 0 then
                             empty
                         else
                             flushed levels[random.Next levels.Length] [ part ])

                    if random.Next 2 = 0 then
                        yield! Array.zeroCreate<byte>(random.Next(1, 600))
            |]

            Expect.equal (unpack (random.Next(1, 100_000)) bytes) (Array.concat parts) "content"
    ]
