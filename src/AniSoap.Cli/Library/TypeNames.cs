using System.Globalization;
using AniSoap.Cli.Options;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Library;

/// <summary>The species that types named on the command line are, as the readers would have them.</summary>
internal static class TypeNames
{
    /// <summary>
    /// By the type map; as a number; as the type of this name in the GSD files of the input, which number their types
    /// themselves; as a chemical symbol.
    /// </summary>
    internal static int Species(string option, string type, InputChoices choices)
    {
        foreach (var (name, number) in choices.TypeMap)
            if (name == type)
                return number;
        if (int.TryParse(type, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var species))
            return species;

        var files = Files(choices);
        if (files.Count > 0)
            return InFiles(option, type, choices, files);
        return ChemicalSymbols.tryNumber(type) is { } symbol
            ? symbol.Value
            : throw Refusal.Of(option, type, "as a type: a number, a chemical symbol, or a name in --type-map");
    }

    private static int InFiles(
        string option,
        string type,
        InputChoices choices,
        List<(string Path, Tuple<string, int>[] Types)> files
    )
    {
        var numbers = files.SelectMany(file => file.Types).Where(pair => pair.Item1 == type).Select(pair => pair.Item2);
        var found = numbers.Distinct().ToList();
        // Where a file calls its types by atomic numbers, and in files of other formats, a symbol is an element.
        var areSymbols = choices.Paths.Count > files.Count || files.All(file => file.Types.All(IsNumber));
        if (areSymbols && ChemicalSymbols.tryNumber(type) is { } symbol && !found.Contains(symbol.Value))
            found.Add(symbol.Value);
        if (found.Count == 1)
            return found[0];
        if (found.Count > 1)
            throw Refusal.Of(
                option,
                type,
                $"a number: the name stands for the species {string.Join(" and ", found)} in the inputs"
            );

        var names = string.Join(
            ", ",
            files.SelectMany(file => file.Types).Select(pair => pair.Item1).Distinct().Take(12)
        );
        throw Refusal.Of(
            option,
            type,
            $"as a type: a number, the name of a type in {files[0].Path} ({names}), or a name in --type-map"
        );
    }

    private static bool IsNumber(Tuple<string, int> pair) =>
        pair.Item1 == pair.Item2.ToString(CultureInfo.InvariantCulture)
        || pair.Item1.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"{pair.Item2}_"),
            StringComparison.Ordinal
        );

    /// <summary>The GSD files among the inputs, with their types.</summary>
    private static List<(string Path, Tuple<string, int>[] Types)> Files(InputChoices choices)
    {
        var isGsd = choices.Format == "gsd";
        var typeMap = new FSharpMap<string, int>(choices.TypeMap.Select(pair => Tuple.Create(pair.Key, pair.Value)));
        var files = new List<(string, Tuple<string, int>[])>();
        foreach (var path in choices.Paths)
        {
            var ends = path.EndsWith(".gsd", StringComparison.OrdinalIgnoreCase);
            if ((isGsd || (ends && choices.Format is null)) && File.Exists(path))
                files.Add((path, [.. FrameFileModule.gsdTypes(typeMap, path).OrThrow()]));
        }
        return files;
    }
}
