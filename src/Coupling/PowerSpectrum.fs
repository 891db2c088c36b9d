namespace AniSoap

open System
open System.Collections.Immutable
open AniSoap.Kernels

/// The power spectrum: p = (−1)^l/√(2l+1) Σ_m c_nlm c_n'lm, the invariant (L = 0) part of the product of an expansion with
/// itself; all ordered pairs (n, t), (n', t').
module PowerSpectrum =
    let private names = ImmutableArray.Create("l", "n_1", "neighbor_1_type", "n_2", "neighbor_2_type")

    let private columns (projection: Projection) (prefix: int list) = [|
        for l in 0 .. projection.Hypers.MaxAngular do
            for n1 in 0 .. projection.RadialCount l - 1 do
                for t1 in projection.Species do
                    for n2 in 0 .. projection.RadialCount l - 1 do
                        for t2 in projection.Species do
                            yield! prefix
                            l
                            n1
                            t1
                            n2
                            t2
    |]

    /// The columns of one particle's spectrum: l slowest, then n_1, neighbor_1_type, n_2, neighbor_2_type.
    let propertiesPerParticle (projection: Projection) : Labels = Labels.trusted names (columns projection [])

    /// The columns of a frame's mean spectrum: the same for every species as centre, center_type slowest.
    let propertiesMean (projection: Projection) : Labels =
        Labels.trusted (names.Insert(0, "center_type")) [|
            for species in projection.Species do
                yield! columns projection [ species ]
        |]

    /// Number of columns of one particle's spectrum.
    let internal length (projection: Projection) =
        projection.Table.SpectrumOffsets[projection.Table.MaxAngular + 1]

    /// The spectra of all centres and per species the sums over a frame's centres of it, computed centre by centre.
    let private compute (projection: Projection) threads (frames: (int * Frame)[]) (target: int -> int -> int -> float[] * int) =
        let workspaces = Array.init (max 1 threads) (fun _ -> Workspace projection)
        let size = length projection
        let spectra = workspaces |> Array.map (fun work -> work, AlignedBuffer(size)) |> dict

        frames
        |> Array.iteri (fun f (_, frame) ->
            let prepared = PreparedFrame(projection, frame)

            CenterLoop.forEachCenter
                workspaces
                prepared
                (Action<_, _>(fun work center ->
                    let spectrum = spectra[work]
                    spectrum.Span.Clear()
                    CenterKernel.orthonormalize work
                    ContractionKernel.addSpectrum projection.Table work.Mixed.Pointer spectrum.Pointer
                    let values, at = target f center prepared.Gaussians.SpeciesIndex[center]
                    spectrum.Span.CopyTo(Span(values, at, size)))))

    let private keyLabels (projection: Projection) =
        Labels.trusted (ImmutableArray.Create "center_type") (Seq.toArray projection.Species)

    /// The spectrum of every centre on up to `threads` threads; the result does not depend on their number, bit for bit.
    let perParticleWith (threads: int) (projection: Projection) (frames: (int * Frame) seq) : Result<TensorMap, AniSoapError> =
        Expansion.checkAll projection frames
        |> Result.map (fun frames ->
            let rows, samples = Expansion.samplesBySpecies projection frames
            let size = length projection
            let values = samples |> Array.map (fun labels -> Array.zeroCreate<float> (labels.Count * size))
            compute projection threads frames (fun f center t -> values[t], rows[f][center] * size)
            let properties = propertiesPerParticle projection

            let blocks =
                Array.map2 (fun labels owned -> TensorBlock.ofOwned labels [] properties owned |> Expansion.sure) samples values

            TensorMap.create (keyLabels projection) blocks |> Expansion.sure)

    /// The spectrum of every centre of the frames, each with its system number. Keys center_type (every species of the run); samples
    /// system, atom; properties l, n_1, neighbor_1_type, n_2, neighbor_2_type. Refuses species that the projection does not know.
    let perParticle projection frames = perParticleWith 1 projection frames

    /// The mean of a per-particle spectrum over the centres of each system: one sample (system) for every system named, zeros where a system
    /// has no centre of the species.
    let meanOver (systems: int seq) (spectra: TensorMap) : TensorMap =
        let systems = systems |> Seq.distinct |> Seq.toArray
        let samples = Labels.trusted (ImmutableArray.Create "system") systems
        let rowOf = systems |> Seq.mapi (fun row system -> system, row) |> dict

        let meanBlock (block: TensorBlock) =
            let size = block.Properties.Count
            let values = Array.zeroCreate<float> (systems.Length * size)
            let counts = Array.zeroCreate<int> systems.Length

            for sample in 0 .. block.Samples.Count - 1 do
                let row = rowOf[block.Samples.Values[2 * sample]]
                counts[row] <- counts[row] + 1
                let source = block.Row(sample, 0)

                for i in 0 .. size - 1 do
                    values[row * size + i] <- values[row * size + i] + source[i]

            for row in 0 .. systems.Length - 1 do
                if counts[row] > 0 then
                    for i in row * size .. (row + 1) * size - 1 do
                        values[i] <- values[i] / float counts[row]

            TensorBlock.ofOwned samples [] block.Properties values |> Expansion.sure

        TensorMap.create spectra.Keys (spectra.Blocks |> Seq.map meanBlock) |> Expansion.sure

    /// The mean spectrum of each frame over its centres of each species. Keys center_type; samples system; properties as per particle.
    let mean (projection: Projection) (frames: (int * Frame) seq) : Result<TensorMap, AniSoapError> =
        let frames = Seq.toArray frames
        perParticle projection frames |> Result.map (meanOver (frames |> Seq.map fst))
