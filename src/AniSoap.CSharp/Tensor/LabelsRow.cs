namespace AniSoap.CSharp;

/// <summary>One entry of <see cref="Labels"/>: the values of all its dimensions, by number or by name.</summary>
public readonly struct LabelsRow : IEquatable<LabelsRow>
{
    private readonly Core.LabelsRow inner;

    internal LabelsRow(Core.LabelsRow inner) => this.inner = inner;

    internal Core.LabelsRow Inner => inner;

    /// <summary>The row's number in its labels, from 0.</summary>
    public int Position => inner.Position;

    /// <summary>The names of the dimensions.</summary>
    public ImmutableArray<string> Names => inner.Names;

    /// <summary>The values, in the order of the names.</summary>
    public ReadOnlySpan<int> Values => inner.Values;

    /// <summary>The value in a dimension, by its number.</summary>
    /// <exception cref="IndexOutOfRangeException">There are fewer dimensions.</exception>
    public int this[int dimension] => inner.Values[dimension];

    /// <summary>The value in a dimension, by its name.</summary>
    /// <exception cref="KeyNotFoundException">No dimension has this name.</exception>
    public int this[string name] => inner[name];

    /// <summary>Whether names and values are the same.</summary>
    public bool Equals(LabelsRow other) => inner.Equals(other.inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LabelsRow other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => inner.GetHashCode();

    /// <summary>Whether names and values are the same.</summary>
    public static bool operator ==(LabelsRow left, LabelsRow right) => left.Equals(right);

    /// <summary>Whether names or values differ.</summary>
    public static bool operator !=(LabelsRow left, LabelsRow right) => !left.Equals(right);

    /// <summary>Names and values, as in <c>l=2, n_1=0</c>.</summary>
    public override string ToString() => inner.ToString();
}
