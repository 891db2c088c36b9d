using AniSoap.Cli.Running;
using Microsoft.FSharp.Collections;

namespace AniSoap.Cli.Library;

/// <summary>Label arrays on their way to a file.</summary>
internal static class TensorMaps
{
    internal static void Write(TensorMap map, RunSetup setup, Interruption interruption)
    {
        var info = new FSharpMap<string, string>(setup.Metadata.Select(pair => Tuple.Create(pair.Key, pair.Value)));
        var named = TensorMapModule.withInfo(info, setup.Output.UpstreamLabels ? UpstreamNames.Of(map) : map);
        var precision = setup.Output.SinglePrecision ? Precision.Single : Precision.Double;
        using var file = AtomicFile.Create(setup.Output.Path, setup.Output.Force).OrRefuse();
        interruption.OnForcedEnd(file.Dispose);
        file.Write(stream => Mts.writeStream(precision, stream, named).OrFail()).OrFail();
        interruption.Token.ThrowIfCancellationRequested();
        file.Commit().OrFail();
    }

    /// <summary>Coefficients of one pair.</summary>
    internal static long Features(Projection projection)
    {
        var features = 0L;
        for (var l = 0; l <= projection.Hypers.MaxAngular; l++)
            features += (2 * l + 1) * projection.RadialCount(l);
        return features;
    }
}
