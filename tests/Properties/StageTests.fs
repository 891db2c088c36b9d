/// Each stage of the library against the slow twin's way to the same numbers.
module AniSoap.Tests.StageTests

open System
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private momentTests =
    /// The Gaussian of a pair, and its scaled moments both ways.
    let moments reference degree (e: Ellipsoid) r =
        let a = e.SemiAxes
        let rotation = Quaternion.toMatrix e.Orientation

        let squares = Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z)
        let covariance = SymmetricMatrix3.ofRotatedDiagonal rotation squares
        let gaussian = { Mean = r; Covariance = covariance; Weight = 0.7 }
        let actual = Moments.ofGaussian degree gaussian

        Array.unzip [|
            for x in 0..degree do
                for y in 0 .. degree - x do
                    for z in 0 .. degree - x - y do
                        actual.Scaled(x, y, z), reference 0.7 r (SymmetricMatrix3.toMatrix covariance) x y z
        |]

    testList "moments" [
        property "by the recursion are those by Isserlis' theorem"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) ->
            let actual, expected = moments Reference.Moments.byIsserlis 6 e r
            Close.toLargest 1e-14 actual expected "scaled moments"

        propertyTimes 50 "by the recursion are those by quadrature"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) ->
            let actual, expected = moments Reference.Moments.byQuadrature 6 e r
            Close.toLargest 1e-13 actual expected "scaled moments"
    ]

let private harmonics =
    testList "solid harmonics" [
        property "are those of the recursion over Legendre functions, l up to 12"
        <| fun (SomeDisplacement r) ->
            let actual = SolidHarmonics.evaluate 12 r
            let expected = Reference.RealHarmonics.solid 12 r

            for l in 0..12 do
                let scale = max 1e-300 (pown (Vector3.norm r) l)
                let row = Array.init (2 * l + 1) (fun m -> actual[l * l + m])
                Close.within 1e-12 scale row expected[l] $"l = {l}"

        testCase "are homogeneous polynomials, each monomial once"
        <| fun () ->
            for l in 0 .. Hypers.LargestMaxAngular do
                for m in -l .. l do
                    let terms = SolidHarmonics.polynomial l m
                    let powers = terms |> Seq.map (fun t -> t.A, t.B, t.C) |> Seq.toList
                    Expect.isTrue (powers |> List.forall (fun (a, b, c) -> a + b + c = l)) $"degree of {l}, {m}"

        testCase "have the integer coefficients of the exact twin for every l and m that is accepted"
        <| fun () ->
            for l in 0 .. Hypers.LargestMaxAngular do
                for m in -l .. l do
                    let sum = Collections.Generic.Dictionary<struct (int * int * int), float>()

                    for t in SolidHarmonics.polynomial l m do
                        let key = struct (t.A, t.B, t.C)

                        sum[key] <-
                            t.Coefficient
                            + (match sum.TryGetValue key with
                               | true, value -> value
                               | _ -> 0.0)

                    let norm =
                        Reference.RealHarmonics.normalisation l m * (if m = 0 then 1.0 else sqrt 2.0)
                        / Math.Pow(2.0, float l)

                    let exact = Reference.HighPrecision.solidHarmonic l m
                    Expect.equal sum.Count exact.Length $"number of monomials of {l}, {m}"

                    for powers, integer in exact do
                        Close.toLargest 1e-13 [| sum.[powers] |] [| norm * float integer |] $"{l}, {m}, {powers}"
    ]

