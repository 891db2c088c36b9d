using System.CommandLine;

namespace AniSoap.Cli;

/// <summary>Words that were perhaps meant.</summary>
internal static class Spelling
{
    private const int MostShown = 3;

    /// <summary>An option that the command does not have, with those that look like it.</summary>
    internal static Refusal UnknownOption(string given, Command command)
    {
        var name = given.Split('=')[0];
        var known = command
            .Options.Concat(
                command.Parents.OfType<Command>().SelectMany(parent => parent.Options.Where(o => o.Recursive))
            )
            .Where(option => !option.Hidden)
            .SelectMany(option => option.Aliases.Append(option.Name))
            .Where(option => option.StartsWith("--", StringComparison.Ordinal));
        return new Refusal(
            $"unknown option {name}{DidYouMean(name, known)}; {CommandLine.Name(command)} --help lists those that exist"
        );
    }

    /// <summary>" (did you mean …?)", or nothing where no word is near.</summary>
    internal static string DidYouMean(string given, IEnumerable<string> known)
    {
        var word = Plain(given);
        string[] near =
        [
            .. known
                .Distinct()
                .Select(name => (Name: name, Distance: Distance(word, Plain(name))))
                .Where(item =>
                    item.Distance <= Math.Max(1, word.Length / 3)
                    || (word.Length > 2 && Plain(item.Name).StartsWith(word, StringComparison.Ordinal))
                )
                .OrderBy(item => item.Distance)
                .ThenBy(item => item.Name, StringComparer.Ordinal)
                .Take(MostShown)
                .Select(item => item.Name),
        ];
        return near.Length == 0 ? "" : $" (did you mean {string.Join(" or ", near)}?)";
    }

    private static string Plain(string word) => word.TrimStart('-').Replace('_', '-').ToLowerInvariant();

    /// <summary>Letters to be inserted, left out, replaced or exchanged with their neighbour to get from one word to the other.</summary>
    private static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        for (var j = 0; j <= b.Length; j++)
        {
            if (i == 0 || j == 0)
            {
                table[i, j] = i + j;
                continue;
            }
            var same = a[i - 1] == b[j - 1] ? 0 : 1;
            table[i, j] = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
        }
        return table[a.Length, b.Length];
    }
}
