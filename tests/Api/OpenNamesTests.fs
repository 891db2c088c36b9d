/// What `open AniSoap` brings along besides types and modules: cases of unions that are written bare.
module AniSoap.Tests.OpenNamesTests

open System
open System.Reflection
open Expecto
open FSharp.Reflection
open AniSoap

let private types = typeof<Hypers>.Assembly.GetExportedTypes()

let private isUnion (t: Type) =
    FSharpType.IsUnion t
    && (match t.DeclaringType with
        | null -> true
        | outer -> not (FSharpType.IsUnion outer))

let private mustBeQualified (t: Type) = not (isNull (t.GetCustomAttribute<RequireQualifiedAccessAttribute>()))

let private bare =
    lazy
        [
            for t in types |> Array.filter (fun t -> isUnion t && not (mustBeQualified t)) do
                for case in FSharpType.GetUnionCases t -> case.Name
        ]

[<Tests>]
let tests =
    testList "open names" [
        testCase "the cases that are written bare are few, and none is a common word"
        <| fun () ->
            Expect.equal
                (List.sort bare.Value)
                [
                    "ExpansionCoefficients"
                    "Gto"
                    "Inaccessible"
                    "InvalidValue"
                    "Malformed"
                    "MeanSpectra"
                    "Missing"
                    "Monomial"
                    "OfEachParticle"
                    "OfMean"
                    "OfParticles"
                    "OrderedPairs"
                    "PairCoefficients"
                    "ParticleSpectra"
                    "SomeColumns"
                    "UnorderedPairs"
                ]
                "cases"

        testCase "no bare case has the name of a type or a field"
        <| fun () ->
            // A case with fields is a nested type of its own name; modules are static classes, and a name before a dot.
            let others =
                set [
                    for t in
                        types
                        |> Array.filter (fun t -> not t.IsNested && not (t.IsAbstract && t.IsSealed)) do
                        yield t.Name
                        yield t.Name.Replace("Module", "")

                        if FSharpType.IsRecord t then
                            for field in FSharpType.GetRecordFields t do
                                yield field.Name
                ]

            Expect.equal (bare.Value |> List.filter others.Contains) [] "names of two things"
    ]
