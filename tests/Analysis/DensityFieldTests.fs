module AniSoap.Tests.DensityFieldTests

open System
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

/// ∫₀^last f(r) dr by Simpson's rule.
let private integrate last (f: float -> float) =
    let steps = 4000
    let h = last / float steps

    let weight i =
        if i = 0 || i = steps then 1.0
        elif i % 2 = 1 then 4.0
        else 2.0

    h / 3.0 * Seq.sum (seq { for i in 0..steps -> weight i * f (float i * h) })

let private gto maxAngular maxRadial = {
    Hypers.create maxAngular (RadialBasis.Gto 1.0) 6.0 with
        MaxRadial = RadialCount.Uniform maxRadial
}

let private rodsAt places =
    let rod k (x, y, z) =
        let q = Quaternion.tryNormalize (Quaternion.create 1.0 (0.3 * float k) -0.2 0.1) |> sure
        Ellipsoid.create 1 (Vector3.create x y z) q (Vector3.create 1.2 0.8 0.7) |> sure

    Frame.create Cell.none (List.mapi rod places)

let private pair = rodsAt [ 0.0, 0.0, 0.0; 1.0, 0.5, -0.5 ]

[<Tests>]
let radial =
    testList "radial curves" [
        testCase "of both bases are orthonormal under ∫ r² dr"
        <| fun () ->
            for basis in [ RadialBasis.Gto 1.3; RadialBasis.Monomial ] do
                let hypers = { Hypers.create 3 basis 4.0 with MaxRadial = RadialCount.Uniform 3 }
                let projection = Projection.create hypers [ 1 ] |> sure

                let last =
                    match basis with
                    | Gto _ -> 25.0
                    | Monomial -> 4.0

                for l in 0..3 do
                    for n in 0..3 do
                        for k in 0..n do
                            let product =
                                integrate last (fun r ->
                                    let values = RadialFunctions.orthonormal projection l r
                                    values[n] * values[k] * r * r)

                            let expected = if n = k then 1.0 else 0.0
                            Close.within 1e-8 1.0 [| product |] [| expected |] $"{basis}, l = {l}, n = {n}, k = {k}"

        testCase "are next to nothing beyond their reach"
        <| fun () ->
            for maxAngular, maxRadial in [ 0, 0; 1, 0; 6, 5; 12, 8 ] do
                let projection = Projection.create (gto maxAngular maxRadial) [ 1 ] |> sure
                let reach = RadialFunctions.reach projection

                for l in 0..maxAngular do
                    for n in 0..maxRadial do
                        let at r = abs (RadialFunctions.primitive projection l n r)
                        let most = Seq.max (seq { for i in 0..200 -> at (float i * reach / 200.0) })
                        Expect.isTrue (at reach < 0.01 * most) $"l = {l}, n = {n}: {at reach / most}"
    ]

[<Tests>]
let density =
    testList "density fields" [
        propertyTimes 30 "have the coefficients of the expansion"
        <| fun (SmallFrame frame) ->
            let projection = projectionOf { smallHypers with Smoothing = Smoothing.ShiftedCosine 1.0 }
            let rows = coefficients projection frame

            for center in 0 .. frame.Particles.Length - 1 do
                let bySpecies = [|
                    for species in projection.Species ->
                        DensityField.coefficients projection frame center species |> sure
                |]

                let found = [|
                    for l in 0 .. projection.Hypers.MaxAngular do
                        for m in -l .. l do
                            for n in 0 .. projection.RadialCount l - 1 do
                                for c in bySpecies -> c[l, m, n]
                |]

                Close.toLargest 1e-12 found rows[center] $"centre {center}"

        testCase "integrate to the number of neighbours"
        <| fun () ->
            let projection = Projection.create (gto 2 2) [ 1 ] |> sure
            let field = DensityField.exact projection pair 0 1 |> sure
            let h = 0.25

            let sum =
                Seq.sum (
                    seq {
                        for i in -28 .. 28 do
                            for j in -28 .. 28 do
                                for k in -28 .. 28 -> field (Vector3.create (h * float i) (h * float j) (h * float k))
                    }
                )

            Close.within 1e-6 1.0 [| h * h * h * sum |] [| 2.0 |] "two densities of 1"

        testCase "are approached by their reconstruction as the basis grows"
        <| fun () ->
            let random = Random 3

            let points =
                List.init 60 (fun _ ->
                    2.0
                    * Vector3.create
                        (random.NextDouble() - 0.5)
                        (random.NextDouble() - 0.5)
                        (random.NextDouble() - 0.5))

            let error maxAngular maxRadial =
                let projection = Projection.create (gto maxAngular maxRadial) [ 1 ] |> sure
                let exact = DensityField.exact projection pair 0 1 |> sure

                let rebuilt =
                    DensityField.coefficients projection pair 0 1
                    |> sure
                    |> DensityField.reconstruct projection

                points |> List.map (fun p -> abs (exact p - rebuilt p)) |> List.max

            let errors = [ for size in [ 1; 3; 5; 7; 9 ] -> error size (size / 2 + 1) ]

            for larger, smaller in List.pairwise errors do
                Expect.isTrue (smaller < 0.7 * larger) $"the largest error falls: {errors}"

            Expect.isTrue (List.last errors < 2e-3 * List.head errors + 1e-3) $"to nearly nothing: {errors}"

        testCase "lose what Parseval's sum of squared coefficients does not hold"
        <| fun () ->
            // ∫ (ρ − Σ c R Y)² = ∫ ρ² − Σ c², for two spheres in closed form: ∫ρ² = Σ_ij exp(−d²/4a²)/(8 π^{3/2} a³).
            let a, d = 0.9, 1.1
            let sphere x = Ellipsoid.sphere 1 (Vector3.create x 0.0 0.0) a |> sure
            let frame = Frame.create Cell.none [ sphere 0.0; sphere d ]
            let projection = Projection.create (gto 6 6) [ 1 ] |> sure
            let c = DensityField.coefficients projection frame 0 1 |> sure

            let squares =
                Seq.sum (
                    seq {
                        for l in 0..6 do
                            for m in -l .. l do
                                for n in 0 .. projection.RadialCount l - 1 -> c[l, m, n] * c[l, m, n]
                    }
                )

            let exact = 2.0 * (1.0 + exp (-d * d / (4.0 * a * a))) / (8.0 * Math.PI ** 1.5 * a ** 3.0)
            Expect.isTrue (squares <= exact * (1.0 + 1e-12)) "Bessel's inequality"
            Expect.isTrue (squares >= exact * (1.0 - 1e-5)) $"nearly all of it is held: {1.0 - squares / exact} is lost"

        testCase "are refused for a centre that is not there"
        <| fun () ->
            let projection = Projection.create (gto 2 2) [ 1 ] |> sure
            Expect.isError (DensityField.exact projection pair 2 1) "particle 2 of 0 and 1"
            Expect.isError (DensityField.coefficients projection pair -1 1) "particle -1"

        testCase "leave the centre out where it is switched off"
        <| fun () ->
            let projection =
                Projection.create { gto 2 2 with CenterDensity = CenterDensity.Absent } [ 1 ]
                |> sure

            let lone = rodsAt [ 0.0, 0.0, 0.0 ]
            Expect.equal ((DensityField.exact projection lone 0 1 |> sure) Vector3.zero) 0.0 "nothing is left"
    ]
