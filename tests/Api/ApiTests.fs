/// What the packages offer is written down in files beside this one, so that a change of it is seen; and everything of it is documented.
module AniSoap.Tests.Api.ApiTests

open System
open System.IO
open System.Reflection
open System.Xml.Linq
open Expecto
open AniSoap.Tests

let private assemblies = [
    "AniSoap", typeof<AniSoap.Frame>.Assembly
    "AniSoap.CSharp", typeof<AniSoap.CSharp.AniSoapException>.Assembly
    "AniSoap.Learning", typeof<AniSoap.Learning.Matrix>.Assembly
]

/// Set to anything, what is found is written down instead of compared.
[<Literal>]
let private Accept = "ANISOAP_ACCEPT_API"

let private firstDifference (expected: string) (found: string) =
    let expected, found = expected.Split '\n', found.Split '\n'
    let gone = expected |> Array.except found |> Array.map (fun line -> "- " + line)
    let added = found |> Array.except expected |> Array.map (fun line -> "+ " + line)
    Array.append gone added |> Array.truncate 20 |> String.concat "\n"

let private pin (name: string) (assembly: Assembly) =
    testCase $"{name} offers what is written down"
    <| fun () ->
        let path = Path.Combine(Repository.root, "tests", "Api", name + ".txt")
        let found = PublicItems.render assembly

        if String.IsNullOrEmpty(Environment.GetEnvironmentVariable Accept) then
            let expected = if File.Exists path then File.ReadAllText path else ""

            if expected <> found then
                failtest
                    $"the public items of {name} are not those in tests/Api/{name}.txt. Where that is meant to be, accept them by\n\n    {Accept}=1 dotnet run -c Release --project tests -- --filter-test-list \"public items\"\n\n{firstDifference expected found}"
        else
            File.WriteAllText(path, found)

/// The names in an assembly's documentation that say something, without parameters.
let private documented (assembly: Assembly) =
    let path = Path.ChangeExtension(assembly.Location, ".xml")
    let document = XDocument.Load(nonNull path)

    document.Descendants(XName.Get "member")
    |> Seq.filter (fun entry ->
        not (String.IsNullOrWhiteSpace entry.Value)
        || entry.Descendants(XName.Get "inheritdoc") |> Seq.isEmpty |> not)
    |> Seq.choose (fun entry ->
        match entry.Attribute(XName.Get "name") with
        | null -> None
        | name -> Some(name.Value.Split([| "("; "``" |], StringSplitOptions.None)[0]))
    |> Set.ofSeq

let private isDocumented (names: Set<string>) (item: PublicItems.Item) =
    let name = item.Documentation.Substring 2

    names.Contains item.Documentation
    // Values of modules, and what a constructor's parameters document, may stand as properties or methods.
    || names.Contains("P:" + name)
    || names.Contains("M:" + name)
    // A module of functions over the type of the same name.
    || (name.EndsWith("Module", StringComparison.Ordinal)
        && names.Contains("T:" + name.Substring(0, name.Length - "Module".Length)))
    // A constructor of F# has its comment at the type; of C# the compiler asks for one.
    || (name.EndsWith(".#ctor", StringComparison.Ordinal)
        && names.Contains("T:" + name.Substring(0, name.Length - ".#ctor".Length)))

let private documentation (name: string) (assembly: Assembly) =
    testCase $"everything that {name} offers is documented"
    <| fun () ->
        let names = documented assembly

        let silent =
            PublicItems.ofAssembly assembly
            |> Seq.collect (fun (owner, members) -> owner :: members)
            |> Seq.filter (isDocumented names >> not)
            |> Seq.map (fun item -> $"{item.Owner}: {item.Text}")
            |> Seq.toList

        if not silent.IsEmpty then
            let list = String.concat "\n" silent

            failtest
                $"{silent.Length} public items have no documentation (a /// comment); give it, or make them internal:\n{list}"

[<Tests>]
let tests =
    testList "public items" [
        for name, assembly in assemblies do
            pin name assembly
            documentation name assembly
    ]
