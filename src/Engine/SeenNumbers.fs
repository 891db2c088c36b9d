namespace AniSoap.Numerics

open System.Collections.Generic
open AniSoap

/// The numbers of frames met so far, as runs of consecutive ones: rows of the same number could not be told apart.
[<Sealed>]
type internal SeenNumbers() =
    // The first number of each run, and the last.
    let runs = SortedList<int, int>()

    /// The place of the last run that begins at or before the number; −1 where there is none.
    let before number =
        let mutable low, high = 0, runs.Count

        while low < high do
            let middle = (low + high) / 2

            if runs.Keys[middle] <= number then
                low <- middle + 1
            else
                high <- middle

        low - 1

    /// Notes a number; false if it was there before.
    member _.Add(number: int) =
        let place = before number

        if place >= 0 && number <= runs.Values[place] then
            false
        else
            if place >= 0 && runs.Values[place] = number - 1 then
                runs[runs.Keys[place]] <- number
            else
                runs.Add(number, number)

            true

    /// What is said of a number that occurs twice.
    static member repeated(number: int) : AniSoapError =
        AniSoapError.invalid "system" number "a different number for every frame"
