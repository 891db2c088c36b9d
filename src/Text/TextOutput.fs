namespace AniSoap

open System
open System.Globalization
open System.IO
open System.Text

/// Text for a stream, as UTF-8, without a string for each number.
[<Sealed>]
type internal TextOutput(stream: Stream) =
    /// No number is longer than this.
    static let longestNumber = ShortestDecimal.Longest

    let mutable buffer = Array.zeroCreate<byte> 65536
    let mutable filled = 0

    let flush () =
        stream.Write(buffer, 0, filled)
        filled <- 0

    let reserve count =
        if buffer.Length - filled < count then
            flush ()

            if buffer.Length < count then
                buffer <- Array.zeroCreate count

    member _.Byte(value: byte) =
        reserve 1
        buffer[filled] <- value
        filled <- filled + 1

    member _.Text(text: string) =
        reserve (Encoding.UTF8.GetMaxByteCount text.Length)
        filled <- filled + Encoding.UTF8.GetBytes(text, 0, text.Length, buffer, filled)

    member _.Integer(value: int64) =
        reserve longestNumber
        let mutable written = 0

        value.TryFormat(
            Span<byte>(buffer, filled, longestNumber),
            &written,
            ReadOnlySpan(),
            CultureInfo.InvariantCulture
        )
        |> ignore

        filled <- filled + written

    /// The shortest decimal number that reads back as the same double (at most 17 digits).
    member _.Number(value: float) =
        reserve longestNumber
        filled <- filled + ShortestDecimal.write value (Span(buffer, filled, longestNumber))

    /// A blank and a number.
    member output.Field(value: float) =
        output.Byte ' 'B
        output.Number value

    member output.Field(value: int64) =
        output.Byte ' 'B
        output.Integer value

    /// A particle's entries of a column, each behind a blank; logicals as the texts given.
    member output.Entries(column: ParticleColumn, row: int, whenTrue: string, whenFalse: string) =
        let first = row * column.Width

        for i in first .. first + column.Width - 1 do
            match column.Values with
            | ColumnValues.Reals all -> output.Field all[i]
            | ColumnValues.Integers all -> output.Field all[i]
            | ColumnValues.Logicals all ->
                output.Byte ' 'B
                output.Text(if all[i] then whenTrue else whenFalse)
            | ColumnValues.Texts all ->
                output.Byte ' 'B
                output.Text all[i]

    member private output.Vector(v: AniSoap.Vector3, factor: float) =
        output.Field(factor * v.X)
        output.Field(factor * v.Y)
        output.Field(factor * v.Z)

    /// Ten fields: position, orientation (w first), full diameters.
    member output.Particle(particles: ParticleArray, i: int) =
        let q = particles.OrientationOf i
        output.Vector(particles.PositionOf i, 1.0)
        output.Field q.W
        output.Field q.X
        output.Field q.Y
        output.Field q.Z
        output.Vector(particles.SemiAxesOf i, 2.0)

    /// Ten fields: position, orientation (w last), semi-axes.
    member output.ParticleForOvito(particles: ParticleArray, i: int) =
        let q = particles.OrientationOf i
        output.Vector(particles.PositionOf i, 1.0)
        output.Field q.X
        output.Field q.Y
        output.Field q.Z
        output.Field q.W
        output.Vector(particles.SemiAxesOf i, 1.0)

    member _.Flush() = flush ()
