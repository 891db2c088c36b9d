module AniSoap.Tests.ReferencePairCoefficientTests

open Expecto
open AniSoap.Reference
open AniSoap.Tests.ReferenceData

[<Tests>]
let tests =
    testList "slow twin: pair coefficients" [
        for path in truths do
            testCase $"quadrature agrees with {path}"
            <| fun () ->
                let truth = truth path
                let counts = Settings.uniform truth.MaxAngular truth.MaxRadial

                for item in truth.Items do
                    let compute functions =
                        PairCoefficients.primitive (Gto truth.Width) counts functions item.Particle item.Displacement
                        |> Coefficients.flatten

                    Close.toNorm 1e-13 (compute Normalised) (Coefficients.flatten item.Primitive) "primitive"
                    // S^{-1/2} amplifies rounding by up to 1/√(smallest eigenvalue).
                    Close.toNorm
                        1e-12
                        (compute (Orthonormal 1e-8))
                        (Coefficients.flatten item.Orthonormal)
                        "orthonormal"
    ]
