namespace AniSoap.CSharp;

/// <summary>Where in the input something was found: as much as is known of it. What is not known is null.</summary>
/// <param name="Source">The name of the file.</param>
/// <param name="Line">The line in the file, counted from 1 as editors do.</param>
/// <param name="Frame">The frame, counted from 0.</param>
/// <param name="Particle">The particle in its frame, counted from 0.</param>
public sealed record Place(string? Source = null, long? Line = null, int? Frame = null, int? Particle = null)
{
    internal static Place Of(Core.Place place) =>
        new(place.Source?.Value, place.Line?.Value, place.Frame?.Value, place.Particle?.Value);
}
