/// Frames in files packed by bzip2 and Zstandard.
module AniSoap.Tests.PackedTests

open System
open System.IO
open System.Text
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

let private xyz =
    String.concat "" [ for k in 0..29 -> $"1\nProperties=species:S:1:pos:R:3\nC {k} 0 0\n" ]

/// Two blocks of the lowest level, and all lengths of runs that are written in a way of their own.
let private long =
    String.concat "" [ for i in 0..59999 -> $"{i % 97}\n" ]
    + String('a', 1000)
    + "bbbbccccc"
    + String('d', 259)
    + String('e', 260)
    + "\n"

/// What the program bzip2 makes of these, as Python's module bz2 has it.
let private bzip2OfXyz =
    Convert.FromBase64String(
        "QlpoOTFBWSZTWbSyaO8AAHnfgAAQQAB/8ggAWAAKINwAMACsCNFNP1J+qaaANNBQAABkyBvVT0qh6ajQaDR+qQwAxYASYAQwAo7vBlPJZ0mlCS"
        + "SSJJJPtB1Qc89YLmaiesGZhMgzMtttttttutXtB2g/pBkGoOJBxIPuD9kHeQd4Nwbg8IOkG4OkG4OYMg1INwcQf4u5IpwoSFpZNHeA"
    )

let private bzip2OfLong =
    Convert.FromBase64String(
        "QlpoMTFBWSZTWYvs7LkAQ2jIAAAQf+BQBL4AB6oAAAQDTTQQDTTQQDTTQJqqjTE/1QFKqmp43tVKeUKeiKfiKfxFPZFPhFPpFPCKcRTwimIp+I"
        + "p4RTEUxFPRFMRTEUxFMRTEUxFMRT6RTEUxFMRT/EUxFMRTEUxFMRTEU+EUxFMRTEUxFPZFMRTEUxFMRTEU9kUxFMRTEUxFMRT4RTEUxFMRTEU/"
        + "xFMRTEUxFMRTEUxFPpFMRTEUxFPRFMRTEUxFMRTEUxFMRTwimIpqEvlKLFRYqLFRYqLApqFNQpqFOoU1QliosVFiosVFiosCmoU8/UKfSKfSKf"
        + "SKfSKfSKfiKfiKdQp+oU4imIpiKYimIpiKYimIpqFNQpwlUsRTEU9EUxFMRTEUxFMRTUKahTwSqWIpiKYin+IpiKYimIpiKahTUKfRKpYimIpi"
        + "KYinsimIpiKYimoU1CnwSqWIpiKYimIpiKfCKYimIpqFNQp7Eql/UKYimIpiKYimIpiKeEUxFNQp6EqlxFOIpxFOIpxFOIpxFPCKdQp/VFUuIp"
        + "xFOIpxFOIpxFOoU6hTiKev5BKuIpxFOIpxFOIpxFPKFOoU6SlH/MUFZJlNZ67RkSQAng8kB4BB/4D4AAIAACFAE3gAAAAAOKYTTQGmIUwmmgNM"
        + "QjU9TQMgAUwmmgNMQKVVNNqb3qlUxP0mn89/f31+6gcqB7qB8VA7qB/1QP1UD91A/lQPVQP/qB7qB6qBqgaoHioGqBqgaoGqBqgaoGqB9VA1QN"
        + "UDVA+agaoGqBqgaoGqBqgdVA1QNUDVA1QPNQNUDVA1QNUDVA81A1QNUDVA1QMoHSgZQMoGUDKB81AygZQMoGUDKBlA+lAygZQMoHioGUDKBlAy"
        + "gZQMoGUD0oGUD32oHioHdQO6gd1A7qB3UDuoHdQO6gcqBlQNUDVA1QNUDVA1QNUDx3UDqoHVQPmoHVQOqgdqB2oHdQO6gcqBqgaoGqBqgaoGUD"
        + "KBqgaoHFCJqgaoHioGqBqgaoGUDKBqgaoHpQiaoGqBqgfNQNUDKBlAygaoGqB5+lCJqgaoGqBqgeagdKBlAygaoGqB0oRNUDVA1QNUDKB1UDKB"
        + "lA1QNUDyBE+KgaoGqBqgaoGUDKB6qBlA1QPBVCcqByoHKgcqBxQOKBxQPVQOVA+JVCcqByoHKgcqBxQOKBxQOVA4SQuVA5UDlQOVA4oHFA5UDl"
        + "QOQor8vj+l9357vz8qdI8IqRVEU/F3JFOFCQ/G29Og"
    )

let private bzip2OfNothing = Convert.FromBase64String "QlpoORdyRThQkAAAAAA="

let private zstandard (bytes: byte[]) =
    use compressor = new ZstdSharp.Compressor(3)
    compressor.Wrap(ReadOnlySpan bytes).ToArray()

/// The same with the checksum that the program zstd adds.
let private checkedZstandard (bytes: byte[]) =
    use compressor = new ZstdSharp.Compressor(3)
    compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1)
    compressor.Wrap(ReadOnlySpan bytes).ToArray()

let private unpack (most: int) (bytes: byte[]) =
    use source = new MemoryStream(bytes)

    match PackedStreams.unpacked (ReadOnlySpan(bytes, 0, min bytes.Length PackedStreams.Beginning)) source with
    | Error error -> failtest (AniSoapError.describe error)
    | Ok stream ->
        use stream = stream
        use content = new MemoryStream()
        let buffer = Array.zeroCreate<byte> most
        let mutable got = stream.Read(buffer, 0, most)

        while got > 0 do
            content.Write(buffer, 0, got)
            got <- stream.Read(buffer, 0, most)

        content.ToArray()

let private refusal bytes =
    try
        unpack 4096 bytes |> ignore
        None
    with :? InvalidDataException as failure ->
        Some failure.Message

