namespace AniSoap.CSharp;

/// <summary>What is known of a place, as values that may be null. Lines are counted from 1, as editors do, frames and particles from 0.</summary>
public static class PlaceExtensions
{
    extension(Place place)
    {
        /// <summary>The name of the file, or null.</summary>
        public string? FileName => place.Source?.Value;

        /// <summary>The line in the file, or null.</summary>
        public long? LineNumber => place.Line?.Value;

        /// <summary>The frame, or null.</summary>
        public int? FrameNumber => place.Frame?.Value;

        /// <summary>The particle in its frame, or null.</summary>
        public int? ParticleNumber => place.Particle?.Value;
    }
}
