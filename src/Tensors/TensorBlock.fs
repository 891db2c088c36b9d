namespace AniSoap

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open AniSoap.Display

/// An array of doubles whose axes are labelled: samples × components … × properties, stored in C order (properties
/// fastest), with the gradients of its values by the parameter's name. Immutable.
///
/// A gradient is a block too. Its samples start with the dimension `sample`, the row of the block's samples that is
/// differentiated; its components are the parameter's own followed by the block's; its properties are the block's.
[<ReferenceEquality>]
[<StructuredFormatDisplay("{Display}")>]
[<TypeFormatterSource(typeof<DisplaySource>)>]
type TensorBlock = private {
    values: float[]
    samples: Labels
    components: ImmutableArray<Labels>
    properties: Labels
    gradients: Map<string, TensorBlock>
    stride: int
} with

    /// The names of the rows.
    member block.Samples = block.samples

    /// The names along each axis between samples and properties; often none or one.
    member block.Components = block.components

    /// The names of the columns.
    member block.Properties = block.properties

    /// The gradients by the parameter's name (`positions`, `strain`, …).
    member block.Gradients = block.gradients

    /// Lengths of all axes: samples, components …, properties.
    member block.Shape =
        ImmutableArray.CreateRange(
            seq {
                block.samples.Count
                yield! block.components |> Seq.map _.Count
                block.properties.Count
            }
        )

    /// How many rows of properties a sample has: the product of the components' lengths, 1 without components.
    member block.ComponentCount = block.stride

    /// All values, in C order.
    member block.Values = ReadOnlySpan block.values

    /// All values, in C order, for where a span cannot go.
    member block.Memory = ReadOnlyMemory block.values

    member internal block.Raw = block.values

    /// The properties of one sample and one component (all components counted as one axis, the last fastest; the first unless given).
    member block.Row(sample: int, [<Optional; DefaultParameterValue(0)>] componentIndex: int) : ReadOnlySpan<float> =
        let columns = block.properties.Count

        if
            uint sample >= uint block.samples.Count
            || uint componentIndex >= uint block.stride
        then
            raise (
                ArgumentOutOfRangeException(
                    nameof sample,
                    ("there are "
                     + string block.samples.Count
                     + " samples of "
                     + string block.stride
                     + " components")
                )
            )

        ReadOnlySpan(block.values, (sample * block.stride + componentIndex) * columns, columns)

    /// One value; all components are counted as one axis, the last fastest.
    member block.Item
        with get (sample: int, componentIndex: int, property: int) = block.Row(sample, componentIndex)[property]

    /// One value of a block without components.
    member block.Item
        with get (sample: int, property: int) =
            if block.components.Length > 0 then
                raise (InvalidOperationException "a block with components needs their index too")

            block.Row(sample, 0)[property]

    /// The lengths of the axes and their names.
    override block.ToString() =
        let show (labels: Labels) =
            let names = String.concat ", " labels.Names in (string labels.Count + " (" + names + ")")

        seq {
            block.samples
            yield! block.components
            block.properties
        }
        |> Seq.map show
        |> String.concat " × "

    /// The first values of the first samples and components.
    member internal block.Shown =
        let shown = min block.properties.Count 5

        let cells (row: LabelsRow) = [ for d in 0 .. row.Names.Length - 1 -> string row[d] ]

        // The number along each axis, the last fastest.
        let components index =
            ((index, []), Seq.rev block.components)
            ||> Seq.fold (fun (left, shown) labels ->
                let row = labels[left % labels.Count]
                left / labels.Count, cells row @ shown)
            |> snd

        let header = [
            for labels in Seq.append [ block.samples ] block.components do
                for name in labels.Names do
                    name
            for column in 0 .. shown - 1 do
                $"[{string column}]"
            if block.properties.Count > shown then
                "…"
        ]

        DisplayTable.create (block.ToString()) header (block.samples.Count * block.stride) (fun row ->
            let sample = block.samples[row / block.stride]
            let first = row * block.properties.Count

            [
                yield! cells sample
                yield! components (row % block.stride)
                for column in 0 .. shown - 1 do
                    DisplayTable.number block.values[first + column]
                if block.properties.Count > shown then
                    "…"
            ])

    member internal block.Display = DisplayTable.toText block.Shown

    interface IDisplayed with
        member block.ToHtml() = DisplayTable.toHtml block.Shown

