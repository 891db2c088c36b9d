namespace AniSoap

open System
open System.IO

/// What stands beside the numbers in any file that this package writes.
module SavedMetadata =
    /// Reads the metadata of an `.npz`, `.mts` or `.csv` file, by its ending.
    let read (path: string) : Result<Map<string, string>, AniSoapError> =
        match (string (Path.GetExtension path)).ToLowerInvariant() with
        | ".npz" -> Npz.readMetadata path
        | ".mts" -> Mts.readInfo path
        | ".csv" -> Csv.readMetadata path
        | other -> Error(AniSoapError.invalid $"ending of {path}" other ".npz, .mts or .csv, which hold metadata")
