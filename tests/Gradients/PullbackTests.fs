/// Reverse derivatives against forward ones, and the balances of forces and torques.
module AniSoap.Tests.PullbackTests

open System
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private options = RunOptions.defaults
let private shapes = [ GradientParameter.SemiAxes ]

let private random (seed: int) count =
    let random = Random seed
    Array.init count (fun _ -> 2.0 * random.NextDouble() - 1.0)

/// A map's gradients times a cotangent of its values: what the reverse pass gives, as one array.
let private contracted (frame: Frame) (cotangents: float[][]) (map: TensorMap) =
    let count = frame.Particles.Length

    let positions, orientations, semiAxes =
        Array.init 3 (fun _ -> Array.zeroCreate<float>(3 * count))
        |> fun a -> a[0], a[1], a[2]

    let strain = Array.zeroCreate<float> 9

    for block, cotangent in Seq.zip map.Blocks cotangents do
        let size = block.ComponentCount * block.Properties.Count

        let add name (target: float[]) place =
            let gradient = block.Gradients[name]
            let axes = gradient.ComponentCount / block.ComponentCount

            for row in gradient.Samples do
                for axis in 0 .. axes - 1 do
                    let at = place row axis
                    let values = gradient.Values.Slice((row.Position * axes + axis) * size, size)
                    let mutable sum = 0.0

                    for i in 0 .. size - 1 do
                        sum <- sum + values[i] * cotangent[row[0] * size + i]

                    target[at] <- target[at] + sum

        let atom (row: LabelsRow) axis = 3 * row[2] + axis
        add "positions" positions atom
        add "orientations" orientations atom
        add "semiaxes" semiAxes atom
        // Stored [p][q], asked for as rows q.
        add "strain" strain (fun _ axis -> 3 * (axis % 3) + axis / 3)

    [| positions; orientations; semiAxes; strain |]

let private parts (gradient: FrameGradient) =
    let flat (vectors: Vector3 seq) = vectors |> Seq.collect (fun v -> [ v.X; v.Y; v.Z ]) |> Seq.toArray
    let strain = gradient.Strain

    [|
        flat gradient.Positions
        flat gradient.Orientations
        flat gradient.SemiAxes
        flat [ strain.Row1; strain.Row2; strain.Row3 ]
    |]

let private same (gradient: FrameGradient) (expected: float[][]) message =
    Array.iteri2
        (fun i actual expected ->
            let name = [| "positions"; "orientations"; "semi-axes"; "strain" |][i]
            // Sums over pairs may cancel, so the scale is that of all derivatives.
            Close.within 1e-12 1.0 actual expected $"{message}: {name}")
        (parts gradient)
        expected

/// Scales cotangents so that the largest derivative is about one.
let private normalized (frame: Frame) map (cotangents: float[][]) =
    let largest =
        contracted frame cotangents map
        |> Array.concat
        |> Array.fold (fun m v -> max m (abs v)) 1e-30

    cotangents |> Array.map (Array.map (fun v -> v / largest))

let private cotangentsOf seed (map: TensorMap) =
    map.Blocks
    |> Seq.mapi (fun i block -> random (seed + i) block.Values.Length)
    |> Seq.toArray

/// Per-particle cotangents, block by block, as rows in the order of the frame.
let private byParticle (projection: Projection) (frame: Frame) (cotangents: float[][]) =
    let next = Array.zeroCreate<int> projection.Species.Length

    [|
        for particle in frame.Particles do
            let t = projection.Species.IndexOf particle.Species

            let count =
                frame.Particles
                |> Seq.filter (fun p -> p.Species = particle.Species)
                |> Seq.length

            let size = cotangents[t].Length / count
            next[t] <- next[t] + 1
            yield! cotangents[t][(next[t] - 1) * size .. next[t] * size - 1]
    |]

let private withGradients kind projection frame =
    Features.withGradients RunOptions.defaults kind GradientParameter.all projection [ frame ]
    |> sure

