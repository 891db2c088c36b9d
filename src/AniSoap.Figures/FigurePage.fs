namespace AniSoap.Plotting

open System
open System.IO
open System.Net
open System.Reflection

/// The page that draws a figure: the script is in it, and no network is asked for anything.
module internal FigurePage =
    let private resource (name: string) =
        use stream = nonNull (Assembly.GetExecutingAssembly().GetManifestResourceStream name)
        use reader = new StreamReader(stream)
        // Nothing in a script may look like its end.
        reader.ReadToEnd().Replace("</script", "<\\/script")

    /// plotly.js (MIT, Plotly Inc.).
    let private plotly = lazy (resource "plotly.min.js")

    /// What draws the figure so that it fits, and lets one choose among frames and colours.
    /// Each file builds on those before it; none of their names is seen by another script.
    let private script =
        lazy
            (let parts =
                [ "elements"; "fit"; "surfaces"; "structures"; "slider"; "frames"; "map"; "start" ]
                |> List.map (fun part -> resource (part + ".js"))

             "(() => {\n" + String.Concat parts + "})();\n")

    let private style = lazy (resource "page.css")

    /// Text within a script: no tag can end it, and no comment begin.
    let private withinScript (json: string) = json.Replace("<", "\\u003c")

    /// What the browser may do with the page: run what stands in it, and fetch nothing. plotly.js compiles the loops of its 3-D pictures
    /// while it runs, which is called eval.
    let private policy =
        "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"

    /// Writes the page of a figure as JSON, and of what its script does besides.
    let write (writer: TextWriter) (title: string) (json: string) (page: string) : unit =
        let line (text: string) = writer.Write(text + "\n")
        let name = WebUtility.HtmlEncode(if title = "" then "a picture" else title)
        line "<!DOCTYPE html>"
        line "<html lang=\"en\">"
        line "<head>"
        line "<meta charset=\"utf-8\">"
        line ("<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy + "\">")
        line "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        line "<link rel=\"icon\" href=\"data:,\">"
        line ("<title>" + name + "</title>")
        line "<style>"
        writer.Write style.Value
        line "</style>"
        line "</head>"
        line "<body>"
        line "<main>"
        line ("<h1>" + name + "</h1>")
        line ("<div id=\"picture\" role=\"group\" aria-label=\"" + name + "\"></div>")
        line "</main>"
        writer.Write "<script>"
        writer.Write plotly.Value
        line "</script>"
        writer.Write "<script>const page = "
        writer.Write(withinScript page)
        line ";"
        writer.Write "const figure = "
        writer.Write(withinScript json)
        line ";"
        writer.Write script.Value
        line "</script>"
        line "</body>"
        line "</html>"

    /// The page in a frame, which keeps its script apart from those of the notebook around it.
    let inFrame (json: string) (page: string) : string =
        use writer = new StringWriter()
        write writer "" json page
        let text = writer.ToString().Replace("&", "&amp;").Replace("\"", "&quot;")

        String.Concat(
            "<iframe title=\"a picture\" style=\"width: 100%; height: 32em; border: 0\" srcdoc=\"",
            text,
            "\"></iframe>"
        )
