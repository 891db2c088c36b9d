// Makes pages that fsdocs has written right for a disk: links relative to each page, so that the site opens without a server, and without those that lead
// nowhere; notebooks without what only the menu wants to know.
//
//     dotnet fsi .ci/finish-site.fsx site
open System
open System.IO
open System.Text.RegularExpressions

let site = Path.GetFullPath fsi.CommandLineArgs[1]
let files pattern = Directory.GetFiles(site, pattern, SearchOption.AllDirectories)

let edit (change: string -> string) (path: string) =
    let before = File.ReadAllText path
    let after = change before

    if after <> before then
        File.WriteAllText(path, after)

/// The way from a page up to the site's root: "" or "../", as often as it is deep.
let up (page: string) =
    let depth = Path.GetRelativePath(site, page).Split(Path.DirectorySeparatorChar).Length - 1
    String.replicate depth "../"

// fsdocs leaves links to a place on another page as they are, and its places have capitals, where those of Markdown on a forge have none.
let pageLink = Regex """(href="[^":]*)\.(md|fsx)#"""
// fsdocs says in `lang`, which is for what people speak, what a piece of code is written in.
let codeLanguage = Regex "<code lang=\"([a-z]+)\">"
// And calls lines without descriptions a list of descriptions.
let lines = Regex("<dl class=\"fsdocs-metadata\">(.*?)</dl>", RegexOptions.Singleline)
let place = Regex "<a name=\"([^\"]*)\" class=\"anchor\""

for page in files "*.html" do
    page
    |> edit (fun text ->
        let text = text.Replace("/site-root/", up page)
        let text = pageLink.Replace(text, "$1.html#")
        let text = codeLanguage.Replace(text, "<code data-language=\"$1\">")

        let text =
            lines.Replace(
                text,
                fun found ->
                    let items = found.Groups[1].Value.Replace("<dt>", "<li>").Replace("</dt>", "</li>")
                    $"<ul class=\"fsdocs-metadata\">{items}</ul>"
            )

        place.Replace(
            text,
            fun found ->
                let name = found.Groups[1].Value
                $"<a name=\"{name}\" id=\"{name.ToLowerInvariant()}\" class=\"anchor\""
        ))

// fsdocs leaves out types of C# that carry an attribute with a type in it (those that notebooks show as tables): what names them is no link then.
let reference = Path.Combine(site, "reference")
// Comments with tags, and those taken over from another member, keep the backticks of what is code.
let code = Regex "`([A-Za-z][A-Za-z0-9_.()]*)`"
let memberLink = Regex "href=\"\\.\\./reference/(anisoap-csharp[a-z0-9-]*\\.html)[^\"]*\""

if Directory.Exists reference then
    for page in Directory.GetFiles(reference, "*.html") do
        page
        |> edit (fun text ->
            let text = code.Replace(text, "<code>$1</code>")

            memberLink.Replace(
                text,
                fun found ->
                    if File.Exists(Path.Combine(reference, found.Groups[1].Value)) then
                        found.Value
                    else
                        ""
            ))

// Pages opened from a disk may not fetch a file, but may run one.
let index = Path.Combine(site, "index.json")

if File.Exists index then
    File.WriteAllText(
        Path.Combine(site, "index.js"),
        "const pages = " + File.ReadAllText(index).Replace("/site-root/", "")
    )

    File.Delete index

// What the menu wants to know of a script is no part of its text: from one line of dashes to the next.
for notebook in files "*.ipynb" do
    notebook
    |> edit (fun text ->
        let kept, _ =
            ((([]: string list), false), text.Split '\n')
            ||> Array.fold (fun (kept, inside) line ->
                if Regex.IsMatch(line, """^ *"---\\n",$""") then
                    kept, not inside
                elif inside then
                    kept, inside
                else
                    line :: kept, inside)

        kept |> List.rev |> String.concat "\n")
