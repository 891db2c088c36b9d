/// What docs/architecture.md says of the folders, held against them.
module AniSoap.Tests.House.ArchitectureTests

open System
open System.IO
open System.Text.RegularExpressions
open System.Xml.Linq
open Expecto
open AniSoap.Tests

let private page = lazy File.ReadAllText(Path.Combine(Repository.root, "docs", "architecture.md"))

/// The folders of the page's tree, as paths below the repository.
let private drawn () =
    let tree =
        Regex.Match(page.Value, "<!-- tree -->\n```\n(.*?)```", RegexOptions.Singleline).Groups[1].Value

    let folder = Regex(@"^( *)([\w.]+)/")

    ([], tree.Split('\n'))
    ||> Array.fold (fun found line ->
        match folder.Match line with
        | m when m.Success ->
            let depth = m.Groups[1].Length / 2

            let parent =
                found
                |> List.tryFind (fun (level, _) -> level = depth - 1)
                |> Option.map snd
                |> Option.defaultValue ""

            (depth, parent + m.Groups[2].Value + "/") :: found
        | _ -> found)
    |> List.map snd
    |> List.rev

let private sources folder =
    Directory.EnumerateFiles(folder, "*.*s", SearchOption.AllDirectories)
    |> Seq.filter (fun file -> file.EndsWith ".fs" || file.EndsWith ".cs")
    |> Seq.filter (fun file -> not (Regex.IsMatch(file, @"[/\\](bin|obj)[/\\]")))

/// The folders below `src` that hold source files: those of the library by themselves, projects as one.
let private standing () =
    let src = Path.Combine(Repository.root, "src")

    sources src
    |> Seq.map (fun file -> Path.GetRelativePath(Repository.root, file).Replace('\\', '/').Split('/'))
    |> Seq.collect (fun parts ->
        if parts[1].Contains '.' then
            [ String.Join('/', parts[..1]) + "/" ]
        else
            [ for depth in 0 .. parts.Length - 2 -> String.Join('/', parts[..depth]) + "/" ])
    |> Seq.append [ "src/" ]
    |> Seq.distinct
    |> Seq.toList

/// The files of the library in the order in which they are compiled.
let private compiled () =
    XDocument.Load(Path.Combine(Repository.root, "AniSoap.fsproj")).Descendants(XName.Get "Compile")
    |> Seq.map (fun item -> nonNull (item.Attribute(XName.Get "Include")) |> _.Value)
    |> Seq.toList

[<Tests>]
let tests =
    testList "architecture" [
        testCase "the tree on the page has the folders that there are, and no others"
        <| fun () ->
            let drawn, standing = Set.ofList (drawn ()), Set.ofList (standing ())
            Close.above drawn.Count 20 "folders on the page"
            Expect.equal (standing - drawn) Set.empty "folders that the page does not name"
            Expect.equal (drawn - standing) Set.empty "folders of the page that are not there"

        testCase "the compile order visits every folder once, in the order of the page"
        <| fun () ->
            let visits =
                compiled ()
                |> List.map (fun file -> file[.. file.LastIndexOf '/'])
                |> List.fold
                    (fun seen folder ->
                        if List.tryHead seen = Some folder then
                            seen
                        else
                            folder :: seen)
                    []
                |> List.rev

            Expect.equal visits (List.distinct visits) "folders in the order of their visits"

            let order =
                drawn ()
                |> List.filter (fun folder -> folder <> "src/" && not (folder.Substring(4).Contains '.'))

            Expect.equal visits (order |> List.filter (fun folder -> List.contains folder visits)) "as drawn"

        testCase "every folder that the page sends a change to is there"
        <| fun () ->
            let named =
                Regex.Matches(page.Value, "`(src/[\\w./]+)`")
                |> Seq.map _.Groups[1].Value
                |> Seq.distinct
                |> Seq.toList

            Close.above named.Length 9 "folders named"

            for folder in named do
                Expect.isTrue (Directory.Exists(Path.Combine(Repository.root, folder))) folder

        testCase "only tests and benchmarks see the internals of the library"
        <| fun () ->
            let friends =
                XDocument
                    .Load(Path.Combine(Repository.root, "AniSoap.fsproj"))
                    .Descendants(XName.Get "InternalsVisibleTo")
                |> Seq.map (fun item -> nonNull (item.Attribute(XName.Get "Include")) |> _.Value)
                |> Set.ofSeq

            Expect.equal friends (set [ "AniSoap.Tests"; "AniSoap.Benchmarks" ]) "friends"
    ]
