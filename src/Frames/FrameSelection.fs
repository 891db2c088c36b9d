namespace AniSoap

open System

/// START:STOP:STEP as Python slices; what is absent has Python's default. The step is not zero.
type internal FrameSlice = private { first: int option; stop: int option; step: int }

/// Frames of an input by number: the union of slices, in the order of the input. No slices at all mean every frame.
type FrameSelection = private { slices: FrameSlice list }

/// Ascending numbers first, first + step, … below stop.
[<Struct>]
type internal FrameRange = { First: int; Stop: int; Step: int }

/// Frames chosen by number.
module FrameSelection =
    /// Every frame.
    let all = { slices = [] }

    /// A slice by its numbers. Refuses a step of zero.
    let internal slice first stop step =
        if step = 0 then
            Error(AniSoapError.invalid "step of a slice" 0 "a whole number that is not zero")
        else
            Ok { first = first; stop = stop; step = step }

    /// The union of slices.
    let internal ofSlices (slices: FrameSlice list) = { slices = slices }

    let private refuse (text: string) =
        Error(
            AniSoapError.invalid
                "frames"
                text
                "START:STOP:STEP of whole numbers, each of which may be left out, or one number"
        )

    let private tryPart (text: string) =
        match WholeNumber.tryInt (text.Trim()) with
        | _ when text.Trim() = "" -> Some None
        // Counting from the end and back must not overflow.
        | true, value when abs (int64 value) < int64 Int32.MaxValue -> Some(Some value)
        | _ -> None

    let private parseSlice (text: string) =
        match text.Split ':' |> Array.map tryPart with
        | [| Some(Some index) |] -> slice (Some index) (if index = -1 then None else Some(index + 1)) 1
        | [| Some first; Some stop |] -> slice first stop 1
        | [| Some first; Some stop; Some step |] -> slice first stop (defaultArg step 1)
        | _ -> refuse text

    /// The selection of a text: slices, or single numbers, with commas between them.
    let parse (text: string) : Result<FrameSelection, AniSoapError> =
        text.Split ','
        |> Result.traverse parseSlice
        |> Result.map (List.ofArray >> ofSlices)

    /// Both selections together.
    let union (a: FrameSelection) (b: FrameSelection) =
        if a.slices.IsEmpty || b.slices.IsEmpty then
            all
        else
            ofSlices (a.slices @ b.slices)

    /// Whether the number of frames must be known before the frames can be told: numbers count from the end, or
    /// steps go backwards.
    let needsCount (selection: FrameSelection) =
        let isNegative = Option.exists (fun number -> number < 0)

        selection.slices
        |> List.exists (fun slice -> slice.step < 0 || isNegative slice.first || isNegative slice.stop)

    /// Python's rules for the bounds of a slice of `count` items.
    let private resolveSlice count slice =
        let clamp low high value = max low (min high value)
        let fromEnd value = if value < 0 then int64 value + int64 count else int64 value

        if slice.step > 0 then
            let bound fallback = Option.map (fromEnd >> clamp 0L (int64 count)) >> Option.defaultValue fallback
            let first = bound 0L slice.first
            let stop = bound (int64 count) slice.stop
            { First = int first; Stop = int stop; Step = slice.step }
        else
            let bound fallback =
                Option.map (fromEnd >> clamp -1L (int64 count - 1L))
                >> Option.defaultValue fallback

            let first = bound (int64 count - 1L) slice.first
            let stop = bound -1L slice.stop
            let step = -(int64 slice.step)

            // Backwards the same frames, taken in the order of the input.
            if first <= stop then
                { First = 0; Stop = 0; Step = 1 }
            else
                let last = first - (first - stop - 1L) / step * step
                { First = int last; Stop = int first + 1; Step = int (min step (int64 Int32.MaxValue)) }

    /// The numbers of an input of `count` frames; an unknown count is as good as a large one where
    /// `needsCount` says so.
    let internal resolve (count: int option) (selection: FrameSelection) =
        let count = defaultArg count Int32.MaxValue

        match selection.slices with
        | [] -> [ { First = 0; Stop = count; Step = 1 } ]
        | slices -> List.map (resolveSlice count) slices

    let internal contains (ranges: FrameRange list) number =
        ranges
        |> List.exists (fun range ->
            number >= range.First
            && number < range.Stop
            && (number - range.First) % range.Step = 0)

    /// No number from here on is in the ranges.
    let internal finish (ranges: FrameRange list) = ranges |> List.map _.Stop |> List.max
