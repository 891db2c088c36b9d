namespace AniSoap.Plotting

open System
open System.IO
open System.Net
open System.Reflection

/// The page that draws a figure: the script is in it, and no network is asked for anything.
module internal FigurePage =
    /// plotly.js (MIT, Plotly Inc.).
    let private script =
        lazy
            (use stream = nonNull (Assembly.GetExecutingAssembly().GetManifestResourceStream "plotly.min.js")
             use reader = new StreamReader(stream)
             // Nothing in a script may look like its end.
             reader.ReadToEnd().Replace("</script", "<\\/script"))

    /// Text within a script: no tag can end it, and no comment begin.
    let private withinScript (json: string) = json.Replace("<", "\\u003c")

    /// What the browser may do with the page: run what stands in it, and fetch nothing. plotly.js compiles the loops of its 3-D pictures
    /// while it runs, which is called eval.
    let private policy =
        "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"

    /// Writes the page of a figure as JSON.
    let write (writer: TextWriter) (title: string) (json: string) : unit =
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
        writer.Write(withinScript json)
        line ";"
        line "const settings = { responsive: true, displaylogo: false, toImageButtonOptions: { scale: 3 } };"
        line "Plotly.newPlot('picture', figure.data, figure.layout, settings)"
        line "  .then(() => { document.getElementById('picture').dataset.drawn = 'yes' });"
        line "</script>"
        line "</body>"
        line "</html>"

    /// The page in a frame, which keeps its script apart from those of the notebook around it.
    let inFrame (json: string) : string =
        use writer = new StringWriter()
        write writer "" json
        let page = writer.ToString().Replace("&", "&amp;").Replace("\"", "&quot;")
        String.Concat("<iframe style=\"width: 100%; height: 32em; border: 0\" srcdoc=\"", page, "\"></iframe>")
