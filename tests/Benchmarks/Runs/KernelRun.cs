using AniSoap.Kernels;

namespace AniSoap.Benchmarks.Runs;

/// <summary>The moment kernel alone, on made-up neighbours: what it does for one centre, over and over.</summary>
internal sealed unsafe class KernelRun
{
    private readonly MomentKernel.Width width;
    private readonly int degree;
    private readonly AlignedBuffer parameters;
    private readonly AlignedBuffer scratch;
    private readonly AlignedBuffer sums;

    public KernelRun(MomentKernel.Width width, int degree)
    {
        this.width = width;
        this.degree = degree;
        var step = 2 * MomentKernel.lanesOf(width);
        parameters = new AlignedBuffer(MomentKernel.Parameter.Count * step);
        scratch = new AlignedBuffer(MomentKernel.scratchLength(degree, MomentKernel.lanesOf(width), 2));
        sums = new AlignedBuffer(MomentKernel.stateCount(degree) * MomentKernel.lanesOf(width));
        // Means within one length unit, a covariance that is positive definite: what neighbours of width 1.5 look like.
        var random = new Random(1);
        for (var lane = 0; lane < step; lane++)
        {
            void Set(int parameter, double value) => parameters.Span[parameter * step + lane] = value;
            Set(MomentKernel.Parameter.Weight, random.NextDouble());
            Set(MomentKernel.Parameter.CX, 2.0 * random.NextDouble() - 1.0);
            Set(MomentKernel.Parameter.CY, 2.0 * random.NextDouble() - 1.0);
            Set(MomentKernel.Parameter.CZ, 2.0 * random.NextDouble() - 1.0);
            Set(MomentKernel.Parameter.VXX, 0.5 + 0.5 * random.NextDouble());
            Set(MomentKernel.Parameter.VXY, 0.2 * random.NextDouble());
            Set(MomentKernel.Parameter.VXZ, 0.2 * random.NextDouble());
            Set(MomentKernel.Parameter.VYY, 0.5 + 0.5 * random.NextDouble());
            Set(MomentKernel.Parameter.VYZ, 0.2 * random.NextDouble());
            Set(MomentKernel.Parameter.VZZ, 0.5 + 0.5 * random.NextDouble());
        }
    }

    /// <summary>Neighbours in one block: both groups of lanes.</summary>
    public int BlockSize => 2 * MomentKernel.lanesOf(width);

    /// <summary>Multiply-adds that the recursion asks for, four a state and neighbour.</summary>
    public double MultiplyAdds(int blocks) => 4.0 * MomentKernel.stateCount(degree) * BlockSize * blocks;

    /// <summary>Moments of one centre with so many full blocks of neighbours.</summary>
    public void Run(int blocks)
    {
        fixed (
            double* into = sums.Span,
                plane = scratch.Span,
                neighbors = parameters.Span
        )
        {
            for (var block = 0; block < blocks; block++)
                MomentKernel.accumulate(width, true, block == 0, degree, neighbors, plane, into);
        }
    }
}
