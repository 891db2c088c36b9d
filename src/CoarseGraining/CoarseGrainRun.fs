namespace AniSoap

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open System.Text

/// Frames coarse-grained one after another, with a report at the end. Memory does not grow with the number of frames.
[<Sealed>]
type CoarseGrainRun(options: CoarseGrainOptions, output: CoarseOutput) =
    /// So many bodies are made at once where their rows alone are wanted: they are gone when the next ones come, before they
    /// cost more memory. A multiple of what a thread takes at once of those that are averaged.
    static let block = 2048

    let room = AtomRoom()
    let bodies = Array.zeroCreate<Body> block
    let texts = MemberTexts()
    let gathered = CoarseTally(options.Threads, options.Centre)
    let mutable kinds = CoarseGrain.noKinds
    let mutable isLearnt = false

    [<VolatileField>]
    let mutable threads = options.Threads

    /// What the options say while the average is not known yet.
    let learning = {
        options with
            ShapeFrom = ShapeOrigin.Own
            Axes = Some OrientationAxes.Reference
            MinAxis = Some(options.MinAxis |> Option.defaultValue 1e-9)
    }

    /// How many threads are at work; at first what the options say. May be set while a frame is made, from another thread: some two thousand molecules later it holds. Results do
    /// not depend on it.
    member _.Threads
        with get () = threads
        and set count = threads <- count

    /// Whether the frames must be gone through once before, for the average shape.
    member _.NeedsLearning = options.ShapeFrom = ShapeOrigin.Average && not isLearnt

    /// Looks at a frame for the average molecules.
    member _.Learn(snapshot: Snapshot) : Result<unit, AniSoapError> =
        CoarseGrain.frameIn room output.WithAtoms learning kinds snapshot
        |> Result.map (fun frame ->
            kinds <- frame.Kinds
            gathered.Gather(frame.Kinds, frame.Bodies.AsSpan()))

    /// Makes the averages of what was looked at the shapes and references of the kinds.
    member _.EndLearning() =
        kinds <-
            kinds
            |> Seq.mapi (fun k kind ->
                match gathered.TryAverage k with
                | Some average -> AverageKind.withAverage options kind average
                | None -> kind)
            |> ImmutableArray.CreateRange

        gathered.ClearAverages()
        isLearnt <- true

    /// The molecules of the next frame.
    member _.Frame(snapshot: Snapshot) : Result<CoarseFrame, AniSoapError> =
        CoarseGrain.find room output.WithAtoms { options with Threads = threads } kinds snapshot
        |> Result.bind (fun found ->
            CoarseGrain.bodies found
            |> Result.map (fun frame ->
                kinds <- found.Kinds
                gathered.Note found
                gathered.Count(found.Kinds, frame.Bodies.AsSpan())
                frame))

    /// What is written of the next frame, and what a person should know of it: as `Add`, in less memory, since the molecules
    /// themselves are not kept.
    member _.Ellipsoids(snapshot: Snapshot) : Result<struct (string list * Snapshot), AniSoapError> =
        CoarseGrain.find room output.WithAtoms { options with Threads = threads } kinds snapshot
        |> Result.bind (fun found ->
            let all = found.Indices.Length
            let atoms = ImmutableCollectionsMarshal.AsImmutableArray found.Around.Atoms.KindList
            let singles = ImmutableCollectionsMarshal.AsImmutableArray found.Groups.Spheres
            let rows = CoarseRows(options, output, snapshot, found.Kinds, atoms, singles, all, texts)
            let mutable outcome = Ok()
            let mutable first = 0
            kinds <- found.Kinds
            gathered.Note found

            while first < all && outcome.IsOk do
                let start = first
                let here = min block (all - start)

                Workers.eachIn
                    threads
                    here
                    (fun () -> struct (BodyBuilder.Room(), StringBuilder()))
                    (fun (struct (own, text)) k ->
                        bodies[k] <- CoarseGrain.bodyIn found own bodies[k] (start + k)
                        rows.Set(text, start + k, bodies[k]))

                outcome <- CoarseGrain.checkThin found (ReadOnlySpan(bodies, 0, here))

                if outcome.IsOk then
                    gathered.Count(found.Kinds, ReadOnlySpan(bodies, 0, here))

                first <- first + here

            outcome
            |> Result.bind rows.Finish
            |> Result.map (fun written -> struct (found.Warnings, written)))

    /// The next frame, and what is written of it.
    member run.Add(snapshot: Snapshot) : Result<struct (CoarseFrame * Snapshot), AniSoapError> =
        run.Frame snapshot
        |> Result.bind (fun frame ->
            CoarseSnapshot.ofFrame options output snapshot frame
            |> Result.map (fun written -> struct (frame, written)))

    /// How atoms become ellipsoids.
    member _.Options = options

    /// `Add` of each frame as it is asked for, after all were learnt from where the shape is the average's: they are gone through twice then. Errors name the frame.
    member run.AddEach(snapshots: Snapshot seq) : Result<struct (CoarseFrame * Snapshot), AniSoapError> seq =
        let named number result =
            result
            |> Result.mapError (AniSoapError.at { Place.Unknown with Frame = Some number })

        let learn () =
            if run.NeedsLearning then
                Seq.indexed snapshots
                |> Result.check (fun (number, snapshot) -> run.Learn snapshot |> named number)
                |> Result.map run.EndLearning
            else
                Ok()

        seq {
            match learn () with
            | Ok() -> yield! snapshots |> Seq.mapi (fun number snapshot -> run.Add snapshot |> named number)
            | Error error -> yield Error error
        }

    /// What was found so far.
    member _.Report() : CoarseGrainReport = gathered.Report kinds

    /// The kinds that were found, with their reference molecules.
    member _.Kinds = kinds

    /// The reference molecules as hidden sites are given to training: for each species positions in the body's frame, with
    /// elements and masses.
    member _.Sites() : string = ReferenceSites.json kinds
