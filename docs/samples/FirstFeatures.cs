// From a file of ellipsoids to rotation-invariant features, in C#. In the repository's folder:
//
//     dotnet run --file docs/samples/FirstFeatures.cs docs/data/gay-berne/nematic.extxyz.gz
//
// In a project of your own: dotnet add package AniSoap.CSharp, and leave out the line #:project.
#:project ../../src/AniSoap.CSharp/AniSoap.CSharp.csproj
using AniSoap;
using AniSoap.CSharp;

if (args is not [var path])
{
    Console.Error.WriteLine("usage: FirstFeatures FILE");
    return 2;
}

// What the features are to mean; lengths are in the file's unit. A copy with another cutoff: hypers.With(cutoffRadius: 5).
var hypers = Hypers.Gto(
    maxAngular: 6, // how fine directions are resolved
    maxRadial: 4, // how fine distances are resolved
    width: 1.5, // about the size of a particle
    cutoffRadius: 4.0 // how far a particle sees
);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, key) => (key.Cancel, _) = (true, stop.CancelAsync());

try
{
    var frames = FrameFile.Read(path, InputOptions.Of(warn: Console.Error.WriteLine)).ToList();
    var projection = Projection.Create(hypers, frames); // columns are those of the species of these frames
    Console.WriteLine($"{frames.Count} frames, the first with {frames[0].Particles.Length} particles");

    // A row a frame. With meanOverSamples: false, a row a particle.
    var spectrum = projection.PowerSpectrum(frames, options: RunOptions.Of(threads: 2, cancellation: stop.Token));

    // Blocks are named by the species in the centre, columns by l, n and the species of the neighbours.
    foreach (var (key, block) in spectrum)
    {
        Console.WriteLine($"{key}: {block}");
        for (var frame = 0; frame < block.Samples.Count; frame++)
        {
            ReadOnlySpan<double> features = block.Row(frame); // a view, nothing is copied
            Console.WriteLine($"  frame {frame}: {features[0]:F6}, {features[1]:F6}, {features[2]:F6}, …");
        }
    }

    // The coefficients that the features are made of: one block for each angular momentum, c[sample, m, n].
    var coefficients = projection.Transform(frames.Take(1));
    var quadrupole = coefficients.Block(("o3_lambda", 2));
    Console.WriteLine($"c of l = 2: {quadrupole}");
    Console.WriteLine($"  first particle, m = 0, n = 0: {quadrupole[0, 2, 0]:F6}");
    return 0;
}
catch (InvalidValueException problem)
{
    Console.Error.WriteLine($"{problem.Parameter} must be {problem.Accepted}, not {problem.Value}");
}
catch (AniSoapException problem) // the base of all: its message says where, what, and what is accepted
{
    Console.Error.WriteLine(problem.Message);
}
catch (OperationCanceledException) { }
return 2;
