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

/// How large numbers are, one after another, beside what single precision holds.
[<Struct; NoComparison; NoEquality>]
type internal SingleSize =
    val mutable private largest: float
    // One that loses digits; 0 as long as there is none, for zero loses nothing.
    val mutable private lost: float

    /// The smallest single that has all its digits; what is smaller loses them and ends as zero.
    static member Smallest = 1.17549435e-38

    member size.Add(value: float) =
        let magnitude = abs value

        if magnitude > size.largest then
            size.largest <- magnitude

        if magnitude < SingleSize.Smallest && float (single value) <> value then
            size.lost <- value

    /// The size of the largest.
    member size.Largest = size.largest

    /// The last that loses digits, 0 where none does.
    member size.Lost = size.lost

    /// The size of the largest where all are zeros or too small and digits are lost; else 0.
    member size.Vanishing =
        if size.lost <> 0.0 && size.largest < SingleSize.Smallest then
            size.largest
        else
            0.0

/// How many bits a written number has.
module Precision =
    let internal tooLarge (value: float) =
        AniSoapError.invalid "value" value "in single precision, up to 3.4e38; use double precision"

    let internal tooSmall (what: string) (value: float) =
        AniSoapError.invalid
            ("largest value of " + what)
            value
            "in single precision 1.2e-38 and more in size; choose double precision or another unit of length"

    /// The size of the largest of values that are all zeros or too small for a single, where digits are lost; 0 where nothing is.
    let internal vanishing (values: ReadOnlySpan<float>) : float =
        let mutable size = SingleSize()

        for value in values do
            size.Add value

        size.Vanishing

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
        else
            let largest =
                if precision = Precision.Single then
                    vanishing values
                else
                    0.0

            if largest > 0.0 then
                Error(tooSmall "a row or block" largest)
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
