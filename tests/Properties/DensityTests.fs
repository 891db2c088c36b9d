/// The choices of what the density is made of: the centre's own, scaled semi-axes, mixed species, normalised spectra.
module AniSoap.Tests.DensityTests

open System
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private given =
    SpeciesMixing.Weights(Map [ 1, [ 0.5; -1.0 ]; 6, [ 2.0; 0.25 ]; 7, [ 0.0; 0.0 ]; 8, [ 1.0; 1.0 ] ])

let private many = [|
    for center in [ CenterDensity.Own; CenterDensity.Merged; CenterDensity.Absent ] do
        for scale in [ 0.6; 1.0; 1.4 ] do
            for mixing in [ None; Some(SpeciesMixing.Random(3, 11)); Some given ] do
                for basis in [ RadialBasis.Gto 1.5; RadialBasis.Monomial ] ->
                    {
                        Hypers.create 3 basis 3.0 with
                            CenterDensity = center
                            DensityScale = scale
                            SpeciesMixing = mixing
                    }
|]

let private choose (number: int) = many[(number &&& 0xFFFFFF) % many.Length]

let private scaled (factor: float) (frame: Frame) =
    frame.Particles
    |> Seq.map (fun p ->
        Ellipsoid.create p.Species p.Position p.Orientation (factor * p.SemiAxes)
        |> sure)
    |> Frame.create frame.Cell

/// The coefficients of one centre, a set for every column, straight from what the choices say.
let private twin (hypers: Hypers) (frame: Frame) center =
    let frame = scaled hypers.DensityScale frame
    let settings = { settingsOf hypers with WithCentre = false }
    let particle = frame.Particles[center]
    let neighbors = Reference.Expansion.centre settings (List.toArray species) frame center
    let own = Reference.Expansion.pair settings particle Vector3.zero
    let add = Reference.Coefficients.map2 (+)

    let merged =
        if hypers.CenterDensity = CenterDensity.Merged then
            neighbors
            |> Array.mapi (fun t c -> if species[t] = particle.Species then add c own else c)
        else
            neighbors

    let mixed =
        match hypers.SpeciesMixing with
        | None -> merged
        | Some mixing ->
            let weights =
                species
                |> List.map (fun one -> SpeciesMixing.weightsOf one mixing |> Option.get)

            Array.init (SpeciesMixing.channels mixing) (fun channel ->
                Array.mapi (fun t c -> Reference.Coefficients.scale (weights[t][channel]) c) merged
                |> Array.reduce add)

    if hypers.CenterDensity = CenterDensity.Own then
        Array.append mixed [| own |]
    else
        mixed

/// Rows within the tolerance of the largest expected value; a lone centre without its own density has zeros.
let private same tolerance (actual: float[][]) (expected: float[][]) message =
    let expected = Array.concat expected
    let scale = expected |> Array.fold (fun most value -> max most (abs value)) 1e-30
    Close.within tolerance scale (Array.concat actual) expected message

let private norm (row: float[]) = row |> Array.sumBy (fun v -> v * v) |> sqrt

let private rows hypers frame =
    let projection = projectionOf hypers
    coefficients projection frame, spectra projection frame

