namespace AniSoap

open System
open System.Buffers
open System.IO
open AniSoap.Numerics
open AniSoap.Formats

/// How the blocks of features are called and ordered in a file, where not as in this library.
[<NoComparison; NoEquality; RequireQualifiedAccess>]
type internal BlockNames = {
    /// The keys in the order of the file.
    Keys: Labels
    /// For each of them the position of its block in the library's order.
    Blocks: int list
    /// Another name for a dimension of samples, components or properties.
    Rename: string -> string
}

/// Writes features with their gradients as a TensorMap while they come: rows wait in a file beside the target, for each species as centre (or of a pair) and
/// each parameter by themselves, until all shapes are known. Memory does not grow with the number of rows.
[<Sealed>]
type internal MtsGradients(layout: BlockLayout, kind: FeatureKind, precision: Precision, file: AtomicFile) =
    let segments = layout.Segments
    let size = layout.Size
    let groups = layout.Groups
    let wanted = layout.Parameters
    let bytes = if precision = Precision.Single then 4 else 8
    let buffer = NpyData.newBuffer ()
    let isSingle = precision = Precision.Single
    let range = SingleRange()

    // What single precision must not make zeros of: a block, and of bare primitives a column, whose powers of lengths differ.
    let partOfNumber, whatOfPart =
        let parts = [|
            for s in 0 .. segments.Length - 1 do
                let columns = segments[s].Properties.Count

                match kind with
                | ExpansionCoefficients RadialForm.Raw
                | PairCoefficients RadialForm.Raw ->
                    for i in 0 .. segments[s].Length - 1 -> layout.Called[s], i % columns
                | _ -> for _ in 1 .. segments[s].Length -> layout.Called[s], 0
        |]

        let distinct = Array.distinct parts
        let places = distinct |> Array.mapi (fun place part -> part, place) |> dict

        (if isSingle then
             parts |> Array.map (fun part -> places[part])
         else
             [||]),
        Array.map fst distinct

    let singles =
        Array.init (1 + wanted.Length) (fun _ ->
            Array.init (if isSingle then groups else 0) (fun _ -> SingleParts whatOfPart.Length))

    let pages = new SpillPages(file.Path, 2 * groups * (1 + wanted.Length))

    // [0]: the features; then a parameter each.
    let parts () =
        Array.init (1 + wanted.Length) (fun _ -> Array.init groups (fun _ -> new SpillPart(pages)))

    let values = parts ()
    let samples = parts ()
    let counts = Array.init (1 + wanted.Length) (fun _ -> Array.zeroCreate<int64> groups)
    let mutable failure = None
    let names = layout.SampleNames

    let partOf (all: SpillPart[][]) i t : Stream =
        let some = all[i]
        some[t]

    let add i t (sample: ReadOnlySpan<int>) (rows: ReadOnlySpan<float>) =
        NpyData.writeIntegers (partOf samples i t) sample

        if isSingle then
            range.Add rows
            let parts = singles[i][t]

            for at in 0 .. rows.Length - 1 do
                parts.Add(partOfNumber[at % size], rows[at])

        match NpyData.writeFloats precision buffer (partOf values i t) rows with
        | Ok() -> ()
        | Error error -> failure <- Some error

        counts[i][t] <- counts[i][t] + 1L

    /// The row that a derivative belongs to, as its samples have it: a number of 32 bits.
    let rowOf t =
        let row = counts[0][t] - 1L

        if row > int64 Int32.MaxValue then
            failure <-
                Some(
                    AniSoapError.invalid "rows of one block" row "at most 2^31, as their numbers stand beside gradients"
                )

        int row

    /// The numbers of one segment out of rows of all.
    let copySegment (source: Stream) (segment: Segment) (target: Stream) =
        source.Position <- 0L
        let rows = max 1 ((1 <<< 20) / (size * bytes))
        let block = ArrayPool<byte>.Shared.Rent(rows * size * bytes)

        try
            let mutable got = source.ReadAtLeast(Span(block, 0, rows * size * bytes), rows * size * bytes, false)

            while got > 0 do
                for row in 0 .. got / (size * bytes) - 1 do
                    target.Write(ReadOnlySpan(block, (row * size + segment.From) * bytes, segment.Length * bytes))

                got <- source.ReadAtLeast(Span(block, 0, rows * size * bytes), rows * size * bytes, false)
        finally
            ArrayPool<byte>.Shared.Return block

    interface IGradientSink with
        member _.Row(t, system, atom, row) =
            let sample = [| system; atom |]

            let largest = if isSingle then Precision.vanishing row else 0.0

            if largest > 0.0 then
                let particle = if names.Length > 1 then ", particle " + string atom else ""
                failure <- Some(Precision.tooSmall ("frame " + string system + particle) largest)

            add 0 t (ReadOnlySpan(sample, 0, names.Length)) row

        member _.Atom(parameter, t, system, atom, rows) =
            let sample = [| rowOf t; system; atom |]
            add (1 + Array.IndexOf(wanted, parameter)) t (ReadOnlySpan sample) rows

        member _.Strain(t, rows) =
            let sample = [| rowOf t |]
            add (1 + Array.IndexOf(wanted, GradientParameter.Strain)) t (ReadOnlySpan sample) rows

    interface IPairSink with
        member _.Pair(kind, sample, row) = add 0 kind sample row

    /// What kept a number from being written, if anything.
    member _.Failure = failure

    /// What keeps all that was added from being written in its precision.
    member _.Misfit =
        let ofPart i (parts: SingleParts) =
            match parts.Vanishing with
            | ValueNone -> None
            | ValueSome(struct (part, largest)) ->
                let by =
                    if i = 0 then
                        ""
                    else
                        ", derived by " + GradientParameter.name wanted[i - 1]

                Some(Precision.tooSmall (whatOfPart[part] + by) largest)

        match failure, range.Check() with
        | Some _, _ -> failure
        | None, Error error -> Some error
        | None, Ok() ->
            singles
            |> Seq.indexed
            |> Seq.tryPick (fun (i, groups) -> Array.tryPick (ofPart i) groups)

    /// Writes the archive.
    member _.Finish(info: Map<string, string>, called: BlockNames option) =
        let sink = MtsSink file.Stream

        let rename name =
            match called with
            | Some names -> names.Rename name
            | None -> name

        let renamed (labels: Labels) =
            match called with
            | Some _ ->
                Labels.trusted
                    (System.Collections.Immutable.ImmutableArray.CreateRange(Seq.map rename labels.Names))
                    (labels.Values.ToArray())
            | None -> labels

        let addSamples name (names: string seq) (count: int64) (source: Stream) =
            source.Position <- 0L
            sink.Samples(name, Seq.map rename names, count, (fun stream -> source.CopyTo(stream, 1 <<< 20)))

        let addValues prefix (own: Labels list) (segment: Segment) (count: int64) (source: Stream) =
            let shape = [
                count
                yield! own @ segment.Components |> List.map (fun labels -> int64 labels.Count)
                int64 segment.Properties.Count
            ]

            sink.Values(prefix + "values.npy", precision, shape, copySegment source segment)

        let addComponents prefix (own: Labels list) (segment: Segment) =
            sink.Components(prefix, own @ segment.Components |> List.map renamed)

        let addBlock place s t =
            let prefix = "blocks/" + string place + "/"
            addValues prefix [] segments[s] (counts[0][t]) (partOf values 0 t)
            addSamples (prefix + "samples.npy") names (counts[0][t]) (partOf samples 0 t)
            addComponents prefix [] segments[s]
            sink.Labels(prefix + "properties.npy", renamed segments[s].Properties)

            for i in 1 .. wanted.Length do
                let parameter = wanted[i - 1]
                let prefix = prefix + "gradients/" + GradientParameter.name parameter + "/"
                let own = GradientParameter.components parameter
                addValues prefix own segments[s] (counts[i][t]) (partOf values i t)
                let names = GradientParameter.sampleNames parameter
                addSamples (prefix + "samples.npy") names (counts[i][t]) (partOf samples i t)
                addComponents prefix own segments[s]

        match called with
        | Some names ->
            sink.Labels("keys.npy", names.Keys)

            names.Blocks
            |> List.iteri (fun place block -> addBlock place (block / groups) (block % groups))
        | None ->
            sink.Labels("keys.npy", layout.Keys)

            for block in 0 .. segments.Length * groups - 1 do
                addBlock block (block / groups) (block % groups)

        sink.Finish info

    interface IDisposable with
        member _.Dispose() = (pages :> IDisposable).Dispose()
