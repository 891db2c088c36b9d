namespace AniSoap

open System
open System.IO
open System.Runtime.InteropServices

/// How rows are sorted into the blocks of a TensorMap: the sample dimension `Dimension` of a row is taken out of its
/// sample and names the key (whose other dimensions are the same for all). Keys that no row has get empty blocks.
type RowsByKey = {
    /// The keys of the blocks.
    Keys: Labels
    /// The dimension of samples whose number chooses the block.
    Dimension: string
    /// Axes of length one between samples and properties, where the convention wants some.
    Components: Labels list
}

/// Writes a TensorMap a row at a time. The blocks grow side by side, in files beside the target, until all are complete.
[<Sealed>]
type internal MtsRows(layout: RowLayout, byKey: RowsByKey, file: AtomicFile) =
    inherit RowFile(layout, file)
    let buffer = NpyData.newBuffer ()
    let dimension = layout.SampleNames |> List.findIndex ((=) byKey.Dimension)
    let keyDimension = byKey.Keys.Dimension byKey.Dimension

    let blockOf =
        let blocks = Collections.Generic.Dictionary<int, int>()

        for key in byKey.Keys do
            blocks[key[keyDimension]] <- key.Position

        blocks

    let counts = Array.zeroCreate<int64> byKey.Keys.Count
    let values = Array.init byKey.Keys.Count (fun _ -> new Spill(file.Path))
    let samples = Array.init byKey.Keys.Count (fun _ -> new Spill(file.Path))
    let names = layout.SampleNames |> List.filter ((<>) byKey.Dimension)

    override _.Write(sample, row) =
        match blockOf.TryGetValue sample[dimension] with
        | false, _ ->
            let known = String.Join(", ", blockOf.Keys |> Seq.map string)
            Error(AniSoapError.invalid byKey.Dimension sample[dimension] known)
        | true, block ->
            let target = samples[block].Stream
            NpyData.writeIntegers target (sample.Slice(0, dimension))
            NpyData.writeIntegers target (sample.Slice(dimension + 1))
            counts[block] <- counts[block] + 1L
            NpyData.writeFloats layout.Precision buffer values[block].Stream row

    override _.Finish() =
        let zip = ZipWriter file.Stream

        let addLabels name labels =
            let head = NpyHeader.bytesOf (NpyData.labelsHeader labels)
            NpyData.writeIntegers (zip.Begin(name, head.Length)) labels.Values
            zip.End head

        let addSpill name header (spill: Spill) =
            let head = NpyHeader.bytesOf header
            spill.CopyTo(zip.Begin(name, head.Length))
            zip.End head
            // Its room on the disk is wanted for the next.
            (spill :> IDisposable).Dispose()

        addLabels "keys.npy" byKey.Keys

        for block in 0 .. byKey.Keys.Count - 1 do
            let shape = [
                counts[block]
                yield! byKey.Components |> List.map (fun _ -> 1L)
                int64 layout.Properties.Count
            ]

            let scalar = NpyData.scalarOf layout.Precision
            addSpill $"blocks/{block}/values.npy" (NpyData.header (Scalar scalar) shape) values[block]
            let element = Record [ for name in names -> name, NpyHeader.int4 ]
            addSpill $"blocks/{block}/samples.npy" (NpyData.header element [ counts[block] ]) samples[block]

            byKey.Components
            |> List.iteri (fun j labels -> addLabels $"blocks/{block}/components/{j}.npy" labels)

            addLabels $"blocks/{block}/properties.npy" layout.Properties

        if not layout.Metadata.IsEmpty then
            zip.Add("info.json", Metadata.toFlatJson layout.Metadata)

        zip.Finish()
        Ok()

    override _.Release() =
        for spill in Seq.append values samples do
            (spill :> IDisposable).Dispose()

module internal MtsRows =
    /// What keeps the rows from fitting the keys, if anything.
    let check (layout: RowLayout) (byKey: RowsByKey) : Result<unit, AniSoapError> =
        let others = layout.SampleNames |> List.filter ((<>) byKey.Dimension)

        if not (List.contains byKey.Dimension layout.SampleNames) then
            Error(AniSoapError.invalid "key dimension" byKey.Dimension (String.concat ", " layout.SampleNames))
        elif byKey.Components |> List.exists (fun labels -> labels.Count <> 1) then
            Error(AniSoapError.invalid "components" "longer than one" "components of one entry")
        elif others.IsEmpty then
            Error(AniSoapError.invalid "sample names" byKey.Dimension "one more, for the blocks' samples")
        else
            Labels.column byKey.Dimension byKey.Keys
            |> Result.bind (fun values ->
                if (Seq.distinct values |> Seq.length) < values.Length then
                    Error(AniSoapError.invalid "keys" byKey.Keys $"keys that all differ in {byKey.Dimension}")
                else
                    Ok())
