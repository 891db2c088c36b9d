namespace AniSoap.Formats

open System
open System.Collections.Immutable
open AniSoap

/// The names of labels in a file of features.
[<RequireQualifiedAccess>]
type LabelNames =
    /// Those of metatensor and featomic: `system`, `center_type`, `l`, `n_1`, …
    | Metatensor
    /// Those of the Python package: `type`, `types_center`, `n_1_a`, …
    | Package

/// The labels of a table of power spectra, in today's names or in those of the Python package; the values and their order
/// are the same. (The package lists its property labels in another order than its values where there are several species;
/// here the labels are those of the values.)
module internal SpectrumLabels =
    let centerType names =
        match names with
        | LabelNames.Metatensor -> "center_type"
        | LabelNames.Package -> "types_center"

    /// What a table calls the frame's number; a TensorMap calls it a system.
    let frame names isMap =
        match names with
        | LabelNames.Package -> "type"
        | LabelNames.Metatensor -> if isMap then "system" else "frame"

    let particle names isMap =
        match names with
        | LabelNames.Package -> "center"
        | LabelNames.Metatensor -> if isMap then "atom" else "particle"

    /// Columns (…, l, n1, t1, n2, t2) under the package's names (…, n1, t1, l, n2, t2, l).
    let private renamed (before: string list) (labels: Labels) : Labels =
        let names =
            before
            @ [ "n_1_a"; "neighbor_types_1_a"; "k_2"; "n_1_b"; "neighbor_types_1_b"; "l_2" ]

        let skip = before.Length
        let values = Array.zeroCreate<int>(labels.Count * names.Length)
        let source = labels.Values

        for row in 0 .. labels.Count - 1 do
            let column = source.Slice(row * labels.Size, labels.Size)
            let target = Span(values, row * names.Length, names.Length)
            column.Slice(0, skip).CopyTo target
            target[skip] <- column[skip + 1]
            target[skip + 1] <- column[skip + 2]
            target[skip + 2] <- column[skip]
            target[skip + 3] <- column[skip + 3]
            target[skip + 4] <- column[skip + 4]
            target[skip + 5] <- column[skip]

        Labels.trusted (ImmutableArray.CreateRange names) values

    /// The columns of one centre's spectrum.
    let ofParticle names columns (projection: Projection) : Labels =
        let labels = SpectrumColumns.properties columns projection

        if names = LabelNames.Package then
            renamed [] labels
        else
            labels

    /// The columns of a frame's mean: those of every species as centre, side by side.
    let ofMean names columns (projection: Projection) : Labels =
        let labels = SpectrumColumns.meanProperties columns projection

        if names = LabelNames.Package then
            renamed [ centerType names ] labels
        else
            labels

    let private labelled (names: string list) values = Labels.trusted (ImmutableArray.CreateRange names) values

    /// How the rows of a TensorMap are sorted: by the species as centre.
    let byCenter names (projection: Projection) : RowsByKey =
        match names with
        | LabelNames.Metatensor -> {
            Keys = labelled [ centerType names ] (Seq.toArray projection.Species)
            Dimension = centerType names
            Components = []
          }
        | LabelNames.Package ->
            let keys = [|
                for species in projection.Species do
                    2
                    0
                    species
            |]

            {
                Keys = labelled [ "order_nu"; "angular_channel"; centerType names ] keys
                Dimension = centerType names
                Components = [ labelled [ "spherical_harmonics_m" ] [| 0 |] ]
            }

/// Expansions under the names, and with the order of keys, of the Python package; the values are the same.
module internal PackageNames =
    let private names =
        Map [
            "o3_lambda", "angular_channel"
            "center_type", "types_center"
            "first_atom_type", "types_center"
            "second_atom_type", "types_neighbor"
            "system", "type"
            "atom", "center"
            "o3_mu", "spherical_component_m"
            "neighbor_type", "neighbor_types"
        ]

    let private rename name = Map.tryFind name names |> Option.defaultValue name

    /// The names and the order of blocks that have these keys here.
    let internal blocks (known: Labels) : BlockNames =
        let types = [
            for name in known.Names do
                if name.EndsWith("_type", StringComparison.Ordinal) then
                    name
        ]

        let order = types @ [ "o3_lambda" ]
        let places = order |> List.map known.Dimension

        let keys =
            [ for row in known -> [ for place in places -> row[place] ], row.Position ]
            |> List.sort

        {
            BlockNames.Keys =
                Labels.trusted
                    (ImmutableArray.CreateRange(Seq.map rename order))
                    (keys |> Seq.collect fst |> Seq.toArray)
            Blocks = List.map snd keys
            // Pairs keep the names of their samples: the package has them from elsewhere.
            Rename =
                if known.Names.Contains "first_atom_type" then
                    fun name ->
                        if name = "system" || name = "atom" then
                            name
                        else
                            rename name
                else
                    rename
        }
