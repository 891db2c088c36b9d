using Expecto;
using static Expecto.CSharp.Runner;

namespace AniSoap.CSharp.Tests;

internal static class TensorTests
{
    internal static Test All { get; } =
        TestList(
            "labelled arrays",
            [
                TestCase("views of a block are one memory", Views),
                TestCase("blocks are found by their keys", FindsBlocks),
                TestCase("rows of labels are found by their values", FindsRows),
                TestCase("keys move to properties and samples", MovesKeys),
                TestCase("metatensor files are read back as they were", () => Examples.InFolder(ReadsBack)),
                TestCase("arrays made by hand are checked", MadeByHand),
                TestCase("files are merged and added to, or it is thrown", () => Examples.InFolder(Merges)),
            ]
        );

    private static TensorMap Coefficients() => Projection.Create(Examples.Hypers, [1, 2]).Transform(Examples.Frames(2));

    private static Task Merges(string folder)
    {
        string Path(string name) => System.IO.Path.Combine(folder, name);
        foreach (var (name, count) in new[] { ("a", 2), ("b", 3) })
        {
            var input = Path(name + ".extxyz");
            FrameFile.Write(input, Examples.Frames(count));
            Features.FromFiles([input], Examples.Hypers, [1, 2]).Write(Path(name + ".npz"));
        }
        FeatureFile.Merge(Path("ab.npz"), [Path("a.npz"), Path("b.npz")]);
        Check.Equal(5, TensorMap.Read(Path("ab.npz"))[0].Samples.Count);
        FeatureFile.Append(Path("a.npz"), Path("b.npz"));
        Check.Equal(5, TensorMap.Read(Path("a.npz"))[0].Samples.Count);
        Check.Throws<InaccessibleFileException>(() => FeatureFile.Merge(Path("ab.npz"), [Path("b.npz")]));
        Check.Throws<InaccessibleFileException>(() => FeatureFile.Append(Path("a.npz"), Path("none.npz")));
        return Task.CompletedTask;
    }

    private static void Views()
    {
        var block = Coefficients().Block(("o3_lambda", 2), ("center_type", 1));
        Check.Equal("6, 5, 6", string.Join(", ", block.Shape));
        Check.That(block.Memory.Span == block.Values);
        Check.That(block.Row(1, 2) == block.Values.Slice((1 * 5 + 2) * 6, 6));
        Check.Equal(block.Values[(1 * 5 + 2) * 6 + 3], block[1, 2, 3]);
        Check.Throws<InvalidOperationException>(() => _ = block[0, 0]);
        Check.Throws<ArgumentOutOfRangeException>(() => _ = block[6, 0, 0]);
        Check.Equal(0, block.Gradients.Count);
    }

    private static void FindsBlocks()
    {
        var map = Coefficients();
        Check.Equal(10, map.Count);
        Check.Equal(2, map.Subset(("o3_lambda", 3)).Count);
        var (key, block) = map.Last();
        Check.Equal(4, key["o3_lambda"]);
        Check.Equal(9, block.Components[0].Count);
        Check.Throws<InvalidValueException>(() => map.Block(("o3_lambda", 3)));
        Check.Throws<InvalidValueException>(() => map.Block(("lambda", 3)));
    }

    private static void FindsRows()
    {
        var labels = Labels.Create(
            ["n", "neighbor_type"],
            [
                [0, 1],
                [0, 2],
                [1, 1],
            ]
        );
        Check.Equal(1, labels.Position([0, 2]));
        Check.Equal(-1, labels.Position([1, 2]));
        Check.Equal("0, 0, 1", string.Join(", ", labels.Column("n")));
        Check.Equal(2, labels[1]["neighbor_type"]);
        Check.Equal(
            labels[1],
            Labels.Create(
                ["n", "neighbor_type"],
                [
                    [0, 2],
                ]
            )[0]
        );
        Check.Equal("n=0, neighbor_type=2", labels[1].ToString());
        Check.Throws<KeyNotFoundException>(() => _ = labels[0]["l"]);
        Check.Throws<ArgumentOutOfRangeException>(() => _ = labels[3]);
        Check.Throws<InvalidValueException>(() =>
            _ = Labels.Create(
                ["n"],
                [
                    [0],
                    [0],
                ]
            )
        );
    }

    private static void MovesKeys()
    {
        var spectrum = Projection.Create(Examples.Hypers, [1, 2]).PowerSpectrum(Examples.Frames(2));
        var columns = spectrum[0].Properties.Count;
        Check.Equal(2 * columns, spectrum.KeysToProperties("center_type")[0].Properties.Count);
        Check.Equal(4, spectrum.KeysToSamples("center_type")[0].Samples.Count);
        Check.Throws<InvalidValueException>(() => TensorMap.JoinSamples(spectrum, spectrum));
    }

    private static Task ReadsBack(string folder)
    {
        var path = Path.Combine(folder, "coefficients.mts");
        var map = Coefficients();
        map.Write(path);
        Check.Throws<InaccessibleFileException>(() => map.Write(path));
        var read = TensorMap.Read(path);
        Check.Equal(map.Keys, read.Keys);
        for (var i = 0; i < map.Count; i++)
        {
            Check.Equal(map[i].Samples, read[i].Samples);
            Check.Equal(map[i].Components[0], read[i].Components[0]);
            Check.Equal(map[i].Properties, read[i].Properties);
            Check.Same(map[i].Values, read[i].Values);
        }
        File.WriteAllText(path, "no archive");
        Check.Equal(path, Check.Throws<MalformedDataException>(() => TensorMap.Read(path)).Place.Source);
        return Task.CompletedTask;
    }

    private static void MadeByHand()
    {
        var (rows, columns) = (
            Labels.Create(
                ["system"],
                [
                    [0],
                    [1],
                ]
            ),
            Labels.Create(
                ["l"],
                [
                    [0],
                    [1],
                    [2],
                ]
            )
        );
        var block = TensorBlock.Create(rows, columns, [1, 2, 3, 4, 5, 6]);
        var info = new Dictionary<string, string> { ["unit"] = "nm" };
        var map = TensorMap.Create(
            Labels.Create(
                ["center_type"],
                [
                    [1],
                ]
            ),
            [block],
            info
        );
        Check.Equal(6.0, map[0][1, 2]);
        Check.Equal("nm", map.Info["unit"]);
        Check.Equal("2 (system) × 3 (l)", map[0].ToString());
        Check.That(map.ToString().StartsWith("1 block"));
        Check.Throws<InvalidValueException>(() => _ = TensorBlock.Create(rows, columns, [1, 2, 3]));
    }
}
