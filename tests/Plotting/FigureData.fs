/// What a chart tells plotly.js, read back.
module AniSoap.Tests.Plotting.FigureData

open System
open System.Runtime.InteropServices
open System.Text.Json
open AniSoap.Plotting

/// The figure: its members are `data` (a list of traces), `layout` and `config`.
let figure (chart: Figure) : JsonElement =
    use document = JsonDocument.Parse((chart.ToJson()))
    document.RootElement.Clone()

let traces (chart: Figure) = [ for trace in (figure chart).GetProperty("data").EnumerateArray() -> trace ]

let tryGet (name: string) (element: JsonElement) =
    match element.TryGetProperty name with
    | true, value -> Some value
    | _ -> None

let get (name: string) (element: JsonElement) = element.GetProperty name
let text (name: string) (element: JsonElement) = nonNull ((get name element).GetString())

let private cast<'a when 'a: struct and 'a: (new: unit -> 'a) and 'a :> ValueType> (bytes: byte[]) =
    MemoryMarshal.Cast<byte, 'a>(ReadOnlySpan bytes).ToArray()

/// Numbers of an attribute, encoded or not.
let numbers (name: string) (element: JsonElement) : float[] =
    let value = get name element

    if value.ValueKind = JsonValueKind.Array then
        [| for number in value.EnumerateArray() -> number.GetDouble() |]
    else
        let bytes = (get "bdata" value).GetBytesFromBase64()

        match text "dtype" value with
        | "f4" -> cast<float32> bytes |> Array.map float
        | "f8" -> cast<float> bytes
        | "i4" -> cast<int> bytes |> Array.map float
        | other -> failwith $"numbers of type {other}"

/// A constant of a page's script, as JSON.
let constant (name: string) (page: string) : JsonElement =
    let opening = "const " + name + " = "
    let start = page.IndexOf(opening, StringComparison.Ordinal) + opening.Length

    use document =
        JsonDocument.Parse(page.Substring(start, page.IndexOf(";\n", start, StringComparison.Ordinal) - start))

    document.RootElement.Clone()

/// The frames that a page shows one at a time.
let frames (page: JsonElement) = [ for frame in (page |> get "structures" |> get "frames").EnumerateArray() -> frame ]
