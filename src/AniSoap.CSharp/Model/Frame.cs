namespace AniSoap.CSharp;

/// <summary>One configuration: particles in the order of the file, and the cell they live in. Immutable.</summary>
[Display.TypeFormatterSource]
public sealed class Frame : Display.IWrapped
{
    private readonly Lazy<ImmutableArray<Ellipsoid>> particles;

    internal Frame(Core.Frame core)
    {
        Inner = core;
        Cell = new Cell(core.Cell);
        // Most frames go from a file into a projection, and nobody looks at their particles.
        particles = new(() => [.. core.Particles.Select(particle => new Ellipsoid(particle))]);
    }

    /// <summary>A frame. It may be empty.</summary>
    /// <param name="particles">The particles, in order.</param>
    /// <param name="cell">The cell; without one nothing repeats.</param>
    public Frame(IEnumerable<Ellipsoid> particles, Cell? cell = null)
    {
        ArgumentNullException.ThrowIfNull(particles);
        var array = particles.ToImmutableArray();
        Cell = cell ?? Cell.None;
        Inner = Core.FrameModule.create(Cell.Inner, array.Select(particle => particle.Inner));
        this.particles = new(array);
    }

    internal Core.Frame Inner { get; }

    Core.Display.IDisplayed Display.IWrapped.Displayed => Inner;

    /// <summary>The particles, in order.</summary>
    public ImmutableArray<Ellipsoid> Particles => particles.Value;

    /// <summary>The number of particles.</summary>
    public int Count => Inner.Particles.Length;

    /// <summary>The cell.</summary>
    public Cell Cell { get; }

    /// <summary>The species that occur, ascending.</summary>
    public ImmutableArray<int> Species => [.. Core.FrameModule.species(Inner)];

    /// <summary>The number of particles, the cell and the first particles, as a short table.</summary>
    public override string ToString() => Inner.ToString();
}
