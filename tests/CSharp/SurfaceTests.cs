using System.Reflection;
using System.Xml.Linq;
using Expecto;
using Microsoft.FSharp.Core;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

/// <summary>What a C# programmer meets of the library are its own types and those of .NET: no options, lists and functions of F#.</summary>
internal static class SurfaceTests
{
    internal static Test All { get; } =
        TestList(
            "the public surface",
            [
                TestCase("no type of the F# language is in sight", NothingOfFSharp),
                TestCase("the check finds what it is there for", FindsFSharp),
                TestCase("exceptions all have one base", OneBase),
                TestCase("what a member inherits of documentation stands at the member", Documented),
                TestCase("no error is lost by a call whose result nobody has to look at", NothingIsSilent),
            ]
        );

    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    /// <summary>Every type that a member shows: signature, generic arguments, elements, and through them on and on.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        yield return type;
        if (type.GetElementType() is { } element)
            foreach (var part in Parts(element))
                yield return part;
        foreach (var argument in type.GenericTypeArguments)
        foreach (var part in Parts(argument))
            yield return part;
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static IEnumerable<(string Where, Type Type)> Shown(Type type)
    {
        if (type.BaseType is { } parent)
            yield return ("base", parent);
        foreach (var implemented in type.GetInterfaces().Where(implemented => implemented.IsVisible))
            yield return ("interface", implemented);
        foreach (var attribute in type.GetCustomAttributesData().Where(attribute => attribute.AttributeType.IsPublic))
            yield return ("attribute", attribute.AttributeType);
        foreach (var parameter in type.GetGenericArguments())
        foreach (var constraint in parameter.GetGenericParameterConstraints())
            yield return ("constraint", constraint);
        foreach (var member in type.GetMembers(Declared))
            switch (member)
            {
                case MethodInfo method when IsSeen(method):
                    yield return (method.Name, method.ReturnType);
                    foreach (var parameter in method.GetParameters())
                        yield return (method.Name, parameter.ParameterType);
                    break;
                case ConstructorInfo constructor when IsSeen(constructor):
                    foreach (var parameter in constructor.GetParameters())
                        yield return (constructor.Name, parameter.ParameterType);
                    break;
                case FieldInfo { IsPublic: true } field:
                    yield return (field.Name, field.FieldType);
                    break;
            }
    }

    /// <summary>What F# has and C# has not, and tuples that C# would write otherwise.</summary>
    private static bool IsForeign(Type type) =>
        type.Assembly.GetName().Name == "FSharp.Core"
        || (type.FullName is { } name && name.StartsWith("System.Tuple", StringComparison.Ordinal));

    /// <summary>But for the one way from a function of the F# library to exceptions.</summary>
    private static List<string> Offences(Assembly assembly) =>
        [
            .. from type in assembly.GetExportedTypes()
            where !type.FullName!.Contains('<') && type != typeof(Results)
            from shown in Shown(type)
            from part in Parts(shown.Type)
            where IsForeign(part)
            select $"{type.FullName}.{shown.Where}: {part}",
        ];

    private static void NothingOfFSharp() =>
        Check.Equal("", string.Join('\n', Offences(typeof(AniSoapException).Assembly)));

    private static void FindsFSharp()
    {
        var offences = string.Join('\n', Offences(typeof(AniSoapError).Assembly));
        foreach (
            var name in new[]
            {
                "FSharpOption",
                "FSharpList",
                "FSharpFunc",
                "FSharpMap",
                "FSharpResult",
                "System.Tuple",
            }
        )
            Check.That(offences.Contains(name), name);
    }

    private static void Documented()
    {
        var path = Path.ChangeExtension(typeof(AniSoapException).Assembly.Location, ".xml");
        var members = XDocument.Load(path).Descendants("member").ToLookup(member => member.Attribute("name")!.Value);
        Check.Equal(0, members.SelectMany(member => member).Descendants("inheritdoc").Count());
        foreach (
            var (name, words) in new[]
            {
                ("M:AniSoap.CSharp.HypersExtensions.Load(System.String)", "JSON"), // of the F# library's module
                (
                    "M:AniSoap.CSharp.FeatureStream.RowsAsync(System.Threading.CancellationToken)",
                    "Whoever stops asking"
                ),
                ("M:AniSoap.CSharp.FrameExtensions.get_Species(AniSoap.Frame)", "species that occur"),
            }
        )
            Check.That(members[name].Any(member => member.Element("summary")!.Value.Contains(words)), name);
    }

    /// <summary>
    /// Who needs a value cannot forget <c>OrThrow</c>; of calls that give nothing but whether they went well there are forms that throw by themselves. Not
    /// among them: questions (<c>check</c>), what takes F#'s functions, and what authors of formats use.
    /// </summary>
    private static void NothingIsSilent()
    {
        var silent = typeof(Engine)
            .Assembly.GetExportedTypes()
            .Where(type => type.Namespace == "AniSoap")
            .SelectMany(type => type.GetMethods(Declared))
            .Where(method =>
                method.IsPublic
                && method.ReturnType == typeof(FSharpResult<Unit, AniSoapError>)
                && method.Name != "check"
                && !method.GetParameters().Any(given => given.ParameterType.Name.StartsWith("FSharpFunc"))
            )
            .Select(method => (Library: method.DeclaringType!.Name, method.Name));
        var throwing = typeof(AniSoapException)
            .Assembly.GetExportedTypes()
            .Where(type => !type.IsNested) // not what the compiler makes of extension members
            .ToDictionary(type => type.Name, type => type.GetMethods(Declared).Select(m => m.Name).ToHashSet());
        string Form((string Library, string Name) call) =>
            call switch
            {
                ("Engine", _) => "ProjectionExtensions CreateEngine", // whose engines throw: a test calls each method
                ("NeighborTable" or "PairSpectrumRows" or "PairSpectrumShapes" or "PairSpectrumValues", _) =>
                    "ThrowingExtensions Take",
                ("LambdaSoap", "Couple") => "ThrowingExtensions Take",
                ("LambdaSoap", _) => "ThrowingExtensions TakeEach",
                ("CoarseGrainRun", "Learn") => "CoarseGrainExtensions AddAll",
                ("IndexFile", _) => "IndexExtensions Save",
                ("PartedRun", _) => "IndexExtensions CheckAll",
                ("HypersModule", _) => "HypersExtensions Save",
                ("FeatureFile", "append") => "ThrowingExtensions Append",
                ("FeatureFile", "merge") => "ThrowingExtensions Merge",
                ("FeatureFile", _) => "TensorExtensions Write",
                _ => "none",
            };
        var forms = silent.Select(call => (call, Form: Form(call).Split(' '))).ToList();
        Check.That(forms.Count >= 16, $"{forms.Count} such calls");
        var missing = forms.Where(one =>
            !throwing.TryGetValue(one.Form[0], out var members) || !members.Contains(one.Form[1])
        );
        Check.Equal("", string.Join(", ", missing.Select(one => one.call)));
    }

    private static void OneBase()
    {
        var exceptions = typeof(AniSoapException)
            .Assembly.GetExportedTypes()
            .Where(type => type.IsAssignableTo(typeof(Exception)))
            .ToList();
        Check.Equal(5, exceptions.Count);
        Check.That(exceptions.All(type => type.IsAssignableTo(typeof(AniSoapException))));
        Check.That(typeof(AniSoapException).IsAbstract);
    }
}
