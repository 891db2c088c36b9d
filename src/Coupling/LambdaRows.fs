namespace AniSoap.Coupling

open System
open System.Collections.Immutable
open AniSoap
open AniSoap.Numerics

/// λ-SOAP a centre at a time: out of a row of coefficients c (l slowest, then m, then the columns) a row of all blocks (L, σ) kept, each (2 L + 1) × its
/// columns, and out of derivatives c′ of those rows the derivatives (c c)′ = c′ c + c c′ of these.
[<Sealed>]
type internal LambdaRows
    private
    (segments: Segment[], orders: struct (int * int)[], parts: Part[][], starts: int[], species: ImmutableArray<int>) =
    let last = segments[segments.Length - 1]
    let scratch = parts |> Array.collect id |> ProductBlocks.scratchFor |> Array.length

    /// Numbers of a row of coefficients, and of a row of products.
    member _.Coefficients = starts[starts.Length - 1]

    member _.Size = last.From + last.Length

    /// The blocks in a row, L and σ of each, and what each is coupled of.
    member _.Segments = segments
    member _.Orders = orders
    member _.Parts = parts

    /// Where the coefficients of each l begin in a row of these.
    member _.Starts = starts

    /// Scratch memory that one thread needs.
    member _.Scratch() = Array.zeroCreate<float> scratch

    /// Writes, or adds, the product of two rows.
    member private _.Couple(left, leftAt, right, rightAt, isAdded, target: float[], targetAt, scratch) =
        for s in 0 .. segments.Length - 1 do
            let struct (l, _) = orders[s]
            let width = segments[s].Length / (2 * l + 1)

            for part in parts[s] do
                let left' = leftAt + starts[part.Left.L]
                let right' = rightAt + starts[part.Right.L]

                ProductBlocks.couple
                    part
                    left
                    left'
                    right
                    right'
                    isAdded
                    target
                    (targetAt + segments[s].From)
                    width
                    scratch

    /// The product of a row with itself.
    member rows.Square(coefficients: float[], target: float[], scratch) =
        rows.Couple(coefficients, 0, coefficients, 0, false, target, 0, scratch)

    /// The derivatives of the product, given those of the row, one after another.
    member rows.Derive(coefficients: float[], derivatives: float[], count: int, target: float[], scratch) =
        for i in 0 .. count - 1 do
            let from, into = i * rows.Coefficients, i * rows.Size
            rows.Couple(derivatives, from, coefficients, 0, false, target, into, scratch)
            rows.Couple(coefficients, 0, derivatives, from, true, target, into, scratch)

    /// The blocks of a file: keys o3_lambda, o3_sigma, center_type, a row a particle.
    member rows.Layout(parameters: Set<GradientParameter>) : BlockLayout = {
        Segments = segments
        Groups = species.Length
        Keys =
            Labels.trusted (ImmutableArray.Create("o3_lambda", "o3_sigma", "center_type")) [|
                for struct (l, sigma) in orders do
                    for center in species do
                        l
                        sigma
                        center
            |]
        Size = rows.Size
        Called =
            orders
            |> Array.map (fun (struct (l, sigma)) ->
                "the block of o3_lambda = " + string l + ", o3_sigma = " + string sigma)
        SampleNames = ImmutableArray.Create("system", "atom")
        Parameters = GradientParameter.all |> List.filter parameters.Contains |> List.toArray
    }

    /// λ-SOAP for these values of L. Refuses none, those that no two factors of the projection go to, and rows that arrays or memory do not hold.
    static member Create(lambdas: int seq, projection: Projection) : Result<LambdaRows, AniSoapError> =
        let lambdas = lambdas |> Seq.distinct |> Seq.sort |> Seq.toArray
        let maxAngular = projection.Hypers.MaxAngular
        let most = min (2 * maxAngular) HyperRules.LargestMaxAngular

        match lambdas |> Array.tryFind (fun l -> l < 0 || l > most) with
        | Some stray ->
            Error(
                AniSoapError.invalid
                    "lambda"
                    stray
                    ("whole numbers from 0 to " + string most + ", twice max_angular at most")
            )
        | None when lambdas.Length = 0 -> Error(AniSoapError.invalid "lambda" "none" "at least one whole number")
        | None when projection.Hypers.NormalizeSpectra ->
            Error(
                AniSoapError.invalid
                    "normalize"
                    "true"
                    "false for λ-SOAP: only power spectra are divided by their norms"
            )
        | None ->
            let samples = Labels.trusted (ImmutableArray.Create("system", "atom")) Array.empty

            let factors = [
                for l in 0..maxAngular do
                    let block =
                        TensorBlock.ofOwned
                            samples
                            [ ExpansionLabels.componentLabels l ]
                            (ExpansionLabels.columnLabels projection l)
                            Array.empty
                        |> ExpansionLabels.sure

                    { L = l; Sigma = 1; Block = block }
            ]

            let kept = [|
                for l in lambdas do
                    for sigma in [ 1; -1 ] do
                        match ProductBlocks.pairs l sigma factors factors with
                        | [] -> ()
                        | pairs -> struct (l, sigma), pairs
            |]

            let widthOf (pairs: (Factor * Factor) list) =
                pairs
                |> List.map (fun (a, b) -> int64 a.Block.Properties.Count * int64 b.Block.Properties.Count)
                |> ArraySize.sum

            let lengths =
                kept
                |> Seq.map (fun (struct (l, _), pairs) -> ArraySize.product [ 2L * int64 l + 1L; widthOf pairs ])
                |> ArraySize.sum

            // Nine rows for strain.
            ArraySize.check "numbers of a row of λ-SOAP and its derivatives" [ 9L; lengths ]
            |> Result.bind (fun _ ->
                Limits.checkMemory projection.Limits "one row of λ-SOAP" (ArraySize.product [ 80L; lengths ]))
            |> Result.bind (fun () -> ClebschGordan.create (max maxAngular lambdas[lambdas.Length - 1]))
            |> Result.map (fun table ->
                let starts =
                    factors
                    |> List.map (fun factor -> (2 * factor.L + 1) * factor.Block.Properties.Count)
                    |> List.scan (+) 0
                    |> List.toArray

                let blocks =
                    kept
                    |> Array.map (fun (struct (l, _), pairs) ->
                        let parts, width = ProductBlocks.placed table l pairs
                        l, List.toArray parts, width, Product.columns pairs)

                let froms = blocks |> Array.scan (fun from (l, _, width, _) -> from + (2 * l + 1) * width) 0

                let segments =
                    blocks
                    |> Array.mapi (fun s (l, _, width, columns) -> {
                        Components = [ ExpansionLabels.componentLabels l ]
                        Properties = columns
                        From = froms[s]
                        Length = (2 * l + 1) * width
                    })

                LambdaRows(
                    segments,
                    Array.map fst kept,
                    blocks |> Array.map (fun (_, parts, _, _) -> parts),
                    starts,
                    projection.Species
                ))

