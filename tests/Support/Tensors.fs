/// Comparison of label arrays, and random ones from a seed.
module AniSoap.Tests.Tensors

open System
open Expecto
open AniSoap

/// The value of a result that must be one; an error fails the test with its sentence.
let ok result =
    match result with
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

/// The sentence of a result that must be an error.
let sentence result =
    match result with
    | Ok value -> failtestf "an error was expected, not %A" value
    | Error error -> AniSoapError.describe error

let labels (names: string list) (rows: int list list) = Labels.create names (Seq.map Seq.ofList rows) |> ok

/// Same labels, and the same values bit for bit, gradients included.
let rec sameBlock (actual: TensorBlock) (expected: TensorBlock) message =
    Expect.equal actual.Samples expected.Samples $"{message}: samples"
    Expect.sequenceEqual actual.Components expected.Components $"{message}: components"
    Expect.equal actual.Properties expected.Properties $"{message}: properties"

    let bits (block: TensorBlock) = block.Values.ToArray() |> Array.map BitConverter.DoubleToInt64Bits
    Expect.equal (bits actual) (bits expected) $"{message}: values"
    Expect.sequenceEqual actual.Gradients.Keys expected.Gradients.Keys $"{message}: gradients"

    for KeyValue(parameter, gradient) in expected.Gradients do
        sameBlock actual.Gradients[parameter] gradient $"{message}, gradient {parameter}"

let sameMap (actual: TensorMap) (expected: TensorMap) message =
    Expect.equal actual.Keys expected.Keys $"{message}: keys"
    Expect.equal actual.Info expected.Info $"{message}: info"

    Seq.iteri2
        (fun i actual expected -> sameBlock actual expected $"{message}, block {i}")
        actual.Blocks
        expected.Blocks

/// Different rows of small random numbers, in random order.
let private randomRows (random: Random) count width =
    let rows = Collections.Generic.HashSet<int list>()

    while rows.Count < count do
        rows.Add [ for _ in 1..width -> random.Next(-3, 40) ] |> ignore

    List.ofSeq rows

let private randomValues (random: Random) count = Array.init count (fun _ -> random.NextDouble() * 8.0 - 4.0)

let private size (parts: Labels seq) = parts |> Seq.map _.Count |> Seq.fold (*) 1

/// Gradients of some samples, and gradients of those down to `depth`.
let rec private withGradients (random: Random) (names: string list) depth (block: TensorBlock) =
    (block, names)
    ||> List.fold (fun block name ->
        let samples =
            [
                for sample in 0 .. block.Samples.Count - 1 do
                    for atom in 0 .. random.Next 3 - 1 -> [ sample; atom ]
            ]
            |> labels [ "sample"; "atom" ]

        let own = (Labels.range $"{name}_axis" 3 |> ok) :: List.ofSeq block.Components
        let values = randomValues random (samples.Count * size own * block.Properties.Count)

        // All blocks of a map have the same gradients, down to the same depth.
        let gradient =
            TensorBlock.create samples own block.Properties values
            |> ok
            |> withGradients random (if depth > 1 then [ name + "x" ] else []) (depth - 1)

        TensorBlock.withGradient name gradient block |> ok)

/// A random map with keys a, b (or none), up to two components, gradients of gradients, and info.
let random (seed: int) =
    let random = Random seed
    let componentCount = random.Next 3
    let gradients = List.take (random.Next 3) [ "positions"; "strain" ]
    let keys = labels [ "a"; "b" ] (randomRows random (random.Next(1, 6)) 2)

    let block _ =
        let samples = labels [ "system"; "atom" ] (randomRows random (random.Next 5) 2)
        let components = [ for j in 1..componentCount -> Labels.range $"c_{j}" (random.Next(1, 4)) |> ok ]
        let properties = labels [ "n"; "neighbor_type" ] (randomRows random (random.Next(1, 5)) 2)

        TensorBlock.create
            samples
            components
            properties
            (randomValues random (samples.Count * size components * properties.Count))
        |> ok
        |> withGradients random gradients 2

    TensorMap.create keys (Seq.init keys.Count block)
    |> ok
    |> TensorMap.withInfo (
        if seed % 2 = 0 then
            Map.empty
        else
            Map [ "unit", "\"Å\" and \\"; "seed", string seed; "ünlaut", "line\nbreak" ]
    )
