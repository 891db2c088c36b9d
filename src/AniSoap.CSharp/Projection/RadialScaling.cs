namespace AniSoap.CSharp;

/// <summary><c>radial_scaling</c>: far neighbours count less, by rate / (rate + (r/scale)^exponent).</summary>
/// <param name="Scale">The distance at which scaling sets in, above zero, in the input's length unit.</param>
/// <param name="Rate">Above zero.</param>
/// <param name="Exponent">Above zero.</param>
public sealed record RadialScaling(double Scale, double Rate, double Exponent)
{
    internal Core.RadialScaling ToCore() => new(Scale, Rate, Exponent);
}
