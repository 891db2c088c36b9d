namespace AniSoap.Formats

open System

/// A file that an output is written to: `AtomicFile`.
type IOutputFile =
    inherit IDisposable

    /// The name that it will have.
    abstract Path: string

namespace AniSoap

open System
open AniSoap.Formats

/// What becomes of a file that has the name of the one to be written.
[<RequireQualifiedAccess; NoComparison>]
type Existing =
    /// It stays, and nothing is written.
    | Keep
    /// The new file takes its place, once it is complete.
    | Replace
    /// The file to be written was begun before the work for it, so as to know that it can be: it is among these. A file of another name (what
    /// stands beside a table) is treated as these were.
    | Begun of IOutputFile list

/// How many bits a written number has.
[<RequireQualifiedAccess>]
type Precision =
    /// Eight bytes, all digits.
    | Double
    /// Four bytes, seven digits.
    | Single

/// How many bits a written number has.
module Precision =
    let internal tooLarge (value: float) =
        AniSoapError.invalid "value" value "in single precision, up to 3.4e38; use double precision"

    /// Whether numbers can be written so: the first that is too large for a single is an error.
    let check (precision: Precision) (values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        let mutable worst = nan

        if precision = Precision.Single then
            for i in values.Length - 1 .. -1 .. 0 do
                if Single.IsInfinity(single values[i]) then
                    worst <- values[i]

        if Double.IsNaN worst then Ok() else Error(tooLarge worst)

/// How a file of features is written.
[<NoComparison>]
type WriteOptions = {
    /// What becomes of a file of that name.
    Existing: Existing
    /// Doubles or singles.
    Precision: Precision
}

/// How a file of features is written.
module WriteOptions =
    /// Doubles, and no file is replaced.
    let defaults: WriteOptions = { Existing = Existing.Keep; Precision = Precision.Double }

    /// The same, and a file of that name is replaced.
    let replacing: WriteOptions = { defaults with Existing = Existing.Replace }
