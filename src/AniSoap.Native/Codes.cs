namespace AniSoap.Native;

/// <summary>What functions of anisoap.h return.</summary>
internal static class Codes
{
    internal const int Ok = 0;
    internal const int Refused = 2;
    internal const int Broken = 3;
    internal const int BadHandle = 4;
}

/// <summary>Something that a caller gave cannot work.</summary>
internal sealed class RefusedException(string message) : Exception(message);
