namespace AniSoap.Numerics

// Pointers to pinned memory.
#nowarn "9"

open System
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Derivatives by the spectrum of every centre, and these spectra. `cotangentOf` is asked for a place's row, given its spectrum; both have the columns of the run,
/// `length` of them.
[<Sealed>]
type internal RowPull(projection: Projection, length: int, columns: SpectrumColumns, slots: int) =
    inherit PullSource()
    let full = SpectrumColumns.fullLength projection
    let isCompact = (columns = UnorderedPairs)
    let spectra = Array.init slots (fun _ -> AlignedBuffer((full + 7) / 8 * 8))
    let rows = Array.init slots (fun _ -> Array.zeroCreate<float> length)

    let owns =
        Array.init slots (fun _ -> Array.zeroCreate<float>(SpectrumColumns.length columns projection))

    let noting = obj ()
    let mutable subset = Unchecked.defaultof<SpeciesSubset>
    let mutable values = NativePtr.ofNativeInt<float> 0n
    let mutable cotangentOf = Unchecked.defaultof<SpectrumCotangentHandler>
    let mutable stray = -1
    let mutable failure: AniSoapError voption = ValueNone

    /// Takes memory for the spectra, a row for every place, and who knows their derivatives.
    member _.Begin(occurring: SpeciesSubset, target: nativeptr<float>, handler: SpectrumCotangentHandler) =
        subset <- occurring
        values <- target
        cotangentOf <- handler
        stray <- -1
        failure <- ValueNone

    /// What is wrong with the derivatives of the first place where they are no numbers.
    member _.Failure = failure

    override _.Pull(pull, slot, place, prepared, pulls) =
        let spectrum = spectra[slot]
        let own = owns[slot]
        let row = Span rows[slot]
        let value = Span<float>(NativePtr.toVoidPtr (NativePtr.add values (place * length)), length)
        CenterKernel.orthonormalize pull.Work
        let norm = CenterKernel.normalize pull.Work
        spectrum.Span.Clear()
        CenterKernel.addSpectrum pull.Work spectrum 0
        let sum: ReadOnlySpan<float> = Span.op_Implicit (spectrum.Span.Slice(0, full))
        let target = if subset.IsWhole then value else Span own
        ContractionKernel.finishSpectrum projection.Table isCompact 1.0 sum target

        if not subset.IsWhole then
            value.Clear()
            subset.Scatter(own, value)

        cotangentOf.Invoke(place, Span.op_Implicit value, row)

        match CotangentCheck.finite CotangentCheck.ByFeature (Span.op_Implicit row) with
        | Ok() -> ()
        | Error error ->
            let particle = prepared.Search.Center place

            lock noting (fun () ->
                if stray < 0 || place < stray then
                    stray <- place
                    failure <- ValueSome(AniSoapError.at { Place.Unknown with Particle = Some particle } error))

        if projection.Hypers.NormalizeSpectra then
            PullbackKernel.alongNormalized (Span.op_Implicit value) row

        let factor = 1.0 / sqrt norm

        if subset.IsWhole then
            PullbackKernel.fillCotangent projection isCompact factor (Span.op_Implicit row) pull.Cotangent
        else
            subset.Gather(Span.op_Implicit row, own)
            PullbackKernel.fillCotangent projection isCompact factor (ReadOnlySpan own) pull.Cotangent

        PullbackKernel.pullSpectrum prepared.Gaussians prepared.Bodies pull pull.Cotangent pulls

/// Fills in the derivatives by a centre's coefficients: l slowest, then m, then the columns.
type internal CoefficientCotangent = delegate of place: int * row: Span<float> -> unit

/// Derivatives by the coefficients of every centre.
[<Sealed>]
type internal CoefficientPull(projection: Projection, form: RadialForm, slots: int) =
    inherit PullSource()
    let table = projection.Table
    let size = FeatureRows.coefficientCount table
    let rows = Array.init slots (fun _ -> Array.zeroCreate<float> size)
    let mutable cotangentOf = Unchecked.defaultof<CoefficientCotangent>

    member _.Begin(handler: CoefficientCotangent) = cotangentOf <- handler

    override _.Pull(pull, slot, place, prepared, pulls) =
        let row = rows[slot]
        cotangentOf.Invoke(place, Span row)

        let target =
            (if form = RadialForm.Raw then
                 pull.CoefficientsBar
             else
                 pull.MixedBar)
                .Span

        let mutable next = 0

        for l in 0 .. table.MaxAngular do
            for m in 0 .. 2 * l do
                let at = table.CoefficientOffsets[l] + m * table.PaddedColumns[l]

                for q in 0 .. table.Columns[l] - 1 do
                    target[at + q] <-
                        if form = RadialForm.Raw then
                            projection.RawScale(l, q / table.SpeciesCount) * row[next]
                        else
                            row[next]

                    next <- next + 1

        if form = RadialForm.Raw then
            PullbackKernel.pullCoefficients prepared.Gaussians prepared.Bodies pull pulls
        else
            PullbackKernel.pullOrthonormal prepared.Gaussians prepared.Bodies pull pulls

