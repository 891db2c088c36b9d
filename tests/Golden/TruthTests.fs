/// Coefficients computed with 50 digits.
module AniSoap.Tests.TruthTests

open Expecto
open AniSoap
open AniSoap.Tests.Golden

let private flatten (values: float[][][]) = values |> Array.collect Array.concat

let private ours (projection: Projection) (compute: Coefficients) = [|
    for l in 0 .. projection.Hypers.MaxAngular do
        for m in -l .. l do
            for n in 0 .. projection.RadialCount l - 1 do
                compute[l, m, n]
|]

let private projectionOf (truth: ReferenceData.Truth) =
    let hypers = {
        Hypers.create truth.MaxAngular (RadialBasis.Gto truth.Width) 50.0 with
            MaxRadial = RadialCount.Uniform truth.MaxRadial
            BasisRcond = 0.0
    }

    Projection.create hypers [ 1 ] |> sure

/// The same coefficients by the fused path: a centre without a contribution of its own, and one neighbour.
let private fused (projection: Projection) (item: ReferenceData.TruthItem) form =
    let hypers = { projection.Hypers with CenterDensity = CenterDensity.Absent }
    let projection = Projection.create hypers [ 1; 2 ] |> sure
    let center = Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure

    let neighbor =
        Ellipsoid.create 2 item.Displacement item.Particle.Orientation item.Particle.SemiAxes
        |> sure

    let map =
        Expansion.coefficientsWith RunOptions.defaults form projection [ Frame.create Cell.none [ center; neighbor ] ]
        |> sure

    [|
        for l in 0 .. projection.Hypers.MaxAngular do
            let block = map |> TensorMap.block [ "o3_lambda", l; "center_type", 1 ] |> sure

            for m in 0 .. 2 * l do
                let row = block.Row(0, m).ToArray()

                for n in 0 .. projection.RadialCount l - 1 do
                    row[2 * n + 1]
    |]

[<Tests>]
let tests =
    testList "50-digit references" [
        for path in ReferenceData.truths do
            let truth = ReferenceData.truth path
            let projection = projectionOf truth

            let norms = [|
                for l in 0 .. truth.MaxAngular do
                    for _ in -l .. l do
                        for n in 0 .. truth.MaxRadial do
                            projection.RadialFunctions.Normalization(l, n)
            |]

            testCase $"primitive coefficients of {path} are right to 1e-14 of each item's norm"
            <| fun () ->
                for item in truth.Items do
                    let raw = ours projection (Coefficients.raw projection item.Particle item.Displacement)
                    Close.toNorm 1e-14 (Array.map2 (*) raw norms) (flatten item.Primitive) $"{item.Displacement}"

            testCase $"primitive coefficients of {path} by the fused path are right to 1e-14 of each item's norm"
            <| fun () ->
                for item in truth.Items do
                    Close.toNorm
                        1e-14
                        (Array.map2 (*) (fused projection item RadialForm.Raw) norms)
                        (flatten item.Primitive)
                        $"{item.Displacement}"

            testCase $"orthonormal coefficients of {path} are right to 1e-12 of each item's norm"
            <| fun () ->
                for item in truth.Items do
                    let expected = flatten item.Orthonormal
                    let composed = ours projection (Coefficients.compute projection item.Particle item.Displacement)
                    Close.toNorm 1e-12 composed expected $"{item.Displacement}"

                    Close.toNorm
                        1e-12
                        (fused projection item RadialForm.Orthonormal)
                        expected
                        $"fused {item.Displacement}"
    ]
