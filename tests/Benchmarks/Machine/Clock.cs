using System.Runtime.CompilerServices;

namespace AniSoap.Benchmarks.Machine;

/// <summary>How fast the processor runs right now: a chain of multiplications of whole numbers, each of which waits for the one before.</summary>
internal static class Clock
{
    private const int Links = 16;

    /// <summary>A 64-bit multiplication takes three cycles on all x86-64 processors of the last fifteen years.</summary>
    private const double CyclesPerLink = 3.0;

    /// <summary>Cycles that one call takes, the loop's own not counted: they hide behind the chain.</summary>
    public static double Cycles(int rounds) => rounds * Links * CyclesPerLink;

    /// <summary>Runs the chain; the value only keeps it from being optimised away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static long Run(int rounds, long factor)
    {
        var x = factor;
        for (var i = 0; i < rounds; i++)
        {
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
            x *= factor;
        }
        return x;
    }
}
