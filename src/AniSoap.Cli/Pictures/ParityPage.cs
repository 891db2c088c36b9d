using System.Collections.Immutable;
using System.Globalization;
using AniSoap.Cli.Models;
using AniSoap.Learning;
using AniSoap.Plotting;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Pictures;

/// <summary>Energies, forces and torques as a potential has them against those of frames, and its learning curve, as one page.</summary>
internal sealed class ParityPage
{
    private readonly (List<double> Reference, List<double> Found)[] numbers =
    [
        .. Enumerable.Range(0, 4).Select(_ => (new List<double>(), new List<double>())),
    ];

    /// <summary>Adds a frame.</summary>
    internal void Add(PotentialTargets targets, PotentialResult found)
    {
        if (targets.Energy is { Value: var energy })
        {
            var particles = targets.Frame.Particles.Length;
            var divisor = particles > 2 ? particles : 1.0;
            Add(0, energy / divisor, found.Energy / divisor);
        }
        Add(1, targets.Forces, found.Forces);
        Add(2, targets.Torques, found.Torques);
        var v = found.Virial;
        double[] w = [v.Row1.X, v.Row1.Y, v.Row1.Z, v.Row2.X, v.Row2.Y, v.Row2.Z, v.Row3.X, v.Row3.Y, v.Row3.Z];
        foreach (var (place, value) in targets.Virial)
            Add(3, value, place < 9 ? w[place] : Symmetric(w, place));
    }

    // Places 9, 10 and 11 are the means of xy, xz and yz.
    private static double Symmetric(double[] w, int place) =>
        place switch
        {
            9 => 0.5 * (w[1] + w[3]),
            10 => 0.5 * (w[2] + w[6]),
            _ => 0.5 * (w[5] + w[7]),
        };

    private void Add(int kind, ImmutableArray<double> reference, ImmutableArray<Vector3> found)
    {
        if (reference.IsDefaultOrEmpty)
            return;
        for (var i = 0; i < found.Length; i++)
        {
            Add(kind, reference[3 * i], found[i].X);
            Add(kind, reference[(3 * i) + 1], found[i].Y);
            Add(kind, reference[(3 * i) + 2], found[i].Z);
        }
    }

    private void Add(int kind, double reference, double found)
    {
        numbers[kind].Reference.Add(reference);
        numbers[kind].Found.Add(found);
    }

    /// <summary>The page's picture.</summary>
    internal Figure Chart(string title, PotentialErrors errors, LearningCurve? curve)
    {
        (string Name, ErrorMeasures Errors)[] kinds =
        [
            (errors.EnergyPerParticle ? "energy a particle" : "energy", errors.Energy),
            ("forces", errors.Forces),
            ("torques", errors.Torques),
            ("virial", errors.Virial),
        ];
        return ParityPicture
            .create(
                title,
                ListModule.OfSeq(
                    kinds
                        .Select(
                            (kind, k) =>
                                new ParityPanel(
                                    kind.Name,
                                    Note(kind.Name, kind.Errors),
                                    [.. numbers[k].Reference],
                                    [.. numbers[k].Found]
                                )
                        )
                        .Where(panel => panel.Reference.Length > 0)
                ),
                ListModule.OfSeq(curve?.Lines() ?? [])
            )
            .OrThrow();
    }

    private static string Note(string name, ErrorMeasures errors) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: RMSE {errors.Rmse:G3} ({errors.PercentOfRms:G3} % of RMS), R² {errors.R2:0.####}"
        );
}
