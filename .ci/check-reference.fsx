// Fails unless every public type, module, function and property of a library is described in the XML file beside it: what the compiler demands of C# and not of F#.
//
//     dotnet fsi .ci/check-reference.fsx bin/Release/net10.0/AniSoap.Core.dll
open System
open System.IO
open System.Reflection
open System.Runtime.CompilerServices
open System.Xml.Linq
open Microsoft.FSharp.Reflection

let library = Path.GetFullPath fsi.CommandLineArgs[1]

/// The names of all that is described, without the types of parameters.
let described =
    XDocument.Load(Path.ChangeExtension(library, ".xml")).Descendants "member"
    |> Seq.filter (fun entry -> not (String.IsNullOrWhiteSpace entry.Value))
    |> Seq.map (fun entry -> entry.Attribute("name").Value.Split([| '('; '`' |])[0])
    |> Set.ofSeq

let isOurs (item: MemberInfo) = not (item.IsDefined(typeof<CompilerGeneratedAttribute>, true))
let isUnion (t: Type) = FSharpType.IsUnion(t, true)

/// What every object, delegate or union has is explained elsewhere.
let isInherited (t: Type) (name: string) =
    typeof<Delegate>.IsAssignableFrom t
    || typeof<obj>.GetMethods() |> Array.exists (fun each -> each.Name = name)
    || (name = "Dispose" && typeof<IDisposable>.IsAssignableFrom t)
    || (isUnion t && (name = "Tag" || name.StartsWith "Is"))

let missing = [
    for t in (Assembly.LoadFrom library).GetExportedTypes() do
        let name = t.FullName.Replace('+', '.').Split('`')[0]

        // Cases of a union are described as its fields.
        if not (t.DeclaringType <> null && isUnion t.DeclaringType) then
            if not (described.Contains $"T:{name}") then
                name

            for item in
                t.GetMembers(
                    BindingFlags.Public
                    ||| BindingFlags.Instance
                    ||| BindingFlags.Static
                    ||| BindingFlags.DeclaredOnly
                ) do
                let path = $"{name}.{item.Name}"

                if isOurs item && not (isInherited t item.Name) then
                    match item with
                    | :? MethodInfo as each when not each.IsSpecialName && not (described.Contains $"M:{path}") -> path
                    | :? PropertyInfo when not (described.Contains $"P:{path}" || described.Contains $"T:{path}") ->
                        path
                    | _ -> ()
]

if missing.IsEmpty then
    printfn "everything public in %s is described" (Path.GetFileName library)
else
    missing |> List.iter (eprintfn "not described: %s")
    exit 1
