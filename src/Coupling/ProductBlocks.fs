namespace AniSoap.Coupling

open System
open AniSoap
open AniSoap.Numerics

/// A block of a factor with its place in the product's keys.
[<Struct>]
type internal Factor = { L: int; Sigma: int; Block: TensorBlock }

/// A pair of factors and the column of the product that their columns begin at.
[<Struct>]
type internal Part = { Left: Factor; Right: Factor; Column: int; Plan: CouplingKernel.Plan }

/// The numbers of a product, Σ value · a_{m1} b_{m2}, and of its gradients by the product rule.
module internal ProductBlocks =
    /// Samples in one piece of work.
    [<Literal>]
    let private ChunkSize = 16

    let private rowLength (factor: Factor) = (2 * factor.L + 1) * factor.Block.Properties.Count

    /// The pairs of factors that go to L and σ, (l1, l2) in lexicographic order, as the factors' keys are.
    let pairs l sigma (left: Factor list) (right: Factor list) = [
        for a in left do
            for b in right do
                let parity = if (a.L + b.L + l) % 2 = 0 then 1 else -1

                if abs (a.L - b.L) <= l && l <= a.L + b.L && a.Sigma * b.Sigma * parity = sigma then
                    a, b
    ]

    /// The same, each with its columns behind those of the pairs before it, and the number of all columns.
    let placed (table: ClebschGordan) l (pairs: (Factor * Factor) list) : Part list * int =
        pairs
        |> List.mapFold
            (fun column (a, b) ->
                let part = {
                    Left = a
                    Right = b
                    Column = column
                    Plan = CouplingKernel.plan a.L b.L l (table.TermsOf(a.L, b.L, l))
                }

                part, column + a.Block.Properties.Count * b.Block.Properties.Count)
            0

    /// One row of each factor into a row of the product, whose M lie `width` apart from `targetAt` on: written, or added to what is there.
    let couple (part: Part) left leftAt right rightAt isAdded target targetAt width scratch =
        CouplingKernel.couple
            part.Plan
            left
            leftAt
            part.Left.Block.Properties.Count
            right
            rightAt
            part.Right.Block.Properties.Count
            isAdded
            target
            (targetAt + part.Column)
            width
            scratch

    /// Scratch memory for any of these parts.
    let scratchFor (parts: Part[]) =
        let lengths =
            parts
            |> Array.map (fun part ->
                CouplingKernel.scratchLength
                    part.Plan
                    part.Left.Block.Properties.Count
                    part.Right.Block.Properties.Count)

        Array.zeroCreate<float>(Array.max lengths)

    /// samples × (2 L + 1) × width, on up to `threads` threads: samples are independent of each other, and parts fill all columns.
    let values threads l width samples (parts: Part list) =
        let length = (2 * l + 1) * width
        let target = GC.AllocateUninitializedArray<float>(samples * length)
        let parts = List.toArray parts
        let chunks = (samples + ChunkSize - 1) / ChunkSize
        let scratches = Array.init (max 1 (min threads chunks)) (fun _ -> scratchFor parts)

        CenterLoop.share
            scratches
            chunks
            (Action<_, _>(fun scratch chunk ->
                for sample in chunk * ChunkSize .. min samples ((chunk + 1) * ChunkSize) - 1 do
                    for part in parts do
                        couple
                            part
                            part.Left.Block.Raw
                            (sample * rowLength part.Left)
                            part.Right.Block.Raw
                            (sample * rowLength part.Right)
                            false
                            target
                            (sample * length)
                            width
                            scratch))

        target

    /// The gradients that all factors have.
    let parameters (parts: Part list) =
        [
            for part in parts do
                Set(Seq.toList part.Left.Block.Gradients.Keys)
                Set(Seq.toList part.Right.Block.Gradients.Keys)
        ]
        |> Set.intersectMany

    /// The gradient (a b)′ = a′ b + a b′ by one parameter, as a block: its samples are those of any factor, ascending.
    let gradient l width properties (parts: Part list) parameter : TensorBlock =
        let gradientOf (factor: Factor) = factor.Block.Gradients[parameter]

        let all = [
            for part in parts do
                gradientOf part.Left
                gradientOf part.Right
        ]

        let samples =
            all
            |> List.map _.Samples
            |> List.reduce (fun first second ->
                match Labels.union first second with
                | Ok both -> both
                | Error error -> failwith (AniSoapError.describe error))
            |> Labels.sort

        let own = all.Head.Components |> Seq.take (all.Head.Components.Length - 1) |> Seq.toList

        let axes = own |> List.fold (fun product labels -> product * labels.Count) 1
        let length = (2 * l + 1) * width
        let target = Array.zeroCreate<float>(samples.Count * axes * length)

        let scratch = scratchFor (List.toArray parts)

        // One factor differentiated, the other as it is.
        let add (part: Part) isLeft =
            let changed = gradientOf (if isLeft then part.Left else part.Right)
            let changedLength = rowLength (if isLeft then part.Left else part.Right)
            let otherLength = rowLength (if isLeft then part.Right else part.Left)
            let other = (if isLeft then part.Right else part.Left).Block.Raw

            for row in changed.Samples do
                let place = samples.Position row.Values
                let sample = row[0]

                for axis in 0 .. axes - 1 do
                    let changedAt = (row.Position * axes + axis) * changedLength
                    let targetAt = (place * axes + axis) * length

                    if isLeft then
                        couple
                            part
                            changed.Raw
                            changedAt
                            other
                            (sample * otherLength)
                            true
                            target
                            targetAt
                            width
                            scratch
                    else
                        couple
                            part
                            other
                            (sample * otherLength)
                            changed.Raw
                            changedAt
                            true
                            target
                            targetAt
                            width
                            scratch

        for part in parts do
            add part true
            add part false

        TensorBlock.ofOwned samples (own @ [ Expansion.componentLabels l ]) properties target
        |> Expansion.sure
