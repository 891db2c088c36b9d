/// Forward derivatives against finite differences and against each other.
module AniSoap.Tests.ForwardTests

open System
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.FiniteDifferences

/// The centre's own density, and the scale of semi-axes.
let private densities = [|
    CenterDensity.Merged, 1.0
    CenterDensity.Absent, 1.0
    CenterDensity.Merged, 1.3
    CenterDensity.Absent, 0.7
|]

/// Both bases, every kind of radial count, every kind of density, step and smooth cutoffs, with and without radial scaling (of an even exponent: an odd one
/// has a kink where two particles coincide).
let private manyHypers = [|
    for basis in [ RadialBasis.Gto 1.5; RadialBasis.Monomial; RadialBasis.Gto 0.8 ] do
        for smoothing in [ Smoothing.ShiftedCosine 1.2; Smoothing.Step ] do
            for scaling in [ None; Some { Scale = 2.0; Rate = 1.5; Exponent = 4.0 } ] do
                for count in [ RadialCount.PerAngular [ 2; 0; 1; 1 ]; RadialCount.Coupled; RadialCount.Uniform 1 ] do
                    for center, scale in densities ->
                        {
                            Hypers.create 3 basis 3.5 with
                                MaxRadial = count
                                CenterDensity = center
                                DensityScale = scale
                                Smoothing = smoothing
                                RadialScaling = scaling
                        }
|]

let private species = [ 1; 6; 7; 8 ]

let hypersFor (number: int) (frame: Frame) =
    let hypers, h = awayFromCutoff manyHypers[(number &&& 0xFFFFFF) % manyHypers.Length] frame
    Projection.create hypers species |> sure, h

let private features kind projection parameters frame =
    AniSoap.Features.withGradients RunOptions.defaults kind parameters projection [ frame ]
    |> sure

let private holds name (withGradients: Projection -> GradientParameter list -> Frame -> TensorMap) =
    propertyTimes 60 name (fun (SmallFrame frame) (number: int) ->
        let projection, h = hypersFor number frame
        check (withGradients projection) h (Random number) frame name)

let private pairs form projection parameters frame =
    AniSoap.Features.pairsWithGradients RunOptions.defaults form parameters projection [ frame ]
    |> sure

let private table = ClebschGordan.create 6 |> sure

let private lambdaSoap projection parameters frame =
    features (ExpansionCoefficients RadialForm.Orthonormal) projection parameters frame
    |> Product.lambdaSoap table 2
    |> sure

[<Tests>]
let finiteDifferences =
    testList "forward derivatives by positions, orientations, semi-axes and strain are those of finite differences" [
        holds "coefficients" (features (ExpansionCoefficients RadialForm.Orthonormal))
        holds "raw coefficients" (features (ExpansionCoefficients RadialForm.Raw))
        holds "pair coefficients" (pairs RadialForm.Orthonormal)
        holds "raw pair coefficients" (pairs RadialForm.Raw)
        holds "power spectrum of each particle" (features (ParticleSpectra OrderedPairs))
        holds "compact power spectrum of each particle" (features (ParticleSpectra UnorderedPairs))
        holds "mean power spectrum" (features (MeanSpectra OrderedPairs))
        holds "compact mean power spectrum" (features (MeanSpectra UnorderedPairs))
        holds "λ-SOAP" lambdaSoap

        propertyTimes 3 "products of three factors" (fun (SmallFrame frame) ->
            let small = Frame.create frame.Cell (Seq.truncate 2 frame.Particles)

            let hypers, h =
                awayFromCutoff
                    { Hypers.create 1 (RadialBasis.Gto 1.5) 3.0 with MaxRadial = RadialCount.Uniform 0 }
                    small

            let projection = Projection.create hypers [ 1; 6; 8 ] |> sure

            let triple parameters frame =
                let expansion = features (ExpansionCoefficients RadialForm.Orthonormal) projection parameters frame
                let squared = Product.couplings table (Product.upTo 2) expansion expansion |> sure
                Product.couplings table (Product.upTo 1) squared expansion |> sure

            check triple h (Random 1) small "ν = 3")
    ]

