namespace AniSoap.Formats

open System
open System.IO

/// Unpacks Zstandard data, and says what is wrong with them as our own streams do.
[<Sealed>]
type private ZstandardStream(file: Stream) =
    inherit Stream()

    // The library's own limit on the window, and so on memory, is 128 MiB, as that of the program zstd.
    let inner = new ZstdSharp.DecompressionStream(file, 0, true, false)

    override _.CanRead = true
    override _.CanWrite = false
    override _.CanSeek = false
    override _.Length = raise (NotSupportedException())

    override _.Position
        with get () = raise (NotSupportedException())
        and set _ = raise (NotSupportedException())

    override _.Seek(_, _) = raise (NotSupportedException())
    override _.SetLength _ = raise (NotSupportedException())
    override _.Flush() = ()
    override _.Write(_: byte[], _: int, _: int) : unit = raise (NotSupportedException())

    override _.Read(target: Span<byte>) : int =
        try
            inner.Read target
        with
        | :? EndOfStreamException -> fail "that the compressed data end early"
        | :? ZstdSharp.ZstdException as error when error.Message.Contains("memory", StringComparison.OrdinalIgnoreCase) ->
            fail "compressed data that need more than 128 MiB at once to unpack"
        | :? ZstdSharp.ZstdException -> fail "compressed data that are damaged"

    override stream.Read(target: byte[], offset: int, count: int) : int = stream.Read(Span(target, offset, count))

    override _.Dispose(disposing: bool) =
        if disposing then
            inner.Dispose()
            file.Dispose()

        base.Dispose disposing

/// Files of frames packed by Zstandard, as the library finds them where this package is referred to.
[<Sealed>]
type ZstandardFormat() =
    inherit UnpackingPackage()

    override _.Zstandard file = new ZstandardStream(file)
