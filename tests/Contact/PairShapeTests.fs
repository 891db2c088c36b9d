/// Pair spectra by the shapes of particles: against differences, forwards and backwards.
module AniSoap.Tests.PairShapeTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Golden
open AniSoap.Tests.PairSupport

let private random (seed: int) count =
    let next = Random seed
    Array.init count (fun _ -> 2.0 * next.NextDouble() - 1.0)

let private swollen (h: float) (direction: float[]) (frame: Frame) =
    frame.Particles
    |> Seq.mapi (fun i p ->
        let v = h * Vector3.create direction[3 * i] direction[3 * i + 1] direction[3 * i + 2]
        Ellipsoid.create p.Species p.Position p.Orientation (p.SemiAxes + v) |> sure)
    |> Frame.create frame.Cell

let private differences (compute: Frame -> float[]) direction frame =
    let central h =
        Array.map2
            (fun forward backward -> (forward - backward) / (2.0 * h))
            (compute (swollen h direction frame))
            (compute (swollen -h direction frame))

    let better power coarse fine = Array.map2 (fun c f -> f + (f - c) / (power - 1.0)) coarse fine
    let a, b, c = central 0.01, central 0.005, central 0.0025
    better 16.0 (better 4.0 a b) (better 4.0 b c)

let private given = SpeciesMixing.Weights(Map [ 1, [ 0.5; -1.0 ]; 6, [ 2.0; 0.25 ]; 8, [ 0.0; 1.5 ] ])
let private mixedBasis = PairBasis.create { small with SpeciesMixing = Some given } [ 1; 6; 8 ] |> sure

[<Tests>]
let mixing =
    testList "pair spectra of mixed species" [
        testCase "are the weighted sums of those of directed pairs, with all derivatives, and energies with theirs"
        <| fun () ->
            let frame = skew 7 6
            let plain, mixed = rowsOf smallBasis frame, rowsOf mixedBasis frame
            let size = smallBasis.Length / 9
            Expect.equal mixedBasis.Length (4 * size) "columns"

            let weight t channel = (SpeciesMixing.weightsOf [| 1; 6; 8 |].[t] given |> Option.get)[channel]

            let expected (row: float[]) =
                Array.init (4 * size) (fun i ->
                    let one, other, column = i / size / 2, i / size % 2, i % size

                    Seq.sum (
                        seq {
                            for t in 0..2 do
                                for u in 0..2 do
                                    weight t one * weight u other * row[(3 * t + u) * size + column]
                        }
                    ))

            let same (mixed: float[]) (plain: float[]) name = Close.toLargest 1e-12 mixed (expected plain) name
            same (mixed.Values.ToArray()) (plain.Values.ToArray()) "values"
            same (mixed.Forces(2, 1).ToArray()) (plain.Forces(2, 1).ToArray()) "forces"
            same (mixed.Torques(3, 2).ToArray()) (plain.Torques(3, 2).ToArray()) "torques"
            same (mixed.Virial(0, 2).ToArray()) (plain.Virial(0, 2).ToArray()) "virial"
            let values = PairSpectrumValues mixedBasis
            values.Compute frame |> sure
            Close.toLargest 1e-12 (values.Values.ToArray()) (mixed.Values.ToArray()) "values alone"

            let weights = random 3 mixedBasis.Length

            let back =
                Array.init smallBasis.Length (fun i ->
                    let t, u, column = i / size / 3, i / size % 3, i % size

                    Seq.sum (
                        seq {
                            for one in 0..1 do
                                for other in 0..1 do
                                    weight t one * weight u other * weights[(2 * one + other) * size + column]
                        }
                    ))

            let evaluate (basis: PairBasis) weights =
                let energy = PairEnergy.Create(basis, ReadOnlyMemory weights, 1) |> sure
                let room = Array.zeroCreate<float>(6 * 6 + 9)
                let part from length = Memory(room, from, length)
                let found = energy.Evaluate(frame, part 0 18, part 18 18, part 36 9) |> sure
                Array.append [| found |] room

            Close.toLargest 1e-11 (evaluate mixedBasis weights) (evaluate smallBasis back) "energy and its derivatives"

        testCase "have as many columns whatever the number of species, and labels that say channels"
        <| fun () ->
            let basis count =
                PairBasis.create { small with SpeciesMixing = Some(SpeciesMixing.Random(2, 1)) } [ 1..count ]
                |> sure

            Expect.equal (basis 40).Length (basis 2).Length "columns"
            let names = (PairBasis.properties (basis 3)).Names
            Expect.sequenceEqual (Seq.truncate 2 names) [ "center_channel"; "neighbor_channel" ] "names"

            Expect.isError
                (PairBasis.create { small with SpeciesMixing = Some given } [ 1; 2 ])
                "no weights of species 2"
    ]

[<Tests>]
let tests =
    testList "pair spectra by shapes" [
        for name, basis, seed in
            [ "two contact shapes", basis, 3; "few columns", smallBasis, 4; "mixed species", mixedBasis, 5 ] do
            testCase $"are those of differences, forwards and backwards: {name}"
            <| fun () ->
                let frame = skew seed 4
                let direction = random seed (3 * frame.Particles.Length) |> Array.map (fun v -> 0.2 * v)
                let shapes = PairSpectrumShapes basis
                shapes.Compute frame |> sure
                let along = Array.zeroCreate<float> basis.Length

                for i in 0 .. frame.Particles.Length - 1 do
                    for axis in 0..2 do
                        let row = shapes.SemiAxes(i, axis)

                        for column in 0 .. along.Length - 1 do
                            along[column] <- along[column] + direction[3 * i + axis] * row[column]

                Close.toLargest 1e-8 along (differences (values basis) direction frame) "forwards"
                let weights = random 9 basis.Length
                let pulled = Array.zeroCreate<float>(3 * frame.Particles.Length)
                let energy = shapes.Pull(frame, ReadOnlyMemory weights, Memory pulled) |> sure
                let expected = Array.fold2 (fun sum w f -> sum + w * f) 0.0 weights (values basis frame)
                Close.toLargest 1e-12 [| energy |] [| expected |] "energy"

                let contracted =
                    Array.init pulled.Length (fun at ->
                        let row = shapes.SemiAxes(at / 3, at % 3)
                        let mutable sum = 0.0

                        for column in 0 .. row.Length - 1 do
                            sum <- sum + weights[column] * row[column]

                        sum)

                Close.toLargest 1e-12 pulled contracted "backwards"

        testCase "refuse memory of other lengths, unknown species and rows that are none"
        <| fun () ->
            let frame = skew 1 3
            let shapes = PairSpectrumShapes basis
            let weights = ReadOnlyMemory(random 1 basis.Length)
            Expect.isError (shapes.Pull(frame, weights, Memory(Array.zeroCreate 8))) "room"
            Expect.isError (shapes.Pull(frame, ReadOnlyMemory [| 1.0 |], Memory(Array.zeroCreate 9))) "weights"
            let stranger = Frame.create Cell.none [ Ellipsoid.sphere 7 Vector3.zero 1.0 |> sure ]
            Expect.isError (shapes.Compute stranger) "species"
            shapes.Compute frame |> sure
            Expect.throwsT<ArgumentOutOfRangeException> (fun () -> shapes.SemiAxes(3, 0).Length |> ignore) "particle"
    ]
