namespace AniSoap

open System
open System.Collections.Immutable
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

/// Reverse derivatives: from ∂E/∂features to forces, torques and virial in one pass. Nothing of the size features × pairs is stored.
module internal Pullback =
    let private checkLength name (given: int) (expected: int64) =
        if int64 given = expected then
            Ok()
        else
            Error(AniSoapError.invalid name given $"{string expected}, one for every feature")

    let private withThreads (options: RunOptions) : Result<RunOptions, AniSoapError> =
        RunOptions.threadCount options.Threads
        |> Result.map (fun threads -> { options with Threads = threads })

    let private engineFor (options: RunOptions) projection =
        let engine = Engine.Of(projection, options.Threads)

        match options.Progress with
        | Some tell -> engine.Progress <- Action<RunProgress> tell
        | None -> ()

        engine

    /// Arrays for a frame's derivatives.
    [<Sealed>]
    type private Room(parameters: GradientParameter seq, frame: Frame) =
        let count = 3 * frame.Particles.Length
        let positions = Array.zeroCreate<float> count
        let orientations = Array.zeroCreate<float> count

        let semiAxes =
            Array.zeroCreate<float>(
                if Seq.contains GradientParameter.SemiAxes parameters then
                    count
                else
                    0
            )

        let strain = Array.zeroCreate<float> 9

        let vectors (numbers: float[]) =
            let builder = ImmutableArray.CreateBuilder<Vector3>(numbers.Length / 3)

            for i in 0 .. numbers.Length / 3 - 1 do
                builder.Add(Vector3.create numbers[3 * i] numbers[3 * i + 1] numbers[3 * i + 2])

            builder.MoveToImmutable()

        member _.Given = GradientRoom(Memory positions, Memory orientations, Memory strain, Memory semiAxes)

        member _.Gradient(values: ReadOnlyMemory<float>) : FrameGradient = {
            Values = values
            Positions = vectors positions
            Orientations = vectors orientations
            SemiAxes = vectors semiAxes
            Strain =
                Matrix3.ofRows
                    (Vector3.create strain[0] strain[1] strain[2])
                    (Vector3.create strain[3] strain[4] strain[5])
                    (Vector3.create strain[6] strain[7] strain[8])
        }

    /// Whether arrays hold the spectra of the frame.
    let private checkValues columns (projection: Projection) (frame: Frame) cotangent =
        let size = int64 (SpectrumColumns.length columns projection)

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
        (options: RunOptions)
        (columns: SpectrumColumns)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frame: Frame)
        (cotangent: SpectrumCotangent)
        : Result<FrameGradient, AniSoapError> =
        withThreads options
        |> Result.bind (fun options -> SpectrumColumns.requireAll columns |> Result.map (fun () -> options))
        |> Result.bind (fun options -> FrameRules.check projection frame |> Result.map (fun () -> options))
        |> Result.bind (fun options -> checkValues columns projection frame cotangent |> Result.map (fun () -> options))
        |> Result.bind (fun options ->
            let size = SpectrumColumns.length columns projection
            let count = frame.Particles.Length
            use engine = engineFor options projection
            let room = Room(parameters, frame)
            let expected rows = int64 size * int64 rows

            let pulled (rows: int) (pull: float[] -> Result<unit, AniSoapError>) =
                let values = Array.zeroCreate<float>(size * rows)

                pull values |> Result.map (fun () -> room.Gradient(ReadOnlyMemory values))

            match cotangent with
            | OfMean row ->
                let species = projection.Species.Length

                checkLength "number of derivatives" row.Length (expected species)
                |> Result.bind (fun () ->
                    pulled species (fun values ->
                        engine.PullMean(frame, columns, row, Memory values, room.Given, null, options.Cancellation)))
            | OfParticles rows ->
                checkLength "number of derivatives" rows.Length (expected count)
                |> Result.bind (fun () ->
                    pulled count (fun values ->
                        engine.PullParticles(
                            frame,
                            columns,
                            rows,
                            Memory values,
                            room.Given,
                            null,
                            options.Cancellation
                        )))
            | OfEachParticle cotangentOf ->
                pulled count (fun values ->
                    engine.PullEach(
                        frame,
                        columns,
                        cotangentOf,
                        Memory values,
                        room.Given,
                        null,
                        options.Cancellation
                    )))

    /// `coefficients` of a frame that was checked.
    let private pullCoefficients
        (options: RunOptions)
        (form: RadialForm)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frame: Frame)
        (cotangent: TensorMap)
        : Result<FrameGradient, AniSoapError> =
        let table = projection.Table
        let rows, samples = ExpansionLabels.samplesBySpecies None projection [| 0, frame |]

        let blockOf l t =
            cotangent
            |> TensorMap.block [ "o3_lambda", l; "center_type", projection.Species[t] ]
            |> Result.bind (fun block ->
                let size = int64 samples[t].Count * (2L * int64 l + 1L) * int64 table.Columns[l]

                let name = $"derivatives by coefficients of l = {string l}"
                let atoms labels = Labels.column "atom" labels |> Result.map Seq.toList

                checkLength $"number of {name}" block.Values.Length size
                |> Result.bind (fun () ->
                    // In the order of another frame, or of other columns, they would be derivatives by something else.
                    if atoms block.Samples <> atoms samples[t] then
                        Error(AniSoapError.invalid $"atoms of the {name}" "others" "those of the frame, in its order")
                    elif block.Properties <> ExpansionLabels.columnLabels projection l then
                        Error(
                            AniSoapError.invalid
                                $"properties of the {name}"
                                "others"
                                "those of the coefficients by this projection, in their order"
                        )
                    else
                        CotangentCheck.finite name (block.Values))
                |> Result.map (fun () -> block))

        let blocks = [|
            for l in 0 .. table.MaxAngular do
                for t in 0 .. projection.Species.Length - 1 do
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
            use engine = engineFor options projection
            let room = Room(parameters, frame)

            let species =
                frame.Particles
                |> Seq.map (fun particle -> projection.SpeciesIndex particle.Species)
                |> Seq.toArray

            let cotangentOf =
                CoefficientCotangent(fun particle row ->
                    let mutable next = 0

                    for l in 0 .. table.MaxAngular do
                        let block = blocks[l * projection.Species.Length + species[particle]]

                        for m in 0 .. 2 * l do
                            let values = block.Row(rows[0][particle], m)
                            values.CopyTo(row.Slice next)
                            next <- next + values.Length)

            engine.PullCoefficientsBy(frame, form, cotangentOf, room.Given, options.Cancellation)
            |> Result.map (fun () -> room.Gradient ReadOnlyMemory.Empty)

    /// The derivatives of a number E by a frame's positions, orientations, strain and (where asked for) semi-axes, given its derivatives by the coefficients: a
    /// map with the keys, samples, components and properties of `Expansion.coefficients` of this frame, whatever its system number.
    let coefficients
        (options: RunOptions)
        (form: RadialForm)
        (parameters: GradientParameter seq)
        (projection: Projection)
        (frame: Frame)
        (cotangent: TensorMap)
        : Result<FrameGradient, AniSoapError> =
        withThreads options
        |> Result.bind (fun options ->
            Projection.checkForm form projection
            |> Result.bind (fun () -> FrameRules.check projection frame)
            |> Result.bind (fun () -> pullCoefficients options form parameters projection frame cotangent))
