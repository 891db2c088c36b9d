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

    /// <summary>The same where the input is not to blame: while writing.</summary>
    internal static T OrFail<T>(this FSharpResult<T, AniSoapError> result) =>
        result.IsOk
            ? result.ResultValue
            : throw new Refusal(AniSoapErrorModule.describe(result.ErrorValue), Refusal.Failed);
}
