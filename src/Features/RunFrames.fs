namespace AniSoap

/// The frames of a run, with their system numbers.
module internal RunFrames =
    /// The first system number that occurs twice: rows with the same label cannot be told apart.
    let private repeated (systems: int[]) =
        let seen = System.Collections.Generic.HashSet<int>()
        systems |> Array.tryFind (fun system -> not (seen.Add system))

    /// One number for each of so many frames.
    let private numbers (options: RunOptions) count : Result<int[], AniSoapError> =
        match options.Systems with
        | None -> Ok [| 0 .. count - 1 |]
        | Some systems ->
            // One more shows that there are too many, even of an endless sequence.
            let given = systems |> Seq.truncate (count + 1) |> Seq.toArray

            if given.Length < count then
                Error(
                    AniSoapError.invalid
                        "number of systems"
                        given.Length
                        ("one for each of the " + string count + " frames")
                )
            elif given.Length > count then
                Error(
                    AniSoapError.invalid
                        "number of systems"
                        ("above " + string count)
                        ("one for each of the " + string count + " frames")
                )
            else
                match repeated given with
                | Some system -> Error(AniSoapError.invalid "system" system "a different number for every frame")
                | None -> Ok given

    let private checkEach (projection: Projection) (frames: (int * Frame)[]) =
        frames
        |> Array.tryPick (fun (system, frame) ->
            match FrameRules.check projection frame with
            | Ok() -> None
            | Error error -> Some(AniSoapError.at { Place.Unknown with Frame = Some system } error))
        |> function
            | Some error -> Error error
            | None -> Ok frames

    /// The frames with their system numbers, all different, each of a kind that the projection can expand, and the options with a number of threads of at
    /// least one.
    let prepare
        (options: RunOptions)
        (projection: Projection)
        (frames: Frame seq)
        : Result<RunOptions * (int * Frame)[], AniSoapError> =
        RunOptions.threadCount options.Threads
        |> Result.bind (fun threads ->
            let taken = ResizeArray<Frame>()

            for frame in frames do
                options.Cancellation.ThrowIfCancellationRequested()
                taken.Add frame

            numbers options taken.Count
            |> Result.bind (fun systems -> checkEach projection (Array.zip systems (taken.ToArray())))
            |> Result.map (fun numbered -> { options with Threads = threads }, numbered))
