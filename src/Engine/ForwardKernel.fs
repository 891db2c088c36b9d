/// Forward derivatives of one centre: of its coefficients or its power spectrum by positions, orientations, semi-axes and strain.
///
/// A pair's moments give the changes of its moments (GaussianChange.fs) as combinations of themselves and of their derivatives, which are the same
/// moments a place on (ShiftTable.fs). All that follows is linear, so the images of one atom are summed first and contracted once; strain sums over all
/// pairs of a species.
module internal AniSoap.Numerics.ForwardKernel

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap
open AniSoap.Numerics.FeatureRows

/// Fills in the pair's moments and their derivatives from lane `lane` of a kept block.
let private fillTerms (work: ForwardWorkspace) (kept: nativeptr<float>) step lane =
    FullOptimization.ask ()
    let table = work.Pull.Work.Projection.Table
    let shifts = work.Pull.Tables.Shifts
    let index = table.ShellIndex
    let toScaled = shifts.ToScaled
    let terms = work.Terms.Pointer
    let length = work.Length

    for s in 0 .. index.Length - 1 do
        NativePtr.set terms index[s] (toScaled[s] * NativePtr.get kept (s * step + lane))

    for k in 0..2 do
        let lower = shifts.Lower[k]
        let target = NativePtr.add terms ((k + 1) * length)

        for i in 0 .. lower.Length - 1 do
            NativePtr.set target i (NativePtr.get terms lower[i])

    let parameters = work.Parameters

    if parameters.Orientations || parameters.SemiAxes then
        let inline second row k l =
            let lower = shifts.Lower[l]
            let source = NativePtr.add terms ((k + 1) * length)
            let target = NativePtr.add terms (row * length)

            for i in 0 .. lower.Length - 1 do
                NativePtr.set target i (NativePtr.get source lower[i])

        second 4 0 0
        second 5 1 1
        second 6 2 2
        second 7 0 1
        second 8 0 2
        second 9 1 2

/// target += factor · change, the change of the moments by `change`; displacements change no covariance.
let private addChange
    (work: ForwardWorkspace)
    (factor: float)
    (change: GaussianChange)
    withCovariance
    (target: nativeptr<float>)
    =
    FullOptimization.ask ()
    let length = work.Length
    let terms = work.Terms.Pointer
    let inline term row i = Vector256.Load(NativePtr.add terms (row * length + i))
    let w = Vector256.Create(factor * change.LogWeight)
    let x = Vector256.Create(factor * change.Mean.X)
    let y = Vector256.Create(factor * change.Mean.Y)
    let z = Vector256.Create(factor * change.Mean.Z)
    let inline add (a: Vector256<float>) b c = Vector256.MultiplyAddEstimate(a, b, c)
    let mutable i = 0

    while i < length do
        let sum = Vector256.Load(NativePtr.add target i)
        let sum = add w (term 0 i) (add x (term 1 i) (add y (term 2 i) (add z (term 3 i) sum)))
        Vector256.Store(sum, NativePtr.add target i)
        i <- i + 4

    if withCovariance then
        let v = change.Covariance
        let xx = Vector256.Create(0.5 * factor * v.XX)
        let yy = Vector256.Create(0.5 * factor * v.YY)
        let zz = Vector256.Create(0.5 * factor * v.ZZ)
        let xy = Vector256.Create(factor * v.XY)
        let xz = Vector256.Create(factor * v.XZ)
        let yz = Vector256.Create(factor * v.YZ)
        i <- 0

        while i < length do
            let sum = Vector256.Load(NativePtr.add target i)
            let sum = add xx (term 4 i) (add yy (term 5 i) (add zz (term 6 i) sum))
            let sum = add xy (term 7 i) (add xz (term 8 i) (add yz (term 9 i) sum))
            Vector256.Store(sum, NativePtr.add target i)
            i <- i + 4

