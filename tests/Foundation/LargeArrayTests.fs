/// Arrays of new memory, large enough to be asked for in large pages or not.
module AniSoap.Tests.LargeArrayTests

open System
open Expecto
open AniSoap

/// Sizes on both sides of the smallest array of doubles that large pages are asked for, and some that no number of pages fits.
let private counts = [ 0; 1; 7; 0x7FFFF; 0x80000; 0x80001; 1_000_003; 3 * 0x100000 ]

[<Tests>]
let tests =
    testList "large arrays" [
        testCase "are zeros from the first to the last element, whatever stood in the memory before"
        <| fun () ->
            for count in counts do
                for _ in 1..3 do
                    let array = LargeArray.zeros<float> count
                    Expect.equal array.Length count "length"
                    Expect.isTrue (array.AsSpan().IndexOfAnyExcept 0.0 < 0) $"%d{count} zeros"
                    // What the next one may be made of.
                    array.AsSpan().Fill 1.0

        testCase "that are not cleared can be written from the first to the last element and stay so"
        <| fun () ->
            for count in counts do
                let arrays = [ LargeArray.create<int> count; LargeArray.createPinned<int> count ]

                for array in arrays do
                    Expect.equal array.Length count "length"

                    for i in 0 .. count - 1 do
                        array[i] <- i

                GC.Collect()

                for array in arrays do
                    let differs = array |> Array.indexed |> Array.exists (fun (i, x) -> x <> i)
                    Expect.isFalse differs $"%d{count} numbers"
    ]