let private cut count bytes = Array.truncate (Array.length bytes - count) bytes

[<Tests>]
let tests =
    testList "packed files" [
        testCase "what bzip2 packed comes back, of one block and of two, however few bytes are asked for at once"
        <| fun () ->
            for most in [ 1; 7; 4096; 1 <<< 20 ] do
                Expect.equal (Encoding.UTF8.GetString(unpack most bzip2OfXyz)) xyz $"frames, {most} at once"

                if most > 1 then
                    Expect.equal (Encoding.UTF8.GetString(unpack most bzip2OfLong)) long $"two blocks, {most} at once"

            Expect.isEmpty (unpack 10 bzip2OfNothing) "nothing"

        testCase "streams of bzip2 one after the other are one content, as programs of several threads write them"
        <| fun () ->
            let bytes = Array.concat [ bzip2OfXyz; bzip2OfNothing; bzip2OfLong; bzip2OfXyz ]
            Expect.equal (Encoding.UTF8.GetString(unpack 5000 bytes)) (xyz + long + xyz) "content"

            match refusal (Array.append bzip2OfXyz (utf8 "1\n\nC 0 0 0\n")) with
            | Some message -> Expect.stringContains message "other bytes behind" message
            | None -> failtest "text behind the data is read"

        testCase "a flipped bit gives another content nowhere, and cut data are told from damaged ones"
        <| fun () ->
            for name, packed, magic in
                [ "bzip2", bzip2OfXyz, PackedStreams.Beginning; "zstd", checkedZstandard (utf8 xyz), 4 ] do
                for at in magic .. packed.Length - 1 do
                    for bit in 0..7 do
                        let changed = Array.copy packed
                        changed[at] <- changed[at] ^^^ (1uy <<< bit)

                        match refusal changed with
                        | Some message ->
                            Expect.stringContains message "compressed data" $"{name}, byte {at}, bit {bit}: {message}"
                        | None -> Expect.equal (unpack 4096 changed) (utf8 xyz) $"{name}, byte {at}, bit {bit}"

                for length in PackedStreams.Beginning .. packed.Length - 1 do
                    match refusal (Array.truncate length packed) with
                    | Some message -> Expect.stringContains message "end early" $"{name} cut at {length}: {message}"
                    | None -> failtest $"{name} cut at {length} is taken for whole"

        testCase "frames are read out of .bz2 and .zst, and what is wrong with the file is one sentence"
        <| fun () ->
            let pdb = "HETATM    1  C   UNK     1       1.000   2.000   3.000  1.00  0.00           C\nEND\n"

            for name, bytes, frames in
                [
                    "a.xyz.bz2", bzip2OfXyz, 30
                    "a.xyz.zst", zstandard (utf8 xyz), 30
                    "a.pdb.zst", zstandard (utf8 pdb), 1
                    // Read by what is in the file, whatever its name says.
                    "a.xyz", bzip2OfXyz, 30
                    "a.xyz.gz", zstandard (utf8 xyz), 30
                ] do
                withBytes name bytes (fun path -> Expect.equal (framesOf spheres path).Length frames name)

            for name, bytes, words in
                [
                    "a.xyz.bz2", cut 20 bzip2OfXyz, "end early"
                    "a.xyz.zst", cut 20 (zstandard (utf8 xyz)), "end early"
                    "a.xyz.bz2", Array.append (Array.truncate 40 bzip2OfXyz) (Array.create 200 7uy), "damaged"
                ] do
                withBytes name bytes (fun path ->
                    match FrameFile.readWith spheres path |> Seq.last with
                    | Ok _ -> failtest $"{name} is read"
                    | Error error ->
                        let text = AniSoapError.describe error
                        Expect.stringContains text words name
                        Expect.stringContains text path "names the file"
                        Expect.isFalse (text.Contains '\n') "one line")

        testCase "packed files are read alone: nothing is written under these names"
        <| fun () ->
            for name in [ "a.xyz.bz2"; "a.dump.zst" ] do
                match FrameFile.outputFormat FrameOutputOptions.defaults name with
                | Ok _ -> failtest $"{name} would be written"
                | Error error -> Expect.stringContains (AniSoapError.describe error) ".gz" name

        testCase "a small file that unpacks to much takes no more memory than one block"
        <| fun () ->
            let much = Array.create (1 <<< 26) (byte 'x')
            let packed = zstandard much
            Close.below packed.Length 65536 "small"
            use source = new MemoryStream(packed)

            match PackedStreams.unpacked (ReadOnlySpan(packed, 0, 10)) source with
            | Error error -> failtest (AniSoapError.describe error)
            | Ok stream ->
                use stream = stream
                let buffer = Array.zeroCreate<byte> 65536
                let before = GC.GetAllocatedBytesForCurrentThread()
                let mutable total = 0
                let mutable got = stream.Read(buffer, 0, buffer.Length)

                while got > 0 do
                    total <- total + got
                    got <- stream.Read(buffer, 0, buffer.Length)

                Expect.equal total much.Length "all of it"
                let allocated = GC.GetAllocatedBytesForCurrentThread() - before
                Close.below (float allocated) (float much.Length / 8.0) "allocated meanwhile"

        testCase "a window of more than 128 MiB is refused, and says so"
        <| fun () ->
            // A frame's header that asks for a window of 2 GiB: no single segment, no content size, exponent 21.
            let bytes = [| 0x28uy; 0xB5uy; 0x2Fuy; 0xFDuy; 0uy; 21uy <<< 3; 1uy; 0uy; 0uy; 0uy; 0uy |]

            match refusal bytes with
            | Some message -> Expect.stringContains message "128 MiB" message
            | None -> failtest "it is read"
    ]
