namespace AniSoap.Plotting

open System
open System.IO
open System.Runtime.InteropServices
open System.Text
open System.Text.Encodings.Web
open System.Text.Json
open AniSoap.Display

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

/// A trace of plotly.js: its type and its other attributes.
type internal FigureTrace = { Kind: string; Attributes: (string * FigureValues.Value) list }

module internal FigureTrace =
    let private isMade (name, _) = List.contains name [ "x"; "y"; "z"; "i"; "j"; "k"; "customdata" ]

    /// A surface without what a page makes of the particles that it is of.
    let light (trace: FigureTrace) : FigureTrace =
        if trace.Kind <> "mesh3d" then
            trace
        else
            {
                trace with
                    Attributes =
                        trace.Attributes
                        |> List.filter (isMade >> not)
                        |> List.map (fun (name, value) ->
                            match value with
                            | FigureValues.Singles _ -> name, FigureValues.Singles [||]
                            | value -> name, value)
            }

/// A picture: traces and a layout by the names that plotly.js has for their attributes (plotly.com/javascript/reference). Notebooks show it; `Html.save` writes it as a page.
[<Sealed; TypeFormatterSource(typeof<DisplaySource>)>]
type Figure
    internal
    (
        traces: FigureTrace list,
        layout: (string * FigureValues.Value) list,
        config: (string * FigureValues.Value) list,
        page: (string * FigureValues.Value) list
    ) =

    /// plotly.js's name of a type of numbers, and their bytes, little-endian.
    static let encoded (writer: Utf8JsonWriter) (kind: string) (bytes: ReadOnlySpan<byte>) =
        writer.WriteStartObject()
        writer.WriteBase64String("bdata", bytes)
        writer.WriteString("dtype", kind)
        writer.WriteEndObject()

    static let rec write (writer: Utf8JsonWriter) (value: FigureValues.Value) =
        match value with
        | FigureValues.Text text -> writer.WriteStringValue text
        // JSON has no numbers that are not finite; a gap is what they are drawn as.
        | FigureValues.Number number when not (Double.IsFinite number) -> writer.WriteNullValue()
        | FigureValues.Number number -> writer.WriteNumberValue number
        | FigureValues.Whole number -> writer.WriteNumberValue number
        | FigureValues.Flag flag -> writer.WriteBooleanValue flag
        | FigureValues.Gap -> writer.WriteNullValue()
        | FigureValues.Attributes attributes ->
            writer.WriteStartObject()
            writeAll writer attributes
            writer.WriteEndObject()
        | FigureValues.Items items ->
            writer.WriteStartArray()

            for item in items do
                write writer item

            writer.WriteEndArray()
        | FigureValues.Singles values -> encoded writer "f4" (MemoryMarshal.AsBytes(ReadOnlySpan<float32> values))
        | FigureValues.Doubles values -> encoded writer "f8" (MemoryMarshal.AsBytes(ReadOnlySpan<float> values))
        | FigureValues.Integers values -> encoded writer "i4" (MemoryMarshal.AsBytes(ReadOnlySpan<int> values))

    and writeAll (writer: Utf8JsonWriter) (attributes: (string * FigureValues.Value) list) =
        // Of an attribute that is said twice the last counts.
        for name, value in attributes |> List.rev |> List.distinctBy fst |> List.rev do
            match value with
            | FigureValues.Gap -> ()
            | value ->
                writer.WritePropertyName name
                write writer value

    static let json (body: Utf8JsonWriter -> unit) =
        use memory = new MemoryStream()
        // Letters as they are; what could end a script is taken care of where the text goes into one.
        let readable = JsonWriterOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        using (new Utf8JsonWriter(memory, readable)) (fun writer ->
            writer.WriteStartObject()
            body writer
            writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray())

    member internal _.Traces = traces
    member internal _.Layout = layout
    member internal _.Config = config
    member internal _.Page = page

    /// The figure as its page takes it: the page makes surfaces itself where it has the particles that they are of.
    member internal figure.LightJson() : string =
        if page |> List.exists (fst >> (=) "structures") then
            Figure(List.map FigureTrace.light traces, layout, config, page).ToJson()
        else
            figure.ToJson()

    /// What a page does besides drawing the figure, for its script, the files in `page/`.
    member internal _.PageJson() : string = json (fun writer -> writeAll writer page)

    /// The figure as one JSON object: `data` (a list of traces), `layout` and `config`, as plotly.js and all of its other libraries take them.
    member _.ToJson() : string =
        json (fun writer ->
            writer.WriteStartArray "data"

            for trace in traces do
                writer.WriteStartObject()
                writer.WriteString("type", trace.Kind)
                writeAll writer trace.Attributes
                writer.WriteEndObject()

            writer.WriteEndArray()

            for name, attributes in [ "layout", layout; "config", config ] do
                writer.WriteStartObject name
                writeAll writer attributes
                writer.WriteEndObject())

    /// The figure in a frame of its own, with the script that draws it: what notebooks show.
    member figure.ToHtml() : string = FigurePage.inFrame (figure.LightJson()) (figure.PageJson())

    interface IDisplayed with
        member figure.ToHtml() = figure.ToHtml()

    /// What it is made of.
    override _.ToString() =
        let kinds = traces |> List.map _.Kind |> List.distinct

        String.Concat("a figure of ", string traces.Length, " traces (", String.Join(", ", kinds))
        + ")"

/// Traces and layouts by the names that plotly.js has for their attributes, which is what one looks up.
module internal Figure =
    open FigureValues

    let texts (items: string seq) : Value = items |> Seq.map Text |> Items

    let trace (kind: string) (attributes: (string * Value) list) : FigureTrace = {
        Kind = kind
        Attributes = attributes
    }

    /// What the browser may do with the picture.
    let config = [ "responsive", Flag true; "displaylogo", Flag false ]

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

    /// A figure, white, with room for titles. What `attributes` says counts more.
    let chart (attributes: (string * Value) list) (traces: FigureTrace list) : Figure =
        let usual = [
            "font", Attributes [ "family", Text "Helvetica, Arial, sans-serif"; "size", Whole 14; "color", Text "#222" ]
            "paper_bgcolor", Text "#fff"
            "plot_bgcolor", Text "#fff"
            "margin", Attributes [ "l", Whole 80; "r", Whole 40; "t", Whole 70; "b", Whole 70 ]
            "hovermode", Text "closest"
        ]

        let isSaid (name, _) = attributes |> List.exists (fun (said, _) -> said = name)
        Figure(traces, List.filter (isSaid >> not) usual @ attributes, config, [])

    /// The figure with more for its page to do.
    let onPage (more: (string * Value) list) (figure: Figure) : Figure =
        Figure(figure.Traces, figure.Layout, figure.Config, figure.Page @ more)

    /// Traces and layout as a value, of surfaces what a page needs.
    let asValue (figure: Figure) : Value =
        Attributes [
            "data",
            figure.Traces
            |> Seq.map FigureTrace.light
            |> Seq.map (fun trace -> Attributes(("type", Text trace.Kind) :: trace.Attributes))
            |> Items
            "layout", Attributes figure.Layout
        ]

    /// A quantity with its unit, as axes are labelled: "r / Å"; alone where the unit is not known.
    let quantity (name: string) (power: string) (lengthUnit: string option) =
        match lengthUnit with
        | Some lengthUnit -> name + " / " + lengthUnit + power
        | None -> name
