// A page whose code is in C#, as a notebook: fsdocs makes cells of F# alone.
//
//     dotnet fsi .ci/csharp-notebook.fsx scripts/first-features-csharp.md >first-features-csharp.ipynb
open System
open System.IO
open System.Text.Encodings.Web
open System.Text.Json
open System.Text.Json.Nodes

type Cell =
    | Text of string list
    | Code of string list

/// What the menu wants to know of a page is no part of its text.
let withoutFrontMatter (lines: string list) =
    match lines with
    | "---" :: rest -> rest |> List.skipWhile (fun line -> line <> "---") |> List.tail
    | _ -> lines

let rec cells (lines: string list) =
    match lines with
    | [] -> []
    | "```csharp" :: rest ->
        let code = rest |> List.takeWhile (fun line -> line <> "```")
        Code code :: cells (List.skip (code.Length + 1) rest)
    | _ ->
        let text = lines |> List.takeWhile (fun line -> line <> "```csharp")
        Text text :: cells (List.skip text.Length lines)

let trim (lines: string list) =
    let skip = List.skipWhile String.IsNullOrWhiteSpace
    lines |> skip |> List.rev |> skip |> List.rev

let node (pairs: (string * JsonNode) list) =
    JsonObject(
        pairs
        |> Seq.map (fun (key, value) -> Collections.Generic.KeyValuePair(key, value))
    )
    :> JsonNode

let text (value: string) = JsonValue.Create value :> JsonNode
let list (nodes: JsonNode list) = JsonArray(List.toArray nodes) :> JsonNode

let source lines =
    let lines = trim lines

    lines
    |> List.mapi (fun i line -> text (if i < lines.Length - 1 then line + "\n" else line))
    |> list

let cell content =
    match content with
    | Text lines -> node [ "cell_type", text "markdown"; "metadata", node []; "source", source lines ]
    | Code lines ->
        node [
            "cell_type", text "code"
            "metadata", node [ ("polyglot_notebook", node [ ("kernelName", text "csharp") ]) ]
            "execution_count", null
            "outputs", list []
            "source", source lines
        ]

let notebook =
    node [
        "cells",
        File.ReadAllLines fsi.CommandLineArgs[1]
        |> Array.toList
        |> withoutFrontMatter
        |> cells
        |> List.map cell
        |> list
        "metadata",
        node [
            "kernelspec", node [ "display_name", text ".NET (C#)"; "language", text "C#"; "name", text ".net-csharp" ]
            "language_info", node [ "file_extension", text ".cs"; "name", text "C#" ]
        ]
        "nbformat", JsonValue.Create 4
        "nbformat_minor", JsonValue.Create 2
    ]

let options =
    JsonSerializerOptions(WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

printfn "%s" (notebook.ToJsonString options)
