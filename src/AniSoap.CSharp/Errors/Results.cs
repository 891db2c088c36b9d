namespace AniSoap.CSharp;

/// <summary>The one way from what functions of the F# library return to C#: <c>FeatureFile.read(path).OrThrow()</c>.</summary>
public static class Results
{
    /// <summary>The value, or the error as the exception that it is.</summary>
    /// <exception cref="AniSoapException">It is an error.</exception>
    public static T OrThrow<T>(this FSharpResult<T, AniSoapError> result) =>
        result.IsOk ? result.ResultValue : throw AniSoapException.Of(result.ErrorValue);

    /// <summary>The same, with more said in the error: where it was, for example, by <see cref="AniSoapErrorModule.at"/>.</summary>
    /// <exception cref="AniSoapException">It is an error.</exception>
    public static T OrThrow<T>(this FSharpResult<T, AniSoapError> result, Func<AniSoapError, AniSoapError> complete) =>
        result.IsOk ? result.ResultValue : throw AniSoapException.Of(complete(result.ErrorValue));
}
