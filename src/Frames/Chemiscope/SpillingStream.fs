namespace AniSoap

open System
open System.IO

/// Bytes that must wait until others are written: in memory while they are few, else in a file beside the target that
/// nobody sees longer than it is needed.
[<Sealed>]
type internal SpillingStream(target: string) =
    static let mostInMemory = 1L <<< 20

    let memory = new MemoryStream()
    let mutable spill: Spill option = None
    let scratch = Array.zeroCreate<byte> 32

    member _.Write(bytes: ReadOnlySpan<byte>) =
        match spill with
        | Some spill -> spill.Stream.Write bytes
        | None ->
            memory.Write bytes

            if memory.Length > mostInMemory then
                let started = new Spill(target)
                spill <- Some started
                memory.WriteTo started.Stream
                memory.SetLength 0L
                memory.Capacity <- 0

    member stream.Write(bytes: byte[]) = stream.Write(ReadOnlySpan bytes)

    /// The shortest decimal number that reads back as the same double.
    member stream.Number(value: float) =
        let mutable written = 0

        value.TryFormat(Span<byte> scratch, &written, ReadOnlySpan(), Globalization.CultureInfo.InvariantCulture)
        |> ignore

        stream.Write(ReadOnlySpan(scratch, 0, written))

    /// The same, of a whole number with `.0`, so that it reads back as a real one.
    member stream.Real(value: float) =
        stream.Number value

        if value = Math.Round value && abs value < 1e15 then
            stream.Write ".0"B

    member stream.Integer(value: int64) =
        let mutable written = 0

        value.TryFormat(Span<byte> scratch, &written, ReadOnlySpan(), Globalization.CultureInfo.InvariantCulture)
        |> ignore

        stream.Write(ReadOnlySpan(scratch, 0, written))

    /// Everything written so far, to another stream.
    member _.CopyTo(output: Stream) =
        match spill with
        | Some spill -> spill.CopyTo output
        | None -> memory.WriteTo output

    interface IDisposable with
        member _.Dispose() = spill |> Option.iter (fun spill -> (spill :> IDisposable).Dispose())
