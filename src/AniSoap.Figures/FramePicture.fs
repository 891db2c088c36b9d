namespace AniSoap.Plotting

open System
open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting.FigureValues

/// What the colour of an ellipsoid says.
type Colouring =
    /// Its species: a colour each, in the legend.
    | BySpecies
    /// The angle between its principal axis (`OrderParameters.principalAxis`) and the director of all, from 0 to 90 degrees; palest at 54.7
    /// degrees, where P₂ is zero. Spheres are grey.
    | ByOrientation
    /// A number for each particle, in the frame's order, with the quantity's name (and unit) for the legend.
    | ByValue of name: string * values: float seq

/// A picture of a frame.
type FrameStyle = {
    Title: string
    Colouring: Colouring
    /// The unit of length, for the axes' labels ("Å", "σ").
    LengthUnit: string option
    /// Whether particles outside of a periodic cell are shown at their images within.
    Wrap: bool
    /// About how many triangles all ellipsoids together are made of, while each has at least twenty: more look rounder, fewer turn smoothly
    /// without a graphics card.
    Triangles: int
}

/// Frames as real ellipsoids in their cell, to be turned with the mouse.
module FramePicture =
    /// By orientation, wrapped into the cell, without a title; 200,000 triangles.
    let defaults = {
        Title = ""
        Colouring = ByOrientation
        LengthUnit = None
        Wrap = true
        Triangles = 200_000
    }

    /// The position's image within the cell along the axes that repeat.
    let internal wrapped (cell: Cell) (position: Vector3) =
        let rows = Matrix3.transpose cell.Basis
        let determinant = Matrix3.determinant rows
        // Fractional coordinates by Cramer's rule: position = f_a a + f_b b + f_c c.
        let a, b, c = cell.Basis.Row1, cell.Basis.Row2, cell.Basis.Row3
        let fraction u v = Vector3.dot position (Vector3.cross u v) / determinant

        let shift repeats fraction vector = if repeats then -(floor fraction) * vector else Vector3.zero

        let p = cell.Periodicity

        position
        + shift p.A (fraction b c) a
        + shift p.B (fraction c a) b
        + shift p.C (fraction a b) c

    /// Degrees between each particle's principal axis and the director of all; NaN for spheres.
    let internal angles (frame: Frame) : float[] =
        let angle (director: Vector3) (particle: Ellipsoid) =
            match OrderParameters.principalAxis particle with
            | None -> nan
            | Some axis ->
                let cosine = abs (Vector3.dot director (OrderParameters.direction axis particle))
                180.0 / Math.PI * acos (min 1.0 cosine)

        let director =
            OrderParameters.ofPrincipalAxes frame
            |> Option.map _.Director
            |> Option.defaultValue Vector3.zero

        frame.Particles |> Seq.map (angle director) |> Seq.toArray

    let private lighting =
        Attributes [
            "ambient", Number 0.65
            "diffuse", Number 0.6
            "specular", Number 0.15
            "roughness", Number 0.6
            "fresnel", Number 0.1
            // Triangles of any size have a normal.
            "facenormalsepsilon", Number 0.0
            "vertexnormalsepsilon", Number 0.0
        ]

    let private surface (mesh: EllipsoidMesh) (more: (string * Value) list) =
        Figure.trace
            "mesh3d"
            ([
                "x", Singles mesh.X
                "y", Singles mesh.Y
                "z", Singles mesh.Z
                "i", Integers mesh.I
                "j", Integers mesh.J
                "k", Integers mesh.K
                "customdata", Integers mesh.Particle
                "lighting", lighting
                "lightposition", Attributes [ "x", Number 1e5; "y", Number -5e4; "z", Number 1e5 ]
             ]
             @ more)

    /// The twelve edges of the cell as one line with gaps, where anything repeats; the vectors of axes that do not count where they are given.
    let private cellEdges (cell: Cell) =
        let v = cell.Vectors

        if not cell.IsPeriodic || Matrix3.determinant v = 0.0 then
            []
        else
            let corner i j k = float i * v.Row1 + float j * v.Row2 + float k * v.Row3

            let edges = [
                for i in 0..1 do
                    for j in 0..1 do
                        corner 0 i j, corner 1 i j
                        corner i 0 j, corner i 1 j
                        corner i j 0, corner i j 1
            ]

            let along pick =
                edges
                |> Seq.collect (fun (start, stop) -> [ Number(pick start); Number(pick stop); Gap ])
                |> Items

            [
                Figure.trace "scatter3d" [
                    "mode", Text "lines"
                    "x", along (fun (v: Vector3) -> v.X)
                    "y", along (fun (v: Vector3) -> v.Y)
                    "z", along (fun (v: Vector3) -> v.Z)
                    "line", Attributes [ "color", Text "#333"; "width", Whole 3 ]
                    "hoverinfo", Text "skip"
                    "showlegend", Flag false
                ]
            ]

    /// The director as a line through the middle of the particles, as long as they reach along it, where they have one.
    let private director (frame: Frame) (positions: Vector3[]) =
        match OrderParameters.ofPrincipalAxes frame with
        | None -> []
        | Some order ->
            let middle =
                1.0 / float positions.Length
                * (positions |> Array.fold (fun sum position -> sum + position) Vector3.zero)

            let n = order.Director

            let reach =
                positions
                |> Array.map (fun position -> abs (Vector3.dot n (position - middle)))
                |> Array.max

            let longest (a: Vector3) = max a.X (max a.Y a.Z)

            let half =
                1.25 * reach
                + (frame.Particles
                   |> Seq.map (fun particle -> longest particle.SemiAxes)
                   |> Seq.max)

            let start, stop = middle - half * n, middle + half * n
            let along (pick: Vector3 -> float) = Items [ Number(pick start); Number(pick stop) ]
            let show (value: float) = value.ToString("0.000", Globalization.CultureInfo.InvariantCulture)

            [
                Figure.trace "scatter3d" [
                    "mode", Text "lines"
                    "x", along _.X
                    "y", along _.Y
                    "z", along _.Z
                    "line", Attributes [ "color", Text "#111"; "width", Whole 6 ]
                    "name", Text("director, S = " + show order.Order)
                    "showlegend", Flag true
                    "hovertemplate",
                    Text(
                        "director ("
                        + show n.X
                        + ", "
                        + show n.Y
                        + ", "
                        + show n.Z
                        + ")<br>S = "
                        + show order.Order
                        + "<extra></extra>"
                    )
                ]
            ]

    let private spaceAxis name lengthUnit =
        Attributes [
            "title", Attributes [ "text", Text(Figure.quantity name "" lengthUnit) ]
            "showbackground", Flag false
            "gridcolor", Text "#e4e4e4"
            "zeroline", Flag false
            "showspikes", Flag false
        ]

    let private hover label = "particle %{customdata}" + label + "<extra></extra>"

    /// One mesh, coloured by a number of each particle; those without one are grey.
    let private byValue sphere particles name (values: float[]) colours (range: (float * float) option) = [
        let has struct (number, _, _) = Double.IsFinite values[number]
        let known, unknown = particles |> Array.partition has

        if known.Length > 0 then
            let mesh = EllipsoidMesh.create sphere known
            let colour = mesh.Particle |> Array.map (fun number -> float32 values[number])

            surface mesh [
                "intensity", Singles colour
                "colorscale", colours
                "colorbar", Figure.colourBar name []
                match range with
                | Some(low, high) ->
                    "cmin", Number low
                    "cmax", Number high
                | None -> ()
                "hovertemplate", Text(hover ("<br>" + name + ": %{intensity:.4g}"))
            ]

        if unknown.Length > 0 then
            surface (EllipsoidMesh.create sphere unknown) [
                "color", Text Palette.NoValue
                "hovertemplate", Text(hover "")
            ]
    ]

    let private bySpecies sphere (particles: struct (int * Ellipsoid * Vector3)[]) =
        particles
        |> Array.groupBy (fun struct (_, particle, _) -> particle.Species)
        |> Array.sortBy fst
        |> Array.mapi (fun k (species, members) ->
            surface (EllipsoidMesh.create sphere members) [
                "color", Text(Palette.group k)
                "name", Text("species " + string species)
                "showlegend", Flag true
                "hovertemplate", Text(hover ("<br>species " + string species))
            ])
        |> Array.toList

    /// A 3-D picture of a frame. Each particle is drawn as finely as the triangles suffice for. Refuses a frame without particles, and values that are
    /// not one for each particle.
    let create (style: FrameStyle) (frame: Frame) : Result<Figure, AniSoapError> =
        let count = frame.Particles.Length

        let place (position: Vector3) =
            if style.Wrap && frame.Cell.IsPeriodic then
                wrapped frame.Cell position
            else
                position

        let particles =
            frame.Particles
            |> Seq.mapi (fun number particle -> struct (number, particle, place particle.Position))
            |> Seq.toArray

        let sphere = SphereMesh.create (EllipsoidMesh.frequency style.Triangles count)

        let surfaces =
            match style.Colouring with
            | _ when count = 0 ->
                Error(AniSoapError.Malformed("a frame without particles", "at least one", Place.Unknown))
            | BySpecies -> Ok(bySpecies sphere particles)
            | ByOrientation ->
                Ok(byValue sphere particles "angle to the director / °" (angles frame) Palette.angle (Some(0.0, 90.0)))
            | ByValue(name, values) ->
                let values = Seq.toArray values

                if values.Length = count then
                    Ok(byValue sphere particles name values (Text Palette.Sequential) None)
                else
                    Error(
                        AniSoapError.InvalidValue(
                            "number of values",
                            string values.Length,
                            "one for each of the frame's " + string count + " particles",
                            Place.Unknown
                        )
                    )

        surfaces
        |> Result.map (fun surfaces ->
            Figure.chart
                [
                    yield! Figure.title style.Title
                    "margin", Attributes [ "l", Whole 0; "r", Whole 0; "t", Whole 50; "b", Whole 0 ]
                    "legend",
                    Attributes [
                        "itemsizing", Text "constant"
                        "orientation", Text "h"
                        "x", Number 0.0
                        "y", Number 0.02
                        "yanchor", Text "bottom"
                    ]
                    "scene",
                    Attributes [
                        "aspectmode", Text "data"
                        "xaxis", spaceAxis "x" style.LengthUnit
                        "yaxis", spaceAxis "y" style.LengthUnit
                        "zaxis", spaceAxis "z" style.LengthUnit
                        "camera",
                        Attributes [
                            "eye", Attributes [ "x", Number 1.6; "y", Number 1.2; "z", Number 0.75 ]
                            "center", Attributes [ "x", Number 0.0; "y", Number 0.0; "z", Number -0.1 ]
                            "projection", Attributes [ "type", Text "orthographic" ]
                        ]
                    ]
                ]
                (surfaces
                 @ cellEdges frame.Cell
                 @ (if style.Colouring.IsByOrientation then
                        director frame (particles |> Array.map (fun struct (_, _, position) -> position))
                    else
                        [])))
