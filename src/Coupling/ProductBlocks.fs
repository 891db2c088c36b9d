namespace AniSoap.Coupling

// Pointers into pinned arrays, see CouplingKernel.fs.
#nowarn "9"

open System
open System.Collections.Generic
open Microsoft.FSharp.NativeInterop
open AniSoap
open AniSoap.Numerics

/// A block of a factor with its place in the product's keys.
[<Struct>]
type internal Factor = { L: int; Sigma: int; Block: TensorBlock }

/// A pair of factors and the column of the product that their columns begin at.
[<Struct>]
type internal Part = { Left: Factor; Right: Factor; Column: int; Plan: CouplingKernel.Plan }

/// A block of a product for one L, with memory for its numbers.
type internal Sheet = { Lambda: int; Width: int; Parts: Part[]; Target: float[] }

/// The numbers of a product, Σ value · a_{m1} b_{m2}, and of its gradients by the product rule.
module internal ProductBlocks =
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

    /// The coupling of a part with samples as lanes.
    let inLanes (part: Part) =
        CouplingLanes.plan part.Plan part.Left.Block.Properties.Count part.Right.Block.Properties.Count

    /// Scratch memory for any of these parts.
    let scratchFor (parts: Part[]) =
        let lengths =
            parts
            |> Array.map (fun part -> CouplingKernel.scratchLength part.Plan part.Right.Block.Properties.Count)

        Array.zeroCreate<float>(Array.max lengths)

    /// The part with the factors of another one exchanged: the same numbers in other places. Its number, or −1.
    let mirrored (parts: Part[]) i =
        let part = parts[i]

        parts
        |> Array.tryFindIndex (fun other ->
            obj.ReferenceEquals(other.Left.Block, part.Right.Block)
            && obj.ReferenceEquals(other.Right.Block, part.Left.Block))
        |> Option.filter (fun other -> other <> i)
        |> Option.defaultValue -1

    /// Fills blocks of a product, samples × (2 L + 1) × width each, on up to `threads` threads: samples are independent of each other, and parts fill all columns.
    let fill threads samples (sheets: Sheet[]) =
        // Where each factor stands among those that a thread has in lanes.
        let places = Dictionary<TensorBlock, int>(HashIdentity.Reference)
        let factors = ResizeArray<Factor>()
        let mutable length = 0

        for sheet in sheets do
            for part in sheet.Parts do
                for factor in [ part.Left; part.Right ] do
                    if places.TryAdd(factor.Block, length) then
                        factors.Add factor

                        length <-
                            length
                            + CouplingLanes.gatheredLength (2 * factor.L + 1) factor.Block.Properties.Count

        // Of each sheet the parts that are computed, with the one that is written besides; the first of two writes both.
        let computed =
            sheets
            |> Array.map (fun sheet -> [|
                for i in 0 .. sheet.Parts.Length - 1 do
                    let other = mirrored sheet.Parts i

                    if other < 0 || other > i then
                        struct (sheet.Parts[i], inLanes sheet.Parts[i], other)
            |])

        let lanes = CouplingLanes.lanes
        let chunks = (samples + lanes - 1) / lanes

        let scratches =
            Array.init (max 1 (min threads chunks)) (fun _ -> AlignedBuffer(length + CouplingLanes.tileLength))

        let gatherAll (scratch: AlignedBuffer) first count =
            for factor in factors do
                use rows = fixed factor.Block.Raw

                CouplingLanes.gather
                    (NativePtr.add rows (first * rowLength factor))
                    (rowLength factor)
                    (2 * factor.L + 1)
                    factor.Block.Properties.Count
                    count
                    (NativePtr.add scratch.Pointer places[factor.Block])

        let fillSheet
            (scratch: AlignedBuffer)
            (sheet: Sheet)
            (computed: struct (Part * CouplingLanes.LanePlan * int)[])
            first
            count
            =
            let length = (2 * sheet.Lambda + 1) * sheet.Width
            use target = fixed sheet.Target
            let rowOf (part: Part) = NativePtr.add target (first * length + part.Column)

            for struct (part, plan, other) in computed do
                CouplingLanes.couple
                    plan
                    (NativePtr.add scratch.Pointer places[part.Left.Block])
                    (NativePtr.add scratch.Pointer places[part.Right.Block])
                    { First = rowOf part; Width = sheet.Width; Length = length; Samples = count }
                    (if other < 0 then
                         NativePtr.ofNativeInt 0n
                     else
                         rowOf sheet.Parts[other])
                    (if (part.Left.L + part.Right.L + sheet.Lambda) % 2 = 0 then
                         1.0
                     else
                         -1.0)
                    (NativePtr.add scratch.Pointer (scratch.Length - CouplingLanes.tileLength))

        CenterLoop.share
            scratches
            chunks
            (Action<_, _>(fun scratch chunk ->
                let first = chunk * lanes
                let count = min lanes (samples - first)
                gatherAll scratch first count

                for s in 0 .. sheets.Length - 1 do
                    fillSheet scratch sheets[s] computed[s] first count

                GC.KeepAlive scratch))

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
        let target = LargeArray.zeros<float>(samples.Count * axes * length)

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

        TensorBlock.ofOwned samples (own @ [ ExpansionLabels.componentLabels l ]) properties target
        |> ExpansionLabels.sure
