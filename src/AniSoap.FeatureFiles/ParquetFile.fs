namespace AniSoap.Formats

open AniSoap

/// Parquet files of a table of features, which pandas, polars, DuckDB and R read: a column for each name of a sample and for
/// each feature, called after its labels (see docs/formats/parquet.md).
module ParquetFile =
    /// Reads a table that was written here.
    let read (path: string) : Result<FeatureSet, AniSoapError> = ParquetReading.reading path ParquetReading.table

    /// Reads the metadata alone.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        ParquetReading.reading path (fun _ description -> ParquetReading.metadata description)

    /// Starts a table. Memory holds one group of rows, 32 MB at most. A table needs at least one property.
    let rows (existing: Existing) (path: string) (layout: TableLayout) : Result<TableWriter, AniSoapError> =
        if layout.Properties.Count = 0 then
            Error(AniSoapError.invalid "properties" 0 "at least one column of features")
        else
            TableWriter.Start(existing, path, layout, (fun file -> Ok(new ParquetRows(layout, file))))
