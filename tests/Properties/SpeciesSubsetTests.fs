/// Frames that hold some of the species of a run: they are computed with those alone, and nothing shows.
module AniSoap.Tests.SpeciesSubsetTests

open System
open System.Threading
open Expecto
open AniSoap
open AniSoap.Numerics
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

let private few = {
    Hypers.create 3 (RadialBasis.Gto 1.5) 3.0371 with
        MaxRadial = RadialCount.PerAngular [ 2; 0; 1; 1 ]
}

let private stream projection threads perParticle columns (frames: (int * Frame) list) =
    StreamRows.ofNumbered projection threads perParticle columns frames

let private without species (frame: Frame) =
    Frame.create frame.Cell (frame.Particles |> Seq.filter (fun e -> e.Species <> species))

[<Tests>]
let tests =
    // Alone: bytes are counted over all threads.
    testSequenced
    <| testList "species that occur" [
        property "spectra of frames with some of the species are those of the expansion in all"
        <| fun (SomeFrame first) (SmallFrame second) (number: int) ->
            let all = [ 1; 2; 6; 7; 8; 30 ]

            let center =
                if number % 3 = 0 then
                    CenterDensity.Own
                else
                    CenterDensity.Merged

            let mixing =
                if number % 5 = 0 then
                    Some(SpeciesMixing.Random(2, number))
                else
                    None

            let projection =
                Projection.create { few with CenterDensity = center; SpeciesMixing = mixing } all
                |> sure

            let missing = all[(number &&& 0xFFFF) % all.Length]
            let frames = [ 0, first; 1, without missing first; 2, second; 3, Frame.create Cell.none [] ]

            for columns in [ OrderedPairs; UnorderedPairs ] do
                // The reverse pass has its own way, with all species of the run.
                let expected = [|
                    for _, frame in frames do
                        let cotangent = SpectrumCotangentHandler(fun _ _ _ -> ())

                        let pulled =
                            Features.pullback RunOptions.defaults columns [] projection frame (OfEachParticle cotangent)
                            |> sure

                        let size = SpectrumColumns.length columns projection
                        yield! Array.chunkBySize size (pulled.Values.ToArray())
                |]

                let actual = stream projection 1 true columns frames |> sure
                Expect.equal actual.Length expected.Length "rows"

                for a, e in Array.zip actual expected do
                    Close.toLargest 1e-13 a e $"spectra, {columns}"

                let means = stream projection 1 false columns frames |> sure

                for threads in [ 2; 3 ] do
                    Expect.equal
                        (stream projection threads false columns frames
                         |> sure
                         |> Array.map (Array.map BitConverter.DoubleToInt64Bits))
                        (means |> Array.map (Array.map BitConverter.DoubleToInt64Bits))
                        $"{threads} threads"

        property "rows that leave out the columns of other species are the whole ones"
        <| fun (SomeFrame first) (SmallFrame second) (number: int) ->
            let all = [ 1; 2; 6; 7; 8; 30 ]
            let projection = Projection.create few all |> sure
            let missing = all[(number &&& 0xFFFF) % all.Length]

            let frames = [
                0, first
                1, without missing first
                2, without 1 (without 6 second)
                3, Frame.create Cell.none []
            ]

            for kind in
                [
                    MeanSpectra OrderedPairs
                    MeanSpectra UnorderedPairs
                    ParticleSpectra OrderedPairs
                    ParticleSpectra UnorderedPairs
                ] do
                for threads in [ 1; 3 ] do
                    let numbered = frames |> Seq.map (fun (number, frame) -> Ok(struct (number, frame)))
                    let options = RunOptions.threads threads
                    let whole, sparse = ResizeArray<float[]>(), ResizeArray<float[]>()

                    PowerSpectrum.stream
                        options
                        kind
                        projection
                        numbered
                        (SpectrumRowHandler(fun _ _ _ row -> whole.Add(row.ToArray())))
                    |> sure
                    |> ignore

                    PowerSpectrum.streamSparse
                        options
                        kind
                        projection
                        numbered
                        (SparseRowHandler(fun _ _ _ row ->
                            let copied = Array.create row.Length nan
                            row.CopyTo(Span copied)
                            sparse.Add copied
                            // What is left out is zero, and what is there ascends.
                            let scattered = Array.zeroCreate<float> row.Length
                            row.Scatter(Span scattered)
                            Expect.equal scattered copied "scattered"
                            row.Clear(Span scattered)
                            Expect.isTrue (Array.forall ((=) 0.0) scattered) "cleared"

                            for part in 1 .. row.Parts - 1 do
                                Close.above (row.Start part) (row.Start(part - 1)) "parts"))
                    |> sure
                    |> ignore

                    let bits (rows: ResizeArray<float[]>) =
                        rows.ToArray() |> Array.map (Array.map BitConverter.DoubleToInt64Bits)

                    Expect.equal (bits sparse) (bits whole) $"{kind}, {threads} threads"

        testCase "a row of means holds no more than the columns of the frame's species"
        <| fun () ->
            let projection = Projection.create few [ 1..30 ] |> sure
            let particle species x = Ellipsoid.sphere species (Vector3.create x 0.0 0.0) 0.5 |> sure
            let frame = Frame.create Cell.none [ particle 29 0.0; particle 3 1.0 ]
            let own = Projection.create few [ 3; 29 ] |> sure
            let seen = ResizeArray<int * int * int>()

            PowerSpectrum.streamSparse
                (RunOptions.threads 1)
                (MeanSpectra OrderedPairs)
                projection
                [ Ok(struct (0, frame)) ]
                (SparseRowHandler(fun _ _ _ row -> seen.Add((row.Length, row.Parts, row.Values.Length))))
            |> sure
            |> ignore

            let ofAll, ofTwo = SpectrumColumns.fullLength projection, SpectrumColumns.fullLength own
            Expect.sequenceEqual seen [ 30 * ofAll, 2, 2 * ofTwo ] "columns, parts, values"

        testCase "means of two particles among 30 species take the memory of two, with one thread and with eight"
        <| fun () ->
            let projection =
                Projection.create { Hypers.create 4 (RadialBasis.Gto 1.0) 2.5 with MaxRadial = RadialCount.Uniform 2 } [
                    1..30
                ]
                |> sure

            let frames = [
                for i in 0..19 ->
                    i,
                    Frame.create Cell.none [
                        Ellipsoid.sphere (1 + i) Vector3.zero 0.5 |> sure
                        Ellipsoid.sphere (1 + (7 * i) % 30) (Vector3.create 1.0 0.0 0.0) 0.5 |> sure
                    ]
            ]

            let bytes threads =
                let before = GC.GetTotalAllocatedBytes true
                let rows = [| 0 |]

                SpectrumStream.run
                    projection
                    { Threads = threads; PerParticle = false; Columns = OrderedPairs }
                    (frames |> Seq.map (fun (number, frame) -> Ok(struct (number, frame))))
                    (SpectrumRowHandler(fun _ _ _ _ -> rows[0] <- rows[0] + 1))
                    (SpectrumProgressHandler(fun _ _ _ -> ()))
                    CancellationToken.None
                |> sure
                |> ignore

                Expect.equal rows[0] frames.Length "rows"
                GC.GetTotalAllocatedBytes true - before

            // One row of means is 30 spectra of 40,500 numbers: 9.7 MB.
            for threads in [ 1; 8 ] do
                Close.below (bytes threads) 40_000_000L $"{threads} threads"

        testCase "a frame number that occurs twice ends a stream with an error, in whatever order"
        <| fun () ->
            let projection = Projection.create few [ 1 ] |> sure
            let frame = Frame.create Cell.none [ Ellipsoid.sphere 1 Vector3.zero 0.5 |> sure ]

            for numbers in [ [ 0; 0 ]; [ 3; 4; 5; 4 ]; [ 9; 2; 5; 2 ]; [ 1; 3; 2; 3 ]; [ -1; -2; -1 ] ] do
                let given = numbers |> List.map (fun number -> number, frame)

                Expect.stringContains
                    (Tensors.sentence (stream projection 1 false OrderedPairs given))
                    ("system = " + string (List.last numbers))
                    $"{numbers}"

            let fine = [ 5; 3; 4; -1; 7; 6 ] |> List.map (fun number -> number, frame)
            Expect.isOk (stream projection 1 false OrderedPairs fine) "all different"
    ]
