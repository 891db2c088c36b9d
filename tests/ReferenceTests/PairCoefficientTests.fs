module AniSoap.Tests.ReferencePairCoefficientTests

open Expecto
open AniSoap
open AniSoap.Reference
open AniSoap.Tests.Generators
open AniSoap.Tests.ReferenceData

let private againstTruth path =
    testList path [
        let truth = truth path
        let counts = Settings.uniform truth.MaxAngular truth.MaxRadial
        let orthonormal = Orthonormal 1e-8

        testCase "quadrature gives the primitive coefficients to 13 digits of the norm, the orthonormal ones to 12"
        <| fun () ->
            for item in truth.Items do
                let compute functions =
                    PairCoefficients.primitive (Gto truth.Width) counts functions item.Particle item.Displacement
                    |> Coefficients.flatten

                Close.toNorm 1e-13 (compute Normalised) (Coefficients.flatten item.Primitive) "primitive"
                // S^{-1/2} amplifies rounding by up to 1/√(smallest eigenvalue).
                Close.toNorm 1e-12 (compute orthonormal) (Coefficients.flatten item.Orthonormal) "orthonormal"

        testCase "the moment method gives the primitive coefficients to 13 digits of the norm"
        <| fun () ->
            let table = MomentMethod.table counts

            for item in truth.Items do
                let actual =
                    MomentMethod.bare (Gto truth.Width) table item.Particle item.Displacement
                    |> Coefficients.combine (Coefficients.matrices (Gto truth.Width) counts Normalised)

                Close.toNorm 1e-13 (Coefficients.flatten actual) (Coefficients.flatten item.Primitive) "primitive"

        testCase "high precision gives every single coefficient to the last digit of a double"
        <| fun () ->
            for item in truth.Items do
                let digits =
                    HighPrecision.bareDigits truth.Width counts item.Particle.SemiAxes item.Quaternion item.Displacement

                let check functions expected message =
                    Array.iter2
                        (fun a e -> Close.toLargest 2.3e-16 [| a |] [| e |] message)
                        (HighPrecision.combine (HighPrecision.matrices truth.Width counts functions) digits
                         |> Coefficients.flatten)
                        (Coefficients.flatten expected)

                check Normalised item.Primitive "primitive"
                check orthonormal item.Orthonormal "orthonormal"
    ]

let private agreement =
    testList "ways that share nothing agree" [
        propertyTimes 20 "quadrature and high precision, all three kinds of functions"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) ->
            let counts = Settings.coupled 6

            for functions in [ Bare; Normalised; Orthonormal 1e-8 ] do
                let exact = HighPrecision.primitive 1.5 counts functions e r |> Coefficients.flatten

                let actual =
                    PairCoefficients.primitive (Gto 1.5) counts functions e r
                    |> Coefficients.flatten

                Close.toNorm 1e-12 actual exact $"{functions}"

        propertyTimes 20 "quadrature and the radial integral for spheres"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) ->
            let radius = e.SemiAxes.X

            match Ellipsoid.sphere 1 Vector3.zero radius with
            | Error error -> failtest (AniSoapError.describe error)
            | Ok sphere ->
                for radial in [ Gto 1.5; Gto 0.6; Monomial 4.0 ] do
                    let counts = [| 3; 2; 3; 1; 2 |]
                    let closed = SphereClosedForm.bare radial counts radius r |> Coefficients.flatten
                    let actual = PairCoefficients.bare radial counts sphere r |> Coefficients.flatten
                    Close.toNorm 1e-12 actual closed $"{radial}, semi-axis {radius}"

        propertyTimes 20 "quadrature and the moment method in the monomial basis"
        <| fun (SomeEllipsoid e) (SomeDisplacement r) ->
            let counts = Settings.uniform 4 2

            let actual =
                MomentMethod.bare (Monomial 4.0) (MomentMethod.table counts) e r
                |> Coefficients.flatten

            let expected = PairCoefficients.bare (Monomial 4.0) counts e r |> Coefficients.flatten
            // A quadrature rounds in units of E|polynomial|, which for l = 4 exceeds the norm of a sphere's
            // coefficients at r = 0, all of them with l = 0, a thousandfold.
            Close.toNorm 1e-12 actual expected "monomial"

        testCase "high precision agrees with the radial integral for a sphere at l = 40, n = 20"
        <| fun () ->
            let counts = Settings.uniform 40 20
            let r = Vector3.create 2.3 -3.1 4.2

            match Ellipsoid.sphere 1 Vector3.zero 0.7 with
            | Error error -> failtest (AniSoapError.describe error)
            | Ok sphere ->
                let scale = Coefficients.combine (Coefficients.matrices (Gto 1.5) counts Normalised)
                let closed = SphereClosedForm.bare (Gto 1.5) counts 0.7 r |> scale
                let exact = HighPrecision.primitive 1.5 counts Normalised sphere r

                for l in 0..40 do
                    Close.toNorm 1e-12 (Array.concat closed[l]) (Array.concat exact[l]) $"l = {l}"
    ]

[<Tests>]
let tests =
    testList "slow twin: pair coefficients" [ yield! truths |> List.map againstTruth; agreement ]