/// Contracts a vector of changes to coefficients of one species, in the layout of the single-species table.
let private contract (work: ForwardWorkspace) isRaw (changes: nativeptr<float>) : nativeptr<float> =
    FullOptimization.ask ()
    let single = work.Single
    let toPlain = work.Pull.Tables.Shifts.ToPlain
    let plain = work.Plain.Pointer

    for i in 0 .. toPlain.Length - 1 do
        NativePtr.set plain i (toPlain[i] * NativePtr.get changes i)

    ContractionKernel.traceShells single.Table 0 plain work.TraceScratch.Pointer work.Traced.Pointer
    ContractionKernel.harmonics single.Table work.Traced.Pointer work.PairCoefficients.Pointer

    if isRaw then
        work.PairCoefficients.Pointer
    else
        RadialMixing.mix
            single.Table
            single.Mixing.Pointer
            single.MixingOffsets
            work.PairCoefficients.Pointer
            work.PairMixed.Pointer

        work.PairMixed.Pointer

/// target += factor · coefficients of species t.
let private addSpecies
    (work: ForwardWorkspace)
    t
    (factor: float)
    (source: nativeptr<float>)
    (target: nativeptr<float>)
    =
    let table = work.Pull.Work.Projection.Table
    let single = work.Single.Table

    for l in 0 .. table.MaxAngular do
        for m in 0 .. 2 * l do
            let from = single.CoefficientOffsets[l] + m * single.PaddedColumns[l]
            let into = table.CoefficientOffsets[l] + m * table.PaddedColumns[l] + t

            for n in 0 .. single.Columns[l] - 1 do
                let at = into + n * table.SpeciesCount
                NativePtr.set target at (NativePtr.get target at + factor * NativePtr.get source (from + n))

/// Orders the neighbours of each species by atom, and lists the atoms, the centre among them, ascending.
let private sortByAtom (work: ForwardWorkspace) center (atoms: ResizeArray<int>) =
    let pull = work.Pull.Work
    let starts = pull.KindStarts
    let second = pull.Neighbors.Second
    let count = pull.Neighbors.Count

    if work.SortKeys.Length < count then
        work.SortKeys <- Array.zeroCreate (2 * count)

    for k in 0 .. count - 1 do
        work.SortKeys[k] <- second[pull.Order[k]]

    for t in 0 .. pull.Projection.Species.Length - 1 do
        Array.Sort(work.SortKeys, pull.Order, starts[2 * t], starts[2 * t + 2] - starts[2 * t])

    atoms.Clear()
    atoms.Add center

    for k in 0 .. count - 1 do
        if k = 0 || work.SortKeys[k] <> work.SortKeys[k - 1] then
            if work.SortKeys[k] <> center then
                atoms.Add work.SortKeys[k]

    atoms.Sort()

let private rowOf size (rows: float[]) place axis = Span(rows, (3 * place + axis) * size, size)

