namespace AniSoap.CSharp;

/// <summary>What the F# library returns and takes, as C# has it.</summary>
internal static class Results
{
    /// <summary>The value, or the error thrown.</summary>
    internal static T OrThrow<T>(this FSharpResult<T, Core.AniSoapError> result) =>
        result.IsOk ? result.ResultValue : throw AniSoapException.Of(result.ErrorValue);

    internal static FSharpOption<T>? ToOption<T>(this T? value)
        where T : struct => value is { } given ? FSharpOption<T>.Some(given) : null;

    internal static FSharpOption<T>? ToOption<T>(this T? value)
        where T : class => value is null ? null : FSharpOption<T>.Some(value);

    internal static FSharpMap<TKey, TValue> ToMap<TKey, TSource, TValue>(
        this IReadOnlyDictionary<TKey, TSource> source,
        Func<TSource, TValue> convert
    ) => new(source.Select(pair => Tuple.Create(pair.Key, convert(pair.Value))));
}
