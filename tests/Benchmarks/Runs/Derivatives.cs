namespace AniSoap.Benchmarks.Runs;

/// <summary>Derivatives of one frame's mean power spectrum.</summary>
internal static class Derivatives
{
    /// <summary>The spectrum with forces, torques and virial of the sum of its features.</summary>
    public static FrameGradient Reverse(Projection projection, Frame frame, bool semiAxes)
    {
        var columns = SpectrumColumnsModule.meanProperties(SpectrumColumns.OrderedPairs, projection).Count;
        var ones = new double[columns];
        Array.Fill(ones, 1.0);
        return Frames.Ok(
            Features.pullback(
                RunOptionsModule.defaults,
                SpectrumColumns.OrderedPairs,
                semiAxes ? [GradientParameter.SemiAxes] : [],
                projection,
                frame,
                SpectrumCotangent.NewOfMean(ones)
            )
        );
    }

    /// <summary>Every feature by every position (and whatever else), as gradient blocks.</summary>
    public static TensorMap Forward(Projection projection, Frame frame, params IEnumerable<GradientParameter> more) =>
        Frames.Ok(
            Features.withGradients(
                RunOptionsModule.defaults,
                FeatureKind.NewMeanSpectra(SpectrumColumns.OrderedPairs),
                [GradientParameter.Positions, .. more],
                projection,
                [frame]
            )
        );
}
