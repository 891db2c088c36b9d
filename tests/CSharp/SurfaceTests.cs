using System.Reflection;
using System.Xml.Linq;
using Expecto;
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
        Check.Equal("", string.Join('\n', Offences(typeof(EllipsoidalDensityProjection).Assembly)));

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
        var path = Path.ChangeExtension(typeof(EllipsoidalDensityProjection).Assembly.Location, ".xml");
        var members = XDocument.Load(path).Descendants("member").ToLookup(member => member.Attribute("name")!.Value);
        Check.Equal(0, members.SelectMany(member => member).Descendants("inheritdoc").Count());
        foreach (
            var (name, words) in new[]
            {
                ("P:AniSoap.CSharp.FrameReadOptions.ShapeAs", "diameters"), // of the F# library's record
                (
                    "M:AniSoap.CSharp.FeatureStream.RowsAsync(System.Threading.CancellationToken)",
                    "Whoever stops asking"
                ),
                ("M:AniSoap.CSharp.FrameExtensions.get_Count(AniSoap.Frame)", "number of particles"),
            }
        )
            Check.That(members[name].Any(member => member.Element("summary")!.Value.Contains(words)), name);
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
