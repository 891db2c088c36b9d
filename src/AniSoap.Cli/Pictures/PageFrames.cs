using System.Runtime.InteropServices;

namespace AniSoap.Cli.Pictures;

/// <summary>Frames on their way to a page: all while they are few, every 2nd, 4th, … when more come than a page holds well.</summary>
internal sealed class PageFrames
{
    /// <summary>What a browser opens within a second or two, the script beside it.</summary>
    private const long MostBytes = 16_000_000;

    private const int MostFrames = 1000;

    // Place, turn, shape, surface and value of a particle in four bytes each, written as base64.
    private const long BytesOfParticle = 60;

    private readonly List<Kept> kept = [];
    private long bytes;

    internal readonly record struct Kept(int Number, Frame Frame, double[]? Values);

    internal IReadOnlyList<Kept> Frames => kept;

    /// <summary>Of how many frames one is kept.</summary>
    internal int Step { get; private set; } = 1;

    /// <summary>How many frames have come.</summary>
    internal int Seen { get; private set; }

    /// <summary>Takes the next frame; of what colours its particles only the numbers.</summary>
    internal void Add(int number, Frame frame, Func<double[]?> values)
    {
        if (Seen++ % Step != 0)
            return;
        kept.Add(new Kept(number, frame, values()));
        bytes += BytesOfParticle * frame.Particles.Length;
        while (kept.Count > 1 && (bytes > MostBytes || kept.Count > MostFrames))
            Thin();
    }

    private void Thin()
    {
        Step *= 2;
        var left = 0;
        bytes = 0;
        for (var k = 0; k < kept.Count; k += 2)
        {
            bytes += BytesOfParticle * kept[k].Frame.Particles.Length;
            kept[left++] = kept[k];
        }
        CollectionsMarshal.SetCount(kept, left);
    }

    /// <summary>Says so where frames were left out.</summary>
    internal void Tell(Action<string> warn)
    {
        if (Step > 1)
            warn(
                $"{Seen} frames are more than a page holds well (about {MostBytes / 1_000_000} MB): every {Ordinal(Step)} is drawn, {kept.Count} in all; "
                    + "--frames START:STOP:STEP chooses others"
            );
    }

    /// <summary>What a frame is called under the picture.</summary>
    internal string Label(string? file, int frame) =>
        (file is null ? "" : PictureFile.Plain(file) + ", ")
        + $"frame {frame}"
        + (Step > 1 ? $" (every {Ordinal(Step)} is here)" : "");

    // Steps are powers of two.
    private static string Ordinal(int step) => step % 10 == 2 && step % 100 != 12 ? $"{step}nd" : $"{step}th";
}
