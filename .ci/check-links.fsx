// Fails unless every link and picture of the HTML pages in a folder leads to a file of the folder, and every #place to a place on its page.
// Links to other hosts are not followed.
//
//     dotnet fsi .ci/check-links.fsx site
open System
open System.IO
open System.Text.RegularExpressions

let site = Path.GetFullPath fsi.CommandLineArgs[1]
let pages = Directory.GetFiles(site, "*.html", SearchOption.AllDirectories)
let link = Regex("""\s(?:href|src)=(["'])(.*?)\1""", RegexOptions.Compiled ||| RegexOptions.Singleline)
let anchor = Regex("""\s(?:id|name)=(["'])(.*?)\1""", RegexOptions.Compiled ||| RegexOptions.Singleline)

// Code on a page shows links that are none.
let shown = Regex("""<(pre|code)\b.*?</\1>""", RegexOptions.Compiled ||| RegexOptions.Singleline)

let anchors =
    pages
    |> Array.map (fun page -> page, set [ for found in anchor.Matches(File.ReadAllText page) -> found.Groups[2].Value ])
    |> dict

let isOutside (target: string) = Regex.IsMatch(target, "^([a-z]+:|//)")

/// What is wrong with a link of a page, if anything.
let problem (page: string) (target: string) =
    let path, place =
        match target.IndexOf '#' with
        | -1 -> target, ""
        | at -> target[.. at - 1], target[at + 1 ..]

    let file =
        if path = "" then
            page
        else
            Path.GetFullPath(Path.Combine(Path.GetDirectoryName page, Uri.UnescapeDataString path))

    if not (file.StartsWith site) then
        Some "leads out of the site"
    elif not (File.Exists file) then
        Some "no such file"
    elif
        place <> ""
        && anchors.ContainsKey file
        && not (anchors[file].Contains(Uri.UnescapeDataString place))
    then
        Some "no such place on the page"
    else
        None

let problems = [
    for page in pages do
        let text = shown.Replace(File.ReadAllText page, "")

        for target in
            [ for found in link.Matches text -> Net.WebUtility.HtmlDecode found.Groups[2].Value ]
            |> List.distinct do
            if not (isOutside target) then
                match problem page target with
                | Some what -> $"{Path.GetRelativePath(site, page)}: {target}: {what}"
                | None -> ()
]

if problems.IsEmpty then
    printfn "%d pages, all links lead somewhere" pages.Length
else
    problems |> List.iter (eprintfn "%s")
    exit 1
