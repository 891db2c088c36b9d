/// Sizes of results that no array has: counted in 64 bits and refused by name, not wrapped to some small number.
module AniSoap.Tests.SizeTests

open System
open AniSoap
open Expecto
open AniSoap.Tests.Tensors

let private refuses (fragments: string list) result =
    let text = sentence result

    for fragment in fragments do
        Expect.stringContains text fragment text

let private range name first count = Labels.create [ name ] [ for i in first .. first + count - 1 -> [ i ] ] |> ok

let private block samples properties =
    let count = Labels.count samples * Labels.count properties
    TensorBlock.create samples [] properties (Array.zeroCreate<float> count) |> ok

/// 2^16: squared it is 0 in 32 bits.
let private many = 65536

let private keys values = Labels.create [ "key" ] [ for value: int in values -> [ value ] ] |> ok

[<Tests>]
let tests =
    testList "sizes" [
        testCase "blocks that merge to more numbers than an array has are refused"
        <| fun () ->
            // Many samples of one column, and one sample of many columns.
            let tall = block (range "system" 0 many) (range "n" 0 1)
            let wide = block (range "system" 0 1) (range "n" 1 (many - 1))
            let map = TensorMap.create (keys [ 1; 2 ]) [ tall; wide ] |> ok

            TensorMap.keysToProperties [ "key" ] map
            |> refuses [ "numbers of the merged block"; "65536 × 1 × 65536"; "at most 2147483591" ]

        testCase "gradients that merge to more numbers than an array has are refused"
        <| fun () ->
            let withGradient (samples: Labels) (gradientSamples: Labels) (properties: Labels) =
                let gradient =
                    TensorBlock.create
                        gradientSamples
                        [ Labels.range "xyz" 3 |> ok ]
                        properties
                        (Array.zeroCreate<float>(3 * gradientSamples.Count * properties.Count))
                    |> ok

                TensorBlock.withGradient "positions" gradient (block samples properties) |> ok

            let atoms first count =
                Labels.create [ "sample"; "atom" ] [ for i in first .. first + count - 1 -> [ 0; i ] ]
                |> ok

            let tall = withGradient (range "system" 0 1) (atoms 0 many) (range "n" 0 1)
            let wide = withGradient (range "system" 0 1) (atoms 0 1) (range "n" 1 (many / 2))
            let map = TensorMap.create (keys [ 1; 2 ]) [ tall; wide ] |> ok

            TensorMap.keysToProperties [ "key" ] map
            |> refuses [ "numbers of the merged block"; "65536 × 3 × 32769" ]

        testCase "products of more numbers, or of more labels, than an array has are refused"
        <| fun () ->
            let factor rows columns =
                let keys = Labels.create [ "o3_lambda"; "o3_sigma" ] [ [ 0; 1 ] ] |> ok

                let block =
                    TensorBlock.create
                        (range "system" 0 rows)
                        [ Labels.create [ "o3_mu" ] [ [ 0 ] ] |> ok ]
                        (range "n" 0 columns)
                        (Array.zeroCreate<float>(rows * columns))
                    |> ok

                TensorMap.create keys [ block ] |> ok

            let table = ClebschGordan.create 1 |> ok
            let product map = Product.couplings table (Product.upTo 0) map map
            // 4096 × 2^20 = 2^32, and 2^16 × 2^16.
            factor 4096 1024
            |> product
            |> refuses [ "numbers of a product"; "4096 × 1 × 1048576"; "at most" ]

            factor 1 many
            |> product
            |> refuses [ "labels of a product"; "4294967296"; "at most" ]

        testCase "pairs of two species of more numbers than an array has are refused, counted as they are"
        <| fun () ->
            // 2^32 / 28 pairs of 28 numbers; 400 million of six labels.
            Expansion.checkPairs [| 5L; 153_391_690L |] 28
            |> refuses [ "numbers of the pairs of two species"; "153391690 × 28"; "at most 2147483591" ]

            Expansion.checkPairs [| 400_000_000L |] 1
            |> refuses [ "numbers of the pairs of two species"; "400000000 × 6" ]

            Expect.equal (Expansion.checkPairs [| 5L; 0L |] 28) (Ok [| 5; 0 |]) "few"

        testCase "kernels of more numbers than an array has are refused"
        <| fun () ->
            // 65536 squared is 0 in 32 bits.
            let x = Learning.Matrix.create many 1 (Array.zeroCreate<float> many) |> ok

            Learning.Kernel.matrix Learning.Kernel.Linear x x
            |> refuses [ "numbers of the kernel"; "65536 × 65536"; "at most 2147483591" ]
    ]
