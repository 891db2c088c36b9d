namespace AniSoap.CSharp.Tests;

/// <summary>Frames and hyperparameters that the tests share.</summary>
internal static class Examples
{
    internal static Hypers Hypers { get; } = Hypers.Gto(maxAngular: 4, maxRadial: 2, width: 1.5, cutoffRadius: 4.0);

    /// <summary>Frames of two species in a periodic box, the same for the same seed.</summary>
    internal static Frame[] Frames(int count, int seed = 1, int particles = 6)
    {
        var random = new Random(seed);
        double Next() => 2 * random.NextDouble() - 1;
        Ellipsoid Particle(int index) =>
            Ellipsoid.Create(
                1 + index % 2,
                new(3 * Next(), 3 * Next(), 3 * Next()),
                new(Next(), Next(), Next(), 2 + Next()),
                new(1.0 + 0.5 * Next(), 1.0, 0.7)
            );
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => Frame.Create(Enumerable.Range(0, particles).Select(Particle), Cell.Box(6, 7, 8))),
        ];
    }

    /// <summary>The file of that name beside the documentation.</summary>
    internal static string Shipped(string name, string kind = "gay-berne")
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AniSoap.slnx")))
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the repository is not above the tests");
        return Path.Combine(folder.FullName, "docs", "data", kind, name);
    }

    /// <summary>A folder that is gone afterwards.</summary>
    internal static async Task InFolder(Func<string, Task> action)
    {
        var folder = Directory.CreateTempSubdirectory("anisoap-csharp-");
        try
        {
            await action(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
