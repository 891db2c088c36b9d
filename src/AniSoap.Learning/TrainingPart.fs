namespace AniSoap.Learning

open System
open AniSoap
open AniSoap.Formats

/// What the rows of consecutive frames add up to: factors of aligned subtrees of one tree over the frames' numbers (`TrainingPart.merge`).
[<Sealed>]
type TrainingPart internal (first: int, frames: int, rows: int64, columns: int, leafFrames: int, folds: FactorPiece[][])
    =
    /// The number of its first frame.
    member _.First = first

    /// Its frames.
    member _.Frames = frames

    /// The rows of these: energies, forces, torques and virials that count.
    member _.Rows = rows

    member internal _.Columns = columns
    member internal _.LeafFrames = leafFrames
    /// Pieces by fold, in the frames' order.
    member internal _.Folds = folds

/// Training in parts.
module TrainingPart =
    /// The part of these frames, which are frames `span` of `total` in all and may be gone through several times; refuses others than so many.
    let compute
        (setup: TrainingSetup)
        (threads: int)
        (total: int)
        (span: FrameSpan)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<TrainingPart, AniSoapError> =
        attempt {
            let! threads = RunOptions.threadCount threads

            do!
                Refuse.unless (span.First >= 0 && span.First < span.Stop && span.Stop <= total) (fun () ->
                    Refuse.because
                        "frames of the part"
                        (String.Concat(span.First, " to ", span.Stop - 1))
                        (String.Concat("frames of 0 to ", total - 1)))

            let stop =
                if span.Stop = total then
                    Int64.MaxValue
                else
                    int64 span.Stop

            let! sums = TrainingSetups.sum setup threads span.First stop false frames

            do!
                Refuse.unless (sums.Frames = span.Stop - span.First) (fun () ->
                    Refuse.count
                        "number of frames"
                        sums.Frames
                        (String.Concat(span.Stop - span.First, ", as the span")))

            let! basis = TrainingSetups.basis setup

            return
                TrainingPart(
                    span.First,
                    sums.Frames,
                    sums.Rows,
                    (match basis with
                     | Some one -> one.Length + 1
                     | None -> 0),
                    setup.LeafFrames,
                    sums.Trees |> Array.map (fun tree -> Seq.toArray tree.Pieces)
                )
        }

    let private misfit (part: TrainingPart) =
        Refuse.because
            "part"
            (String.Concat("of frames ", part.First, " to ", part.First + part.Frames - 1))
            "parts of this setup that follow on each other from frame 0"

    /// The potential of all parts, in the frames' order: to the last bit that of one run by the same setup (`PotentialTraining.trainBy`). Refuses parts that do not follow on each other or
    /// are of another setup. Parts are taken one at a time.
    let merge
        (setup: TrainingSetup)
        (parts: seq<Result<TrainingPart, AniSoapError>>)
        : Result<Potential, AniSoapError> =
        attempt {
            let! threads = RunOptions.threadCount 0
            let! basis = TrainingSetups.basis setup

            let trees =
                match basis with
                | None -> [||]
                | Some basis ->
                    let memory = FactorMemory(basis.Length + 1, LinearAlgebra.Own)

                    Array.init setup.Folds (fun _ -> FactorTree(memory, int64 setup.LeafFrames, 0L, Int64.MaxValue))

            let take (struct (frames, rows)) (part: Result<TrainingPart, AniSoapError>) =
                attempt {
                    let! part = part

                    let follows =
                        part.First = frames
                        && part.LeafFrames = setup.LeafFrames
                        && part.Folds.Length = trees.Length
                        && Array.forall2
                            (fun (tree: FactorTree) pieces -> pieces |> Array.forall tree.Take)
                            trees
                            part.Folds

                    if follows then
                        return struct (frames + part.Frames, rows + part.Rows)
                    else
                        return! misfit part
                }

            let! struct (frames, rows) = parts |> Result.fold take (struct (0, 0L))
            do! Refuse.unless (frames > 0) (fun () -> Refuse.because "parts" "none" "at least one")
            let sums = { TrainingSums.First = 0; Frames = frames; Trees = trees }
            return! TrainingSetups.solve setup 0 threads sums rows Seq.empty
        }
