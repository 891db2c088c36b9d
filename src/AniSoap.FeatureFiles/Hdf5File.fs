namespace AniSoap.Formats

open AniSoap

/// HDF5 files of features, which h5py, MATLAB and others read: numbers and labels as datasets, compressed, and metadata as
/// an attribute (see docs/formats/hdf5.md).
module Hdf5File =
    /// Reads a table or blocks that were written here.
    let read (path: string) : Result<FeatureSet, AniSoapError> = Hdf5Reading.reading path Hdf5Reading.features

    /// Reads the metadata alone.
    let readMetadata (path: string) : Result<Map<string, string>, AniSoapError> =
        Hdf5Reading.reading path (fun _ file -> Hdf5Reading.metadata file)

    /// Writes blocks by key with their gradients. The file appears whole or not at all.
    let write (options: WriteOptions) (path: string) (map: TensorMap) : Result<unit, AniSoapError> =
        AtomicFile.write options.Existing path (fun stream ->
            Foreign.writing "HDF5" path (fun () ->
                Hdf5Writing.map options.Precision map
                |> Result.map (fun file ->
                    Hdf5PackFilters.register ()
                    use writer = file.BeginWrite stream
                    ignore writer)))

    /// Starts a table. Rows wait in files beside the target until it is completed, since HDF5 wants their number first;
    /// memory does not grow with them.
    let rows (existing: Existing) (path: string) (layout: TableLayout) : Result<TableWriter, AniSoapError> =
        TableWriter.Start(existing, path, layout, (fun file -> Ok(new Hdf5Rows(layout, file))))
