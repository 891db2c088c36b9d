namespace AniSoap.Benchmarks.Runs;

/// <summary>Derivatives of one frame's mean power spectrum.</summary>
internal static class Derivatives
{
    /// <summary>The spectrum with forces, torques and virial of the sum of its features.</summary>
    public static PulledSpectrum Reverse(Projection projection, Frame frame, bool semiAxes)
    {
        var columns = SpectrumColumnsModule.meanProperties(SpectrumColumns.OrderedPairs, projection).Count;
        var ones = new double[columns];
        Array.Fill(ones, 1.0);
        var options = new PullbackOptions(
            SpectrumColumns.OrderedPairs,
            semiAxes,
            threads: 1,
            progress: null,
            CancellationToken.None
        );
        return Frames.Ok(Features.pullback(options, projection, frame, SpectrumCotangent.NewOfMean(ones)));
    }

    /// <summary>Every feature by every position, as gradient blocks.</summary>
    public static TensorMap Forward(Projection projection, Frame frame) =>
        Frames.Ok(
            Features.withGradients(
                RunOptionsModule.defaults,
                FeatureKind.NewMeanSpectra(SpectrumColumns.OrderedPairs),
                [GradientParameter.Positions],
                projection,
                [frame]
            )
        );
}
