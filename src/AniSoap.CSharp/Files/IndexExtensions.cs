using AniSoap.Formats;

namespace AniSoap.CSharp;

/// <summary>Indices of trajectories, with mistakes thrown by the call.</summary>
public static class IndexExtensions
{
    extension(IndexFile)
    {
        /// <inheritdoc cref="IndexFile.save"/>
        /// <param name="file">What was found of the trajectory.</param>
        /// <exception cref="AniSoapException">The file cannot be written.</exception>
        public static void Save(IndexedFile file) => IndexFile.save(file).OrThrow();
    }
}
