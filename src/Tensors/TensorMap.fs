namespace AniSoap

open System
open System.Collections
open System.Collections.Generic
open System.Collections.Immutable
open AniSoap.Display

/// Blocks by key: every row of `Keys` names the block at the same place. All blocks have the same names of samples,
/// components and properties, and the same gradients. Immutable.
[<Sealed; NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
[<TypeFormatterSource(typeof<DisplaySource>)>]
type TensorMap internal (keys: Labels, blocks: ImmutableArray<TensorBlock>, info: Map<string, string>) =
    /// The names of the blocks.
    member _.Keys = keys

    /// The blocks, in the order of the keys.
    member _.Blocks = blocks

    /// What is known about the whole: hyperparameters, versions, units, …
    member _.Info = info

    /// The number of blocks.
    member _.Count = blocks.Length

    /// One block by its number.
    member _.Item
        with get (position: int) = blocks[position]

    /// Every block's key and the lengths of its axes.
    member internal _.Shown =
        let lengths (labels: Labels seq) = String.Join(" × ", labels |> Seq.map _.Count)
        let hasGradients = blocks |> Seq.exists (fun block -> block.Gradients.Count > 0)

        let header = [
            yield! keys.Names
            "samples"
            "components"
            "properties"
            if hasGradients then
                "gradients"
        ]

        DisplayTable.create
            (if blocks.Length = 1 then
                 "1 block"
             else
                 (string blocks.Length + " blocks"))
            header
            blocks.Length
            (fun i ->
                let block = blocks[i]

                [
                    yield! keys[i].Values.ToArray() |> Seq.map string
                    string block.Samples.Count
                    lengths block.Components
                    string block.Properties.Count
                    if hasGradients then
                        String.Join(", ", block.Gradients.Keys)
                ])

    member internal map.Display = DisplayTable.toText map.Shown

    interface IDisplayed with
        member map.ToHtml() = DisplayTable.toHtml map.Shown

    /// Every block's key and the lengths of its axes, as a short table.
    override map.ToString() = map.Display

    interface IReadOnlyList<struct (LabelsRow * TensorBlock)> with
        member _.Count = blocks.Length

        member _.Item
            with get position = struct (keys[position], blocks[position])

        member _.GetEnumerator() : IEnumerator<struct (LabelsRow * TensorBlock)> =
            (Seq.init blocks.Length (fun position -> struct (keys[position], blocks[position]))).GetEnumerator()

        member map.GetEnumerator() : IEnumerator =
            (map :> IEnumerable<struct (LabelsRow * TensorBlock)>).GetEnumerator()

/// Maps: blocks chosen, joined, and moved between keys and rows or columns.
module TensorMap =
    /// The names that must agree between blocks, of a block's samples, components, properties and gradients.
    let internal names samples (components: Labels seq) properties (gradients: string seq) =
        let list labels = String.concat ", " (Labels.names labels)

        [
            "sample names", list samples
            "component names", components |> Seq.map list |> String.concat "; "
            "property names", list properties
            "gradients", String.concat ", " gradients
        ]

    /// What keeps blocks with these names from being those of the keys, if anything.
    let internal checkBlocks (keys: Labels) (namesOfBlocks: (string * string) list list) : Result<unit, AniSoapError> =
        if namesOfBlocks.Length <> keys.Count then
            Error(AniSoapError.invalid "number of blocks" namesOfBlocks.Length (string keys.Count + ", one a key"))
        else
            let difference =
                namesOfBlocks
                |> Seq.indexed
                |> Seq.tryPick (fun (i, names) ->
                    List.zip names namesOfBlocks.Head
                    |> List.tryFind (fun (mine, first) -> mine <> first)
                    |> Option.map (fun (mine, first) -> i, mine, first))

            match difference with
            | Some(i, (what, mine), (_, first)) ->
                Error(AniSoapError.invalid (what + " of block " + string i) $"'{mine}'" $"the first block's: '{first}'")
            | None -> Ok()

    /// A map of a block for every key. Refuses blocks that differ in the names of samples, components, properties or
    /// gradients.
    let create (keys: Labels) (blocks: TensorBlock seq) : Result<TensorMap, AniSoapError> =
        let blocks = ImmutableArray.CreateRange blocks

        [
            for block in blocks -> names block.Samples block.Components block.Properties block.Gradients.Keys
        ]
        |> checkBlocks keys
        |> Result.map (fun () -> TensorMap(keys, blocks, Map.empty))

    /// A map of one block that needs no key.
    let single (block: TensorBlock) : TensorMap = TensorMap(Labels.single, ImmutableArray.Create block, Map.empty)

    /// The map with other information.
    let withInfo (info: Map<string, string>) (map: TensorMap) : TensorMap = TensorMap(map.Keys, map.Blocks, info)

    /// Keys and blocks, in order.
    let toSeq (map: TensorMap) : (LabelsRow * TensorBlock) seq = Seq.zip map.Keys map.Blocks

    let private selection (pairs: (string * int) list) = Labels.ofValues (List.map fst pairs) (List.map snd pairs)

    let private at positions (map: TensorMap) =
        TensorMap(
            Labels.takeUnchecked positions map.Keys,
            ImmutableArray.CreateRange(positions |> Seq.map (fun position -> map.Blocks[position])),
            map.Info
        )

    /// The blocks whose keys have these values in these dimensions, with their keys. No dimensions: all blocks.
    let select (values: (string * int) list) (map: TensorMap) : Result<TensorMap, AniSoapError> =
        if values.IsEmpty then
            Ok map
        else
            selection values
            |> Result.bind (fun wanted -> Labels.select wanted map.Keys)
            |> Result.map (fun positions -> at positions map)

    /// The one block whose key has these values in these dimensions, `block [ "o3_lambda", 2; "center_type", 1 ]`. None
    /// and several are errors.
    let block (values: (string * int) list) (map: TensorMap) : Result<TensorBlock, AniSoapError> =
        select values map
        |> Result.bind (fun found ->
            if found.Count = 1 then
                Ok found.Blocks[0]
            else
                let wanted =
                    values
                    |> List.map (fun (name, value) -> name + "=" + string value)
                    |> String.concat ", "

                Error(
                    AniSoapError.invalid
                        "block"
                        wanted
                        ("values that one key has; "
                         + string found.Count
                         + " of "
                         + string map.Count
                         + " keys have these")
                ))

    /// The blocks whose keys fulfil the predicate.
    let filterKeys (predicate: LabelsRow -> bool) (map: TensorMap) : TensorMap =
        at (Labels.positionsWhere predicate map.Keys) map

    /// The block of every key replaced. The new blocks must agree in their names.
    let mapBlocks
        (mapping: LabelsRow -> TensorBlock -> Result<TensorBlock, AniSoapError>)
        (map: TensorMap)
        : Result<TensorMap, AniSoapError> =
        seq { 0 .. map.Count - 1 }
        |> Result.traverse (fun position -> mapping map.Keys[position] map.Blocks[position])
        |> Result.bind (create map.Keys)
        |> Result.map (withInfo map.Info)

    /// The samples that agree with some row of the selection (see `Labels.select`), in every block.
    let selectSamples (selection: Labels) (map: TensorMap) : Result<TensorMap, AniSoapError> =
        mapBlocks (fun _ -> TensorBlock.selectSamples selection) map

    /// The properties that agree with some row of the selection, in every block.
    let selectProperties (selection: Labels) (map: TensorMap) : Result<TensorMap, AniSoapError> =
        mapBlocks (fun _ -> TensorBlock.selectProperties selection) map

    // --- join -------------------------------------------------------------------------------------------------------

    let private sameKeyNames
        (first: TensorMap)
        (others: TensorMap list)
        (next: unit -> Result<TensorMap, AniSoapError>)
        =
        match
            others
            |> List.tryFind (fun map -> not (map.Keys.Names.AsSpan().SequenceEqual(first.Keys.Names.AsSpan())))
        with
        | Some other -> Merge.different "key" first.Keys.Names other.Keys.Names
        | None -> next ()

    let private joinBlocks joinOf (maps: TensorMap list) =
        match maps with
        | [] -> Error(AniSoapError.invalid "maps to join" "none" "at least one map")
        | first :: others ->
            let blockOf (key: LabelsRow) (map: TensorMap) =
                match map.Keys.Position key.Values with
                | -1 ->
                    Error(
                        AniSoapError.invalid
                            "keys of a map to join"
                            $"no ({string key})"
                            $"those of the first: {string first.Keys}"
                    )
                | position -> Ok map.Blocks[position]

            sameKeyNames first others (fun () ->
                match others |> List.tryFind (fun map -> map.Count <> first.Count) with
                | Some other ->
                    Error(
                        AniSoapError.invalid
                            "keys of a map to join"
                            other.Keys
                            $"those of the first: {string first.Keys}"
                    )
                | None ->
                    first
                    |> mapBlocks (fun key block ->
                        others
                        |> Result.traverse (blockOf key)
                        |> Result.bind (fun blocks -> joinOf (block :: List.ofArray blocks))))

    /// For every key, the samples of all maps one below the other. Keys (in any order), properties and components must
    /// be the same, samples all different. The info is the first map's.
    let joinSamples (maps: TensorMap seq) : Result<TensorMap, AniSoapError> =
        joinBlocks Merge.alongSamples (Seq.toList maps)

    /// For every key, the properties of all maps side by side. Keys, samples and components must be the same,
    /// properties all different. The info is the first map's.
    let joinProperties (maps: TensorMap seq) : Result<TensorMap, AniSoapError> =
        joinBlocks Merge.alongProperties (Seq.toList maps)

    /// The blocks of all maps, whose keys must all differ. The info is the first map's.
    let joinKeys (maps: TensorMap seq) : Result<TensorMap, AniSoapError> =
        match Seq.toList maps with
        | [] -> Error(AniSoapError.invalid "maps to join" "none" "at least one map")
        | first :: others ->
            sameKeyNames first others (fun () ->
                Labels.ofOwned first.Keys.Names (first :: others |> List.map _.Keys.Raw |> Array.concat)
                |> Result.bind (fun keys -> create keys (first :: others |> Seq.collect _.Blocks))
                |> Result.map (withInfo first.Info))

    // --- moving keys ------------------------------------------------------------------------------------------------

    let private moveKeys merge (moved: string list) (map: TensorMap) =
        let missing = moved |> List.tryFind (fun name -> map.Keys.Dimension name < 0)

        match Labels.checkNames moved, missing with
        | Error error, _ -> Error error
        | _, Some name -> Labels.dimension name map.Keys |> Result.map (fun _ -> map)
        | Ok _, None when map.Count = 0 -> Error(AniSoapError.invalid "blocks whose keys are moved" 0 "at least one")
        | Ok moved, None ->
            let dimensionsOf (names: string seq) = names |> Seq.map map.Keys.Dimension |> Seq.toArray

            let left =
                map.Keys.Names
                |> Seq.filter (moved.Contains >> not)
                |> ImmutableArray.CreateRange

            let movedDimensions, leftDimensions = dimensionsOf moved, dimensionsOf left
            let values dimensions (key: LabelsRow) = dimensions |> Array.map (fun (d: int) -> key[d])
            let groups = toSeq map |> Seq.toList |> List.groupBy (fst >> values leftDimensions)

            let keys =
                if left.IsEmpty then
                    Labels.single
                else
                    Labels.trusted left (groups |> List.map fst |> Array.concat)

            groups
            |> Result.traverse (fun (_, group) ->
                group
                |> List.map (fun (key, block) -> values movedDimensions key, block)
                |> merge moved)
            |> Result.bind (create keys)
            |> Result.map (withInfo map.Info)

    /// Makes dimensions of the keys dimensions of the properties, put before the blocks' own: one block for all keys
    /// that agree in the rest (`_` = 0 where no dimension is left). Its samples are those of all its blocks, sorted,
    /// with zeros where a block has not got a sample; components must be the same.
    let keysToProperties (names: string list) (map: TensorMap) : Result<TensorMap, AniSoapError> =
        moveKeys Merge.keysToProperties names map

    /// Makes dimensions of the keys dimensions of the samples, put after the blocks' own: one block for all keys that
    /// agree in the rest. Rows are sorted by their labels; properties and components must be the same.
    let keysToSamples (names: string list) (map: TensorMap) : Result<TensorMap, AniSoapError> =
        moveKeys Merge.keysToSamples names map
