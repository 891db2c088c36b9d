namespace AniSoap.CSharp;

/// <summary>
/// An array of doubles whose axes are labelled: samples × components … × properties, properties fastest. Immutable: what it hands
/// out are views of its memory that cannot be written to, without a copy.
/// </summary>
[Display.TypeFormatterSource]
public sealed class TensorBlock : Display.IWrapped
{
    private readonly Lazy<IReadOnlyDictionary<string, TensorBlock>> gradients;

    internal TensorBlock(Core.TensorBlock inner)
    {
        Inner = inner;
        Samples = new Labels(inner.Samples);
        Components = [.. inner.Components.Select(labels => new Labels(labels))];
        Properties = new Labels(inner.Properties);
        gradients = new(() =>
            inner.Gradients.ToImmutableDictionary(pair => pair.Key, pair => new TensorBlock(pair.Value))
        );
    }

    /// <summary>A block of a copy of the values.</summary>
    /// <param name="samples">The names of the rows.</param>
    /// <param name="properties">The names of the columns.</param>
    /// <param name="values">All values, samples × components … × properties, properties fastest.</param>
    /// <param name="components">The names along the axes in between, if there are any.</param>
    /// <exception cref="InvalidValueException">The number of values is not that of the labels.</exception>
    public TensorBlock(
        Labels samples,
        Labels properties,
        ReadOnlySpan<double> values,
        IEnumerable<Labels>? components = null
    )
        : this(
            Core.TensorBlockModule.create(
                    samples.Inner,
                    (components ?? []).Select(labels => labels.Inner),
                    properties.Inner,
                    values.ToArray()
                )
                .OrThrow()
        ) { }

    internal Core.TensorBlock Inner { get; }

    Core.Display.IDisplayed Display.IWrapped.Displayed => Inner;

    /// <summary>The names of the rows.</summary>
    public Labels Samples { get; }

    /// <summary>The names along each axis between samples and properties: for expansion coefficients one, <c>o3_mu</c>; for spectra none.</summary>
    public ImmutableArray<Labels> Components { get; }

    /// <summary>The names of the columns.</summary>
    public Labels Properties { get; }

    /// <summary>The lengths of all axes: samples, components …, properties.</summary>
    public ImmutableArray<int> Shape => Inner.Shape;

    /// <summary>All values, properties fastest.</summary>
    public ReadOnlySpan<double> Values => Inner.Values;

    /// <summary>All values, for where a span cannot go: fields, async methods, lambdas.</summary>
    public ReadOnlyMemory<double> Memory => Inner.Memory;

    /// <summary>The gradients of the values by the name of what they are taken by, if any were computed.</summary>
    public IReadOnlyDictionary<string, TensorBlock> Gradients => gradients.Value;

    /// <summary>The properties of one sample and one component.</summary>
    /// <param name="sample">The number of the sample.</param>
    /// <param name="component">The number of the component, all components counted as one axis, the last fastest.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer.</exception>
    public ReadOnlySpan<double> Row(int sample, int component = 0) => Inner.Row(sample, component);

    /// <summary>One value of a block without components.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer samples.</exception>
    /// <exception cref="IndexOutOfRangeException">There are fewer properties.</exception>
    /// <exception cref="InvalidOperationException">The block has components.</exception>
    public double this[int sample, int property] => Inner[sample, property];

    /// <summary>One value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer samples or components.</exception>
    /// <exception cref="IndexOutOfRangeException">There are fewer properties.</exception>
    public double this[int sample, int component, int property] => Inner[sample, component, property];

    /// <summary>The lengths of the axes and their names.</summary>
    public override string ToString() => Inner.ToString();
}
