module AniSoap.Tests.CompactSpectrumTests

open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private dot (a: float[]) (b: float[]) = Array.fold2 (fun sum x y -> sum + x * y) 0.0 a b

let private rows (map: TensorMap) = [
    for block in map.Blocks do
        for sample in 0 .. block.Samples.Count - 1 do
            block.Row(sample, 0).ToArray()
]

[<Tests>]
let tests =
    testList "the compact power spectrum" [
        testCase "has the dot products of the full one in about half the columns"
        <| fun () ->
            let frames, projection = load "anisoap/three-species-cluster"

            let full =
                PowerSpectrum.perParticleWith RunOptions.defaults OrderedPairs projection frames
                |> sure
                |> rows

            let compact =
                PowerSpectrum.perParticleWith RunOptions.defaults UnorderedPairs projection frames
                |> sure
                |> rows

            let columns = SpectrumColumns.properties UnorderedPairs projection
            Expect.equal compact.Head.Length columns.Count "columns"
            // q(q + 1)/2 of q² columns for each l.
            Expect.equal (2 * compact.Head.Length) (full.Head.Length + 4 * 9) "half of the columns and the diagonal"

            for i in 0 .. full.Length - 1 do
                for j in 0..i do
                    let expected = dot full[i] full[j]
                    let scale = sqrt (dot full[i] full[i] * dot full[j] full[j])
                    Close.within 1e-14 scale [| dot compact[i] compact[j] |] [| expected |] $"rows {i} and {j}"

        testCase "has the same columns in its mean as in its rows"
        <| fun () ->
            let frames, projection = load "anisoap/triclinic"

            let full =
                PowerSpectrum.meanWith RunOptions.defaults OrderedPairs projection frames
                |> sure

            let compact =
                PowerSpectrum.meanWith RunOptions.defaults UnorderedPairs projection frames
                |> sure

            for block, expected in Seq.zip compact.Blocks full.Blocks do
                for p in 0 .. block.Properties.Count - 1 do
                    let label = block.Properties[p]
                    let values = label.Values.ToArray()
                    let at = Labels.position values expected.Properties |> Option.get

                    let differs =
                        label["n_1"] <> label["n_2"]
                        || label["neighbor_1_type"] <> label["neighbor_2_type"]

                    let factor = if differs then sqrt 2.0 else 1.0
                    Close.within 1e-15 1.0 [| block[0, p] |] [| factor * expected[0, at] |] $"{label}"
    ]
