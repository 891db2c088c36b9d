namespace AniSoap

open System
open System.Collections.Immutable
open System.Threading
open AniSoap.Kernels

/// The expansion of whole frames: c_nlm of every centre, as label arrays.
module Expansion =
    let private fail message error = failwith $"{message}: {AniSoapError.describe error}"

    /// A result that cannot fail because the labels come from here.
    let internal sure result =
        match result with
        | Ok value -> value
        | Error error -> fail "labels made by the library are refused" error

    let internal componentLabels l = Labels.trusted (ImmutableArray.Create "o3_mu") [| -l .. l |]

    /// The columns (n, neighbour species) of angular momentum l, n slowest.
    let internal columnLabels (projection: Projection) l =
        Labels.trusted (ImmutableArray.Create("n", "neighbor_type")) [|
            for n in 0 .. projection.RadialCount l - 1 do
                for species in projection.Species do
                    n
                    species
        |]

    /// The keys of centres' coefficients: every l, and within it every species of the run.
    let internal centerKeys (projection: Projection) =
        Labels.trusted (ImmutableArray.Create("o3_lambda", "o3_sigma", "center_type")) [|
            for l in 0 .. projection.Hypers.MaxAngular do
                for species in projection.Species do
                    l
                    1
                    species
        |]

    /// Refuses numbers of threads below one.
    let internal checkThreads (threads: int) : Result<unit, AniSoapError> =
        if threads >= 1 then
            Ok()
        else
            Error(AniSoapError.invalid "threads" threads "a whole number from 1")

    /// The keys of the coefficients of centres, in the order of their blocks: every l, and within it every species of the
    /// run.
    let keys (projection: Projection) : Labels = centerKeys projection

    /// The first system number that occurs twice: rows with the same label cannot be told apart.
    let private repeated (frames: (int * Frame)[]) =
        let seen = System.Collections.Generic.HashSet<int>()
        frames |> Array.tryFind (fun (system, _) -> not (seen.Add system))

    /// Checked frames with the system number of each, all different.
    let internal checkAll (projection: Projection) (frames: (int * Frame) seq) =
        let frames = frames |> Seq.toArray

        match repeated frames with
        | Some(system, _) -> Error(AniSoapError.invalid "system" system "a different number for every frame")
        | None ->

            frames
            |> Array.tryPick (fun (system, frame) ->
                match Projection.checkFrame projection frame with
                | Ok() -> None
                | Error error -> Some(AniSoapError.at { Place.Unknown with Frame = Some system } error))
            |> function
                | Some error -> Error error
                | None -> Ok frames

    /// For every particle of every frame its row in the block of its species, and each species' samples (system, atom).
    let internal samplesBySpecies (projection: Projection) (frames: (int * Frame)[]) =
        let counts = Array.zeroCreate<int> projection.Species.Length
        let samples = Array.init projection.Species.Length (fun _ -> ResizeArray<int>())

        let rows =
            frames
            |> Array.map (fun (system, frame) ->
                Array.init frame.Particles.Length (fun i ->
                    let t = projection.SpeciesIndex frame.Particles[i].Species
                    samples[t].Add system
                    samples[t].Add i
                    counts[t] <- counts[t] + 1
                    counts[t] - 1))

        let labels =
            samples
            |> Array.map (fun values -> Labels.trusted (ImmutableArray.Create("system", "atom")) (values.ToArray()))

        rows, labels

    /// Coefficients of one centre.
    let internal numbers (projection: Projection) =
        Seq.init (projection.Hypers.MaxAngular + 1) (fun l -> (2L * int64 l + 1L) * int64 projection.Table.Columns[l])
        |> Seq.sum

    /// The frames, if an array and the memory allowed hold their coefficients.
    let private fits (projection: Projection) (frames: (int * Frame)[]) =
        let particles = frames |> Array.sumBy (fun (_, frame) -> int64 frame.Particles.Length)

        RunEstimate.checkResult "all coefficients" [ particles; numbers projection ] projection
        |> Result.map (fun _ -> frames)

    /// Blocks for every l and every species as centre, filled centre by centre by `copy workspace l target`.
    let private assemble
        (progress: Action<int64, int64, int64>)
        (cancellation: CancellationToken)
        (projection: Projection)
        threads
        form
        (frames: (int * Frame)[])
        =
        let table = projection.Table
        let rows, samples = samplesBySpecies projection frames
        let size l = (2 * l + 1) * table.Columns[l]

        let values =
            Array.init (table.MaxAngular + 1) (fun l ->
                samples
                |> Array.map (fun labels -> Array.zeroCreate<float>(labels.Count * size l)))

        let workspaces = Array.init (max 1 threads) (fun _ -> Workspace projection)
        // Particles and pairs so far.
        let so = [| 0L; 0L |]

        frames
        |> Array.iteri (fun f (_, frame) ->
            let prepared = PreparedFrame(projection, frame)

            CenterLoop.forEachCenterReporting
                workspaces
                prepared
                (Action<_, _>(fun work center ->
                    let source =
                        match form with
                        | Raw -> work.Coefficients
                        | Orthonormal ->
                            CenterKernel.orthonormalize work
                            work.Mixed

                    let t = prepared.Gaussians.SpeciesIndex[center]

                    for l in 0 .. table.MaxAngular do
                        let columns = table.Columns[l]
                        let target = Span(values[l][t], rows[f][center] * size l, size l)

                        for m in 0 .. 2 * l do
                            source.Span
                                .Slice(table.CoefficientOffsets[l] + m * table.PaddedColumns[l], columns)
                                .CopyTo(target.Slice(m * columns, columns))

                        if form = Raw then
                            for i in 0 .. target.Length - 1 do
                                let n = i % columns / table.SpeciesCount
                                target[i] <- projection.RawScale(l, n) * target[i]))
                (Action<_, _>(fun centers pairs ->
                    cancellation.ThrowIfCancellationRequested()
                    so[0] <- so[0] + int64 centers
                    so[1] <- so[1] + pairs
                    progress.Invoke(int64 f, so[0], so[1])))

            progress.Invoke(int64 (f + 1), so[0], so[1]))

        let blocks = [
            for l in 0 .. table.MaxAngular do
                for t in 0 .. projection.Species.Length - 1 do
                    TensorBlock.ofOwned (samples[t]) [ componentLabels l ] (columnLabels projection l) (values[l][t])
                    |> sure
        ]

        TensorMap.create (centerKeys projection) blocks |> sure

    /// The coefficients of several frames on up to `threads` threads (at least one); the result does not depend on their number, bit for bit.
    let coefficientsWith (threads: int) (form: RadialForm) (projection: Projection) (frames: (int * Frame) seq) =
        checkThreads threads
        |> Result.bind (fun () -> Projection.checkForm form projection)
        |> Result.bind (fun () -> checkAll projection frames)
        |> Result.bind (fits projection)
        |> Result.map (assemble (Action<_, _, _>(fun _ _ _ -> ())) CancellationToken.None projection threads form)

    /// `coefficientsWith` that says how it is going (frames, particles and pairs done so far) and can be stopped, by an OperationCanceledException.
    let coefficientsReporting
        (progress: Action<int64, int64, int64>)
        (cancellation: CancellationToken)
        (threads: int)
        (form: RadialForm)
        (projection: Projection)
        (frames: (int * Frame) seq)
        : Result<TensorMap, AniSoapError> =
        checkThreads threads
        |> Result.bind (fun () -> Projection.checkForm form projection)
        |> Result.bind (fun () -> checkAll projection frames)
        |> Result.bind (fits projection)
        |> Result.map (assemble progress cancellation projection threads form)

    /// Orthonormal coefficients c_nlm of every centre of the frames, each with its system number. Keys o3_lambda, o3_sigma, center_type (every
    /// species of the run, also one without centres); samples system, atom; component o3_mu = −l … l; properties n, neighbor_type
    /// (n slowest). Refuses species that the projection does not know.
    let coefficients projection frames : Result<TensorMap, AniSoapError> =
        coefficientsWith 1 Orthonormal projection frames

    /// The same of bare primitives.
    let rawCoefficients projection frames : Result<TensorMap, AniSoapError> = coefficientsWith 1 Raw projection frames

    let private pairSamples =
        ImmutableArray.Create("system", "first_atom", "second_atom", "cell_shift_a", "cell_shift_b", "cell_shift_c")

    /// All pairs of a frame as they enter the expansion: centre, neighbour, shift, displacement; the centre itself first unless
    /// it is switched off.
    let private pairsOf (projection: Projection) (frame: Frame) =
        let hypers = projection.Hypers

        let itself =
            if hypers.SubtractCenterContribution then
                Seq.empty
            else
                Seq.init frame.Particles.Length (fun i -> {
                    First = i
                    Second = i
                    ShiftA = 0
                    ShiftB = 0
                    ShiftC = 0
                    Displacement = Vector3.zero
                })

        NeighborList.create hypers.CutoffRadius frame
        |> Result.map (fun pairs ->
            Seq.append itself pairs
            |> Seq.sortBy (fun pair -> struct (pair.First, pair.Second, pair.ShiftA, pair.ShiftB, pair.ShiftC))
            |> Seq.toArray)

    /// The coefficients of every pair. Keys o3_lambda, o3_sigma, first_atom_type, second_atom_type; samples system, first_atom, second_atom,
    /// cell_shift_a, cell_shift_b, cell_shift_c; component o3_mu; properties n. The centre with itself is a pair unless it is switched off.
    let pairCoefficients
        (form: RadialForm)
        (projection: Projection)
        (frames: (int * Frame) seq)
        : Result<TensorMap, AniSoapError> =
        let species = projection.Species
        let table = projection.Table

        let build (frames: (int * Frame)[]) (lists: NeighborPair[][]) =
            let kinds = species.Length * species.Length
            let samples = Array.init kinds (fun _ -> ResizeArray<int>())

            let values =
                Array.init kinds (fun _ -> Array.init (table.MaxAngular + 1) (fun _ -> ResizeArray<float>()))

            for (system, frame), pairs in Array.zip frames lists do
                for pair in pairs do
                    let neighbor = frame.Particles[pair.Second]
                    let first = projection.SpeciesIndex frame.Particles[pair.First].Species
                    let kind = first * species.Length + projection.SpeciesIndex neighbor.Species
                    samples[kind].AddRange [ system; pair.First; pair.Second; pair.ShiftA; pair.ShiftB; pair.ShiftC ]
                    let c = PairCoefficients.ofForm form projection neighbor pair.Displacement

                    for l in 0 .. table.MaxAngular do
                        for m in -l .. l do
                            for n in 0 .. projection.RadialCount l - 1 do
                                let column: ResizeArray<float> = (values[kind])[l]
                                column.Add(c[l, m, n])

            let keys =
                Labels.trusted (ImmutableArray.Create("o3_lambda", "o3_sigma", "first_atom_type", "second_atom_type")) [|
                    for l in 0 .. table.MaxAngular do
                        for first in species do
                            for second in species do
                                l
                                1
                                first
                                second
                |]

            let sampleLabels = samples |> Array.map (fun rows -> Labels.trusted pairSamples (rows.ToArray()))

            let blocks = [
                for l in 0 .. table.MaxAngular do
                    let properties = Labels.range "n" (projection.RadialCount(l)) |> sure

                    for kind in 0 .. kinds - 1 do
                        let owned = Seq.toArray (values[kind][l])

                        TensorBlock.ofOwned (sampleLabels[kind]) [ componentLabels l ] properties owned
                        |> sure
            ]

            TensorMap.create keys blocks |> sure

        Projection.checkForm form projection
        |> Result.bind (fun () -> checkAll projection frames)
        |> Result.bind (fun frames ->
            let pairs =
                frames
                |> Array.sumBy (fun (_, frame) ->
                    (PairEstimate.ofFrame 0.0 projection.Hypers.CutoffRadius frame).Pairs
                    + float frame.Particles.Length)

            let each = numbers projection / int64 species.Length
            // Once while they are collected, once as they are handed back.
            RunEstimate.checkResult "the coefficients of all pairs" [ 2L; Limits.rounded pairs; each ] projection
            |> Result.map (fun _ -> frames))
        |> Result.bind (fun frames ->
            let lists = frames |> Array.map (snd >> pairsOf projection)

            match
                lists
                |> Array.tryPick (function
                    | Error error -> Some error
                    | Ok _ -> None)
            with
            | Some error -> Error error
            | None -> Ok(build frames (lists |> Array.choose Result.toOption)))
