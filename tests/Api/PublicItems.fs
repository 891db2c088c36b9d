/// What an assembly offers to others, item by item.
module AniSoap.Tests.Api.PublicItems

open System
open System.Reflection
open System.Runtime.CompilerServices
open Microsoft.FSharp.Reflection

/// A public item: how it reads, and by which name the documentation knows it.
type Item = {
    /// The type that it belongs to, or that it is.
    Owner: string
    Text: string
    /// `T:`, `M:`, `P:`, `F:` and the name, without parameters.
    Documentation: string
}

let private flags =
    BindingFlags.Public
    ||| BindingFlags.Instance
    ||| BindingFlags.Static
    ||| BindingFlags.DeclaredOnly

let private isGenerated (item: MemberInfo) = item.IsDefined(typeof<CompilerGeneratedAttribute>, false)

/// Cases of unions are types of their own to the runtime.
let private isCase (t: Type) =
    match t.DeclaringType with
    | null -> false
    | outer -> FSharpType.IsUnion outer && (t.BaseType = outer || t.Name = "Tags")

// A context of its own each time: tests run side by side, and contexts are not made for that.
let private nullability () = NullabilityInfoContext()

let private orNull (info: NullabilityInfo) (text: string) =
    let isMarked =
        info.ReadState = NullabilityState.Nullable
        || info.WriteState = NullabilityState.Nullable

    if isMarked && not info.Type.IsValueType then
        text + "?"
    else
        text

let private parameterText (parameter: ParameterInfo) =
    let default' =
        if not parameter.HasDefaultValue then
            ""
        else
            match parameter.DefaultValue with
            | null -> " = default"
            | value -> String.Format(Globalization.CultureInfo.InvariantCulture, " = {0}", value)

    let spread =
        if
            parameter.IsDefined(typeof<ParamArrayAttribute>, false)
            || parameter.IsDefined(typeof<ParamCollectionAttribute>, false)
        then
            "params "
        else
            ""

    let kind =
        TypeNames.show parameter.ParameterType
        |> orNull (nullability().Create parameter)

    $"{spread}{parameter.Name}: {kind}{default'}"

let private parameters (method: MethodBase) = method.GetParameters() |> Array.map parameterText |> String.concat ", "

let private xmlName (t: Type) = (string t.FullName).Replace('+', '.')

/// What every type has, unless it does something of its own.
let private common =
    set [
        "Equals"
        "GetHashCode"
        "ToString"
        "CompareTo"
        "Deconstruct"
        "PrintMembers"
        "<Clone>$"
        "BeginInvoke"
        "EndInvoke"
        "Invoke"
        "GetEnumerator"
    ]

let private isOwn (method: MethodInfo) =
    (not method.IsSpecialName
     || method.Name.StartsWith("op_", StringComparison.Ordinal))
    && not (isGenerated method)
    && not (common.Contains method.Name)

