namespace AniSoap

open System.Collections.Immutable

/// A value that belongs to a whole frame: a scalar, a list, or rows of lists.
[<RequireQualifiedAccess; NoComparison>]
type InfoValue =
    /// A whole number.
    | Integer of int64
    /// A real number.
    | Real of float
    /// A truth value.
    | Logical of bool
    /// A text.
    | Text of string
    /// A list of whole numbers.
    | Integers of ImmutableArray<int64>
    /// A list of real numbers.
    | Reals of ImmutableArray<float>
    /// A list of truth values.
    | Logicals of ImmutableArray<bool>
    /// A list of texts.
    | Texts of ImmutableArray<string>
    /// A list of lists, all of one length.
    | Rows of ImmutableArray<InfoValue>
