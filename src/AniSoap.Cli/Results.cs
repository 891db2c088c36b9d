using Microsoft.FSharp.Core;

namespace AniSoap.Cli;

/// <summary>Results of writing: what is wrong with the input is thrown as everywhere, what the output cannot be fails the run.</summary>
internal static class Results
{
    /// <summary>The value; an error is none of the input's.</summary>
    internal static T OrFail<T>(this FSharpResult<T, AniSoapError> result) =>
        result.IsOk
            ? result.ResultValue
            : throw new Refusal(AniSoapErrorModule.describe(result.ErrorValue), Refusal.Failed);

    /// <summary>What the system refuses is no fault of the input's; a frame that the format cannot hold is.</summary>
    internal static void OrFailOrThrow(
        this FSharpResult<Unit, AniSoapError> outcome,
        Func<AniSoapError, AniSoapError> locate
    )
    {
        if (outcome.IsError && outcome.ErrorValue.IsInaccessible)
            outcome.OrFail();
        outcome.OrThrow(locate);
    }
}
