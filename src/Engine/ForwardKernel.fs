/// Forward derivatives of one centre: of its coefficients or its power spectrum by positions, orientations, semi-axes and strain, added to the rows of the atoms
/// that they are derived by.
///
/// Neighbours are lanes from their moments to the rows (DerivativeLanes.fs, RowLanes.fs). What depends on an atom alone, the mixing of radial functions, waits until
/// a row is complete (RowLayout). A centre's derivatives by its own position are minus the sum of those by its neighbours'; those by strain are sums over
/// pairs of r_p ∂/∂r_q.
module internal AniSoap.Numerics.ForwardKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open AniSoap
open AniSoap.Numerics.FeatureRows
open AniSoap.Numerics.DerivativeLanes

/// What the derivatives of a block's lanes are made of; lanes left over have moments of zero.
let private fillParameters (gaussians: FrameGaussians) (frame: Frame) (work: ForwardWorkspace) block =
    FullOptimization.ask ()
    let inner = work.Work
    let hypers = inner.Projection.InUnit
    let scale = PairGaussian.exponentScale hypers
    let hasWeights = PairGaussian.hasNeighborWeights hypers
    let stride = work.Stride
    let parameters = work.LaneParameters.Pointer
    let neighbors = inner.Neighbors
    let numbers = gaussians.Numbers
    let from = work.BlockFrom[block]
    let filled = work.BlockUpTo[block] - from

    if filled < stride then
        work.LaneParameters.Span.Clear()

    for lane in 0 .. filled - 1 do
        let inline set row (value: float) = NativePtr.set parameters (row * stride + lane) value
        let k = inner.Order[from + lane]
        let second = neighbors.Second[k]
        let particle = ReadOnlySpan(numbers, FrameGaussians.Stride * second, FrameGaussians.Stride)
        let x = neighbors.X[k]
        let y = neighbors.Y[k]
        let z = neighbors.Z[k]

        for i in 0..5 do
            set (Parameter.ToMean + i) particle[i]

        let mutable slope = 0.0

        if hasWeights then
            let distance = sqrt (x * x + y * y + z * z)

            if distance > 0.0 then
                slope <- PairGaussian.neighborWeightSlope hypers distance / distance

        set Parameter.Slope (slope * x - scale * (particle[0] * x + particle[1] * y + particle[2] * z))
        set (Parameter.Slope + 1) (slope * y - scale * (particle[1] * x + particle[3] * y + particle[4] * z))
        set (Parameter.Slope + 2) (slope * z - scale * (particle[2] * x + particle[4] * y + particle[5] * z))
        set Parameter.Displacement x
        set (Parameter.Displacement + 1) y
        set (Parameter.Displacement + 2) z

        if work.Parameters.SemiAxes then
            let body = inner.Projection.InUnitOf frame.Particles[second]
            let changes = GaussianChange.semiAxesOf hypers body (Vector3.create x y z)

            for axis in 0..2 do
                let row = Parameter.SemiAxes + axis * Parameter.SemiAxisCount
                let change = changes[axis]
                set row change.LogWeight
                set (row + 1) change.Mean.X
                set (row + 2) change.Mean.Y
                set (row + 3) change.Mean.Z
                set (row + 4) (0.5 * change.Covariance.XX)
                set (row + 5) (0.5 * change.Covariance.YY)
                set (row + 6) (0.5 * change.Covariance.ZZ)
                set (row + 7) change.Covariance.XY
                set (row + 8) change.Covariance.XZ
                set (row + 9) change.Covariance.YZ

/// Every atom that the centre depends on has a row: the centre first.
let private findRows (work: ForwardWorkspace) (sums: DerivativeSums) s center =
    let neighbors = work.Work.Neighbors
    sums.Slot(s, center) |> ignore

    for k in 0 .. neighbors.Count - 1 do
        sums.Slot(s, neighbors.Second[k]) |> ignore

