namespace AniSoap.Formats

open System.Collections.Immutable
open System.Text.Json
open AniSoap

/// Features as one table (a block without components: a row a frame or particle, a column a feature) and as blocks by key.
module FeatureTable =
    // The species of an atom that a row is about: in tables of particles a column of the sample.
    let private typesOfAtoms =
        set [ "center_type"; "types_center"; "first_atom_type"; "second_atom_type"; "types_neighbor" ]

    let private inTables = Map [ "system", "frame"; "atom", "particle" ]
    let private inMaps = Map [ "frame", "system"; "particle", "atom" ]

    let private renamed (names: Map<string, string>) (labels: Labels) =
        let translated =
            labels.Names
            |> Seq.map (fun name -> Map.tryFind name names |> Option.defaultValue name)

        Labels.trusted (ImmutableArray.CreateRange translated) labels.Raw

    let private withLabels samples properties (block: TensorBlock) = TensorBlock.ofOwned samples [] properties block.Raw

    /// The block with its components as the first dimensions of its properties, without gradients: the same values in the
    /// same order.
    let private flat (block: TensorBlock) =
        if block.Components.IsEmpty then
            Ok(TensorBlock.withoutGradients block)
        else
            let axes = [ yield! block.Components; block.Properties ]

            let product (outer: Labels) (inner: Labels) =
                let rows = [|
                    for i in 0 .. outer.Count - 1 do
                        for j in 0 .. inner.Count - 1 do
                            yield! outer[i].Values.ToArray()
                            yield! inner[j].Values.ToArray()
                |]

                Labels.ofOwned (Seq.append outer.Names inner.Names) rows

            (axes.Head, axes.Tail)
            ||> Result.fold product
            |> Result.bind (fun properties -> withLabels block.Samples properties block)

    /// The layout of the Python package's power spectra, which `--labels anisoap` writes: two keys that are always the
    /// same, and an axis of one entry. A table leaves them out, and a map of such a table has them again.
    let private constantKeys = [ "order_nu", 2; "angular_channel", 0 ]

    let private centersOfPackage = "types_center"
    let private axisOfPackage = "spherical_harmonics_m"

    let private propertiesOfPackage = [ "n_1_a"; "neighbor_types_1_a"; "k_2"; "n_1_b"; "neighbor_types_1_b"; "l_2" ]

    let private isOfPackage (map: TensorMap) =
        List.ofSeq map.Keys.Names = List.map fst constantKeys @ [ centersOfPackage ]
        && map.Keys
           |> Seq.forall (fun key ->
               constantKeys
               |> List.forall (fun (name, value) -> key[map.Keys.Dimension name] = value))
        && map.Blocks
           |> Seq.forall (fun block ->
               List.ofSeq block.Properties.Names = propertiesOfPackage
               && block.Components.Length = 1
               && List.ofSeq block.Components[0].Names = [ axisOfPackage ]
               && block.Components[0].Count = 1
               && block.Components[0].[0].[0] = 0)

    /// The map without what is always the same in it.
    let private withoutConstants (map: TensorMap) =
        Labels.column centersOfPackage map.Keys
        |> Result.bind (fun centers -> Labels.ofOwned [ centersOfPackage ] (Seq.toArray centers))
        |> Result.bind (fun keys ->
            map.Blocks
            |> Result.traverse (fun block -> withLabels block.Samples block.Properties block)
            |> Result.bind (TensorMap.create keys))

    /// The map with it.
    let private withConstants (map: TensorMap) =
        let keys = [|
            for key in map.Keys do
                yield! List.map snd constantKeys
                key[0]
        |]

        Labels.ofOwned (List.map fst constantKeys @ [ centersOfPackage ]) keys
        |> Result.bind (fun keys ->
            Labels.ofOwned [ axisOfPackage ] [| 0 |]
            |> Result.bind (fun axis ->
                map.Blocks
                |> Result.traverse (fun block ->
                    TensorBlock.ofOwned block.Samples [ axis ] block.Properties block.Raw)
                |> Result.bind (TensorMap.create keys)))

    let private unless condition change map = if condition then Ok map else change map

    /// One table of all blocks, and what it cannot hold (gradients). Components and keys become the first dimensions of the
    /// columns; where rows are particles or pairs, the keys that name their species become dimensions of the samples. A
    /// `system` is called `frame`, an `atom` a `particle`. Rows are sorted, with zeros where a block has not got a sample.
    let ofTensorMap (map: TensorMap) : Result<TensorBlock * string list, AniSoapError> =
        if map.Count = 0 then
            Error(Malformed("a TensorMap without blocks", "at least one block", Place.Unknown))
        else
            let lost =
                match
                    [
                        for block in map.Blocks do
                            yield! block.Gradients.Keys
                    ]
                    |> List.distinct
                with
                | [] -> []
                | gradients -> [ "gradients (" + String.concat ", " gradients + ")" ]

            (if isOfPackage map then withoutConstants map else Ok map)
            |> Result.bind (fun map ->
                let ofRows, ofColumns =
                    map.Keys.Names
                    |> Seq.filter ((<>) "_")
                    |> Seq.toList
                    |> List.partition (fun name -> map[0].Samples.Size > 1 && typesOfAtoms.Contains name)

                map
                |> TensorMap.mapBlocks (fun _ -> flat)
                |> Result.bind (unless ofColumns.IsEmpty (TensorMap.keysToProperties ofColumns))
                |> Result.bind (unless ofRows.IsEmpty (TensorMap.keysToSamples ofRows))
                |> Result.bind (fun merged ->
                    if merged.Count = 1 then
                        Ok merged[0]
                    else
                        Error(AniSoapError.invalid "keys" map.Keys "keys that can become rows or columns"))
                |> Result.bind (fun block -> withLabels (renamed inTables block.Samples) block.Properties block)
                |> Result.map (fun block -> block, lost))

    let private without (dimension: int) (positions: int[]) (labels: Labels) =
        let names = labels.Names.RemoveAt dimension

        let values = [|
            for position in positions do
                for d in 0 .. labels.Size - 1 do
                    if d <> dimension then
                        labels[position][d]
        |]

        Labels.ofOwned names values

    /// The species that the metadata list, if they do.
    let private speciesOf (metadata: Map<string, string>) =
        Map.tryFind "species" metadata
        |> Option.bind JsonTexts.tryWholes
        |> Option.defaultValue []

    let private species = [ "center_type"; "types_center" ]

    /// The dimension that tells centres apart, if it is not the only one.
    let private centers (labels: Labels) =
        species
        |> List.tryPick (fun name ->
            match labels.Dimension name with
            | -1 -> None
            | dimension when labels.Size > 1 -> Some(name, dimension)
            | _ -> None)

    let private keyed name values blockOf metadata =
        let all =
            Seq.append values (speciesOf metadata)
            |> Seq.distinct
            |> Seq.sort
            |> Seq.toArray

        Labels.ofOwned [ name ] all
        |> Result.bind (fun keys -> all |> Result.traverse blockOf |> Result.bind (TensorMap.create keys))

    /// A table as blocks by the species of the centre, where its samples or its columns name one (a species of the metadata
    /// that no row has gets a block without samples), else as a single block. `frame` is called `system`, `particle`
    /// `atom`. The metadata are the map's info.
    let toTensorMap (metadata: Map<string, string>) (table: TensorBlock) : Result<TensorMap, AniSoapError> =
        let samples, properties = renamed inMaps table.Samples, table.Properties

        let column (labels: Labels) (dimension: int) =
            Seq.init labels.Count (fun i -> labels[i][dimension]) |> Seq.distinct

        let havingValue (dimension: int) value = Labels.positionsWhere (fun row -> row[dimension] = value)

        // Without rows, and without metadata that name species, nothing tells which blocks there would be: one without
        // samples keeps the columns.
        let hasKeys = table.Samples.Count > 0 || not (speciesOf metadata).IsEmpty
        let ofSamples = if hasKeys then centers samples else None

        match ofSamples, centers properties with
        | _ when not table.Components.IsEmpty ->
            Error(AniSoapError.invalid "components of a table" table.Components.Length "none")
        // Without rows no species is known, and a map without blocks would not know its columns.
        | Some _, _ when samples.Count = 0 && (speciesOf metadata).IsEmpty ->
            withLabels samples properties table |> Result.map TensorMap.single
        | Some(name, dimension), _ ->
            let blockOf value =
                let rows = havingValue dimension value samples

                without dimension rows samples
                |> Result.bind (fun kept ->
                    TensorBlock.takeSamples rows table |> Result.bind (withLabels kept properties))

            keyed name (column samples dimension) blockOf metadata
        | None, Some(name, dimension) ->
            let blockOf value =
                let columns = havingValue dimension value properties

                without dimension columns properties
                |> Result.bind (fun kept ->
                    TensorBlock.takeProperties columns table
                    |> Result.bind (withLabels samples kept))

            // All species are among the columns already.
            keyed name (column properties dimension) blockOf Map.empty
        | None, None -> withLabels samples properties table |> Result.map TensorMap.single
        |> Result.bind (fun map ->
            let isSpectrum =
                List.ofSeq map.Keys.Names = [ centersOfPackage ]
                && map.Blocks
                   |> Seq.forall (fun block -> List.ofSeq block.Properties.Names = propertiesOfPackage)

            if isSpectrum then withConstants map else Ok map)
        |> Result.map (TensorMap.withInfo metadata)

namespace AniSoap

open AniSoap.Formats

/// `TensorMap.toMatrix`.
[<AutoOpen>]
module TensorMapAsMatrix =
    type TensorMap with
        /// All features as an array with two indices, [row, column], as a table of them has rows and columns (see
        /// `FeatureTable.ofTensorMap`, which gives their labels too): a frame or particle a row, a feature a column. Gradients are left out.
        static member toMatrix(map: TensorMap) : Result<float[,], AniSoapError> =
            FeatureTable.ofTensorMap map
            |> Result.map (fun (table, _) ->
                let values = table.Memory
                let columns = table.Properties.Count
                Array2D.init table.Samples.Count columns (fun row column -> values.Span[row * columns + column]))