[<Tests>]
let forwardAndReverse =
    testList "reverse derivatives" [
        property "of the mean spectrum are the forward ones, contracted" (fun (SmallFrame frame) (number: int) ->
            let projection, _ = ForwardTests.hypersFor number frame
            let columns = if number % 2 = 0 then OrderedPairs else UnorderedPairs
            let map = withGradients (MeanSpectra columns) projection frame
            let cotangents = cotangentsOf number map |> normalized frame map
            let cotangent = OfMean(ReadOnlyMemory(Array.concat cotangents))

            let pulled = Features.pullback options columns shapes projection frame cotangent |> sure

            same pulled (contracted frame cotangents map) "mean"
            Close.within 1e-13 (max 1e-300 (largest map)) (pulled.Values.ToArray()) (values map) "values")

        property "of the particles' spectra are the forward ones, contracted" (fun (SmallFrame frame) (number: int) ->
            let projection, _ = ForwardTests.hypersFor number frame
            let columns = if number % 2 = 0 then OrderedPairs else UnorderedPairs
            let map = withGradients (ParticleSpectra columns) projection frame
            let cotangents = cotangentsOf number map |> normalized frame map
            let rows = byParticle projection frame cotangents

            let pulled =
                Features.pullback options columns shapes projection frame (OfParticles(ReadOnlyMemory rows))
                |> sure

            same pulled (contracted frame cotangents map) "particles"

            // The same row by row, by a function.
            let size = rows.Length / frame.Particles.Length

            let each =
                SpectrumCotangentHandler(fun particle _ row -> ReadOnlySpan(rows, particle * size, size).CopyTo row)

            let again =
                Features.pullback options columns shapes projection frame (OfEachParticle each)
                |> sure

            Expect.equal (parts again) (parts pulled) "by a function"
            Expect.equal (again.Values.ToArray()) (pulled.Values.ToArray()) "values by a function")

        property "of coefficients are the forward ones, contracted" (fun (SmallFrame frame) (number: int) ->
            let projection, _ = ForwardTests.hypersFor number frame

            let form =
                if number % 2 = 0 then
                    RadialForm.Orthonormal
                else
                    RadialForm.Raw

            let map = withGradients (ExpansionCoefficients form) projection frame
            let cotangents = cotangentsOf number map |> normalized frame map

            let cotangent =
                TensorMap.create
                    map.Keys
                    (Seq.map2
                        (fun (block: TensorBlock) values ->
                            TensorBlock.create block.Samples block.Components block.Properties values
                            |> sure)
                        map.Blocks
                        cotangents)
                |> sure

            let gradient =
                Features.pullbackCoefficients options form shapes projection frame cotangent
                |> sure

            same gradient (contracted frame cotangents map) "coefficients")

        propertyTimes
            3
            "of a large basis and more neighbours than are kept are the forward ones"
            (fun (SomeRotation q) ->
                let hypers = {
                    Hypers.create 9 (RadialBasis.Gto 1.5) 6.0 with
                        MaxRadial = RadialCount.Uniform 5
                        Smoothing = Smoothing.ShiftedCosine 1.0
                }

                let projection = Projection.create hypers [ 1; 6 ] |> sure
                let random = Random 5

                let frame =
                    Frame.create Cell.none [
                        for i in 0..109 ->
                            let place () = 5.0 * random.NextDouble() - 2.5
                            let axis () = 0.3 + random.NextDouble()

                            Ellipsoid.create
                                (if i % 20 = 0 then 6 else 1)
                                (Vector3.create (place ()) (place ()) (place ()))
                                (q * Quaternion.create 1.0 (place ()) (place ()) (place ()))
                                (Vector3.create (axis ()) (axis ()) (axis ()))
                            |> sure
                    ]

                let neighbors =
                    NeighborList.create 6.0 frame
                    |> sure
                    |> Seq.countBy _.First
                    |> Seq.map snd
                    |> Seq.max

                Close.above neighbors 98 "neighbours"
                // One centre in four: enough, and a quarter of the memory.
                let map = withGradients (MeanSpectra UnorderedPairs) projection frame
                let cotangents = cotangentsOf 1 map |> normalized frame map

                let pulled =
                    Features.pullback
                        options
                        UnorderedPairs
                        shapes
                        projection
                        frame
                        (OfMean(ReadOnlyMemory(Array.concat cotangents)))
                    |> sure

                same pulled (contracted frame cotangents map) "large")

        // These have a short cut of their own.
        propertyTimes
            6
            "of spheres, and of ellipsoids along the lab's axes, are the forward ones"
            (fun (SomeRotation q) (number: int) ->
                let basis =
                    if number % 2 = 0 then
                        RadialBasis.Gto 1.2
                    else
                        RadialBasis.Monomial

                let hypers = {
                    Hypers.create 4 basis 4.0 with
                        MaxRadial = RadialCount.Uniform 2
                        Smoothing = Smoothing.ShiftedCosine 1.0
                }

                let projection = Projection.create hypers [ 1; 6 ] |> sure
                let random = Random number

                let particle i =
                    let place () = 4.0 * random.NextDouble() - 2.0
                    let axis () = 0.3 + random.NextDouble()
                    let at = Vector3.create (place ()) (place ()) (place ())
                    let species = if i % 3 = 0 then 6 else 1

                    match i % 5 with
                    | 0
                    | 1 -> Ellipsoid.sphere species at (axis ()) |> sure
                    | 2
                    | 3 ->
                        let axes = Vector3.create (axis ()) (axis ()) (axis ())
                        Ellipsoid.create species at Quaternion.identity axes |> sure
                    | _ -> Ellipsoid.create species at q (Vector3.create 0.4 0.7 (axis ())) |> sure

                for count in [ 4; 15; 60 ] do
                    let frame = Frame.create Cell.none (List.init count particle)
                    let map = withGradients (MeanSpectra UnorderedPairs) projection frame
                    let cotangents = cotangentsOf number map |> normalized frame map
                    let cotangent = OfMean(ReadOnlyMemory(Array.concat cotangents))

                    let pulled =
                        Features.pullback options UnorderedPairs shapes projection frame cotangent
                        |> sure

                    same pulled (contracted frame cotangents map) $"{count} particles"
                    let rigid = Features.pullback options UnorderedPairs [] projection frame cotangent |> sure
                    Expect.equal rigid.Positions pulled.Positions "positions without semi-axes"
                    Expect.equal rigid.Orientations pulled.Orientations "orientations without semi-axes")
    ]

