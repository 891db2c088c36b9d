namespace AniSoap.Plotting

open AniSoap
open AniSoap.Plotting.FigureValues

/// A picture of a radial basis.
type BasisStyle = {
    Title: string
    /// The unit of length, for the axes' labels ("Å", "σ").
    LengthUnit: string option
    /// Whether the normalised primitives are drawn rather than the orthonormal functions.
    Primitives: bool
}

/// The radial functions that densities are expanded in.
module BasisPicture =
    /// Orthonormal functions, without a title.
    let defaults = { Title = ""; LengthUnit = None; Primitives = false }

    [<Literal>]
    let private Points = 241

    /// Columns and rows of panels for l = 0, 1, …: about as many rows as columns, at most four columns.
    let internal grid count =
        let columns =
            if count = 3 then
                3
            else
                min 4 (int (ceil (sqrt (float count))))

        columns, (count + columns - 1) / columns

    /// The functions R_nl(r) of every l in a panel of its own, n by colour, and the cutoff as a dashed line.
    let create (style: BasisStyle) (projection: Projection) : Figure =
        let hypers = projection.Hypers
        let count = hypers.MaxAngular + 1
        let columns, rows = grid count
        let last = 1.05 * max hypers.CutoffRadius (RadialFunctions.reach projection)
        let r = Array.init Points (fun i -> last * float i / float (Points - 1))
        let largest = Seq.max (seq { for l in 0 .. hypers.MaxAngular -> projection.RadialCount l })

        let values l n =
            r
            |> Array.map (fun r ->
                if style.Primitives then
                    RadialFunctions.primitive projection l n r
                else
                    (RadialFunctions.orthonormal projection l r)[n])

        let name l = if l = 0 then "" else string (l + 1)

        let curves = [
            for l in 0 .. hypers.MaxAngular do
                for n in 0 .. projection.RadialCount l - 1 do
                    Figure.trace "scatter" [
                        "mode", Text "lines"
                        "x", Doubles r
                        "y", Doubles(values l n)
                        "xaxis", Text("x" + name l)
                        "yaxis", Text("y" + name l)
                        "name", Text("n = " + string n)
                        "legendgroup", Text(string n)
                        // The legend names every n once, by the first panel that has it.
                        "showlegend", Flag(Seq.forall (fun k -> projection.RadialCount k <= n) (seq { 0 .. l - 1 }))
                        "line",
                        Attributes [
                            "width", Number 2.0
                            "color", Text(Palette.ordered n largest)
                            "simplify", Flag false
                        ]
                        "hovertemplate",
                        Text(
                            "r = %{x:.3g}<br>R = %{y:.4g}<extra>l = "
                            + string l
                            + ", n = "
                            + string n
                            + "</extra>"
                        )
                    ]
        ]

        let axes = [
            for l in 0 .. hypers.MaxAngular do
                let column = l % columns
                let isLowest = l + columns >= count

                "xaxis" + name l,
                Figure.axis
                    (if isLowest then
                         Figure.quantity "r" "" style.LengthUnit
                     else
                         "")
                    [ "range", Items [ Number 0.0; Number last ] ]

                "yaxis" + name l,
                Figure.axis
                    (if column = 0 then
                         Figure.quantity "R<sub>nl</sub>" "<sup>−3/2</sup>" style.LengthUnit
                     else
                         "")
                    []
        ]

        let notes = [
            for l in 0 .. hypers.MaxAngular do
                Attributes [
                    "text", Text("l = " + string l)
                    "xref", Text("x" + name l + " domain")
                    "yref", Text("y" + name l + " domain")
                    "x", Number 0.96
                    "y", Number 0.96
                    "showarrow", Flag false
                    "bgcolor", Text "rgba(255,255,255,0.8)"
                ]
        ]

        let cutoffs = [
            for l in 0 .. hypers.MaxAngular do
                Attributes [
                    "type", Text "line"
                    "xref", Text("x" + name l)
                    "yref", Text("y" + name l + " domain")
                    "x0", Number hypers.CutoffRadius
                    "x1", Number hypers.CutoffRadius
                    "y0", Number 0.0
                    "y1", Number 1.0
                    "line", Attributes [ "color", Text "#666"; "width", Number 1.5; "dash", Text "dash" ]
                ]
        ]

        Figure.chart
            ([
                yield! Figure.title style.Title
                Figure.grid rows columns 0.18 0.16
                "annotations", Items notes
                "shapes", Items cutoffs
             ]
             @ axes)
            curves
