/// Every case that AniSOAP computed: coefficients, raw coefficients, pairs, power spectra and λ-SOAP.
module AniSoap.Tests.AnisoapTests

open Expecto
open AniSoap
open AniSoap.Tests.Golden

/// ‖difference‖ allowed, of the largest value of a file; S^{−1/2} of the large basis amplifies rounding.
let private tolerance case = if case = "large-basis" then 1e-8 else 1e-10

/// Compares block by block, sample by sample: `pick` finds our block for a key of theirs.
let private compare case (theirs: TensorMap) (pick: (string -> int) -> TensorBlock) message =
    let scale = largest theirs

    for key, block in TensorMap.toSeq theirs do
        let ours = pick (fun name -> key[name])
        let expected = rowsBySample block
        let actual = rowsBySample ours
        Expect.sequenceEqual (Map.keys actual) (Map.keys expected) $"{message}: samples"

        for KeyValue(sample, row) in expected do
            Close.within (tolerance case) scale actual[sample] row $"{message}, {key}, sample {sample}"

let private coefficientTest file compute case =
    testCase $"{file} of {case} are AniSOAP's"
    <| fun () ->
        let frames, projection = load $"anisoap/{case}"
        let ours: TensorMap = compute projection frames |> sure
        let theirs = map $"anisoap/{case}/{file}.mts"

        compare
            case
            theirs
            (fun key ->
                ours
                |> TensorMap.block [ "o3_lambda", key "angular_channel"; "center_type", key "types_center" ]
                |> sure)
            file

let private pairTest case =
    testCase $"pair coefficients of {case} are AniSOAP's"
    <| fun () ->
        let frames, projection = load $"anisoap/{case}"
        let ours = Expansion.pairCoefficients projection frames |> sure
        let theirs = map $"anisoap/{case}/pairs.mts"

        compare
            case
            theirs
            (fun key ->
                ours
                |> TensorMap.block [
                    "o3_lambda", key "angular_channel"
                    "first_atom_type", key "types_center"
                    "second_atom_type", key "types_neighbor"
                ]
                |> sure)
            "pairs"

let private spectrumTest case =
    testCase $"the power spectrum of every particle of {case} is AniSOAP's"
    <| fun () ->
        let frames, projection = load $"anisoap/{case}"
        let ours = PowerSpectrum.perParticle projection frames |> sure
        let theirs = map $"anisoap/{case}/power_spectrum.mts"

        compare
            case
            theirs
            (fun key -> ours |> TensorMap.block [ "center_type", key "types_center" ] |> sure)
            "spectrum"

/// Their CSV has the species' vectors side by side, rows being the frames that have the species: true rows only where all frames have all.
let private meanTest case =
    testCase $"the mean power spectrum of {case} is AniSOAP's"
    <| fun () ->
        let frames, projection = load $"anisoap/{case}"
        let ours = PowerSpectrum.mean projection frames |> sure
        let size = ours.Blocks[0].Properties.Count

        let theirs =
            (TestData.text $"anisoap/{case}/power_spectrum.csv")
                .Split('\n', System.StringSplitOptions.RemoveEmptyEntries)
            |> Array.map (fun line -> line.Split(',') |> Array.map float)

        let scale = theirs |> Array.concat |> Array.fold (fun m v -> max m (abs v)) 0.0

        for t in 0 .. projection.Species.Length - 1 do
            // Row r of a species is the r-th frame that has it.
            let having =
                Array.indexed frames
                |> Array.filter (fun (_, frame) ->
                    frame.Particles |> Seq.exists (fun p -> p.Species = projection.Species[t]))
                |> Array.map fst

            for row in 0 .. having.Length - 1 do
                let expected = theirs[row][t * size .. (t + 1) * size - 1]
                let actual = ours.Blocks[t].Row(having[row], 0).ToArray()
                Close.within (tolerance case) scale actual expected $"species {projection.Species[t]}, row {row}"

            for system in 0 .. frames.Length - 1 do
                if not (Array.contains system having) then
                    Expect.all (ours.Blocks[t].Row(system, 0).ToArray()) (fun v -> v = 0.0) $"zeros in frame {system}"

[<Tests>]
let tests =
    testList "AniSOAP's references" [
        testCase "there are 13 cases" <| fun () -> Expect.equal cases.Length 13 "cases"
        yield! cases |> List.map (coefficientTest "coefficients" Expansion.coefficients)
        yield!
            cases
            |> List.map (
                coefficientTest "coefficients_raw" (Expansion.coefficientsWith RunOptions.defaults RadialForm.Raw)
            )
        yield! cases |> List.map pairTest
        yield! cases |> List.map spectrumTest
        yield! cases |> List.map meanTest
    ]
