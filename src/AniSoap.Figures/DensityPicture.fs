namespace AniSoap.Plotting

open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting.FigureValues

/// A plane through a centre, along two axes of the lab.
type LabPlane =
    | XY
    | XZ
    | YZ

/// A picture of the density around a centre.
type DensityStyle = {
    Title: string
    /// The unit of length, for the axes' labels ("Å", "σ").
    LengthUnit: string option
    Plane: LabPlane
    /// How far from the centre the picture reaches; the cutoff where it is `None`.
    HalfWidth: float option
    /// Points along each side.
    Points: int
}

/// The density around a centre in a plane, what its expansion keeps of it, and the difference.
module DensityPicture =
    /// The xy plane up to the cutoff, 121 points a side, without a title.
    let defaults = { Title = ""; LengthUnit = None; Plane = XY; HalfWidth = None; Points = 121 }

    /// Panels of the density of one species around a centre, of its reconstruction Σ c_nlm R_nl Y_lm, and of what is missing; the cutoff is a dashed
    /// circle. Refuses a centre that the frame has not got, fewer than two points, and a width that is not above zero.
    let create
        (style: DensityStyle)
        (projection: Projection)
        (frame: AniSoap.Frame)
        (center: int)
        (species: int)
        : Result<Figure, AniSoapError> =
        let half = style.HalfWidth |> Option.defaultValue projection.Hypers.CutoffRadius
        let refuse name value accepted = Error(AniSoapError.InvalidValue(name, string value, accepted, Place.Unknown))

        let draw (exact: Vector3 -> float) (rebuilt: Vector3 -> float) =
            let places = Array.init style.Points (fun i -> half * (2.0 * float i / float (style.Points - 1) - 1.0))

            let first, second, point =
                match style.Plane with
                | XY -> "x", "y", (fun a b -> Vector3.create a b 0.0)
                | XZ -> "x", "z", (fun a b -> Vector3.create a 0.0 b)
                | YZ -> "y", "z", (fun a b -> Vector3.create 0.0 a b)

            let values (field: Vector3 -> float) =
                places |> Array.map (fun b -> places |> Array.map (fun a -> field (point a b)))

            let density, approximation = values exact, values rebuilt
            let difference = Array.map2 (Array.map2 (-)) approximation density
            let most = density |> Seq.concat |> Seq.fold max 0.0

            let deviation =
                difference
                |> Seq.concat
                |> Seq.fold (fun most value -> max most (abs value)) 0.0

            let map k name (field: float[][]) colours =
                Figure.trace "heatmap" [
                    "x", Doubles places
                    "y", Doubles places
                    "z", field |> Seq.map (Seq.map Number >> Items) |> Items
                    "xaxis", Text("x" + Figure.suffix k)
                    "yaxis", Text("y" + Figure.suffix k)
                    "zsmooth", Text "best"
                    "coloraxis", Text colours
                    "hovertemplate",
                    Text(
                        first
                        + " = %{x:.3g}<br>"
                        + second
                        + " = %{y:.3g}<br>ρ = %{z:.4g}<extra>"
                        + name
                        + "</extra>"
                    )
                ]

            let names = [ "density"; "reconstruction"; "difference" ]
            let label name = Figure.quantity name "<sup>−3</sup>" style.LengthUnit

            /// A colour bar beside a panel, or below.
            let beside length (x: float, y: float) = [
                "x", Number x
                "y", Number y
                "len", Number length
                "thickness", Whole 14
            ]

            let below (length: float) (x: float) = [
                "orientation", Text "h"
                "x", Number x
                "xanchor", Text "center"
                "y", Number -0.2
                "yanchor", Text "top"
                "len", Number length
                "thickness", Whole 14
            ]

            /// Panels at these places of these sizes, of which some name the upward axis. A bar for the density and its reconstruction, and one
            /// for the difference.
            let arranged (places: (float * float)[]) (width, height) (named: bool list) (densityBar, differenceBar) = [
                for k in 0..2 do
                    let left, bottom = places[k]

                    "xaxis" + Figure.suffix k,
                    Figure.axis (Figure.quantity first "" style.LengthUnit) [
                        "domain", Items [ Number left; Number(left + width) ]
                        "anchor", Text("y" + Figure.suffix k)
                        "constrain", Text "domain"
                        "showgrid", Flag false
                    ]

                    "yaxis" + Figure.suffix k,
                    Figure.axis
                        (if named[k] then
                             Figure.quantity second "" style.LengthUnit
                         else
                             "")
                        [
                            "domain", Items [ Number bottom; Number(bottom + height) ]
                            "scaleanchor", Text("x" + Figure.suffix k)
                            "anchor", Text("x" + Figure.suffix k)
                            "constrain", Text "domain"
                            "showgrid", Flag false
                        ]
                "coloraxis",
                Attributes [
                    "colorscale", Text Palette.Sequential
                    "cmin", Number 0.0
                    "cmax", Number most
                    "colorbar", Figure.colourBar (label "ρ") densityBar
                ]
                "coloraxis2",
                Attributes [
                    "colorscale", Palette.diverging
                    "cmin", Number -deviation
                    "cmax", Number deviation
                    "colorbar", Figure.colourBar (label "Δρ") differenceBar
                ]
            ]

            // A page of any form is filled: three in a row, two above the third, or one below the other.
            let row =
                arranged
                    [| 0.0, 0.0; 0.345, 0.0; 0.69, 0.0 |]
                    (0.31, 1.0)
                    [ true; false; false ]
                    (below 0.6 0.3275, below 0.31 0.845)

            let square =
                arranged
                    [| 0.0, 0.57; 0.5, 0.57; 0.0, 0.0 |]
                    (0.43, 0.43)
                    [ true; false; true ]
                    (beside 0.43 (0.94, 0.785), beside 0.43 (0.44, 0.215))

            let column =
                arranged
                    [| 0.0, 0.72; 0.0, 0.36; 0.0, 0.0 |]
                    (0.84, 0.27)
                    [ true; true; true ]
                    (beside 0.27 (0.86, 0.675), beside 0.27 (0.86, 0.135))

            let arrangement (least: float) layout more =
                Attributes([ "least", Number least; "layout", Attributes layout ] @ more)

            let notes = names |> List.mapi Figure.above

            let cutoff = projection.Hypers.CutoffRadius

            let circles = [
                for k in 0..2 do
                    Attributes [
                        "type", Text "circle"
                        "xref", Text("x" + Figure.suffix k)
                        "yref", Text("y" + Figure.suffix k)
                        "x0", Number -cutoff
                        "x1", Number cutoff
                        "y0", Number -cutoff
                        "y1", Number cutoff
                        "line", Attributes [ "color", Text "#888"; "width", Number 1.0; "dash", Text "dash" ]
                    ]
            ]

            Figure.chart
                ([ yield! Figure.title style.Title; "annotations", Items notes; "shapes", Items circles ]
                 @ square)
                [
                    map 0 names[0] density "coloraxis"
                    map 1 names[1] approximation "coloraxis"
                    map 2 names[2] difference "coloraxis2"
                ]
            |> Figure.onPage [
                "arrangements",
                Items [
                    arrangement
                        1.5
                        (row
                         @ [ "margin", Attributes [ "l", Whole 70; "r", Whole 30; "t", Whole 70; "b", Whole 130 ] ])
                        [ "side", Number 0.31 ]
                    arrangement 0.8 square []
                    // As high as three squares are that are as wide as the page.
                    arrangement 0.0 column [ "height", Number 2.9 ]
                ]
            ]

        if style.Points < 2 then
            refuse "points" style.Points "at least two along each side"
        elif not (half > 0.0 && System.Double.IsFinite half) then
            refuse "half width" half "a finite length above zero"
        else
            DensityField.exact projection frame center species
            |> Result.bind (fun exact ->
                DensityField.coefficients projection frame center species
                |> Result.map (fun c -> draw exact (DensityField.reconstruct projection c)))
