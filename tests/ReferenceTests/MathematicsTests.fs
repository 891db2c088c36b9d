module AniSoap.Tests.ReferenceMathematicsTests

open System
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Reference
open AniSoap.Tests.Generators
open AniSoap.Tests.ReferenceData

let private flat2 (a: float[,]) = a |> Seq.cast<float> |> Seq.toArray

let private identity size = Array2D.init size size (fun i j -> if i = j then 1.0 else 0.0)

let private product (a: float[,]) (b: float[,]) =
    let size = Array2D.length1 a
    Array2D.init size size (fun i j -> Seq.sum (seq { for k in 0 .. size - 1 -> a[i, k] * b[k, j] }))

let private transpose (a: float[,]) = Array2D.init (Array2D.length2 a) (Array2D.length1 a) (fun i j -> a[j, i])

let private harmonics =
    testList "harmonics" [
        testCase "low harmonics have the signs of the real convention without Condon–Shortley phase"
        <| fun () ->
            let x = Vector3.create 0.3 -0.5 0.7
            let actual = RealHarmonics.solid 2 x |> Array.concat
            let one = sqrt (3.0 / (4.0 * Math.PI))
            let two = sqrt (15.0 / (4.0 * Math.PI))

            let expected = [|
                sqrt (1.0 / (4.0 * Math.PI))
                one * x.Y
                one * x.Z
                one * x.X
                two * x.X * x.Y
                two * x.Y * x.Z
                two / sqrt 12.0 * (2.0 * x.Z * x.Z - x.X * x.X - x.Y * x.Y)
                two * x.X * x.Z
                two / 2.0 * (x.X * x.X - x.Y * x.Y)
            |]

            Close.toLargest 1e-15 actual expected "Y_lm, l = 0 .. 2"
        propertyTimes 50 "Σ_m Y_lm² = (2l+1)/4π"
        <| fun (SomeRotation q) ->
            let values = RealHarmonics.values 20 (Quaternion.toMatrix q).Row1
            let actual = values |> Array.map (Array.sumBy (fun y -> y * y))
            let expected = Array.init 21 (fun l -> float (2 * l + 1) / (4.0 * Math.PI))
            // |x|^l and the recursion in l each lose a unit in the last place a step.
            Close.toLargest 5e-14 actual expected "sums of squares"

        testCase "at the origin every solid harmonic but the first is zero"
        <| fun () ->
            let actual = RealHarmonics.solid 3 Vector3.zero |> Array.concat
            let expected = Array.init 16 (fun i -> if i = 0 then 1.0 / sqrt (4.0 * Math.PI) else 0.0)
            Close.toLargest 1e-16 actual expected "solid harmonics"
    ]

let private quadrature =
    testList "quadrature" [
        testCase "Gauss–Hermite rules give the moments of the standard normal distribution exactly"
        <| fun () ->
            for count in [ 1; 2; 5; 13; 41 ] do
                let rule = Quadrature.standardNormal count

                for power in 0 .. 2 * count - 1 do
                    let actual = Array.sum (Array.map2 (fun x w -> w * pown x power) rule.Nodes rule.Weights)
                    let size = Array.sum (Array.map2 (fun x w -> w * pown (abs x) power) rule.Nodes rule.Weights)

                    let expected =
                        if power % 2 = 1 then
                            0.0
                        else
                            Seq.fold (fun product k -> product * float k) 1.0 (seq { 1..2 .. power - 1 })

                    Close.within 2e-13 (max size 1.0) [| actual |] [| expected |] $"{count} nodes, power {power}"
        testCase "Gauss–Legendre rules integrate powers exactly"
        <| fun () ->
            for count in [ 1; 2; 7; 24 ] do
                let rule = Quadrature.legendre count

                for power in 0 .. 2 * count - 1 do
                    let actual = Array.sum (Array.map2 (fun x w -> w * pown x power) rule.Nodes rule.Weights)
                    let expected = if power % 2 = 1 then 0.0 else 2.0 / float (power + 1)
                    Close.within 1e-14 1.0 [| actual |] [| expected |] $"{count} nodes, power {power}"
        propertyTimes 40 "moments by quadrature are moments by Isserlis' sums"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) ->
            let a = e.SemiAxes

            let v =
                Moments.turned (Quaternion.toMatrix e.Orientation) (Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z))

            let powers = [
                for a in 0..3 do
                    for b in 0..3 do
                        for c in 0..2 do
                            a, b, c
            ]

            let by f = powers |> List.map (fun (a, b, c) -> f 0.7 r v a b c) |> List.toArray
            Close.toLargest 1e-13 (by Moments.byQuadrature) (by Moments.byIsserlis) "moments up to (3, 3, 2)"

    ]

