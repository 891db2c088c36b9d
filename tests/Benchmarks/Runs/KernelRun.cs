using AniSoap.Numerics;

namespace AniSoap.Benchmarks.Runs;

/// <summary>A moment kernel alone, on made-up neighbours: what it does for one centre, over and over.</summary>
internal sealed unsafe class KernelRun
{
    /// <summary>Neighbours of a centre: as many as in the nematic phase, and full blocks in every kernel.</summary>
    public const int Neighbors = 96;

    private readonly bool isDiagonal;
    private readonly int groups;
    private readonly MomentKernel.Width width;
    private readonly int degree;
    private readonly AlignedBuffer parameters;
    private readonly AlignedBuffer scratch;
    private readonly AlignedBuffer sums;

    /// <summary>The kernel for any covariance, or the short cut for diagonal ones.</summary>
    public KernelRun(MomentKernel.Width width, int degree, bool isDiagonal = false)
    {
        this.isDiagonal = isDiagonal;
        groups = isDiagonal ? DiagonalKernel.MostGroups : MomentKernel.mostGroups(width);
        this.width = width;
        this.degree = degree;
        var step = BlockSize;
        parameters = new AlignedBuffer(MomentStates.Parameter.Count * step);
        scratch = new AlignedBuffer(
            isDiagonal
                ? DiagonalKernel.scratchLength(degree, MomentKernel.lanesOf(width))
                : MomentStates.scratchLength(degree, MomentKernel.lanesOf(width), groups)
        );
        sums = new AlignedBuffer(MomentStates.stateCount(degree) * MomentKernel.lanesOf(width));
        // Means within one length unit, a covariance that is positive definite: what neighbours of width 1.5 look like.
        var random = new Random(1);
        for (var lane = 0; lane < step; lane++)
        {
            void Set(int parameter, double value) => parameters.Span[parameter * step + lane] = value;
            Set(MomentStates.Parameter.Weight, random.NextDouble());
            Set(MomentStates.Parameter.CX, 2.0 * random.NextDouble() - 1.0);
            Set(MomentStates.Parameter.CY, 2.0 * random.NextDouble() - 1.0);
            Set(MomentStates.Parameter.CZ, 2.0 * random.NextDouble() - 1.0);
            Set(MomentStates.Parameter.VXX, 0.5 + 0.5 * random.NextDouble());
            Set(MomentStates.Parameter.VXY, 0.2 * random.NextDouble());
            Set(MomentStates.Parameter.VXZ, 0.2 * random.NextDouble());
            Set(MomentStates.Parameter.VYY, 0.5 + 0.5 * random.NextDouble());
            Set(MomentStates.Parameter.VYZ, 0.2 * random.NextDouble());
            Set(MomentStates.Parameter.VZZ, 0.5 + 0.5 * random.NextDouble());
        }
    }

    /// <summary>Multiply-adds that the recursion asks for a centre: four a state and neighbour.</summary>
    public double MultiplyAdds => 4.0 * MomentStates.stateCount(degree) * Neighbors;

    private int BlockSize => groups * MomentKernel.lanesOf(width);

    /// <summary>The moments of so many centres.</summary>
    public void Run(int centers)
    {
        fixed (
            double* into = sums.Span,
                plane = scratch.Span,
                neighbors = parameters.Span
        )
        {
            for (var center = 0; center < centers; center++)
            for (var block = 0; block < Neighbors / BlockSize; block++)
                if (isDiagonal)
                    DiagonalKernel.accumulate(width, groups, block == 0, degree, neighbors, plane, into);
                else
                    MomentKernel.accumulate(width, groups, block == 0, degree, neighbors, plane, into);
        }
    }
}