/// Where the lanes of a block go, and the factors of what all of them go to: those by the centre's position and by strain.
let private fillTargets (work: ForwardWorkspace) (sums: DerivativeSums) s center t block =
    FullOptimization.ask ()
    let inner = work.Work
    let neighbors = inner.Neighbors
    let parameters = work.Parameters
    let stride = work.Stride
    let rows = work.Rows
    let factors = work.Factors.Pointer
    let from = work.BlockFrom[block]
    let filled = work.BlockUpTo[block] - from
    let nowhere = NativePtr.toNativeInt work.Nowhere.Pointer
    let mutable shared = 0

    for i in 0 .. 3 * stride - 1 do
        rows[i] <- nowhere

    let isOwn = t = inner.Projection.Species.Length

    if isOwn then
        // The centre's own density, the only lane: it moves with the centre.
        let own = sums.Own center

        if parameters.Orientations then
            rows[stride] <- NativePtr.toNativeInt own

        if parameters.SemiAxes then
            rows[2 * stride] <- NativePtr.toNativeInt (NativePtr.add own work.Layout.Length)

    for lane in 0 .. (if isOwn then 0 else filled) - 1 do
        let second = neighbors.Second[inner.Order[from + lane]]
        let slot = sums.Find(s, second)

        // An atom's own images move with it: nothing changes.
        if parameters.Positions && second <> center then
            rows[lane] <- NativePtr.toNativeInt (sums.Positions slot)

        if parameters.Orientations then
            rows[stride + lane] <- NativePtr.toNativeInt (sums.Orientations slot)

        if parameters.SemiAxes then
            rows[2 * stride + lane] <- NativePtr.toNativeInt (sums.SemiAxes slot)

    if parameters.Positions && not isOwn then
        let own =
            if t = s then
                sums.Positions(sums.Find(s, center))
            else
                sums.OtherRow(sums.Other center, t)

        rows[3 * stride] <- NativePtr.toNativeInt own
        shared <- 1

        for lane in 0 .. stride - 1 do
            let moves = lane < filled && neighbors.Second[inner.Order[from + lane]] <> center
            NativePtr.set factors lane (if moves then -1.0 else 0.0)

    if parameters.Strain && not isOwn then
        for p in 0..2 do
            rows[3 * stride + shared] <- NativePtr.toNativeInt (work.StrainRow(t, p))

            for lane in 0 .. stride - 1 do
                let r = NativePtr.get work.LaneParameters.Pointer ((Parameter.Displacement + p) * stride + lane)
                NativePtr.set factors (shared * stride + lane) r

            shared <- shared + 1

    shared

/// The derivatives of one l as they were computed, or their products with the centre's coefficients, to the rows.
let private toRows (work: ForwardWorkspace) l (derivatives: nativeptr<float>) (targets: RowLanes.Targets) =
    FullOptimization.ask ()
    let layout = work.Layout
    let table = layout.Projection.Table
    let stride = work.Stride
    let count = table.RadialCounts[l]
    let entries = layout.Entries[l]

    let tile = if layout.IsSpectrum then work.Tile.Pointer else derivatives
    let filled = 3 * count * (if layout.IsSpectrum then table.Columns[l] else 2 * l + 1)

    if layout.IsSpectrum then
        let columns = table.Columns[l]
        let padded = table.PaddedColumns[l]
        let coefficients = NativePtr.add work.Work.Mixed.Pointer table.CoefficientOffsets[l]
        RowLanes.multiply stride l count columns padded derivatives coefficients tile

    for i in stride * filled .. stride * entries - 1 do
        NativePtr.set tile i 0.0

    RowLanes.add stride entries tile targets layout.Offsets[l]

/// All derivatives of a block of neighbours of species t, or of the centre's own density, the source behind them.
let private deriveBlock (prepared: PreparedFrame) (work: ForwardWorkspace) sums s center t block =
    FullOptimization.ask ()
    let parameters = work.Parameters
    let stride = work.Stride
    let table = work.Derivatives
    let coefficients = ForwardExpansion.coefficientsOf prepared.Gaussians work block
    let lanes = work.LaneParameters.Pointer
    fillParameters prepared.Gaussians prepared.Frame work block
    let shared = fillTargets work sums s center t block
    use rows = fixed work.Rows

    let inline targets first count : RowLanes.Targets = {
        Rows = NativePtr.add rows (first * stride)
        Shared = NativePtr.add rows (3 * stride)
        SharedCount = count
        Factors = work.Factors.Pointer
    }

    if parameters.SemiAxes then
        let slopes = work.Slopes.Pointer
        gradient stride table 2 coefficients 1 slopes

        for k in 0..2 do
            let into = NativePtr.add work.Curvatures.Pointer (3 * stride * table.Sets[0].Length * k)
            gradient stride table 1 (NativePtr.add slopes (stride * k)) 3 into

    for l in 0 .. table.MaxAngular do
        if parameters.Orientations then
            turn stride table work.Order l coefficients lanes work.Moved.Pointer work.Turned.Pointer
            toRows work l work.Turned.Pointer (targets 1 0)
        elif parameters.Positions || parameters.Strain then
            move stride table work.Order l coefficients lanes work.Moved.Pointer

        // Neither moves a density that stays in the centre.
        if
            (parameters.Positions || parameters.Strain)
            && t < work.Layout.Projection.Species.Length
        then
            toRows work l work.Moved.Pointer (targets 0 shared)

        if parameters.SemiAxes then
            swell stride table l coefficients work.Slopes.Pointer work.Curvatures.Pointer lanes work.Swollen.Pointer
            toRows work l work.Swollen.Pointer (targets 2 0)

