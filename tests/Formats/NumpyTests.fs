module AniSoap.Tests.NumpyTests

open System
open System.IO
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.Tensors
open AniSoap.Formats

[<Tests>]
let tests =
    testList "NumPy arrays, metadata and checksums" [
        testCase "arrays as NumPy saves them read, and what is no array of doubles is refused"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "a.npy")
                let data = [| 1.5; -2.0; 3.0; 4.0; 5.0; 6.0 |]

                let saved (header: string) (bytes: byte[]) =
                    let text = header.PadRight(117) + "\n"

                    File.WriteAllBytes(
                        path,
                        [|
                            0x93uy
                            yield! "NUMPY"B
                            1uy
                            0uy
                            118uy
                            0uy
                            yield! Encoding.ASCII.GetBytes text
                            yield! bytes
                        |]
                    )

                    Npy.read path

                let bytes = data |> Array.collect BitConverter.GetBytes
                let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }"
                let array = saved good bytes |> ok
                Expect.sequenceEqual array.Shape [ 2; 3 ] "shape"
                Expect.equal (array.Values.ToArray()) data "values"
                Expect.sequenceEqual (saved (good.Replace("(2, 3)", "(6,)")) bytes |> ok).Shape [ 6 ] "one axis"
                Expect.sequenceEqual (saved (good.Replace("(2, 3)", "()")) bytes[..7] |> ok).Shape [] "no axis"
                Expect.sequenceEqual (saved (good.Replace("(2, 3)", "(0, 3)")) [||] |> ok).Shape [ 0; 3 ] "no rows"
                Expect.isError (saved (good.Replace("(2, 3)", "(0, 99999999999)")) [| 1uy |]) "trailing byte"
                Expect.isError (saved (good.Replace("(2, 3)", "(3, 3)")) bytes) "too few"
                Expect.isError (saved (good.Replace("(2, 3)", "(2, 2)")) bytes) "too many"
                Expect.isError (saved (good.Replace("(2, 3)", "(-2, -3)")) bytes) "negative"
                let integers = [| 1L; -2L; 3L; 4L; 5L; 1L <<< 60 |] |> Array.collect BitConverter.GetBytes
                let whole = saved (good.Replace("'<f8'", "'<i8'")) integers |> ok
                Expect.equal (whole.Values.ToArray()) [| 1.0; -2.0; 3.0; 4.0; 5.0; 2.0 ** 60.0 |] "integers"

                let odd =
                    [| 1L; 2L; 3L; 4L; 5L; (1L <<< 53) + 1L |]
                    |> Array.collect BitConverter.GetBytes

                let text = sentence (saved (good.Replace("'<f8'", "'<i8'")) odd)
                Expect.stringContains text "9007199254740993" "an integer that no double is equal to"
                Expect.stringContains text "a.npy" "the file's name"
                Expect.isError (saved (good.Replace("'<f8'", "'|O'")) bytes) "objects"
                let transposed = saved (good.Replace("False", "True")) bytes |> ok
                Expect.sequenceEqual transposed.Shape [ 2; 3 ] "shape of Fortran order"
                Expect.equal (transposed.Values.ToArray()) [| 1.5; 3.0; 5.0; -2.0; 4.0; 6.0 |] "Fortran order"
                Expect.isError (saved (good.Replace("}", "} x")) bytes) "text behind"
                Expect.isError (saved "" bytes) "no header")

        testCase "a whole array is written and read, of any shape"
        <| fun () ->
            TestData.inFolder (fun folder ->
                for shape in [ []; [ 5 ]; [ 2; 0; 3 ]; [ 2; 3; 4; 5 ] ] do
                    let path = Path.Combine(folder, "a.npy")
                    let values = Array.init (List.fold (*) 1 shape) (fun i -> sin (float i))

                    Npy.write Precision.Double Existing.Replace path shape (ReadOnlyMemory values)
                    |> ok

                    let array = Npy.read path |> ok
                    Expect.sequenceEqual array.Shape shape "shape"
                    Expect.equal (array.Values.ToArray()) values "values"

                Expect.isError
                    (Npy.write
                        Precision.Double
                        Existing.Replace
                        (Path.Combine(folder, "b"))
                        [ 2 ]
                        (ReadOnlyMemory [| 1.0 |]))
                    "shape")

        testCase "metadata come back from JSON: texts as they are, objects and arrays as JSON"
        <| fun () ->
            let metadata =
                Map [ "a", "text \"with\" {braces}"; "b", "[1,2]"; "c", """{"x":[]}"""; "d", "{no json"; "e", "" ]

            Expect.equal (Metadata.ofJson (Metadata.toJson metadata) |> ok) metadata "round trip"
            Expect.equal (Metadata.toJson (Map [ "b", "[1, 2]"; "d", "{no" ])) """{"b":[1,2],"d":"{no"}""" "text"

            for wrong in [ ""; "[]"; "{"; "null" ] do
                Expect.isError (Metadata.ofJson wrong) wrong

        testCase "checksums are those of the standard, and of parts put together"
        <| fun () ->
            Expect.equal (IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan "123456789"B)) 0xCBF43926u "check value"
            let random = Random 3
            let bytes = Array.zeroCreate<byte> 5000
            random.NextBytes bytes
            let whole = IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan bytes)

            for cut in [ 0; 1; 7; 64; 1001; 4999; 5000 ] do
                let first = IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan(bytes, 0, cut))
                let second = IO.Hashing.Crc32.HashToUInt32(ReadOnlySpan(bytes, cut, 5000 - cut))
                Expect.equal (Checksums.combine first second (int64 (5000 - cut))) whole $"combined at {cut}"
    ]