let private memberItems (t: Type) : Item list =
    let owner = xmlName t
    let item text documentation = { Owner = owner; Text = text; Documentation = documentation }

    let modifier isStatic =
        if isStatic && not (t.IsAbstract && t.IsSealed) then
            "static "
        else
            ""

    let methods =
        t.GetMethods flags
        |> Seq.filter (isOwn)
        |> Seq.map (fun m ->
            let result = TypeNames.show m.ReturnType |> orNull (nullability().Create m.ReturnParameter)

            let generic =
                if m.IsGenericMethod then
                    let names = m.GetGenericArguments() |> Array.map TypeNames.show |> String.concat ", "
                    $"<{names}>"
                else
                    ""

            item $"{modifier m.IsStatic}{m.Name}{generic}({parameters m}): {result}" $"M:{owner}.{m.Name}")

    let properties =
        t.GetProperties flags
        |> Seq.filter (fun p -> not (isGenerated p) && p.Name <> "EqualityContract")
        |> Seq.filter (fun p -> not (FSharpType.IsUnion t && Array.contains p.Name [| "Tag"; "IsTag" |]))
        |> Seq.map (fun p ->
            let getter = p.GetAccessors()[0]

            let index =
                match p.GetIndexParameters() with
                | [||] -> ""
                | all -> all |> Array.map parameterText |> String.concat ", " |> sprintf "[%s]"

            let writes =
                match p.SetMethod with
                | null -> ""
                | setter when not setter.IsPublic -> ""
                | setter ->
                    let isInit =
                        setter.ReturnParameter.GetRequiredCustomModifiers()
                        |> Array.exists (fun m -> m.Name = "IsExternalInit")

                    if isInit then " { init }" else " { set }"

            let required =
                if p.IsDefined(typeof<RequiredMemberAttribute>, false) then
                    "required "
                else
                    ""

            let kind = TypeNames.show p.PropertyType |> orNull (nullability().Create p)
            item $"{required}{modifier getter.IsStatic}{p.Name}{index}: {kind}{writes}" $"P:{owner}.{p.Name}")

    let fields =
        t.GetFields flags
        |> Seq.filter (fun f -> not (isGenerated f) && f.Name <> "value__")
        |> Seq.map (fun f ->
            let value =
                if f.IsLiteral then
                    String.Format(Globalization.CultureInfo.InvariantCulture, " = {0}", f.GetRawConstantValue())
                else
                    ""

            let kind = if t.IsEnum then "" else ": " + TypeNames.show f.FieldType
            item $"{modifier (f.IsStatic && not f.IsLiteral)}{f.Name}{kind}{value}" $"F:{owner}.{f.Name}")

    let constructors =
        t.GetConstructors flags
        |> Seq.filter (fun c ->
            not (isGenerated c)
            && not (FSharpType.IsRecord t)
            && not (typeof<MulticastDelegate>.IsAssignableFrom t))
        |> Seq.map (fun c -> item $"new({parameters c})" $"M:{owner}.#ctor")

    let cases =
        if FSharpType.IsUnion t then
            FSharpType.GetUnionCases t
            |> Seq.map (fun case ->
                let fields =
                    case.GetFields()
                    |> Array.map (fun f -> $"{f.Name}: {TypeNames.show f.PropertyType}")
                    |> String.concat " * "

                item
                    (if fields = "" then
                         $"| {case.Name}"
                     else
                         $"| {case.Name} of {fields}")
                    $"T:{owner}.{case.Name}")
        else
            Seq.empty

    let invocation =
        if typeof<MulticastDelegate>.IsAssignableFrom t then
            let invoke = nonNull (t.GetMethod "Invoke")
            [ item $"delegate ({parameters invoke}): {TypeNames.show invoke.ReturnType}" $"T:{owner}" ]
        else
            []

    [
        yield! cases
        yield! invocation
        yield! constructors
        yield! fields
        yield! properties
        yield! methods
    ]

let private kindOf (t: Type) =
    if FSharpType.IsModule t then
        "module"
    elif FSharpType.IsUnion t then
        "union"
    elif FSharpType.IsRecord t then
        "record"
    elif t.IsEnum then
        "enum"
    elif t.IsInterface then
        "interface"
    elif typeof<MulticastDelegate>.IsAssignableFrom t then
        "delegate"
    elif t.IsValueType then
        "struct"
    elif t.IsAbstract && t.IsSealed then
        "static class"
    elif t.IsAbstract then
        "abstract class"
    elif t.IsSealed then
        "class"
    else
        "open class"

let private typeItem (t: Type) =
    let parent =
        match t.BaseType with
        | null -> []
        | parent when parent.Namespace = "System" && parent <> typeof<exn> -> []
        | parent -> [ parent ]

    let contracts =
        t.GetInterfaces()
        |> Seq.filter (fun i ->
            i.IsPublic
            && not (t.IsEnum)
            && i.Namespace <> "System.Runtime.InteropServices"
            && not (i.Name.StartsWith("IStructural", StringComparison.Ordinal)))
        |> Seq.toList

    let inherited =
        match parent @ contracts |> List.map TypeNames.show |> List.sort with
        | [] -> ""
        | all -> ": " + String.concat ", " all

    {
        Owner = xmlName t
        Text = $"{kindOf t} {xmlName t}{inherited}"
        Documentation = $"T:{xmlName t}"
    }

/// Every public type with its members, types and members sorted.
let ofAssembly (assembly: Assembly) : (Item * Item list) list =
    assembly.GetExportedTypes()
    |> Seq.filter (fun t ->
        not (isGenerated t)
        && not (isCase t)
        // Groups of C#'s extension members are types to the runtime; the members stand as methods in the class around them.
        && not ((string t.FullName).Contains '<'))
    |> Seq.map (fun t ->
        typeItem t,
        memberItems t
        |> List.sortWith (fun a b -> String.CompareOrdinal(a.Text, b.Text)))
    |> Seq.sortWith (fun (a, _) (b, _) -> String.CompareOrdinal(a.Owner, b.Owner))
    |> Seq.toList

/// The same as a text: a line an item.
let render (assembly: Assembly) : string =
    ofAssembly assembly
    |> Seq.map (fun (owner, members) ->
        owner.Text
        + "\n"
        + (members |> List.map (fun m -> $"    {m.Text}\n") |> String.concat ""))
    |> String.concat "\n"
