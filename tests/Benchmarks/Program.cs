using AniSoap.Kernels;
using AniSoap.Benchmarks.Machine;
using AniSoap.Benchmarks.Runs;
var width = MomentKernel.best();
var degrees = new[] { 5, 8, 10, 11, 14, 17, 21, 25, 30 };
var kernels = degrees.Select(d => new KernelRun(width, d)).ToArray();
const int cr = 20000, pr = 100000;
double sink = 0;
var actions = new List<Action> { () => sink += Clock.Run(cr, 3), () => sink += PeakLoop.Run(width, pr) };
foreach (var (k, d) in kernels.Zip(degrees))
{
    var reps = (int)(2e7 / k.MultiplyAdds(6)) + 1;
    actions.Add(() => { for (var i = 0; i < reps; i++) k.Run(6); });
}
var t = Turns.Shortest(300, actions.ToArray());
var hz = Clock.Cycles(cr) / t[0];
var peak = PeakLoop.MultiplyAdds(width, pr) / t[1];
Console.WriteLine($"clock {hz / 1e9:F2} GHz peak {peak / 1e9:F1} GFMA/s, per cycle {peak / hz / MomentKernel.lanesOf(width):F2} vectors");
for (var i = 0; i < degrees.Length; i++)
{
    var reps = (int)(2e7 / kernels[i].MultiplyAdds(6)) + 1;
    Console.WriteLine($"D {degrees[i]} {kernels[i].MultiplyAdds(6) * reps / t[i + 2] / peak:P1}");
}
