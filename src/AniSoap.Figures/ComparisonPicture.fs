namespace AniSoap.Plotting

open System
open AniSoap
open AniSoap.Plotting.FigureValues

/// A picture of a comparison.
type ComparisonStyle = {
    Title: string
    /// What the numbers are, for the legend: distance, similarity.
    Quantity: string
    /// What the mouse shows of each row; nothing more than its number where it is empty.
    Rows: string seq
    /// The same of each column.
    Columns: string seq
    /// Whether numbers near zero are the alike ones, as distances are: darkest.
    AreDistances: bool
}

/// Rows of features compared with others, each with each, as a heat map.
module ComparisonPicture =
    /// No title, distances.
    let defaults = { Title = ""; Quantity = "distance"; Rows = []; Columns = []; AreDistances = true }

    /// More numbers make a page that browsers take long to open.
    [<Literal>]
    let private MostNumbers = 1_000_000L

    /// Up to so many numbers the mouse names the row and the column of each; of more their numbers are enough.
    [<Literal>]
    let private MostNamed = 20_000L

    let private labels name (count: int) (given: string seq) =
        let given = Seq.toArray given

        if given.Length = 0 then
            Ok(Array.init count string)
        elif given.Length = count then
            Ok given
        else
            Error(
                AniSoapError.InvalidValue(
                    "number of labels of " + name,
                    string given.Length,
                    "one for each of the " + string count,
                    Place.Unknown
                )
            )

    /// A heat map of a matrix: `values[row, column]`, rows downwards. Refuses labels that are not one for each, no numbers, and more than a million, which browsers take too long for.
    let create (style: ComparisonStyle) (values: float[,]) : Result<Figure, AniSoapError> =
        let rows, columns = Array2D.length1 values, Array2D.length2 values
        let count = int64 rows * int64 columns

        if count = 0L || count > MostNumbers then
            Error(
                AniSoapError.InvalidValue(
                    "numbers of the comparison",
                    string rows + " × " + string columns,
                    "1 to 1,000,000 (fewer --frames, or a table)",
                    Place.Unknown
                )
            )
        else
            labels "rows" rows style.Rows
            |> Result.bind (fun rowLabels ->
                labels "columns" columns style.Columns
                |> Result.map (fun columnLabels ->
                    let numbers =
                        Items [
                            for row in 0 .. rows - 1 ->
                                Items [ for column in 0 .. columns - 1 -> Number values[row, column] ]
                        ]

                    let names =
                        if count > MostNamed then
                            [
                                "hovertemplate",
                                Text("row %{y}, column %{x}<br>" + style.Quantity + " %{z:.6g}<extra></extra>")
                            ]
                        else
                            [
                                "customdata",
                                Items [ for row in rowLabels -> Items [ for _ in columnLabels -> Text row ] ]
                                "text", Items [ for _ in rowLabels -> Figure.texts columnLabels ]
                                "hovertemplate",
                                Text("%{customdata}<br>%{text}<br>" + style.Quantity + " %{z:.6g}<extra></extra>")
                            ]

                    // Names as ticks would be most of the picture.
                    let map =
                        Figure.trace
                            "heatmap"
                            ([
                                "z", numbers
                                "x", Integers(Array.init columns id)
                                "y", Integers(Array.init rows id)
                                "colorscale", Text Palette.Sequential
                                "reversescale", Flag(not style.AreDistances)
                                "colorbar", Figure.colourBar style.Quantity []
                             ]
                             @ names)

                    let axis more = Figure.axis "" ([ "showgrid", Flag false; "constrain", Text "domain" ] @ more)

                    Figure.chart [
                        yield! Figure.title style.Title
                        "xaxis", axis []
                        "yaxis", axis [ "autorange", Text "reversed"; "scaleanchor", Text "x" ]
                    ] [ map ]))
