namespace AniSoap.Numerics

open System
open System.Collections.Generic
open System.Collections.Immutable
open AniSoap

/// A part of a row of features that becomes a block of its own: all that has one key.
type internal Segment = { Components: Labels list; Properties: Labels; From: int; Length: int }

/// The labels of features with gradients.
module internal GradientLabels =
    let segments (projection: Projection) kind =
        match kind with
        | ExpansionCoefficients _ ->
            let sizes =
                Array.init (projection.Hypers.MaxAngular + 1) (fun l -> (2 * l + 1) * projection.Table.Columns[l])

            let starts = Array.scan (+) 0 sizes

            sizes
            |> Array.mapi (fun l size -> {
                Components = [ ExpansionLabels.componentLabels l ]
                Properties = ExpansionLabels.columnLabels projection l
                From = starts[l]
                Length = size
            })
        | ParticleSpectra columns
        | MeanSpectra columns -> [|
            {
                Components = []
                Properties = SpectrumColumns.properties columns projection
                From = 0
                Length = SpectrumColumns.length columns projection
            }
          |]
        | PairCoefficients _ ->
            let sizes =
                Array.init (projection.Hypers.MaxAngular + 1) (fun l -> (2 * l + 1) * projection.RadialCount l)

            let starts = Array.scan (+) 0 sizes

            sizes
            |> Array.mapi (fun l size -> {
                Components = [ ExpansionLabels.componentLabels l ]
                Properties = Labels.range "n" (projection.RadialCount l) |> ExpansionLabels.sure
                From = starts[l]
                Length = size
            })

    /// Blocks of one segment: the species of centres, or of pairs of a centre and a neighbour.
    let groups (projection: Projection) kind =
        let species = projection.Species.Length

        match kind with
        | PairCoefficients _ -> species * species
        | _ -> species

    let keys (projection: Projection) kind =
        match kind with
        | ExpansionCoefficients _ -> ExpansionLabels.centerKeys projection
        | ParticleSpectra _
        | MeanSpectra _ -> PowerSpectrum.keyLabels projection
        | PairCoefficients _ -> Expansion.pairKeys projection

    /// The parameters in the order in which their gradients are written.
    let parameters kind (wanted: Set<GradientParameter>) =
        match kind with
        | PairCoefficients _ -> GradientParameter.ofPairs wanted
        | _ -> GradientParameter.all |> List.filter wanted.Contains |> List.toArray

    let sampleNames kind =
        match kind with
        | MeanSpectra _ -> ImmutableArray.Create "system"
        | ExpansionCoefficients _
        | ParticleSpectra _ -> ImmutableArray.Create("system", "atom")
        | PairCoefficients _ -> ExpansionLabels.pairSamples

/// Rows of features as blocks of a TensorMap: a block for every segment of a row and every group, a species as centre or a pair of species.
[<NoComparison; NoEquality>]
type internal BlockLayout = {
    Segments: Segment[]
    Groups: int
    /// Of the blocks, groups fastest.
    Keys: Labels
    /// Numbers of a row.
    Size: int
    /// What the numbers of each segment are, for people.
    Called: string[]
    SampleNames: ImmutableArray<string>
    /// In the order in which gradients are written.
    Parameters: GradientParameter[]
}

module internal BlockLayout =
    let ofKind (projection: Projection) kind (parameters: Set<GradientParameter>) : BlockLayout =
        let segments = GradientLabels.segments projection kind

        {
            Segments = segments
            Groups = GradientLabels.groups projection kind
            Keys = GradientLabels.keys projection kind
            Size = FeatureKind.size projection kind
            Called =
                match kind with
                | ExpansionCoefficients RadialForm.Raw
                | PairCoefficients RadialForm.Raw ->
                    segments
                    |> Array.mapi (fun l _ -> "a column of coefficients of l = " + string l)
                | ExpansionCoefficients _
                | PairCoefficients _ -> segments |> Array.mapi (fun l _ -> "the coefficients of l = " + string l)
                | _ -> segments |> Array.map (fun _ -> "a block")
            SampleNames = GradientLabels.sampleNames kind
            Parameters = GradientLabels.parameters kind parameters
        }

