module AniSoap.Tests.ShortestDecimalTests

open System
open System.Globalization
open System.Text
open Expecto
open AniSoap

let private invariant = CultureInfo.InvariantCulture

let private written (value: float) =
    let buffer = Array.zeroCreate<byte> ShortestDecimal.Longest
    Encoding.ASCII.GetString(buffer, 0, ShortestDecimal.write value (Span buffer))

[<Tests>]
let tests =
    testList "shortest decimals" [
        test "numbers of all sizes, and what is no number, are written as by the base library" {
            let random = Random 20261129

            for value in [ 0.0; -0.0; nan; infinity; -infinity; Double.Epsilon; Double.MaxValue; 1e23; 0.1 ] do
                Expect.equal (written value) (value.ToString invariant) "the same text"

            for _ in 1..2000 do
                let value = BitConverter.Int64BitsToDouble(random.NextInt64(Int64.MinValue, Int64.MaxValue))
                Expect.equal (written value) (value.ToString invariant) "the same text"
        }

        test "whole numbers, numbers of few decimals and of few digits are written as by the base library" {
            let random = Random 20261130
            let same (value: float) = Expect.equal (written value) (value.ToString invariant) "the same text"

            for _ in 1..2000 do
                let whole = random.NextInt64(1L <<< random.Next(1, 63))
                // Powers of two have a rule of their own.
                let whole = if Int64.IsPow2 whole then whole + 1L else whole
                let tenths = 10.0 ** float (random.Next(-30, 30))

                for value in
                    [
                        float whole
                        float whole / 8.0 + 0.375
                        float (3 + 4 * random.Next 100_000) * tenths
                        tenths
                        Math.Round(200.0 * random.NextDouble() - 100.0, random.Next(1, 12))
                    ] do
                    if BitConverter.DoubleToInt64Bits value &&& 0xFFFFFFFFFFFFFL <> 0L then
                        same value
                        same -value
        }

        test "every power of two and both of its neighbours read back: the base library's 2⁻²⁵ does not" {
            for exponent in 1UL .. 2046UL do
                for fraction in [ 0UL; 1UL; 0xFFFFFFFFFFFFFUL ] do
                    let value = BitConverter.UInt64BitsToDouble((exponent <<< 52) ||| fraction)
                    Expect.equal (Double.Parse(written value, invariant)) value (written value)

            Expect.equal (written (2.0 ** -25.0)) "2.9802322387695312E-08" "one digit more than the base library"
            Expect.equal (ShortestDecimal.text (2.0 ** -25.0)) "2.9802322387695312E-08" "as a text, for headers"
        }
    ]
