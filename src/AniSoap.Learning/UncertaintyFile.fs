namespace AniSoap.Learning

open System
open System.Buffers.Binary
open System.Text.Json
open AniSoap

/// A potential's uncertainty as an object of its file. Members are numbers; R is `triangle`, little-endian doubles in base 64, row k of it from element k on.
module internal UncertaintyFile =
    let private packed (triangle: float[][]) =
        let count = triangle.Length
        let bytes = Array.zeroCreate<byte>(4 * count * (count + 1))
        let mutable at = 0

        for k in 0 .. count - 1 do
            for j in k .. count - 1 do
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan at, triangle[k][j])
                at <- at + 8

        bytes

    let write (writer: Utf8JsonWriter) (uncertainty: PotentialUncertainty) =
        let numbers (name: string) (values: float[]) =
            writer.WriteStartArray name

            for value in values do
                writer.WriteNumberValue value

            writer.WriteEndArray()

        writer.WriteStartObject "uncertainty"
        writer.WriteStartArray "members"

        for weights in uncertainty.Members do
            writer.WriteStartArray()

            for value in weights do
                writer.WriteNumberValue value

            writer.WriteEndArray()

        writer.WriteEndArray()
        writer.WriteNumber("energy_scale", uncertainty.Scales.Energy)
        writer.WriteNumber("force_scale", uncertainty.Scales.Forces)
        writer.WriteNumber("torque_scale", uncertainty.Scales.Torques)
        writer.WriteNumber("noise", uncertainty.Noise)
        writer.WriteNumber("largest_leverage", uncertainty.LargestLeverage)
        numbers "column_scales" uncertainty.ColumnScales
        writer.WriteBase64String("triangle", ReadOnlySpan(packed uncertainty.Triangle))
        writer.WriteEndObject()

    /// Throws InvalidOperationException, KeyNotFoundException or FormatException where it is not what `write` writes for so many columns.
    let read (columns: int) (element: JsonElement) : PotentialUncertainty =
        let reals (element: JsonElement) =
            let values = [| for one in element.EnumerateArray() -> one.GetDouble() |]

            if values.Length <> columns then
                raise (InvalidOperationException "a number for every column")

            values

        let number (name: string) = element.GetProperty(name).GetDouble()
        let bytes = element.GetProperty("triangle").GetBytesFromBase64()

        if bytes.Length <> 4 * columns * (columns + 1) then
            raise (InvalidOperationException "a triangle of as many rows as there are columns")

        let mutable at = 0

        let triangle =
            Array.init columns (fun k ->
                let row = Array.zeroCreate<float> columns

                for j in k .. columns - 1 do
                    row[j] <- BinaryPrimitives.ReadDoubleLittleEndian(ReadOnlySpan(bytes, at, 8))
                    at <- at + 8

                row)

        PotentialUncertainty(
            [| for one in element.GetProperty("members").EnumerateArray() -> reals one |],
            {
                Energy = number "energy_scale"
                Forces = number "force_scale"
                Torques = number "torque_scale"
            },
            number "noise",
            number "largest_leverage",
            reals (element.GetProperty "column_scales"),
            triangle
        )
