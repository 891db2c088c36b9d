namespace AniSoap.Plotting

open System
open System.IO
open System.Net
open System.Text
open AniSoap
open Plotly.NET
open AniSoap.Formats

/// Charts as web pages that need nothing but themselves: the script that draws is in them, and no network is asked for anything.
module Html =
    /// plotly.js, which Plotly.NET carries.
    let private script =
        lazy
            (let assembly = typeof<GenericChart>.Assembly

             let name =
                 assembly.GetManifestResourceNames()
                 |> Array.find (fun name ->
                     name.Contains "plotly" && name.EndsWith(".min.js", StringComparison.Ordinal))

             use stream = nonNull (assembly.GetManifestResourceStream name)
             use reader = new StreamReader(stream)
             // Nothing in a script may look like its end.
             reader.ReadToEnd().Replace("</script", "<\\/script"))

    /// Text within a script: no tag can end it, and no comment begin.
    let private withinScript (json: string) = json.Replace("<", "\\u003c")

    /// What the browser may do with the page: run what stands in it, and fetch nothing. plotly.js compiles the loops of its 3-D pictures
    /// while it runs, which is called eval.
    let private policy =
        "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"

    /// Writes the page as UTF-8.
    let write (stream: Stream) (title: string) (chart: GenericChart) : unit =
        use writer = new StreamWriter(stream, UTF8Encoding false, 1 <<< 16, leaveOpen = true)
        let line (text: string) = writer.Write(text + "\n")
        line "<!DOCTYPE html>"
        line "<html lang=\"en\">"
        line "<head>"
        line "<meta charset=\"utf-8\">"
        line ("<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">")
        line "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        line "<link rel=\"icon\" href=\"data:,\">"
        line ("<title>" + WebUtility.HtmlEncode title + "</title>")

        line
            "<style>html, body { margin: 0; height: 100%; background: #fff } #picture { width: 100%; height: 100% }</style>"

        line "</head>"
        line "<body>"
        line "<div id=\"picture\"></div>"
        writer.Write "<script>"
        writer.Write script.Value
        line "</script>"
        writer.Write "<script>const figure = "
        writer.Write(withinScript (GenericChart.toFigureJson chart))
        line ";"
        line "const settings = { responsive: true, displaylogo: false, toImageButtonOptions: { scale: 3 } };"
        line "Plotly.newPlot('picture', figure.data, figure.layout, settings)"
        line "  .then(() => { document.getElementById('picture').dataset.drawn = 'yes' });"
        line "</script>"
        line "</body>"
        line "</html>"

    /// Saves the page as a file, which appears whole or not at all. Refuses a path that exists, unless it is to be replaced, and one that cannot be
    /// written.
    let save (existing: Existing) (path: string) (title: string) (chart: GenericChart) : Result<unit, AniSoapError> =
        AtomicFile.write existing path (fun stream ->
            write stream title chart
            Ok())
