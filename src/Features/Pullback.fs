namespace AniSoap

open System
open System.Threading
open AniSoap.Numerics

/// ∂E/∂(power spectrum) of one frame, and with it which spectrum is meant. Rows have the columns of `SpectrumColumns.properties`.
[<NoComparison>]
type SpectrumCotangent =
    /// By the mean spectrum: a row for every species of the run as centre, one after another (`SpectrumColumns.meanProperties`).
    | OfMean of ReadOnlyMemory<float>
    /// By the spectrum of every particle: a row a particle, in the order of the frame.
    | OfParticles of ReadOnlyMemory<float>
    /// As before, each row made from the particle's own spectrum: for energies that are sums over particles. Called on several threads at once with
    /// the particle's number, its spectrum, and the row to fill in.
    | OfEachParticle of SpectrumCotangentHandler

/// Fills `cotangent` with ∂E/∂(spectrum of a particle), given that spectrum.
and SpectrumCotangentHandler =
    delegate of particle: int * spectrum: ReadOnlySpan<float> * cotangent: Span<float> -> unit

/// A reverse pass's options.
[<NoComparison; NoEquality>]
type PullbackOptions = {
    /// Which columns the spectrum and its derivatives have.
    Columns: SpectrumColumns
    /// Derivatives by semi-axes too: these cost about as much again.
    SemiAxes: bool
    /// Computing threads; 0: as many as there are processors.
    Threads: int
    /// Told now and then how many centres and pairs are done: one call at a time.
    Progress: (RunProgress -> unit) option
    /// Stops the pass, by an OperationCanceledException.
    Cancellation: CancellationToken
}

/// Options of a reverse pass.
module PullbackOptions =
    /// All ordered pairs of columns, rigid particles, one thread.
    let defaults: PullbackOptions = {
        Columns = OrderedPairs
        SemiAxes = false
        Threads = 1
        Progress = None
        Cancellation = CancellationToken.None
    }

/// A spectrum with what was pulled back through it.
[<NoComparison>]
type PulledSpectrum = {
    /// The features themselves: of the mean, the species side by side; else a row a particle.
    Values: ReadOnlyMemory<float>
    /// The derivatives by everything that the frame is made of.
    Gradient: FrameGradient
}

