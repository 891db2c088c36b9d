using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AniSoap.Numerics;

namespace AniSoap.Benchmarks.Machine;

/// <summary>
/// Fused multiply-adds as fast as the machine can: twelve independent chains in registers, no memory. A multiply-add takes four
/// cycles and two begin in each, so that eight chains are the least that keep the units busy.
/// </summary>
internal static class PeakLoop
{
    private const int Chains = 12;

    /// <summary>Multiply-adds of doubles in one call.</summary>
    public static double MultiplyAdds(MomentKernel.Width width, int rounds) =>
        (double)rounds * Chains * MomentKernel.lanesOf(width);

    /// <summary>Runs the loop; the value only keeps it from being optimised away.</summary>
    public static double Run(MomentKernel.Width width, int rounds)
    {
        if (width.IsWide512)
            return Loop512(rounds, Vector512.Create(0.999), Vector512.Create(1e-3));
        if (width.IsWide256)
            return Loop256(rounds, Vector256.Create(0.999), Vector256.Create(1e-3));
        return Loop128(rounds, Vector128.Create(0.999), Vector128.Create(1e-3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Loop512(int rounds, Vector512<double> a, Vector512<double> b)
    {
        Vector512<double> x0 = a,
            x1 = b,
            x2 = a,
            x3 = b,
            x4 = a,
            x5 = b,
            x6 = a,
            x7 = b,
            x8 = a,
            x9 = b,
            x10 = a,
            x11 = b;
        for (var i = 0; i < rounds; i++)
        {
            x0 = Vector512.FusedMultiplyAdd(x0, a, b);
            x1 = Vector512.FusedMultiplyAdd(x1, a, b);
            x2 = Vector512.FusedMultiplyAdd(x2, a, b);
            x3 = Vector512.FusedMultiplyAdd(x3, a, b);
            x4 = Vector512.FusedMultiplyAdd(x4, a, b);
            x5 = Vector512.FusedMultiplyAdd(x5, a, b);
            x6 = Vector512.FusedMultiplyAdd(x6, a, b);
            x7 = Vector512.FusedMultiplyAdd(x7, a, b);
            x8 = Vector512.FusedMultiplyAdd(x8, a, b);
            x9 = Vector512.FusedMultiplyAdd(x9, a, b);
            x10 = Vector512.FusedMultiplyAdd(x10, a, b);
            x11 = Vector512.FusedMultiplyAdd(x11, a, b);
        }
        return Vector512.Sum(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Loop256(int rounds, Vector256<double> a, Vector256<double> b)
    {
        Vector256<double> x0 = a,
            x1 = b,
            x2 = a,
            x3 = b,
            x4 = a,
            x5 = b,
            x6 = a,
            x7 = b,
            x8 = a,
            x9 = b,
            x10 = a,
            x11 = b;
        for (var i = 0; i < rounds; i++)
        {
            x0 = Vector256.FusedMultiplyAdd(x0, a, b);
            x1 = Vector256.FusedMultiplyAdd(x1, a, b);
            x2 = Vector256.FusedMultiplyAdd(x2, a, b);
            x3 = Vector256.FusedMultiplyAdd(x3, a, b);
            x4 = Vector256.FusedMultiplyAdd(x4, a, b);
            x5 = Vector256.FusedMultiplyAdd(x5, a, b);
            x6 = Vector256.FusedMultiplyAdd(x6, a, b);
            x7 = Vector256.FusedMultiplyAdd(x7, a, b);
            x8 = Vector256.FusedMultiplyAdd(x8, a, b);
            x9 = Vector256.FusedMultiplyAdd(x9, a, b);
            x10 = Vector256.FusedMultiplyAdd(x10, a, b);
            x11 = Vector256.FusedMultiplyAdd(x11, a, b);
        }
        return Vector256.Sum(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Loop128(int rounds, Vector128<double> a, Vector128<double> b)
    {
        Vector128<double> x0 = a,
            x1 = b,
            x2 = a,
            x3 = b,
            x4 = a,
            x5 = b,
            x6 = a,
            x7 = b,
            x8 = a,
            x9 = b,
            x10 = a,
            x11 = b;
        for (var i = 0; i < rounds; i++)
        {
            x0 = Vector128.MultiplyAddEstimate(x0, a, b);
            x1 = Vector128.MultiplyAddEstimate(x1, a, b);
            x2 = Vector128.MultiplyAddEstimate(x2, a, b);
            x3 = Vector128.MultiplyAddEstimate(x3, a, b);
            x4 = Vector128.MultiplyAddEstimate(x4, a, b);
            x5 = Vector128.MultiplyAddEstimate(x5, a, b);
            x6 = Vector128.MultiplyAddEstimate(x6, a, b);
            x7 = Vector128.MultiplyAddEstimate(x7, a, b);
            x8 = Vector128.MultiplyAddEstimate(x8, a, b);
            x9 = Vector128.MultiplyAddEstimate(x9, a, b);
            x10 = Vector128.MultiplyAddEstimate(x10, a, b);
            x11 = Vector128.MultiplyAddEstimate(x11, a, b);
        }
        return Vector128.Sum(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11);
    }
}
