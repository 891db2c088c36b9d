/// Types as a person writes them.
module AniSoap.Tests.Api.TypeNames

open System
open Microsoft.FSharp.Reflection

let private aliases =
    dict [
        typeof<int>, "int"
        typeof<int64>, "int64"
        typeof<byte>, "byte"
        typeof<uint8>, "byte"
        typeof<float>, "float"
        typeof<single>, "single"
        typeof<bool>, "bool"
        typeof<string>, "string"
        typeof<obj>, "obj"
        typeof<unit>, "unit"
        typeof<Void>, "unit"
    ]

let private containers =
    dict [
        "FSharpOption`1", "option"
        "FSharpValueOption`1", "voption"
        "FSharpList`1", "list"
        "FSharpResult`2", "Result"
        "FSharpMap`2", "Map"
        "FSharpSet`1", "Set"
        "IEnumerable`1", "seq"
    ]

/// The name without the number of type parameters.
let plain (name: string) =
    match name.IndexOf '`' with
    | -1 -> name
    | at -> name.Substring(0, at)

let rec show (t: Type) : string =
    if aliases.ContainsKey t then
        aliases[t]
    elif t.IsGenericParameter then
        "'" + t.Name
    elif t.IsByRef then
        show (nonNull (t.GetElementType())) + "&"
    elif t.IsArray then
        show (nonNull (t.GetElementType())) + "[]"
    elif FSharpType.IsFunction t then
        let argument, result = FSharpType.GetFunctionElements t
        $"({show argument} -> {show result})"
    elif FSharpType.IsTuple t then
        let parts = FSharpType.GetTupleElements t |> Array.map show |> String.concat " * "
        if t.IsValueType then $"struct ({parts})" else $"({parts})"
    elif t.IsGenericType then
        let name =
            if containers.ContainsKey t.Name then
                containers[t.Name]
            else
                full t

        let arguments = t.GetGenericArguments() |> Array.map show |> String.concat ", "
        $"{name}<{arguments}>"
    else
        full t

/// The name with the types that it is nested in; namespaces of the platform say nothing.
and private full (t: Type) =
    match t.DeclaringType with
    | null when (string t.Namespace).StartsWith("AniSoap", StringComparison.Ordinal) -> $"{t.Namespace}.{plain t.Name}"
    | null -> plain t.Name
    | outer -> $"{full outer}.{plain t.Name}"