/// Reverse derivatives: from ∂E/∂features to forces, torques and virial in one pass. Nothing of the size features × pairs is stored.
module internal Pullback =
    let private checkLength name (given: int) (expected: int64) =
        if int64 given = expected then
            Ok()
        else
            Error(AniSoapError.invalid name given $"{expected}, one for every feature")

    /// Refuses numbers that are none: they would be in every force.
    let private checkFinite name (values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        let mutable stray = -1

        for i in values.Length - 1 .. -1 .. 0 do
            if not (Double.IsFinite values[i]) then
                stray <- i

        if stray < 0 then
            Ok()
        else
            Error(AniSoapError.invalid (String.Concat(name, " ", stray)) values[stray] "finite numbers")

    let private byFeature = "derivative by feature"

    let private withThreads (options: PullbackOptions) : Result<PullbackOptions, AniSoapError> =
        RunOptions.threadCount options.Threads
        |> Result.map (fun threads -> { options with Threads = threads })

    /// The pass over all centres, with progress.
    let private run
        (options: PullbackOptions)
        (projection: Projection)
        (loop: PullbackLoop)
        (prepared: PreparedFrame)
        (pull: PullHandler)
        (collect: Action<int, int, int>)
        =
        let told = {
            RunOptions.defaults with
                Progress = options.Progress
                Cancellation = options.Cancellation
        }

        // A centre with itself is no pair.
        let ownPairs =
            if projection.Hypers.SubtractCenterContribution then
                0
            else
                1

        let counts = Array.zeroCreate<int64> loop.Slots
        let pairs = [| 0L |]

        let counting =
            PullHandler(fun workspace slot center bodies pulls ->
                counts[slot] <- counts[slot] + int64 (workspace.Work.Neighbors.Count - ownPairs)
                pull.Invoke(workspace, slot, center, bodies, pulls))

        let reporting =
            Action<_, _, _>(fun slot first upTo ->
                collect.Invoke(slot, first, upTo)
                pairs[0] <- pairs[0] + counts[slot]
                counts[slot] <- 0L
                let isDone = (upTo = prepared.Frame.Particles.Length)
                RunOptions.report told (if isDone then 1L else 0L) (int64 upTo) pairs[0])

        loop.Run(prepared, counting, reporting)

    let private ofMean
        (loop: PullbackLoop)
        options
        (projection: Projection)
        (prepared: PreparedFrame)
        (cotangent: ReadOnlyMemory<float>)
        =
        let table = projection.Table
        let species = projection.Species.Length
        let size = SpectrumColumns.length options.Columns projection
        let full = SpectrumColumns.fullLength projection
        let isCompact = (options.Columns = UnorderedPairs)
        let counts = Array.zeroCreate<int> species

        for i in 0 .. prepared.Frame.Particles.Length - 1 do
            let t = prepared.Gaussians.SpeciesIndex[i]
            counts[t] <- counts[t] + 1

        let cotangents =
            Array.init species (fun t ->
                let buffer = AlignedBuffer projection.Mixing.Length
                let row = cotangent.Span.Slice(t * size, size)
                PullbackKernel.fillCotangent projection isCompact (1.0 / float (max 1 counts[t])) row buffer
                buffer)

        // Sums over pieces, in their order: upper triangles.
        let stride = (full + 7) / 8 * 8
        let pieces = Array.init loop.Slots (fun _ -> AlignedBuffer(stride * species))
        let sums = Array.zeroCreate<float>(stride * species)

        let pull =
            PullHandler(fun pull slot center bodies pulls ->
                let t = prepared.Gaussians.SpeciesIndex[center]
                CenterKernel.orthonormalize pull.Work
                CenterKernel.addSpectrum pull.Work pieces[slot] (t * stride)
                PullbackKernel.pullSpectrum prepared.Gaussians bodies pull cotangents[t] pulls)

        let collect =
            Action<int, int, int>(fun slot _ _ ->
                let piece = pieces[slot].Span

                for i in 0 .. sums.Length - 1 do
                    sums[i] <- sums[i] + piece[i]

                piece.Clear())

        let gradient = run options projection loop prepared pull collect
        let values = Array.zeroCreate<float>(size * species)

        for t in 0 .. species - 1 do
            if counts[t] > 0 then
                ContractionKernel.finishSpectrum
                    table
                    isCompact
                    (float counts[t])
                    (ReadOnlySpan(sums, t * stride, full))
                    (Span(values, t * size, size))

        { Values = ReadOnlyMemory values; Gradient = gradient }

    let private ofParticles
        (loop: PullbackLoop)
        options
        (projection: Projection)
        (prepared: PreparedFrame)
        (cotangentOf: SpectrumCotangentHandler)
        =
        let size = SpectrumColumns.length options.Columns projection
        let full = SpectrumColumns.fullLength projection
        let isCompact = (options.Columns = UnorderedPairs)
        let values = Array.zeroCreate<float>(size * prepared.Frame.Particles.Length)
        let spectra = Array.init loop.Slots (fun _ -> AlignedBuffer((full + 7) / 8 * 8))
        let rows = Array.init loop.Slots (fun _ -> Array.zeroCreate<float> size)
        // The first particle of each slot whose derivatives are no numbers.
        let strays = Array.create<(int * AniSoapError) option> loop.Slots None

        let pull =
            PullHandler(fun pull slot center bodies pulls ->
                let spectrum = spectra[slot]
                let row = Span rows[slot]
                let value = Span(values, center * size, size)
                CenterKernel.orthonormalize pull.Work
                spectrum.Span.Clear()
                CenterKernel.addSpectrum pull.Work spectrum 0

                ContractionKernel.finishSpectrum
                    projection.Table
                    isCompact
                    1.0
                    (Span.op_Implicit (spectrum.Span.Slice(0, full)))
                    value

                cotangentOf.Invoke(center, Span.op_Implicit value, row)

                match checkFinite byFeature (Span.op_Implicit row) with
                | Ok() -> ()
                | Error error ->
                    match strays[slot] with
                    | Some(earlier, _) when earlier <= center -> ()
                    | _ -> strays[slot] <- Some(center, error)

                PullbackKernel.fillCotangent projection isCompact 1.0 (Span.op_Implicit row) pull.Cotangent
                PullbackKernel.pullSpectrum prepared.Gaussians bodies pull pull.Cotangent pulls)

        let gradient = run options projection loop prepared pull (Action<int, int, int>(fun _ _ _ -> ()))

        match strays |> Array.choose id with
        | [||] -> Ok { Values = ReadOnlyMemory values; Gradient = gradient }
        | found ->
            let center, error = Array.minBy fst found
            Error(AniSoapError.at { Place.Unknown with Particle = Some center } error)

    /// Whether arrays hold the spectra of the frame.
    let private checkValues (options: PullbackOptions) (projection: Projection) (frame: Frame) cotangent =
        let size = int64 (SpectrumColumns.length options.Columns projection)

        let rows =
            match cotangent with
            | OfMean _ -> int64 projection.Species.Length
            | OfParticles _
            | OfEachParticle _ -> int64 frame.Particles.Length

        RunEstimate.checkResult "all spectra" [ rows; size ] projection
        |> Result.map ignore

    /// The power spectrum of a frame, and the derivatives of a number E by the frame's positions, orientations, strain and (where asked for) semi-axes,
    /// given its derivatives by the spectrum. The result does not depend on the number of threads, bit for bit. Refuses frames that the
    /// projection cannot expand, and cotangents of another length.
    let spectrum
        (options: PullbackOptions)
        (projection: Projection)
        (frame: Frame)
        (cotangent: SpectrumCotangent)
        : Result<PulledSpectrum, AniSoapError> =
        withThreads options
        |> Result.bind (fun options -> Projection.checkFrame projection frame |> Result.map (fun () -> options))
        |> Result.bind (fun options -> checkValues options projection frame cotangent |> Result.map (fun () -> options))
        |> Result.bind (fun options ->
            let size = SpectrumColumns.length options.Columns projection
            let count = frame.Particles.Length
            let prepare () = PreparedFrame(projection, frame)
            let loop () = PullbackLoop(projection, options.SemiAxes, options.Threads)

            match cotangent with
            | OfMean row ->
                checkLength "number of derivatives" row.Length (int64 size * int64 projection.Species.Length)
                |> Result.bind (fun () -> checkFinite byFeature row.Span)
                |> Result.map (fun () -> ofMean (loop ()) options projection (prepare ()) row)
            | OfParticles rows ->
                checkLength "number of derivatives" rows.Length (int64 size * int64 count)
                |> Result.bind (fun () ->
                    let copy =
                        SpectrumCotangentHandler(fun particle _ row ->
                            rows.Span.Slice(particle * size, size).CopyTo row)

                    ofParticles (loop ()) options projection (prepare ()) copy)
            | OfEachParticle cotangentOf -> ofParticles (loop ()) options projection (prepare ()) cotangentOf)

    /// `coefficients` of a frame that was checked.
    let private pullCoefficients
        (options: PullbackOptions)
        (form: RadialForm)
        (projection: Projection)
        (frame: Frame)
        (cotangent: TensorMap)
        : Result<FrameGradient, AniSoapError> =
        let table = projection.Table
        let rows, samples = Expansion.samplesBySpecies projection [| 0, frame |]

        let blockOf l t =
            cotangent
            |> TensorMap.block [ "o3_lambda", l; "center_type", projection.Species[t] ]
            |> Result.bind (fun block ->
                let size = int64 samples[t].Count * (2L * int64 l + 1L) * int64 table.Columns[l]

                let name = $"derivatives by coefficients of l = {l}"
                let atoms labels = Labels.column "atom" labels |> Result.map Seq.toList

                checkLength $"number of {name}" block.Values.Length size
                |> Result.bind (fun () ->
                    // In the order of another frame, or of other columns, they would be derivatives by something else.
                    if atoms block.Samples <> atoms samples[t] then
                        Error(AniSoapError.invalid $"atoms of the {name}" "others" "those of the frame, in its order")
                    elif block.Properties <> Expansion.columnLabels projection l then
                        Error(
                            AniSoapError.invalid
                                $"properties of the {name}"
                                "others"
                                "those of the coefficients by this projection, in their order"
                        )
                    else
                        checkFinite name (block.Values))
                |> Result.map (fun () -> block))

        let blocks = [|
            for l in 0 .. table.MaxAngular do
                for t in 0 .. table.SpeciesCount - 1 do
                    blockOf l t
        |]

        let failure =
            blocks
            |> Array.tryPick (function
                | Error error -> Some error
                | Ok _ -> None)

        match failure with
        | Some error -> Error error
        | None ->
            let blocks = blocks |> Array.choose Result.toOption
            let prepared = PreparedFrame(projection, frame)
            let loop = PullbackLoop(projection, options.SemiAxes, options.Threads)

            let pull =
                PullHandler(fun pull _ center bodies pulls ->
                    let t = prepared.Gaussians.SpeciesIndex[center]

                    let target =
                        (if form = RadialForm.Raw then
                             pull.CoefficientsBar
                         else
                             pull.MixedBar)
                            .Span

                    for l in 0 .. table.MaxAngular do
                        let block = blocks[l * table.SpeciesCount + t]

                        for m in 0 .. 2 * l do
                            let at = table.CoefficientOffsets[l] + m * table.PaddedColumns[l]
                            let row = target.Slice(at, table.Columns[l])
                            block.Row(rows[0][center], m).CopyTo row

                            if form = RadialForm.Raw then
                                for q in 0 .. row.Length - 1 do
                                    row[q] <- projection.RawScale(l, q / table.SpeciesCount) * row[q]

                    if form = RadialForm.Raw then
                        PullbackKernel.pullCoefficients prepared.Gaussians bodies pull pulls
                    else
                        PullbackKernel.pullOrthonormal prepared.Gaussians bodies pull pulls)

            Ok(run options projection loop prepared pull (Action<int, int, int>(fun _ _ _ -> ())))

    /// The derivatives of a number E by a frame's positions, orientations, strain and (where asked for) semi-axes, given its derivatives by the coefficients: a
    /// map with the keys, samples, components and properties of `Expansion.coefficients` of this frame, whatever its system number.
    let coefficients
        (options: PullbackOptions)
        (form: RadialForm)
        (projection: Projection)
        (frame: Frame)
        (cotangent: TensorMap)
        : Result<FrameGradient, AniSoapError> =
        withThreads options
        |> Result.bind (fun options ->
            Projection.checkForm form projection
            |> Result.bind (fun () -> Projection.checkFrame projection frame)
            |> Result.bind (fun () -> pullCoefficients options form projection frame cotangent))
