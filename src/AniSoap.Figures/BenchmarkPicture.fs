namespace AniSoap.Plotting

open AniSoap.Plotting.FigureValues

/// Measurements of one program or setting.
type BenchmarkCurve = {
    Name: string
    /// Size and time (or whatever is measured), all above zero.
    Points: (float * float) list
}

/// Measured times over sizes.
module BenchmarkPicture =
    /// Curves on two logarithmic axes, where a power law is a straight line; points without a logarithm are left out.
    let create (title: string) (sizeLabel: string) (timeLabel: string) (curves: BenchmarkCurve list) : Figure =
        let logarithmic = [ "type", Text "log"; "exponentformat", Text "power" ]

        curves
        |> List.mapi (fun k curve ->
            let points =
                curve.Points
                |> List.filter (fun (x, y) -> x > 0.0 && y > 0.0)
                |> List.sortBy fst

            Figure.trace "scatter" [
                "mode", Text "lines+markers"
                "x", Doubles(points |> Seq.map fst |> Seq.toArray)
                "y", Doubles(points |> Seq.map snd |> Seq.toArray)
                "name", Text curve.Name
                "showlegend", Flag true
                "line", Attributes [ "color", Text(Palette.group k); "width", Number 2.0 ]
                "marker", Attributes [ "size", Whole 8 ]
            ])
        |> Figure.chart [
            yield! Figure.title title
            "xaxis", Figure.axis sizeLabel logarithmic
            "yaxis", Figure.axis timeLabel logarithmic
        ]
