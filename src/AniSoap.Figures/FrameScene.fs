namespace AniSoap.Plotting

open System
open AniSoap
open AniSoap.Analysis
open AniSoap.Plotting.FigureValues

/// The director of a frame as a line through the middle of its particles.
type internal DirectorLine = { Start: Vector3; Stop: Vector3; Name: string; Hover: string }

/// A frame as a scene draws it.
type internal SceneFrame = {
    Label: string
    Cell: Cell
    /// Number, particle, and where it is drawn.
    Particles: struct (int * Ellipsoid * Vector3)[]
    /// For each particle which of the scene's surfaces it is part of.
    Surfaces: int[]
    /// For each particle the number that colours it; nothing where the surface has one colour.
    Values: float[]
    Director: DirectorLine option
}

/// Frames of one scene: traces that are the same for all, whose coordinates change from frame to frame.
type internal FrameScene = {
    Sphere: SphereMesh
    /// What is said of each surface besides its coordinates.
    SurfaceStyles: (string * Value) list[]
    Frames: SceneFrame[]
}

module internal FrameScene =
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

    /// The particles of a frame that are part of a surface, with their values.
    let private members (frame: SceneFrame) (surface: int) =
        frame.Particles
        |> Array.indexed
        |> Array.filter (fun (k, _) -> frame.Surfaces[k] = surface)

    let private surface (scene: FrameScene) (frame: SceneFrame) (number: int) =
        let members = members frame number
        let mesh = EllipsoidMesh.create scene.Sphere (Array.map snd members)
        let vertices = scene.Sphere.Points.Length

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
                if frame.Values.Length > 0 then
                    "intensity",
                    Singles(
                        members
                        |> Array.collect (fun (k, _) -> Array.create vertices (float32 frame.Values[k]))
                    )
                if members.Length = 0 then
                    "visible", Flag false
                "lighting", lighting
                "lightposition", Attributes [ "x", Number 1e5; "y", Number -5e4; "z", Number 1e5 ]
             ]
             @ scene.SurfaceStyles[number])

    /// Whether a cell is drawn: where anything repeats. The vectors of axes that do not count where they are given.
    let private hasEdges (cell: Cell) = cell.IsPeriodic && Matrix3.determinant cell.Vectors <> 0.0

    let private corner (cell: Cell) i j k =
        let v = cell.Vectors
        float i * v.Row1 + float j * v.Row2 + float k * v.Row3

    let private line (colour: string) (width: int) (points: Vector3 option seq) (more: (string * Value) list) =
        let along (pick: Vector3 -> float) =
            points
            |> Seq.map (function
                | Some point -> Number(pick point)
                | None -> Gap)
            |> Seq.toArray
            |> (Items << Seq.ofArray)

        Figure.trace
            "scatter3d"
            ([
                "mode", Text "lines"
                "x", along _.X
                "y", along _.Y
                "z", along _.Z
                "line", Attributes [ "color", Text colour; "width", Whole width ]
             ]
             @ more)

    /// The twelve edges of a cell as one line with gaps.
    let private edges (cell: Cell) =
        let corner = corner cell

        let points =
            if not (hasEdges cell) then
                []
            else
                [
                    for i in 0..1 do
                        for j in 0..1 do
                            corner 0 i j, corner 1 i j
                            corner i 0 j, corner i 1 j
                            corner i j 0, corner i j 1
                ]
                |> List.collect (fun (start, stop) -> [ Some start; Some stop; None ])

        line "#333" 3 points [ "hoverinfo", Text "skip"; "showlegend", Flag false ]

    let private directorLine (frame: SceneFrame) =
        match frame.Director with
        | Some found ->
            line "#111" 6 [ Some found.Start; Some found.Stop ] [
                "name", Text found.Name
                "showlegend", Flag true
                "hovertemplate", Text found.Hover
            ]
        | None -> line "#111" 6 [] [ "visible", Flag false ]

    let private anyCell scene = scene.Frames |> Array.exists (fun frame -> hasEdges frame.Cell)
    let private anyDirector scene = scene.Frames |> Array.exists _.Director.IsSome

    /// The traces of a frame: surfaces, the edges of the cell, the director, where any frame has one.
    let traces (scene: FrameScene) (number: int) : FigureTrace list =
        let frame = scene.Frames[number]

        [
            for surface' in 0 .. scene.SurfaceStyles.Length - 1 do
                surface scene frame surface'
            if anyCell scene then
                edges frame.Cell
            if anyDirector scene then
                directorLine frame
        ]

    /// The director as long as the particles reach along it, where they have one.
    let director (frame: Frame) (positions: Vector3[]) : DirectorLine option =
        OrderParameters.ofPrincipalAxes frame
        |> Option.map (fun order ->
            let middle = 1.0 / float positions.Length * Array.fold (+) Vector3.zero positions
            let n = order.Director

            let reach =
                positions
                |> Array.map (fun position -> abs (Vector3.dot n (position - middle)))
                |> Array.max

            let half = 1.25 * reach + (frame.Particles |> Seq.map EllipsoidMesh.longest |> Seq.max)
            let show (value: float) = value.ToString("0.000", Globalization.CultureInfo.InvariantCulture)
            let s = "S = " + show order.Order
            let direction = String.Join(", ", show n.X, show n.Y, show n.Z)

            {
                Start = middle - half * n
                Stop = middle + half * n
                Name = "director, " + s
                Hover = "director (" + direction + ")<br>" + s + "<extra></extra>"
            })

    /// What every frame lies within, so that nothing jumps from one to the next.
    let private ranges (scene: FrameScene) =
        let reach (frame: SceneFrame) = [
            for struct (_, particle, position) in frame.Particles do
                let a = EllipsoidMesh.longest particle
                let reach = Vector3.create a a a
                yield position - reach
                yield position + reach
            if hasEdges frame.Cell then
                for i in 0..1 do
                    for j in 0..1 do
                        for k in 0..1 do
                            yield corner frame.Cell i j k
            match frame.Director with
            | Some found ->
                yield found.Start
                yield found.Stop
            | None -> ()
        ]

        let points = scene.Frames |> Seq.collect reach |> Seq.toArray

        fun (pick: Vector3 -> float) ->
            let along = points |> Array.map pick
            let low, high = Array.min along, Array.max along
            let margin = 0.02 * (high - low)
            [ "range", Items [ Number(low - margin); Number(high + margin) ] ]

    let private spaceAxis name lengthUnit more =
        [
            "title", Attributes [ "text", Text(Figure.quantity name "" lengthUnit) ]
            "showbackground", Flag false
            "gridcolor", Text "#e4e4e4"
            "zeroline", Flag false
            "showspikes", Flag false
        ]
        @ more
        |> Attributes

    /// Equal scales on all axes, in parallel projection.
    let layout (title: string) (lengthUnit: string option) (scene: FrameScene) : (string * Value) list =
        let range = ranges scene

        [
            yield! Figure.title title
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
                "xaxis", spaceAxis "x" lengthUnit (range _.X)
                "yaxis", spaceAxis "y" lengthUnit (range _.Y)
                "zaxis", spaceAxis "z" lengthUnit (range _.Z)
                "camera",
                Attributes [
                    "eye", Attributes [ "x", Number 1.6; "y", Number 1.2; "z", Number 0.75 ]
                    "center", Attributes [ "x", Number 0.0; "y", Number 0.0; "z", Number -0.1 ]
                    "projection", Attributes [ "type", Text "orthographic" ]
                ]
            ]
        ]

    let private three (v: Vector3) = [ v.X; v.Y; v.Z ]

    let private packedFrame (scene: FrameScene) (shapes: Vector3[]) (frame: SceneFrame) =
        let each (numbers: Ellipsoid -> Vector3 -> float list) =
            frame.Particles
            |> Array.collect (fun struct (_, particle, position) ->
                numbers particle position |> List.map float32 |> List.toArray)
            |> Singles

        let numbers (values: float list) = values |> Seq.map Number |> Items

        Attributes [
            "label", Text frame.Label
            "centers", each (fun _ position -> three position)
            "turns",
            each (fun particle _ ->
                let q = particle.Orientation
                [ q.W; q.X; q.Y; q.Z ])
            // One shape, one surface: nothing to be said of each particle.
            if shapes.Length > 1 then
                "shapes",
                frame.Particles
                |> Array.map (fun struct (_, particle, _) -> Array.BinarySearch(shapes, particle.SemiAxes))
                |> Integers
            if scene.SurfaceStyles.Length > 1 then
                "surfaces", Integers frame.Surfaces
            if frame.Values.Length > 0 then
                "values", Singles(Array.map float32 frame.Values)
            if hasEdges frame.Cell then
                let v, p = frame.Cell.Vectors, frame.Cell.Periodicity
                "cell", numbers (List.collect three [ v.Row1; v.Row2; v.Row3 ])
                "repeats", Items [ Flag p.A; Flag p.B; Flag p.C ]
            match frame.Director with
            | Some found ->
                "director",
                Attributes [
                    "ends", numbers (three found.Start @ three found.Stop)
                    "name", Text found.Name
                    "hovertemplate", Text found.Hover
                ]
            | None -> ()
        ]

    /// The particles of every frame as numbers, of which the page makes surfaces: 28 bytes each and a few more, where surfaces take hundreds.
    let packed (scene: FrameScene) : Value =
        let shapes =
            scene.Frames
            |> Seq.collect (fun frame -> frame.Particles |> Seq.map (fun struct (_, particle, _) -> particle.SemiAxes))
            |> Seq.distinct
            |> Seq.sort
            |> Seq.toArray

        let after = scene.SurfaceStyles.Length

        Attributes [
            "points",
            scene.Sphere.Points.ToArray()
            |> Array.collect (three >> List.map float32 >> List.toArray)
            |> Singles
            "triangles",
            scene.Sphere.Triangles.ToArray()
            |> Array.collect (fun struct (i, j, k) -> [| i; j; k |])
            |> Integers
            "axes", shapes |> Array.collect (three >> List.map float32 >> List.toArray) |> Singles
            "surfaces", Whole after
            "cell", Whole(if anyCell scene then after else -1)
            "director",
            Whole(
                if anyDirector scene then
                    (if anyCell scene then after + 1 else after)
                else
                    -1
            )
            "frames", scene.Frames |> Seq.map (packedFrame scene shapes) |> Items
        ]
