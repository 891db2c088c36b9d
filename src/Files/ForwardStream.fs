namespace AniSoap

open System
open System.IO
open System.IO.Hashing

/// A stream that is gone through once, forwards: what such streams share.
[<AbstractClass>]
type internal ForwardStream() =
    inherit Stream()
    override _.CanSeek = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Flush() = ()

/// A stream that is only read.
[<AbstractClass>]
type internal ForwardReader() =
    inherit ForwardStream()
    override _.CanRead = true
    override _.CanWrite = false
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())
    override stream.Read(target: byte[], offset: int, count: int) : int = stream.Read(Span(target, offset, count))

/// Passes bytes on and keeps their number and checksum.
[<Sealed>]
type internal ChecksumStream(inner: Stream) =
    inherit ForwardStream()
    let checksum = Crc32()
    let mutable length = 0L

    member _.Checksum = checksum.GetCurrentHashAsUInt32()
    member _.ByteCount = length
    override _.CanRead = inner.CanRead
    override _.CanWrite = inner.CanWrite
    override _.Flush() = inner.Flush()

    override _.Read(buffer: Span<byte>) : int =
        let got = inner.Read buffer
        checksum.Append(Span.op_Implicit (buffer.Slice(0, got)): ReadOnlySpan<byte>)
        length <- length + int64 got
        got

    override stream.Read(buffer: byte[], offset: int, count: int) : int = stream.Read(Span(buffer, offset, count))

    override _.Write(buffer: ReadOnlySpan<byte>) : unit =
        inner.Write buffer
        checksum.Append buffer
        length <- length + int64 buffer.Length

    override stream.Write(buffer: byte[], offset: int, count: int) : unit =
        stream.Write(ReadOnlySpan(buffer, offset, count))
