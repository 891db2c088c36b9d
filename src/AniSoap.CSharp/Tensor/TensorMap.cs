namespace AniSoap.CSharp;

/// <summary>
/// Blocks by key: every row of <see cref="Keys"/> names the block at the same place. Immutable.
/// <c>foreach (var (key, block) in map)</c> goes through both.
/// </summary>
[Display.TypeFormatterSource]
public sealed class TensorMap : IEnumerable<KeyValuePair<LabelsRow, TensorBlock>>, Display.IWrapped
{
    internal TensorMap(Core.TensorMap inner)
    {
        Inner = inner;
        Keys = new Labels(inner.Keys);
        Blocks = [.. inner.Blocks.Select(block => new TensorBlock(block))];
    }

    /// <summary>A map of blocks.</summary>
    /// <param name="keys">A key for every block.</param>
    /// <param name="blocks">The blocks, in the order of the keys.</param>
    /// <param name="info">What is known about the whole, as texts by name.</param>
    /// <exception cref="InvalidValueException">
    /// Keys and blocks are not the same number, or the blocks differ in the names of samples, components or properties.
    /// </exception>
    public TensorMap(Labels keys, IEnumerable<TensorBlock> blocks, IReadOnlyDictionary<string, string>? info = null)
        : this(
            Core.TensorMapModule.withInfo(
                (info ?? ImmutableDictionary<string, string>.Empty).ToMap(text => text),
                Core.TensorMapModule.create(keys.Inner, blocks.Select(block => block.Inner)).OrThrow()
            )
        ) { }

    internal Core.TensorMap Inner { get; }

    Core.Display.IDisplayed Display.IWrapped.Displayed => Inner;

    /// <summary>The names of the blocks.</summary>
    public Labels Keys { get; }

    /// <summary>The blocks, in the order of the keys.</summary>
    public ImmutableArray<TensorBlock> Blocks { get; }

    /// <summary>What is known about the whole: hyperparameters, versions, units, as texts by name.</summary>
    public IReadOnlyDictionary<string, string> Info => Inner.Info;

    /// <summary>The number of blocks.</summary>
    public int Count => Blocks.Length;

    /// <summary>One block by its number.</summary>
    public TensorBlock this[int index] => Blocks[index];

    /// <summary>
    /// The one block whose key has these values in these dimensions: <c>map.Block(("o3_lambda", 2), ("center_type", 1))</c>.
    /// </summary>
    /// <exception cref="InvalidValueException">No block has them, several have, or a dimension is unknown.</exception>
    public TensorBlock Block(params IEnumerable<(string Name, int Value)> key) =>
        new(Core.TensorMapModule.block(ToCore(key), Inner).OrThrow());

    /// <summary>The blocks whose keys have these values in these dimensions, with their keys.</summary>
    /// <exception cref="InvalidValueException">A dimension is unknown.</exception>
    public TensorMap Subset(params IEnumerable<(string Name, int Value)> key) =>
        new(Core.TensorMapModule.select(ToCore(key), Inner).OrThrow());

    /// <summary>
    /// Makes dimensions of the keys dimensions of the properties, put before the blocks' own: one block for all keys that agree in the rest.
    /// Its samples are those of all its blocks, sorted, with zeros where a block has not got a sample.
    /// </summary>
    /// <exception cref="InvalidValueException">A dimension is unknown, or the blocks' components differ.</exception>
    public TensorMap KeysToProperties(params IEnumerable<string> names) =>
        new(Core.TensorMapModule.keysToProperties(ListModule.OfSeq(names), Inner).OrThrow());

    /// <summary>
    /// Makes dimensions of the keys dimensions of the samples, put after the blocks' own: one block for all keys that agree in the rest.
    /// </summary>
    /// <exception cref="InvalidValueException">A dimension is unknown, or the blocks' properties or components differ.</exception>
    public TensorMap KeysToSamples(params IEnumerable<string> names) =>
        new(Core.TensorMapModule.keysToSamples(ListModule.OfSeq(names), Inner).OrThrow());

    /// <summary>For every key, the samples of all maps one below the other; the info is the first map's.</summary>
    /// <exception cref="InvalidValueException">There is no map, or keys, properties or components differ, or a sample stands twice.</exception>
    public static TensorMap JoinSamples(params IEnumerable<TensorMap> maps) =>
        new(Core.TensorMapModule.joinSamples(maps.Select(map => map.Inner)).OrThrow());

    /// <summary>Reads a metatensor file (<c>.mts</c>).</summary>
    /// <exception cref="InaccessibleFileException">The file cannot be opened or read.</exception>
    /// <exception cref="MalformedDataException">It is not such a file.</exception>
    public static TensorMap Read(string path) => new(Core.Mts.read(path).OrThrow());

    /// <summary>Writes a metatensor file (<c>.mts</c>), which appears whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether a file that exists is replaced.</param>
    /// <exception cref="InaccessibleFileException">The file cannot be written, or exists and may not be replaced.</exception>
    public void Write(string path, bool overwrite = false) =>
        Core.Mts.write(Core.Precision.Double, overwrite, path, Inner).OrThrow();

    /// <summary>Keys and blocks, in order.</summary>
    public IEnumerator<KeyValuePair<LabelsRow, TensorBlock>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return new(Keys[i], Blocks[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Every block's key and the lengths of its axes, as a short table.</summary>
    public override string ToString() => Inner.ToString();

    private static FSharpList<Tuple<string, int>> ToCore(IEnumerable<(string Name, int Value)> key) =>
        ListModule.OfSeq(key.Select(pair => Tuple.Create(pair.Name, pair.Value)));
}
