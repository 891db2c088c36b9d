namespace AniSoap.Formats

open System
open AniSoap

/// What the columns of a table are: those that tell its rows apart, and those of features, by their places.
type TableColumns = {
    /// The names of samples; only `row` where nothing names them, without a column where rows are counted.
    SampleNames: string list
    /// The places of their columns.
    SampleAt: int[]
    /// What the columns of features are.
    Properties: Labels
    /// The places of the features' columns.
    PropertyAt: int[]
}

/// Names of columns that carry their labels: `l=0 n_1=2 neighbor_1_type=6`, with names and numbers only, so that no format
/// has to quote them. A column without `=` is one of the sample's.
module TableColumns =
    /// The name of a column of features.
    let nameOf (property: LabelsRow) : string =
        let values = property.Values.ToArray()

        Seq.map2 (fun name (value: int) -> name + "=" + string value) property.Names values
        |> String.concat " "

    let private part (text: string) =
        match text.Split '=' with
        | [| name; value |] ->
            match WholeNumber.tryInt value with
            | true, value -> Some struct (name, value)
            | _ -> None
        | _ -> None

    /// Columns in which other programs number their rows: R's row names, pandas' index in CSV and in Parquet.
    let private isCounter (name: string) =
        name = ""
        || name.StartsWith("Unnamed: ", StringComparison.Ordinal)
        || (name.StartsWith("__index_level_", StringComparison.Ordinal)
            && name.EndsWith("__", StringComparison.Ordinal))

    /// What the columns of these names are, wherever they stand. What only counts the rows is left out; without any names of
    /// samples rows are counted.
    let parse (columns: string list) : Result<TableColumns, AniSoapError> =
        let columns = List.toArray columns
        let isFeature (at: int) = columns[at].Contains '='
        let features, others = Array.init columns.Length id |> Array.partition isFeature
        let named = others |> Array.filter (fun at -> not (isCounter columns[at]))

        // pandas keeps an index without a name in Parquet only where it is more than a count.
        let samples =
            if named.Length > 0 then
                named
            else
                others
                |> Array.filter (fun at -> columns[at].StartsWith("__index_level_0", StringComparison.Ordinal))

        let refuse column =
            Error(
                Malformed(
                    ("a column called '" + column + "'"),
                    "names of samples (frame, particle), and columns called after their labels (l=0 n_1=2 …)",
                    Place.Unknown
                )
            )

        match Array.tryHead features with
        | None -> refuse (Array.tryLast columns |> Option.defaultValue "")
        | Some first ->
            let parts (column: string) = column.Split ' ' |> Array.map part
            let namesOf parts = parts |> Array.map (fun (struct (name: string, _)) -> name)
            let names = parts columns[first] |> Array.choose id |> namesOf
            let values = Array.zeroCreate<int>(features.Length * names.Length)

            // The values of a column's labels, unless it has others than the first.
            let read i (column: string) =
                let found = column.Split ' '

                if found.Length <> names.Length then
                    false
                else
                    let mutable good = true

                    for j in 0 .. found.Length - 1 do
                        match part found[j] with
                        | Some(struct (name, value)) when name = names[j] -> values[i * names.Length + j] <- value
                        | _ -> good <- false

                    good

            let stray = features |> Seq.indexed |> Seq.tryFind (fun (i, at) -> not (read i columns[at]))

            match stray with
            | Some(_, at) -> refuse columns[at]
            | None ->
                let sampleNames =
                    if named.Length > 0 then
                        [ for at in named -> columns[at] ]
                    else
                        [ "row" ]

                Labels.checkNames sampleNames
                |> Result.map ignore
                |> Result.bind (fun () -> Labels.ofOwned names values)
                |> Result.map (fun labels -> {
                    SampleNames = sampleNames
                    SampleAt = samples
                    Properties = labels
                    PropertyAt = features
                })
