namespace AniSoap

open System
open System.Collections.Immutable
open AniSoap.Numerics

/// The expansion of whole frames: c_nlm of every centre, as label arrays.
module Expansion =
    /// The keys of the coefficients of centres, in the order of their blocks: every l, and within it every species of the
    /// run.
    let keys (projection: Projection) : Labels = ExpansionLabels.centerKeys projection

    /// Coefficients of one centre.
    let internal numbers (projection: Projection) =
        Seq.init (projection.Hypers.MaxAngular + 1) (fun l -> (2L * int64 l + 1L) * int64 projection.Table.Columns[l])
        |> Seq.sum

    /// Number of centres, all of which are there.
    let internal centerCount (centers: CenterSelection option) (frames: (int * Frame)[]) : Result<int64, AniSoapError> =
        match centers with
        | None -> Ok(frames |> Array.sumBy (fun (_, frame) -> int64 frame.Particles.Length))
        | Some selection ->
            frames
            |> Result.traverse (fun (system, frame) -> CenterSelection.within selection system frame)
            |> Result.map (Array.sumBy (fun chosen -> int64 chosen.Length))

    /// Whether an array and the memory allowed hold the frames' coefficients.
    let private fits centers (projection: Projection) (frames: (int * Frame)[]) =
        centerCount centers frames
        |> Result.bind (fun particles ->
            RunEstimate.checkResult "all coefficients" [ particles; numbers projection ] projection)
        |> Result.map ignore

    /// Blocks for every l and every species as centre, filled centre by centre by `copy workspace l target`.
    let private assemble (options: RunOptions) form centers (projection: Projection) (frames: (int * Frame)[]) =
        let table = projection.Table
        let rows, samples = ExpansionLabels.samplesBySpecies centers projection frames
        let size l = (2 * l + 1) * table.Columns[l]

        let values =
            Array.init (table.MaxAngular + 1) (fun l ->
                samples
                |> Array.map (fun labels -> LargeArray.zeros<float>(labels.Count * size l)))

        let take =
            CoefficientHandler(fun f center t row ->
                let mutable from = 0

                for l in 0 .. table.MaxAngular do
                    let size = size l
                    row.Slice(from, size).CopyTo(Span(values[l][t], rows[f][center] * size, size))
                    from <- from + size)

        use engine = Engine.Of(projection, options.Threads)

        let isWanted (system, _) =
            match centers with
            | Some(selection: CenterSelection) -> (selection.Of system).Length > 0
            | None -> true

        // A frame without centres is not looked at.
        let indexed =
            frames
            |> Array.indexed
            |> Array.filter (snd >> isWanted)
            |> Array.map (fun (f, (_, frame)) -> f, frame)

        let centersOf =
            match centers with
            | Some(selection: CenterSelection) -> ValueSome(fun f -> selection.Of(fst frames[f]))
            | None -> ValueNone

        let feed = FrameArray(projection, engine.Memory.Pool, indexed, centersOf)
        let told = Action<_, _, _>(RunOptions.report options)
        engine.Memory.RunCoefficients(form, false, feed, take, told, options.Threads, options.Cancellation)

        let blocks = [
            for l in 0 .. table.MaxAngular do
                for t in 0 .. projection.Species.Length - 1 do
                    TensorBlock.ofOwned
                        (samples[t])
                        [ ExpansionLabels.componentLabels l ]
                        (ExpansionLabels.columnLabels projection l)
                        (values[l][t])
                    |> ExpansionLabels.sure
        ]

        TensorMap.create (ExpansionLabels.centerKeys projection) blocks
        |> ExpansionLabels.sure

    let private ofAnyCenters options form centers projection frames =
        Projection.checkForm form projection
        |> Result.bind (fun () -> RunFrames.prepare options projection frames)
        |> Result.bind (fun (options, frames) ->
            fits centers projection frames
            |> Result.map (fun () -> assemble options form centers projection frames))

    /// The coefficients of chosen centres alone: no others are computed. Refuses particles that the frames have not got.
    let ofCenters
        (options: RunOptions)
        (form: RadialForm)
        (centers: CenterSelection)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        ofAnyCenters options form (Some centers) projection frames

    /// The coefficients of several frames, as `coefficients`: orthonormal or of bare primitives, on several threads, with progress.
    let coefficientsWith
        (options: RunOptions)
        (form: RadialForm)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        ofAnyCenters options form None projection frames

    /// Orthonormal coefficients c_nlm of every centre of the frames. Keys o3_lambda, o3_sigma, center_type (every species of the run, also one
    /// without centres); samples system (the frames are numbered from 0), atom; component o3_mu = −l … l; properties n, neighbor_type (n slowest; type −1 is the
    /// centre's own density where it has columns of its own, and mixed species have a neighbor_channel instead). Refuses
    /// species that the projection does not know.
    let coefficients (projection: Projection) (frames: Frame seq) : Result<TensorMap, AniSoapError> =
        coefficientsWith RunOptions.defaults RadialForm.Orthonormal projection frames

    /// The keys of the coefficients of pairs, in the order of their blocks: every l, and within it every species of the
    /// run as centre, and within it every one as neighbour.
    let pairKeys (projection: Projection) : Labels =
        Labels.trusted (ImmutableArray.Create("o3_lambda", "o3_sigma", "first_atom_type", "second_atom_type")) [|
            for l in 0 .. projection.Hypers.MaxAngular do
                for first in projection.Species do
                    for second in projection.Species do
                        l
                        1
                        first
                        second
        |]

    /// The rows that pairs take in the blocks of their kinds (species of centre and neighbour): for every frame the first row of each centre and neighbour
    /// species, and how many rows each kind has in all.
    let private rowsOfPairs
        (options: RunOptions)
        (workspaces: PairKernel.PairWorkspace[])
        (projection: Projection)
        (frames: (int * Frame)[])
        =
        let species = projection.Species.Length
        // Estimated before; of particles that are spread unevenly there may be more, which are counted in 64 bits.
        let totals = Array.zeroCreate<int64>(species * species)

        let starts =
            frames
            |> Array.map (fun (_, frame) ->
                let prepared = PreparedFrame(projection, frame)
                let kindOf = prepared.Gaussians.SpeciesIndex
                let counts = Array.zeroCreate<int>(species * frame.Particles.Length)

                CenterLoop.forEachChunk
                    workspaces
                    frame.Particles.Length
                    (Func<_, _, _>(fun pairs center ->
                        let neighbors = pairs.Work.Neighbors
                        PairKernel.find prepared.Search pairs center

                        for k in 0 .. neighbors.Count - 1 do
                            let at = species * center + kindOf[neighbors.Second[k]]
                            counts[at] <- counts[at] + 1

                        neighbors.Count))
                    (Action<_, _>(fun _ _ -> options.Cancellation.ThrowIfCancellationRequested()))

                for center in 0 .. frame.Particles.Length - 1 do
                    for t in 0 .. species - 1 do
                        let kind = kindOf[center] * species + t
                        let found = counts[species * center + t]
                        counts[species * center + t] <- int totals[kind]
                        totals[kind] <- totals[kind] + int64 found

                counts)

        starts, totals

    /// Whether arrays hold so many pairs: six labels each, and so many numbers in the longest block.
    let internal checkPairs (totals: int64[]) (longest: int) : Result<int[], AniSoapError> =
        totals
        |> Result.traverse (fun rows ->
            ArraySize.check "numbers of the pairs of two species" [ rows; int64 (max 6 longest) ]
            |> Result.map (fun _ -> int rows))

    /// The blocks of all pairs: counted first, so that every number is written once to where it stays, by any thread.
    let private assemblePairs (options: RunOptions) form (projection: Projection) (frames: (int * Frame)[]) =
        let species = projection.Species
        let maxAngular = projection.Table.MaxAngular
        let kinds = species.Length * species.Length
        let counts = Array.init (maxAngular + 1) projection.RadialCount
        // A pair has the columns of one neighbour.
        let single = projection.OnePair()

        let workspaces = Array.init options.Threads (fun _ -> PairKernel.PairWorkspace single)
        let starts, totals = rowsOfPairs options workspaces projection frames
        let sizes = counts |> Array.mapi (fun l count -> (2 * l + 1) * count)

        checkPairs totals (Array.max sizes)
        |> Result.map (fun totals ->
            let samples = totals |> Array.map (fun rows -> LargeArray.zeros<int>(6 * rows))

            let values =
                totals
                |> Array.map (fun rows -> sizes |> Array.map (fun size -> LargeArray.zeros<float>(rows * size)))

            let so = [| 0L; 0L |]

            for f in 0 .. frames.Length - 1 do
                let system, frame = frames[f]
                let prepared = PreparedFrame(projection, frame)
                let kindOf = prepared.Gaussians.SpeciesIndex
                let next = starts[f]

                CenterLoop.forEachChunk
                    workspaces
                    frame.Particles.Length
                    (Func<_, _, _>(fun pairs center ->
                        let neighbors = pairs.Work.Neighbors
                        PairKernel.find prepared.Search pairs center
                        PairKernel.sort pairs
                        let order = pairs.Work.Order
                        let kinds = kindOf[center] * species.Length

                        for i in 0 .. neighbors.Count - 1 do
                            let k = order[i]
                            let second = neighbors.Second[k]
                            let t = kindOf[second]
                            let row = next[species.Length * center + t]
                            next[species.Length * center + t] <- row + 1
                            pairs.Rows[k] <- row
                            let label = Span(samples[kinds + t], 6 * row, 6)
                            label[0] <- system
                            label[1] <- center
                            label[2] <- second
                            label[3] <- neighbors.Shift[3 * k]
                            label[4] <- neighbors.Shift[3 * k + 1]
                            label[5] <- neighbors.Shift[3 * k + 2]

                        PairKernel.expand
                            prepared.Gaussians
                            (form = RadialForm.Raw)
                            pairs
                            (PairKernel.PairHandler(fun k c ->
                                let target = values[kinds + kindOf[neighbors.Second[k]]]
                                let mutable from = 0

                                for l in 0..maxAngular do
                                    c
                                        .Slice(from, sizes[l])
                                        .CopyTo(Span(target[l], pairs.Rows[k] * sizes[l], sizes[l]))

                                    from <- from + sizes[l]))

                        if projection.Hypers.SubtractCenterContribution then
                            neighbors.Count
                        else
                            neighbors.Count - 1))
                    (Action<_, _>(fun centers found ->
                        so[0] <- so[0] + int64 centers
                        so[1] <- so[1] + found
                        RunOptions.report options (int64 f) so[0] so[1]))

                RunOptions.report options (int64 (f + 1)) so[0] so[1]

            let sampleLabels = samples |> Array.map (Labels.trusted ExpansionLabels.pairSamples)

            let blocks = [
                for l in 0..maxAngular do
                    let properties = Labels.range "n" counts[l] |> ExpansionLabels.sure

                    for kind in 0 .. kinds - 1 do
                        TensorBlock.ofOwned
                            (sampleLabels[kind])
                            [ ExpansionLabels.componentLabels l ]
                            properties
                            (values[kind][l])
                        |> ExpansionLabels.sure
            ]

            TensorMap.create (pairKeys projection) blocks |> ExpansionLabels.sure)

    /// The coefficients of the pairs of frames that were checked.
    let internal ofPairs
        (options: RunOptions)
        (form: RadialForm)
        (projection: Projection)
        (frames: (int * Frame)[])
        : Result<TensorMap, AniSoapError> =
        let pairs =
            frames
            |> Array.sumBy (fun (_, frame) ->
                (PairEstimate.ofFrame 0.0 projection.Hypers.CutoffRadius frame).Pairs
                + float frame.Particles.Length)

        let each = numbers projection / int64 projection.Channels.Length

        RunEstimate.checkResult "the coefficients of all pairs" [ Limits.rounded pairs; each ] projection
        |> Result.bind (fun _ -> assemblePairs options form projection frames)

    /// The coefficients of every pair, as `pairCoefficients`: orthonormal or of bare primitives, on several threads, with progress.
    let pairCoefficientsWith
        (options: RunOptions)
        (form: RadialForm)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        Projection.checkForm form projection
        |> Result.bind (fun () -> RunFrames.prepare options projection frames)
        |> Result.bind (fun (options, frames) -> ofPairs options form projection frames)

    /// The orthonormal coefficients of every pair: as many numbers a pair as a centre has of one neighbour species. Keys o3_lambda, o3_sigma,
    /// first_atom_type, second_atom_type; samples system, first_atom, second_atom, cell_shift_a, cell_shift_b, cell_shift_c; component o3_mu; properties n. The
    /// centre with itself is a pair unless it is switched off.
    let pairCoefficients (projection: Projection) (frames: Frame seq) : Result<TensorMap, AniSoapError> =
        pairCoefficientsWith RunOptions.defaults RadialForm.Orthonormal projection frames