/// The features of the centre at a place and their derivatives, into `gradients`.
let compute (prepared: PreparedFrame) features (work: ForwardWorkspace) place (gradients: CenterGradients) =
    let center = prepared.Search.Center place
    let pull = work.Pull
    let inner = pull.Work
    let projection = inner.Projection
    let table = projection.Table
    let neighbors = inner.Neighbors
    let parameters = work.Parameters
    let length = work.Length
    let size = gradients.Size

    let isRaw =
        match features with
        | CoefficientRows isRaw -> isRaw
        | SpectrumRows _ -> false

    gradients.Pairs <- int64 (CenterKernel.findNeighbors prepared.Search prepared.Gaussians inner place)

    sortByAtom work center gradients.Atoms
    gradients.Clear parameters
    PullbackExpansion.expand prepared.Gaussians pull
    CenterKernel.orthonormalize inner
    work.Own.Span.Clear()
    work.Strain.Span.Clear()

    let ownPlace = gradients.Atoms.BinarySearch center

    /// Three sums over an atom's images to the atom's rows, and to the centre's own where the displacement counts.
    let finishTriple t place first (rows: float[]) isDisplacement =
        let entry = work.Entry
        entry.Span.Clear()

        for axis in 0..2 do
            let target = NativePtr.add entry.Pointer (axis * work.CoefficientsLength)
            let changes = NativePtr.add work.AtomSums.Pointer ((first + axis) * length)
            let contracted = contract work isRaw changes
            addSpecies work t 1.0 contracted target
            emit work features t target (rowOf size rows place axis)

            if isDisplacement then
                addSpecies work t -1.0 contracted (NativePtr.add work.Own.Pointer (axis * work.CoefficientsLength))

    let finishAtom t atom =
        let place = gradients.Atoms.BinarySearch atom

        // An atom's own images move with it: nothing changes.
        if parameters.Positions && atom <> center then
            finishTriple t place 0 gradients.Positions true

        if parameters.Orientations then
            finishTriple t place 3 gradients.Orientations false

        if parameters.SemiAxes then
            finishTriple t place 6 gradients.SemiAxes false

        work.AtomSums.Span.Clear()

    // By lengths in the unit of the input.
    let perLength = projection.Unit.FromUser
    let hypers = projection.InUnit

    let addPair k =
        let second = neighbors.Second[k]
        let r = Vector3.create neighbors.X[k] neighbors.Y[k] neighbors.Z[k]
        let particle = Ellipsoid.scaled projection.Unit.FromUser prepared.Frame.Particles[second]
        let sums = work.AtomSums.Pointer

        if parameters.Positions || parameters.Strain then
            let changes = GaussianChange.displacementOf hypers particle r

            for q in 0..2 do
                if parameters.Positions then
                    addChange work perLength changes[q] false (NativePtr.add sums (q * length))

                if parameters.Strain then
                    let strain = work.StrainSums.Pointer
                    addChange work r.X changes[q] false (NativePtr.add strain ((3 * q) * length))
                    addChange work r.Y changes[q] false (NativePtr.add strain ((3 * q + 1) * length))
                    addChange work r.Z changes[q] false (NativePtr.add strain ((3 * q + 2) * length))

        if parameters.Orientations then
            let changes = GaussianChange.rotationOf hypers particle r

            for q in 0..2 do
                addChange work 1.0 changes[q] true (NativePtr.add sums ((3 + q) * length))

        if parameters.SemiAxes then
            let changes = GaussianChange.semiAxesOf hypers particle r

            for q in 0..2 do
                addChange work perLength changes[q] true (NativePtr.add sums ((6 + q) * length))

    for t in 0 .. table.SpeciesCount - 1 do
        work.AtomSums.Span.Clear()
        work.StrainSums.Span.Clear()
        let mutable atom = -1

        for block in pull.BlockStarts[t] .. pull.BlockStarts[t + 1] - 1 do
            let kept = PullbackExpansion.momentsOf prepared.Gaussians pull t block
            let from = pull.BlockFrom[block]
            let step = pull.BlockGroups[block] * inner.Lanes

            for lane in 0 .. min step (inner.KindStarts[2 * t + 2] - from) - 1 do
                let k = inner.Order[from + lane]

                if neighbors.Second[k] <> atom && atom >= 0 then
                    finishAtom t atom

                atom <- neighbors.Second[k]
                fillTerms work kept step lane
                addPair k

        if atom >= 0 then
            finishAtom t atom

            if parameters.Strain then
                for i in 0..8 do
                    let contracted = contract work isRaw (NativePtr.add work.StrainSums.Pointer (i * length))

                    addSpecies work t 1.0 contracted (NativePtr.add work.Strain.Pointer (i * work.CoefficientsLength))

    if parameters.Positions then
        for axis in 0..2 do
            let own = NativePtr.add work.Own.Pointer (axis * work.CoefficientsLength)
            emit work features -1 own (rowOf size gradients.Positions ownPlace axis)

    if parameters.Strain then
        for q in 0..2 do
            for p in 0..2 do
                let strain = NativePtr.add work.Strain.Pointer ((3 * q + p) * work.CoefficientsLength)
                emit work features -1 strain (Span(gradients.Strain, (3 * p + q) * size, size))

    match features with
    | CoefficientRows isRaw ->
        let source = if isRaw then inner.Coefficients else inner.Mixed
        copyCoefficients projection isRaw source.Pointer (Span gradients.Values)
    | SpectrumRows isCompact ->
        // Half the derivative along the coefficients themselves.
        Array.Clear gradients.Values
        addSpectrum table isCompact -1 inner.Mixed.Pointer inner.Mixed.Pointer (Span gradients.Values)

        for i in 0 .. size - 1 do
            gradients.Values[i] <- 0.5 * gradients.Values[i]
