namespace AniSoap

open System

/// Whether single precision holds what a file is made of, judged by the numbers themselves. Singles have seven digits
/// from 1.2e-38 on; what is smaller loses digits and ends as zero. That harms nobody where it is small beside other numbers
/// of the file; where even the largest is not far above it, the file would hold noise or zeros.
[<Sealed>]
type internal SingleRange() =
    /// The smallest number of full precision.
    static let smallest = 1.17549435e-38

    /// From here on, what is below the smallest is below the last digit of the largest.
    static let enough = smallest * 16777216.0

    let mutable largest = 0.0
    let mutable lost = nan

    member _.Add(values: ReadOnlySpan<float>) =
        for value in values do
            let size = abs value

            if size > largest then
                largest <- size

            if size < smallest && float (single value) <> value then
                lost <- value

    /// Refuses what has been added if digits are lost that count beside the largest number.
    member _.Check() : Result<unit, AniSoapError> =
        if largest >= enough || Double.IsNaN lost then
            Ok()
        else
            Error(
                AniSoapError.invalid
                    "value"
                    lost
                    "in single precision numbers of 1.2e-38 and more in size, where none is above 2e-31; choose double precision or another unit of length"
            )
