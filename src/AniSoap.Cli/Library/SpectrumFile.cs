using AniSoap.Cli.Running;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace AniSoap.Cli.Library;

/// <summary>What the rows of a table of power spectra are.</summary>
internal sealed record SpectrumChoices(bool PerParticle, bool Compact)
{
    internal SpectrumColumns Columns => Compact ? SpectrumColumns.UnorderedPairs : SpectrumColumns.OrderedPairs;
}

/// <summary>The output of <c>power-spectrum</c>: rows go in, the file appears at the end or never.</summary>
internal sealed class SpectrumFile : IDisposable
{
    private readonly IRowWriter writer;
    private readonly bool perParticle;
    private readonly bool tensorMap;
    private readonly int[] species;
    private readonly int[] sample;

    internal SpectrumFile(RunSetup setup, Projection projection, SpectrumChoices choices)
    {
        perParticle = choices.PerParticle;
        tensorMap = setup.Output.Ending == ".mts";
        species = [.. projection.Species];
        SpectrumColumnsModule.check(choices.Columns, choices.PerParticle, projection).OrRefuse();
        if (setup.Output.SinglePrecision)
            RunEstimateModule.checkSinglePrecision(-3.0, projection).OrRefuse();
        var labels = new SpectrumLabels(projection, choices.Columns, setup.Output.UpstreamLabels);
        Columns = labels.OfParticle.Count * (perParticle ? 1 : species.Length);

        // A TensorMap has a block for each species as centre: there a mean is a row for each of them.
        List<string> samples = [labels.Frame(tensorMap)];
        if (perParticle)
            samples.Add(labels.Particle(tensorMap));
        if (perParticle || tensorMap)
            samples.Add(labels.CenterType);
        sample = new int[samples.Count];

        var layout = new RowLayout(
            ListModule.OfSeq(samples),
            perParticle || tensorMap ? labels.OfParticle : labels.OfMean,
            setup.Output.SinglePrecision ? Precision.Single : Precision.Double,
            new FSharpMap<string, string>(setup.Metadata.Select(pair => Tuple.Create(pair.Key, pair.Value)))
        );
        var (force, path) = (setup.Output.Force, setup.Output.Path);
        var opened = setup.Output.Ending switch
        {
            ".npz" => Npz.rows(force, path, layout),
            ".npy" => Npy.rows(force, path, layout),
            ".csv" => Csv.rows(force, path, layout),
            ".json" or ".json.gz" => ChemiscopeRows(setup, projection, layout),
            ".h5" or ".hdf5" or ".parquet" => FeatureFiles.Rows(force, path, layout),
            _ => Mts.rows(
                new RowsByKey(labels.Keys, labels.CenterType, ListModule.OfSeq(labels.Components)),
                force,
                path,
                layout
            ),
        };
        writer = opened.OrRefuse();
    }

    /// <summary>Features beside the frames that they are of, which are read once more when all features are there.</summary>
    private static FSharpResult<IRowWriter, AniSoapError> ChemiscopeRows(
        RunSetup setup,
        Projection projection,
        RowLayout layout
    )
    {
        if (setup.Inputs.AreStreams)
            throw new Refusal(
                "INPUT: a stream (a pipe, or -) is read once, and chemiscope's files hold the frames too; give a file"
            );
        return Chemiscope.rows(
            FuncConvert.FromFunc(() => setup.Inputs.SnapshotResults(_ => { })),
            projection.Hypers.CutoffRadius,
            FuncConvert.FromAction(setup.Warn),
            setup.Output.Force,
            setup.Output.Path,
            layout
        );
    }

    /// <summary>Numbers in one row of the result.</summary>
    internal int Columns { get; }

    /// <summary>The spectrum of a particle, or the mean of a frame: all species as centre, side by side.</summary>
    internal void Add(int frame, int particle, int centerType, ReadOnlySpan<double> values)
    {
        sample[0] = frame;
        if (perParticle)
        {
            (sample[1], sample[2]) = (particle, centerType);
            writer.Append(sample, values).OrFail();
        }
        else if (tensorMap)
        {
            var columns = values.Length / species.Length;
            for (var t = 0; t < species.Length; t++)
            {
                sample[1] = species[t];
                writer.Append(sample, values.Slice(t * columns, columns)).OrFail();
            }
        }
        else
            writer.Append(sample, values).OrFail();
    }

    internal void Complete() => writer.Complete().OrFail();

    public void Dispose() => writer.Dispose();
}
