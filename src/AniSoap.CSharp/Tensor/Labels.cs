namespace AniSoap.CSharp;

/// <summary>
/// Names for the entries along one axis of a block: rows of integers, all different, in named dimensions. Immutable.
/// </summary>
[Display.TypeFormatterSource]
public sealed class Labels : IReadOnlyList<LabelsRow>, IEquatable<Labels>, Display.IWrapped
{
    internal Labels(Core.Labels inner) => Inner = inner;

    /// <summary>Labels from names and rows.</summary>
    /// <param name="names">The names of the dimensions: letters, digits and _, all different.</param>
    /// <param name="rows">Rows with a value for every name, all different.</param>
    /// <exception cref="InvalidValueException">Names or rows are not like that.</exception>
    public Labels(IEnumerable<string> names, IEnumerable<IEnumerable<int>> rows)
        : this(Core.LabelsModule.create(names, rows).OrThrow()) { }

    internal Core.Labels Inner { get; }

    Core.Display.IDisplayed Display.IWrapped.Displayed => Inner;

    /// <summary>The names of the dimensions.</summary>
    public ImmutableArray<string> Names => Inner.Names;

    /// <summary>The number of rows.</summary>
    public int Count => Inner.Count;

    /// <summary>All values, row after row.</summary>
    public ReadOnlySpan<int> Values => Inner.Values;

    /// <summary>One row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer rows.</exception>
    public LabelsRow this[int index] => new(Inner[index]);

    /// <summary>The number of the row with these values, or −1. Found through an index, whatever the number of rows.</summary>
    public int IndexOf(params ReadOnlySpan<int> row) => Inner.Position(row);

    /// <summary>All values in one dimension.</summary>
    /// <exception cref="InvalidValueException">No dimension has this name.</exception>
    public ImmutableArray<int> Column(string name) => Core.LabelsModule.column(name, Inner).OrThrow();

    /// <summary>The rows, in order.</summary>
    public IEnumerator<LabelsRow> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether names and rows are the same, both in the same order.</summary>
    public bool Equals(Labels? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>The number of rows and the names.</summary>
    public override string ToString() => Inner.ToString();
}
