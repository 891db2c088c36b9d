namespace AniSoap.Plotting

open DynamicObj
open Plotly.NET

/// Values of attributes: opened by whoever names attributes.
module internal FigureValues =
    /// The value of an attribute of plotly.js.
    type Value =
        | Text of string
        | Number of float
        | Whole of int
        | Flag of bool
        | Attributes of (string * Value) list
        | Items of Value seq
        /// A gap in a line.
        | Gap
        /// Numbers as base64 of their bytes: half the size of their digits, and read without parsing.
        | Singles of float32[]
        | Doubles of float[]
        | Integers of int[]

/// Traces and layouts by the names that plotly.js has for their attributes (plotly.com/javascript/reference), which is what one looks up.
/// The typed functions of Plotly.NET set the same attributes of the same objects, so both can be mixed.
module internal Figure =
    open FigureValues

    let rec private toObject (value: Value) : objnull =
        match value with
        | Text text -> box text
        | Number number -> box number
        | Whole number -> box number
        | Flag flag -> box flag
        | Attributes attributes ->
            let target = DynamicObj()
            fill target attributes
            box target
        | Items items -> items |> Seq.map toObject |> Seq.toArray |> box
        | Gap -> null
        | Singles values -> box (EncodedTypedArray.ofFloat32Array values)
        | Doubles values -> box (EncodedTypedArray.ofFloat64Array values)
        | Integers values -> box (EncodedTypedArray.ofInt32Array values)

    and private fill (target: DynamicObj) (attributes: (string * Value) list) =
        for name, value in attributes do
            match toObject value with
            | null -> ()
            | value -> target.SetProperty(name, value)

    let texts (items: string seq) : Value = items |> Seq.map Text |> Items

    let trace (kind: string) (attributes: (string * Value) list) : Trace =
        let target = Trace kind
        fill target attributes
        target

    /// A title in the middle above the picture; nothing where there is none.
    let title (text: string) : (string * Value) list =
        if text = "" then
            []
        else
            [
                "title",
                Attributes [
                    "text", Text text
                    "x", Number 0.5
                    "xanchor", Text "center"
                    "font", Attributes [ "size", Whole 18 ]
                ]
            ]

    /// The number that a panel's axes have in their names; the first has none.
    let suffix (panel: int) = if panel = 0 then "" else string (panel + 1)

    /// What stands above a panel.
    let above (panel: int) (text: string) : Value =
        Attributes [
            "text", Text text
            "xref", Text("x" + suffix panel + " domain")
            "yref", Text("y" + suffix panel + " domain")
            "x", Number 0.5
            "xanchor", Text "center"
            "y", Number 1.02
            "yanchor", Text "bottom"
            "showarrow", Flag false
        ]

    /// Panels in rows and columns, with such gaps between them.
    let grid rows columns (xgap: float) (ygap: float) : string * Value =
        "grid",
        Attributes [
            "rows", Whole rows
            "columns", Whole columns
            "pattern", Text "independent"
            "xgap", Number xgap
            "ygap", Number ygap
        ]

    /// An axis of a flat picture: a frame, ticks outside, a pale grid.
    let axis (label: string) (more: (string * Value) list) : Value =
        [
            "title", Attributes [ "text", Text label; "standoff", Whole 8 ]
            "showline", Flag true
            "mirror", Flag true
            "linecolor", Text "#444"
            "ticks", Text "outside"
            "gridcolor", Text "#e8e8e8"
            "zeroline", Flag false
            "automargin", Flag true
        ]
        @ more
        |> Attributes

    /// A colour bar beside the picture.
    let colourBar (name: string) (more: (string * Value) list) : Value =
        [
            "title", Attributes [ "text", Text name; "side", Text "right" ]
            "len", Number 0.8
            "thickness", Whole 18
            "outlinewidth", Whole 0
        ]
        @ more
        |> Attributes

    /// A chart without Plotly.NET's template: white, with room for titles. What `attributes` says counts more.
    let chart (attributes: (string * Value) list) (traces: Trace list) : GenericChart =
        let layout = Layout()

        [
            "font", Attributes [ "family", Text "Helvetica, Arial, sans-serif"; "size", Whole 14; "color", Text "#222" ]
            "paper_bgcolor", Text "#fff"
            "plot_bgcolor", Text "#fff"
            "margin", Attributes [ "l", Whole 80; "r", Whole 40; "t", Whole 70; "b", Whole 70 ]
            "hovermode", Text "closest"
        ]
        @ attributes
        |> fill layout

        let config = Config()
        fill config [ "responsive", Flag true; "displaylogo", Flag false ]

        GenericChart.ofTraceObjects false traces
        |> GenericChart.setLayout layout
        |> GenericChart.setConfig config

    /// A quantity with its unit, as axes are labelled: "r / Å"; without one it is the input's own, whatever that is.
    let quantity (name: string) (power: string) (lengthUnit: string option) =
        match lengthUnit with
        | Some lengthUnit -> name + " / " + lengthUnit + power
        | None when power = "" -> name + " / length unit"
        | None -> name + " / (length unit)" + power
