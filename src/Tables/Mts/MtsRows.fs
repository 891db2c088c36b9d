namespace AniSoap

open System
open AniSoap.Formats

/// Writes a TensorMap a row at a time. The blocks grow side by side, in files beside the target, until all are complete.
[<Sealed>]
type internal MtsRows(layout: TableLayout, byKey: RowsByKey, file: AtomicFile) =
    inherit TableWriter(layout, file)
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

    override rows.Write(sample, values) =
        let row = SparseRow.Dense values
        rows.WriteSparse(sample, &row)

    override rows.WriteSparse(sample, row) =
        match blockOf.TryGetValue sample[dimension] with
        | false, _ ->
            let known = String.Join(", ", blockOf.Keys |> Seq.map string)
            Error(AniSoapError.invalid byKey.Dimension sample[dimension] known)
        | true, block ->
            let target = samples[block].Stream
            rows.WriteIntegers(target, sample.Slice(0, dimension))
            rows.WriteIntegers(target, sample.Slice(dimension + 1))
            counts[block] <- counts[block] + 1L
            rows.WriteNumbers(values[block].Stream, &row)

    override _.Finish() =
        let sink = MtsSink file.Stream

        let copy (spill: Spill) stream =
            spill.CopyTo stream
            // Its room on the disk is wanted for the next.
            (spill :> IDisposable).Dispose()

        sink.Labels("keys.npy", byKey.Keys)

        for block in 0 .. byKey.Keys.Count - 1 do
            let prefix = "blocks/" + string block + "/"

            let shape = [
                counts[block]
                yield! byKey.Components |> List.map (fun _ -> 1L)
                int64 layout.Properties.Count
            ]

            sink.Values(prefix + "values.npy", layout.Precision, shape, copy values[block])
            sink.Samples(prefix + "samples.npy", names, counts[block], copy samples[block])
            sink.Components(prefix, byKey.Components)
            sink.Labels(prefix + "properties.npy", layout.Properties)

        sink.Finish layout.Metadata
        Ok()

    override _.Release() =
        for spill in Seq.append values samples do
            (spill :> IDisposable).Dispose()

module internal MtsRows =
    /// What keeps the rows from fitting the keys, if anything.
    let check (layout: TableLayout) (byKey: RowsByKey) : Result<unit, AniSoapError> =
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