let private radial =
    let bases = [
        RadialBasis.Gto 1.5, Reference.Gto 1.5
        RadialBasis.Gto 0.4, Reference.Gto 0.4
        RadialBasis.Monomial, Reference.Monomial 4.0
    ]

    let functions basis l count rcond =
        let hypers = {
            Hypers.create l basis 4.0 with
                MaxRadial = RadialCount.PerAngular [ for k in 0..l -> if k = l then count - 1 else 0 ]
                BasisRcond = rcond
        }

        (Projection.create hypers [ 1 ] |> sure).RadialFunctions

    testList "radial functions" [
        testCase "are normalised as the twin's, and their overlaps are those by quadrature"
        <| fun () ->
            for basis, twin in bases do
                for l in 0..8 do
                    let ours = functions basis l 4 1e-8
                    let overlap = Reference.RadialBasis.overlapByQuadrature twin l 4

                    for n in 0..3 do
                        let expected = Reference.RadialBasis.normalisation twin (l + 2 * n)
                        Close.toLargest 1e-14 [| ours.Normalization(l, n) |] [| expected |] $"{basis}, {l}, {n}"

                        for k in 0..3 do
                            Close.within
                                1e-12
                                1.0
                                [| ours.Overlap(l, n, k) |]
                                [| overlap.[n, k] |]
                                $"{basis}, {l}, {n}, {k}"

        testCase "have S^{−1/2} to 13 digits of its largest element, where eigenvalues are dropped too"
        <| fun () ->
            // In doubles the eigenvalue of 1e-8 has eight digits, and so would S^{−1/2}.
            for basis, twin in bases do
                for l, count, rcond in [ 0, 7, 1e-8; 4, 7, 1e-8; 9, 7, 0.0; 2, 12, 1e-8; 12, 11, 1e-8 ] do
                    if not (basis = RadialBasis.Monomial && rcond = 0.0) then
                        let ours = functions basis l count rcond
                        let expected = Reference.RadialBasis.inverseRoot twin rcond l count
                        let actual = Array2D.init count count (fun k n -> ours.InverseRoot(l, k, n))
                        let flat (a: float[,]) = a |> Seq.cast<float> |> Seq.toArray
                        Close.toLargest 1e-13 (flat actual) (flat expected) $"{basis}, l = {l}, {count} functions"

        testCase "have the eigenvalues of the overlap to 14 digits, the smallest too"
        <| fun () ->
            let ours = functions (RadialBasis.Gto 1.5) 8 14 1e-8
            let expected = Reference.RadialBasis.eigenvalues (Reference.Gto 1.5) 8 14

            for actual, exact in Seq.zip (ours.Eigenvalues 8) expected do
                Close.toLargest 1e-14 [| actual |] [| exact |] "eigenvalue"

            Expect.equal (ours.Rank 8) (expected |> Array.filter (fun x -> x > 1e-8) |> Array.length) "rank"
    ]

let private coefficientsTests =
    testList "coefficients" [
        property "of pairs are those by Gauss–Hermite quadrature"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) (number: int) ->
            let projection = pick number
            let settings = settingsOf projection.Hypers
            let weight = PairGaussian.neighborWeight projection.Hypers (Vector3.norm r)

            // A quadrature rounds in units of w E|x|^p, p = l + 2n, however much of it cancels.
            let evenMoments = Reference.PairCoefficients.bare settings.Radial [| 7 |] e r
            let even k = sqrt (4.0 * Math.PI) * evenMoments[0].[0].[k]
            let scale p = max 1e-300 (sqrt (even (p / 2) * even ((p + 1) / 2)))

            if weight > 0.0 then
                let expected = Reference.PairCoefficients.bare settings.Radial settings.RadialCounts e r
                let actual = Coefficients.raw projection e r

                for l in 0 .. projection.Hypers.MaxAngular do
                    for n in 0 .. projection.RadialCount l - 1 do
                        let ours = [| for m in -l .. l -> actual[l, m, n] / weight |]
                        let theirs = [| for m in 0 .. 2 * l -> expected[l].[m].[n] |]
                        Close.within 1e-13 (scale (l + 2 * n)) ours theirs $"l = {l}, n = {n}"

        property "of centres are the dense sums over all images"
        <| fun (SmallFrame frame) (number: int) ->
            let projection = pick number
            let settings = settingsOf projection.Hypers
            let center = (number &&& 0xFFFFFF) % frame.Particles.Length

            let expected =
                Reference.Expansion.centre settings (Seq.toArray projection.Species) frame center
                |> Reference.Expansion.flatten

            let actual = (coefficients projection frame)[center]
            let scale = expected |> Array.fold (fun m c -> max m (abs c)) 1e-30
            Close.within 1e-11 scale actual expected $"{projection.Hypers.RadialBasis}"

        property "make the power spectrum by its dense definition, per particle and as means"
        <| fun (SomeFrame frame) ->
            let expected =
                coefficients small frame
                |> Array.map (unflatten small >> Reference.Coupling.powerSpectrum)

            allToLargest 1e-13 (spectra small frame) expected "per particle"

            let mean =
                Seq.map2 (fun (e: Ellipsoid) row -> e.Species, row) frame.Particles expected
                |> Seq.toList
                |> Reference.Coupling.mean expected[0].Length (List.toArray species)

            Close.toLargest 1e-13 (meanSpectrum small frame) mean "mean"
    ]

