/// Derivatives of every feature, forwards, for every choice of what densities are made of: against differences, and against the reverse pass.
module AniSoap.Tests.DensityForwardTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.FiniteDifferences
open AniSoap.Tests.DensityPullTests

let private species = [ 1; 6; 7; 8 ]

/// One of all choices; with species that columns are mixed out of, and a centre's own column beside them.
let private chosen (number: int) frame =
    let hypers, h = awayFromCutoff manyDensities[(number &&& 0xFFFFFF) % manyDensities.Length] frame
    Projection.create hypers species |> sure, h

let private features kind projection parameters frame =
    Features.withGradients RunOptions.defaults kind parameters projection [ frame ]
    |> sure

let private holds name (withGradients: Projection -> GradientParameter list -> Frame -> TensorMap) =
    propertyTimes 60 name (fun (SmallFrame frame) (number: int) ->
        let projection, h = chosen number frame
        check (withGradients projection) h (Random number) frame name)

let private table = ClebschGordan.create 6 |> sure

let private lambdaSoap projection parameters frame =
    features (ExpansionCoefficients RadialForm.Orthonormal) projection parameters frame
    |> Product.lambdaSoap table 2
    |> sure

/// What a number Σ cotangent · features changes by: its derivatives by every particle, parameter by parameter, and by strain.
let private contracted (cotangent: float[]) count (map: TensorMap) =
    let vectors =
        GradientParameter.all
        |> List.map (fun p -> p, Array.zeroCreate<float>(3 * count))
        |> Map

    let strain = Array.zeroCreate<float> 9
    let mutable first = 0

    for block in map.Blocks do
        let size = block.Properties.Count

        for KeyValue(name, gradient) in block.Gradients do
            let parameter = GradientParameter.ofName name |> sure
            let axes = gradient.ComponentCount

            for row in gradient.Samples do
                for axis in 0 .. axes - 1 do
                    let mutable sum = 0.0

                    for i in 0 .. size - 1 do
                        let at = (row.Position * axes + axis) * size + i
                        sum <- sum + cotangent[first + row[0] * size + i] * gradient.Values[at]

                    if parameter = GradientParameter.Strain then
                        strain[axis] <- strain[axis] + sum
                    else
                        let target = vectors[parameter]
                        target[3 * row[2] + axis] <- target[3 * row[2] + axis] + sum

        first <- first + block.Samples.Count * size

    vectors, strain

[<Tests>]
let finiteDifferences =
    testList "forward derivatives of densities are those of differences" [
        holds "coefficients" (features (ExpansionCoefficients RadialForm.Orthonormal))
        holds "raw coefficients" (features (ExpansionCoefficients RadialForm.Raw))
        holds "power spectrum of each particle" (features (ParticleSpectra OrderedPairs))
        holds "compact power spectrum of each particle" (features (ParticleSpectra UnorderedPairs))
        holds "mean power spectrum" (features (MeanSpectra OrderedPairs))
        holds "compact mean power spectrum" (features (MeanSpectra UnorderedPairs))
        holds "λ-SOAP" lambdaSoap
    ]

