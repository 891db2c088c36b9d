/// Memory of training: that of the folds and the threads, however many frames there are.
module AniSoap.Tests.Learning.TrainingMemoryTests

open System
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.PotentialSupport

let private frames = lazy (made 8)

let private repeated count = Seq.init count (fun k -> Ok frames.Value[k % frames.Value.Length])

/// Eight folds of leaves of one frame.
let private workOf threads room count : RowWork = {
    Threads = threads
    Algebra = LinearAlgebra.Own
    Slots = threads
    Folds = 8
    LeafFrames = 1
    First = 0
    Stop = Int64.MaxValue
    Expected = count
    Room = room
    IsJoined = true
    Weights = {
        Robustness = 0.0
        TypicalForce = 1.0
        TypicalTorque = 1.0
        Kinds = [| 1.0; 1.0; 1.0; 0.0 |]
    }
}

let private summed threads room count =
    repeated count
    |> TrainingRows.accumulate (workOf threads room count) (fun _ targets -> Ok targets) smallBasis
    |> sure

let private factors (sums: TrainingSums) = sums.Trees |> Array.map (fun tree -> Array.copy tree.Root.Values)

let private solved (sums: TrainingSums) = ContactTraining.solve None 0 1 smallBasis sums sums.Rows Seq.empty |> ignore

[<Tests>]
let tests =
    testList "memory of training" [
        test "as many factors are made for twenty times the frames, where folds do not fit beside each other" {
            let made count =
                let sums = summed 1 0.0 count
                let rows = sums.Trees[0].Memory.MadeFactors
                solved sums
                struct (rows, sums.Trees[0].Memory.MadeFactors, sums.Trees[0].Memory.MadeRows)

            let struct (few, fewInAll, _) = made 16
            let struct (many, manyInAll, rows) = made 320
            // A factor of each fold, and of forty leaves of one fold at a time.
            Close.atMost many (8 + 6) "factors of all rows"
            Close.atMost few many "factors of fewer rows"
            Expect.equal manyInAll fewInAll "factors with those of the solution"
            Close.atMost rows (max 2 (Products.threads ())) "rows on their way into factors, of the solution's threads"
        }

        test "each fold is left with one factor, and with nothing that its leaves grew in" {
            let sums = summed 2 0.0 72

            for tree in sums.Trees do
                Expect.equal tree.Pieces.Count 1 "factors of a fold"

            // Of two folds at a time: a leaf each, and what joins two factors.
            Close.atMost sums.Trees[0].Memory.MadeRows 4 "rows on their way into factors"
        }

        test "folds that are added up one after the other, or all at once, have the same bits on any threads" {
            let bits sums = factors sums |> Array.map (Array.map BitConverter.DoubleToInt64Bits)
            let expected = bits (summed 1 1e9 41)

            for threads, room in [ 1, 0.0; 2, 0.0; 2, 1e9; 3, 0.0; 8, 0.0 ] do
                let sums = summed threads room 41
                Expect.equal sums.Frames 41 "frames"
                Expect.equal (bits sums) expected $"{threads} threads, room of {room} bytes"
        }

        test
            "folds are added up together as far as they fit: fewer where leaves and columns are many, not fewer than threads" {
            let folds threads count columns = TrainingRows.foldsAtOnce (workOf threads TrainingRows.Room count) columns
            Expect.equal (folds 2 100_000 163) 8 "few columns"
            Expect.equal (folds 2 7 751) 8 "a leaf each"
            Expect.equal (folds 2 18 631) 4 "hundreds of columns, few leaves"
            Expect.equal (folds 2 360 631) 2 "hundreds of columns, many leaves"
            Expect.equal (folds 2 360 751) 2 "many columns and leaves"
            Expect.equal (folds 8 360 751) 8 "as many threads as folds"
            Expect.equal (folds 16 360 751) 8 "more threads than folds"
        }

        test "frames that are not the same when they are gone through again are refused" {
            let left = ref 3

            let fewerEachTime =
                seq {
                    left.Value <- left.Value - 1
                    yield! repeated (20 + left.Value)
                }

            match TrainingRows.accumulate (workOf 2 0.0 20) (fun _ targets -> Ok targets) smallBasis fewerEachTime with
            | Ok _ -> failtest "added up"
            | Error error -> Expect.stringContains (AniSoapError.describe error) "as many as the first time" "why"
        }

        test "frames that have been learnt from are let go of" {
            let alive = ResizeArray<WeakReference>()
            let most = ref 0

            let fresh =
                seq {
                    for k in 0..399 do
                        let one = frames.Value[k % frames.Value.Length]
                        let copy = { one with Energy = one.Energy }
                        alive.Add(WeakReference(box copy))

                        if k % 100 = 99 then
                            GC.Collect()
                            most.Value <- max most.Value (alive |> Seq.filter _.IsAlive |> Seq.length)

                        Ok copy
                }

            PotentialTraining.train options fresh |> sure |> ignore
            // Of small frames sixteen wait for a thread.
            Close.atMost most.Value 40 "frames in memory"
        }
    ]
