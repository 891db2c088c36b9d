namespace AniSoap.Numerics

open System
open AniSoap

/// What is pulled back: the derivatives of a number by the features of every centre.
[<AbstractClass>]
type internal PullSource() =
    /// Fills in what is to be pulled back of the centre that was expanded, and pulls. On any thread.
    abstract Pull: pull: PullbackWorkspace * slot: int * place: int * prepared: PreparedFrame * pulls: PairPulls -> unit

    /// The chunk in this slot is complete: one call at a time, in order.
    abstract Collect: slot: int -> unit
    default _.Collect _ = ()

/// What is pulled back from means: the derivatives by a row for every species of the run, one after another.
[<AbstractClass>]
type internal MeanSource() =
    inherit PullSource()
    /// Takes the derivatives.
    abstract Begin: prepared: PreparedFrame * subset: SpeciesSubset * given: ReadOnlySpan<float> -> unit
    /// The means themselves, once all is pulled.
    abstract Finish: subset: SpeciesSubset * values: Span<float> -> unit

/// Derivatives by the mean spectrum of each species, and that spectrum: pieces of 16 centres are added up in their order. `projection` is that on the species that
/// occur in a frame, `length` the numbers of a spectrum with the columns of the run.
[<Sealed>]
type internal MeanPull(projection: Projection, length: int, columns: SpectrumColumns, slots: int) =
    inherit MeanSource()
    let species = projection.Species.Length
    let full = SpectrumColumns.fullLength projection
    let stride = (full + 7) / 8 * 8
    let isCompact = (columns = UnorderedPairs)
    let counts = Array.zeroCreate<int> species
    let cotangents = Array.init species (fun _ -> AlignedBuffer projection.Mixing.Length)
    let pieces = Array.init slots (fun _ -> AlignedBuffer(stride * species))
    let sums = Array.zeroCreate<float>(stride * species)
    let own = Array.zeroCreate<float>(SpectrumColumns.length columns projection)

    // Of normalised spectra every centre has matrices of its own.
    let isNormalized = projection.Hypers.NormalizeSpectra

    let rows =
        Array.init (if isNormalized then species else 0) (fun _ -> Array.zeroCreate<float> own.Length)

    let spectra =
        Array.init (if isNormalized then slots else 0) (fun _ -> {|
            Sum = AlignedBuffer stride
            Row = Array.zeroCreate<float> own.Length
            Cotangent = Array.zeroCreate<float> own.Length
        |})

    override _.Begin(prepared: PreparedFrame, subset: SpeciesSubset, given: ReadOnlySpan<float>) =
        Array.Clear counts
        Array.Clear sums

        for piece in pieces do
            piece.Span.Clear()

        for place in 0 .. prepared.Search.Count - 1 do
            let t = prepared.Gaussians.SpeciesIndex[prepared.Search.Center place]
            counts[t] <- counts[t] + 1

        for t in 0 .. species - 1 do
            if counts[t] > 0 then
                let row = given.Slice(subset.Places[t] * length, length)
                let factor = 1.0 / float counts[t]

                subset.Gather(row, own)

                if isNormalized then
                    own.CopyTo(rows[t], 0)
                else
                    PullbackKernel.fillCotangent projection isCompact factor (ReadOnlySpan own) cotangents[t]

    override _.Finish(subset: SpeciesSubset, values: Span<float>) =
        values.Clear()

        for t in 0 .. species - 1 do
            if counts[t] > 0 then
                let row = values.Slice(subset.Places[t] * length, length)
                let sum = ReadOnlySpan(sums, t * stride, full)
                let target = if subset.IsWhole then row else Span own
                ContractionKernel.finishSpectrum projection.Table isCompact (float counts[t]) sum target

                if not subset.IsWhole then
                    subset.Scatter(own, row)

    override _.Pull(pull, slot, place, prepared, pulls) =
        let t = prepared.Gaussians.SpeciesIndex[prepared.Search.Center place]
        CenterKernel.orthonormalize pull.Work
        let norm = CenterKernel.normalize pull.Work
        CenterKernel.addSpectrum pull.Work pieces[slot] (t * stride)

        if isNormalized then
            let one = spectra[slot]
            one.Sum.Span.Clear()
            CenterKernel.addSpectrum pull.Work one.Sum 0
            let sum: ReadOnlySpan<float> = Span.op_Implicit (one.Sum.Span.Slice(0, full))
            ContractionKernel.finishSpectrum projection.Table isCompact 1.0 sum (Span one.Row)
            rows[t].CopyTo(Span one.Cotangent)
            PullbackKernel.alongNormalized (ReadOnlySpan one.Row) (Span one.Cotangent)
            let factor = 1.0 / (float counts[t] * sqrt norm)
            PullbackKernel.fillCotangent projection isCompact factor (ReadOnlySpan one.Cotangent) pull.Cotangent
            PullbackKernel.pullSpectrum prepared.Gaussians prepared.Bodies pull pull.Cotangent pulls
        else
            PullbackKernel.pullSpectrum prepared.Gaussians prepared.Bodies pull cotangents[t] pulls

    override _.Collect slot =
        let piece = pieces[slot].Span
        RowSums.addScaled 1.0 (Span.op_Implicit (piece.Slice(0, sums.Length))) (Span sums)
        piece.Clear()

