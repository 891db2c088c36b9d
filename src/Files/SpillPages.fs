namespace AniSoap

open System
open System.IO

/// Where data of many kinds wait that come in turns and are wanted one kind after the other: a file in the target's
/// folder that nobody sees, made once it is needed, however many kinds there are. Each kind fills pages of its own.
[<Sealed>]
type internal SpillPages(target: string, kinds: int) =
    /// Memory for pages that are being filled, of all kinds together.
    static let mostWaiting = 1 <<< 26

    let largest =
        let share = mostWaiting / max 1 kinds
        1 <<< (Math.Clamp(Numerics.BitOperations.Log2(uint32 (max 1 share)), 12, 16))

    let file = Lazy<FileStream>(fun () -> Temporary.createUnnamed target)
    let mutable length = 0L

    /// The length of a kind's page: the first ones are short, for kinds of which little comes.
    member _.PageLength(page: int) = min largest (512 <<< min page 16)

    /// Writes a full page; returns where it stands.
    member _.Append(page: ReadOnlySpan<byte>) : int64 =
        let at = length
        RandomAccess.Write(file.Value.SafeFileHandle, page, at)
        length <- length + int64 page.Length
        at

    member _.Read(at: int64, target: Span<byte>) : unit =
        let mutable got = 0

        while got < target.Length do
            let some = RandomAccess.Read(file.Value.SafeFileHandle, target.Slice got, at + int64 got)

            if some = 0 then
                raise (EndOfStreamException())

            got <- got + some

    interface IDisposable with
        member _.Dispose() =
            if file.IsValueCreated then
                Files.abandon file.Value

/// What there is of one kind: written to its end, read from `Position` on.
[<Sealed>]
type internal SpillPart(pages: SpillPages) =
    inherit Stream()
    let places = ResizeArray<int64>()
    // The page that is being filled.
    let mutable last = Array.empty<byte>
    let mutable filled = 0
    let mutable full = 0L
    // Where reading goes on: the page, what begins there, and the bytes before it.
    let mutable page = 0
    let mutable before = 0L
    let mutable position = 0L

    override _.CanRead = true
    override _.CanWrite = true
    override _.CanSeek = true
    override _.Length = full + int64 filled
    override _.Flush() = ()
    override _.SetLength _ = raise (NotSupportedException())

    override _.Position
        with get () = position
        and set value =
            if value <> 0L then
                raise (NotSupportedException "read from the beginning alone")

            page <- 0
            before <- 0L
            position <- 0L

    override part.Seek(offset, origin) =
        if origin <> SeekOrigin.Begin then
            raise (NotSupportedException())

        part.Position <- offset
        offset

    override _.Write(bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes

        while rest.Length > 0 do
            if filled = last.Length then
                if filled > 0 then
                    places.Add(pages.Append(ReadOnlySpan last))
                    full <- full + int64 filled

                let wanted = pages.PageLength places.Count

                if last.Length <> wanted then
                    last <- Array.zeroCreate wanted

                filled <- 0

            let some = min rest.Length (last.Length - filled)
            rest.Slice(0, some).CopyTo(Span(last, filled, some))
            filled <- filled + some
            rest <- rest.Slice some

    override part.Write(bytes: byte[], offset: int, count: int) = part.Write(ReadOnlySpan(bytes, offset, count))

    override _.Read(target: Span<byte>) =
        if page < places.Count then
            let length = pages.PageLength page
            let from = int (position - before)
            let some = min target.Length (length - from)
            pages.Read(places[page] + int64 from, target.Slice(0, some))
            position <- position + int64 some

            if from + some = length then
                page <- page + 1
                before <- before + int64 length

            some
        else
            let from = int (position - before)
            let some = min target.Length (filled - from)
            ReadOnlySpan(last, from, some).CopyTo target
            position <- position + int64 some
            some

    override part.Read(bytes: byte[], offset: int, count: int) = part.Read(Span(bytes, offset, count))