[<Tests>]
let paths =
    testList "forward derivatives of densities" [
        propertyTimes 60 "are those backwards, of means" (fun (SomeFrame frame) (number: int) ->
            let projection, _ = chosen number frame
            let map = features (MeanSpectra UnorderedPairs) projection GradientParameter.all frame
            let random = Random number
            let cotangent = Array.init (values map).Length (fun _ -> 2.0 * random.NextDouble() - 1.0)

            let pulled =
                Features.pullback
                    RunOptions.defaults
                    UnorderedPairs
                    [ GradientParameter.SemiAxes ]
                    projection
                    frame
                    (OfMean(ReadOnlyMemory cotangent))
                |> sure

            let vectors, strain = contracted cotangent frame.Particles.Length map
            let flat (given: Vector3 seq) = given |> Seq.collect (fun v -> [ v.X; v.Y; v.Z ]) |> Seq.toArray

            let matrix =
                // [p][q] is the derivative by ε_qp.
                let m = pulled.Strain

                [| m.Row1.X; m.Row2.X; m.Row3.X; m.Row1.Y; m.Row2.Y; m.Row3.Y; m.Row1.Z; m.Row2.Z; m.Row3.Z |]

            for name, mine, theirs in
                [
                    "positions", vectors[GradientParameter.Positions], flat pulled.Positions
                    "orientations", vectors[GradientParameter.Orientations], flat pulled.Orientations
                    "semi-axes", vectors[GradientParameter.SemiAxes], flat pulled.SemiAxes
                    "strain", strain, matrix
                ] do
                let scale = theirs |> Array.fold (fun most v -> max most (abs v)) (1e-3 * largest map)
                Close.within 1e-11 (max scale 1e-30) mine theirs name)

        propertyTimes
            40
            "come with the values, labels and keys of features without"
            (fun (SmallFrame frame) (number: int) ->
                let projection, _ = chosen number frame
                let frames = [ frame; frame ]

                for kind, plain in
                    [
                        ExpansionCoefficients RadialForm.Orthonormal, Expansion.coefficients projection frames
                        ParticleSpectra OrderedPairs, PowerSpectrum.perParticle projection frames
                        MeanSpectra OrderedPairs, PowerSpectrum.mean projection frames
                        MeanSpectra UnorderedPairs,
                        PowerSpectrum.meanWith RunOptions.defaults UnorderedPairs projection frames
                    ] do
                    let plain = plain |> sure

                    let map =
                        Features.withGradients RunOptions.defaults kind GradientParameter.all projection frames
                        |> sure

                    Expect.equal map.Keys plain.Keys "keys"
                    Close.within 1e-13 (max 1e-30 (largest plain)) (values map) (values plain) $"{kind}"

                    for mine, theirs in Seq.zip map.Blocks plain.Blocks do
                        Expect.equal mine.Samples theirs.Samples "samples"
                        Expect.equal mine.Properties theirs.Properties "properties")

        propertyTimes 20 "are the same for any number of threads, bit for bit" (fun (SomeFrame frame) (number: int) ->
            let projection, _ = chosen number frame

            for kind in [ ParticleSpectra OrderedPairs; MeanSpectra UnorderedPairs ] do
                let compute threads =
                    Features.withGradients (RunOptions.threads threads) kind GradientParameter.all projection [ frame ]
                    |> sure

                Tensors.sameMap (compute 3) (compute 1) $"{kind}")

        propertyTimes 20 "λ-SOAP of λ = 0 holds the power spectrum" (fun (SmallFrame frame) (number: int) ->
            let projection, _ = chosen number frame

            let plain =
                Projection.create { projection.Hypers with NormalizeSpectra = false } species
                |> sure

            let lambda = lambdaSoap plain [] frame
            let spectra = PowerSpectrum.perParticle plain [ frame ] |> sure

            let square (blocks: TensorBlock seq) =
                blocks
                |> Seq.sumBy (fun b -> b.Values.ToArray() |> Array.sumBy (fun v -> v * v))

            let scalars = [
                for key in lambda.Keys do
                    if key[0] = 0 && key[1] = 1 then
                        lambda.Blocks[key.Position]
            ]

            let expected = square spectra.Blocks
            Close.within 1e-12 (max 1e-30 expected) [| square scalars |] [| expected |] "sum of squares")

        propertyTimes
            20
            "spectra of chosen centres are rows of all, whatever means are made of"
            (fun (SmallFrame frame) (number: int) ->
                let projection, _ = chosen number frame
                let all = PowerSpectrum.perParticle projection [ frame ] |> sure
                let centers = CenterSelection.create [ struct (0, 0) ] |> sure

                let one =
                    PowerSpectrum.ofCenters RunOptions.defaults OrderedPairs centers projection [ frame ]
                    |> sure

                for mine, every in Seq.zip one.Blocks all.Blocks do
                    for row in mine.Samples do
                        let at = every.Samples |> Seq.find (fun other -> other[1] = row[1])
                        let size = mine.Properties.Count

                        let slice (block: TensorBlock) (row: LabelsRow) =
                            block.Values.Slice(row.Position * size, size).ToArray()

                        Expect.equal (slice mine row) (slice every at) "row")

        test "of inner means are refused by name where one centre comes after another" {
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure ]
            let hypers = { manyDensities[0] with Averaging = Averaging.Inner }
            let projection = Projection.create hypers [ 1 ] |> sure
            use engine = Engine.Create(projection, 1) |> sure

            match engine.Derivatives(frame, MeanSpectra OrderedPairs, GradientParameter.all, Action<_>(ignore)) with
            | Ok() -> failtest "accepted"
            | Error error -> Expect.stringContains (AniSoapError.describe error) "average" "named"
        }
    ]
