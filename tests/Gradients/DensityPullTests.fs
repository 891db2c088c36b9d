/// Derivatives of energies, backwards, for every choice of what densities are made of, against differences.
module AniSoap.Tests.DensityPullTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.FiniteDifferences

let manyDensities = [|
    for center in [ CenterDensity.Own; CenterDensity.Merged; CenterDensity.Absent ] do
        for mixing in [ None; Some(SpeciesMixing.Random(2, 3)) ] do
            for isNormalized in [ false; true ] do
                for averaging in [ Averaging.Outer; Averaging.Inner ] do
                    for basis in [ RadialBasis.Gto 1.5; RadialBasis.Monomial ] ->
                        {
                            Hypers.create 2 basis 3.5 with
                                MaxRadial = RadialCount.Uniform 1
                                CenterDensity = center
                                DensityScale = 0.8
                                SpeciesMixing = mixing
                                NormalizeSpectra = isNormalized
                                Averaging = averaging
                                Smoothing = Smoothing.ShiftedCosine 1.2
                        }
|]

/// A number E of a frame, and its derivative along a direction by the reverse pass.
let private energy (projection: Projection) isMean (cotangent: float[]) frame =
    let pulled =
        (if isMean then
             OfMean(ReadOnlyMemory cotangent)
         else
             OfParticles(ReadOnlyMemory cotangent))
        |> Features.pullback RunOptions.defaults UnorderedPairs [ GradientParameter.SemiAxes ] projection frame
        |> sure

    Array.fold2 (fun sum c v -> sum + c * v) 0.0 cotangent (pulled.Values.ToArray()), pulled

let private along (direction: Direction) (pulled: FrameGradient) =
    let vectors (gradient: Vector3 seq) = Seq.map2 Vector3.dot gradient direction.Vectors |> Seq.sum

    match direction.Parameter with
    | GradientParameter.Positions -> vectors pulled.Positions
    | GradientParameter.Orientations -> vectors pulled.Orientations
    | GradientParameter.SemiAxes -> vectors pulled.SemiAxes
    | GradientParameter.Strain ->
        let rows (m: Matrix3) = [ m.Row1; m.Row2; m.Row3 ]
        List.map2 Vector3.dot (rows pulled.Strain) (rows direction.Strain) |> List.sum

[<Tests>]
let tests =
    testList "reverse derivatives of densities" [
        propertyTimes 60 "are those of differences, of means and of particles" (fun (SmallFrame frame) (number: int) ->
            let hypers, h = awayFromCutoff manyDensities[(number &&& 0xFFFFFF) % manyDensities.Length] frame
            let projection = Projection.create hypers [ 1; 6; 7; 8 ] |> sure
            let isMean = number % 2 = 0
            let rows = if isMean then 4 else frame.Particles.Length
            let random = Random number
            let size = (SpectrumColumns.properties UnorderedPairs projection).Count
            let cotangent = Array.init (rows * size) (fun _ -> 2.0 * random.NextDouble() - 1.0)
            let value, pulled = energy projection isMean cotangent frame

            for parameter in GradientParameter.all do
                let direction = direction random parameter frame
                let compute frame = [| fst (energy projection isMean cotangent frame) |]
                let found = differences compute direction h frame
                let exact = along direction pulled
                let scale = max (abs exact) (max (1e-2 * abs value) 1e-30)
                Close.within 1e-8 scale [| exact |] found $"{GradientParameter.name parameter}")
    ]
