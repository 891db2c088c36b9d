using Microsoft.FSharp.Core;

namespace AniSoap.Cli;

/// <summary>The library's results as the program takes them: the value, or the end of the run.</summary>
internal static class Results
{
    internal static T OrRefuse<T>(this FSharpResult<T, AniSoapError> result) =>
        result.IsOk ? result.ResultValue : throw Refusal.Of(result.ErrorValue);

    /// <summary>The same, with more said about where.</summary>
    internal static T OrRefuse<T>(this FSharpResult<T, AniSoapError> result, Func<AniSoapError, AniSoapError> locate) =>
        result.IsOk ? result.ResultValue : throw Refusal.Of(locate(result.ErrorValue));

    /// <summary>The same of a run that reads and writes <paramref name="output"/>: what the system refuses there is not the input's fault.</summary>
    internal static T OrEnd<T>(
        this FSharpResult<T, AniSoapError> result,
        AtomicFile output,
        Func<AniSoapError, AniSoapError> locate
    ) =>
        result is { IsError: true, ErrorValue: AniSoapError.Inaccessible refused } && refused.path == output.Path
            ? result.OrFail()
            : result.OrRefuse(locate);

    /// <summary>The same where the input is not to blame: while writing.</summary>
    internal static T OrFail<T>(this FSharpResult<T, AniSoapError> result) =>
        result.IsOk
            ? result.ResultValue
            : throw new Refusal(AniSoapErrorModule.describe(result.ErrorValue), Refusal.Failed);
}
