/// Where damage of compressed files is said to be.
module AniSoap.Tests.GzipPlaceTests

open System.IO
open System.IO.Compression
open System.Text
open Expecto
open AniSoap

let private formats = [
    ".xyz", "1\nProperties=species:S:1:pos:R:3:radius:R:1\nC 0 0 0 1\n"
    ".dump", "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n0\nITEM: BOX BOUNDS ff ff ff\n0 1\n0 1\n0 1\nITEM: ATOMS id\n"
    ".data", "text\n\n0 atoms\n"
    ".json", "{}"
]

[<Tests>]
let tests =
    testList "damaged gzip data" [
        for ending, text in formats do
            testCase $"before the first line of {ending} name no line 0"
            <| fun () ->
                TestData.inFolder (fun folder ->
                    let path = Path.Combine(folder, "a" + ending + ".gz")
                    use memory = new MemoryStream()

                    (use zip = new GZipStream(memory, CompressionLevel.Optimal, true)
                     zip.Write(System.ReadOnlySpan(Encoding.ASCII.GetBytes text)))

                    let bytes = memory.ToArray()
                    // Blocks of this kind do not exist.
                    bytes[10] <- bytes[10] ||| 6uy
                    File.WriteAllBytes(path, bytes)

                    match FrameTrajectory.count InputOptions.defaults [ path ] with
                    | Ok _ -> failtest "read"
                    | Error error ->
                        let text = AniSoapError.describe error
                        Expect.stringContains text "damaged" "what"
                        Expect.isFalse (text.Contains "line 0") text)
    ]