/// The reverse pass over the centres of a frame: what their pairs pull is added up in the order of the centres.
[<Sealed>]
type internal PullPieces(projection: Projection, withShapes: bool, slots: int) =
    inherit FramePieces<PullbackWorkspace>(slots, CenterChunk.Size)
    let pulls = Array.init slots (fun _ -> PairPulls())
    let mutable positions = Array.empty<float>
    let mutable rotations = Array.empty<float>
    let mutable semiAxes = Array.empty<float>
    let strain = Array.zeroCreate<float> 9
    let mutable source = Unchecked.defaultof<PullSource>

    static let add (target: float[]) at (x: float) (y: float) (z: float) =
        target[at] <- target[at] + x
        target[at + 1] <- target[at + 1] + y
        target[at + 2] <- target[at + 2] + z

    static let cleared (known: float[]) length =
        if known.Length < length then
            Array.zeroCreate length
        else
            Array.Clear(known, 0, length)
            known

    let scaled (scale: float) (source: float[]) (target: Span<float>) =
        for i in 0 .. target.Length - 1 do
            target[i] <- scale * source[i]

    /// Adds the pairs of a chunk to the frame's sums.
    let scatter (pulls: PairPulls) =
        let numbers = pulls.Numbers
        let mutable pair = 0

        for c in 0 .. pulls.Centers.Count - 1 do
            let first = 3 * pulls.Centers[c]

            while pair < pulls.Ends[c] do
                let row = ReadOnlySpan(numbers, PairPulls.Stride * pair, PairPulls.Stride)
                let second = 3 * pulls.Second[pair]
                add positions second row[0] row[1] row[2]
                add positions first -row[0] -row[1] -row[2]
                add rotations second row[3] row[4] row[5]

                if withShapes then
                    add semiAxes second row[6] row[7] row[8]

                for q in 0..2 do
                    add strain (3 * q) (row[q] * row[9]) (row[q] * row[10]) (row[q] * row[11])

                pair <- pair + 1

    /// Takes what is to be pulled back, for a frame of so many particles.
    member _.Source(given: PullSource, particles: int) =
        source <- given
        positions <- cleared positions (3 * particles)
        rotations <- cleared rotations (3 * particles)
        semiAxes <- cleared semiAxes (if withShapes then 3 * particles else 0)
        Array.Clear strain

    /// The derivatives by lengths in the unit of the input; those that have no room are left out.
    member _.Finish(gradient: GradientRoom) =
        let perLength = projection.Unit.FromUser
        scaled perLength positions gradient.Positions.Span
        scaled 1.0 rotations gradient.Orientations.Span
        scaled projection.PerSemiAxis semiAxes gradient.SemiAxes.Span
        scaled 1.0 strain gradient.Strain.Span

    override _.ComputeChunk(workspace, slot, chunk) =
        let prepared = chunk.Job.Prepared
        let target = pulls[slot]
        let mutable pairs = 0L
        target.Clear()

        for place in chunk.From .. chunk.UpTo - 1 do
            let found = CenterKernel.findNeighbors prepared.Search prepared.Gaussians workspace.Work place
            pairs <- pairs + int64 found
            PullbackExpansion.expand prepared.Gaussians workspace
            source.Pull(workspace, slot, place, prepared, target)
            target.Centers.Add(prepared.Search.Center place)
            target.Ends.Add target.Count

        pairs

    override _.EmitChunk(slot, _, _) =
        scatter pulls[slot]
        source.Collect slot

/// All that pulling back through frames of so many species needs: made when it is first asked for.
[<Sealed>]
type internal PullMemory(projection: Projection, threads: int, lengthOf: SpectrumColumns -> int) =
    let slots = PullMemory.Slots threads

    let pieces =
        [| false; true |]
        |> Array.map (fun withShapes ->
            lazy
                (struct (PullPieces(projection, withShapes, slots),
                         Array.init threads (fun _ -> PullbackWorkspace(projection, withShapes)))))

    let byColumns (make: SpectrumColumns -> 'T) =
        [| OrderedPairs; UnorderedPairs |]
        |> Array.map (fun columns -> lazy make columns)

    let means =
        byColumns (fun columns ->
            match projection.Hypers.Averaging with
            | Averaging.Outer -> MeanPull(projection, lengthOf columns, columns, slots) :> MeanSource
            | Averaging.Inner -> InnerPull(projection, lengthOf columns, columns))

    let rows = byColumns (fun columns -> RowPull(projection, lengthOf columns, columns, slots))
    let index columns = if columns = OrderedPairs then 0 else 1

    /// Pieces under way: their pairs are in memory.
    static member Slots threads = if threads = 1 then 1 else 16 * threads

    /// What adds up, and the threads' memory: with semi-axes or without.
    member _.Pieces withShapes = pieces[if withShapes then 1 else 0].Value
    member _.Mean columns = means[index columns].Value
    member _.Rows columns = rows[index columns].Value
