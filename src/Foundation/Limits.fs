namespace AniSoap

open System
open System.Globalization

/// What may be spent before a request is refused instead of begun.
type Limits = {
    /// Most pairs of neighbours in one frame.
    MaxPairs: int64
    /// Most bytes that the library may need at once, beside what it was given.
    MaxMemory: int64
}

/// Limits: their defaults, and what is said where they are passed.
module Limits =
    /// Twenty thousand million pairs (ten million particles of two thousand neighbours each: an hour or more) and 16 GiB.
    let defaults = { MaxPairs = 20_000_000_000L; MaxMemory = 17_179_869_184L }

    /// No limits but those of the machine.
    let none = { MaxPairs = Int64.MaxValue; MaxMemory = Int64.MaxValue }

    /// A large number with three digits, for people.
    let internal show (number: int64) =
        let scaled (unit: float) (name: string) =
            (float number / unit).ToString("G3", CultureInfo.InvariantCulture) + name

        if number < 1_000_000L then
            number.ToString CultureInfo.InvariantCulture
        else
            scaled 1.0 ""

    /// A number of 64 bits, the largest where it is more.
    let internal rounded (number: float) = if number < 9.2e18 then int64 number else Int64.MaxValue

    let internal bytes (number: int64) =
        let names = [| "bytes"; "kB"; "MB"; "GB"; "TB"; "PB"; "EB" |]
        let mutable value = float number
        let mutable unit = 0

        while value >= 999.5 && unit < names.Length - 1 do
            value <- value / 1000.0
            unit <- unit + 1

        value.ToString("G3", CultureInfo.InvariantCulture) + " " + names[unit]

    /// Refuses memory beyond the limit; `what` it is for.
    let internal checkMemory (limits: Limits) (what: string) (needed: int64) : Result<unit, AniSoapError> =
        if needed <= limits.MaxMemory then
            Ok()
        else
            AniSoapError.invalid
                ("memory for " + what)
                ("about " + bytes needed)
                ("at most max_memory = "
                 + limits.MaxMemory.ToString CultureInfo.InvariantCulture
                 + " bytes, which can be raised")
            |> Error

    /// Refuses more pairs than the limit.
    let internal checkPairs (limits: Limits) (cutoff: float) (pairs: int64) : Result<unit, AniSoapError> =
        if pairs <= limits.MaxPairs then
            Ok()
        else
            AniSoapError.invalid
                "pairs of a frame"
                ("about " + show pairs)
                ("at most max_pairs = "
                 + limits.MaxPairs.ToString CultureInfo.InvariantCulture
                 + ", which can be raised (a cutoff radius below "
                 + cutoff.ToString CultureInfo.InvariantCulture
                 + " has fewer)")
            |> Error

type Limits with

    /// `Limits.defaults`.
    static member Defaults = Limits.defaults

    /// `Limits.none`.
    static member None = Limits.none
