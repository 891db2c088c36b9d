namespace AniSoap.CSharp;

/// <summary>What a request may cost before it is refused: <c>new Limits(maxPairs: …, maxMemory: …)</c>, or one of these.</summary>
public static class LimitsExtensions
{
    extension(Limits)
    {
        /// <summary>Twenty thousand million pairs of neighbours in one frame, and 16 GiB.</summary>
        public static Limits Defaults => LimitsModule.defaults;

        /// <summary>No limits but those of the machine.</summary>
        public static Limits None => LimitsModule.none;
    }
}
