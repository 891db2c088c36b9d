namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Sizes of what is learnt and of the particles, of one pass over the frames.
type internal TrainingSurvey = {
    Frames: int
    Species: int[]
    /// Rows of energies, forces, torques, virials.
    Counts: float[]
    /// What each is divided by: the spread of energies a particle, root mean squares of the others.
    Scales: float[]
    /// Diameters.
    Thinnest: float
    Longest: float
    /// The largest distance of two particles of a frame where none repeats; 0 where one does.
    Reach: float
    Numbers: int
    /// Geometric means of the norms of forces and of torques that are not zero; 0 where there are none.
    TypicalForce: float
    TypicalTorque: float
}

/// Frames with targets, gone through once.
module internal TrainingSurvey =
    let check (targets: PotentialTargets) =
        let count = 3 * targets.Frame.Particles.Length

        attempt {
            do!
                Refuse.unless (targets.Forces.IsDefaultOrEmpty || targets.Forces.Length = count) (fun () ->
                    Refuse.count "number of forces" targets.Forces.Length (String.Concat(count, ", three a particle")))

            do!
                Refuse.unless (targets.Torques.IsDefaultOrEmpty || targets.Torques.Length = count) (fun () ->
                    Refuse.count
                        "number of torques"
                        targets.Torques.Length
                        (String.Concat(count, ", three a particle")))
        }

    let private span (frame: Frame) =
        if frame.Cell.IsPeriodic then
            0.0
        else
            let mutable most = 0.0

            for i in 0 .. frame.Particles.Length - 1 do
                for j in i + 1 .. frame.Particles.Length - 1 do
                    most <- max most (Vector3.norm (frame.Particles[j].Position - frame.Particles[i].Position))

            most

    /// Calls a function for every frame until one refuses.
    let forEach
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        (visit: int -> PotentialTargets -> Result<unit, AniSoapError>)
        : Result<unit, AniSoapError> =
        let mutable failure = None
        let mutable count = 0
        use enumerator = frames.GetEnumerator()

        while failure.IsNone && enumerator.MoveNext() do
            match enumerator.Current |> Result.bind (visit count) with
            | Error error -> failure <- Some(AniSoapError.at { Place.Unknown with Frame = Some count } error)
            | Ok() -> count <- count + 1

        match failure with
        | Some error -> Error error
        | None -> Ok()

    let ofFrames (frames: seq<Result<PotentialTargets, AniSoapError>>) : Result<TrainingSurvey, AniSoapError> =
        let species = Collections.Generic.SortedSet<int>()
        let counts = Array.zeroCreate<float> 4
        let squares = Array.zeroCreate<float> 4
        let mutable energies = 0.0
        let mutable thinnest = infinity
        let mutable longest = 0.0
        let mutable reach = 0.0
        let mutable isOpen = true
        let mutable number = 0
        let mutable particles = 0

        let logarithms = Array.zeroCreate<float> 2
        let norms = Array.zeroCreate<float> 2

        let addNorms kind (values: ImmutableArray<float>) =
            if not values.IsDefaultOrEmpty then
                for i in 0..3 .. values.Length - 3 do
                    let square =
                        values[i] * values[i]
                        + values[i + 1] * values[i + 1]
                        + values[i + 2] * values[i + 2]

                    if square > 0.0 then
                        logarithms[kind] <- logarithms[kind] + 0.5 * log square
                        norms[kind] <- norms[kind] + 1.0

        let add kind (values: float seq) =
            for value in values do
                counts[kind] <- counts[kind] + 1.0
                squares[kind] <- squares[kind] + value * value

        forEach frames (fun _ targets ->
            check targets
            |> Result.map (fun () ->
                let frame = targets.Frame
                number <- number + 1
                particles <- max particles frame.Particles.Length

                for one in Frame.species frame do
                    species.Add one |> ignore

                for axis in frame.Particles.SemiAxes do
                    thinnest <- min thinnest (2.0 * axis)
                    longest <- max longest (2.0 * axis)

                isOpen <- isOpen && not frame.Cell.IsPeriodic

                if isOpen && frame.Particles.Length <= 200 then
                    reach <- max reach (span frame)

                match targets.Energy with
                | Some energy when frame.Particles.Length > 0 ->
                    let one = energy / float frame.Particles.Length
                    energies <- energies + one
                    add 0 [ one ]
                | _ -> ()

                add 1 targets.Forces
                add 2 targets.Torques
                addNorms 0 targets.Forces
                addNorms 1 targets.Torques
                add 3 (targets.Virial |> Seq.map (fun (struct (_, value)) -> value))))
        |> Result.bind (fun () ->
            let scale kind =
                let mean = if kind = 0 then energies / max 1.0 counts[0] else 0.0
                let variance = squares[kind] / max 1.0 counts[kind] - mean * mean
                let plain = squares[kind] / max 1.0 counts[kind]
                // One frame, or all of one energy.
                let kept = if variance > 1e-12 * plain then variance else plain
                if kept > 0.0 then sqrt kept else 1.0

            if species.Count = 0 then
                Refuse.because "frames" "none with particles" "at least one frame with particles"
            elif counts[0] + counts[1] + counts[2] + counts[3] = 0.0 then
                Error(
                    Missing(
                        "targets: energies, forces, torques or virials of the frames",
                        "name the keys or columns that hold them",
                        Place.Unknown
                    )
                )
            else
                Ok {
                    Frames = number
                    Species = Seq.toArray species
                    Counts = counts
                    Scales = Array.init 4 scale
                    Thinnest = thinnest
                    Longest = longest
                    Reach = if isOpen then reach else 0.0
                    Numbers = particles
                    TypicalForce =
                        if norms[0] > 0.0 then
                            exp (logarithms[0] / norms[0])
                        else
                            0.0
                    TypicalTorque =
                        if norms[1] > 0.0 then
                            exp (logarithms[1] / norms[1])
                        else
                            0.0
                })
