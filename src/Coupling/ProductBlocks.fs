namespace AniSoap.Coupling

open System.Collections.Immutable
open AniSoap

/// A block of a factor with its place in the product's keys.
[<Struct>]
type internal Factor = { L: int; Sigma: int; Block: TensorBlock }

/// A pair of factors and the column of the product that their columns begin at.
[<Struct>]
type internal Part = { Left: Factor; Right: Factor; Column: int; Terms: ImmutableArray<CouplingTerm> }

/// The numbers of a product, Σ value · a_{m1} b_{m2}, and of its gradients by the product rule.
module internal ProductBlocks =
    /// Adds the coupling of one row of each factor ((2 l1 + 1) × columns from `leftAt`, the same of the right one) to a row of the product.
    let private addCoupling
        (part: Part)
        l
        (left: float[])
        leftAt
        (right: float[])
        rightAt
        (target: float[])
        targetAt
        width
        =
        let leftWidth = part.Left.Block.Properties.Count
        let rightWidth = part.Right.Block.Properties.Count

        for term in part.Terms do
            let row1 = leftAt + (term.M1 + part.Left.L) * leftWidth
            let row2 = rightAt + (term.M2 + part.Right.L) * rightWidth
            let row = targetAt + (term.M + l) * width + part.Column

            for p in 0 .. leftWidth - 1 do
                let weight = term.Value * left[row1 + p]
                let at = row + p * rightWidth

                for q in 0 .. rightWidth - 1 do
                    target[at + q] <- target[at + q] + weight * right[row2 + q]

    let private rowLength (factor: Factor) = (2 * factor.L + 1) * factor.Block.Properties.Count

    /// samples × (2 L + 1) × width.
    let values l width samples (parts: Part list) =
        let length = (2 * l + 1) * width
        let target = Array.zeroCreate<float>(samples * length)

        for part in parts do
            let a, b = part.Left.Block.Raw, part.Right.Block.Raw

            for sample in 0 .. samples - 1 do
                addCoupling
                    part
                    l
                    a
                    (sample * rowLength part.Left)
                    b
                    (sample * rowLength part.Right)
                    target
                    (sample * length)
                    width

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
                        addCoupling part l changed.Raw changedAt other (sample * otherLength) target targetAt width
                    else
                        addCoupling part l other (sample * otherLength) changed.Raw changedAt target targetAt width

        for part in parts do
            add part true
            add part false

        TensorBlock.ofOwned samples (own @ [ Expansion.componentLabels l ]) properties target
        |> Expansion.sure
