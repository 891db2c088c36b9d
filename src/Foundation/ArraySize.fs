namespace AniSoap

open System

/// Sizes of arrays: products of numbers that are each harmless, counted in 64 bits and refused by name where no array can be so long.
module internal ArraySize =
    /// Most elements of an array.
    let most = int64 Array.MaxLength

    /// The product, or the largest 64-bit number where it is larger.
    let product (factors: int64 seq) : int64 =
        let multiply (a: int64) (b: int64) =
            if a = 0L || b = 0L then 0L
            elif a > Int64.MaxValue / b then Int64.MaxValue
            else a * b

        Seq.fold multiply 1L factors

    /// The sum, or the largest 64-bit number where it is larger.
    let sum (terms: int64 seq) : int64 =
        terms
        |> Seq.fold (fun a b -> if a > Int64.MaxValue - b then Int64.MaxValue else a + b) 0L

    /// A quarter more than is needed, so that what grows does not need another array each time; no more than the limit, unless so much is needed.
    let withRoom (limit: int64) (needed: int) : int =
        int (min (int64 needed + int64 needed / 4L) (max (int64 needed) limit))

    /// The product as the size of an array. `what` is how many of what.
    let check (what: string) (factors: int64 list) : Result<int, AniSoapError> =
        let size = product factors

        if size <= most then
            Ok(int size)
        else
            AniSoapError.invalid
                what
                (String.Join(" × ", factors))
                (String.Concat("at most ", string most, " numbers in one array"))
            |> Error
