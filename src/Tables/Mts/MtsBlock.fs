namespace AniSoap

open System
open System.Collections.Immutable

/// A block as an `.mts` file holds it: values of any type, with their labels and gradients. Immutable.
[<ReferenceEquality>]
type internal MtsBlock = private {
    values: ScalarArray
    samples: Labels
    components: ImmutableArray<Labels>
    properties: Labels
    gradients: Map<string, MtsBlock>
} with

    /// The values: samples × components … × properties.
    member block.Values = block.values

    /// The names of the rows.
    member block.Samples = block.samples

    /// The names along each axis between samples and properties.
    member block.Components = block.components

    /// The names of the columns.
    member block.Properties = block.properties

    /// The gradients by the parameter's name.
    member block.Gradients = block.gradients

/// Blocks of numbers of any type.
module internal MtsBlock =
    let private show (shape: int seq) = let lengths = String.Join(", ", shape) in "(" + lengths + ")"

    /// A block without gradients. Refuses values of another shape than the labels', and values in Fortran order.
    let create
        (samples: Labels)
        (components: Labels seq)
        (properties: Labels)
        (values: ScalarArray)
        : Result<MtsBlock, AniSoapError> =
        let components = ImmutableArray.CreateRange components
        let shape = [ samples.Count; yield! components |> Seq.map _.Count; properties.Count ]

        if List.ofSeq values.Shape <> shape then
            Error(AniSoapError.invalid "shape of the values" (show values.Shape) $"{show shape}, as the labels have it")
        elif values.FortranOrder && values.Count > 1 then
            Error(AniSoapError.invalid "fortran_order" "True" "False, that is C order")
        else
            Ok {
                values = values
                samples = samples
                components = components
                properties = properties
                gradients = Map.empty
            }

    /// The block with a gradient of its values; refuses what `TensorBlock.withGradient` refuses.
    let withGradient (parameter: string) (gradient: MtsBlock) (block: MtsBlock) : Result<MtsBlock, AniSoapError> =
        TensorBlock.checkGradient
            parameter
            (gradient.samples, gradient.components, gradient.properties)
            (block.samples, block.components, block.properties)
        |> Result.map (fun () -> { block with gradients = Map.add parameter gradient block.gradients })

    /// The block with its values as doubles. Refuses complex numbers and integers that no double is equal to.
    let rec toTensorBlock (block: MtsBlock) : Result<TensorBlock, AniSoapError> =
        ScalarArray.toFloats block.values
        |> Result.bind (TensorBlock.ofOwned block.samples block.components block.properties)
        |> Result.bind (fun converted ->
            (converted, Map.toSeq block.gradients)
            ||> Result.fold (fun known (parameter, gradient) ->
                toTensorBlock gradient
                |> Result.bind (fun gradient -> TensorBlock.withGradient parameter gradient known)))

    /// The block with its values as 8-byte floating-point numbers.
    let rec ofTensorBlock (block: TensorBlock) : MtsBlock = {
        values =
            match ScalarArray.ofValues block.Shape block.Values with
            | Ok values -> values
            | Error error -> invalidOp (AniSoapError.describe error) // a block's shape fits its values
        samples = block.Samples
        components = block.Components
        properties = block.Properties
        gradients = block.Gradients |> Map.map (fun _ gradient -> ofTensorBlock gradient)
    }

/// What an `.mts` file can be.
[<NoComparison; ReferenceEquality>]
type internal MtsContent =
    /// Blocks by key, and information about the whole.
    | TensorMapOf of keys: Labels * blocks: MtsBlock list * info: Map<string, string>
    /// A block alone.
    | TensorBlockOf of MtsBlock
    /// Labels alone.
    | LabelsOf of Labels

module internal MtsContent =
    /// What keeps the blocks from being those of the keys, if anything.
    let check (keys: Labels) (blocks: MtsBlock list) : Result<unit, AniSoapError> =
        [
            for block in blocks -> TensorMap.names block.Samples block.Components block.Properties block.Gradients.Keys
        ]
        |> TensorMap.checkBlocks keys
