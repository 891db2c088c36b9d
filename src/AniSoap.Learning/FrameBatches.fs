namespace AniSoap.Learning

open System.Threading.Tasks
open AniSoap

/// Frames with targets, computed several at a time and taken in their order: the same for any number of threads.
module internal FrameBatches =
    /// `compute` is called by any thread for a slot (0 … slots − 1, one frame at a time each), the frame's number and the frame; then `take` with the same and the result, on any thread, but for
    /// all frames of a lane (`laneOf` their number, 0 … lanes − 1; frames of none are passed by) one after the other in the frames' order. The number of all frames, or the first error, which says at which
    /// frame it is; of what was computed with that frame nothing is taken.
    let runIn
        (lanes: int)
        (laneOf: int -> int voption)
        (slots: int)
        (threads: int)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        (compute: int -> int -> PotentialTargets -> Result<'r, AniSoapError>)
        (take: int -> int -> PotentialTargets -> 'r -> unit)
        : Result<int, AniSoapError> =
        let batch = Array.zeroCreate<PotentialTargets> slots
        let numbers = Array.zeroCreate<int> slots
        let results = Array.zeroCreate<Result<'r, AniSoapError>> slots
        let options = ParallelOptions(MaxDegreeOfParallelism = threads)
        let mutable filled = 0
        let mutable found = 0

        let flush () =
            Parallel.For(0, filled, options, (fun slot -> results[slot] <- compute slot numbers[slot] batch[slot]))
            |> ignore

            let takeLane lane =
                for slot in 0 .. filled - 1 do
                    if laneOf numbers[slot] = ValueSome lane then
                        match results[slot] with
                        | Ok found -> take slot numbers[slot] batch[slot] found
                        | Error _ -> ()

            let checkedAll =
                seq { 0 .. filled - 1 }
                |> Result.check (fun slot ->
                    match results[slot] with
                    | Ok _ -> Ok()
                    | Error error -> Error(AniSoapError.at { Place.Unknown with Frame = Some numbers[slot] } error))

            if checkedAll.IsOk then
                Parallel.For(0, lanes, options, takeLane) |> ignore

            filled <- 0
            checkedAll

        TrainingSurvey.forEach frames (fun number targets ->
            found <- number + 1

            if (laneOf number).IsNone then
                Ok()
            else
                batch[filled] <- targets
                numbers[filled] <- number
                filled <- filled + 1
                if filled = slots then flush () else Ok())
        |> Result.bind flush
        |> Result.map (fun () -> found)

    /// The same with all frames in one lane.
    let run slots threads frames compute take =
        runIn 1 (fun _ -> ValueSome 0) slots threads frames compute take
        |> Result.map ignore
