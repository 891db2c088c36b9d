/// Energies linear in pair spectra, by the way back: their columns times weights, the sums of their centres, what is refused.
module AniSoap.Tests.PairEnergyTests

open System
open Expecto
open AniSoap
open AniSoap.Tests.Golden
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors

let private room size = Memory(Array.zeroCreate<float> size)

let private energyTests =
    testList "energies linear in pair spectra" [
        testCase "are weights times columns, and so are forces, torques and virial, the same bits for any threads"
        <| fun () ->
            let random = Random 4
            let weights = Array.init basis.Length (fun _ -> random.NextDouble() - 0.5)
            let frame = skew 5 7
            let rows = rowsOf basis frame
            let count = 7

            let evaluate threads =
                let energy = PairEnergy.Create(basis, ReadOnlyMemory weights, threads) |> sure

                let forces, torques, virial =
                    Array.create (3 * count) nan, Array.create (3 * count) nan, Array.create 9 nan

                let value = energy.Evaluate(frame, Memory forces, Memory torques, Memory virial) |> sure
                // Memory is used again.
                energy.Evaluate(skew 6 3, room 9, room 9, room 9) |> sure |> ignore
                let again = energy.Evaluate(frame, Memory forces, Memory torques, Memory virial) |> sure
                Expect.equal again value "again"
                Array.concat [ [| value |]; forces; torques; virial ]

            let found = evaluate 1
            Expect.equal (evaluate 3) found "three threads"

            let times (row: float[]) =
                let mutable sum = 0.0

                for i in 0 .. row.Length - 1 do
                    sum <- sum + weights[i] * row[i]

                sum

            let expected = [|
                times (rows.Values.ToArray())
                for i in 0 .. count - 1 do
                    for axis in 0..2 do
                        times (rows.Forces(i, axis).ToArray())
                for i in 0 .. count - 1 do
                    for axis in 0..2 do
                        times (rows.Torques(i, axis).ToArray())
                for a in 0..2 do
                    for b in 0..2 do
                        times (rows.Virial(a, b).ToArray())
            |]

            Close.toLargest 1e-11 found expected "energy, forces, torques, virial"

        testCase
            "are sums over centres, and those of a list of centres with images as particles of their own are theirs"
        <| fun () ->
            let random = Random 8
            let weights = Array.init basis.Length (fun _ -> random.NextDouble() - 0.5)
            let energy = PairEnergy.Create(basis, ReadOnlyMemory weights, 2) |> sure
            let frame = { skew 9 6 with Cell = Cell.none }
            let centers, forces, torques, virial = Array.create 6 nan, room 18, room 18, room 9
            let whole = energy.EvaluateCenters(frame, Memory centers, forces, torques, virial) |> sure
            Close.toLargest 1e-12 [| Array.sum centers |] [| whole |] "sum"

            // Two of the six, with all as candidates.
            let table = NeighborTable()

            table.Fill(
                ReadOnlyMemory [| 4; 1 |],
                ReadOnlyMemory [| 0; 6; 12 |],
                ReadOnlyMemory [| 0; 1; 2; 3; 4; 5; 0; 1; 2; 3; 4; 5 |]
            )
            |> sure

            let some = Array.create 2 nan

            let part =
                energy.EvaluateCenters(frame, Memory some, forces, torques, virial, table)
                |> sure

            Close.toLargest 1e-12 some [| centers[4]; centers[1] |] "centres"
            Close.toLargest 1e-12 [| part |] [| centers[4] + centers[1] |] "their sum"

            let refusal =
                energy.EvaluateCenters(frame, room 3, forces, torques, virial, table)
                |> sentence

            Expect.stringContains refusal "length of the centres' energies = 3" "length"

        testCase "refuse weights and memory of other lengths"
        <| fun () ->
            let refusal = PairEnergy.Create(basis, ReadOnlyMemory(Array.zeroCreate 3), 1) |> sentence
            Expect.stringContains refusal "number of weights = 3" "weights"

            let energy =
                PairEnergy.Create(basis, ReadOnlyMemory(Array.zeroCreate basis.Length), 1)
                |> sure

            let refusal = energy.Evaluate(skew 1 3, room 8, room 9, room 9) |> sentence
            Expect.stringContains refusal "length of the forces = 8" "forces"
    ]

[<Tests>]
let tests = testList "contact" [ energyTests ]
