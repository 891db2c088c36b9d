namespace AniSoap.Analysis

open System
open System.Collections.Immutable
open System.Diagnostics
open System.Globalization
open AniSoap

/// What a suggestion should mind. Start from `Suggestion.defaults`.
type SuggestionOptions = {
    /// Most numbers of one particle's spectrum.
    MostColumns: int
    /// Whether the run has a row for each particle, and not one for each frame.
    PerParticle: bool
    /// Threads of the run, for its time; 0: as many as there are processors.
    Threads: int
}

/// One suggested value.
type SuggestedValue = {
    /// The keyword in a file of hyperparameters: `cutoff_radius`.
    Name: string
    /// The value as it is written there.
    Value: string
    /// One sentence: what in the frames asks for it.
    Reason: string
}

/// What computing power spectra of all frames costs.
type SuggestedCost = {
    /// Frames in all.
    Frames: int64
    /// Particles of all frames.
    Particles: int64
    /// Directed pairs within the cutoff, estimated from the frames that were looked at.
    Pairs: int64
    /// Numbers in one row.
    Columns: int64
    /// Bytes of all rows as numbers of double precision.
    OutputBytes: int64
    /// Bytes that the run takes at most, about.
    MemoryBytes: int64
    /// Seconds on so many threads without reading and writing, about: measured on this machine with some of the particles.
    Seconds: float
}

/// Hyperparameters to begin with, and why.
type Suggestion = {
    /// All of them, checked with the species.
    Hypers: Hypers
    /// The species of all frames, ascending.
    Species: ImmutableArray<int>
    /// Every value with its reason, in the order in which they were found.
    Values: ImmutableArray<SuggestedValue>
    /// The share of what differs between directions around a particle that the features hold, from 0 to 1: the part of ∫ρ² beyond l = 0 that is in the
    /// coefficients.
    Share: float
    /// What the run will cost.
    Cost: SuggestedCost
}

