namespace AniSoap.Native;

/// <summary>Particles, centres and neighbours as the caller has them, copied for the time of one call.</summary>
internal sealed unsafe class Surroundings : INeighbors
{
    private int[] species = [];
    private double[] positions = [];
    private double[] orientations = [];
    private double[] semiAxes = [];
    private long* first;
    private int* neighbors;

    /// <summary>All particles, images among them.</summary>
    internal int Count { get; private set; }

    public int CenterCount { get; private set; }

    internal Frame Frame { get; private set; } = FrameModule.create(CellModule.none, []);

    public int Center(int place) => place;

    public ReadOnlySpan<int> Candidates(int place) =>
        new(neighbors + first[place], (int)(first[place + 1] - first[place]));

    internal void Fill(
        int centers,
        int count,
        double* position,
        double* quaternion,
        double* semiaxes,
        int* kinds,
        long* starts,
        int* others
    )
    {
        if (count < 0)
            throw new RefusedException($"n = {count} cannot be used; accepted: a whole number from 0");
        if (centers < 0 || centers > count)
            throw new RefusedException($"centers = {centers} cannot be used; accepted: 0 to {count}");
        if (count > 0)
        {
            Exports.Require(position, "position");
            Exports.Require(quaternion, "quaternion");
            Exports.Require(semiaxes, "semiaxes");
            Exports.Require(kinds, "species");
        }
        Exports.Require(starts, "first");
        CheckStarts(centers, starts);
        if (starts[centers] > 0)
            Exports.Require(others, "neighbors");
        first = starts;
        neighbors = others;
        (CenterCount, Count) = (centers, count);
        if (species.Length != count)
        {
            species = new int[count];
            positions = new double[3 * count];
            orientations = new double[4 * count];
            semiAxes = new double[3 * count];
        }
        new ReadOnlySpan<int>(kinds, count).CopyTo(species);
        new ReadOnlySpan<double>(position, 3 * count).CopyTo(positions);
        new ReadOnlySpan<double>(semiaxes, 3 * count).CopyTo(semiAxes);
        for (var i = 0; i < count; i++)
            Turn(quaternion + 4 * i, orientations.AsSpan(4 * i, 4), i);
        Frame = new Frame(
            Exports.Value(ParticleArray.OfArrays(species, positions, orientations, semiAxes)),
            CellModule.none
        );
    }

    private static void CheckStarts(int centers, long* starts)
    {
        if (starts[0] < 0)
            throw new RefusedException($"first[0] = {starts[0]} cannot be used; accepted: a number from 0");
        for (var i = 0; i < centers; i++)
            if (starts[i + 1] < starts[i] || starts[i + 1] - starts[i] > int.MaxValue)
                throw new RefusedException(
                    $"first[{i + 1}] = {starts[i + 1]} cannot be used; accepted: {starts[i]} or more"
                );
    }

    /// <summary>The quaternion at length 1.</summary>
    private static void Turn(double* q, Span<double> target, int particle)
    {
        var size = Math.Sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
        if (!(size > 0.0 && double.IsFinite(size)))
            throw new RefusedException(
                $"particle {particle}: the quaternion's length is {size}; accepted: a finite number above 0"
            );
        var scale = 1.0 / size;
        for (var i = 0; i < 4; i++)
            target[i] = scale * q[i];
    }
}
