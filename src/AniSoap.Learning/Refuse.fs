namespace AniSoap.Learning

open System.Globalization
open AniSoap

/// Refusals, and how steps that may refuse follow each other.
module internal Refuse =
    let because (parameter: string) (value: string) (accepted: string) : Result<'a, AniSoapError> =
        Error(InvalidValue(parameter, value, accepted, Place.Unknown))

    let text (value: float) = value.ToString("R", CultureInfo.InvariantCulture)

    let number parameter (value: float) accepted : Result<'a, AniSoapError> = because parameter (text value) accepted

    let count parameter (value: int) accepted : Result<'a, AniSoapError> =
        because parameter (value.ToString CultureInfo.InvariantCulture) accepted

    /// Nothing where the condition holds, else the refusal.
    let unless (condition: bool) (refusal: unit -> Result<unit, AniSoapError>) : Result<unit, AniSoapError> =
        if condition then Ok() else refusal ()

/// Steps that may refuse, one after the other.
type internal Attempt() =
    member _.Bind(result, next) = Result.bind next result
    member _.Return value : Result<'a, AniSoapError> = Ok value
    member _.ReturnFrom(result: Result<'a, AniSoapError>) = result
    member _.Zero() : Result<unit, AniSoapError> = Ok()

[<AutoOpen>]
module internal AttemptBuilder =
    let attempt = Attempt()
