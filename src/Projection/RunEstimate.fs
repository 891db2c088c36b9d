namespace AniSoap

/// What a frame will cost, estimated before it is computed: pairs within a factor of about 1.5 where particles are spread evenly, and within a small factor
/// where they are not.
type RunEstimate = {
    /// Directed pairs of neighbours within the cutoff radius, images counted.
    Pairs: int64
    /// Neighbours of the particle that has most.
    MostNeighbors: int64
    /// Numbers of one particle's power spectrum, all ordered pairs of columns.
    Features: int64
    /// Numbers of one row of means: the spectra of all species as centre side by side.
    MeanFeatures: int64
    /// Bytes for the particles of the frame, and for neighbours and tables on each thread.
    Bytes: int64
}

/// Estimates of what runs cost.
module RunEstimate =
    /// What a frame will cost on so many threads.
    let ofFrame (threads: int) (projection: Projection) (frame: Frame) : Result<RunEstimate, AniSoapError> =
        NeighborLimits.check projection.Hypers.CutoffRadius frame
        |> Result.map (fun () ->
            let pairs = PairEstimate.ofFrame 0.0 projection.Hypers.CutoffRadius frame
            let table = projection.Table
            let features = int64 table.SpectrumOffsets[table.MaxAngular + 1]
            let species = int64 projection.Species.Length
            let threads = float (max 1 threads)

            {
                Pairs = Limits.rounded pairs.Pairs
                MostNeighbors = Limits.rounded pairs.Most
                Features = features
                MeanFeatures = ArraySize.product [ species; features ]
                Bytes =
                    Limits.rounded (
                        FrameRules.BytesPerParticle * float frame.Particles.Length
                        + threads * (FrameRules.BytesPerNeighbor * pairs.Most + 8.0 * float features)
                    )
            })

    /// Whether arrays hold one row of spectra and its labels, and memory what is needed of it: `PerParticle` or of means.
    let internal checkRow isPerParticle (length: int64) (projection: Projection) : Result<unit, AniSoapError> =
        let rows =
            if isPerParticle then
                1L
            else
                int64 projection.Species.Length

        let what =
            (if isPerParticle then
                 "numbers of a spectrum"
             else
                 "numbers of a row of means")
            + " with their six labels"
        // Six labels of four bytes each, twice the number itself.
        ArraySize.check what [ 6L; rows; length ]
        |> Result.bind (fun _ ->
            Limits.checkMemory projection.Limits "one row of features" (ArraySize.product [ 40L; rows; length ]))

    /// The size of an array of results, refused where no array or not the memory allowed holds it.
    let internal checkResult what (factors: int64 list) (projection: Projection) : Result<int, AniSoapError> =
        Limits.checkMemory projection.Limits what (ArraySize.product (8L :: factors))
        |> Result.bind (fun () -> ArraySize.check ("numbers of " + what) factors)
