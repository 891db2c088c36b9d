using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
using AniSoap.Numerics;
using static AniSoap.Benchmarks.Tables.Table;

namespace AniSoap.Benchmarks.Tables;

/// <summary>Energy, forces and torques of pairs of rings of six sites, beside two loops in C where there is a compiler: lists and turned sites are at hand.</summary>
internal static unsafe class SiteKernelTable
{
    private const int Sites = 6;
    private const double Outer = 2.5;

    private struct CTable
    {
        public long First;
        public double Inner;
        public double Outer;
        public double* Coefficients;
    }

    public static void Print(Effort effort)
    {
        var table = new Table(
            "Energy, forces and torques of pairs of six-site bodies, one thread, the shortest of many turns",
            "bodies",
            "number density",
            "pairs of bodies",
            "pairs of sites within reach, a pair",
            "µs a pair",
            "C, gcc -O3 -march=native, µs a pair",
            "times C",
            "energies differ by"
        );
        var side = effort.Pick(10, 4);
        using var library = CLibrary.Compile("sites.c");
        foreach (var density in effort.Pick<double[]>([0.057, 0.12], [0.057]))
        {
            var bodies = new Bodies(side, density);
            var own = 0.0;
            var other = 0.0;
            void Managed() => own = bodies.Managed();
            void C() => other = bodies.C(library!.Function("sites"));
            var rounds = effort.Rounds(400);
            var times = library == null ? Turns.Shortest(rounds, Managed) : Turns.Shortest(rounds, Managed, C);
            var micro = 1e6 / bodies.Pairs;
            table.Row(
                Number(side * side * side, 0),
                Number(density, 3),
                Number(bodies.Pairs, 0),
                Number((double)bodies.WithinReach / bodies.Pairs, 1),
                Number(micro * times[0], 4),
                library == null ? "no gcc" : Number(micro * times[1], 4),
                library == null ? "" : Number(times[0] / times[1], 2),
                library == null
                    ? ""
                    : (Math.Abs(own - other) / Math.Abs(other)).ToString(
                        "0.0e0",
                        System.Globalization.CultureInfo.InvariantCulture
                    )
            );
        }
    }

    /// <summary>Rings near a lattice, turned at random, with the neighbours of each that come after it.</summary>
    private sealed class Bodies
    {
        private readonly SiteLayout layout;
        private readonly SiteWork work = new();
        private readonly EnergySum sum = new();
        private readonly NeighborBuffer[] neighbors;
        private readonly AlignedBuffer lab;
        private readonly int[] bodyOf;
        private readonly int[] siteOf;
        private readonly SiteTable table;
        private readonly int[] firsts;
        private readonly int[] seconds;
        private readonly double[] displacements;
        private readonly double[] places;
        private readonly double[] sums;

        public int Pairs => firsts.Length;
        public int WithinReach { get; private set; }

