namespace AniSoap.CSharp;

/// <summary>A matrix of 3 × 3 doubles.</summary>
/// <param name="Row1">The first row.</param>
/// <param name="Row2">The second row.</param>
/// <param name="Row3">The third row.</param>
public readonly record struct Matrix3(Vector3 Row1, Vector3 Row2, Vector3 Row3)
{
    /// <summary>The three rows, in the same form whatever the reader's culture.</summary>
    public override string ToString() => FormattableString.Invariant($"({Row1}, {Row2}, {Row3})");

    internal static Matrix3 Of(Core.Matrix3 m) => new(Vector3.Of(m.Row1), Vector3.Of(m.Row2), Vector3.Of(m.Row3));
}
