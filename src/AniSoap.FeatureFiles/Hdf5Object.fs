namespace AniSoap.Formats

open AniSoap

/// A filter that chunks have gone through before they were written.
type internal Hdf5Filter = { Id: int; Name: string; Values: uint32 list }

/// Where a chunk is: nowhere (address −1), or so many bytes at an address, past the filters whose bit is set.
[<Struct>]
type internal Hdf5Chunk = { Address: uint64; Bytes: uint64; Skipped: uint32 }

/// How the elements of a dataset are kept.
[<RequireQualifiedAccess>]
type internal Hdf5Storage =
    /// None were written.
    | Nowhere
    /// In the header itself.
    | Inside of byte[]
    /// One after another from an address.
    | Together of address: uint64
    /// In boxes of a shape, whose places are told in the order of the boxes, the last axis fastest.
    | Boxes of shape: int list * chunks: Hdf5Chunk[] * edgesUnfiltered: bool

/// A dataset: what its elements are, how many, and where.
type internal Hdf5Data = {
    /// The type of numbers and whether their bytes are big-endian, or the words for what they are instead.
    Type: Result<struct (ScalarType * bool), string>
    /// Bytes of an element.
    Size: int
    Shape: uint64 list
    Filters: Hdf5Filter list
    Storage: Hdf5Storage
    /// The bytes of an element that was not written; empty for zeros.
    Fill: byte[]
}

/// The values of an attribute, as far as files of features have any.
[<RequireQualifiedAccess>]
type internal Hdf5Attribute =
    | Texts of string list
    | Whole of int64
    | Others

/// A group or a dataset: its children by name in the order of the file, and its attributes.
type internal Hdf5Object = {
    Links: (string * Hdf5Object) list
    Attributes: Map<string, Hdf5Attribute>
    Data: Hdf5Data option
}
