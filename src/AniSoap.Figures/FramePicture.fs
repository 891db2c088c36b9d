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

    let private hover label = "particle %{customdata}" + label + "<extra></extra>"

    /// What is said of surfaces that are coloured by numbers within a range, and of the one of particles without a number.
    let private numberedStyle name colours (range: (float * float) option) = [
        "colorscale", colours
        "colorbar", Figure.colourBar name []
        match range with
        | Some(low, high) ->
            "cmin", Number low
            "cmax", Number high
        | None -> ()
        "hovertemplate", Text(hover ("<br>" + name + ": %{intensity:.4g}"))
    ]

    // Without an intensity, whatever the other surface has.
    let private plainStyle = [ "color", Text Palette.NoValue; "intensity", Gap; "hovertemplate", Text(hover "") ]

    let private speciesStyle k (species: int) = [
        "color", Text(Palette.group k)
        "name", Text("species " + string species)
        "showlegend", Flag true
        "hovertemplate", Text(hover ("<br>species " + string species))
    ]

    let private place style (frame: Frame) =
        frame.Particles
        |> Seq.mapi (fun number particle ->
            let position =
                if style.Wrap && frame.Cell.IsPeriodic then
                    wrapped frame.Cell particle.Position
                else
                    particle.Position

            struct (number, particle, position))
        |> Seq.toArray

    /// A scene by numbers: a surface of particles that have one, and a grey one of those that have none.
    let private numbered style sphere name colours range (frames: (string * Frame)[]) (values: float[][]) : FrameScene =
        let isKnown = values |> Array.exists (Array.exists Double.IsFinite)
        let isUnknown = values |> Array.exists (Array.exists (Double.IsFinite >> not))
        let grey = if isKnown then 1 else 0

        let extent =
            match range with
            // One frame's own numbers, as plotly.js finds them.
            | None when frames.Length > 1 && isKnown ->
                let known = values |> Array.concat |> Array.filter Double.IsFinite
                Some(Array.min known, Array.max known)
            | range -> range

        {
            Sphere = sphere
            SurfaceStyles = [|
                if isKnown then
                    numberedStyle name colours extent
                if isUnknown then
                    plainStyle
            |]
            Frames =
                Array.map2
                    (fun (label, frame) (values: float[]) ->
                        let particles = place style frame

                        {
                            Label = label
                            Cell = frame.Cell
                            Particles = particles
                            Surfaces = values |> Array.map (fun value -> if Double.IsFinite value then 0 else grey)
                            Values = values
                            Director =
                                if style.Colouring.IsByOrientation then
                                    FrameScene.director frame [|
                                        for struct (_, _, position) in particles -> position
                                    |]
                                else
                                    None
                        })
                    frames
                    values
        }

    let private bySpecies style sphere (frames: (string * Frame)[]) : FrameScene =
        let species =
            frames
            |> Seq.collect (snd >> Frame.species)
            |> Seq.distinct
            |> Seq.sort
            |> Seq.toArray

        {
            Sphere = sphere
            SurfaceStyles = species |> Array.mapi speciesStyle
            Frames =
                frames
                |> Array.map (fun (label, frame) -> {
                    Label = label
                    Cell = frame.Cell
                    Particles = place style frame
                    Surfaces = [| for particle in frame.Particles -> Array.BinarySearch(species, particle.Species) |]
                    Values = [||]
                    Director = None
                })
        }

    /// The scene of frames, with what it refuses.
    let internal scene (style: FrameStyle) (frames: (string * Frame) seq) : Result<FrameScene, AniSoapError> =
        let frames = Seq.toArray frames
        let counts = frames |> Array.map (fun (_, frame) -> frame.Particles.Length)
        let most = if counts.Length = 0 then 0 else Array.max counts
        let sphere = SphereMesh.create (EllipsoidMesh.frequency style.Triangles most)

        match style.Colouring with
        | _ when counts.Length = 0 || Array.contains 0 counts ->
            Error(AniSoapError.Malformed("a frame without particles", "at least one", Place.Unknown))
        | BySpecies -> Ok(bySpecies style sphere frames)
        | ByOrientation ->
            let angles = frames |> Array.map (snd >> angles)
            Ok(numbered style sphere "angle to the director / °" Palette.angle (Some(0.0, 90.0)) frames angles)
        | ByValue(name, values) ->
            let values = Seq.toArray values

            if values.Length = Array.sum counts then
                let starts = Array.scan (+) 0 counts
                let each = counts |> Array.mapi (fun k count -> Array.sub values starts[k] count)
                Ok(numbered style sphere name (Text Palette.Sequential) None frames each)
            else
                Error(
                    AniSoapError.InvalidValue(
                        "number of values",
                        string values.Length,
                        "one for each of the " + string (Array.sum counts) + " particles",
                        Place.Unknown
                    )
                )

    let private figure style (scene: FrameScene) =
        Figure.chart (FrameScene.layout style.Title style.LengthUnit scene) (FrameScene.traces scene 0)
        |> Figure.onPage [ "structures", FrameScene.packed scene ]

    /// A 3-D picture of a frame. Each particle is drawn as finely as the triangles suffice for. Refuses a frame without particles, and values that are
    /// not one for each particle.
    let create (style: FrameStyle) (frame: Frame) : Result<Figure, AniSoapError> =
        scene style [ "", frame ] |> Result.map (figure style)

    /// Several frames in one picture, each with what the page calls it: the page shows one at a time, and a slider chooses which. All have the
    /// same axes and colours. `ByValue` takes the values of all frames, one frame behind the other. Outside of a page (`Figure.ToJson`) it is
    /// the picture of the first. Refuses what `create` refuses, and no frame at all.
    let series (style: FrameStyle) (frames: (string * Frame) seq) : Result<Figure, AniSoapError> =
        scene style frames |> Result.map (figure style)
