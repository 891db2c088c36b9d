namespace AniSoap.Plotting

open System
open AniSoap
open AniSoap.Plotting.FigureValues

/// A picture of a power spectrum.
type SpectrumStyle = {
    Title: string
    /// The unit of length, for the numbers' unit length^−3.
    LengthUnit: string option
}

/// One row of a power spectrum as heat maps: a panel for each l, (n_1, neighbour species) against (n_2, neighbour species).
module SpectrumPicture =
    /// Without a title.
    let defaults = { Title = ""; LengthUnit = None }

    /// The panel of one l: what its rows and columns are, and the values, `nan` where the spectrum has no entry.
    type internal Panel = { L: int; Entries: (int * int)[]; Values: float[][] }

    let private names = [ "l"; "n_1"; "neighbor_1_type"; "n_2"; "neighbor_2_type" ]

    /// The values of one row by l. A compact spectrum has each pair once, times √2: both places get what the full spectrum has there.
    let internal panels (properties: Labels) (row: float[]) : Result<Panel list, AniSoapError> =
        match names |> List.tryFind (fun name -> properties.Dimension name < 0) with
        | Some missing ->
            Error(
                AniSoapError.Missing(
                    "the property " + missing,
                    "a power spectrum has " + String.Join(", ", names),
                    Place.Unknown
                )
            )
        | None ->
            let dimension = names |> List.map properties.Dimension |> List.toArray
            let entry (label: LabelsRow) n t = label[dimension[n]], label[dimension[t]]

            properties
            |> Seq.groupBy (fun label -> label[dimension[0]])
            |> Seq.sortBy fst
            |> Seq.map (fun (l, labels) ->
                let labels = Seq.toArray labels

                let entries =
                    labels
                    |> Seq.collect (fun label -> [ entry label 1 2; entry label 3 4 ])
                    |> Seq.distinct
                    |> Seq.sort
                    |> Seq.toArray

                let place = entries |> Seq.mapi (fun k entry -> entry, k) |> dict
                let values = Array.init entries.Length (fun _ -> Array.create entries.Length nan)

                for label in labels do
                    values[place[entry label 1 2]][place[entry label 3 4]] <- row[label.Position]

                for i in 0 .. entries.Length - 1 do
                    for j in 0 .. entries.Length - 1 do
                        if Double.IsNaN(values[i][j]) && not (Double.IsNaN(values[j][i])) then
                            values[j][i] <- values[j][i] / sqrt 2.0
                            values[i][j] <- values[j][i]

                { L = l; Entries = entries; Values = values })
            |> Seq.toList
            |> Ok

    /// Three digits.
    let private significant (value: float) = value.ToString("G3", Globalization.CultureInfo.InvariantCulture)

    /// Heat maps of one row of a power spectrum: a panel for each l, coloured relative to the largest value of that l in size, which stands above
    /// it (higher l are smaller by orders of magnitude). Refuses properties that are not a power spectrum's, a row of another length, an
    /// empty one, and numbers that are not finite; select the columns of one species as centre first (`center_type`).
    let create (style: SpectrumStyle) (properties: Labels) (row: float seq) : Result<Figure, AniSoapError> =
        let row = Seq.toArray row

        if row.Length <> properties.Count || row.Length = 0 then
            Error(
                AniSoapError.InvalidValue(
                    "number of values",
                    string row.Length,
                    "one for each of the " + string properties.Count + " properties, at least one",
                    Place.Unknown
                )
            )
        elif row |> Array.exists (Double.IsFinite >> not) then
            let column = row |> Array.findIndex (Double.IsFinite >> not)

            Error(
                AniSoapError.InvalidValue(
                    "value of column " + string column,
                    row[column].ToString(Globalization.CultureInfo.InvariantCulture),
                    "finite numbers",
                    Place.Unknown
                )
            )
        else
            panels properties row
            |> Result.map (fun panels ->
                let columns, rows = BasisPicture.grid panels.Length
                let severalSpecies = panels |> Seq.collect _.Entries |> Seq.map snd |> Seq.distinct |> Seq.length > 1

                let label (n: int, t: int) =
                    if severalSpecies then
                        string n + ", " + string t
                    else
                        string n

                let what = if severalSpecies then ", species" else ""

                let largest (panel: Panel) =
                    panel.Values
                    |> Seq.concat
                    |> Seq.filter Double.IsFinite
                    |> Seq.fold (fun most value -> max most (abs value)) 0.0

                let maps =
                    panels
                    |> List.mapi (fun k panel ->
                        let scale =
                            match largest panel with
                            | 0.0 -> 1.0
                            | most -> most

                        let ticks = panel.Entries |> Array.map label |> Figure.texts
                        let rows pick = panel.Values |> Seq.map (Seq.map pick >> Items) |> Items

                        Figure.trace "heatmap" [
                            "x", ticks
                            "y", ticks
                            "z", rows (fun value -> if Double.IsFinite value then Number(value / scale) else Gap)
                            "customdata", rows (fun value -> if Double.IsFinite value then Number value else Gap)
                            "xaxis", Text("x" + Figure.suffix k)
                            "yaxis", Text("y" + Figure.suffix k)
                            "coloraxis", Text "coloraxis"
                            "xgap", Whole 1
                            "ygap", Whole 1
                            "hovertemplate",
                            Text(
                                "n<sub>1</sub>"
                                + what
                                + " = %{y}<br>n<sub>2</sub>"
                                + what
                                + " = %{x}<br>p = %{customdata:.5g}<extra>l = "
                                + string panel.L
                                + "</extra>"
                            )
                        ])

                let axes =
                    panels
                    |> List.mapi (fun k _ ->
                        let isLowest = k + columns >= panels.Length
                        let isLeft = k % columns = 0
                        let more = [ "type", Text "category"; "showgrid", Flag false; "constrain", Text "domain" ]

                        [
                            "xaxis" + Figure.suffix k,
                            Figure.axis (if isLowest then "n<sub>2</sub>" + what else "") more
                            "yaxis" + Figure.suffix k,
                            Figure.axis
                                (if isLeft then "n<sub>1</sub>" + what else "")
                                (more
                                 @ [ "autorange", Text "reversed"; "scaleanchor", Text("x" + Figure.suffix k) ])
                        ])
                    |> List.concat

                let unit' =
                    match style.LengthUnit with
                    | Some lengthUnit -> " " + lengthUnit + "<sup>−3</sup>"
                    | None -> ""

                let notes =
                    panels
                    |> List.mapi (fun k panel ->
                        Figure.above k ("l = " + string panel.L + ", ±1 is " + significant (largest panel) + unit'))

                Figure.chart
                    ([
                        yield! Figure.title style.Title
                        Figure.grid rows columns 0.15 0.25
                        "annotations", Items notes
                        "coloraxis",
                        Attributes [
                            "colorscale", Palette.diverging
                            "cmin", Number -1.0
                            "cmax", Number 1.0
                            "colorbar", Figure.colourBar "p relative to the largest of its l" []
                        ]
                     ]
                     @ axes)
                    maps)
