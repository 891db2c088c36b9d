/// Bare coefficients go as lengths to powers up to the largest l + 2n: what single precision cannot hold of them is refused.
module AniSoap.Tests.SingleCoefficientTests

open Expecto
open AniSoap
open AniSoap.Tests.Tensors

let private projection basis cutoff =
    let hypers = { Hypers.create 6 basis cutoff with MaxRadial = RadialCount.Uniform 3 }
    Projection.create hypers [ 1 ] |> ok

let private atLength s = [ projection (RadialBasis.Gto s) (3.0 * s); projection RadialBasis.Monomial (3.0 * s) ]

[<Tests>]
let tests =
    testList "coefficients in single precision" [
        testCase "of bare primitives are refused in units in which their highest powers vanish or overflow"
        <| fun () ->
            for s in [ 1e-12; 1e-10; 1e-3; 1e4; 1e12 ] do
                for projection in atLength s do
                    let refused = sentence (RunEstimate.checkSingleCoefficients RadialForm.Raw false projection)
                    Expect.stringContains refused "single precision" $"{s}"
                    Expect.stringContains refused "double precision" $"{s}: the remedy"

            for s in [ 0.1; 1.0; 100.0 ] do
                for projection in atLength s do
                    RunEstimate.checkSingleCoefficients RadialForm.Raw false projection |> ok
                    RunEstimate.checkSingleCoefficients RadialForm.Raw true projection |> ok

        testCase "of orthonormal functions are refused only where their one power is"
        <| fun () ->
            for s in [ 1e-12; 1e-3; 1e4; 1e12 ] do
                for projection in atLength s do
                    RunEstimate.checkSingleCoefficients RadialForm.Orthonormal false projection
                    |> ok

            for projection in atLength 1e30 do
                Expect.isError
                    (RunEstimate.checkSingleCoefficients RadialForm.Orthonormal true projection)
                    "derivatives"
    ]
