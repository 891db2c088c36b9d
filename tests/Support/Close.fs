/// The one way in which tests compare numbers: absolute and relative tolerance, NaN never passes, and a failure
/// names the worst index and both values.
module AniSoap.Tests.Close

open System
open Expecto

/// The largest |actual − expected| and its index; NaN anywhere counts as infinitely far.
let private worst (actual: float[]) (expected: float[]) =
    let distance a e =
        if a = e then
            0.0
        else
            (let d = abs (a - e) in if Double.IsNaN d then infinity else d)

    let mutable index, largest = 0, -1.0

    for i in 0 .. actual.Length - 1 do
        let d = distance actual[i] expected[i]

        if d > largest then
            index <- i
            largest <- d

    index, max largest 0.0

/// All of `actual` within `tolerance` × `scale` of `expected`. The scale must be finite and above zero.
let within (tolerance: float) (scale: float) (actual: float[]) (expected: float[]) message =
    Expect.equal actual.Length expected.Length $"{message}: number of values"
    Expect.isTrue (Double.IsFinite scale && scale > 0.0) $"{message}: scale {scale} is finite and above zero"

    if actual.Length > 0 then
        let index, largest = worst actual expected

        if not (largest <= tolerance * scale) then
            failtestf
                "%s: value %d is %.17g, expected %.17g: off by %.3g of the scale %.3g, allowed %.3g"
                message
                index
                actual[index]
                expected[index]
                (largest / scale)
                scale
                tolerance

let private largestSize (values: float[]) = values |> Array.fold (fun m v -> max m (abs v)) 0.0

/// Within `tolerance` of the largest expected value in size.
let toLargest tolerance actual expected message = within tolerance (largestSize expected) actual expected message

/// Within `tolerance` of the Euclidean norm of the expected values.
let toNorm tolerance actual (expected: float[]) message =
    within tolerance (sqrt (expected |> Array.sumBy (fun v -> v * v))) actual expected message

// Expecto 11.1.1's isLessThan, isLessThanOrEqual and floatLessThanOrClose hold for NaN: they fail where the opposite is so, and nothing is so of
// NaN. These fail unless what they say is so.

/// `actual` < `bound`, which NaN never is.
let inline below (actual: 'T) (bound: 'T) (message: string) =
    if not (actual < bound) then
        failtest $"{message}: {actual} is not below {bound}"

/// `actual` ≤ `bound`, which NaN never is.
let inline atMost (actual: 'T) (bound: 'T) (message: string) =
    if not (actual <= bound) then
        failtest $"{message}: {actual} is not at most {bound}"

/// `actual` > `bound`, which NaN never is.
let inline above (actual: 'T) (bound: 'T) (message: string) =
    if not (actual > bound) then
        failtest $"{message}: {actual} is not above {bound}"

/// `actual` ≥ `bound`, which NaN never is.
let inline atLeast (actual: 'T) (bound: 'T) (message: string) =
    if not (actual >= bound) then
        failtest $"{message}: {actual} is not at least {bound}"