[<Tests>]
let paths =
    testList "the reverse pass" [
        propertyTimes 60 "gives the same for any number of threads, bit for bit" (fun (SomeFrame frame) (number: int) ->
            let projection, _ = ForwardTests.hypersFor number frame
            let size = (SpectrumColumns.meanProperties OrderedPairs projection).Count
            let cotangent = OfMean(ReadOnlyMemory(random number size))

            let compute threads =
                Features.pullback { options with Threads = threads } OrderedPairs shapes projection frame cotangent
                |> sure

            let one, three = compute 1, compute 3
            Expect.equal (parts three) (parts one) "gradient"
            Expect.equal (three.Values.ToArray()) (one.Values.ToArray()) "values")

        propertyTimes
            60
            "gives rigid particles the same forces and torques with and without semi-axes"
            (fun (SmallFrame frame) (number: int) ->
                let projection, _ = ForwardTests.hypersFor number frame
                let size = (SpectrumColumns.meanProperties OrderedPairs projection).Count
                let cotangent = OfMean(ReadOnlyMemory(random number size))
                let rigid = Features.pullback options OrderedPairs [] projection frame cotangent |> sure
                let soft = Features.pullback options OrderedPairs shapes projection frame cotangent |> sure
                Expect.isTrue rigid.SemiAxes.IsEmpty "not asked for"
                Expect.equal rigid.Positions soft.Positions "positions"
                Expect.equal rigid.Orientations soft.Orientations "orientations")

        for width in [ MomentKernel.Portable; MomentKernel.Wide256; MomentKernel.Wide512 ] do
            if MomentKernel.isSupported width then
                propertyTimes 40 $"gives the same with {width} vectors" (fun (SmallFrame frame) (number: int) ->
                    let projection, _ = ForwardTests.hypersFor number frame
                    let prepared = PreparedFrame(projection, frame)
                    let bodies = FrameBodies()
                    bodies.Fill(projection, frame)
                    let bodies = ValueSome bodies
                    let cotangent = AlignedBuffer projection.Mixing.Length
                    let size = SpectrumColumns.length OrderedPairs projection
                    PullbackKernel.fillCotangent projection false 1.0 (ReadOnlySpan(random number size)) cotangent

                    let pulls keepsMoments width =
                        let pull = PullbackWorkspace(projection, true, width, keepsMoments)
                        let pulls = PairPulls()

                        for center in 0 .. frame.Particles.Length - 1 do
                            CenterKernel.findNeighbors prepared.Search prepared.Gaussians pull.Work center
                            |> ignore

                            PullbackExpansion.expand prepared.Gaussians pull
                            CenterKernel.orthonormalize pull.Work
                            PullbackKernel.pullSpectrum prepared.Gaussians bodies pull cotangent pulls

                        pulls.Numbers[.. pulls.Count * PairPulls.Stride - 1]

                    let expected = pulls true (MomentKernel.best ())
                    let scale = expected |> Array.fold (fun m v -> max m (abs v)) 1e-30
                    Close.within 1e-12 scale (pulls true width) expected $"{width}"

                    // Which of the two ways is taken is a matter of speed alone.
                    Expect.equal (pulls false width) (pulls true width) $"{width}, moments computed again")
    ]

let private sum (vectors: Vector3 seq) = vectors |> Seq.fold (+) Vector3.zero

