namespace AniSoap.CSharp;

/// <summary>Arrays whose axes are labelled: labels, blocks of numbers, and maps of blocks by key.</summary>
public static class TensorExtensions
{
    extension(Labels labels)
    {
        /// <summary>Labels from names and rows.</summary>
        /// <param name="names">The names of the dimensions: letters, digits and _, all different.</param>
        /// <param name="rows">Rows with a value for every name, all different.</param>
        /// <exception cref="InvalidValueException">Names or rows are not like that.</exception>
        public static Labels Create(IEnumerable<string> names, IEnumerable<IEnumerable<int>> rows) =>
            LabelsModule.create(names, rows).OrThrow();

        /// <summary>The number of the row with these values, or −1. Found through an index, whatever the number of rows.</summary>
        public int IndexOf(params ReadOnlySpan<int> row) => labels.Position(row);

        /// <summary>All values in one dimension.</summary>
        /// <exception cref="InvalidValueException">No dimension has this name.</exception>
        public ImmutableArray<int> Column(string name) => LabelsModule.column(name, labels).OrThrow();
    }

    extension(TensorBlock block)
    {
        /// <summary>A block of a copy of the values.</summary>
        /// <param name="samples">The names of the rows.</param>
        /// <param name="properties">The names of the columns.</param>
        /// <param name="values">All values, samples × components … × properties, properties fastest.</param>
        /// <param name="components">The names along the axes in between, if there are any.</param>
        /// <exception cref="InvalidValueException">The number of values is not that of the labels.</exception>
        public static TensorBlock Create(
            Labels samples,
            Labels properties,
            ReadOnlySpan<double> values,
            params IEnumerable<Labels> components
        ) => TensorBlockModule.create(samples, components, properties, values.ToArray()).OrThrow();

        /// <summary>The properties of one sample (and of the first component, where there are components).</summary>
        /// <exception cref="ArgumentOutOfRangeException">There are fewer samples.</exception>
        public ReadOnlySpan<double> Row(int sample) => block.Row(sample, 0);
    }

    extension(TensorMap map)
    {
        /// <summary>A map of blocks.</summary>
        /// <param name="keys">A key for every block.</param>
        /// <param name="blocks">The blocks, in the order of the keys.</param>
        /// <param name="info">What is known about the whole, as texts by name.</param>
        /// <exception cref="InvalidValueException">Keys and blocks are not the same number, or the blocks differ in their names.</exception>
        public static TensorMap Create(
            Labels keys,
            IEnumerable<TensorBlock> blocks,
            IEnumerable<KeyValuePair<string, string>>? info = null
        ) => TensorMapModule.withInfo((info ?? []).ToMap(), TensorMapModule.create(keys, blocks).OrThrow());

        /// <summary>The one block whose key has these values in these dimensions: <c>map.Block(("o3_lambda", 2), ("center_type", 1))</c>.</summary>
        /// <exception cref="InvalidValueException">No block has them, several have, or a dimension is unknown.</exception>
        public TensorBlock Block(params IEnumerable<(string Name, int Value)> key) =>
            TensorMapModule.block(Pairs(key), map).OrThrow();

        /// <summary>The blocks whose keys have these values in these dimensions, with their keys.</summary>
        /// <exception cref="InvalidValueException">A dimension is unknown.</exception>
        public TensorMap Subset(params IEnumerable<(string Name, int Value)> key) =>
            TensorMapModule.select(Pairs(key), map).OrThrow();

        /// <inheritdoc cref="TensorMapModule.keysToProperties"/>
        /// <exception cref="InvalidValueException">A dimension is unknown, or the blocks' components differ.</exception>
        public TensorMap KeysToProperties(params IEnumerable<string> names) =>
            TensorMapModule.keysToProperties(ListModule.OfSeq(names), map).OrThrow();

        /// <inheritdoc cref="TensorMapModule.keysToSamples"/>
        /// <exception cref="InvalidValueException">A dimension is unknown, or the blocks' properties or components differ.</exception>
        public TensorMap KeysToSamples(params IEnumerable<string> names) =>
            TensorMapModule.keysToSamples(ListModule.OfSeq(names), map).OrThrow();

        /// <summary>For every key, the samples of all maps one below the other; the info is the first map's.</summary>
        /// <exception cref="InvalidValueException">There is no map, or keys, properties or components differ, or a sample stands twice.</exception>
        public static TensorMap JoinSamples(params IEnumerable<TensorMap> maps) =>
            TensorMapModule.joinSamples(maps).OrThrow();

        /// <summary>Reads a file of features: blocks by key, or a table as the blocks that it is of; the metadata become the info.</summary>
        /// <param name="path">The file; its ending is its format: <c>.mts</c>, <c>.npz</c>, <c>.csv</c>, …</param>
        /// <exception cref="InaccessibleFileException">The file cannot be opened or read.</exception>
        /// <exception cref="MalformedDataException">It does not follow its format.</exception>
        public static TensorMap Read(string path) => FeatureFile.readMap(path).OrThrow();

        /// <summary>Writes a file of features, which appears whole or not at all: blocks by key, or one table where the format holds no blocks.</summary>
        /// <param name="path">The file; its ending is its format: <c>.mts</c>, <c>.npz</c>, <c>.csv</c>, …</param>
        /// <param name="overwrite">Whether a file that exists is replaced.</param>
        /// <exception cref="InaccessibleFileException">The file cannot be written, or exists and may not be replaced.</exception>
        /// <exception cref="InvalidValueException">The ending is that of no format, or of one that cannot hold the map.</exception>
        public void Write(string path, bool overwrite = false) =>
            FeatureFile
                .writeWith(overwrite ? WriteOptionsModule.replacing : WriteOptionsModule.defaults, path, map)
                .OrThrow();
    }

    extension(FeatureFile)
    {
        /// <inheritdoc cref="FeatureFile.merge"/>
        /// <param name="output">The file; its ending is its format.</param>
        /// <param name="paths">The files, in their order.</param>
        /// <param name="overwrite">Whether a file that exists is replaced.</param>
        /// <exception cref="AniSoapException">A file cannot be read or written, or columns or hyperparameters differ.</exception>
        public static void Merge(string output, IEnumerable<string> paths, bool overwrite = false) =>
            FeatureFile.merge(overwrite ? Existing.Replace : Existing.Keep, output, paths).OrThrow();

        /// <inheritdoc cref="FeatureFile.append"/>
        /// <param name="path">The file that is added to.</param>
        /// <param name="more">The files whose rows it gets, in their order.</param>
        /// <exception cref="AniSoapException">A file cannot be read or written, or columns or hyperparameters differ.</exception>
        public static void Append(string path, params IEnumerable<string> more) =>
            FeatureFile.append(path, more).OrThrow();
    }

    private static FSharpList<Tuple<string, int>> Pairs(IEnumerable<(string Name, int Value)> key) =>
        ListModule.OfSeq(key.Select(pair => pair.ToTuple()));
}