let private clebschGordan =
    let table = lazy (ClebschGordan.create 9 |> sure)

    let dense l1 l2 l =
        let full =
            Array.init (2 * l1 + 1) (fun _ -> Array.init (2 * l2 + 1) (fun _ -> Array.zeroCreate<float>(2 * l + 1)))

        for term in table.Value.TermsOf(l1, l2, l) do
            full[term.M1 + l1].[term.M2 + l2].[term.M + l] <- term.Value

        full

    let flatten: float[][][] -> float[] = Array.collect Array.concat

    /// One real coefficient from Racah's complex ones.
    let racah l1 m1 l2 m2 l m =
        let terms = [
            for k1, u1 in Reference.Racah.toReal m1 do
                for k2, u2 in Reference.Racah.toReal m2 do
                    for k, u in Reference.Racah.toReal m do
                        if k1 + k2 = k then
                            Numerics.Complex.Conjugate u1
                            * Numerics.Complex.Conjugate u2
                            * u
                            * Numerics.Complex(Reference.Racah.complex l1 k1 l2 k2 l k, 0.0)
        ]

        let sum = List.fold (fun (a: Numerics.Complex) b -> a + b) Numerics.Complex.Zero terms
        if (l1 + l2 + l) % 2 = 0 then sum.Real else sum.Imaginary

    testList "Clebsch–Gordan coefficients" [
        propertyTimes 2000 "are Racah's, l up to 9"
        <| fun (seed: int) ->
            let random = Random seed
            let l1, l2 = random.Next 10, random.Next 10
            let l = random.Next(abs (l1 - l2), min 9 (l1 + l2) + 1)
            let m1, m2 = random.Next(-l1, l1 + 1), random.Next(-l2, l2 + 1)
            // Of all m only four can have a coefficient that is not zero.
            let candidates = [ m1 + m2; m1 - m2; -m1 - m2; m2 - m1 ] |> List.filter (fun m -> abs m <= l)

            let m =
                if candidates.IsEmpty then
                    l
                else
                    candidates[random.Next candidates.Length]

            let actual = (dense l1 l2 l).[m1 + l1].[m2 + l2].[m + l]
            Close.within 1e-13 1.0 [| actual |] [| racah l1 m1 l2 m2 l m |] $"{l1} {m1}, {l2} {m2} to {l} {m}"

        testCase "of whole products are Racah's"
        <| fun () ->
            for l1, l2, l in [ 0, 0, 0; 1, 1, 1; 2, 1, 2; 3, 3, 4; 4, 2, 5; 5, 4, 3 ] do
                Close.within
                    1e-13
                    1.0
                    (flatten (dense l1 l2 l))
                    (flatten (Reference.Racah.real l1 l2 l))
                    $"{l1}, {l2}, {l}"

        testCase "of every product up to l = 9 are orthonormal"
        <| fun () ->
            for l1 in 0..9 do
                for l2 in 0..9 do
                    for l in abs (l1 - l2) .. min 9 (l1 + l2) do
                        let columns = Array.init (2 * l + 1) (fun _ -> Array.zeroCreate ((2 * l1 + 1) * (2 * l2 + 1)))

                        for t in table.Value.TermsOf(l1, l2, l) do
                            columns[t.M + l].[(t.M1 + l1) * (2 * l2 + 1) + t.M2 + l2] <- t.Value

                        for m in 0 .. 2 * l do
                            for k in 0..m do
                                let overlap = Array.map2 (*) columns[m] columns[k] |> Array.sum
                                let expected = if m = k then 1.0 else 0.0
                                Close.within 1e-13 1.0 [| overlap |] [| expected |] $"{l1}, {l2}, {l}: {m}, {k}"

        testCase "are AniSOAP's, entry by entry"
        <| fun () ->
            for product in (JsonDocument.Parse(TestData.text "anisoap/cg-real.json").RootElement).EnumerateArray() do
                let get (name: string) = (product.GetProperty name).GetInt32()
                let l1, l2, l = get "l1", get "l2", get "L"
                let expected = dense l1 l2 l |> Array.map (Array.map (Array.map (fun _ -> 0.0)))

                for entry in (product.GetProperty "entries").EnumerateArray() do
                    let values = ReferenceData.numbers entry
                    expected[l1 + int values[0]].[l2 + int values[1]].[l + int values[2]] <- values[3]

                Close.within 1e-13 1.0 (flatten (dense l1 l2 l)) (flatten expected) $"{l1}, {l2}, {l}"
    ]

[<Tests>]
let tests =
    testList "stages against the slow twin" [ momentTests; harmonics; radial; coefficientsTests; clebschGordan ]
