// Members of the C# surface as C# writes them: fsdocs shows those of any assembly as F#.
module CSharpSignatures

open System
open System.Collections.Generic
open System.Globalization
open System.IO
open System.Reflection
open System.Runtime.CompilerServices

let private keywords =
    dict [
        typeof<bool>, "bool"
        typeof<byte>, "byte"
        typeof<sbyte>, "sbyte"
        typeof<char>, "char"
        typeof<decimal>, "decimal"
        typeof<double>, "double"
        typeof<single>, "float"
        typeof<int>, "int"
        typeof<uint32>, "uint"
        typeof<int64>, "long"
        typeof<uint64>, "ulong"
        typeof<int16>, "short"
        typeof<uint16>, "ushort"
        typeof<obj>, "object"
        typeof<string>, "string"
        typeof<Void>, "void"
    ]

let private plainName (name: string) = (name.Split '`')[0]

/// A type by its name in C#, with what is known of nulls in it and of the names of tuples, which run through all of their elements.
let rec private typeName (nulls: NullabilityInfo option) (names: Queue<string>) (kind: Type) : string =
    let part k (argument: Type) =
        let inner =
            nulls
            |> Option.bind (fun known ->
                if k < known.GenericTypeArguments.Length then
                    Some known.GenericTypeArguments[k]
                else
                    None)

        typeName inner names argument

    let mark =
        match nulls with
        | Some known when not kind.IsValueType && known.ReadState = NullabilityState.Nullable -> "?"
        | _ -> ""

    if kind.IsByRef then
        typeName nulls names (nonNull (kind.GetElementType()))
    elif kind.IsArray then
        let element = nulls |> Option.bind (fun known -> Option.ofObj known.ElementType)
        let commas = String(',', kind.GetArrayRank() - 1)

        typeName element names (nonNull (kind.GetElementType()))
        + "["
        + commas
        + "]"
        + mark
    elif keywords.ContainsKey kind then
        keywords[kind] + mark
    elif kind.IsGenericParameter then
        kind.Name + mark
    elif kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<Nullable<_>> then
        typeName None names (kind.GetGenericArguments()[0]) + "?"
    elif
        kind.IsGenericType
        && kind.FullName <> null
        && kind.Name.StartsWith "ValueTuple`"
    then
        let arguments = kind.GetGenericArguments()
        // The names of a tuple's own elements come before those of tuples in it.
        let own = [ for _ in arguments -> if names.Count > 0 then names.Dequeue() else null ]

        let elements =
            arguments
            |> Seq.mapi (fun k argument ->
                match own[k] with
                | null -> part k argument
                | name -> part k argument + " " + name)

        "(" + String.Join(", ", elements) + ")"
    elif kind.IsGenericType then
        let arguments = kind.GetGenericArguments() |> Seq.mapi part
        plainName kind.Name + "<" + String.Join(", ", arguments) + ">" + mark
    else
        kind.Name + mark

let private tupleNames (attributes: ICustomAttributeProvider) =
    let found = attributes.GetCustomAttributes(typeof<TupleElementNamesAttribute>, false)

    if found.Length = 0 then
        Queue<string>()
    else
        Queue<string>((found[0] :?> TupleElementNamesAttribute).TransformNames)

let private has<'a> (attributes: ICustomAttributeProvider) = attributes.IsDefined(typeof<'a>, false)

let private shown (kind: Type) (value: obj) =
    match value with
    | null when kind.IsValueType && isNull (Nullable.GetUnderlyingType kind) -> "default"
    | null -> "null"
    | :? bool as flag -> if flag then "true" else "false"
    | :? string as text -> "\"" + text + "\""
    | value when kind.IsEnum -> kind.Name + "." + string (Enum.ToObject(kind, value))
    | value -> Convert.ToString(value, CultureInfo.InvariantCulture)

let private parameter (context: NullabilityInfoContext) (given: ParameterInfo) =
    let kind = typeName (Some(context.Create given)) (tupleNames given) given.ParameterType

    let before =
        if given.IsOut then
            "out "
        elif given.ParameterType.IsByRef && given.IsIn then
            "in "
        elif given.ParameterType.IsByRef then
            "ref "
        elif has<ParamArrayAttribute> given || has<ParamCollectionAttribute> given then
            "params "
        else
            ""

    before
    + kind
    + " "
    + given.Name
    + (if given.HasDefaultValue then
           " = " + shown given.ParameterType given.RawDefaultValue
       else
           "")

let private list items = "(" + String.Join(", ", (items: string seq)) + ")"

/// A member as C# writes it, and what finds it on a page: its name and the names of its parameters.
type Member = { Name: string; Parameters: (string * string) list; Result: string; Signature: string }

