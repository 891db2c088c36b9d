/// Chosen columns and chosen centres: what is computed of them alone is what all of them have there.
module AniSoap.Tests.ChoiceTests

open System
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private few = {
    Hypers.create 3 (RadialBasis.Gto 1.5) 3.0371 with
        MaxRadial = RadialCount.PerAngular [ 2; 0; 1; 1 ]
}

let private projection = lazy (Projection.create few [ 1; 2; 6; 7; 8; 30 ] |> sure)

/// Some rows of labels, in an order of their own.
let private some (random: Random) count (labels: Labels) =
    let positions = [| 0 .. labels.Count - 1 |]
    random.Shuffle positions
    let positions = Array.truncate count positions

    positions,
    Labels.create labels.Names (positions |> Seq.map (fun p -> Seq.ofArray (labels[p].Values.ToArray())))
    |> sure

/// Within 1e-13 of the largest of all that it is chosen of.
let private close (whole: float[]) (actual: float[]) (expected: float[]) message =
    match whole |> Array.fold (fun most x -> max most (abs x)) 0.0 with
    | 0.0 -> Expect.equal actual expected message
    | largest -> Close.within 1e-13 largest actual expected message

let private picked (positions: int[]) (row: float[]) = positions |> Array.map (fun p -> row[p])

let private streamOf projection threads perParticle columns (frames: Frame seq) =
    StreamRows.ofNumbered projection threads perParticle columns (Seq.indexed frames)
    |> sure

let private stream threads perParticle columns frames = streamOf projection.Value threads perParticle columns frames

let private rowsOf (block: TensorBlock) =
    let size = block.ComponentCount * block.Properties.Count

    if size = 0 then
        [||]
    else
        block.Values.ToArray() |> Array.chunkBySize size

/// Every block of a map, gradients too, has of all columns those at the positions.
let private areOf (positions: int[]) (all: TensorMap) (chosen: TensorMap) name =
    let rec same (every: TensorBlock) (few: TensorBlock) name =
        Expect.equal few.Samples every.Samples $"{name}: samples"
        let width = every.Properties.Count

        for a, e in Array.zip (rowsOf few) (rowsOf every) do
            close e a (e |> Array.chunkBySize width |> Array.collect (picked positions)) name

        for KeyValue(parameter, gradient) in every.Gradients do
            same gradient few.Gradients[parameter] $"{name}, {parameter}"

    Seq.iter2 (fun every few -> same every few name) all.Blocks chosen.Blocks

[<Tests>]
let columns =
    testList "chosen columns" [
        property "are those of whole spectra, of particles and means, on any number of threads"
        <| fun (SomeFrame first) (SmallFrame second) (number: int) ->
            let random = Random number
            let frames = [ first; second ]

            for whole in [ OrderedPairs; UnorderedPairs ] do
                let positions, labels = some random 9 (SpectrumColumns.properties whole projection.Value)
                let chosen = SpectrumColumns.choose whole projection.Value labels |> sure
                let expected = stream 1 true whole frames

                for threads in [ 1; 3 ] do
                    for a, e in Array.zip (stream threads true chosen frames) expected do
                        close e a (picked positions e) "particles"

                // Of a table: other columns for one species as centre than for another.
                let positions, labels = some random 9 (SpectrumColumns.meanProperties whole projection.Value)
                let chosen = SpectrumColumns.choose whole projection.Value labels |> sure
                let expected = stream 1 false whole frames

                for threads in [ 1; 3 ] do
                    for a, e in Array.zip (stream threads false chosen frames) expected do
                        close e a (picked positions e) "means"

        propertyTimes 10 "have their derivatives"
        <| fun (SmallFrame frame) (number: int) ->
            let random = Random number

            for whole in [ OrderedPairs; UnorderedPairs ] do
                let positions, labels = some random 7 (SpectrumColumns.properties whole projection.Value)
                let chosen = SpectrumColumns.choose whole projection.Value labels |> sure

                for kind in [ ParticleSpectra; MeanSpectra ] do
                    let features columns =
                        AniSoap.Features.withGradients
                            (RunOptions.threads 2)
                            (kind columns)
                            GradientParameter.all
                            projection.Value
                            [ frame ]
                        |> sure

                    areOf positions (features whole) (features chosen) $"{kind whole}"

        propertyTimes 10 "are those of normalised spectra, divided by the norm of all columns"
        <| fun (SomeFrame frame) (number: int) ->
            let projection =
                Projection.create { few with NormalizeSpectra = true } [ 1; 2; 6; 7; 8; 30 ]
                |> sure

            let positions, labels = some (Random number) 9 (SpectrumColumns.properties OrderedPairs projection)
            let chosen = SpectrumColumns.choose OrderedPairs projection labels |> sure
            let expected = streamOf projection 1 true OrderedPairs [ frame ]

            for a, e in Array.zip (streamOf projection 2 true chosen [ frame ]) expected do
                close e a (picked positions e) "particles"

        testCase
            "are refused by name beside choices of densities that have other columns or means, and λ-SOAP beside norms"
        <| fun () ->
            for hypers, words in
                [
                    { few with CenterDensity = CenterDensity.Own }, "center_density"
                    { few with SpeciesMixing = Some(SpeciesMixing.Random(2, 1)) }, "species_mixing"
                    { few with Averaging = Averaging.Inner }, "average"
                ] do
                let projection = Projection.create hypers [ 1; 6 ] |> sure

                let sentence =
                    SpectrumColumns.properties OrderedPairs projection
                    |> SpectrumColumns.choose OrderedPairs projection
                    |> Result.bind (fun chosen -> SpectrumColumns.check chosen false projection)
                    |> Tensors.sentence

                Expect.stringContains sentence words "the sentence"

            let normalised = Projection.create { few with NormalizeSpectra = true } [ 1; 6 ] |> sure
            let sentence = AniSoap.Coupling.LambdaRows.Create([ 1 ], normalised) |> Tensors.sentence
            Expect.stringContains sentence "normalize" "the sentence"

        testCase "that cannot be are refused by their labels"
        <| fun () ->
            let refused whole (names: string list) rows words =
                let labels = Labels.create names (rows |> Seq.map Seq.ofList) |> sure
                let sentence = SpectrumColumns.choose whole projection.Value labels |> Tensors.sentence
                Expect.stringContains sentence words "the sentence"

            let names = [ "l"; "n_1"; "neighbor_1_type"; "n_2"; "neighbor_2_type" ]
            refused OrderedPairs [ "l"; "n" ] [ [ 0; 0 ] ] "l, n"
            refused OrderedPairs names [] "at least one"
            refused OrderedPairs names [ [ 0; 0; 1; 0; 3 ] ] "neighbor_2_type=3"
            refused OrderedPairs names [ [ 1; 1; 1; 0; 1 ] ] "n_1=1"
            refused OrderedPairs names [ [ 4; 0; 1; 0; 1 ] ] "l=4"
            refused UnorderedPairs names [ [ 0; 1; 1; 0; 1 ] ] "not after"
            refused OrderedPairs ("center_type" :: names) [ [ 9; 0; 0; 1; 0; 1 ] ] "center_type=9"

            let chosen rows =
                Labels.create ("center_type" :: names) (rows |> Seq.map Seq.ofList)
                |> sure
                |> SpectrumColumns.choose OrderedPairs projection.Value
                |> sure

            let one = chosen [ [ 1; 0; 0; 1; 0; 1 ] ]
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure ]

            for sentence, words in
                [
                    PowerSpectrum.perParticleWith RunOptions.defaults one projection.Value [ frame ]
                    |> Tensors.sentence,
                    "those with center_type are of means"
                    PowerSpectrum.meanWith RunOptions.defaults one projection.Value [ frame ]
                    |> Tensors.sentence,
                    "the same columns in the same order"
                    AniSoap.Features.pullback
                        RunOptions.defaults
                        one
                        []
                        projection.Value
                        frame
                        (OfEachParticle(SpectrumCotangentHandler(fun _ _ _ -> ())))
                    |> Tensors.sentence,
                    "backwards"
                ] do
                Expect.stringContains sentence words "the sentence"
    ]