/// Hyperparameters for frames, from what is in them: the cutoff radius from the first shell of neighbours, width and size of the basis from how much of the neighbours' density they hold.
/// Something to begin with: in the end the error of the model that is trained on the features decides.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module Suggestion =
    /// At most 2,000 numbers a particle, a row a frame, all processors.
    let defaults: SuggestionOptions = { MostColumns = 2000; PerParticle = false; Threads = 0 }

    /// Frames that are looked at, spread over the run.
    [<Literal>]
    let private MostFrames = 6

    /// Particles that are looked at in all, and those on which bases are tried.
    [<Literal>]
    let private MostCenters = 96

    [<Literal>]
    let private MostClusters = 12

    /// What the program and the runtime take, whatever is computed.
    [<Literal>]
    let private RuntimeBytes = 6e7

    let private text (value: float) = value.ToString("R", CultureInfo.InvariantCulture)
    let private percent (share: float) = (100.0 * share).ToString("0", CultureInfo.InvariantCulture) + " %"

    /// What is kept of all frames.
    [<NoComparison>]
    type private Passed = {
        Count: int64
        Particles: int64
        Most: int
        Species: Set<int>
        Kept: (int64 * Frame) list
    }

    /// Keeps some frames, evenly spread over those that have passed: every k-th, and k doubles where they become too many.
    let private pass (frames: Frame seq) : Passed =
        let add (struct (passed: Passed, stride: int64)) (frame: Frame) =
            let kept =
                if passed.Count % stride = 0L then
                    (passed.Count, frame) :: passed.Kept
                else
                    passed.Kept

            let stride = if kept.Length > MostFrames then 2L * stride else stride

            let next: Passed = {
                Count = passed.Count + 1L
                Particles = passed.Particles + int64 frame.Particles.Length
                Most = max passed.Most frame.Particles.Length
                Species = Set.union passed.Species (Set.ofArray (Frame.species frame))
                Kept = kept |> List.filter (fun (number, _) -> number % stride = 0L)
            }

            struct (next, stride)

        let nothing: Passed = { Count = 0L; Particles = 0L; Most = 0; Species = Set.empty; Kept = [] }
        let struct (passed, _) = Seq.fold add (struct (nothing, 1L)) frames
        passed

    /// Seconds of one centre on one thread: the best of some turns over the clusters.
    let private secondsPerCenter (projection: Projection) (clusters: Frame[]) =
        use engine = Engine.Of(projection, 1)
        let values = Array.zeroCreate<float>(engine.SpectrumLength OrderedPairs)

        let turn () =
            let began = Stopwatch.GetTimestamp()

            clusters
            |> Result.check (fun cluster ->
                engine.ParticleSpectra(cluster, OrderedPairs, Memory values, Surroundings.onlyFirst cluster))
            |> Result.map (fun () -> Stopwatch.GetElapsedTime(began).TotalSeconds / float clusters.Length)

        Seq.init 20 (fun _ -> turn ()) |> Result.traverse id |> Result.map Array.min

    let private cost
        (options: SuggestionOptions)
        (passed: Passed)
        (seen: Surrounding[])
        clusters
        (projection: Projection)
        =
        let radius = projection.Hypers.CutoffRadius

        let neighbors =
            seen
            |> Array.averageBy (fun one ->
                one.Neighbors
                |> Array.filter (fun other -> other.Distance < radius)
                |> Array.length
                |> float)

        let largest = passed.Kept |> List.map snd |> List.maxBy _.Particles.Length

        RunOptions.threadCount options.Threads
        |> Result.bind (fun threads ->
            RunEstimate.ofFrame threads projection largest
            |> Result.bind (fun estimate ->
                secondsPerCenter projection clusters
                |> Result.map (fun seconds ->
                    let columns, rows =
                        if options.PerParticle then
                            estimate.Features, passed.Particles
                        else
                            estimate.MeanFeatures, passed.Count

                    let grown = float passed.Most / float largest.Particles.Length

                    let found: SuggestedCost = {
                        Frames = passed.Count
                        Particles = passed.Particles
                        Pairs = Limits.rounded (neighbors * float passed.Particles)
                        Columns = columns
                        OutputBytes = Limits.rounded (8.0 * float rows * float columns)
                        MemoryBytes =
                            Limits.rounded (RuntimeBytes + grown * float estimate.Bytes + 64.0 * float columns)
                        Seconds = seconds * float passed.Particles / float threads
                    }

                    found)))

    let private values
        (hypers: Hypers)
        (width: float)
        (why: string)
        (bases: TriedBasis list)
        (chosen: TriedBasis)
        (seen: Surrounding[])
        =
        let value name text reason : SuggestedValue = { Name = name; Value = text; Reason = reason }
        let best = bases |> List.maxBy _.Share

        let sameSize maxAngular maxRadial =
            bases
            |> List.tryFind (fun basis -> basis.MaxAngular = maxAngular && basis.MaxRadial = maxRadial)

        let larger name (other: TriedBasis option) =
            match other with
            | None -> ""
            | Some other ->
                "; "
                + name
                + " would hold "
                + percent other.Share
                + " in "
                + other.Columns.ToString("N0", CultureInfo.InvariantCulture)
                + " columns"

        let axes = seen |> Array.map (fun one -> one.Center.SemiAxes)
        let columns = chosen.Columns.ToString("N0", CultureInfo.InvariantCulture)

        ImmutableArray.Create(
            value "cutoff_radius" (text hypers.CutoffRadius) why,
            value
                "radial_gaussian_width"
                (text width)
                ("of the widths tried (0.15 to 0.5 of the cutoff) these functions hold most of the neighbours' density; semi-axes are "
                 + FirstShell.show (axes |> Array.map Surroundings.shortest |> Array.min)
                 + " to "
                 + FirstShell.show (axes |> Array.map Surroundings.longest |> Array.max)),
            value
                "max_radial"
                (string chosen.MaxRadial)
                (string (chosen.MaxRadial + 1)
                 + " functions for each l, all independent of each other"
                 + larger (string (chosen.MaxRadial + 1)) (sameSize chosen.MaxAngular (chosen.MaxRadial + 1))),
            value
                "max_angular"
                (string chosen.MaxAngular)
                ("holds "
                 + percent chosen.Share
                 + " of what differs between directions around a particle, in "
                 + columns
                 + " columns"
                 + larger (string (chosen.MaxAngular + 1)) (sameSize (chosen.MaxAngular + 1) chosen.MaxRadial)
                 + "; the best of all tried (max_angular "
                 + string best.MaxAngular
                 + ", max_radial "
                 + string best.MaxRadial
                 + ") "
                 + percent best.Share)
        )

    /// Hyperparameters for all of these frames, which are read once, one after another; a few of them are kept. Refuses when there is no particle in any of
    /// them, and numbers in the options that are not above zero.
    let ofFrames (options: SuggestionOptions) (frames: Frame seq) : Result<Suggestion, AniSoapError> =
        if options.MostColumns < 1 then
            Error(AniSoapError.invalid "most columns" options.MostColumns "a whole number from 1")
        else
            let passed = pass frames

            let kept =
                passed.Kept
                |> List.map snd
                |> List.filter (fun frame -> frame.Particles.Length > 0)

            if kept.IsEmpty then
                Error(AniSoapError.invalid "frames" passed.Count "frames with particles")
            else
                let semiAxis = Surroundings.longestSemiAxis kept
                let each = max 1 (MostCenters / kept.Length)
                let seen = kept |> Seq.collect (Surroundings.ofFrame each semiAxis) |> Seq.toArray
                let radius, why = FirstShell.cutoff semiAxis seen
                let species = Set.toArray passed.Species

                let clusters =
                    let crowded =
                        seen
                        |> Array.filter (fun one -> one.Neighbors.Length > 0 && one.Neighbors[0].Distance < radius)

                    let from =
                        if crowded.Length > 0 then
                            crowded
                        else
                            Array.map Surroundings.withItself seen

                    let count = min MostClusters from.Length
                    Array.init count (fun k -> Surroundings.cluster radius from[k * from.Length / count])

                match BasisSearch.all radius species clusters with
                | [] ->
                    Error(AniSoapError.invalid "cutoff_radius" radius "a length at which radial functions can be made")
                | bases ->
                    let chosen = BasisSearch.choose (int64 options.MostColumns) bases

                    let hypers = {
                        HyperRules.create chosen.MaxAngular (RadialBasis.Gto chosen.Width) radius with
                            MaxRadial = RadialCount.Uniform chosen.MaxRadial
                    }

                    Projection.create hypers species
                    |> Result.bind (fun projection ->
                        cost options passed seen clusters projection
                        |> Result.map (fun cost -> {
                            Hypers = hypers
                            Species = ImmutableArray.Create<int> species
                            Values = values hypers chosen.Width why bases chosen seen
                            Share = chosen.Share
                            Cost = cost
                        }))
