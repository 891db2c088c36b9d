/// The sizes of the caches by the processor's own word, wherever it says them.
module AniSoap.Tests.CacheSizesTests

open Expecto
open AniSoap.Numerics

/// A processor that answers these leaves, and zeros to all others.
let private processor leaves leaf index =
    leaves
    |> List.tryPick (fun (asked, part, answer) -> if (asked, part) = (leaf, index) then Some answer else None)
    |> Option.defaultValue (struct (0, 0, 0, 0))

/// One cache of leaf 4 or 8000_001D: type, level, ways, line in bytes, sets.
let private cache (kind, level, ways, line, sets) : struct (int * int * int * int) =
    struct (kind ||| (level <<< 5), ((ways - 1) <<< 22) ||| (line - 1), sets - 1, 0)

let private sizes leaves =
    let struct (first, second) = CacheSizes.toldBy (processor leaves)
    first / 1024, second / 1024

let private leaves: struct (int * int * int * int) = struct (13, 0, 0, 0)
let private extended: struct (int * int * int * int) = struct (0x80000021, 0, 0, 0)

[<Tests>]
let tests =
    testList "sizes of caches" [
        testCase "are those of the parameters of caches where an AMD processor has them"
        <| fun () ->
            let told = [
                0, 0, leaves
                0x80000000, 0, extended
                0x8000001D, 0, cache (1, 1, 12, 64, 64)
                0x8000001D, 1, cache (2, 1, 8, 64, 64)
                0x8000001D, 2, cache (3, 2, 16, 64, 1024)
            ]

            Expect.equal (sizes told) (48, 1024) "12 × 64 × 64 and 16 × 64 × 1024 bytes"

        testCase "are those of the older leaves where a virtual machine leaves the parameters of caches empty"
        <| fun () ->
            // ECX as an AMD EPYC (family 26) in a virtual machine has them.
            let told = [
                0, 0, leaves
                0x80000000, 0, extended
                0x80000005, 0, struct (0xff60ff40, 0xff60ff40, 0x300c0140, 0x20080140)
                0x80000006, 0, struct (0x40802040, 0x60804040, 0x04006140, 0x0fe09140)
            ]

            Expect.equal (sizes told) (48, 1024) "KB in bits 24–31 and 16–31"

        testCase "are those of leaf 4 on an Intel processor, whose older leaves know the second level alone"
        <| fun () ->
            let told = [
                0, 0, struct (32, 0, 0, 0)
                0x80000000, 0, struct (0x80000008, 0, 0, 0)
                4, 0, cache (1, 1, 12, 64, 64)
                4, 1, cache (2, 1, 8, 64, 64)
                4, 2, cache (3, 2, 16, 64, 2048)
                0x80000006, 0, struct (0, 0, 0x01007040, 0)
            ]

            Expect.equal (sizes told) (48, 2048) "12 × 64 × 64 and 16 × 64 × 2048 bytes"

        testCase "are unknown where the processor says nothing"
        <| fun () -> Expect.equal (sizes []) (0, 0) "no leaves"
    ]