[<Tests>]
let centers =
    testList "chosen centres" [
        property "have the spectra and coefficients that they have among all, bit for bit"
        <| fun (SomeFrame first) (SmallFrame second) (number: int) ->
            let random = Random number
            let frames = [ first; second; first ]
            // None of the second frame.
            let wanted = [
                for system in [ 0; 2 ] do
                    for _ in 0..3 -> struct (system, random.Next first.Particles.Length)
            ]

            let selection = CenterSelection.create wanted |> sure
            let isWanted (row: LabelsRow) = wanted |> List.contains (struct (row[0], row[1]))

            let holds (all: TensorMap) (few: TensorMap) name =
                Seq.iter2
                    (fun (every: TensorBlock) (chosen: TensorBlock) ->
                        let rows = rowsOf every

                        let expected = [|
                            for row in every.Samples do
                                if isWanted row then
                                    rows[row.Position]
                        |]

                        Expect.equal (rowsOf chosen) expected name

                        Expect.equal
                            [ for row in chosen.Samples -> row[0], row[1] ]
                            [
                                for row in every.Samples do
                                    if isWanted row then
                                        row[0], row[1]
                            ]
                            name)
                    all.Blocks
                    few.Blocks

            for threads in [ 1; 3 ] do
                let options = RunOptions.threads threads

                holds
                    (PowerSpectrum.perParticle projection.Value frames |> sure)
                    (PowerSpectrum.ofCenters options OrderedPairs selection projection.Value frames
                     |> sure)
                    "spectra"

                holds
                    (Expansion.coefficients projection.Value frames |> sure)
                    (Expansion.ofCenters options RadialForm.Orthonormal selection projection.Value frames
                     |> sure)
                    "coefficients"

        testCase "that no frame has are refused with the frame"
        <| fun () ->
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure ]
            let selection = CenterSelection.create [ struct (1, 0); struct (1, 1) ] |> sure

            let sentence =
                PowerSpectrum.ofCenters RunOptions.defaults OrderedPairs selection projection.Value [ frame; frame ]
                |> Tensors.sentence

            Expect.stringContains sentence "frame 1" "the frame"
            Expect.stringContains sentence "which has 1" "what it has"
            Expect.stringContains (CenterSelection.create [] |> Tensors.sentence) "at least one" "none"
            Expect.stringContains (CenterSelection.create [ struct (0, -1) ] |> Tensors.sentence) "from 0" "negative"

            let labels = Tensors.labels [ "system" ] [ [ 0 ] ]

            Expect.stringContains
                (CenterSelection.ofLabels labels |> Tensors.sentence)
                "frame and particle"
                "no particles"
    ]
