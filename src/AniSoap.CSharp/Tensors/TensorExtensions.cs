namespace AniSoap.CSharp;

/// <summary>Arrays whose axes are labelled: labels, blocks of numbers, and maps of blocks by key.</summary>
public static class TensorExtensions
{
    extension(Labels labels)
    {
        /// <summary>Labels from names (letters, digits and _, all different) and rows with a value for every name, all different.</summary>
        /// <exception cref="InvalidValueException">Names or rows are not like that.</exception>
        public static Labels Create(IEnumerable<string> names, IEnumerable<IEnumerable<int>> rows) =>
            LabelsModule.create(names, rows).OrThrow();

        /// <inheritdoc cref="LabelsModule.column"/>
        /// <exception cref="InvalidValueException">No dimension has this name.</exception>
        public ImmutableArray<int> Column(string name) => LabelsModule.column(name, labels).OrThrow();
    }

    extension(TensorBlock block)
    {
        /// <summary>A block of a copy of the values, samples × components … × properties, properties fastest.</summary>
        /// <exception cref="InvalidValueException">The number of values is not that of the labels.</exception>
        public static TensorBlock Create(
            Labels samples,
            Labels properties,
            ReadOnlySpan<double> values,
            params IEnumerable<Labels> components
        ) => TensorBlockModule.create(samples, components, properties, values.ToArray()).OrThrow();
    }

    extension(TensorMap map)
    {
        /// <summary>A map of a block for every key, with what is known about the whole as texts by name.</summary>
        /// <exception cref="InvalidValueException">Keys and blocks are not the same number, or the blocks differ in their names.</exception>
        public static TensorMap Create(
            Labels keys,
            IEnumerable<TensorBlock> blocks,
            IEnumerable<KeyValuePair<string, string>>? info = null
        ) =>
            TensorMapModule.withInfo(
                new((info ?? []).Select(pair => Tuple.Create(pair.Key, pair.Value))),
                TensorMapModule.create(keys, blocks).OrThrow()
            );

        /// <summary>The one block whose key has these values in these dimensions: <c>map.Block(("o3_lambda", 2), ("center_type", 1))</c>.</summary>
        /// <exception cref="InvalidValueException">No block has them, several have, or a dimension is unknown.</exception>
        public TensorBlock Block(params IEnumerable<(string Name, int Value)> key) =>
            TensorMapModule.block(Pairs(key), map).OrThrow();

        /// <inheritdoc cref="TensorMapModule.select"/>
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

        /// <inheritdoc cref="TensorMapModule.joinSamples"/>
        /// <exception cref="InvalidValueException">There is no map, or keys, properties or components differ, or a sample stands twice.</exception>
        public static TensorMap JoinSamples(params IEnumerable<TensorMap> maps) =>
            TensorMapModule.joinSamples(maps).OrThrow();

        /// <summary>Reads a file of features: blocks by key, or a table as the blocks that it is of; the metadata become the info.</summary>
        /// <exception cref="AniSoapException">The file cannot be read, or does not follow the format of its ending.</exception>
        public static TensorMap Read(string path) => FeatureFile.readMap(path).OrThrow();

        /// <summary>Writes a file of features, which appears whole or not at all: blocks by key, or one table where the format holds no blocks.</summary>
        /// <exception cref="AniSoapException">The file cannot be written, exists and may not be replaced, or its ending is that of no format that can hold the map.</exception>
        public void Write(string path, bool overwrite = false) =>
            FeatureFile
                .writeWith(overwrite ? WriteOptionsModule.replacing : WriteOptionsModule.defaults, path, map)
                .OrThrow();
    }

    private static FSharpList<Tuple<string, int>> Pairs(IEnumerable<(string Name, int Value)> key) =>
        ListModule.OfSeq(key.Select(pair => pair.ToTuple()));
}
