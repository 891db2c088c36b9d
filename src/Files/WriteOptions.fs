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

    /// The smallest single that has all its digits; what is smaller loses them and ends as zero.
    let internal smallest = 1.17549435e-38

    let internal tooSmall (what: string) (value: float) =
        AniSoapError.invalid
            ("largest value of " + what)
            value
            "in single precision 1.2e-38 and more in size; choose double precision or another unit of length"

    /// The size of the largest of values that are all zeros or too small for a single, where digits are lost; 0 where nothing is.
    let internal vanishing (values: ReadOnlySpan<float>) : float =
        let mutable largest = 0.0
        let mutable isLost = false

        for value in values do
            let size = abs value

            if size > largest then
                largest <- size

            if size < smallest && float (single value) <> value then
                isLost <- true

        if isLost && largest < smallest then largest else 0.0

    /// Whether numbers that are a row or a block can be written so. Errors are the first that is too large for a single, and
    /// numbers that are all too small for one, though not all zero.
    let check (precision: Precision) (values: ReadOnlySpan<float>) : Result<unit, AniSoapError> =
        let mutable worst = nan

        if precision = Precision.Single then
            for i in values.Length - 1 .. -1 .. 0 do
                if Single.IsInfinity(single values[i]) then
                    worst <- values[i]

        if not (Double.IsNaN worst) then
            Error(tooLarge worst)
        elif precision = Precision.Single && vanishing values > 0.0 then
            Error(tooSmall "a row or block" (vanishing values))
        else
            Ok()

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
