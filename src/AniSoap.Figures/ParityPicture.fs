namespace AniSoap.Plotting

open System
open System.Collections.Immutable
open AniSoap
open AniSoap.Plotting.FigureValues

/// Numbers of one quantity as they should be, and as they were found.
[<NoComparison; NoEquality>]
type ParityPanel = {
    /// What they are, for axes: "energy a particle".
    Name: string
    /// What stands above the panel: the error, in words.
    Note: string
    /// As they should be.
    Reference: ImmutableArray<float>
    /// As they were found, in the same order.
    Found: ImmutableArray<float>
}

/// Errors of one quantity of frames that were not learnt from, against the number of frames that were.
[<NoComparison; NoEquality>]
type LearningLine = {
    /// The quantity.
    Name: string
    /// Frames learnt from.
    Frames: ImmutableArray<int>
    /// Errors in % of the root mean square.
    Percent: ImmutableArray<float>
}

/// What a model finds against what it should find, and how that depends on the number of frames it has learnt from.
module ParityPicture =
    /// More points than this tell no more in a panel: every so many-th is drawn.
    [<Literal>]
    let MostPoints = 5000

    let private thinned (values: ImmutableArray<float>) =
        let step = (values.Length + MostPoints - 1) / MostPoints
        [| for i in 0..step .. values.Length - 1 -> values[i] |]

    let private onAxes k = [
        "xaxis", Text("x" + Figure.suffix k)
        "yaxis", Text("y" + Figure.suffix k)
        "showlegend", Flag false
    ]

    let private parity k (panel: ParityPanel) =
        let x, y = thinned panel.Reference, thinned panel.Found
        let low, high = min (Array.min x) (Array.min y), max (Array.max x) (Array.max y)

        [
            Figure.trace
                "scatter"
                (onAxes k
                 @ [
                     "mode", Text "lines"
                     "x", Doubles [| low; high |]
                     "y", Doubles [| low; high |]
                     "line", Attributes [ "color", Text "#888"; "width", Number 1.0 ]
                     "hoverinfo", Text "skip"
                 ])
            Figure.trace
                "scatter"
                (onAxes k
                 @ [
                     "mode", Text "markers"
                     "x", Doubles x
                     "y", Doubles y
                     "hovertemplate", Text "reference %{x:.5g}<br>found %{y:.5g}<extra></extra>"
                     "marker",
                     Attributes [
                         "size", Whole(if x.Length > 500 then 4 else 7)
                         "opacity", Number(if x.Length > 500 then 0.5 else 0.8)
                         "color", Text(Palette.group k)
                     ]
                 ])
        ]

    let private learning k (lines: LearningLine list) =
        lines
        |> List.mapi (fun i line ->
            Figure.trace "scatter" [
                "xaxis", Text("x" + Figure.suffix k)
                "yaxis", Text("y" + Figure.suffix k)
                "mode", Text "lines+markers"
                "name", Text line.Name
                "showlegend", Flag true
                "x", Doubles(line.Frames |> Seq.map float |> Seq.toArray)
                "y", Doubles(Seq.toArray line.Percent)
                "line", Attributes [ "color", Text(Palette.group i) ]
                "hovertemplate", Text("%{x} frames: %{y:.3g} %<extra>" + line.Name + "</extra>")
            ])

    let private check (panels: ParityPanel list) (lines: LearningLine list) =
        let refuse parameter (value: int) accepted =
            Error(AniSoapError.InvalidValue(parameter, string value, accepted, Place.Unknown))

        match
            panels
            |> List.tryFind (fun panel -> panel.Reference.Length <> panel.Found.Length)
        with
        | _ when panels.IsEmpty && lines.IsEmpty -> refuse "panels" 0 "at least one panel or line"
        | Some panel ->
            refuse
                ("number of values of " + panel.Name)
                panel.Found.Length
                (string panel.Reference.Length + ", one for each reference")
        | None ->
            match
                panels |> List.tryFind (fun panel -> panel.Reference.IsEmpty),
                lines
                |> List.tryFind (fun line -> line.Frames.Length <> line.Percent.Length || line.Frames.IsEmpty)
            with
            | Some panel, _ -> refuse ("number of values of " + panel.Name) 0 "at least one"
            | _, Some line ->
                refuse ("errors of " + line.Name) line.Percent.Length "one for each number of frames, at least one"
            | None, None -> Ok()

    /// A panel for each quantity, found against reference with the line of equality, and one of the learning curve where there are lines.
    /// Refuses nothing to draw, and lists of different lengths.
    let create (title: string) (panels: ParityPanel list) (lines: LearningLine list) : Result<Figure, AniSoapError> =
        check panels lines
        |> Result.map (fun () ->
            let count = panels.Length + (if lines.IsEmpty then 0 else 1)
            let columns = min 2 count

            let axes = [
                for k, panel in List.indexed panels do
                    "xaxis" + Figure.suffix k, Figure.axis (panel.Name + ", reference") []
                    "yaxis" + Figure.suffix k, Figure.axis (panel.Name + ", found") []

                if not lines.IsEmpty then
                    let k = panels.Length
                    "xaxis" + Figure.suffix k, Figure.axis "frames learnt from" [ "type", Text "log" ]
                    "yaxis" + Figure.suffix k, Figure.axis "error of held-out frames / % of RMS" [ "type", Text "log" ]
            ]

            Figure.chart
                ([
                    yield! Figure.title title
                    "grid",
                    Attributes [
                        "rows", Whole((count + columns - 1) / columns)
                        "columns", Whole columns
                        "pattern", Text "independent"
                        "xgap", Number 0.2
                        "ygap", Number 0.3
                    ]
                    "annotations",
                    Items [
                        for k, panel in List.indexed panels do
                            Figure.above k panel.Note

                        if not lines.IsEmpty then
                            Figure.above panels.Length "learning curve"
                    ]
                 ]
                 @ axes)
                [
                    for k, panel in List.indexed panels do
                        yield! parity k panel

                    yield! learning panels.Length lines
                ])
