namespace AniSoap

open System
open System.IO
open AniSoap.Formats

/// Where the members of a metatensor archive go, whoever has them: labels, samples, values and info, stored as metatensor
/// stores them.
[<Sealed>]
type internal MtsSink(stream: Stream) =
    let zip = ZipWriter stream

    /// A member behind the header of an array.
    let put name (header: NpyHeader) (write: Stream -> 'a) : 'a =
        let head = NpyHeader.bytesOf header
        let written = write (zip.Begin(name, head.Length))
        zip.End head
        written

    member _.Labels(name: string, labels: Labels) : unit =
        put name (NpyData.labelsHeader labels) (fun body -> NpyData.writeIntegers body labels.Values)

    /// Labels whose rows `write` writes, so many of them.
    member _.Samples(name: string, names: string seq, count: int64, write: Stream -> unit) : unit =
        let element = Record [ for name in names -> name, NpyHeader.int4 ]
        put name (NpyData.header element [ count ]) write

    /// Numbers that `write` writes, as many as the lengths say.
    member _.Values(name: string, precision: Precision, shape: int64 list, write: Stream -> 'a) : 'a =
        put name (NpyData.header (Scalar(NpyData.scalarOf precision)) shape) write

    /// The axes between samples and properties of a block.
    member sink.Components(prefix: string, components: Labels seq) : unit =
        components
        |> Seq.iteri (fun j labels -> sink.Labels(prefix + "components/" + string j + ".npy", labels))

    /// A block that is at hand, with its gradients.
    member sink.Block
        (prefix: string, precision: Precision, buffer: single[], block: TensorBlock, isGradient: bool)
        : Result<unit, AniSoapError> =
        let shape = [ for length in block.Shape -> int64 length ]

        sink.Values(
            prefix + "values.npy",
            precision,
            shape,
            fun body -> NpyData.writeFloats precision buffer body block.Values
        )
        |> Result.bind (fun () ->
            sink.Labels(prefix + "samples.npy", block.Samples)
            sink.Components(prefix, block.Components)

            if not isGradient then
                sink.Labels(prefix + "properties.npy", block.Properties)

            block.Gradients
            |> Map.toSeq
            |> Result.check (fun (parameter, gradient) ->
                sink.Block(prefix + "gradients/" + parameter + "/", precision, buffer, gradient, true)))

    /// The info of a map, and the end of the archive.
    member _.Finish(info: Map<string, string>) : unit =
        if not info.IsEmpty then
            zip.Add("info.json", Metadata.toFlatJson info)

        zip.Finish()
