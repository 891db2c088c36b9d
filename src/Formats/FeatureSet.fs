namespace AniSoap.Formats

open AniSoap

/// What a file of features holds.
[<RequireQualifiedAccess; ReferenceEquality>]
type FeatureContent =
    /// A row for each sample, a column for each property; no components.
    | Table of TensorBlock
    /// Blocks by key.
    | Blocks of TensorMap

/// A file of features, read whole.
[<ReferenceEquality>]
type FeatureSet = {
    /// The features: a table, or blocks by key.
    Content: FeatureContent
    /// What stood beside the numbers: hyperparameters, species, version, inputs.
    Metadata: Map<string, string>
    /// The types that the numbers have in the file; all are doubles once they are read.
    Types: ScalarType list
}

/// A file of features, read whole.
module FeatureSet =
    /// Doubles as a table.
    let internal ofTable (table: TensorBlock) (metadata: Map<string, string>) : FeatureSet = {
        Content = FeatureContent.Table table
        Metadata = metadata
        Types = [ ScalarType.Float64 ]
    }

    /// Blocks by key with their info as metadata, to be written as doubles.
    let ofMap (map: TensorMap) : FeatureSet = {
        Content = FeatureContent.Blocks map
        Metadata = map.Info
        Types = [ ScalarType.Float64 ]
    }

    /// Single precision if that is what the numbers had: nothing is lost and nothing made up.
    let precision (features: FeatureSet) : Precision =
        match features.Types with
        | [ ScalarType.Float32 ] -> Precision.Single
        | _ -> Precision.Double