/// Derivatives by the spectrum of the mean coefficients of each species (`Averaging.Inner`), and that spectrum. All centres of a species have the same
/// derivatives by their coefficients; the means have to be known before anything is pulled, so that frames are expanded twice.
[<Sealed>]
type internal InnerPull(projection: Projection, length: int, columns: SpectrumColumns) =
    inherit MeanSource()
    let species = projection.Species.Length
    let isCompact = (columns = UnorderedPairs)
    let counts = Array.zeroCreate<int> species
    let work = Workspace projection
    let size = InnerMean.Length projection
    let mean = InnerMean projection
    let sums = Array.init species (fun _ -> Array.zeroCreate<float> size)
    let bars = Array.init species (fun _ -> AlignedBuffer size)

    let spectra =
        Array.init species (fun _ -> Array.zeroCreate<float>(SpectrumColumns.length columns projection))

    let own = Array.zeroCreate<float>(SpectrumColumns.length columns projection)
    let cotangent = AlignedBuffer projection.Mixing.Length

    let sumCoefficients (prepared: PreparedFrame) =
        for place in 0 .. prepared.Search.Count - 1 do
            CenterKernel.findNeighbors prepared.Search prepared.Gaussians work place
            |> ignore

            CenterKernel.expand prepared.Gaussians work
            CenterKernel.orthonormalize work
            let t = prepared.Gaussians.SpeciesIndex[prepared.Search.Center place]
            counts[t] <- counts[t] + 1
            RowSums.addScaled 1.0 (Span.op_Implicit (work.Mixed.Span.Slice(0, size))) (Span sums[t])

    override _.Begin(prepared, subset, given) =
        Array.Clear counts

        for sum in sums do
            Array.Clear sum

        sumCoefficients prepared

        for t in 0 .. species - 1 do
            if counts[t] > 0 then
                let row = given.Slice(subset.Places[t] * length, length)

                subset.Gather(row, own)

                let spectrum = mean.Take(ReadOnlySpan sums[t], float counts[t])
                ContractionKernel.finishSpectrum projection.Table isCompact 1.0 spectrum (Span spectra[t])

                if projection.Hypers.NormalizeSpectra then
                    PullbackKernel.alongNormalized (ReadOnlySpan spectra[t]) (Span own)

                let factor = 1.0 / (float counts[t] * sqrt mean.Norm)
                PullbackKernel.fillCotangent projection isCompact factor (ReadOnlySpan own) cotangent

                RadialMixing.mix
                    projection.Table
                    cotangent.Pointer
                    projection.MixingOffsets
                    mean.Coefficients.Pointer
                    bars[t].Pointer

    override _.Finish(subset, values) =
        values.Clear()

        for t in 0 .. species - 1 do
            if counts[t] > 0 then
                subset.Scatter(spectra[t], values.Slice(subset.Places[t] * length, length))

    override _.Pull(pull, _, place, prepared, pulls) =
        let t = prepared.Gaussians.SpeciesIndex[prepared.Search.Center place]
        bars[t].Span.CopyTo pull.MixedBar.Span
        PullbackKernel.pullOrthonormal prepared.Gaussians prepared.Bodies pull pulls
