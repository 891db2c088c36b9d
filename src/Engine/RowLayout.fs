namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
open AniSoap

/// What stands in a row while it is added up: for each l three derivatives of each entry side by side, padded to whole eights.
///
/// Entries of spectra are (n, q), n of the bare primitives (times f_nl) of the neighbour that is derived by, q a column of the centre's orthonormal coefficients:
/// mixing the radial functions of n commutes with the sums over centres and neighbours, and so is done once a row, at the end. Entries of coefficients are (m, n).
///
/// Rows of so many features that are finished already (`finished`, else 0) are these themselves, three one after another: what every centre changes by itself, as
/// normalised spectra are, is finished centre by centre.
[<Sealed>]
type internal RowLayout(projection: Projection, features: FeatureRows.Features, finished: int) =
    let table = projection.Table
    let isSpectrum = features.IsSpectrumRows

    let entries =
        Array.init (table.MaxAngular + 1) (fun l ->
            let count = table.RadialCounts[l]

            let entries =
                if isSpectrum then
                    count * table.Columns[l]
                else
                    (2 * l + 1) * count

            (3 * entries + 7) / 8 * 8)

    let offsets = Array.scan (+) 0 entries

    // What takes functions of bare primitives, times f_nl, to those of a row of features: [k][n] for each l.
    let mixing =
        let derivatives = projection.GradientTables.Derivatives

        Array.init (table.MaxAngular + 1) (fun l ->
            let count = table.RadialCounts[l]
            let padded = table.PaddedColumns[l]
            let sign = (if l % 2 = 0 then 1.0 else -1.0) / sqrt (2.0 * float l + 1.0)
            let values = Array.zeroCreate<float>(count * count)

            for k in 0 .. count - 1 do
                for n in 0 .. count - 1 do
                    // Of the first column: all have the same.
                    let mixed () =
                        let place = k * table.SpeciesCount * padded + n * table.SpeciesCount
                        projection.Mixing.Span[projection.MixingOffsets[l] + place]

                    let value =
                        match features with
                        | FeatureRows.SpectrumRows _ -> sign * mixed ()
                        | FeatureRows.CoefficientRows false -> mixed ()
                        | FeatureRows.CoefficientRows true -> if k = n then projection.RawScale(l, n) else 0.0

                    values[k * count + n] <- value / derivatives.Scales[l * derivatives.ScaleStride + k]

            values)

    // For every source of density the columns that it has, with its weights in them: its own alone, or the channels that it is mixed into.
    let columnsOf =
        let weights = projection.ChannelWeights
        let columns = table.SpeciesCount

        Array.init projection.SourceCount (fun source ->
            if weights.Length = 0 then
                [| struct (source, 1.0) |]
            else
                [|
                    for channel in 0 .. columns - 1 do
                        let weight = weights[source * columns + channel]

                        if weight <> 0.0 then
                            struct (channel, weight)
                |])

    /// Of rows that are added up before they are finished.
    new(projection, features) = RowLayout(projection, features, 0)

    member _.Features = features
    member _.Projection = projection
    member _.IsSpectrum = isSpectrum

    /// Numbers of one row.
    member _.Length =
        if finished > 0 then
            (3 * finished + 7) / 8 * 8
        else
            offsets[table.MaxAngular + 1]

    /// Where each l begins, and how many numbers it has.
    member _.Offsets = offsets
    member _.Entries = entries

    /// Numbers that `Finish` needs room for.
    member _.Scratch =
        Array.max (Array.map2 (*) table.RadialCounts (table.Columns |> Array.map (fun q -> 3 * q + 8)))

    /// Adds what a row of a neighbour of source t stands for, times a factor, to three rows of features of `size` numbers.
    member layout.Finish(t: int, factor: float, row: nativeptr<float>, scratch: nativeptr<float>, target: Span<float>) =
        FullOptimization.ask ()

        if finished > 0 then
            RowSums.addScaled factor (ReadOnlySpan<float>(NativePtr.toVoidPtr row, 3 * finished)) target
        else
            layout.FinishSums(t, factor, row, scratch, target)

    member private _.FinishSums
        (t: int, factor: float, row: nativeptr<float>, scratch: nativeptr<float>, target: Span<float>)
        =
        FullOptimization.ask ()
        let species = table.SpeciesCount
        let channels = columnsOf[t]
        let size = target.Length / 3
        let mutable start = 0

        for l in 0 .. table.MaxAngular do
            let count = table.RadialCounts[l]
            let columns = table.Columns[l]
            let matrix = mixing[l]
            let from = NativePtr.add row offsets[l]

            if isSpectrum then
                let width = 3 * columns

                for n in 0 .. count - 1 do
                    let into = NativePtr.add scratch (n * width)
                    let mutable i = 0

                    // What is computed beyond the end of a row is overwritten by the next one.
                    while i < width do
                        let mutable sum = Vector256<float>.Zero

                        for k in 0 .. count - 1 do
                            sum <-
                                Vector256.MultiplyAddEstimate(
                                    Vector256.Create(factor * matrix[k * count + n]),
                                    Vector256.Load(NativePtr.add from (k * width + i)),
                                    sum
                                )

                        Vector256.Store(sum, NativePtr.add into i)
                        i <- i + 4

                let isCompact =
                    match features with
                    | FeatureRows.SpectrumRows isCompact -> isCompact
                    | FeatureRows.CoefficientRows _ -> false

                for n in 0 .. count - 1 do
                    for struct (channel, weight) in channels do
                        let q1 = n * species + channel

                        for q2 in 0 .. columns - 1 do
                            let value = NativePtr.add scratch ((n * columns + q2) * 3)

                            for axis in 0..2 do
                                let value = weight * NativePtr.get value axis
                                let first = axis * size + start

                                if isCompact then
                                    let at = first + SpectrumColumns.compactPlace columns q1 q2

                                    target[at] <- target[at] + (if q1 = q2 then 2.0 * value else sqrt 2.0 * value)
                                else
                                    let there = first + q1 * columns + q2
                                    let back = first + q2 * columns + q1
                                    target[there] <- target[there] + value
                                    target[back] <- target[back] + value

                start <- start + SpectrumColumns.pairCount isCompact columns
            else
                for m in 0 .. 2 * l do
                    for n in 0 .. count - 1 do
                        for axis in 0..2 do
                            let mutable sum = 0.0

                            for k in 0 .. count - 1 do
                                sum <- sum + matrix[k * count + n] * NativePtr.get from ((m * count + k) * 3 + axis)

                            for struct (channel, weight) in channels do
                                let at = axis * size + start + m * columns + n * species + channel
                                target[at] <- target[at] + weight * factor * sum

                start <- start + (2 * l + 1) * columns
