namespace AniSoap.Numerics

open System
open System.Collections.Generic
open AniSoap
open AniSoap.Numerics

/// Adds up the derivatives of a frame's centres, species by species, and hands on those of the means. An atom stands in a mean's derivatives if some
/// centre of the species depends on it. Memory: one row of features for every atom, axis and centre species of a frame.
[<Sealed>]
type internal MeanGradients(projection: Projection, size: int, parameters: Set<GradientParameter>) =
    let species = projection.Species.Length
    let counts = Array.zeroCreate<int> species
    // Of species that have occurred; one row of zeros serves all others.
    let values = Array.create species Array.empty<float>
    let strain = Array.create species Array.empty<float>
    let zeros = Array.zeroCreate<float> size

    let atomParameters =
        [| GradientParameter.Positions; GradientParameter.Orientations; GradientParameter.SemiAxes |]
        |> Array.filter parameters.Contains

    let rows =
        Array.init species (fun _ -> Array.init atomParameters.Length (fun _ -> SortedDictionary<int, float[]>()))

    let add (target: float[]) (source: ReadOnlySpan<float>) =
        for i in 0 .. source.Length - 1 do
            target[i] <- target[i] + source[i]

    let scaled (factor: float) (row: float[]) =
        for i in 0 .. row.Length - 1 do
            row[i] <- factor * row[i]

        ReadOnlySpan row

    /// Adds a centre of the species numbered t.
    member _.Add(t: int, gradients: CenterGradients) =
        counts[t] <- counts[t] + 1

        if values[t].Length = 0 then
            values[t] <- Array.zeroCreate size
            strain[t] <- Array.zeroCreate (9 * size)

        add values[t] (ReadOnlySpan gradients.Values)

        if parameters.Contains GradientParameter.Strain then
            add strain[t] (ReadOnlySpan gradients.Strain)

        atomParameters
        |> Array.iteri (fun i parameter ->
            let source =
                match parameter with
                | GradientParameter.Positions -> gradients.Positions
                | GradientParameter.Orientations -> gradients.Orientations
                | _ -> gradients.SemiAxes

            let known: SortedDictionary<int, float[]> = (rows[t])[i]

            for place in 0 .. gradients.Atoms.Count - 1 do
                let atom = gradients.Atoms[place]

                let target =
                    match known.TryGetValue atom with
                    | true, found -> found
                    | false, _ ->
                        let made = Array.zeroCreate<float>(3 * size)
                        known.Add(atom, made)
                        made

                add target (ReadOnlySpan(source, 3 * size * place, 3 * size)))

    /// Hands on the means of the frame and forgets them.
    member _.Send(sink: IGradientSink, system: int) =
        for t in 0 .. species - 1 do
            let factor = 1.0 / float (max 1 counts[t])
            let mean = if values[t].Length = 0 then zeros else values[t]
            sink.Row(t, system, -1, scaled factor mean)

            if counts[t] > 0 then
                for i in 0 .. atomParameters.Length - 1 do
                    let known: SortedDictionary<int, float[]> = (rows[t])[i]
                    let parameter = atomParameters[i]

                    for KeyValue(atom, row) in known do
                        sink.Atom(parameter, t, system, atom, scaled factor row)

                    known.Clear()

                if parameters.Contains GradientParameter.Strain then
                    let mean = strain[t]
                    sink.Strain(t, scaled factor mean)

            counts[t] <- 0
            Array.Clear values[t]
            Array.Clear strain[t]
