module AniSoap.Tests.ShortestDecimalTests

open System
open System.Globalization
open System.Text
open Expecto
open AniSoap

let private invariant = CultureInfo.InvariantCulture

let private written =
    let decimals = ShortestDecimal()
    let buffer = Array.zeroCreate<byte> 64

    fun (value: float) ->
        let finish = decimals.Write(value, buffer, 3)
        Encoding.ASCII.GetString(buffer, 3, finish - 3)

/// As the base library writes it, and nothing shorter reads back.
let private expectAsBase (value: float) = Expect.equal (written value) (value.ToString("R", invariant)) "the same text"

let private ofBits (random: Random) = BitConverter.Int64BitsToDouble(random.NextInt64(Int64.MinValue, Int64.MaxValue))

[<Tests>]
let tests =
    testList "shortest decimals" [
        test
            "zeros, what is no number, the smallest, the largest, and where exponents begin are written as by the base library" {
            for value in
                [
                    0.0
                    nan
                    infinity
                    Double.Epsilon
                    Double.MaxValue
                    2.2250738585072014e-308
                    1e16
                    1e17
                    12345678901234567.0
                    123456789012345680.0
                    0.0001
                    0.00001
                    0.000123
                    1e23
                    9007199254740993.0
                    1e22
                    0.1
                    0.3
                ] do
                expectAsBase value
                expectAsBase -value
        }

        test "numbers of all sizes, of few digits and whole ones are written as by the base library" {
            let random = Random 20261129

            for _ in 1..60000 do
                expectAsBase (ofBits random)
                expectAsBase (100.0 * random.NextDouble() - 50.0)
                expectAsBase (Math.Round(1000.0 * random.NextDouble(), random.Next 7))
                expectAsBase (float (random.NextInt64(1L <<< random.Next(1, 62))))

            for exponent in -323 .. 308 do
                expectAsBase (Double.Parse("1e" + string exponent, invariant))
        }

        test "every power of two and both of its neighbours read back: the base library's 2⁻²⁵ does not" {
            for exponent in 1UL .. 2046UL do
                for fraction in [ 0UL; 1UL; 0xFFFFFFFFFFFFFUL ] do
                    let value = BitConverter.UInt64BitsToDouble((exponent <<< 52) ||| fraction)
                    Expect.equal (Double.Parse(written value, invariant)) value (written value)

            Expect.equal (written (2.0 ** -25.0)) "2.9802322387695312E-08" "one digit more than the base library"
        }
    ]