/// The type that an extension without a receiver is called on. The compiler writes a skeleton of each extension block into a nested type, whose marker's
/// method has the extended type as its parameter.
let private extended (called: MethodInfo) : Type option =
    let all =
        BindingFlags.Public
        ||| BindingFlags.NonPublic
        ||| BindingFlags.Static
        ||| BindingFlags.Instance

    let names (one: MethodInfo) = [ for given in one.GetParameters() -> given.Name, string given.ParameterType ]

    let receivers = [
        for group in called.DeclaringType.GetNestedTypes all do
            for skeleton in group.GetMethods all do
                // Of a property the class's method has the receiver, the skeleton has not.
                if
                    skeleton.Name = called.Name
                    && List.forall (fun one -> List.contains one (names called)) (names skeleton)
                    && (names called).Length - (names skeleton).Length <= 1
                then
                    for marker in group.GetNestedTypes all do
                        for extension in marker.GetMethods all do
                            match extension.GetParameters() with
                            | [| one |] -> one.ParameterType
                            | _ -> ()
    ]

    List.tryHead receivers

let private describe (context: NullabilityInfoContext) (one: MemberInfo) : Member =
    let generic (one: MethodBase) =
        if one.IsGenericMethod then
            "<" + String.Join(", ", one.GetGenericArguments() |> Seq.map _.Name) + ">"
        else
            ""

    let fixed' isStatic = if isStatic then "static " else ""

    let typed (given: ParameterInfo) =
        given.Name, typeName (Some(context.Create given)) (tupleNames given) given.ParameterType

    match one with
    | :? ConstructorInfo as made ->
        let name = plainName made.DeclaringType.Name
        let given = made.GetParameters()

        {
            Name = name
            Parameters = given |> Seq.map typed |> Seq.toList
            Result = name
            Signature = name + list (given |> Seq.map (parameter context))
        }
    | :? MethodInfo as called ->
        let result =
            typeName (Some(context.Create called.ReturnParameter)) (tupleNames called.ReturnParameter) called.ReturnType

        let given = called.GetParameters()
        let shown = given |> Seq.map (parameter context) |> Seq.toList

        let signature =
            if has<ExtensionAttribute> called then
                result
                + " "
                + called.Name
                + generic called
                + "(this "
                + String.Join(", ", shown)
                + ")"
            else
                match extended called with
                | Some receiver when called.Name.StartsWith "get_" ->
                    result + " " + receiver.Name + "." + called.Name.Substring 4 + " { get; }"
                | Some receiver ->
                    "static "
                    + result
                    + " "
                    + plainName receiver.Name
                    + "."
                    + called.Name
                    + generic called
                    + list shown
                | None ->
                    fixed' called.IsStatic
                    + result
                    + " "
                    + called.Name
                    + generic called
                    + list shown

        {
            Name = called.Name
            Parameters = given |> Seq.map typed |> Seq.toList
            Result = result
            Signature = signature
        }
    | :? PropertyInfo as owned ->
        let kind = typeName (Some(context.Create owned)) (tupleNames owned) owned.PropertyType
        let index = owned.GetIndexParameters()

        let name =
            if index.Length = 0 then
                owned.Name
            else
                "this[" + String.Join(", ", index |> Seq.map (parameter context)) + "]"

        let isInit (setter: MethodInfo) =
            setter.ReturnParameter.GetRequiredCustomModifiers()
            |> Array.exists (fun one -> one.Name = "IsExternalInit")

        let accessors = [
            match owned.GetMethod with
            | null -> ()
            | getter ->
                if getter.IsPublic then
                    "get;"
            match owned.SetMethod with
            | null -> ()
            | setter ->
                if setter.IsPublic then
                    if isInit setter then "init;" else "set;"
        ]

        let isStatic =
            match owned.GetMethod with
            | null -> false
            | getter -> getter.IsStatic

        {
            Name = owned.Name
            Parameters = index |> Seq.map typed |> Seq.toList
            Result = kind
            Signature = fixed' isStatic + kind + " " + name + " { " + String.Join(" ", accessors) + " }"
        }
    | :? FieldInfo as field ->
        let kind = typeName (Some(context.Create field)) (tupleNames field) field.FieldType

        {
            Name = field.Name
            Parameters = []
            Result = kind
            Signature = fixed' field.IsStatic + kind + " " + field.Name
        }
    | other -> { Name = other.Name; Parameters = []; Result = ""; Signature = other.Name }

/// The members of every public type by the type's name with its namespace.
let membersOf (assembly: Assembly) : (string * Member list) list =
    let context = NullabilityInfoContext()

    let all =
        BindingFlags.Public
        ||| BindingFlags.Instance
        ||| BindingFlags.Static
        ||| BindingFlags.DeclaredOnly

    [
        for kind in assembly.GetExportedTypes() do
            // The compiler's own types of extensions have names that no one can write.
            if not (kind.FullName.Contains '<') then
                kind.FullName,
                [
                    // fsdocs shows what is inherited within the assembly too.
                    for owner in
                        kind
                        :: [
                            if kind.BaseType <> null && kind.BaseType.Assembly = assembly then
                                kind.BaseType
                        ] do
                        for one in owner.GetMembers all do
                            if one.MemberType <> MemberTypes.NestedType then
                                describe context one
                ]
    ]

/// The assembly with what it needs beside it.
let load (path: string) : Assembly =
    let folder = nonNull (Path.GetDirectoryName path)

    AppDomain.CurrentDomain.add_AssemblyResolve (fun _ asked ->
        let beside = Path.Combine(folder, AssemblyName(asked.Name).Name + ".dll")

        if File.Exists beside then
            Assembly.LoadFrom beside
        else
            null)

    Assembly.LoadFrom path
