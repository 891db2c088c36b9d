namespace AniSoap.Learning

open System.Threading.Tasks
open AniSoap

/// Frames with targets, computed several at a time and taken in their order: the same for any number of threads.
module internal FrameBatches =
    /// `compute` is called by any thread for a slot (0 … slots − 1, one frame at a time each), the frame's number and the frame; then `take` with the same and the result, on any thread, but for
    /// all frames of a lane (their number modulo `lanes`) one after the other in the frames' order. Ends at the first error, which says at which frame it is; of what was computed
    /// with that frame nothing is taken.
    let runIn
        (lanes: int)
        (slots: int)
        (threads: int)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        (compute: int -> int -> PotentialTargets -> Result<'r, AniSoapError>)
        (take: int -> int -> PotentialTargets -> 'r -> unit)
        : Result<unit, AniSoapError> =
        let batch = Array.zeroCreate<PotentialTargets> slots
        let results = Array.zeroCreate<Result<'r, AniSoapError>> slots
        let options = ParallelOptions(MaxDegreeOfParallelism = threads)
        let mutable filled = 0
        let mutable start = 0

        let flush () =
            Parallel.For(0, filled, options, (fun slot -> results[slot] <- compute slot (start + slot) batch[slot]))
            |> ignore

            let takeLane lane =
                for slot in 0 .. filled - 1 do
                    if (start + slot) % lanes = lane then
                        match results[slot] with
                        | Ok found -> take slot (start + slot) batch[slot] found
                        | Error _ -> ()

            let checkedAll =
                seq { 0 .. filled - 1 }
                |> Result.check (fun slot ->
                    match results[slot] with
                    | Ok _ -> Ok()
                    | Error error -> Error(AniSoapError.at { Place.Unknown with Frame = Some(start + slot) } error))

            if checkedAll.IsOk then
                Parallel.For(0, lanes, options, takeLane) |> ignore

            start <- start + filled
            filled <- 0
            checkedAll

        TrainingSurvey.forEach frames (fun _ targets ->
            batch[filled] <- targets
            filled <- filled + 1
            if filled = slots then flush () else Ok())
        |> Result.bind flush

    /// The same with all frames in one lane.
    let run slots threads frames compute take = runIn 1 slots threads frames compute take
