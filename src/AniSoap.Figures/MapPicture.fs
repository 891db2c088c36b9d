namespace AniSoap.Plotting

open System
open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting.FigureValues

/// What the colour of a point of a map says.
type MapColouring =
    /// Nothing: all points are alike.
    | Plain
    /// Which group it belongs to, a name for each point: phases, files, species.
    | ByGroup of string seq
    /// A number for each point, with the quantity's name for the legend.
    | ByNumber of name: string * values: float seq

/// A map of features.
type MapStyle = {
    Title: string
    Colouring: MapColouring
    /// What the mouse shows of each point; nothing more than its place where it is empty.
    Hover: string seq
}

/// Rows of features in the plane of their first two principal components: near points are alike.
module MapPicture =
    /// One colour, no labels, no title.
    let defaults = { Title = ""; Colouring = Plain; Hover = [] }

    let private percent (components: PrincipalComponents) k =
        let share = 100.0 * components.VarianceRatios[k]
        share.ToString("0.00", Globalization.CultureInfo.InvariantCulture)

    /// Above so many points they are drawn by the graphics card.
    [<Literal>]
    let private ManyPoints = 3000

    let private checkCount name (points: int) (values: 'a[]) =
        if values.Length = points then
            Ok()
        else
            Error(
                AniSoapError.InvalidValue(
                    "number of " + name,
                    string values.Length,
                    "one for each of the " + string points + " points",
                    Place.Unknown
                )
            )

    /// The rows of a block (samples × features) along their first two principal components, with the share of the variance that each explains.
    /// Refuses what `PrincipalComponents.fit` refuses, rows that are all equal, and colours or labels that are not one for each row.
    let create (style: MapStyle) (features: TensorBlock) : Result<Figure, AniSoapError> =
        let points = features.Samples.Count
        let hover = Seq.toArray style.Hover

        let marks (x: float[]) (y: float[]) (positions: int[]) (more: (string * Value) list) marker =
            Figure.trace
                (if points > ManyPoints then "scattergl" else "scatter")
                ([
                    "mode", Text "markers"
                    "x", Doubles(positions |> Array.map (fun p -> x[p]))
                    "y", Doubles(positions |> Array.map (fun p -> y[p]))
                    if hover.Length > 0 then
                        "text", positions |> Seq.map (fun p -> hover[p]) |> Figure.texts
                        "hovertemplate", Text "%{text}<extra></extra>"
                    "marker",
                    Attributes(
                        [
                            "size", Whole(if points > ManyPoints then 5 else 9)
                            "opacity", Number(if points > ManyPoints then 0.6 else 0.85)
                            "line",
                            Attributes [
                                "width", Number(if points > ManyPoints then 0.0 else 0.5)
                                "color", Text "#fff"
                            ]
                        ]
                        @ marker
                    )
                 ]
                 @ more)

        let traces (x: float[]) (y: float[]) =
            let all = Array.init points id

            match style.Colouring with
            | Plain -> Ok [ marks x y all [ "showlegend", Flag false ] [ "color", Text(Palette.group 0) ] ]
            | ByGroup groups ->
                let groups = Seq.toArray groups

                checkCount "groups" points groups
                |> Result.map (fun () -> [
                    for k, name in Seq.indexed (Seq.distinct groups) do
                        let members = all |> Array.filter (fun p -> groups[p] = name)

                        marks x y members [ "name", Text name; "showlegend", Flag true ] [
                            "color", Text(Palette.group k)
                        ]
                ])
            | ByNumber(name, values) ->
                let values = Seq.toArray values

                checkCount "values" points values
                |> Result.map (fun () -> [
                    let known, unknown = all |> Array.partition (fun p -> Double.IsFinite values[p])

                    marks x y known [ "showlegend", Flag false ] [
                        "color", Doubles(known |> Array.map (fun p -> values[p]))
                        "colorscale", Text Palette.Sequential
                        "showscale", Flag true
                        "colorbar", Figure.colourBar name []
                    ]

                    if unknown.Length > 0 then
                        marks x y unknown [ "showlegend", Flag false ] [ "color", Text Palette.NoValue ]
                ])

        let draw (components: PrincipalComponents) (coordinates: TensorBlock) =
            let column k =
                if components.Count > k then
                    Array.init points (fun row -> coordinates[row, k])
                else
                    Array.zeroCreate points

            let label k =
                if components.Count > k then
                    "PC " + string (k + 1) + " (" + percent components k + " % of the variance)"
                else
                    "nothing varies here"

            traces (column 0) (column 1)
            |> Result.map (
                Figure.chart [
                    yield! Figure.title style.Title
                    "xaxis", Figure.axis (label 0) []
                    "yaxis", Figure.axis (label 1) []
                    "legend", Attributes [ "itemsizing", Text "constant" ]
                ]
            )

        (if hover.Length = 0 then
             Ok()
         else
             checkCount "hover labels" points hover)
        |> Result.bind (fun () -> PrincipalComponents.fit 2 features)
        |> Result.bind (fun components ->
            if components.Count = 0 then
                Error(
                    AniSoapError.Malformed(
                        "rows that are all equal",
                        "rows that differ: there is no map of one point",
                        Place.Unknown
                    )
                )
            else
                PrincipalComponents.project components features |> Result.bind (draw components))
