namespace AniSoap.Formats

open AniSoap

/// The formats of this package, HDF5 and Parquet, as `FeatureFile` finds them where the package is referred to.
[<Sealed>]
type ColumnarFormats() =
    inherit FormatPackage()

    override _.Hdf5 = {
        Read = Hdf5File.read
        ReadMetadata = Hdf5File.readMetadata
        Rows = Hdf5File.rows
        WriteBlocks = Some Hdf5File.write
    }

    override _.Parquet = {
        Read = ParquetFile.read
        ReadMetadata = ParquetFile.readMetadata
        Rows = ParquetFile.rows
        WriteBlocks = None
    }