/// A sink that makes a TensorMap of what it is given.
[<Sealed>]
type internal GradientBlocks(projection: Projection, kind: FeatureKind, parameters: Set<GradientParameter>) =
    let segments = GradientLabels.segments projection kind
    let species = GradientLabels.groups projection kind
    let isMean = kind.IsMeanSpectra
    let wanted = GradientLabels.parameters kind parameters
    let samples = Array.init species (fun _ -> ResizeArray<int>())
    let rowCounts = Array.zeroCreate<int> species
    let grown () = Array.init species (fun _ -> Array.init segments.Length (fun _ -> ResizeArray<float>()))
    let values = grown ()
    let gradientSamples = wanted |> Array.map (fun _ -> Array.init species (fun _ -> ResizeArray<int>()))
    let gradientValues = wanted |> Array.map (fun _ -> grown ())

    let add (target: ResizeArray<float>[]) rows size (source: ReadOnlySpan<float>) =
        for s in 0 .. segments.Length - 1 do
            for row in 0 .. rows - 1 do
                target[s].AddRange(source.Slice(row * size + segments[s].From, segments[s].Length))

    let part (grown: ResizeArray<float>[][]) t s =
        let rows = grown[t]
        rows[s].ToArray()

    interface IGradientSink with
        member _.Row(t, system, atom, row) =
            rowCounts[t] <- rowCounts[t] + 1
            samples[t].Add system

            if not isMean then
                samples[t].Add atom

            add values[t] 1 row.Length row

        member _.Atom(parameter, t, system, atom, rows) =
            let i = Array.IndexOf(wanted, parameter)
            let samples: ResizeArray<int> = (gradientSamples[i])[t]
            samples.AddRange [ rowCounts[t] - 1; system; atom ]
            let target: ResizeArray<float>[] = (gradientValues[i])[t]
            add target 3 (rows.Length / 3) rows

        member _.Strain(t, rows) =
            let i = Array.IndexOf(wanted, GradientParameter.Strain)
            let samples: ResizeArray<int> = (gradientSamples[i])[t]
            samples.Add(rowCounts[t] - 1)
            let target: ResizeArray<float>[] = (gradientValues[i])[t]
            add target 9 (rows.Length / 9) rows

    interface IPairSink with
        member _.Pair(kind, sample, row) =
            rowCounts[kind] <- rowCounts[kind] + 1
            samples[kind].AddRange sample
            add values[kind] 1 row.Length row

    member _.ToMap() : TensorMap =
        let block s t =
            let segment = segments[s]
            let owned = part values t s
            let labels names (rows: ResizeArray<int>) = Labels.trusted names (rows.ToArray())

            let plain =
                TensorBlock.ofOwned
                    (labels (GradientLabels.sampleNames kind) (samples[t]))
                    segment.Components
                    segment.Properties
                    owned
                |> ExpansionLabels.sure

            let withGradient block i =
                let parameter = wanted[i]
                let owned = part gradientValues[i] t s

                let gradient =
                    TensorBlock.ofOwned
                        (labels (GradientParameter.sampleNames parameter) (gradientSamples[i][t]))
                        (GradientParameter.components parameter @ segment.Components)
                        segment.Properties
                        owned
                    |> ExpansionLabels.sure

                TensorBlock.withGradient (GradientParameter.name parameter) gradient block
                |> ExpansionLabels.sure

            Seq.fold withGradient plain (seq { 0 .. wanted.Length - 1 })

        let blocks = [
            for s in 0 .. segments.Length - 1 do
                for t in 0 .. species - 1 do
                    block s t
        ]

        TensorMap.create (GradientLabels.keys projection kind) blocks
        |> ExpansionLabels.sure
