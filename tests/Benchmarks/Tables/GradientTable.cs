using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>What derivatives cost beside the values alone, on one thread.</summary>
internal static class GradientTable
{
    public static void Print(Effort effort)
    {
        var frame = Frames.Nematic(1)[0];
        var spheres = Frames.AsSpheres(frame);
        var almost = Frames.AsAlmostSpheres(frame);
        var table = new Table(
            "Derivatives of the mean power spectrum of the nematic frame, one thread",
            "l, n",
            "values, µs a pair",
            "values, forces, torques, virial by the reverse pass, µs a pair",
            "times the values",
            "semi-axes too, times the values",
            "reverse, ms a particle",
            "forward by positions, µs a pair",
            "forward by positions, ms a particle",
            "and by orientations, times positions alone",
            "spheres in their places: reverse, µs a pair",
            "times faster than without their short cut"
        );
        foreach (var (maxAngular, maxRadial) in new[] { (4, 3), (6, 4), (9, 6) })
        {
            var projection = Spectra.Projection(maxAngular, maxRadial);
            var pairs = Spectra.Run(projection, 1, [frame]).Pairs;
            var seconds = Turns.Shortest(
                effort.Rounds(40),
                () => Spectra.Run(projection, 1, [frame]),
                () => Derivatives.Reverse(projection, frame, semiAxes: false),
                () => Derivatives.Reverse(projection, frame, semiAxes: true),
                () => Derivatives.Reverse(projection, spheres, semiAxes: false),
                () => Derivatives.Reverse(projection, almost, semiAxes: false)
            );
            var forward = Turns.Shortest(
                effort.Rounds(9),
                () => Derivatives.Forward(projection, frame),
                () => Derivatives.Forward(projection, frame, GradientParameter.Orientations)
            );
            var particles = frame.Particles.Length;
            table.Row(
                $"{maxAngular}, {maxRadial}",
                Number(1e6 * seconds[0] / pairs, 3),
                Number(1e6 * seconds[1] / pairs, 3),
                Number(seconds[1] / seconds[0], 2),
                Number(seconds[2] / seconds[0], 2),
                Number(1e3 * seconds[1] / particles, 3),
                Number(1e6 * forward[0] / pairs, 2),
                Number(1e3 * forward[0] / particles, 2),
                Number(forward[1] / forward[0], 2),
                Number(1e6 * seconds[3] / pairs, 3),
                Number(seconds[4] / seconds[3], 2)
            );
        }
    }
}
