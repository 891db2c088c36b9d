using System.Globalization;
using AniSoap.Learning;

namespace AniSoap.Cli.Running;

/// <summary>What <c>train</c> says of the potential.</summary>
internal static class TrainingReport
{
    internal static void Write(Potential potential)
    {
        var left = 100.0 * Math.Sqrt(potential.Fit.HeldOut);
        if (potential.Trials.Length > 0)
        {
            Console.Error.WriteLine("anisoap: sites tried, and what each leaves of the targets");
            Console.Error.WriteLine("  species  sites  types    training  held out  best of starts");
            foreach (var trial in potential.Trials)
                Console.Error.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {trial.Species, 7}  {trial.Sites, 5}  {trial.Types, 5}  {100.0 * trial.Training, 8:g3} %  {100.0 * trial.Validation, 6:g3} %  {trial.Successes, 4} of {trial.Starts}"
                    )
                );
        }
        if (potential.Sites is { } sites)
            foreach (var body in sites.Value.Bodies)
                Console.Error.WriteLine(
                    $"anisoap: {body}{(body.IsStraight ? "; all on one axis: turns about it mean nothing" : "")}"
                );
        else if (potential.Trials.Length > 0)
            Console.Error.WriteLine(
                "anisoap: no sites: they do not halve what contact channels leave of held-out frames"
            );
        var contact = potential.Contact is { } one
            ? FormattableString.Invariant(
                $"{one.Value.Basis}, max_angular {one.Value.Basis.Hypers.MaxAngular}, max_radial {one.Value.Basis.Hypers.MaxRadial}, cutoff_radius {one.Value.Basis.Hypers.CutoffRadius:g6}"
            )
            : FormattableString.Invariant($"{potential.Length} weights");
        Console.Error.WriteLine(
            FormattableString.Invariant(
                $"anisoap: {potential.Fit.Frames} frames, {contact}, ridge {potential.Fit.Regularization:g2}; {left:g3} % of held-out targets is left"
            )
        );
    }
}