/// Adds the features of the centre at a place and their derivatives to the sums of its species; returns the number of its pairs. Of normalised spectra, values
/// are normalised; what rows lack is in work.Norm.
let compute (prepared: PreparedFrame) (work: ForwardWorkspace) place (sums: DerivativeSums) : int =
    FullOptimization.ask ()
    let inner = work.Work
    let projection = inner.Projection
    let layout = work.Layout
    let size = sums.Size
    let center = prepared.Search.Center place
    let s = prepared.Gaussians.SpeciesIndex[center]
    let pairs = CenterKernel.findNeighbors prepared.Search prepared.Gaussians inner place
    sums.Count s
    ForwardExpansion.expand prepared.Gaussians work
    findRows work sums s center

    if work.Values.Length < size then
        work.Values <- Array.zeroCreate size

    let values = Span(work.Values, 0, size)

    match layout.Features with
    | CoefficientRows true -> copyCoefficients projection true inner.Coefficients.Pointer values
    | CoefficientRows false ->
        CenterKernel.orthonormalize inner
        copyCoefficients projection false inner.Mixed.Pointer values
    | SpectrumRows isCompact ->
        CenterKernel.orthonormalize inner
        work.Norm <- CenterKernel.normalize inner
        // Twice the spectrum: its derivative along the coefficients themselves.
        values.Clear()
        addSpectrum projection.Table isCompact -1 inner.Mixed.Pointer inner.Mixed.Pointer values

    let half = if layout.IsSpectrum then 0.5 else 1.0
    let total = sums.Values[s]

    for i in 0 .. size - 1 do
        total[i] <- total[i] + half * values[i]

    work.Strain.Span.Clear()

    for t in 0 .. projection.SourceCount - 1 do
        for block in work.BlockStarts[t] .. work.BlockStarts[t + 1] - 1 do
            deriveBlock prepared work sums s center t block

    if work.Parameters.Strain then
        for t in 0 .. projection.Species.Length - 1 do
            if work.BlockStarts[t] < work.BlockStarts[t + 1] then
                for p in 0..2 do
                    let target = Span(sums.Strain[s], 3 * p * size, 3 * size)
                    layout.Finish(t, 1.0, work.StrainRow(t, p), work.Scratch.Pointer, target)

    pairs

/// The sums of one centre as rows of features, by lengths so many of which are those that kernels compute in.
let finishBy
    (work: ForwardWorkspace)
    (sums: DerivativeSums)
    (gaussians: FrameGaussians)
    center
    (perLength: float)
    (perSemiAxis: float)
    (gradients: CenterGradients)
    =
    let size = gradients.Size
    let s = gaussians.SpeciesIndex[center]
    let parameters = work.Parameters
    gradients.Atoms.Clear()

    for key in sums.Keys do
        gradients.Atoms.Add(key - s * sums.Particles)

    gradients.Atoms.Sort()
    gradients.Clear parameters

    for place in 0 .. gradients.Atoms.Count - 1 do
        let atom = gradients.Atoms[place]
        let t = gaussians.SpeciesIndex[atom]

        let inline finish kind factor (rows: float[]) =
            let target = Span(rows, 3 * size * place, 3 * size)
            sums.Finish(kind, s, t, atom, factor, work.Scratch.Pointer, target)

        if parameters.Positions then
            finish ForwardRows.Positions perLength gradients.Positions

        if parameters.Orientations then
            finish ForwardRows.Orientations 1.0 gradients.Orientations

        if parameters.SemiAxes then
            finish ForwardRows.SemiAxes perSemiAxis gradients.SemiAxes

    sums.Values[s].CopyTo(gradients.Values, 0)

    if parameters.Strain then
        sums.Strain[s].CopyTo(gradients.Strain, 0)

    if work.Layout.IsSpectrum && work.Layout.Projection.Hypers.NormalizeSpectra then
        let rows = 3 * size * gradients.Atoms.Count

        let along (derivatives: float[]) length =
            alongNormalized work.Norm (ReadOnlySpan gradients.Values) (Span(derivatives, 0, length))

        if parameters.Positions then
            along gradients.Positions rows

        if parameters.Orientations then
            along gradients.Orientations rows

        if parameters.SemiAxes then
            along gradients.SemiAxes rows

        if parameters.Strain then
            along gradients.Strain (9 * size)

/// The sums of one centre as rows of features, by lengths in the unit of the input.
let finish (work: ForwardWorkspace) sums gaussians center gradients =
    let projection = work.Layout.Projection
    finishBy work sums gaussians center projection.Unit.FromUser projection.PerSemiAxis gradients
