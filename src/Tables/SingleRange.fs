namespace AniSoap

open System

/// Whether single precision holds all that a file is made of, judged by the numbers themselves. Singles have seven digits
/// from 1.2e-38 on; what is smaller loses digits and ends as zero. That harms nobody where it is small beside other numbers
/// of the file; where even the largest is not far above it, the file would hold noise or zeros.
[<Sealed>]
type internal SingleRange() =
    /// From here on, what is below the smallest is below the last digit of the largest.
    static let enough = SingleSize.Smallest * 16777216.0

    let mutable size = SingleSize()

    member _.Add(values: ReadOnlySpan<float>) =
        for value in values do
            size.Add value

    /// Refuses what has been added if digits are lost that count beside the largest number.
    member _.Check() : Result<unit, AniSoapError> =
        if size.Largest >= enough || size.Lost = 0.0 then
            Ok()
        else
            Error(
                AniSoapError.invalid
                    "value"
                    size.Lost
                    "in single precision numbers of 1.2e-38 and more in size, where none is above 2e-31; choose double precision or another unit of length"
            )

/// The same of parts of a file that stand for themselves, such as a block or a column, whose numbers come one at a time.
[<Sealed>]
type internal SingleParts(count: int) =
    let sizes = Array.zeroCreate<SingleSize> count

    member _.Add(part: int, value: float) = sizes[part].Add value

    /// The first part whose numbers are all zeros or too small, and its largest.
    member _.Vanishing: struct (int * float) voption =
        match sizes |> Array.tryFindIndex (fun size -> size.Vanishing > 0.0) with
        | Some part -> ValueSome(struct (part, sizes[part].Vanishing))
        | None -> ValueNone
