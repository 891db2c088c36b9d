namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable

/// Several blocks into one: what joining along samples or properties and moving keys have in common. Each part says
/// where its samples and properties go; whatever no part covers is zero.
module internal Merge =
    /// The different rows of several tables of one width in order of first appearance, or sorted; and for every table
    /// where its rows went.
    let rows (sorted: bool) (names: ImmutableArray<string>) (tables: int[] list) : Labels * int[] list =
        let width = names.Length
        let all = Array.concat tables
        let struct (index, _) = RowIndex.Build(all, width)
        let find position = index.Find(ReadOnlySpan(all, position * width, width))
        // The index finds a row's first appearance.
        let first = Array.init (all.Length / width) find
        let kept = first |> Array.indexed |> Array.filter (fun (i, f) -> i = f) |> Array.map fst
        let union = Labels.takeUnchecked kept (Labels.trusted names all)

        let order =
            if sorted then
                Labels.sortedPositions union
            else
                Array.init union.Count id

        let target = Array.zeroCreate (all.Length / width)
        order |> Array.iteri (fun place position -> target[kept[position]] <- place)
        let labels = if sorted then Labels.takeUnchecked order union else union

        let targets =
            tables
            |> List.mapFold
                (fun start (table: int[]) ->
                    let length = table.Length / width
                    Array.init length (fun i -> target[first[start + i]]), start + length)
                0
            |> fst

        labels, targets

    /// Labels where they differ from others: the first row that is not the same, if names and numbers are.
    let private compared (labels: Labels) (others: Labels) =
        let isSame (row: LabelsRow) = row.Values.SequenceEqual(others[row.Position].Values)

        if
            labels.Count <> others.Count
            || not (labels.Names.AsSpan().SequenceEqual(others.Names.AsSpan()))
        then
            string labels, string others
        else
            match Seq.tryFind (isSame >> not) labels with
            | None -> string labels, string others
            | Some row ->
                let show (labels: Labels) =
                    Seq.map2
                        (fun name (value: int) -> name + "=" + string value)
                        labels.Names
                        (labels[row.Position].Values.ToArray())
                    |> String.concat " "

                let place = " at " + string row.Position
                show labels + place, show others + place

    /// A block with the row of the result where each of its samples goes, and the same for its properties.
    type Part = { Block: TensorBlock; Samples: int[]; Properties: int[] }

    let private show (labels: Labels) = String.concat ", " labels.Names

    let private sameComponents (parts: Part list) =
        let first = parts.Head.Block.Components

        let same (part: Part) =
            part.Block.Components.Length = first.Length
            && Seq.forall2 (fun (a: Labels) (b: Labels) -> a.Equals b) part.Block.Components first

        match parts |> List.tryFind (same >> not) with
        | None -> Ok first
        | Some other ->
            let list components = components |> Seq.map show |> String.concat "; "

            Error(
                AniSoapError.invalid
                    "components of a block"
                    (list other.Block.Components)
                    $"the same components in every block that is joined: {list first}"
            )

    let private values (samples: Labels) (stride: int) (properties: Labels) (parts: Part list) =
        let columns = properties.Count
        let merged = Array.zeroCreate (samples.Count * stride * columns)

        for part in parts do
            for i in 0 .. part.Samples.Length - 1 do
                for m in 0 .. stride - 1 do
                    let row = part.Block.Row(i, m)
                    let start = (part.Samples[i] * stride + m) * columns

                    for p in 0 .. row.Length - 1 do
                        merged[start + part.Properties[p]] <- row[p]

        merged

    /// The block with these samples and properties that holds the values and gradients of all parts. The components
    /// must be the same everywhere, and so must be the gradients' names.
    let rec blocks (samples: Labels) (properties: Labels) (parts: Part list) : Result<TensorBlock, AniSoapError> =
        let head = parts.Head.Block
        let parameters (part: Part) = Seq.toList part.Block.Gradients.Keys

        match parts |> List.tryFind (fun part -> parameters part <> parameters parts.Head) with
        | Some other ->
            let list part = ("'" + (String.concat ", " (parameters part)) + "'")

            Error(
                AniSoapError.invalid "gradients of a block" (list other) $"the same in every block: {list parts.Head}"
            )
        | None ->
            sameComponents parts
            |> Result.bind (fun components ->
                ArraySize.check "numbers of the merged block" [
                    int64 samples.Count
                    int64 head.ComponentCount
                    int64 properties.Count
                ]
                |> Result.map (fun _ -> components))
            |> Result.bind (fun components ->
                values samples head.ComponentCount properties parts
                |> TensorBlock.ofOwned samples components properties)
            |> Result.bind (fun merged ->
                (Ok merged, head.Gradients.Keys)
                ||> Seq.fold (fun block parameter ->
                    block
                    |> Result.bind (fun block ->
                        gradient properties parts parameter
                        |> Result.bind (fun gradient -> TensorBlock.withGradient parameter gradient block))))

    and private gradient properties parts parameter =
        let gradients = parts |> List.map (fun part -> part.Block.Gradients[parameter])
        let names = gradients.Head.Samples.Names

        match
            gradients
            |> List.tryFind (fun g -> not (g.Samples.Names.AsSpan().SequenceEqual(names.AsSpan())))
        with
        | Some other ->
            Error(
                AniSoapError.invalid
                    $"samples of gradient '{parameter}'"
                    (show other.Samples)
                    $"the same in every block: {show gradients.Head.Samples}"
            )
        | None ->
            let renamed (part: Part) (gradient: TensorBlock) =
                let rows = gradient.Samples.Values.ToArray()

                for i in 0 .. names.Length .. rows.Length - 1 do
                    rows[i] <- part.Samples[rows[i]]

                rows

            let samples, targets = rows true names (List.map2 renamed parts gradients)

            List.map3
                (fun (part: Part) block target -> { part with Block = block; Samples = target })
                parts
                gradients
                targets
            |> blocks samples properties

    let internal different what (first: ImmutableArray<string>) (other: ImmutableArray<string>) =
        let show names = String.concat ", " (names: ImmutableArray<string>)
        Error(AniSoapError.invalid (what + " names of a block") (show other) ("the same in every block: " + show first))

    let private sameNames what (labels: Labels list) =
        let first = labels.Head.Names

        match
            labels
            |> List.tryFind (fun l -> not (l.Names.AsSpan().SequenceEqual(first.AsSpan())))
        with
        | Some other -> different what first other.Names
        | None -> Ok first

    let private allDiffer what (labels: Labels) (joined: Labels list) =
        let total = joined |> List.sumBy _.Count

        if labels.Count < total then
            Error(
                AniSoapError.invalid
                    (what + " that several blocks have")
                    (total - labels.Count)
                    (what + " that all differ")
            )
        else
            Ok()

    /// Blocks put together along one axis (`axis`, the entries `along` it), with the same entries `across` it.
    let private joined axis along across other piece assemble (blocksToJoin: TensorBlock list) =
        let mine: Labels list = blocksToJoin |> List.map along
        let shared: Labels = across blocksToJoin.Head

        match blocksToJoin |> List.tryFind (fun block -> not ((across block).Equals shared)) with
        | Some different ->
            let found, expected = compared (across different) shared
            Error(AniSoapError.invalid (other + " of a block") found $"those of the first block: {expected}")
        | None ->
            sameNames axis mine
            |> Result.bind (fun names ->
                let labels, targets = rows false names (mine |> List.map _.Raw)
                let all = Array.init shared.Count id

                allDiffer (if axis = "sample" then "samples" else "properties") labels mine
                |> Result.bind (fun () -> List.map2 (piece all) blocksToJoin targets |> assemble labels shared))

    /// Samples of all blocks one below the other.
    let alongSamples (blocksToJoin: TensorBlock list) : Result<TensorBlock, AniSoapError> =
        let piece all block target = { Block = block; Samples = target; Properties = all }
        joined "sample" _.Samples _.Properties "properties" piece blocks blocksToJoin

    /// Properties of all blocks side by side.
    let alongProperties (blocksToJoin: TensorBlock list) : Result<TensorBlock, AniSoapError> =
        let piece all block target = { Block = block; Samples = all; Properties = target }

        joined
            "property"
            _.Properties
            _.Samples
            "samples"
            piece
            (fun labels shared -> blocks shared labels)
            blocksToJoin

    // --- moving keys ------------------------------------------------------------------------------------------------

    /// The labels with a row's values put before each row.
    let private prefixed (prefix: int[]) (labels: Labels) = [|
        for row in labels do
            yield! prefix
            yield! row.Values.ToArray()
    |]

    let private suffixed (suffix: int[]) (labels: Labels) = [|
        for row in labels do
            yield! row.Values.ToArray()
            yield! suffix
    |]

    /// Blocks whose moved key values become further properties, before the block's own. Samples are the sorted union.
    let keysToProperties (moved: ImmutableArray<string>) (parts: (int[] * TensorBlock) list) =
        let blocksToMerge = parts |> List.map snd

        sameNames "sample" (blocksToMerge |> List.map _.Samples)
        |> Result.bind (fun sampleNames ->
            sameNames "property" (blocksToMerge |> List.map _.Properties)
            |> Result.bind (fun propertyNames ->
                let samples, sampleTargets = rows true sampleNames (blocksToMerge |> List.map _.Samples.Raw)

                Labels.checkNames (moved.AddRange propertyNames)
                |> Result.bind (fun names ->
                    let properties, propertyTargets =
                        rows false names (parts |> List.map (fun (key, block) -> prefixed key block.Properties))

                    List.map3
                        (fun block s p -> { Block = block; Samples = s; Properties = p })
                        blocksToMerge
                        sampleTargets
                        propertyTargets
                    |> blocks samples properties)))

    /// Blocks whose moved key values become further sample dimensions, after the block's own. Rows are sorted;
    /// properties must be the same.
    let keysToSamples (moved: ImmutableArray<string>) (parts: (int[] * TensorBlock) list) =
        let blocksToMerge = parts |> List.map snd
        let properties = blocksToMerge.Head.Properties

        match
            blocksToMerge
            |> List.tryFind (fun block -> not (block.Properties.Equals properties))
        with
        | Some other ->
            let found, expected = compared other.Properties properties
            Error(AniSoapError.invalid "properties of a block" found $"those of the first block: {expected}")
        | None ->
            sameNames "sample" (blocksToMerge |> List.map _.Samples)
            |> Result.bind (fun sampleNames ->
                Labels.checkNames (sampleNames.AddRange moved)
                |> Result.bind (fun names ->
                    let samples, targets =
                        rows true names (parts |> List.map (fun (key, block) -> suffixed key block.Samples))

                    let columns = Array.init properties.Count id

                    List.map2
                        (fun block s -> { Block = block; Samples = s; Properties = columns })
                        blocksToMerge
                        targets
                    |> blocks samples properties))
