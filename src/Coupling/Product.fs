namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable
open AniSoap.Coupling

/// The product of two equivariant maps: a_{l1 m1} b_{l2 m2} coupled to every L by Clebsch–Gordan coefficients. Applied to an expansion and itself
/// it gives λ-SOAP (ν = 2), applied to that and the expansion ν = 3, and so on.
module Product =
    /// What a product keeps.
    type Options = {
        /// Largest L kept.
        MaxAngular: int
        /// The o3_sigma kept: 1 (proper tensors), −1 (pseudotensors), or both.
        Sigmas: Set<int>
    }

    /// Every L up to the largest given, both parities.
    let upTo maxAngular = { MaxAngular = maxAngular; Sigmas = set [ 1; -1 ] }

    /// How many expansions a map is a product of: the number of its properties called n_i, or 1 for a plain n.
    let private order (map: TensorMap) =
        match map.Blocks |> Seq.tryHead with
        | None -> 1
        | Some block ->
            let factors =
                block.Properties.Names
                |> Seq.filter _.StartsWith("n_", StringComparison.Ordinal)

            max 1 (Seq.length factors)

    /// Property names of a factor inside a product. Factor i has l_i, n_i, neighbor_i_type; a factor that is a product itself keeps its names,
    /// renumbered, and shows the L and parity it came through as k_i_j and s_i_j (factors i to j).
    let private renumber first (names: string seq) =
        let shift (name: string) =
            name.Split '_'
            |> Array.map (fun part ->
                match Int32.TryParse part with
                | true, number -> string (number + first)
                | _ -> part)
            |> String.concat "_"

        names |> Seq.map shift |> Seq.toList

    let private through first count =
        if count = 1 then
            [ ("l_" + string (first + 1)) ]
        else
            [
                ("k_" + string (first + 1) + "_" + string (first + count))
                ("s_" + string (first + 1) + "_" + string (first + count))
            ]

    let private ownNames first count (block: TensorBlock) =
        if count = 1 then
            block.Properties.Names
            |> Seq.map (function
                | "n" -> "n_" + string (first + 1)
                | "neighbor_type" -> "neighbor_" + string (first + 1) + "_type"
                | "neighbor_channel" -> "neighbor_" + string (first + 1) + "_channel"
                | name -> name)
            |> Seq.toList
        else
            renumber first block.Properties.Names

    let private factors (others: string list) (map: TensorMap) =
        map
        |> TensorMap.toSeq
        |> Seq.map (fun (key, block) ->
            let rest = others |> List.map (fun name -> key[name])
            rest, { L = key["o3_lambda"]; Sigma = key["o3_sigma"]; Block = block })
        |> Seq.groupBy fst
        |> Seq.map (fun (rest, members) -> rest, members |> Seq.map snd |> Seq.toList)
        |> Seq.toList

    let private prefix count (factor: Factor) =
        if count = 1 then
            [| factor.L |]
        else
            [| factor.L; factor.Sigma |]

    let private requireNames (map: TensorMap) =
        let missing =
            [ "o3_lambda"; "o3_sigma" ]
            |> List.filter (fun name -> map.Keys.Dimension name < 0)

        if missing.IsEmpty then
            Ok()
        else
            Error(
                AniSoapError.invalid
                    "keys"
                    (String.Join(", ", map.Keys.Names))
                    "keys with o3_lambda and o3_sigma, as an expansion has them"
            )

    let private requireSameSamples (left: Factor) (right: Factor) =
        let a, b = left.Block.Samples, right.Block.Samples

        if
            a.Names.AsSpan().SequenceEqual(b.Names.AsSpan())
            && a.Values.SequenceEqual b.Values
        then
            Ok()
        else
            Error(
                AniSoapError.invalid
                    "samples"
                    (string a.Count + " and " + string b.Count + " samples")
                    "the same samples in the same order in both factors"
            )

    let private fits (table: ClebschGordan) options factors =
        let largest = factors |> List.map (fun factor -> factor.L) |> List.fold max options.MaxAngular

        if largest <= table.MaxAngular then
            Ok()
        else
            Error(
                AniSoapError.invalid
                    "max_angular of the Clebsch–Gordan table"
                    table.MaxAngular
                    ("at least "
                     + string largest
                     + ", the largest angular momentum of factors and product")
            )

    /// Whether arrays hold the products for one L: numbers, their labels, and gradients.
    let private fitsArrays l (left: Factor list) (right: Factor list) =
        let pairs = [
            for a in left do
                for b in right do
                    if abs (a.L - b.L) <= l && l <= a.L + b.L then
                        int64 a.Block.Properties.Count * int64 b.Block.Properties.Count
        ]

        let labels = 4 + left.Head.Block.Properties.Size + right.Head.Block.Properties.Size

        // Rows of a gradient of the product: at most those of both factors together.
        let rows =
            left @ right
            |> Seq.collect (fun factor ->
                factor.Block.Gradients.Values
                |> Seq.map (fun gradient ->
                    int64 gradient.Samples.Count
                    * int64 (gradient.ComponentCount / factor.Block.ComponentCount)))
            |> ArraySize.sum

        let rows = max (int64 left.Head.Block.Samples.Count) rows
        let width = ArraySize.sum pairs

        ArraySize.check "labels of a product" [ width; int64 labels ]
        |> Result.bind (fun _ -> ArraySize.check "numbers of a product" [ rows; 2L * int64 l + 1L; width ])
        |> Result.map ignore

    let rec private firstError checks =
        match checks with
        | [] -> Ok()
        | check :: rest ->
            match check () with
            | Ok() -> firstError rest
            | error -> error

    /// The labels of the columns: for each pair of factors those of the first, and within each those of the second.
    let private labelsOf leftOrder rightOrder (parts: (Factor * Factor) list) =
        let labels = ResizeArray<int>()

        for a, b in parts do
            let first = a.Block.Properties
            let second = b.Block.Properties
            let firstPrefix, secondPrefix = prefix leftOrder a, prefix rightOrder b
            let firstValues = first.Values
            let secondValues = second.Values

            for p in 0 .. first.Count - 1 do
                for q in 0 .. second.Count - 1 do
                    labels.AddRange firstPrefix

                    for d in 0 .. first.Size - 1 do
                        labels.Add firstValues[p * first.Size + d]

                    labels.AddRange secondPrefix

                    for d in 0 .. second.Size - 1 do
                        labels.Add secondValues[q * second.Size + d]

        labels.ToArray()

    /// The columns of the product of an expansion with itself, of these pairs of factors.
    let internal columns (pairs: (Factor * Factor) list) : Labels =
        let names = [
            yield! through 0 1
            yield! ownNames 0 1 (fst pairs.Head).Block
            yield! through 1 1
            yield! ownNames 1 1 (snd pairs.Head).Block
        ]

        Labels.trusted (ImmutableArray.CreateRange names) (labelsOf 1 1 pairs)

    /// All blocks of a product for one value of the other keys.
    let private blocksOf
        threads
        (table: ClebschGordan)
        options
        (leftOrder: int)
        (rightOrder: int)
        (left: Factor list)
        (right: Factor list)
        =
        let samples = left.Head.Block.Samples

        let sheets = [
            for l in 0 .. options.MaxAngular do
                for sigma in [ 1; -1 ] do
                    if options.Sigmas.Contains sigma then
                        let pairs = ProductBlocks.pairs l sigma left right

                        if not pairs.IsEmpty then
                            let parts, width = ProductBlocks.placed table l pairs

                            sigma,
                            pairs,
                            {
                                Lambda = l
                                Width = width
                                Parts = List.toArray parts
                                Target = LargeArray.create<float>(samples.Count * (2 * l + 1) * width)
                            }
        ]

        sheets
        |> Seq.map (fun (_, _, sheet) -> sheet)
        |> Seq.toArray
        |> ProductBlocks.fill threads samples.Count

        [
            for sigma, pairs, sheet in sheets do
                let names = [
                    yield! through 0 leftOrder
                    yield! ownNames 0 leftOrder (fst pairs.Head).Block
                    yield! through leftOrder rightOrder
                    yield! ownNames leftOrder rightOrder (snd pairs.Head).Block
                ]

                let labels = labelsOf leftOrder rightOrder pairs
                let properties = Labels.trusted (ImmutableArray.CreateRange names) labels

                let plain =
                    TensorBlock.ofOwned samples [ ExpansionLabels.componentLabels sheet.Lambda ] properties sheet.Target
                    |> ExpansionLabels.sure

                let parts = Array.toList sheet.Parts

                let block =
                    ProductBlocks.parameters parts
                    |> Seq.fold
                        (fun block parameter ->
                            let gradient = ProductBlocks.gradient sheet.Lambda sheet.Width properties parts parameter
                            TensorBlock.withGradient parameter gradient block |> ExpansionLabels.sure)
                        plain

                sheet.Lambda, sigma, block
        ]

    /// The product on up to `threads` threads; the result does not depend on their number, bit for bit.
    let internal couplingsOn
        (threads: int)
        (table: ClebschGordan)
        (options: Options)
        (left: TensorMap)
        (right: TensorMap)
        : Result<TensorMap, AniSoapError> =
        let others =
            left.Keys.Names
            |> Seq.filter (fun name -> name <> "o3_lambda" && name <> "o3_sigma")
            |> Seq.toList

        let sameKeys () =
            if Set left.Keys.Names = Set right.Keys.Names then
                Ok()
            else
                Error(
                    AniSoapError.invalid
                        "keys"
                        (String.Join(", ", left.Keys.Names)
                         + " and "
                         + String.Join(", ", right.Keys.Names))
                        "the same keys in both factors"
                )

        firstError [ (fun () -> requireNames left); (fun () -> requireNames right); sameKeys ]
        |> Result.bind (fun () ->
            let leftOrder, rightOrder = order left, order right
            let rightByKey = factors others right |> dict

            let groups = [
                for rest, members in factors others left do
                    match rightByKey.TryGetValue rest with
                    | true, partners -> rest, members, partners
                    | _ -> ()
            ]

            let checks = [
                for _, members, partners in groups do
                    fun () -> fits table options (members @ partners)

                    for other in members @ partners do
                        fun () -> requireSameSamples members.Head other
            ]

            firstError checks
            |> Result.bind (fun () ->
                firstError [
                    for _, members, partners in groups do
                        for l in 0 .. options.MaxAngular do
                            fun () -> fitsArrays l members partners
                ])
            |> Result.map (fun () ->
                let blocks = [
                    for rest, members, partners in groups do
                        for l, sigma, block in blocksOf threads table options leftOrder rightOrder members partners do
                            struct (l, -sigma, rest), (l, sigma, rest, block)
                ]

                let sorted = blocks |> List.sortBy fst |> List.map snd

                let keys =
                    Labels.trusted (ImmutableArray.CreateRange([ "o3_lambda"; "o3_sigma" ] @ others)) [|
                        for l, sigma, rest, _ in sorted do
                            l
                            sigma
                            yield! rest
                    |]

                TensorMap.create keys (sorted |> List.map (fun (_, _, _, block) -> block))
                |> ExpansionLabels.sure))

    /// The product of two maps with keys o3_lambda, o3_sigma and the same other keys (center_type, say), over the same samples. Every pair of their
    /// blocks goes to each L with |l1 − l2| ≤ L ≤ min(l1 + l2, largest L kept), with o3_sigma = σ1 σ2 (−1)^(l1+l2+L). Properties: the l and labels of each factor
    /// (l_1, n_1, neighbor_1_type, l_2, …; a factor that is a product itself shows the L and σ it came through as k_1_2, s_1_2),
    /// ordered by (l1, l2), then the first factor's columns, then the second's. Gradients that all blocks of both factors have become gradients of the product.
    let couplings (table: ClebschGordan) (options: Options) (left: TensorMap) (right: TensorMap) =
        couplingsOn 1 table options left right

    /// λ-SOAP: the product of an expansion with itself, up to L = lambda.
    let lambdaSoap (table: ClebschGordan) (lambda: int) (expansion: TensorMap) : Result<TensorMap, AniSoapError> =
        couplings table (upTo lambda) expansion expansion

    /// The same on several threads.
    let lambdaSoapWith
        (options: RunOptions)
        (table: ClebschGordan)
        (lambda: int)
        (expansion: TensorMap)
        : Result<TensorMap, AniSoapError> =
        RunOptions.threadCount options.Threads
        |> Result.bind (fun threads -> couplingsOn threads table (upTo lambda) expansion expansion)