let private radial =
    testList "radial functions" [
        testCase "overlaps in closed form are overlaps by quadrature"
        <| fun () ->
            for radial in [ Gto 1.5; Gto 0.6; Monomial 4.0 ] do
                for l in [ 0; 1; 4; 9 ] do
                    Close.toLargest
                        1e-13
                        (RadialBasis.overlapByQuadrature radial l 5 |> flat2)
                        (RadialBasis.overlap radial l 5 |> flat2)
                        $"{radial}, l = {l}"
        for path in truths do
            testCase $"the eigenvalues of the overlaps are those of {path}"
            <| fun () ->
                let truth = truth path

                for l in 0 .. truth.MaxAngular do
                    let actual = RadialBasis.eigenvalues (Gto truth.Width) l (truth.MaxRadial + 1)

                    Array.iter2
                        (fun a e -> Close.toLargest 1e-15 [| a |] [| e |] $"l = {l}")
                        actual
                        truth.Eigenvalues[l]
        testCase "S^{-1/2} S S^{-1/2} is the identity, and a projection where eigenvalues are dropped"
        <| fun () ->
            for rcond in [ 1e-8; 1e-4; 1e-2 ] do
                let s = RadialBasis.overlap (Gto 1.5) 3 7
                let root = RadialBasis.inverseRoot (Gto 1.5) rcond 3 7
                let p = product root (product s root)

                let kept =
                    RadialBasis.eigenvalues (Gto 1.5) 3 7
                    |> Array.filter (fun x -> x > rcond)
                    |> Array.length

                Close.within 1e-9 1.0 (flat2 (product p p)) (flat2 p) $"rcond {rcond}: projection"
                Close.within 1e-9 1.0 [| Seq.sum (seq { for i in 0..6 -> p[i, i] }) |] [| float kept |] "rank"

                if kept = 7 then
                    Close.within 1e-9 1.0 (flat2 p) (flat2 (identity 7)) "identity"
        testCase "big numbers: π, e, √2 and quotients round to the right doubles"
        <| fun () ->
            let big = [|
                BigFloat.pi
                BigFloat.exp BigFloat.One
                BigFloat.exp (BigFloat.Of -40.5)
                BigFloat.sqrt (BigFloat.Of 2)
                BigFloat.One / BigFloat.Of 3
                BigFloat.Of 1e300 * BigFloat.Of 1e-300
                BigFloat.Of -0.1
            |]

            let expected = [| Math.PI; Math.E; exp -40.5; sqrt 2.0; 1.0 / 3.0; 1e300 * 1e-300; -0.1 |]
            Array.iter2 (fun (b: BigFloat) e -> Close.toLargest 2e-16 [| b.ToFloat() |] [| e |] "value") big expected

            let residual = BigFloat.sqrt (BigFloat.Of 2) * BigFloat.sqrt (BigFloat.Of 2) - BigFloat.Of 2
            Close.below (abs (residual.ToFloat())) 1e-110 "√2² - 2"

            let unit =
                BigFloat.exp (BigFloat.Of 7.25) * BigFloat.exp (BigFloat.Of -7.25)
                - BigFloat.One

            Close.below (abs (unit.ToFloat())) 1e-105 "e^x e^-x - 1"
    ]

