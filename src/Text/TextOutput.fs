namespace AniSoap

open System
open System.Globalization
open System.IO
open System.Text

/// Text for a stream, as UTF-8, without a string for each number.
[<Sealed>]
type internal TextOutput(stream: Stream) =
    /// No number is longer than this.
    static let longestNumber = 32

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
        let mutable written = 0

        value.TryFormat(
            Span<byte>(buffer, filled, longestNumber),
            &written,
            ReadOnlySpan(),
            CultureInfo.InvariantCulture
        )
        |> ignore

        filled <- filled + written

    /// A blank and a number.
    member output.Field(value: float) =
        output.Byte ' 'B
        output.Number value

    member output.Field(value: int64) =
        output.Byte ' 'B
        output.Integer value

    /// Ten fields: position, orientation (w first), full diameters.
    member output.Particle(particle: AniSoap.Ellipsoid) =
        let r, q, a = particle.Position, particle.Orientation, particle.SemiAxes
        output.Field r.X
        output.Field r.Y
        output.Field r.Z
        output.Field q.W
        output.Field q.X
        output.Field q.Y
        output.Field q.Z
        output.Field(2.0 * a.X)
        output.Field(2.0 * a.Y)
        output.Field(2.0 * a.Z)

    /// Ten fields: position, orientation (w last), semi-axes.
    member output.ParticleForOvito(particle: AniSoap.Ellipsoid) =
        let r, q, a = particle.Position, particle.Orientation, particle.SemiAxes

        for value in [| r.X; r.Y; r.Z; q.X; q.Y; q.Z; q.W; a.X; a.Y; a.Z |] do
            output.Field value

    member _.Flush() = flush ()
