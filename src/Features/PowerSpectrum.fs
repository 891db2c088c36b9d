namespace AniSoap

open System
open System.Collections.Immutable
open AniSoap.Numerics

/// The power spectrum: p = (−1)^l/√(2l+1) Σ_m c_nlm c_n'lm, the invariant (L = 0) part of the product of an expansion with
/// itself, for pairs of columns (n, t), (n', t').
module PowerSpectrum =
    /// The keys of spectra: every species of the run.
    let internal keyLabels (projection: Projection) =
        Labels.trusted (ImmutableArray.Create "center_type") (Seq.toArray projection.Species)

    /// Runs the engine over frames that are in memory anyway.
    let private ofFrames (options: RunOptions) columns perParticle centers projection (frames: (int * Frame)[]) write =
        SpectrumStream.runOf
            projection
            { Threads = options.Threads; PerParticle = perParticle; Columns = columns }
            centers
            (frames |> Seq.map (fun (system, frame) -> Ok(struct (system, frame))))
            write
            (SpectrumProgressHandler(fun frames particles pairs -> RunOptions.report options frames particles pairs))
            options.Cancellation

    let private ofParticles options columns centers projection (frames: (int * Frame)[]) =
        let size = SpectrumColumns.length columns projection

        SpectrumColumns.check columns true projection
        |> Result.bind (fun () -> Expansion.centerCount centers frames)
        |> Result.bind (fun particles -> RunEstimate.checkResult "all spectra" [ particles; int64 size ] projection)
        |> Result.bind (fun _ ->
            let _, samples = ExpansionLabels.samplesBySpecies centers projection frames

            let values =
                samples
                |> Array.map (fun labels -> LargeArray.zeros<float>(labels.Count * size))

            let rows = Array.zeroCreate<int> samples.Length

            // Rows come in the order of frames and particles, as the samples do.
            let write =
                SparseRowHandler(fun _ _ species row ->
                    let t = projection.SpeciesIndex species
                    row.Scatter(Span(values[t], rows[t] * size, size))
                    rows[t] <- rows[t] + 1)

            ofFrames options columns true centers projection frames write
            |> Result.map (fun _ ->
                let properties = SpectrumColumns.properties columns projection

                let blocks =
                    Array.map2
                        (fun labels owned -> TensorBlock.ofOwned labels [] properties owned |> ExpansionLabels.sure)
                        samples
                        values

                TensorMap.create (keyLabels projection) blocks |> ExpansionLabels.sure))

    let private ofMeans options columns projection (frames: (int * Frame)[]) =
        let size = SpectrumColumns.length columns projection

        SpectrumColumns.check columns false projection
        |> Result.bind (fun () -> FeatureKind.checkBlocks projection (MeanSpectra columns))
        |> Result.bind (fun () ->
            let rows = int64 frames.Length * int64 projection.Species.Length
            RunEstimate.checkResult "all means" [ rows; int64 size ] projection)
        |> Result.bind (fun _ ->
            let values =
                Array.init projection.Species.Length (fun _ -> LargeArray.zeros<float>(frames.Length * size))

            let next = [| 0 |]

            let write =
                SparseRowHandler(fun _ _ _ row ->
                    for t in 0 .. values.Length - 1 do
                        row.Slice(t * size, size).Scatter(Span(values[t], next[0] * size, size))

                    next[0] <- next[0] + 1)

            ofFrames options columns false None projection frames write
            |> Result.map (fun _ ->
                let samples = Labels.trusted (ImmutableArray.Create "system") (frames |> Array.map fst)
                let properties = SpectrumColumns.properties columns projection

                let blocks =
                    values
                    |> Array.map (fun owned ->
                        TensorBlock.ofOwned samples [] properties owned |> ExpansionLabels.sure)

                TensorMap.create (keyLabels projection) blocks |> ExpansionLabels.sure))

    /// The spectrum of every centre, as `perParticle`, with a choice of columns, on several threads, with progress.
    let perParticleWith
        (options: RunOptions)
        (columns: SpectrumColumns)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        RunFrames.prepare options projection frames
        |> Result.bind (fun (options, frames) -> ofParticles options columns None projection frames)

    /// The spectra of chosen centres alone, as `perParticle` has them: no others are computed. Refuses particles that the frames have not got.
    let ofCenters
        (options: RunOptions)
        (columns: SpectrumColumns)
        (centers: CenterSelection)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        RunFrames.prepare options projection frames
        |> Result.bind (fun (options, frames) -> ofParticles options columns (Some centers) projection frames)

    /// The spectrum of every centre of the frames. Keys center_type (every species of the run); samples system (the frames are numbered from 0), atom; properties
    /// l, n_1, neighbor_1_type, n_2, neighbor_2_type. Refuses species that the projection does not know.
    let perParticle (projection: Projection) (frames: Frame seq) : Result<TensorMap, AniSoapError> =
        perParticleWith RunOptions.defaults OrderedPairs projection frames

    /// The mean spectrum of each frame, as `mean`, with a choice of columns, on several threads, with progress; no particle's spectrum is kept.
    let meanWith
        (options: RunOptions)
        (columns: SpectrumColumns)
        (projection: Projection)
        (frames: Frame seq)
        : Result<TensorMap, AniSoapError> =
        RunFrames.prepare options projection frames
        |> Result.bind (fun (options, frames) -> ofMeans options columns projection frames)

    /// The mean spectrum of each frame over its centres of each species. Keys center_type; samples system (the frames are numbered from 0); properties as per
    /// particle. Zeros where a frame has no centre of the species; without frames, blocks without rows.
    let mean (projection: Projection) (frames: Frame seq) : Result<TensorMap, AniSoapError> =
        meanWith RunOptions.defaults OrderedPairs projection frames

    let private streamTo (options: RunOptions) kind projection frames write =
        let run columns perParticle =
            SpectrumStream.runOf
                projection
                { Threads = options.Threads; PerParticle = perParticle; Columns = columns }
                None
                frames
                write
                (SpectrumProgressHandler(fun frames particles pairs -> RunOptions.report options frames particles pairs))
                options.Cancellation

        match kind with
        | MeanSpectra columns -> run columns false
        | ParticleSpectra columns -> run columns true
        | ExpansionCoefficients _
        | PairCoefficients _ -> Error(AniSoapError.invalid "kind of features" kind "MeanSpectra or ParticleSpectra")

    /// Spectra of any number of frames in bounded memory: frames, each with a number of its own, are read, computed and handed over as they come, a row a
    /// frame (`MeanSpectra`) or a particle (`ParticleSpectra`). What is held depends on the largest frame and the length of a row; rows are the same for any
    /// number of threads, bit for bit. With one thread reading, computing and writing take turns on the calling thread; with more they overlap. Stops at the
    /// first error of the input; what was finished before it has been handed over. A number that occurs twice, and frames and rows beyond the projection's
    /// limits, are such errors. Frames without particles give a row of zeros (means) or none. Throws what `write` throws, and OperationCanceledException
    /// when cancelled; nothing else. The frames bring their numbers: `Systems` is not asked.
    let stream
        (options: RunOptions)
        (kind: FeatureKind)
        (projection: Projection)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SpectrumRowHandler)
        : Result<FeatureStatistics, AniSoapError> =
        streamTo options kind projection frames (WholeRows(write).Handler)

    /// The same with rows that leave out the columns of species that a frame does not hold: of thirty species a row of means has millions of columns, and a frame
    /// of two of them fills a few thousand. `SparseRow.CopyTo` writes the row that `stream` hands over.
    let streamSparse
        (options: RunOptions)
        (kind: FeatureKind)
        (projection: Projection)
        (frames: seq<Result<struct (int * Frame), AniSoapError>>)
        (write: SparseRowHandler)
        : Result<FeatureStatistics, AniSoapError> =
        streamTo options kind projection frames write
