/// GSD files that are damaged or lie: each is an error that says where, and none takes much time or memory.
module AniSoap.Tests.GsdHostileTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.GsdBytes

/// Reads from memory: the frames before the first error, and that error.
let private outcome (bytes: byte[]) =
    let before = GC.GetTotalAllocatedBytes false

    let frames, failure =
        match GsdReader.Open(InputOptions.defaults, silent, "input.gsd", new MemoryStream(bytes, false)) with
        | Error error -> 0, Some error
        | Ok opened ->
            use reader: IFrameReader = opened
            let mutable frames = 0
            let mutable failure = None
            let mutable ended = false

            while not ended do
                match reader.Read frames with
                | Ok(ValueSome _) -> frames <- frames + 1
                | Ok ValueNone -> ended <- true
                | Error error ->
                    failure <- Some error
                    ended <- true

            frames, failure

    let allocated = GC.GetTotalAllocatedBytes false - before
    Close.below allocated 50_000_000L "bytes allocated"
    frames, failure

let private mustFail what bytes =
    match outcome bytes with
    | _, None -> failtest $"{what}: reading succeeded"
    | _, Some error ->
        let sentence = AniSoapError.describe error
        Expect.stringContains sentence "input.gsd" $"{what}: the file is named"
        sentence

let private good =
    file 2 [ twoParticles; [ step 4UL; singles "particles/position" 3 [ 1; 1; 1; 2; 2; 2 ] ] ]

/// The file with other bytes at a place.
let private patched place (bytes: byte[]) =
    let copy = Array.copy good
    Array.blit bytes 0 copy place bytes.Length
    copy

let private lies = [ 0UL; 1UL; 255UL; 0x7FFFFFFFUL; 0x80000000UL; 1UL <<< 62; UInt64.MaxValue; UInt64.MaxValue - 31UL ]

[<Tests>]
let tests =
    testList "hostile GSD files" [
        test "a file cut off anywhere is an error that names it" {
            Expect.equal (outcome good) (2, None) "whole"

            for length in 0 .. good.Length - 1 do
                mustFail $"{length} bytes" good[.. length - 1] |> ignore
        }

        test "the references cut off anywhere are errors that name them" {
            for name in [ "ellipsoids"; "two-dimensional"; "many-frames" ] do
                let bytes = TestData.bytes $"gsd/{name}.gsd"
                let stride = if name = "many-frames" then 97 else 7

                for length in 0..stride .. bytes.Length - 1 do
                    mustFail $"{name}, {length} bytes" bytes[.. length - 1] |> ignore
        }

        test "places and sizes in the header that lie are errors" {
            for place in [ 8; 16; 24; 32 ] do
                for lie in lies do
                    // An index or a list of names of one entry is short, not wrong.
                    if not (lie = 1UL && (place = 16 || place = 32)) && not (lie = 255UL && place = 16) then
                        mustFail $"{lie} at {place}" (patched place (BitConverter.GetBytes lie))
                        |> ignore
        }

        test "entries of the index that lie are errors that name the entry" {
            // The eighth entry is that of the last chunk of frame 0; columns of the entry behind the location.
            let start = 256 + 5 * 32

            for offset, sizes in [ 0, 8; 8, 8; 16, 8; 24, 4 ] do
                for lie in lies do
                    let bytes = (BitConverter.GetBytes lie)[.. sizes - 1]
                    let isSame = bytes = good[start + offset .. start + offset + sizes - 1]
                    // A location of zero ends the list: the frame is then without the chunk.
                    if not isSame && not (offset = 16 && lie = 0UL) then
                        mustFail $"{lie} at {offset}" (patched (start + offset) bytes) |> ignore

            for name in [ 8; 255; 65535 ] do
                let sentence = mustFail "name" (patched (start + 28) (BitConverter.GetBytes(uint16 name)))
                Expect.stringContains sentence "index entry 5" "the entry is named"

            for kind in [ 0; 12; 255 ] do
                let sentence = mustFail "type" (patched (start + 30) [| byte kind |])
                Expect.stringContains sentence "type from 1 to 11" "types are named"

            Expect.stringContains (mustFail "flags" (patched (start + 31) [| 1uy |])) "flags" "flags are named"
        }

        test "no change of any byte of header and index does more than an error" {
            let random = Random 5

            for _ in 1..2000 do
                let place = random.Next 5376
                outcome (patched place [| byte (random.Next 256) |]) |> ignore
        }

        test "chunks in the same place, in the index or in the names are errors" {
            let entryOf i = 256 + 32 * i
            let at i (location: int64) = patched (entryOf i + 16) (BitConverter.GetBytes location)
            let first = BitConverter.ToInt64(good, entryOf 5 + 16)
            Expect.stringContains (mustFail "the same place" (at 6 first)) "same place" "two chunks"
            Expect.stringContains (mustFail "the index" (at 5 256L)) "outside the index" "index"
            Expect.stringContains (mustFail "the names" (at 5 4352L)) "outside the index" "names"
            mustFail "the header" (at 5 8L) |> ignore
        }

        test "an index that goes backwards or names a chunk twice is an error" {
            let swap = Array.copy good
            Array.blit good (256 + 32) swap 256 32
            Array.blit good 256 swap (256 + 32) 32
            Expect.stringContains (mustFail "order" swap) "order" "names out of order"

            let twice = patched (256 + 32 + 28) [| 0uy; 0uy |]
            Expect.stringContains (mustFail "twice" twice) "twice" "one chunk twice"

            let back = patched (256 + 32 * 8) (BitConverter.GetBytes 1UL)

            let back =
                (Array.blit (BitConverter.GetBytes 0UL) 0 back (256 + 32 * 9) 8
                 back)

            Expect.stringContains (mustFail "frames" back) "ascending" "frames out of order"
        }

        test "names that repeat, do not end or are no text are errors" {
            let names = 4352
            let length = Array.IndexOf(good, 0uy, names) - names
            let again = Array.append (Array.sub good names length) [| 0uy |]
            Expect.stringContains (mustFail "twice" (patched (names + length + 1) again)) "twice" "repeated"
            Expect.stringContains (mustFail "no end" (patched (names + 1023) [| 65uy |])) "zero byte" "no end"
            Expect.stringContains (mustFail "no text" (patched names [| 0xFFuy; 0xFEuy |])) "UTF-8" "no text"
        }
    ]
