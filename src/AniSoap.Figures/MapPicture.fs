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
    /// Colours that the reader of the page chooses among, each with its name; no choice where it is empty. The first should be `Colouring`, which
    /// the page opens with.
    Colours: (string * MapColouring) list
    /// What the mouse shows of each point; nothing more than its place where it is empty.
    Hover: string seq
}

/// Rows of features in the plane of their first two principal components: near points are alike.
module MapPicture =
    /// One colour, no labels, no title.
    let defaults = { Title = ""; Colouring = Plain; Colours = []; Hover = [] }

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

    /// What the page needs to colour anew.
    let private palette = [
        "palette", [ for k in 0..5 -> Palette.group k ] |> Figure.texts
        "noValue", Text Palette.NoValue
        "sequential", Text Palette.Sequential
        "colourBar", Figure.colourBar "" []
    ]

    /// Colours that the page offers, as its script takes them.
    let private colours points (choices: (string * MapColouring) list) : Result<Value list, AniSoapError> =
        let ofChoice (name: string, colouring) =
            match colouring with
            | Plain -> Ok [ "name", Text name ]
            | ByGroup groups ->
                let groups = Seq.toArray groups
                let names = Array.distinct groups

                checkCount "groups" points groups
                |> Result.map (fun () -> [
                    "name", Text name
                    "groups", Figure.texts names
                    "of", groups |> Array.map (fun group -> Array.IndexOf(names, group)) |> Integers
                ])
            | ByNumber(label, values) ->
                let values = Seq.toArray values

                checkCount "values" points values
                |> Result.map (fun () -> [ "name", Text name; "label", Text label; "numbers", Doubles values ])

        (choices, Ok [])
        ||> List.foldBack (fun choice done' ->
            done'
            |> Result.bind (fun rest -> ofChoice choice |> Result.map (fun one -> Attributes one :: rest)))

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
                    // The row of each point, by which the page finds its colour and its structure.
                    "customdata", Integers positions
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
            |> Result.bind (fun figure ->
                colours points style.Colours
                |> Result.map (function
                    | [] -> figure
                    | colours ->
                        figure
                        |> Figure.onPage [ "map", Attributes(("colours", Items colours) :: palette) ]))

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

    /// The map with the structures that its points are of: a click on a point shows its frame beside the map, and where rows are of particles the
    /// particle with its neighbours within the cutoff. `places` has for each row the number of its frame among `frames` (−1 where it is not
    /// among them) and of its particle (−1 where the row is of the whole frame). Refuses what `FramePicture.series` refuses, and places that
    /// are not one for each row or lead nowhere.
    let withStructures
        (style: FrameStyle)
        (cutoff: float option)
        (frames: (string * Frame) seq)
        (places: struct (int * int) seq)
        (map: Figure)
        : Result<Figure, AniSoapError> =
        let frames, places = Seq.toArray frames, Seq.toArray places

        let points =
            map.Traces
            |> List.sumBy (fun trace ->
                match List.tryFind (fst >> (=) "customdata") trace.Attributes with
                | Some(_, Integers rows) -> rows.Length
                | _ -> 0)

        let isWrong (struct (frame, particle)) =
            frame >= frames.Length
            || frame >= 0 && particle >= (snd frames[frame]).Particles.Length

        checkCount "places" points places
        |> Result.bind (fun () ->
            match Array.tryFind isWrong places with
            | Some(struct (frame, particle)) ->
                Error(
                    AniSoapError.InvalidValue(
                        "place of a row",
                        "frame " + string frame + ", particle " + string particle,
                        "one of the frames and its particles",
                        Place.Unknown
                    )
                )
            | None -> FramePicture.scene style frames)
        |> Result.map (fun scene ->
            let first =
                Figure.chart (FrameScene.layout style.Title style.LengthUnit scene) (FrameScene.traces scene 0)

            let structures =
                match FrameScene.packed scene, cutoff with
                | Attributes packed, Some cutoff -> Attributes(packed @ [ "cutoff", Number cutoff ])
                | packed, _ -> packed

            let known =
                match List.tryFind (fst >> (=) "map") map.Page with
                | Some(_, Attributes known) -> known
                | _ -> palette

            let placed = [
                "structure", places |> Array.map (fun struct (frame, _) -> frame) |> Integers
                "particle", places |> Array.map (fun struct (_, particle) -> particle) |> Integers
            ]

            map
            |> Figure.onPage [
                "map", Attributes(known @ placed)
                "structures", structures
                "scene", Figure.asValue first
            ])
