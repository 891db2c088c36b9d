namespace AniSoap.CSharp;

/// <summary>The simulation cell: three vectors and the axes along which it repeats. Immutable.</summary>
public sealed class Cell : IEquatable<Cell>
{
    internal Cell(Core.Cell core) => Inner = core;

    /// <summary>A cell. A vector may be zero along an axis that does not repeat.</summary>
    /// <param name="a">The first vector.</param>
    /// <param name="b">The second vector.</param>
    /// <param name="c">The third vector.</param>
    /// <param name="periodicA">Whether the cell repeats along the first vector.</param>
    /// <param name="periodicB">Whether the cell repeats along the second vector.</param>
    /// <param name="periodicC">Whether the cell repeats along the third vector.</param>
    /// <exception cref="InvalidValueException">
    /// A number is not finite, a vector along an axis that repeats is zero, or the vectors span no volume.
    /// </exception>
    public Cell(Vector3 a, Vector3 b, Vector3 c, bool periodicA = true, bool periodicB = true, bool periodicC = true)
        : this(
            Core.CellModule.create(a.ToCore(), b.ToCore(), c.ToCore(), new(periodicA, periodicB, periodicC)).OrThrow()
        ) { }

    /// <summary>No cell: nothing repeats.</summary>
    public static Cell None { get; } = new(Core.CellModule.none);

    /// <summary>A box that repeats along all three axes, with its edges along x, y and z.</summary>
    /// <exception cref="InvalidValueException">An edge is zero or not finite.</exception>
    public static Cell Box(double x, double y, double z) => new(new(x, 0, 0), new(0, y, 0), new(0, 0, z));

    internal Core.Cell Inner { get; }

    /// <summary>The first vector.</summary>
    public Vector3 A => Vector3.Of(Inner.Vectors.Row1);

    /// <summary>The second vector.</summary>
    public Vector3 B => Vector3.Of(Inner.Vectors.Row2);

    /// <summary>The third vector.</summary>
    public Vector3 C => Vector3.Of(Inner.Vectors.Row3);

    /// <summary>Whether the cell repeats along its first, second and third vector.</summary>
    public (bool A, bool B, bool C) Periodicity => (Inner.Periodicity.A, Inner.Periodicity.B, Inner.Periodicity.C);

    /// <summary>Whether the cell repeats along any axis.</summary>
    public bool IsPeriodic => Inner.IsPeriodic;

    /// <summary>Whether vectors and periodicity are the same.</summary>
    public bool Equals(Cell? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Cell);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>The vectors and the axes that repeat, on one line.</summary>
    public override string ToString() => $"{A}, {B}, {C}, periodic {Periodicity}";
}
