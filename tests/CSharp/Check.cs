using System.Runtime.CompilerServices;

namespace AniSoap.CSharp.Tests;

/// <summary>What a check that fails throws.</summary>
internal sealed class CheckFailed(string message) : Exception(message);

/// <summary>Assertions that say what was asked and what was found.</summary>
internal static class Check
{
    internal static void That(bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition)
            throw new CheckFailed($"not so: {text}");
    }

    internal static void Equal<T>(T expected, T found, [CallerArgumentExpression(nameof(found))] string text = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new CheckFailed($"{text} is {found}, not {expected}");
    }

    /// <summary>The same bits in the same order.</summary>
    internal static void Same(ReadOnlySpan<double> expected, ReadOnlySpan<double> found)
    {
        Equal(expected.Length, found.Length);
        for (var i = 0; i < found.Length; i++)
            if (BitConverter.DoubleToInt64Bits(expected[i]) != BitConverter.DoubleToInt64Bits(found[i]))
                throw new CheckFailed($"value {i} is {found[i]:R}, not {expected[i]:R}");
    }

    /// <summary>Equal within a part of the largest value; NaN is not.</summary>
    internal static void Close(double tolerance, ReadOnlySpan<double> expected, ReadOnlySpan<double> found)
    {
        Equal(expected.Length, found.Length);
        var largest = 0.0;
        foreach (var value in expected)
            largest = Math.Max(largest, Math.Abs(value));
        for (var i = 0; i < found.Length; i++)
            if (!(Math.Abs(expected[i] - found[i]) <= tolerance * largest))
                throw new CheckFailed($"value {i} is {found[i]:R}, not {expected[i]:R}");
    }

    internal static TException Throws<TException>(Action action)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException expected)
        {
            return expected;
        }
        throw new CheckFailed($"no {typeof(TException).Name} was thrown");
    }

    internal static async Task<TException> ThrowsAsync<TException>(Func<Task> action)
        where TException : Exception
    {
        try
        {
            await action();
        }
        catch (TException expected)
        {
            return expected;
        }
        throw new CheckFailed($"no {typeof(TException).Name} was thrown");
    }
}
