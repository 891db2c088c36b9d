namespace AniSoap.Formats

open AniSoap

/// What the rows of a table of features are: the names of the integers that tell a row from others (`frame`,
/// `particle`, …), the labels of its columns, and what is written beside the numbers.
type TableLayout = {
    /// The names of a row's numbers.
    SampleNames: string list
    /// What the columns are.
    Properties: Labels
    /// Doubles or singles.
    Precision: Precision
    /// Texts by name. Where the format holds JSON, a text that is a JSON object or array stands in it as such.
    Metadata: Map<string, string>
}

/// How rows are sorted into the blocks of a TensorMap: the sample dimension `Dimension` of a row is taken out of its
/// sample and names the key (whose other dimensions are the same for all). Keys that no row has get empty blocks.
type internal RowsByKey = {
    /// The keys of the blocks.
    Keys: Labels
    /// The dimension of samples whose number chooses the block.
    Dimension: string
    /// Axes of length one between samples and properties, where the convention wants some.
    Components: Labels list
}