[<Tests>]
let paths =
    testList "features with gradients" [
        property "have the values, labels and keys of features without" (fun (SmallFrame frame) (number: int) ->
            let projection, _ = hypersFor number frame
            let frames = [ frame; frame ]

            for kind, plain in
                [
                    ExpansionCoefficients RadialForm.Orthonormal, Expansion.coefficients projection frames
                    ExpansionCoefficients RadialForm.Raw,
                    Expansion.coefficientsWith RunOptions.defaults RadialForm.Raw projection frames
                    ParticleSpectra OrderedPairs, PowerSpectrum.perParticle projection frames
                    ParticleSpectra UnorderedPairs,
                    PowerSpectrum.perParticleWith RunOptions.defaults UnorderedPairs projection frames
                    MeanSpectra OrderedPairs, PowerSpectrum.mean projection frames
                    MeanSpectra UnorderedPairs,
                    PowerSpectrum.meanWith RunOptions.defaults UnorderedPairs projection frames
                ] do
                let plain = plain |> sure

                let map =
                    AniSoap.Features.withGradients RunOptions.defaults kind GradientParameter.all projection frames
                    |> sure

                Expect.equal map.Keys plain.Keys "keys"
                Close.within 1e-13 (max 1e-30 (largest plain)) (values map) (values plain) $"{kind}"

                for mine, theirs in Seq.zip map.Blocks plain.Blocks do
                    Expect.equal mine.Samples theirs.Samples "samples"
                    Expect.sequenceEqual mine.Components theirs.Components "components"
                    Expect.equal mine.Properties theirs.Properties "properties")

        propertyTimes 40 "are the same for any number of threads, bit for bit" (fun (SomeFrame frame) (number: int) ->
            let projection, _ = hypersFor number frame
            let frames = [ frame; Transform.reverse frame ]

            for kind in [ ExpansionCoefficients RadialForm.Orthonormal; MeanSpectra OrderedPairs ] do
                let compute threads =
                    AniSoap.Features.withGradients
                        (RunOptions.threads threads)
                        kind
                        GradientParameter.all
                        projection
                        frames
                    |> sure

                Tensors.sameMap (compute 3) (compute 1) $"{kind}")

        property "list the centre and every neighbour once, ascending" (fun (SomeFrame frame) ->
            let hypers = { Hypers.create 1 (RadialBasis.Gto 1.0) 3.0 with MaxRadial = RadialCount.Uniform 0 }
            let projection = Projection.create hypers species |> sure

            let map =
                features
                    (ExpansionCoefficients RadialForm.Orthonormal)
                    projection
                    [ GradientParameter.Positions ]
                    frame

            let neighbors =
                NeighborList.create 3.0 frame
                |> sure
                |> Seq.groupBy _.First
                |> Seq.map (fun (first, pairs) -> first, pairs |> Seq.map _.Second |> Seq.toList)
                |> Map.ofSeq

            for block in map.Blocks do
                let expected = [
                    for row in block.Samples do
                        let others = Map.tryFind row[1] neighbors |> Option.defaultValue []

                        for atom in row[1] :: others |> List.distinct |> List.sort -> [ row.Position; 0; atom ]
                ]

                let actual = [
                    for row in block.Gradients["positions"].Samples -> row.Values.ToArray() |> Array.toList
                ]

                Expect.equal actual expected "samples")
    ]

/// All derivatives of the centres of a frame by kernels of one width, one row of numbers a centre and kind of row.
let private byWidth width kind (projection: Projection) (frame: Frame) =
    let parameters = { Positions = true; Orientations = true; SemiAxes = true; Strain = true }
    let layout = RowLayout(projection, FeatureKind.rows kind)
    let work = ForwardWorkspace(layout, parameters, width)
    let size = FeatureKind.size projection kind
    let sums = DerivativeSums(layout, size, parameters)
    let gradients = CenterGradients size
    let prepared = PreparedFrame(projection, frame)
    let count = frame.Particles.Length

    Array.init count (fun place ->
        sums.Begin count
        ForwardKernel.compute prepared work place sums |> ignore
        ForwardKernel.finish work sums prepared.Gaussians place gradients
        let length = 3 * size * gradients.Atoms.Count

        [| gradients.Positions; gradients.Orientations; gradients.SemiAxes |]
        |> Array.map (Array.truncate length)
        |> Array.append [| Array.copy gradients.Values; Array.copy gradients.Strain |])

[<Tests>]
let widths =
    testList "forward derivatives of every width of vectors" [
        let random = Random 3
        let place () = 5.0 * random.NextDouble() - 2.5
        let axis () = 0.3 + random.NextDouble()

        let frame =
            Frame.create Cell.none [
                for i in 0..24 ->
                    let at = Vector3.create (place ()) (place ()) (place ())
                    let species = [| 1; 6; 1 |][i % 3]

                    if i % 4 = 0 then
                        Ellipsoid.sphere species at (axis ()) |> sure
                    else
                        let turned = Quaternion.create 1.0 (place ()) (place ()) (place ())

                        Ellipsoid.create species at turned (Vector3.create (axis ()) (axis ()) (axis ()))
                        |> sure
            ]

        let hypers = {
            Hypers.create 4 (RadialBasis.Gto 1.3) 4.0 with
                MaxRadial = RadialCount.PerAngular [ 4; 3; 0; 2; 1 ]
                Smoothing = Smoothing.ShiftedCosine 1.0
        }

        let projection = Projection.create hypers [ 1; 6 ] |> sure

        for kind in
            [
                ParticleSpectra OrderedPairs
                ParticleSpectra UnorderedPairs
                ExpansionCoefficients RadialForm.Orthonormal
            ] do
            testCase $"are the same to rounding: {kind}"
            <| fun () ->
                let expected = byWidth MomentKernel.Portable kind projection frame

                for width in [ MomentKernel.Portable; MomentKernel.Wide256; MomentKernel.Wide512 ] do
                    if MomentKernel.isSupported width then
                        let actual = byWidth width kind projection frame

                        for center in 0 .. expected.Length - 1 do
                            for part in 0..4 do
                                let mine, theirs = actual[center][part], expected[center][part]
                                Close.toLargest 1e-12 mine theirs $"{width}, centre {center}, part {part}"
    ]
