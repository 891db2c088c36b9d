namespace AniSoap.Cli;

/// <summary>
/// Ends the run: one line for standard error and an exit code. Thrown anywhere in the program, caught once, in
/// <see cref="Program"/>.
/// </summary>
internal class Refusal(string sentence, int exitCode = Refusal.BadInput) : Exception(sentence)
{
    /// <summary>Something went wrong while running that the user's input did not cause: a full disc, say.</summary>
    internal const int Failed = 1;

    /// <summary>Bad usage or bad input.</summary>
    internal const int BadInput = 2;

    internal int ExitCode { get; } = exitCode;

    /// <summary>A value that cannot be used, worded as the library words it.</summary>
    internal static Refusal Of(string name, string value, string accepted) =>
        new($"{name} = {value} cannot be used; accepted: {accepted}");

    /// <summary>The message as one line, whatever stood in it.</summary>
    internal string Line => Message.ReplaceLineEndings(" ");
}
