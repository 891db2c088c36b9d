namespace AniSoap.CSharp;

/// <summary>A row of features.</summary>
/// <param name="Frame">The number of the frame, from 0 in the order of the frames.</param>
/// <param name="Particle">The particle in its frame, from 0; null where the row is the mean over a frame.</param>
/// <param name="CenterType">The particle's species; null where the row is the mean over a frame.</param>
/// <param name="Values">A value for each of <see cref="FeatureStream.Properties"/>.</param>
public readonly record struct FeatureRow(int Frame, int? Particle, int? CenterType, ReadOnlyMemory<double> Values);
