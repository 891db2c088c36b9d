namespace AniSoap.Plotting

open System
open AniSoap
open AniSoap.Plotting.FigureValues

/// The radial function of two types of sites, as it is drawn.
type SiteCurve = {
    /// The type of one.
    First: string
    /// The type of the other.
    Second: string
    /// Distances of sites, ascending.
    Distances: float seq
    /// The energy at each.
    Energies: float seq
    /// The shortest distance in the data that it was fitted to.
    Nearest: float
    /// The longest.
    Farthest: float
}

/// What a body of so many sites leaves of the energies, forces and torques that it was fitted to.
type SiteCost = {
    /// The species of the body.
    Species: int
    /// Sites of the body.
    Sites: int
    /// Types of its sites.
    Types: int
    /// What is left of frames that were held back, as a share of their size.
    HeldOut: float
}

/// A picture of bodies made of sites.
type BodyStyle = {
    Title: string
    /// The unit of length, for the axes' labels ("Å", "σ").
    LengthUnit: string option
    /// Ellipsoids, by species, that are drawn around the sites; their places and orientations do not count. Bodies of other species stand alone.
    Ellipsoids: Ellipsoid list
}

/// Bodies made of sites: where the sites are, how they act on each other, and how many it takes.
module BodyPicture =
    /// Sites alone, without a title.
    let defaults = { Title = ""; LengthUnit = None; Ellipsoids = [] }

    let private pair (from: float, until: float) = Items [ Number from; Number until ]

    /// Where bodies and panels stand on the page, each as its span along x and along y; y is 0 below and 1 above.
    type private Places = {
        Bodies: (float * float) * (float * float)
        Curves: (float * float) * (float * float)
        Costs: (float * float) * (float * float)
    }

    /// Bodies left, panels right of them.
    let private wide hasCosts = {
        Bodies = (0.0, 0.46), (0.0, 1.0)
        Curves = (0.58, 1.0), ((if hasCosts then 0.58 else 0.0), 1.0)
        Costs = (0.58, 1.0), (0.0, 0.42)
    }

    // Of a narrow page: the heights of a body, a panel, and what is below a panel, as parts of the page's width.
    let private bodyHeight, panelHeight, labelHeight = 0.85, 0.6, 0.25

    let private columnHeight bodies panels = float bodies * bodyHeight + float panels * (panelHeight + labelHeight)

    /// Bodies above, panels below them.
    let private column bodies hasCosts =
        let all = columnHeight bodies (if hasCosts then 2 else 1)
        let panel k = (float k * (panelHeight + labelHeight) + labelHeight) / all
        let span k = (0.0, 1.0), (panel k, panel k + panelHeight / all)

        {
            Bodies = (0.0, 1.0), (1.0 - float bodies * bodyHeight / all, 1.0)
            Curves = span (if hasCosts then 1 else 0)
            Costs = span 0
        }

    /// Bodies one above another.
    let private rows (bottom: float, top: float) count i =
        let gap = 0.04
        let height = (1.0 - gap * float (count - 1)) / float count
        let upper = 1.0 - float i * (height + gap)
        let at part = bottom + part * (top - bottom)
        at (max 0.0 (upper - height)), at upper

    let private sceneName i = "scene" + Figure.suffix i

    let private around (style: BodyStyle) scene (body: SiteBody) =
        style.Ellipsoids
        |> List.tryFind (fun one -> one.Species = body.Species)
        |> Option.map (fun one ->
            let still = Ellipsoid.create body.Species Vector3.zero Quaternion.identity one.SemiAxes

            match still with
            | Error _ -> []
            | Ok still ->
                let mesh = EllipsoidMesh.create (SphereMesh.create 10) [| struct (0, still, Vector3.zero) |]

                [
                    Figure.trace "mesh3d" [
                        "x", Singles mesh.X
                        "y", Singles mesh.Y
                        "z", Singles mesh.Z
                        "i", Integers mesh.I
                        "j", Integers mesh.J
                        "k", Integers mesh.K
                        "scene", Text scene
                        "color", Text "#9aa5b1"
                        "opacity", Number 0.25
                        "hoverinfo", Text "skip"
                    ]
                ])
        |> Option.defaultValue []

    /// What is seen of each axis: the farthest site, or the longest semi-axis, and some room.
    let private reach (style: BodyStyle) (body: SiteBody) =
        let shape =
            style.Ellipsoids
            |> List.tryFind (fun one -> one.Species = body.Species)
            |> Option.map (fun one -> max one.SemiAxes.X (max one.SemiAxes.Y one.SemiAxes.Z))
            |> Option.defaultValue 0.0

        let farthest = max body.Radius shape
        if farthest > 0.0 then 1.25 * farthest else 1.0

    let private sites (types: string list) scene (body: SiteBody) = [
        for kind in types do
            let own = body.Sites |> Seq.filter (fun site -> site.Type = kind) |> Seq.toList

            if not own.IsEmpty then
                let along pick = Doubles [| for site in own -> pick site.Position |]

                Figure.trace "scatter3d" [
                    "mode", Text "markers"
                    "x", along (fun (v: Vector3) -> v.X)
                    "y", along (fun (v: Vector3) -> v.Y)
                    "z", along (fun (v: Vector3) -> v.Z)
                    "scene", Text scene
                    "name", Text("sites of type " + kind)
                    "legendgroup", Text("type " + kind)
                    "showlegend", Flag(scene = "scene")
                    "marker",
                    Attributes [
                        "size", Whole 12
                        "color", Text(Palette.group (List.findIndex ((=) kind) types))
                        "line", Attributes [ "color", Text "#333"; "width", Whole 1 ]
                    ]
                    "hovertemplate",
                    Text("x = %{x:.4g}<br>y = %{y:.4g}<br>z = %{z:.4g}<extra>type " + kind + "</extra>")
                ]
    ]

    /// Where the data of all functions lie, what is seen of the energies there, and of the distances.
    let private window (curves: SiteCurve list) =
        let seen = [
            for curve in curves do
                for r, u in Seq.zip curve.Distances curve.Energies do
                    if r >= curve.Nearest && r <= curve.Farthest && Double.IsFinite u then
                        u
        ]

        let last = curves |> Seq.collect _.Distances |> Seq.fold max 0.0
        let first = curves |> Seq.map _.Nearest |> Seq.fold min last
        let lowest = if seen.IsEmpty then -1.0 else List.min seen
        // A wall is as high as one looks.
        let highest =
            if seen.IsEmpty then
                1.0
            else
                min (List.max seen) (max (3.0 * abs lowest) 1e-12)

        let margin = 0.08 * (highest - lowest)
        struct (0.9 * first, last, lowest - margin, highest + margin)

    let private colourOf k (curves: SiteCurve list) = Palette.ordered k (max 2 curves.Length)

    let private functions (curves: SiteCurve list) = [
        for k, curve in List.indexed curves do
            let name = curve.First + " – " + curve.Second

            Figure.trace "scatter" [
                "mode", Text "lines"
                "x", Doubles(Seq.toArray curve.Distances)
                "y", Doubles(Seq.toArray curve.Energies)
                "name", Text name
                "line", Attributes [ "width", Number 2.0; "color", Text(colourOf k curves) ]
                "hovertemplate", Text("r = %{x:.4g}<br>u = %{y:.4g}<extra>" + name + "</extra>")
            ]
    ]

    /// Pale where there are data: a strip for each function, its colour's.
    let private shades (curves: SiteCurve list) last = [
        for k, curve in List.indexed curves do
            Attributes [
                "type", Text "rect"
                "xref", Text "x"
                "yref", Text "y domain"
                "x0", Number curve.Nearest
                "x1", Number(min last curve.Farthest)
                "y0", Number 0.0
                "y1", Number 1.0
                "layer", Text "below"
                "fillcolor", Text(colourOf k curves)
                "opacity", Number(0.16 / float curves.Length)
                "line", Attributes [ "width", Whole 0 ]
            ]
    ]

    let private costs (costs: SiteCost list) = [
        for (species, types), own in costs |> List.groupBy (fun cost -> cost.Species, cost.Types) do
            let own = own |> List.sortBy _.Sites
            let name = String.Concat("species ", string species, ", types: ", string types)

            Figure.trace "scatter" [
                "mode", Text "lines+markers"
                "x", Items [ for cost in own -> Whole cost.Sites ]
                "y", Doubles [| for cost in own -> 100.0 * cost.HeldOut |]
                "xaxis", Text "x2"
                "yaxis", Text "y2"
                "name", Text name
                "marker", Attributes [ "size", Whole 8 ]
                "hovertemplate", Text("%{x} sites: %{y:.3g} % is left<extra>" + name + "</extra>")
            ]
    ]

    /// Bodies with their sites, to be turned with the mouse; their radial functions, pale behind them the distances in the data; and, where any are given, what is left of the data by
    /// the number of sites. Refuses no bodies.
    let create
        (style: BodyStyle)
        (bodies: SiteBody seq)
        (curves: SiteCurve seq)
        (tried: SiteCost seq)
        : Result<Figure, AniSoapError> =
        let bodies, curves, tried = Seq.toList bodies, Seq.toList curves, Seq.toList tried

        if bodies.IsEmpty then
            AniSoapError.invalid "number of bodies" 0 "at least one" |> Error
        else
            let types =
                bodies
                |> Seq.collect _.Sites
                |> Seq.map _.Type
                |> Seq.distinct
                |> Seq.sort
                |> Seq.toList

            let struct (first, last, lowest, highest) = window curves

            let axis3 reach name =
                Attributes [
                    "title", Attributes [ "text", Text(Figure.quantity name "" style.LengthUnit) ]
                    "range", pair (-reach, reach)
                ]

            let hasCosts = not tried.IsEmpty

            let laidOut (places: Places) = [
                for i, body in List.indexed bodies do
                    let along, up = places.Bodies
                    let axis3 = axis3 (reach style body)

                    sceneName i,
                    Attributes [
                        "domain", Attributes [ "x", pair along; "y", pair (rows up bodies.Length i) ]
                        // Ranges of the data would leave nothing to see of a flat body.
                        "aspectmode", Text "cube"
                        "camera", Attributes [ "eye", Attributes [ "x", Number 2.0; "y", Number 2.0; "z", Number 1.5 ] ]
                        "xaxis", axis3 "x"
                        "yaxis", axis3 "y"
                        "zaxis", axis3 "z"
                    ]

                "xaxis",
                Figure.axis (Figure.quantity "distance of sites" "" style.LengthUnit) [
                    "domain", pair (fst places.Curves)
                    "range", pair (first, last)
                    "anchor", Text "y"
                ]
                "yaxis",
                Figure.axis "energy" [
                    "domain", pair (snd places.Curves)
                    "range", pair (lowest, highest)
                    "anchor", Text "x"
                ]
                if hasCosts then
                    "xaxis2",
                    Figure.axis "sites" [ "domain", pair (fst places.Costs); "dtick", Whole 1; "anchor", Text "y2" ]

                    "yaxis2",
                    Figure.axis "left of held-out frames / %" [
                        "domain", pair (snd places.Costs)
                        "type", Text "log"
                        "anchor", Text "x2"
                    ]
            ]

            Figure.chart
                ([
                    yield! Figure.title style.Title
                    "shapes", Items(shades curves last)
                    "legend", Attributes [ "x", Number 0.0; "y", Number -0.05; "orientation", Text "h" ]
                 ]
                 @ laidOut (wide hasCosts))
                [
                    for i, body in List.indexed bodies do
                        yield! around style (sceneName i) body
                        yield! sites types (sceneName i) body
                    yield! functions curves
                    yield! costs tried
                ]
            |> Figure.onPage [
                "arrangements",
                Items [
                    Attributes [ "least", Number 1.0; "layout", Attributes(laidOut (wide hasCosts)) ]
                    Attributes [
                        "least", Number 0.0
                        "layout", Attributes(laidOut (column bodies.Length hasCosts))
                        "height", Number(columnHeight bodies.Length (if hasCosts then 2 else 1))
                    ]
                ]
            ]
            |> Ok