        public Bodies(int side, double density)
        {
            var count = side * side * side;
            table = Frames.Ok(SiteTable.Create(0.1, Outer, LennardJones));
            var sites = Enumerable
                .Range(0, Sites)
                .Select(k => new BodySite(
                    Vector3Module.create(0.8 * Math.Cos(k * Math.PI / 3), 0.8 * Math.Sin(k * Math.PI / 3), 0.0),
                    "a"
                ))
                .ToArray();
            var model = Frames.Ok(SiteModel.Create([Frames.Ok(SiteBodyModule.create(0, sites))], ["a"], [table]));
            layout = new SiteLayout(model);
            var random = new Random(3);
            var spacing = Math.Cbrt(1.0 / density);
            var length = side * spacing;
            lab = new AlignedBuffer(count * layout.Length(0));
            bodyOf = new int[count];
            siteOf = Enumerable.Range(0, count).Select(i => i * layout.Length(0)).ToArray();
            places = new double[3 * Sites * count];
            sums = new double[6 * count + 9];
            var centers = new double[3 * count];
            for (var i = 0; i < count; i++)
            {
                int[] cell = [i / side / side, i / side % side, i % side];
                for (var axis = 0; axis < 3; axis++)
                    centers[3 * i + axis] = spacing * (cell[axis] + 0.1 * (random.NextDouble() - 0.5));
                double Next() => random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
                var turn = QuaternionModule.toMatrix(QuaternionModule.create(Next(), Next(), Next(), Next()));
                layout.Turn(0, turn, At(lab) + siteOf[i]);
                for (var k = 0; k < Sites; k++)
                for (var axis = 0; axis < 3; axis++)
                    places[3 * (Sites * i + k) + axis] = lab.Span[siteOf[i] + 8 * axis + k];
            }
            var (one, two, between) = (new List<int>(), new List<int>(), new List<double>());
            neighbors = new NeighborBuffer[count];
            for (var i = 0; i < count; i++)
            {
                var buffer = neighbors[i] = new NeighborBuffer();
                for (var j = i + 1; j < count; j++)
                {
                    var d = new double[3];
                    for (var axis = 0; axis < 3; axis++)
                    {
                        d[axis] = centers[3 * j + axis] - centers[3 * i + axis];
                        d[axis] -= length * Math.Round(d[axis] / length);
                    }
                    if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] >= model.CutoffRadius * model.CutoffRadius)
                        continue;
                    buffer.EnsureRoom(buffer.Count + 1);
                    (buffer.Second[buffer.Count], buffer.X[buffer.Count]) = (j, d[0]);
                    (buffer.Y[buffer.Count], buffer.Z[buffer.Count]) = (d[1], d[2]);
                    buffer.Count++;
                    one.Add(i);
                    two.Add(j);
                    between.AddRange(d);
                }
            }
            (firsts, seconds, displacements) = (one.ToArray(), two.ToArray(), between.ToArray());
            sum.Reset(count);
            for (var i = 0; i < count; i++)
                WithinReach += Gather(i);
        }

        /// <summary>Pinned memory.</summary>
        private static double* At(AlignedBuffer buffer) =>
            (double*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(buffer.Span));

        private int Gather(int i) =>
            SiteReach.gather(layout, work, neighbors[i], 0, At(lab) + siteOf[i], bodyOf, siteOf, At(lab));

        public double Managed()
        {
            var energy = 0.0;
            for (var i = 0; i < neighbors.Length; i++)
            {
                var pairs = Gather(i);
                if (pairs == 0)
                    continue;
                energy += SiteEnergyKernel.look(layout, work, pairs);
                SiteEnergyKernel.pull(
                    layout,
                    work,
                    neighbors[i],
                    0,
                    At(lab) + siteOf[i],
                    i,
                    bodyOf,
                    siteOf,
                    At(lab),
                    1.0,
                    false,
                    sum
                );
            }
            return energy;
        }

        public double C(nint function)
        {
            var call = (delegate* unmanaged<
                int,
                int*,
                int*,
                double*,
                int,
                int,
                double*,
                CTable*,
                double*,
                double>)function;
            var given = new CTable
            {
                First = table.First,
                Inner = table.InnerSquare,
                Outer = table.OuterSquare,
                Coefficients = At(table.Buffer),
            };
            fixed (int* first = firsts)
            fixed (int* second = seconds)
            fixed (double* between = displacements)
            fixed (double* place = places)
            fixed (double* into = sums)
                return call(firsts.Length, first, second, between, neighbors.Length, Sites, place, &given, into);
        }

        /// <summary>Lennard-Jones, smoothly to nothing over the last 0.5.</summary>
        private static (double Energy, double Slope) LennardJones(double r)
        {
            var x = 1.0 / Math.Pow(r, 6);
            var (u, slope) = (4.0 * (x * x - x), -24.0 * (2.0 * x * x - x) / r);
            if (r <= Outer - 0.5)
                return (u, slope);
            var phase = Math.PI * (r - Outer + 0.5) / 0.5;
            var (cut, fall) = (0.5 * (1.0 + Math.Cos(phase)), -0.5 * Math.PI / 0.5 * Math.Sin(phase));
            return (u * cut, slope * cut + u * fall);
        }
    }
}