[<Tests>]
let tests =
    testList "what the density is made of" [
        propertyTimes 60 "coefficients and spectra are those of the slow twin"
        <| fun (SmallFrame frame) (number: int) ->
            let hypers = choose number
            let coefficients, spectra = rows hypers frame
            let expected = Array.init frame.Particles.Length (twin hypers frame)
            same 1e-12 coefficients (expected |> Array.map Reference.Expansion.flatten) "coefficients"
            same 1e-12 spectra (expected |> Array.map Reference.Coupling.powerSpectrum) "spectra"

        propertyTimes 30 "normalised spectra are the others divided by their norm, and so are their means"
        <| fun (SmallFrame frame) (number: int) ->
            let hypers = choose number
            let _, plain = rows hypers frame
            let normalized = { hypers with NormalizeSpectra = true }
            let _, spectra = rows normalized frame

            let expected =
                plain
                |> Array.map (fun row ->
                    let n = norm row
                    if n > 0.0 then row |> Array.map (fun v -> v / n) else row)

            Close.within 1e-12 1.0 (Array.concat spectra) (Array.concat expected) "spectra"
            let projection = projectionOf normalized

            for columns in [ OrderedPairs; UnorderedPairs ] do
                let each =
                    PowerSpectrum.perParticleWith RunOptions.defaults columns projection [ frame ]
                    |> sure

                let means = PowerSpectrum.meanWith RunOptions.defaults columns projection [ frame ] |> sure

                for one, mean in Seq.zip each.Blocks means.Blocks do
                    let size = one.Properties.Count
                    let sum = Array.zeroCreate<float> size

                    for row in one.Samples do
                        for i in 0 .. size - 1 do
                            sum[i] <- sum[i] + one.Values[row.Position * size + i]

                    let count = float (max 1 one.Samples.Count)
                    let expected = sum |> Array.map (fun v -> v / count)
                    Close.within 1e-13 1.0 (mean.Values.ToArray()) expected "means"

        propertyTimes 20 "inner means are the spectra of mean coefficients"
        <| fun (SomeFrame frame) (number: int) ->
            let hypers = { choose number with Averaging = Averaging.Inner }
            let projection = projectionOf hypers
            let each = coefficients projection frame

            let expected = [|
                for kind in species do
                    let own =
                        [| 0 .. frame.Particles.Length - 1 |]
                        |> Array.filter (fun i -> frame.Particles[i].Species = kind)

                    let mean =
                        each[0]
                        |> Array.mapi (fun i _ ->
                            (own |> Array.sumBy (fun center -> each[center][i])) / float (max 1 own.Length))

                    yield! unflatten projection mean |> Reference.Coupling.powerSpectrum
            |]

            same 1e-12 [| meanSpectrum projection frame |] [| expected |] "means"

        testCase "columns are labelled by what they are"
        <| fun () ->
            let labels hypers = (projectionOf hypers |> SpectrumColumns.properties UnorderedPairs)
            let own = labels { smallHypers with CenterDensity = CenterDensity.Own }
            Expect.sequenceEqual own.Names [ "l"; "n_1"; "neighbor_1_type"; "n_2"; "neighbor_2_type" ] "names"
            Expect.sequenceEqual (own |> Seq.map (fun row -> row[2]) |> Seq.distinct) [ 1; 6; 7; 8; -1 ] "types"

            let mixed =
                labels {
                    smallHypers with
                        CenterDensity = CenterDensity.Own
                        SpeciesMixing = Some(SpeciesMixing.Random(2, 0))
                }

            Expect.sequenceEqual
                mixed.Names
                [ "l"; "n_1"; "neighbor_1_channel"; "n_2"; "neighbor_2_channel" ]
                "names of channels"

            Expect.sequenceEqual (mixed |> Seq.map (fun row -> row[2]) |> Seq.distinct) [ 0; 1; -1 ] "channels"

        testCase "columns and tables of mixed species do not depend on how many species there are"
        <| fun () ->
            let sizes count =
                let hypers = { smallHypers with SpeciesMixing = Some(SpeciesMixing.Random(4, 0)) }
                let projection = Projection.create hypers [ 1..count ] |> sure
                let work = AniSoap.Numerics.Workspace projection

                SpectrumColumns.length OrderedPairs projection,
                work.Traced.Length,
                work.ChannelShells.Length,
                work.Mixed.Length

            Expect.equal (sizes 200) (sizes 2) "numbers"

        propertyTimes 20 "random channels of a frame are the same in a run on more species"
        <| fun (SmallFrame frame) ->
            let hypers = { smallHypers with SpeciesMixing = Some(SpeciesMixing.Random(2, 5)) }
            let more = Projection.create hypers [ 1; 2; 6; 7; 8; 30 ] |> sure
            let here = coefficients (projectionOf hypers) frame
            same 1e-14 (coefficients more frame) here "coefficients"

        testCase
            "a learnt mixing into one channel keeps more of the coefficients than any other, into all of them everything"
        <| fun () ->
            let frame =
                [ 1, 0.0, 1.4; 1, 1.3, 1.1; 6, 2.2, 0.5; 6, 3.1, 0.4; 1, 4.5, 0.9 ]
                |> List.map (fun (kind, x, long) ->
                    let at = Vector3.create x (sin x) (cos (2.0 * x))

                    Ellipsoid.create kind at (Quaternion.create 0.8 0.6 0.0 0.0) (Vector3.create 0.5 0.7 long)
                    |> sure)
                |> Frame.create Cell.none

            let kinds = Frame.species frame |> Seq.toList
            let projection = Projection.create smallHypers kinds |> sure

            let squares hypers =
                let mixed = Projection.create hypers kinds |> sure
                Array.concat (coefficients mixed frame) |> Array.sumBy (fun c -> c * c)

            let learnt count = {
                smallHypers with
                    SpeciesMixing = Some(LearnedMixing.ofFrames count projection [ frame ] |> sure)
            }

            let all = squares smallHypers
            Close.within 1e-12 all [| squares (learnt kinds.Length) |] [| all |] "all"
            let kept = squares (learnt 1)

            for step in 0..20 do
                let angle = float step * 0.15

                let weights =
                    kinds
                    |> List.mapi (fun t kind ->
                        kind,
                        [
                            if t = 0 then cos angle
                            elif t = 1 then sin angle
                            else 0.0
                        ])

                let other = { smallHypers with SpeciesMixing = Some(SpeciesMixing.Weights(Map weights)) }
                Close.atMost (squares other) (kept * (1.0 + 1e-12)) "another"

            Expect.isError (LearnedMixing.ofFrames 0 projection [ frame ]) "no channel"
            Expect.isError (LearnedMixing.ofFrames (kinds.Length + 1) projection [ frame ]) "more than species"

        testCase "what contradicts itself, or lacks weights, is refused by name"
        <| fun () ->
            let refused text result =
                match result with
                | Ok _ -> failtest "accepted"
                | Error error -> Expect.stringContains (AniSoapError.describe error) text "names it"

            let create hypers kinds = Projection.create hypers kinds |> Result.map ignore

            create { smallHypers with CenterDensity = CenterDensity.Own } [ -1; 1 ]
            |> refused "centre's own density"

            create { smallHypers with SpeciesMixing = Some given } [ 1; 30 ]
            |> refused "species_mixing"

            create { smallHypers with SpeciesMixing = Some(SpeciesMixing.Random(0, 1)) } [ 1 ]
            |> refused "1 to 1000 channels"

            create { smallHypers with DensityScale = nan } [ 1 ] |> refused "density_scale"
            create { smallHypers with DensityScale = 0.0 } [ 1 ] |> refused "density_scale"

            let json center =
                "{\"max_angular\": 2, \"radial_gaussian_width\": 1.5, \"cutoff_radius\": 3, "
                + center
                + "}"

            Hypers.ofJson (json "\"subtract_center_contribution\": true, \"center_density\": \"own\"")
            |> refused "center_density"

            Hypers.ofJson (json "\"subtract_center_contribution\": false, \"center_density\": \"none\"")
            |> refused "center_density"

            Hypers.ofJson (json "\"species_mixing\": {\"seed\": 1}")
            |> refused "species_mixing"

            for hypers in many do
                let hypers = {
                    hypers with
                        NormalizeSpectra = (hypers.DensityScale = 1.0)
                        MaxRadial = RadialCount.Uniform 1
                }

                Expect.equal (Hypers.toJson hypers |> Hypers.ofJson) (Ok hypers) "what is written is read again"
    ]
