namespace AniSoap.Learning

open System
open AniSoap

/// How rows are added up.
type internal RowWork = {
    Threads: int
    Algebra: LinearAlgebra
    /// Frames computed at once.
    Slots: int
    Folds: int
    /// Frames of a fold that make a leaf of its tree.
    LeafFrames: int
    /// The number of the first frame.
    First: int
    /// The number of the frame behind the last, the largest number where there are no more frames.
    Stop: int64
    /// How many frames are expected: where that is not so no bit changes, only memory or time.
    Expected: int
    /// Bytes for what is added up at a time: more folds than fit are left to a next time that the frames are gone through.
    Room: float
    /// Whether each fold's rows become one factor at once, or stay pieces for others to join.
    IsJoined: bool
    Weights: RowWeights
}

/// Rows that were added up.
type internal TrainingSums = {
    First: int
    Frames: int
    /// By fold.
    Trees: FactorTree[]
} with

    /// Rows of all folds.
    member sums.Rows = sums.Trees |> Array.sumBy _.Count

/// Rows of least squares out of frames: energies, forces, torques and virials as sums of columns of pair spectra, of which R alone is kept.
module internal TrainingRows =
    let private addRow (row: float[]) (sums: FactorTree) (from: ReadOnlySpan<float>) target weight =
        if weight > 0.0 then
            from.CopyTo(Span row)
            row[row.Length - 1] <- target
            sums.Add(ReadOnlySpan row, weight)

    /// The row of a virial's number.
    let private virialRow (rows: PairSpectrumRows) place : ReadOnlySpan<float> =
        let struct (first, second) = PotentialTargets.entries place
        let one = rows.Virial(first / 3, first % 3)

        if first = second then
            one
        else
            let other = rows.Virial(second / 3, second % 3)
            let mean = Array.zeroCreate<float> one.Length

            for j in 0 .. mean.Length - 1 do
                mean[j] <- 0.5 * (one[j] + other[j])

            ReadOnlySpan mean

    /// Adds the rows of a frame.
    let private addFrame
        (weights: RowWeights)
        (targets: PotentialTargets)
        (rows: PairSpectrumRows)
        (row: float[])
        (sums: FactorTree)
        =
        let particles = targets.Frame.Particles.Length
        let kinds = weights.Kinds
        let ofParticles = RowWeights.ofParticles weights targets
        let ofFrame = RowWeights.mean ofParticles
        let hasForces, hasTorques = not targets.Forces.IsDefaultOrEmpty, not targets.Torques.IsDefaultOrEmpty

        match targets.Energy with
        | Some energy -> addRow row sums rows.Values energy (ofFrame * kinds[0] / float particles)
        | None -> ()

        for i in 0 .. particles - 1 do
            let weight = ofParticles[i]

            for axis in 0..2 do
                if hasForces then
                    addRow row sums (rows.Forces(i, axis)) targets.Forces[3 * i + axis] (weight * kinds[1])

                if hasTorques then
                    addRow row sums (rows.Torques(i, axis)) targets.Torques[3 * i + axis] (weight * kinds[2])

        for struct (place, value) in targets.Virial do
            addRow row sums (virialRow rows place) value (ofFrame * kinds[3])

    let private isEmpty (targets: PotentialTargets) =
        targets.Energy.IsNone
        && targets.Forces.IsDefaultOrEmpty
        && targets.Torques.IsDefaultOrEmpty
        && targets.Virial.IsEmpty

    /// Bytes for what is added up at a time, unless told otherwise: about what the solution takes afterwards, a factor of each fold and of all others of each, for a few hundred columns.
    [<Literal>]
    let Room = 54e6

    /// How many folds' rows are added up at a time: as many as fit, and as there are threads at least. A fold has rows of a leaf and, of so many leaves, a factor for each 1 of their number in
    /// binary digits, and as many again while they are joined; reading frames once more is little beside their rows.
    let foldsAtOnce (work: RowWork) (columns: int) : int =
        let leaves = 1 + work.Expected / work.Folds / work.LeafFrames

        let waiting =
            if leaves < 2 then
                0
            else
                Numerics.BitOperations.Log2(uint leaves + 1u)

        let bytes =
            TriangularRows.Bytes columns
            + 8.0 * float (2 * waiting * PackedTriangle.Length columns)

        let fitting = int (min (float work.Folds) (work.Room / bytes)) / work.Threads * work.Threads
        min work.Folds (max work.Threads fitting)

    /// Rows of every fold: frame k is frame k / folds of the fold k % folds. Frames are computed several at a time, and added in their order: the same bits for any threads. `prepare` may change
    /// a frame's targets, for one slot at a time; frames that have none bring no rows. Where folds are many for their memory, frames are gone through again for the next folds.
    let accumulate
        (work: RowWork)
        (prepare: int -> PotentialTargets -> Result<PotentialTargets, AniSoapError>)
        (basis: PairBasis)
        (frames: seq<Result<PotentialTargets, AniSoapError>>)
        : Result<TrainingSums, AniSoapError> =
        let ofFold number fold =
            if number = Int64.MaxValue then
                number
            else
                (number - int64 fold + int64 work.Folds - 1L) / int64 work.Folds

        let memory = FactorMemory(basis.Length + 1, work.Algebra)
        let atOnce = foldsAtOnce work (basis.Length + 1)

        let trees =
            Array.init work.Folds (fun fold ->
                FactorTree(
                    memory,
                    int64 work.LeafFrames,
                    ofFold (int64 work.First) fold,
                    ofFold work.Stop fold,
                    atOnce < work.Threads
                ))

        let rows = Array.init work.Slots (fun _ -> PairSpectrumRows basis)
        // By lane: folds take their rows side by side.
        let row = Array.init atOnce (fun _ -> Array.zeroCreate (basis.Length + 1))
        let counts = Array.zeroCreate<int> work.Folds
        let numberOf k = work.First + k
        // Of every time that they are gone through.
        let frameCount = ref 0

        let compute slot number targets =
            attempt {
                do! TrainingSurvey.check targets
                let! targets = prepare slot targets

                do!
                    if isEmpty targets then
                        Ok()
                    else
                        rows[slot].Compute targets.Frame

                return targets
            }
            |> Result.mapError (AniSoapError.at { Place.Unknown with Frame = Some(numberOf number) })

        /// The rows of consecutive folds.
        let pass (folds: int[]) =
            let laneOf number =
                let lane = numberOf number % work.Folds - folds[0]

                if lane >= 0 && lane < folds.Length then
                    ValueSome lane
                else
                    ValueNone

            let take slot number _ targets =
                let number = numberOf number
                let fold = number % work.Folds
                let tree = trees[fold]
                tree.Begin(int64 (number / work.Folds))
                addFrame work.Weights targets rows[slot] row[fold - folds[0]] tree
                counts[fold] <- counts[fold] + 1

            attempt {
                let! found = FrameBatches.runIn folds.Length laneOf work.Slots work.Threads frames compute take

                do!
                    Refuse.unless (folds[0] = 0 || found = frameCount.Value) (fun () ->
                        Refuse.count
                            "frames read once more"
                            found
                            (String.Concat(frameCount.Value, ", as many as the first time")))

                frameCount.Value <- found
                let columns = float memory.Columns

                Products.forEach folds.Length (columns * columns * columns) (fun k -> trees[folds[k]].End work.IsJoined)
            }

        Array.chunkBySize atOnce [| 0 .. work.Folds - 1 |]
        |> Result.check pass
        |> Result.map (fun () -> { First = work.First; Frames = Array.sum counts; Trees = trees })

    /// For every fold R of all others, of two folds at least: what stands before a fold, and what behind it, is added up once for all, in memory that is used again.
    let others (memory: FactorMemory) (folds: PackedTriangle[]) : PackedTriangle[] =
        let last = folds.Length - 1
        let columns = float memory.Columns
        let operations = columns * columns * columns
        let sharesWork = Products.threads () > 2
        let sums = folds |> Array.map _.Values

        let sum one other = memory.Sum(sharesWork, one, other)

        let scans = Array.zeroCreate<float[][]> 2
        let rests = Array.zeroCreate<float[]> sums.Length

        Products.forEach 2 operations (fun k ->
            scans[k] <-
                if k = 0 then
                    sums[1 .. last - 1] |> Array.scan sum sums[0]
                else
                    Array.scanBack sum sums[1 .. last - 1] sums[last])

        let before, behind = scans[0], scans[1]

        Products.forEach sums.Length operations (fun k ->
            rests[k] <-
                if k = 0 then
                    behind[0]
                elif k = last then
                    before[last - 1]
                elif k = 1 then
                    sum before[0] behind[1]
                else
                    // The first of them is the first fold itself, the others are sums of their own.
                    memory.Sum(sharesWork, before[k - 1], behind[k], before[k - 1])
                    before[k - 1])

        for k in 1 .. last - 2 do
            memory.Give behind[k]

        rests |> Array.map (fun rest -> PackedTriangle(memory.Columns, rest))
