/// Pair spectra without derivatives: F_kb = Σ φ_k S_b over the pairs of a frame (symbols as in PairPull), lanes added at the end alone.
module internal AniSoap.Numerics.PairValues

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// Adds one family's columns.
let private add<'L, 'V when 'L :> ILanes<'V>>
    (channels: nativeptr<float>)
    channelCount
    (scalars: nativeptr<float>)
    length
    (sums: nativeptr<float>)
    =
    FullOptimization.ask ()
    let stride = 'L.Count

    for k in 0 .. channelCount - 1 do
        let w = 'L.Load(channels, ChannelLanes.ChannelNumbers * k * stride)
        let into = NativePtr.add sums (k * length * stride)

        for b in 0 .. length - 1 do
            'L.Store(into, b * stride, 'L.MultiplyAdd(w, 'L.Load(scalars, b * stride), 'L.Load(into, b * stride)))

let private block<'L, 'V when 'L :> ILanes<'V>> frame (work: ScalarLanes.Workspace) center first count sums =
    let layout = work.Basis.Layout
    let channels = work.Channels.Channels.Pointer
    let stride = 'L.Count
    ScalarLanes.compute<'L, 'V> frame work center first count
    add<'L, 'V> channels layout.OwnChannels work.OwnScalars.Pointer layout.OwnLength sums

    add<'L, 'V>
        (NativePtr.add channels (ChannelLanes.ChannelNumbers * layout.OwnChannels * stride))
        layout.NeighborChannels
        work.NeighborScalars.Pointer
        layout.NeighborLength
        (NativePtr.add sums (layout.OwnChannels * layout.OwnLength * stride))

/// Adds the pairs of one centre to `sums`, by column and lane.
let addCenter (frame: PairFrame) (work: ScalarLanes.Workspace) place (sums: AlignedBuffer) =
    let basis = work.Basis
    let stride = work.Pairs.Stride
    let lanes = work.Pairs.Work.Lanes
    let center = PairBlock.find frame work.Pairs place work.Starts
    let species = frame.Gaussians.SpeciesIndex[center]

    for t in 0 .. basis.Species.Length - 1 do
        let isMixed = basis.ChannelWeights.Length > 0

        let into =
            if isMixed then
                work.Mixing.Span.Clear()
                work.Mixing.Pointer
            else
                NativePtr.add sums.Pointer (basis.FirstColumn(species, t) * stride)

        for first in work.Starts[t] .. lanes .. work.Starts[t + 1] - 1 do
            let count = min lanes (work.Starts[t + 1] - first)

            if stride = 8 then
                block<Lanes512, Vector512<float>> frame work center first count into
            else
                block<Lanes256, Vector256<float>> frame work center first count into

        if isMixed && work.Starts[t] < work.Starts[t + 1] then
            let length = basis.Layout.Length * stride

            basis.VisitChannels(
                species,
                t,
                (fun column weight ->
                    RowSums.addScaled
                        weight
                        (Span.op_Implicit (work.Mixing.Span.Slice(0, length)))
                        (sums.Span.Slice(column * stride, length)))
            )
