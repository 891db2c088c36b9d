/// Couplings that AniSOAP computed: the real Clebsch–Gordan table and λ-SOAP.
module AniSoap.Tests.CouplingTests

open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private table maxAngular = ClebschGordan.create maxAngular |> sure

let private lambdaCases =
    cases
    |> List.filter (fun case ->
        TestData.filesBelow $"anisoap/{case}"
        |> List.contains $"anisoap/{case}/lambda_soap.mts")

/// Upstream puts both parities into one block, (l1, l2) in lexicographic order: the columns of ours by (l1, l2), from the block of their parity.
let private merged (ours: TensorMap) (projection: Projection) l species sample =
    let maxAngular = projection.Hypers.MaxAngular

    let part l1 l2 =
        let sigma = if (l1 + l2 + l) % 2 = 0 then 1 else -1

        let block =
            ours
            |> TensorMap.block [ "o3_lambda", l; "o3_sigma", sigma; "center_type", species ]
            |> sure

        let columns =
            block.Properties
            |> Labels.positionsWhere (fun row -> row["l_1"] = l1 && row["l_2"] = l2)

        let rows = block |> TensorBlock.takeProperties columns |> sure |> rowsBySample
        Array.chunkBySize columns.Length rows[sample]

    let parts = [
        for l1 in 0..maxAngular do
            for l2 in abs (l1 - l) .. min maxAngular (l1 + l) do
                part l1 l2
    ]

    [|
        for m in 0 .. 2 * l do
            yield! parts |> Seq.collect (fun part -> part[m])
    |]

[<Tests>]
let tests =
    testList "AniSOAP's couplings" [
        testCase "real Clebsch-Gordan coefficients up to l = 4 are AniSOAP's"
        <| fun () ->
            let table = table 4
            let json = JsonDocument.Parse(TestData.text "anisoap/cg-real.json").RootElement
            let mutable seen = 0

            for item in json.EnumerateArray() do
                let get (name: string) = item.GetProperty(name).GetInt32()
                let l1, l2, l = get "l1", get "l2", get "L"

                let theirs =
                    item.GetProperty("entries").EnumerateArray()
                    |> Seq.map (fun e -> (e[0].GetInt32(), e[1].GetInt32(), e[2].GetInt32()), e[3].GetDouble())
                    |> Map.ofSeq

                let ours =
                    table.TermsOf(l1, l2, l)
                    |> Seq.map (fun t -> (t.M1, t.M2, t.M), t.Value)
                    |> Map.ofSeq

                for key in Set.union (Set.ofSeq ours.Keys) (Set.ofSeq theirs.Keys) do
                    let value (map: Map<_, float>) = map |> Map.tryFind key |> Option.defaultValue 0.0
                    Close.within 1e-13 1.0 [| value ours |] [| value theirs |] $"l1 {l1}, l2 {l2}, L {l}, {key}"
                    seen <- seen + 1

            Close.above seen 1000 "coefficients compared"

        testCase "there are three cases of lambda-SOAP"
        <| fun () -> Expect.equal lambdaCases.Length 3 "cases"

        for case in lambdaCases do
            testCase $"lambda-SOAP of {case} is AniSOAP's"
            <| fun () ->
                let frames, projection = load $"anisoap/{case}"
                let expansion = Expansion.coefficients projection frames |> sure
                let theirs = map $"anisoap/{case}/lambda_soap.mts"
                let ours = Product.lambdaSoap (table projection.Hypers.MaxAngular) 2 expansion |> sure
                let scale = largest theirs

                for key, block in TensorMap.toSeq theirs do
                    for KeyValue(sample, row) in rowsBySample block do
                        let mine = merged ours projection key["angular_channel"] key["types_center"] sample
                        Close.within 1e-10 scale mine row $"{key}, sample {sample}"

        testCase "the L = 0 part of lambda-SOAP is the power spectrum up to the order of its columns"
        <| fun () ->
            let frames, projection = load "anisoap/three-species-cluster"
            let expansion = Expansion.coefficients projection frames |> sure
            let products = Product.lambdaSoap (table 3) 0 expansion |> sure
            let spectra = PowerSpectrum.perParticle projection frames |> sure

            for species in projection.Species do
                let block = products |> TensorMap.block [ "o3_sigma", 1; "center_type", species ] |> sure
                let spectrum = spectra |> TensorMap.block [ "center_type", species ] |> sure
                Close.toLargest 1e-14 (block.Values.ToArray()) (spectrum.Values.ToArray()) $"species {species}"

        testCase "products of three expansions show each factor and what it came through in their labels"
        <| fun () ->
            let frames, projection = load "anisoap/two-particles"
            let expansion = Expansion.coefficients projection frames |> sure
            let table = table projection.Hypers.MaxAngular
            let two = Product.lambdaSoap table 4 expansion |> sure
            let three = Product.couplings table (Product.upTo 0) two expansion |> sure
            let names = three.Blocks[0].Properties.Names |> Seq.toList

            Expect.equal
                names
                [
                    "k_1_2"
                    "s_1_2"
                    "l_1"
                    "n_1"
                    "neighbor_1_type"
                    "l_2"
                    "n_2"
                    "neighbor_2_type"
                    "l_3"
                    "n_3"
                    "neighbor_3_type"
                ]
                "names"

            // Associativity: (c·c)·c and c·(c·c) hold the same invariants, regrouped.
            let other = Product.couplings table (Product.upTo 0) expansion two |> sure

            let norm (map: TensorMap) =
                map
                |> TensorMap.block [ "o3_sigma", 1; "center_type", 1 ]
                |> sure
                |> _.Values.ToArray()
                |> Array.sumBy (fun v -> v * v)

            Close.within 1e-12 (norm three) [| norm other |] [| norm three |] "sum of squares"
    ]