/// The derivatives of a random sum of features, with the size of its terms: what rounding is measured in where forces are small, or cancel, all over.
let private pulledMean number projection frame =
    let size = (SpectrumColumns.meanProperties OrderedPairs projection).Count
    let cotangent = random number size

    let pulled =
        Features.pullback options OrderedPairs shapes projection frame (OfMean(ReadOnlyMemory cotangent))
        |> sure

    pulled,
    Array.map2 (fun v c -> abs (v * c)) (pulled.Values.ToArray()) cotangent
    |> Array.sum
    |> max 1e-300

let private sizeOf least (vectors: Vector3 seq) = vectors |> Seq.fold (fun m v -> max m (Vector3.norm v)) least

[<Tests>]
let balances =
    testList "forces and torques balance:" [
        property "forces add up to nothing" (fun (SomeFrame frame) (number: int) ->
            let projection, _ = ForwardTests.hypersFor number frame
            let gradient, terms = pulledMean number projection frame
            let total = sum gradient.Forces

            Close.within
                1e-12
                (sizeOf terms gradient.Forces)
                [| total.X; total.Y; total.Z |]
                [| 0.0; 0.0; 0.0 |]
                "sum of forces")

        property "without a cell, torques plus r × F add up to nothing" (fun (SomeCluster frame) (number: int) ->
            let projection, _ = ForwardTests.hypersFor number frame
            let gradient, terms = pulledMean number projection frame

            let levers =
                Seq.map2 (fun (p: Ellipsoid) f -> Vector3.cross p.Position f) frame.Particles gradient.Forces
                |> Seq.toArray

            let total = sum (Seq.append gradient.Torques levers)
            let scale = max (sizeOf terms levers) (sizeOf terms gradient.Torques)
            Close.within 1e-11 scale [| total.X; total.Y; total.Z |] [| 0.0; 0.0; 0.0 |] "sum of torques")

        property
            "the virial's antisymmetric part is the sum of torques, in any cell"
            (fun (SomeFrame frame) (number: int) ->
                let projection, _ = ForwardTests.hypersFor number frame
                let gradient, terms = pulledMean number projection frame
                let v, torque = gradient.Virial, sum gradient.Torques
                let skew = [| v.Row2.Z - v.Row3.Y; v.Row3.X - v.Row1.Z; v.Row1.Y - v.Row2.X |]
                let scale = sizeOf terms (Seq.append gradient.Torques [ v.Row1; v.Row2; v.Row3 ])
                Close.within 1e-11 scale skew [| torque.X; torque.Y; torque.Z |] "skew part")

        property "spheres feel no torque, and their virial is symmetric" (fun (SomeFrame frame) (number: int) ->
            let spheres =
                frame
                |> Transform.particles (fun p ->
                    Ellipsoid.create p.Species p.Position p.Orientation (Vector3.create 0.7 0.7 0.7)
                    |> sure)

            let projection, _ = ForwardTests.hypersFor number spheres
            let gradient, terms = pulledMean number projection spheres

            let scale =
                sizeOf
                    terms
                    (Seq.append gradient.Positions [ gradient.Strain.Row1; gradient.Strain.Row2; gradient.Strain.Row3 ])

            let flat (vectors: Vector3 seq) = vectors |> Seq.collect (fun v -> [ v.X; v.Y; v.Z ]) |> Seq.toArray
            let torques = flat gradient.Torques
            Close.within 1e-11 scale torques (Array.zeroCreate torques.Length) "torques"
            let v = gradient.Virial
            Close.within 1e-11 scale [| v.Row1.Y; v.Row1.Z; v.Row2.Z |] [| v.Row2.X; v.Row3.X; v.Row3.Y |] "virial")

        property
            "turning a body about its axis of revolution is not felt"
            (fun (SomeRotation q) (SmallFrame frame) (number: int) ->
                let rods =
                    frame
                    |> Transform.particles (fun p ->
                        Ellipsoid.create p.Species p.Position (q * p.Orientation) (Vector3.create 1.6 0.5 0.5)
                        |> sure)

                let projection, _ = ForwardTests.hypersFor number rods
                let gradient, terms = pulledMean number projection rods

                let along =
                    Seq.map2
                        (fun (p: Ellipsoid) torque ->
                            Vector3.dot torque (Matrix3.transpose (Quaternion.toMatrix p.Orientation)).Row1)
                        rods.Particles
                        gradient.Torques
                    |> Seq.toArray

                let scale = sizeOf terms (Seq.append gradient.Torques gradient.Forces)
                Close.within 1e-11 scale along (Array.zeroCreate along.Length) "torque along the axis")
    ]
