namespace AniSoap.Formats

open System.IO
open AniSoap

/// Who reads and writes a format of files of features.
[<NoComparison; NoEquality>]
type TableFormat = {
    /// Reads a file whole.
    Read: string -> Result<FeatureSet, AniSoapError>
    /// Reads what stands beside the numbers.
    ReadMetadata: string -> Result<Map<string, string>, AniSoapError>
    /// Starts a table.
    Rows: Existing -> string -> TableLayout -> Result<TableWriter, AniSoapError>
    /// Writes blocks by key with their gradients, where the format holds them.
    WriteBlocks: (WriteOptions -> string -> TensorMap -> Result<unit, AniSoapError>) option
}

/// What a format of another assembly needs of this one.
module TableFormat =
    /// Opens a file and reads it with `read`; what the system refuses becomes an error that names the file.
    let reading (path: string) (read: FileStream -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        Files.reading path read

/// The formats of the package AniSoap.FeatureFiles, which brings the libraries for them. `FeatureFile` finds it by its
/// name where a program refers to it.
[<AbstractClass>]
type FormatPackage() =
    /// HDF5.
    abstract Hdf5: TableFormat
    /// Parquet.
    abstract Parquet: TableFormat
