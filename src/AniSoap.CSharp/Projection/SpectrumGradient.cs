namespace AniSoap.CSharp;

/// <summary>Fills in ∂E/∂(spectrum of a particle), given that spectrum. Called on several threads at once.</summary>
/// <param name="particle">The particle's number in its frame.</param>
/// <param name="spectrum">Its power spectrum.</param>
/// <param name="derivative">To be filled: a number for each of the spectrum's; zeros so far.</param>
public delegate void SpectrumDerivative(int particle, ReadOnlySpan<double> spectrum, Span<double> derivative);

/// <summary>The power spectrum of a frame, and what was pulled back through it.</summary>
public sealed class SpectrumGradient
{
    internal SpectrumGradient(Core.PulledSpectrum core) =>
        (Spectrum, Gradient) = (core.Values, new FrameGradient(core.Gradient));

    /// <summary>
    /// The features: of the mean, the species of the centre side by side; else a row a particle, in the order of the frame.
    /// </summary>
    public ReadOnlyMemory<double> Spectrum { get; }

    /// <summary>The derivatives of E.</summary>
    public FrameGradient Gradient { get; }
}
