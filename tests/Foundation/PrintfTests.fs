/// Numbers and texts are put together without printf: its patterns are read by reflection, which compilation ahead of time leaves no types for, and
/// take a thousand times as long.
module AniSoap.Tests.PrintfTests

open System
open System.IO
open Expecto
open Mono.Cecil

let private isPrintf (called: MethodReference) =
    let owner = called.DeclaringType

    owner.Namespace = "Microsoft.FSharp.Core"
    && (owner.Name.StartsWith("Printf", StringComparison.Ordinal)
        || called.Name.StartsWith("PrintFormat", StringComparison.Ordinal))

/// What the compiler writes into unions, records and exceptions to show them to a debugger or as a message; a call to it is in no other code.
let private isGenerated (m: MethodDefinition) =
    m.CustomAttributes
    |> Seq.exists (fun mark -> mark.AttributeType.Name = "CompilerGeneratedAttribute")
    && List.contains m.Name [ "__DebugDisplay"; "ToString"; "get_Message" ]

let private methods name =
    let assembly = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, name + ".dll"))

    assembly.MainModule.GetTypes()
    |> Seq.collect _.Methods
    |> Seq.filter _.HasBody
    |> Seq.toArray

let private callers name = [
    for m in methods name do
        let calls =
            m.Body.Instructions
            |> Seq.exists (fun instruction ->
                match instruction.Operand with
                | :? MethodReference as called -> isPrintf called
                | _ -> false)

        if calls && not (isGenerated m) then
            m.FullName
]

/// Two that go through printf, one of them in sight of nobody: a text of more than four pieces.
let private short count = sprintf "%d frames" count
let private long (name: string) (other: string) = $"{name} of {other}: {name}"

[<Tests>]
let tests =
    testList "texts without printf" [
        for name in [ "AniSoap.Core"; "AniSoap.FeatureFiles"; "AniSoap.Learning"; "AniSoap.Figures" ] do
            testCase $"no number and no text of {name} goes through it"
            <| fun () ->
                Close.above (methods name).Length 300 "the methods are here"

                Expect.isEmpty
                    (callers name)
                    "String.Concat, or +: an interpolated text of more than four pieces is printf's, too"

        testCase "a text that does is found"
        <| fun () ->
            Expect.equal (short 3 + long "a" "b") "3 framesa of b: a" "the texts"
            let found = callers "AniSoap.Tests" |> List.filter _.Contains("PrintfTests")
            Expect.isTrue (found |> List.exists _.Contains("::short")) "a pattern"
            Expect.isTrue (found |> List.exists _.Contains("::long")) "an interpolated text"
    ]
