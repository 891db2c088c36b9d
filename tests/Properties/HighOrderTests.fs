/// High orders, where doubles lose most digits, against 115 digits: whatever is accepted is right to 1e-10 of its norm.
module AniSoap.Tests.HighOrderTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private diagonal = Vector3.create (sqrt (1.0 / 3.0)) (sqrt (1.0 / 3.0)) (sqrt (1.0 / 3.0))

/// Turns z into the diagonal, where the monomials of a harmonic cancel most.
let private facing =
    let half = 0.5 * acos (sqrt (1.0 / 3.0))
    Quaternion.create (cos half) (-sin half * sqrt 0.5) (sin half * sqrt 0.5) 0.0

/// Name, semi-axes, orientation and displacement; discs seen from above are the hardest.
let private items = [
    "disc from above", Vector3.create 4.0 4.0 0.1, facing, 8.0 * diagonal
    "endless disc", Vector3.create 1000.0 1000.0 1e-6, facing, 8.0 * diagonal
    "needle", Vector3.create 0.1 0.1 4.0, Quaternion.create 0.3 -0.5 0.7 0.2, Vector3.create 1.2 -1.5 1.6
    "sphere", Vector3.create 0.7 0.7 0.7, Quaternion.identity, 5.0 * diagonal
    "speck", Vector3.create 1e-6 1e-6 1e-6, Quaternion.identity, Vector3.create 3.1 -2.9 3.0
]

let private width = 1.5

let private hypersOf maxAngular maxRadial = {
    Hypers.create maxAngular (RadialBasis.Gto width) 10.0 with
        MaxRadial = RadialCount.Uniform maxRadial
        CenterDensity = CenterDensity.Absent
}

/// The corners of what is accepted.
let private corners = [
    Hypers.LargestMaxAngular, (Hypers.LargestDegree - Hypers.LargestMaxAngular) / 2
    Hypers.LargestMaxAngular - 1, (Hypers.LargestDegree - Hypers.LargestMaxAngular + 1) / 2
    10, (Hypers.LargestDegree - 10) / 2
    0, Hypers.LargestDegree / 2
]

let private accuracy =
    testList "are right to 1e-10 of the norm" [
        for maxAngular, maxRadial in corners do
            testCase $"at max_angular {maxAngular}, max_radial {maxRadial}, by the fused and the composed path"
            <| fun () ->
                let projection = projectionOf (hypersOf maxAngular maxRadial)
                let counts = Reference.Settings.uniform maxAngular maxRadial
                let matrices = Reference.HighPrecision.matrices width counts (Reference.Orthonormal 1e-8)

                for name, axes, q, r in items do
                    let center = Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure
                    let neighbor = Ellipsoid.create 6 r q axes |> sure

                    let exact =
                        Reference.HighPrecision.bareDigits width counts axes neighbor.Orientation r
                        |> Reference.HighPrecision.combine matrices
                        |> Reference.Coefficients.flatten

                    let rows = coefficients projection (Frame.create Cell.none [ center; neighbor ])
                    let fused = (unflatten projection (Array.head rows)).[1] |> Reference.Coefficients.flatten
                    Close.toNorm 1e-10 fused exact $"{name}, fused"

                    if name = "disc from above" || name = "needle" then
                        Close.toNorm
                            1e-10
                            (Coefficients.compute projection neighbor r |> pairRow projection)
                            exact
                            $"{name}, composed"
    ]

let private refusals =
    let sentence hypers = Projection.create hypers [ 1 ] |> Tensors.sentence

    testList "are refused beyond, by name" [
        testCase "orders that lose digits"
        <| fun () ->
            Expect.stringContains
                (sentence (hypersOf 40 20))
                "max_angular = 40 cannot be used; accepted: a whole number from 0 to 18"
                "l = 40"

            Expect.stringContains
                (sentence (hypersOf 18 9))
                "max_radial = 9 cannot be used; accepted: numbers n with l + 2n up to 35 (here it reaches 36; coefficients beyond lose digits)"
                "l = 18, n = 9"

        testCase "bases whose smallest eigenvalues amplify rounding, unless they are dropped"
        <| fun () ->
            let wanted = hypersOf 12 11
            let text = sentence { wanted with BasisRcond = 0.0 }

            Expect.stringContains
                text
                "basis_rcond = 0 cannot be used; accepted: a value that lets the 12 radial functions of l = "
                "rcond 0"

            Expect.stringContains text "try 1e-8, or fewer radial functions" "remedy"
            Projection.create wanted [ 1 ] |> sure |> ignore
    ]

let private finiteness =
    testCase "give finite numbers at every corner, for needles, discs and specks"
    <| fun () ->
        for maxAngular, maxRadial in corners do
            let projection =
                projectionOf { hypersOf maxAngular maxRadial with CenterDensity = CenterDensity.Merged }

            let frame = Frame.create Cell.none [ for _, axes, q, r in items -> Ellipsoid.create 1 r q axes |> sure ]

            Expect.all
                (values (PowerSpectrum.mean projection [ frame ] |> sure))
                Double.IsFinite
                $"{maxAngular}, {maxRadial}"

[<Tests>]
let tests = testList "high orders" [ accuracy; refusals; finiteness ]