let private coupling =
    testList "Clebsch–Gordan" [
        testCase "the real coefficients are AniSOAP's, entry by entry"
        <| fun () ->
            let json = JsonDocument.Parse(TestData.text "anisoap/cg-real.json").RootElement
            let mutable compared = 0

            for product in json.EnumerateArray() do
                let get (name: string) = (product.GetProperty name).GetInt32()
                let l1, l2, l = get "l1", get "l2", get "L"

                let expected =
                    Array.init (2 * l1 + 1) (fun _ -> Array.init (2 * l2 + 1) (fun _ -> Array.zeroCreate (2 * l + 1)))

                for entry in (product.GetProperty "entries").EnumerateArray() do
                    let values = numbers entry
                    expected[l1 + int values[0]].[l2 + int values[1]].[l + int values[2]] <- values[3]

                let flatten: float[][][] -> float[] = Array.collect Array.concat
                Close.within 1e-13 1.0 (flatten (Racah.real l1 l2 l)) (flatten expected) $"{l1} x {l2} to {l}"
                compared <- compared + 1

            Close.above compared 50 "products compared"
        testCase "the columns of the real coefficients are orthonormal"
        <| fun () ->
            for l1, l2 in [ 2, 3; 4, 4; 1, 6 ] do
                for l in abs (l1 - l2) .. l1 + l2 do
                    let c = Racah.real l1 l2 l

                    let pairs = [
                        for m1 in 0 .. 2 * l1 do
                            for m2 in 0 .. 2 * l2 -> c[m1].[m2]
                    ]

                    let overlap =
                        Array2D.init (2 * l + 1) (2 * l + 1) (fun m k -> pairs |> List.sumBy (fun x -> x[m] * x[k]))

                    Close.within 1e-14 1.0 (flat2 overlap) (flat2 (identity (2 * l + 1))) $"{l1} x {l2} to {l}"
        testCase "⟨2 1 1 -1 | 2 0⟩ and ⟨40 1 40 -1 | 0 0⟩ are the textbook's"
        <| fun () ->
            Close.toLargest 1e-15 [| Racah.complex 2 1 1 -1 2 0 |] [| sqrt 0.5 |] "2 x 1 to 2"
            Close.toLargest 1e-15 [| Racah.complex 40 1 40 -1 0 0 |] [| -1.0 / 9.0 |] "40 x 40 to 0"
    ]

let private wigner =
    testList "Wigner matrices" [
        propertyTimes 20 "Y_lm(R x) = Σ D_mm' Y_lm'(x) up to l = 12"
        <| fun (SomeRotation q) (SomeRotation p) ->
            let rotation = Quaternion.toMatrix q
            let d = Wigner.matrices 12 rotation
            let x = (Quaternion.toMatrix p).Row1
            let here = RealHarmonics.solid 12 x
            let turned = RealHarmonics.solid 12 (rotation * x)

            for l in 0..12 do
                let actual =
                    Array.init (2 * l + 1) (fun m -> Seq.sum (seq { for k in 0 .. 2 * l -> d[l].[m, k] * here[l].[k] }))

                Close.within 1e-13 1.0 actual turned[l] $"l = {l}"

                Close.within
                    1e-13
                    1.0
                    (product d[l] (transpose d[l]) |> flat2)
                    (flat2 (identity (2 * l + 1)))
                    "orthogonal"

        propertyTimes 10 "D(R S) = D(R) D(S)"
        <| fun (SomeRotation r) (SomeRotation s) ->
            let d q = Wigner.matrices 6 (Quaternion.toMatrix q)
            let both, first, second = d (r * s), d r, d s

            for l in 0..6 do
                Close.within 1e-13 1.0 (flat2 both[l]) (flat2 (product first[l] second[l])) $"l = {l}"

    ]

[<Tests>]
let tests = testList "slow twin" [ harmonics; quadrature; radial; coupling; wigner ]
