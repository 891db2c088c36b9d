namespace AniSoap.CSharp;

/// <summary>
/// <c>max_radial</c>: the largest radial index n, so that k gives k + 1 radial functions. A number, an array with one for each l, or
/// <see cref="Coupled"/>; numbers and arrays convert by themselves: <c>MaxRadial = 4</c>.
/// </summary>
public sealed class MaxRadial : IEquatable<MaxRadial>
{
    private MaxRadial(Core.RadialCount inner) => Inner = inner;

    internal Core.RadialCount Inner { get; }

    /// <summary>n = 0 … ⌊(max_angular − l)/2⌋: all polynomials up to degree max_angular. Python's <c>None</c>.</summary>
    public static MaxRadial Coupled { get; } = new(Core.RadialCount.Coupled);

    /// <summary>n = 0 … <paramref name="maxRadial"/> for every l.</summary>
    public static MaxRadial Uniform(int maxRadial) => new(Core.RadialCount.NewUniform(maxRadial));

    /// <summary>n = 0 … the l-th number: a number for each l from 0 to max_angular.</summary>
    public static MaxRadial PerAngular(params IEnumerable<int> maxRadial) =>
        new(Core.RadialCount.NewPerAngular(ListModule.OfSeq(maxRadial)));

    /// <summary><see cref="Uniform"/>.</summary>
    public static implicit operator MaxRadial(int maxRadial) => Uniform(maxRadial);

    /// <summary><see cref="PerAngular"/>.</summary>
    public static implicit operator MaxRadial(int[] maxRadial) => PerAngular(maxRadial);

    /// <summary>Whether both say the same.</summary>
    public bool Equals(MaxRadial? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MaxRadial);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>The number, the numbers or <c>coupled</c>.</summary>
    public override string ToString() =>
        Inner switch
        {
            Core.RadialCount.Uniform uniform => FormattableString.Invariant($"{uniform.maxRadial}"),
            Core.RadialCount.PerAngular numbers => string.Join(", ", numbers.maxRadial),
            _ => "coupled",
        };
}
