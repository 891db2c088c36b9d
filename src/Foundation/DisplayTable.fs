namespace AniSoap.Display

open System
open System.Collections.Generic
open System.ComponentModel
open System.Globalization
open System.IO
open System.Text

/// What a value shows of itself at a prompt or in a notebook: a line, and a short table below it.
type internal DisplayTable = {
    Title: string
    Header: string list
    Rows: string list list
    /// Rows that are not shown.
    Omitted: int
}

module internal DisplayTable =
    /// A glance is enough: more rows scroll the question off the screen.
    [<Literal>]
    let MostRows = 6

    /// The first rows of `count`, each made by its number.
    let create title header count (row: int -> string list) = {
        Title = title
        Header = header
        Rows = List.init (min count MostRows) row
        Omitted = max 0 (count - MostRows)
    }

    /// Five digits tell numbers apart; the values themselves have them all.
    let number (value: float) = value.ToString("G5", CultureInfo.InvariantCulture)

    let numbers (values: float seq) = "(" + String.Join(", ", Seq.map number values) + ")"

    let private more table =
        if table.Omitted = 0 then
            None
        else
            Some $"… {string table.Omitted} more"

    let toText (table: DisplayTable) : string =
        let rows =
            if table.Rows.IsEmpty then
                []
            else
                table.Header :: table.Rows

        let widths =
            rows
            |> List.map (List.map String.length)
            |> List.fold (List.map2 max) (List.map (fun _ -> 0) table.Header)

        let line (cells: string list) =
            let padded = List.map2 (fun (cell: string) width -> cell.PadRight width) cells widths
            ("  " + String.Join("  ", padded)).TrimEnd()

        String.Join(
            "\n",
            seq {
                table.Title
                yield! List.map line rows
                yield! more table |> Option.map (fun text -> "  " + text) |> Option.toList
            }
        )

    let toHtml (table: DisplayTable) : string =
        let html = StringBuilder()
        let add (text: string) = html.Append text |> ignore
        // Only what HTML needs: pages are UTF-8, and × stays readable.
        let escaped (text: string) = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;")

        let row tag (cells: string list) =
            add "<tr>"

            for cell in cells do
                add ("<" + tag + ">" + escaped cell + "</" + tag + ">")

            add "</tr>"

        add $"<table><caption>{escaped table.Title}</caption>"

        if not table.Rows.IsEmpty then
            add "<thead>"
            row "th" table.Header
            add "</thead><tbody>"
            table.Rows |> List.iter (row "td")
            add "</tbody>"

        match more table with
        | Some text ->
            add (
                "<tfoot><tr><td colspan=\""
                + string table.Header.Length
                + "\">"
                + escaped text
                + "</td></tr></tfoot>"
            )
        | None -> ()

        add "</table>"
        html.ToString()

/// A value that notebooks show as a table.
[<EditorBrowsable(EditorBrowsableState.Never)>]
type IDisplayed =
    /// The value as a table of HTML.
    abstract ToHtml: unit -> string

/// One way of showing a value to a notebook, which finds `MimeType` and `Format` by their names.
[<Sealed; EditorBrowsable(EditorBrowsableState.Never)>]
type DisplayFormatter internal (mimeType: string, render: IDisplayed -> string) =
    /// What is written: HTML or plain text.
    member _.MimeType = mimeType

    /// Writes a value, if it is one of this library's.
    member _.Format(value: obj, writer: TextWriter) =
        match value with
        | :? IDisplayed as value ->
            writer.Write(render value)
            true
        | _ -> false

/// What `TypeFormatterSource` names.
[<Sealed; EditorBrowsable(EditorBrowsableState.Never)>]
type DisplaySource() =
    /// The ways of showing a value.
    member _.CreateTypeFormatters() : IEnumerable<obj> = [|
        DisplayFormatter("text/html", _.ToHtml())
        DisplayFormatter("text/plain", string)
    |]

/// Notebooks (Microsoft.DotNet.Interactive.Formatting) look for an attribute of this name, whatever assembly it is from, and make the type
/// that it names: so values show as tables there without this library depending on anything of theirs. They look for public members,
/// and F# has none in internal types.
[<AttributeUsage(AttributeTargets.Class ||| AttributeTargets.Struct)>]
[<Sealed; EditorBrowsable(EditorBrowsableState.Never)>]
type TypeFormatterSourceAttribute(source: Type) =
    inherit Attribute()

    /// The type that makes the formatters.
    member _.FormatterSourceType = source
