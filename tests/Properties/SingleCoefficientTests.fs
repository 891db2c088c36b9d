/// Bare coefficients go as lengths to powers up to the largest l + 2n: what single precision cannot hold of them is refused, judged
/// by the numbers and not by the unit of length.
module AniSoap.Tests.SingleCoefficientTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Tensors
open AniSoap.Formats

/// Two spheroids, every length s times as large, with radial functions of n up to 3 and l up to this.
let private writing basis maxAngular s kind parameters =
    let hypers = { Hypers.create maxAngular (basis s) (3.0 * s) with MaxRadial = RadialCount.Uniform 3 }
    let projection = Projection.create hypers [ 1 ] |> ok

    let particle x =
        Ellipsoid.create
            1
            (Vector3.create (x * s) (0.3 * s) (0.2 * s))
            (Quaternion.create 0.8 0.2 0.4 0.4)
            (Vector3.create (0.6 * s) (0.4 * s) (0.5 * s))
        |> ok

    let frame = Frame.create Cell.none [ particle 0.0; particle 1.2 ]
    let precise precision = { WriteOptions.replacing with Precision = precision }

    fun folder precision ->
        let path = Path.Combine(folder, "a.mts")
        File.Delete path

        let options = {
            FeatureRun.defaults with
                Write = precise precision
                Gradients = set parameters
                Run = RunOptions.threads 1
        }

        let outcome = FeatureRun.ofFrames options kind projection [ frame ] path
        Expect.equal (File.Exists path) outcome.IsOk "a file, if it can be"
        outcome |> Result.map ignore

let private bases = [ RadialBasis.Gto; (fun _ -> RadialBasis.Monomial) ]

let private kinds = [ ExpansionCoefficients RadialForm.Raw; PairCoefficients RadialForm.Raw ]

let private refused folder what write =
    let text = sentence (write folder Precision.Single)
    Expect.stringContains text "single precision" what
    Expect.stringContains text "double precision" $"{what}: the remedy"
    write folder Precision.Double |> ok

[<Tests>]
let tests =
    testList "coefficients in single precision" [
        testCase "of bare primitives are refused where columns vanish or overflow, if only those of the highest power"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for basis in bases do
                    for kind in kinds do
                        // With l = 0 alone the powers are 0, 2, 4 and 6: that of n = 3 is too small.
                        for maxAngular, s in [ 0, 1e-8; 3, 1e-10; 3, 1e-6; 3, 1e6; 3, 1e10 ] do
                            refused folder $"{kind}, l up to {maxAngular}, {s}" (writing basis maxAngular s kind [])

                        for maxAngular, s in [ 0, 1e-6; 0, 1e6; 3, 1e-4; 3, 1.0; 3, 1e4 ] do
                            writing basis maxAngular s kind [] folder Precision.Single |> ok)

        testCase "of orthonormal functions, and spectra, are written in any unit that holds them"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for basis in bases do
                    for kind in
                        [ ExpansionCoefficients RadialForm.Orthonormal; PairCoefficients RadialForm.Orthonormal ] do
                        for s in [ 1e-12; 1e-3; 1e4; 1e12 ] do
                            writing basis 2 s kind [] folder Precision.Single |> ok

                    for s in [ 1e-12; 1e9 ] do
                        writing basis 2 s (MeanSpectra OrderedPairs) [] folder Precision.Single |> ok

                    for s in [ 1e-14; 1e14 ] do
                        refused folder $"spectra, {s}" (writing basis 2 s (MeanSpectra OrderedPairs) []))

        testCase "have derivatives of one power less, which are judged for themselves"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for basis in bases do
                    // The features, 1e-30 and so, are held well; their derivatives, 1e-40, are not.
                    for kind in [ MeanSpectra OrderedPairs; ParticleSpectra OrderedPairs ] do
                        let write parameters = writing basis 2 1e10 kind parameters
                        write [ GradientParameter.Strain ] folder Precision.Single |> ok
                        refused folder $"{kind}" (write [ GradientParameter.Positions ]))
    ]