/// A row of coefficients on its way to a row of products, or derivatives of one.
[<Sealed>]
type internal LambdaItem(rows: LambdaRows) =
    member val Parameter: GradientParameter voption = ValueNone with get, set
    member val Species = 0 with get, set
    member val System = 0 with get, set
    member val Atom = 0 with get, set
    /// 0: the row itself.
    member val Derivatives = 0 with get, set
    /// The row of coefficients that the derivatives are of.
    member val Coefficients = Array.zeroCreate<float> rows.Coefficients with get
    member val Given = Array.empty<float> with get, set
    member val Result = Array.zeroCreate<float> rows.Size with get, set

    member item.Take(derivatives: ReadOnlySpan<float>) =
        let count = derivatives.Length / rows.Coefficients

        if item.Given.Length < derivatives.Length then
            item.Given <- Array.zeroCreate derivatives.Length

        if item.Result.Length < count * rows.Size then
            item.Result <- Array.zeroCreate (count * rows.Size)

        derivatives.CopyTo(Span item.Given)
        item.Derivatives <- count

    member item.Compute(scratch) =
        if item.Derivatives = 0 then
            rows.Square(item.Coefficients, item.Result, scratch)
        else
            rows.Derive(item.Coefficients, item.Given, item.Derivatives, item.Result, scratch)

/// Takes coefficients and their derivatives and hands λ-SOAP and its derivatives on, in the same order; a few rows at a time are computed on several threads.
[<Sealed>]
type internal LambdaSink(rows: LambdaRows, species: int, threads: int, inner: IGradientSink) =
    let scratches = Array.init (max 1 threads) (fun _ -> rows.Scratch())
    let items = Array.init (if threads = 1 then 1 else 4 * threads) (fun _ -> LambdaItem rows)
    // By species: the coefficients of the row that was added last.
    let current = Array.init species (fun _ -> Array.zeroCreate<float> rows.Coefficients)
    let mutable waiting = 0

    let emit (item: LambdaItem) =
        let result = ReadOnlySpan(item.Result, 0, (max 1 item.Derivatives) * rows.Size)

        match item.Parameter with
        | ValueNone -> inner.Row(item.Species, item.System, item.Atom, result)
        | ValueSome GradientParameter.Strain -> inner.Strain(item.Species, result)
        | ValueSome parameter -> inner.Atom(parameter, item.Species, item.System, item.Atom, result)

    let flush () =
        if waiting = 1 then
            items[0].Compute scratches[0]
        else
            Schedule.forEach scratches waiting (Action<_, _>(fun scratch i -> items[i].Compute scratch))

        for i in 0 .. waiting - 1 do
            emit items[i]

        waiting <- 0

    let next parameter t system atom =
        let item = items[waiting]
        item.Parameter <- parameter
        item.Species <- t
        item.System <- system
        item.Atom <- atom
        Array.blit current[t] 0 item.Coefficients 0 rows.Coefficients
        item

    let add () =
        waiting <- waiting + 1

        if waiting = items.Length then
            flush ()

    /// Hands on what waits.
    member _.Flush() =
        if waiting > 0 then
            flush ()

    interface IGradientSink with
        member _.Row(t, system, atom, values) =
            values.CopyTo(Span current[t])
            let item = next ValueNone t system atom
            item.Derivatives <- 0
            add ()

        member _.Atom(parameter, t, system, atom, derivatives) =
            let item = next (ValueSome parameter) t system atom
            item.Take derivatives
            add ()

        member _.Strain(t, derivatives) =
            let item = next (ValueSome GradientParameter.Strain) t 0 0
            item.Take derivatives
            add ()
