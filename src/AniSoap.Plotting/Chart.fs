namespace AniSoap.Plotting

open DynamicObj
open Plotly.NET
open AniSoap.Plotting.FigureValues

/// Figures as charts of Plotly.NET, to be changed and put together with its functions.
module Chart =
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

    /// A chart of the same traces and layout, without Plotly.NET's template.
    let ofFigure (figure: AniSoap.Plotting.Figure) : GenericChart =
        let trace (one: FigureTrace) =
            let target = Trace one.Kind
            fill target one.Attributes
            target

        let layout = Layout()
        fill layout figure.Layout
        let config = Config()
        fill config AniSoap.Plotting.Figure.config

        GenericChart.ofTraceObjects false (List.map trace figure.Traces)
        |> GenericChart.setLayout layout
        |> GenericChart.setConfig config
