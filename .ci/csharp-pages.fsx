// The pages of the C# surface, which fsdocs has written in F#, in C#: what a member is called with, its parameters and its result. Fails where a member of a page
// is not found in the assembly, so that none stays in F#.
//
//     dotnet fsi .ci/csharp-pages.fsx site src/AniSoap.CSharp/bin/Release/net10.0/AniSoap.CSharp.dll
#load "csharp-signatures.fsx"

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Text.RegularExpressions
open CSharpSignatures

let site, assembly = fsi.CommandLineArgs[1], Path.GetFullPath fsi.CommandLineArgs[2]
let singleLine = RegexOptions.Singleline

let row =
    Regex(
        "<tr>(?:(?!</?tr>).)*?class=\"fsdocs-member-usage\".*?(?=<tr>\\s*<td class=\"fsdocs-member-usage\"|</tbody>\\s*</table>\\s*(?:<h|</div>|$))",
        singleLine
    )

let usage =
    Regex("(<td class=\"fsdocs-member-usage\">)(.*?)(</td>\\s*<td class=\"fsdocs-member-xmldoc\">)", singleLine)

let anchor = Regex("id=\"([^\"]+)\"")
let link = Regex("<a href=\"([^\"#]+)\">([^<]+)</a>")

let parameterPart =
    Regex(
        "<dt class=\"fsdocs-param\">\\s*<span class=\"fsdocs-param-name\">\\s*([^<]*?)\\s*</span>.*?</dt>",
        singleLine
    )

let returnPart = Regex("(<dl class=\"fsdocs-returns\">\\s*<dt>).*?</dt>", singleLine)
let word = Regex @"[A-Za-z_][A-Za-z0-9_]*"

let mutable changed = 0
let missing = List<string>()

/// Text of C# with links to the types that the row of the page has links to.
let linked (links: IDictionary<string, string>) (text: string) =
    let safe = WebUtility.HtmlEncode text

    word.Replace(
        safe,
        fun found ->
            match links.TryGetValue found.Value with
            | true, address -> "<a href=\"" + address + "\">" + found.Value + "</a>"
            | _ -> found.Value
    )

let convert (page: string) (members: Member list) (text: string) =
    // Overloads stand in one order in both.
    let left = List<Member>(members)

    row.Replace(
        text,
        fun found ->
            let whole = found.Value
            let cell = usage.Match whole
            let name = anchor.Match(cell.Groups[2].Value)

            if not cell.Success || not name.Success then
                whole
            else
                let called =
                    match WebUtility.HtmlDecode name.Groups[1].Value with
                    | "(=)" -> "op_Equality"
                    | "(<>)" -> "op_Inequality"
                    | called -> called

                let given = [
                    for part in parameterPart.Matches whole ->
                        (nonNull (WebUtility.HtmlDecode part.Groups[1].Value)).TrimStart '?'
                ]

                let fits (one: Member) =
                    (one.Name = called
                     || called.EndsWith("( " + one.Name + " )", StringComparison.Ordinal)
                     // A constructor makes what it is named after.
                     || called.Contains ".ctor" && one.Name = one.Result)
                    && (given = [] || [ for name, _ in one.Parameters -> name ] = given)

                match Seq.tryFind fits left with
                | None ->
                    missing.Add(Path.GetFileName page + ": " + called + "(" + String.Join(", ", given) + ")")
                    whole
                | Some one ->
                    left.Remove one |> ignore
                    changed <- changed + 1

                    let links = Dictionary<string, string>()

                    for part in link.Matches whole do
                        links[part.Groups[2].Value] <- part.Groups[1].Value

                    let show = linked links
                    let place = WebUtility.HtmlEncode called

                    let cell' =
                        "$1<code class=\"csharp\"><a id=\""
                        + place
                        + "\" href=\"#"
                        + place
                        + "\" aria-label=\""
                        + place
                        + "\">#</a> "
                        + (show one.Signature).Replace("$", "$$")
                        + "</code>$3"

                    let whole = usage.Replace(whole, cell', 1)

                    let whole =
                        parameterPart.Replace(
                            whole,
                            fun part ->
                                let name = (nonNull (WebUtility.HtmlDecode part.Groups[1].Value)).TrimStart '?'
                                let _, kind = one.Parameters |> List.find (fun (known, _) -> known = name)

                                "<dt class=\"fsdocs-param\"><code>"
                                + show kind
                                + "</code> <span class=\"fsdocs-param-name\">"
                                + WebUtility.HtmlEncode name
                                + "</span></dt>"
                        )

                    returnPart.Replace(
                        whole,
                        fun part ->
                            part.Groups[1].Value
                            + "<span class=\"fsdocs-return-name\">Returns: </span><code>"
                            + show one.Result
                            + "</code></dt>"
                    )
    )

for name, members in membersOf (load assembly) do
    let page =
        Path.Combine(site, "reference", name.ToLowerInvariant().Replace('.', '-').Replace('`', '-') + ".html")

    if File.Exists page then
        let text = (File.ReadAllText page).Replace("<code>obj</code>", "<code>object</code>")
        File.WriteAllText(page, convert page members text)

printfn "%d members of the C# surface in C#" changed

if missing.Count > 0 then
    eprintfn "members that are shown in F#, and not found in %s:" (Path.GetFileName assembly)

    for one in missing do
        eprintfn "  %s" one

    exit 1

if changed = 0 then
    eprintfn "no page of the C# surface has been found"
    exit 1
