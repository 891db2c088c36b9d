namespace AniSoap

open System

/// Whether single precision holds all that a file is made of, judged by the numbers themselves. Singles have seven digits
/// from 1.2e-38 on; what is smaller loses digits and ends as zero. That harms nobody where it is small beside other numbers
/// of the file; where even the largest is not far above it, the file would hold noise or zeros.
[<Sealed>]
type internal SingleRange() =
    static let smallest = Precision.smallest

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

/// The same of parts of a file that stand for themselves, such as a block or a column, whose numbers come one at a time.
[<Sealed>]
type internal SingleParts(count: int) =
    let largest = Array.zeroCreate<float> count
    let isLost = Array.zeroCreate<bool> count

    member _.Add(part: int, value: float) =
        let size = abs value

        if size > largest[part] then
            largest[part] <- size

        if size < Precision.smallest && float (single value) <> value then
            isLost[part] <- true

    /// The first part whose numbers are all zeros or too small, and its largest.
    member _.Vanishing: struct (int * float) voption =
        let found =
            Seq.init count id
            |> Seq.tryFind (fun part -> isLost[part] && largest[part] < Precision.smallest)

        match found with
        | Some part -> ValueSome(struct (part, largest[part]))
        | None -> ValueNone
