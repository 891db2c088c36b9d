namespace AniSoap.Cli.Options;

/// <summary>Words as a shell takes them.</summary>
internal static class ShellWords
{
    internal static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./,=:+@%".Contains(letter))
            ? word
            : $"'{word.Replace("'", "'\\''")}'";

    internal static string Joined(IEnumerable<string> words) => string.Join(' ', words.Select(Quoted));
}
