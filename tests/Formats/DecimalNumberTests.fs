module AniSoap.Tests.DecimalNumberTests

open System
open System.Globalization
open Expecto
open AniSoap

let private invariant = CultureInfo.InvariantCulture

let private bits (value: float) = BitConverter.DoubleToInt64Bits value

let private expectSame (text: string) =
    let expected = Double.Parse(text.Replace('d', 'e').Replace('D', 'E'), NumberStyles.Float, invariant)

    match DecimalNumber.tryParse text with
    | Some actual -> Expect.equal (bits actual) (bits expected) $"{text} is read to the last bit"
    | None -> failtestf "%s is refused" text

/// A number as people and programs write them: any count of digits before and after the point, any exponent.
let private randomText (random: Random) =
    let digits count = String.init count (fun _ -> string (random.Next 10))
    let sign = [| ""; "-"; "+" |][random.Next 3]
    let whole = digits (random.Next 12)
    let fraction = digits (random.Next 14)

    let body =
        match random.Next 4 with
        | 0 -> whole + "1"
        | 1 -> whole + "1."
        | 2 -> whole + "." + fraction + "7"
        | _ -> whole + "3." + fraction

    let exponent =
        match random.Next 3 with
        | 0 -> ""
        | 1 -> "e" + string (random.Next(-30, 31))
        | _ -> $"""{"eEdD"[random.Next 4]}{[| ""; "+"; "-" |][random.Next 3]}{random.Next 330}"""

    sign + body + exponent

/// Exact decimal expansion of the number half way between a double and the next: the hardest to round.
let private halfway (random: Random) =
    let significand = (1L <<< 52) ||| random.NextInt64(1L <<< 52)
    let power = random.Next(0, 60)
    // (2 m + 1) × 2^power has one bit more than a double holds.
    (bigint (2L * significand + 1L) * bigint.Pow(2I, power)).ToString()

[<Tests>]
let tests =
    testList "decimal numbers" [
        testCase "200000 random numbers are read to the last bit like the base library reads them"
        <| fun () ->
            let random = Random 20240607

            for _ in 1..200000 do
                expectSame (randomText random)

        testCase "doubles printed with 17 digits, and with 8 decimals, are read to the last bit"
        <| fun () ->
            let random = Random 99

            for _ in 1..100000 do
                let value = BitConverter.Int64BitsToDouble(random.NextInt64())

                if Double.IsFinite value then
                    expectSame (value.ToString("G17", invariant))
                    expectSame (value.ToString("R", invariant))

                expectSame ((random.NextDouble() * 200.0 - 100.0).ToString("F8", invariant))

        testCase "numbers half way between two doubles, and just beside, are rounded correctly"
        <| fun () ->
            let random = Random 5

            for _ in 1..2000 do
                let text = halfway random
                expectSame text
                expectSame (text + ".0000000000000000000000000000000000000000001")
                expectSame (text + "e-7")

        testCase "hard and extreme spellings are read to the last bit"
        <| fun () ->
            for text in
                [
                    "0"
                    "-0"
                    "-0.0e5"
                    "0e400"
                    "1e22"
                    "1e23"
                    "9007199254740993"
                    "9007199254740992e22"
                    "9007199254740991e-22"
                    "123456789012345678901234567890"
                    "0.000000000000000000000000000000000000000000123"
                    "2.2250738585072011e-308"
                    "2.2250738585072014e-308"
                    "4.9406564584124654e-324"
                    "2.4703282292062327e-324"
                    "2.4703282292062328e-324"
                    "1.7976931348623157e308"
                    "1.7976931348623159e308"
                    "1e400"
                    "-1e99999999999"
                    "1e-99999999999"
                    "18446744073709551615"
                    "18446744073709551616"
                    "99999999999999999999"
                    "3.5D+02"
                    "3.5d-02"
                    ".5"
                    "5."
                    "+5"
                ] do
                expectSame text

        testCase "nan and infinities are known in any case"
        <| fun () ->
            for text in [ "nan"; "NaN"; "-nan"; "+NAN" ] do
                Expect.isTrue (DecimalNumber.tryParse text |> Option.exists Double.IsNaN) text

            for text, expected in [ "inf", infinity; "-inf", -infinity; "+Infinity", infinity; "-INFINITY", -infinity ] do
                Expect.equal (DecimalNumber.tryParse text) (Some expected) text

        testCase "what is no number is refused"
        <| fun () ->
            for text in
                [
                    ""
                    "."
                    "-"
                    "+-1"
                    "e5"
                    "1e"
                    "1e+"
                    "1.2.3"
                    "1,5"
                    "0x10"
                    "1_000"
                    "12a"
                    "nano"
                    "+-inf"
                    "1 2"
                    " 1"
                    "٣"
                    "1e5.0"
                ] do
                Expect.isNone (DecimalNumber.tryParse text) $"'{text}'"
    ]
