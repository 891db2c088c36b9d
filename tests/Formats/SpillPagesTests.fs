/// Data of many kinds in one file that nobody sees.
module AniSoap.Tests.SpillPagesTests

open System
open System.IO
open AniSoap
open Expecto
open AniSoap.Tests

let private random seed kinds count longest folder =
    let random = Random(seed: int)
    use pages = new SpillPages(Path.Combine(folder, "out"), kinds)
    let parts = Array.init kinds (fun _ -> new SpillPart(pages))
    let expected = Array.init kinds (fun _ -> new MemoryStream())

    for _ in 1..count do
        // Some kinds get much, others little or nothing.
        let kind = min (random.Next kinds) (random.Next kinds)
        let bytes = Array.zeroCreate<byte>(random.Next longest)
        random.NextBytes bytes
        parts[kind].Write(ReadOnlySpan bytes)
        expected[kind].Write(ReadOnlySpan bytes)

    for kind in 0 .. kinds - 1 do
        // As often as one likes.
        for _ in 1..2 do
            parts[kind].Position <- 0L
            use found = new MemoryStream()
            parts[kind].CopyTo(found, 1 + random.Next 100_000)
            Expect.isTrue (found.ToArray().AsSpan().SequenceEqual(expected[kind].ToArray())) $"seed {seed}, kind {kind}"
            Expect.equal parts[kind].Length found.Length "length"

    Expect.isEmpty (Directory.GetFiles folder) "nobody sees the file"

[<Tests>]
let tests =
    testList "pages of a spill" [
        testCase "every kind reads back as it was written, however many and however much"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for seed in 1..20 do
                    random seed (1 + seed * seed) 400 (1 + seed * 997) folder

                random 21 3 200 300_000 folder
                random 22 5000 20_000 700 folder)

        testCase "nothing written makes no file"
        <| fun () ->
            TestData.inFolder (fun folder ->
                use pages = new SpillPages(Path.Combine(folder, "absent", "out"), 3)
                let part = new SpillPart(pages)
                part.Write(ReadOnlySpan [| 1uy |])
                part.Position <- 0L
                Expect.equal (part.ReadByte(), part.ReadByte()) (1, -1) "one byte, in memory")
    ]