/// Blocks: made, scaled, and rows and columns chosen.
module TensorBlock =
    /// Takes the array without copying it: for those who fill it and keep no reference.
    let ofOwned samples (components: Labels seq) properties (values: float[]) : Result<TensorBlock, AniSoapError> =
        let components = ImmutableArray.CreateRange components
        let counts = components |> Seq.map (fun (c: Labels) -> int64 c.Count) |> Seq.toList

        // In 64 bits, checked: a product of axes may be anything.
        let size =
            try
                Some(
                    List.fold Checked.(*) (int64 (Labels.count samples)) (counts @ [ int64 (Labels.count properties) ])
                )
            with :? OverflowException ->
                None

        let repeated =
            components
            |> Seq.collect Labels.names
            |> Seq.countBy id
            |> Seq.tryFind (fun (_, times) -> times > 1)

        match repeated with
        | Some(name, _) -> Error(AniSoapError.invalid "component name" name "names that all differ")
        | None when size <> Some(int64 values.Length) ->
            let axes =
                String.Join(
                    " × ",
                    seq {
                        yield int64 samples.Count
                        yield! counts
                        yield int64 properties.Count
                    }
                )

            Error(AniSoapError.invalid "number of values" values.Length $"{axes}, as the labels have it")
        | None ->
            Ok {
                values = values
                samples = samples
                components = components
                properties = properties
                gradients = Map.empty
                stride = int (List.fold (*) 1L counts)
            }

    /// A block of a copy of the values, which are samples × components … × properties in C order. Refuses a number of
    /// values that does not fit the labels.
    let create
        (samples: Labels)
        (components: Labels seq)
        (properties: Labels)
        (values: float seq)
        : Result<TensorBlock, AniSoapError> =
        ofOwned samples components properties (Seq.toArray values)

    let private show (labels: Labels) = String.concat ", " labels.Names

    /// What keeps one labelled array from being a gradient of another, if anything; each is its samples, components and
    /// properties.
    let internal checkGradient
        (parameter: string)
        (samples: Labels, components: ImmutableArray<Labels>, properties: Labels)
        (parentSamples: Labels, parentComponents: ImmutableArray<Labels>, parentProperties: Labels)
        : Result<unit, AniSoapError> =
        let own = components.Length - parentComponents.Length

        let refuse what found accepted =
            Error(AniSoapError.invalid (what + " of gradient '" + string parameter + "'") found accepted)

        let strayRow () =
            let rows = parentSamples.Count
            samples |> Seq.tryFind (fun row -> row[0] < 0 || row[0] >= rows)

        if String.IsNullOrWhiteSpace parameter || parameter.IndexOfAny [| '/'; '\\' |] >= 0 then
            Error(AniSoapError.invalid "gradient name" $"'{parameter}'" "a name without slashes")
        elif samples.Names[0] <> "sample" then
            refuse "samples" (show samples) "sample, then others"
        elif
            own < 0
            || not (Seq.forall2 (fun (a: Labels) b -> a.Equals b) (components |> Seq.skip (max own 0)) parentComponents)
        then
            refuse "components" (components |> Seq.map show |> String.concat "; ") "its own, then the block's"
        elif not (properties.Equals parentProperties) then
            refuse "properties" properties "the block's"
        else
            match strayRow () with
            | Some row -> refuse "sample" row[0] ("a row of the block, 0 to " + string (parentSamples.Count - 1))
            | None -> Ok()

    /// The block with a gradient of its values. Refuses a gradient whose samples do not start with `sample`, a row of
    /// the block, whose components do not end with the block's, or whose properties are others.
    let withGradient
        (parameter: string)
        (gradient: TensorBlock)
        (block: TensorBlock)
        : Result<TensorBlock, AniSoapError> =
        checkGradient
            parameter
            (gradient.Samples, gradient.Components, gradient.Properties)
            (block.Samples, block.Components, block.Properties)
        |> Result.map (fun () -> { block with gradients = Map.add parameter gradient block.gradients })

    /// The block without its gradients.
    let withoutGradients (block: TensorBlock) : TensorBlock = { block with gradients = Map.empty }

    /// The gradient of a parameter; an error names those that there are.
    let gradient (parameter: string) (block: TensorBlock) : Result<TensorBlock, AniSoapError> =
        match Map.tryFind parameter block.gradients with
        | Some found -> Ok found
        | None ->
            let known =
                if block.gradients.IsEmpty then
                    "none: there are no gradients"
                else
                    String.concat ", " block.gradients.Keys

            Error(AniSoapError.invalid "gradient" parameter known)

    /// A function of every value. Gradients are left out: they would no longer be those of the values.
    let map (mapping: float -> float) (block: TensorBlock) : TensorBlock = {
        block with
            values = Array.map mapping block.values
            gradients = Map.empty
    }

    /// All values and gradients times a number.
    let rec scale (factor: float) (block: TensorBlock) : TensorBlock = {
        block with
            values = Array.map (fun value -> factor * value) block.values
            gradients = block.gradients |> Map.map (fun _ -> scale factor)
    }

    // --- parts ------------------------------------------------------------------------------------------------------

    /// `renamed` replaces the labels of the chosen rows: a gradient's `sample` counts the rows that are left.
    let rec private sampleRows (positions: int[]) (renamed: Labels) (block: TensorBlock) : TensorBlock =
        let length = block.stride * block.properties.Count
        let values = Array.zeroCreate (positions.Length * length)

        for i in 0 .. positions.Length - 1 do
            Array.Copy(block.values, positions[i] * length, values, i * length, length)

        let newRow = Array.create block.samples.Count -1
        positions |> Array.iteri (fun i position -> newRow[position] <- i)

        let part (gradient: TensorBlock) =
            let kept = gradient.samples |> Labels.positionsWhere (fun row -> newRow[row[0]] >= 0)
            let labels = Labels.takeUnchecked kept gradient.samples
            let values = labels.Values.ToArray()

            for i in 0 .. labels.Size .. values.Length - 1 do
                values[i] <- newRow[values[i]]

            sampleRows kept (Labels.trusted labels.Names values) gradient

        {
            block with
                values = values
                samples = renamed
                gradients = block.gradients |> Map.map (fun _ -> part)
        }

    /// The samples with these numbers, in this order, with their gradients.
    let takeSamples (positions: int seq) (block: TensorBlock) : Result<TensorBlock, AniSoapError> =
        let positions = Seq.toArray positions

        Labels.take positions block.samples
        |> Result.map (fun samples -> sampleRows positions samples block)

    /// The samples that agree with some row of the selection (see `Labels.select`), with their gradients.
    let selectSamples (selection: Labels) (block: TensorBlock) : Result<TensorBlock, AniSoapError> =
        Labels.select selection block.samples
        |> Result.map (fun positions -> sampleRows positions (Labels.takeUnchecked positions block.samples) block)

    let rec private propertyColumns (positions: int[]) (properties: Labels) (block: TensorBlock) : TensorBlock =
        let columns = block.properties.Count
        let rows = block.samples.Count * block.stride
        let values = Array.zeroCreate (rows * positions.Length)

        for row in 0 .. rows - 1 do
            for i in 0 .. positions.Length - 1 do
                values[row * positions.Length + i] <- block.values[row * columns + positions[i]]

        {
            block with
                values = values
                properties = properties
                gradients = block.gradients |> Map.map (fun _ -> propertyColumns positions properties)
        }

    /// The properties with these numbers, in this order, of values and gradients.
    let takeProperties (positions: int seq) (block: TensorBlock) : Result<TensorBlock, AniSoapError> =
        let positions = Seq.toArray positions

        Labels.take positions block.properties
        |> Result.map (fun properties -> propertyColumns positions properties block)

    /// The properties that agree with some row of the selection, of values and gradients.
    let selectProperties (selection: Labels) (block: TensorBlock) : Result<TensorBlock, AniSoapError> =
        Labels.select selection block.properties
        |> Result.map (fun positions ->
            propertyColumns positions (Labels.takeUnchecked positions block.properties) block)
