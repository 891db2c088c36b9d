namespace AniSoap

open System.Collections.Immutable

/// A value that belongs to a whole frame: a scalar, a list, or rows of lists.
[<NoComparison>]
type InfoValue =
    | Integer of int64
    | Real of float
    | Logical of bool
    | Text of string
    | Integers of ImmutableArray<int64>
    | Reals of ImmutableArray<float>
    | Logicals of ImmutableArray<bool>
    | Texts of ImmutableArray<string>
    | Rows of ImmutableArray<InfoValue>
