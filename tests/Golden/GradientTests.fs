/// Derivatives by others: 50 digits by mpmath, and featomic's.
module AniSoap.Tests.GradientTests

open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private elements (json: JsonElement) = json.EnumerateArray() |> Seq.toArray

/// [xyz][l][m][n] as rows of flat coefficients.
let private rows (json: JsonElement) =
    elements json
    |> Array.map (fun axis ->
        elements axis
        |> Array.collect (fun l ->
            elements l
            |> Array.collect (fun m -> elements m |> Array.map ReferenceData.number)))

let private truthTests =
    let json = JsonDocument.Parse(TestData.text "truth/gradients-l4-n3.json").RootElement
    let maxAngular = (json.GetProperty "lmax").GetInt32()
    let maxRadial = (json.GetProperty "nmax").GetInt32()

    let projection =
        Projection.create
            {
                Hypers.create maxAngular (RadialBasis.Gto(ReferenceData.number (json.GetProperty "sigma"))) 50.0 with
                    MaxRadial = RadialCount.Uniform maxRadial
                    BasisRcond = 0.0
            }
            [ 1 ]
        |> sure

    // Normalised primitives.
    let flat (c: Coefficients) = [|
        for l in 0..maxAngular do
            for m in -l .. l do
                for n in 0..maxRadial do
                    c[l, m, n] * projection.RadialFunctions.Normalization(l, n)
    |]

    let fused particle displacement name =
        let center = Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure

        let projection =
            Projection.create { projection.Hypers with CenterDensity = CenterDensity.Absent } [ 1; 2 ]
            |> sure

        let neighbor =
            Ellipsoid.create 2 displacement (particle: Ellipsoid).Orientation particle.SemiAxes
            |> sure

        let map =
            AniSoap.Features.withGradients
                RunOptions.defaults
                (ExpansionCoefficients RadialForm.Raw)
                GradientParameter.all
                projection
                [ Frame.create Cell.none [ center; neighbor ] ]
            |> sure

        Array.init 3 (fun axis -> [|
            for l in 0..maxAngular do
                let block = map |> TensorMap.block [ "o3_lambda", l; "center_type", 1 ] |> sure
                let gradient = block.Gradients[name]
                let sample = gradient.Samples |> Seq.find (fun row -> row[2] = 1)

                for m in 0 .. 2 * l do
                    for n in 0..maxRadial do
                        gradient[sample.Position, axis * (2 * l + 1) + m, 2 * n + 1]
                        * projection.RadialFunctions.Normalization(l, n)
        |])

    [
        for name, key, composed in
            [
                "positions", "d_displacement", Coefficients.displacementGradient
                "orientations", "d_rotation", Coefficients.rotationGradient
                "semiaxes", "d_semiaxes", Coefficients.semiAxesGradient
            ] do
            testCase $"derivatives by {name} are right to 1e-13 of each item's largest"
            <| fun () ->
                for item in elements (json.GetProperty "items") do
                    let get (field: string) = ReferenceData.numbers (item.GetProperty field)

                    let particle = ReferenceData.particle 1 Vector3.zero (get "quaternion_wxyz") (get "semiaxes")

                    let displacement = ReferenceData.vector (get "displacement")
                    let expected = rows (item.GetProperty key) |> Array.concat
                    let pair = composed RadialForm.Raw projection particle displacement |> Array.collect flat
                    Close.toLargest 1e-13 pair expected $"{name} of a pair"
                    Close.toLargest 1e-13 (fused particle displacement name |> Array.concat) expected $"{name}, fused"
    ]

/// A gradient block restricted to a neighbour species, by sample.
let private gradientRows (block: TensorBlock) name = block.Gradients |> Map.tryFind name |> Option.map rowsBySample

let private featomicTests = [
    for case in TestData.cases "featomic" do
        testCase $"gradients of {case} are featomic's"
        <| fun () ->
            let frames, projection = load $"featomic/{case}"
            let theirs = map $"featomic/{case}/coefficients.mts"

            let ours =
                AniSoap.Features.withGradients
                    RunOptions.defaults
                    (ExpansionCoefficients RadialForm.Orthonormal)
                    [ GradientParameter.Positions; GradientParameter.Strain ]
                    projection
                    frames
                |> sure

            for name in [ "positions"; "strain" ] do
                let scale =
                    theirs.Blocks
                    |> Seq.choose (fun block -> Map.tryFind name block.Gradients)
                    |> Seq.collect (fun block -> block.Values.ToArray())
                    |> Seq.fold (fun m v -> max m (abs v)) 0.0

                if case.Contains "triclinic" || name = "positions" then
                    Close.above scale 0.0 $"featomic gives {name}"

                for key, block in TensorMap.toSeq theirs do
                    match Map.tryFind name block.Gradients with
                    | None -> ()
                    | Some expected ->
                        let mine =
                            ours
                            |> TensorMap.block [ "o3_lambda", key["o3_lambda"]; "center_type", key["center_type"] ]
                            |> sure

                        let columns =
                            mine.Properties
                            |> Labels.positionsWhere (fun row -> row["neighbor_type"] = key["neighbor_type"])

                        let mine = mine |> TensorBlock.takeProperties columns |> sure

                        // A row of theirs names a sample of its own block: by system and atom.
                        let byName (block: TensorBlock) (gradient: TensorBlock) =
                            rowsBySample gradient
                            |> Map.toSeq
                            |> Seq.map (fun (sample, row) ->
                                let owner = block.Samples[List.head sample].Values.ToArray() |> Array.toList
                                (owner, List.tail sample), row)
                            |> Map.ofSeq

                        let actual = byName mine mine.Gradients[name]
                        Expect.sequenceEqual (mine.Gradients[name].Components) expected.Components "components"

                        for KeyValue(sample, row) in byName block expected do
                            match Map.tryFind sample actual with
                            | Some found -> Close.within 1e-10 scale found row $"{name}, {key}, {sample}"
                            | None -> failtest $"{name}, {key}: no row {sample}"

                        // What they leave out is zero: neighbours of other species.
                        let theirRows = byName block expected

                        for KeyValue(sample, row) in actual do
                            if not (theirRows.ContainsKey sample) then
                                Close.within 1e-12 scale row (Array.zeroCreate row.Length) $"{name}, {key}, {sample}"
]

[<Tests>]
let tests =
    testList "gradients by others" [ testList "50 digits" truthTests; testList "featomic" featomicTests ]
