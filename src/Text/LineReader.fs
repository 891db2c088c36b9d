namespace AniSoap

open System
open System.IO

/// Lines of bytes out of a stream, in a buffer that is used again for each. After `ReadLine` the line is
/// `Buffer[Start .. End-1]`, without its line end; the byte at `End` is always there and is white space, so that
/// scanning a token needs no test for the end.
[<Sealed; AllowNullLiteral(false)>]
type internal LineReader(stream: Stream, longestLine: int) =
    /// A line longer than this is no line of any format of frames: it keeps a wrong file from filling the memory.
    static let longestOfFrames = 1 <<< 26

    static let byteOrderMark = [| 0xEFuy; 0xBBuy; 0xBFuy |]

    let mutable buffer = Array.zeroCreate<byte>(1 <<< 18)
    let mutable filled = 0
    let mutable next = 0
    let mutable ended = false
    let mutable isOpen = false
    let mutable start = 0
    let mutable finish = 0
    let mutable number = 0L
    // Bytes of the stream before the buffer's first one.
    let mutable before = 0L

    let fill () =
        let pending = filled - next
        Buffer.BlockCopy(buffer, next, buffer, 0, pending)
        before <- before + int64 next
        next <- 0
        filled <- pending

        // One byte stays free for the white space behind a last line without a line end.
        if filled + 1 >= buffer.Length then
            if filled >= longestLine then
                raise (InvalidDataException $"a line of more than {string longestLine} bytes")

            Array.Resize(&buffer, int (min (2L * int64 buffer.Length) (int64 Array.MaxLength)))

        let count = stream.Read(buffer, filled, buffer.Length - 1 - filled)

        if count = 0 then
            ended <- true
            buffer[filled] <- '\n'B
        else
            filled <- filled + count

    let setLine lineEnd =
        start <- next

        finish <-
            if lineEnd > start && buffer[lineEnd - 1] = '\r'B then
                lineEnd - 1
            else
                lineEnd

        number <- number + 1L

        // A byte order mark is no part of the first line.
        if
            number = 1L
            && ReadOnlySpan(buffer, start, finish - start).StartsWith(ReadOnlySpan byteOrderMark)
        then
            start <- start + 3

    new(stream) = new LineReader(stream, LineReader.LongestOfFrames)

    static member private LongestOfFrames = longestOfFrames

    /// Goes to the next line, if there is one.
    member _.ReadLine() =
        let mutable searched = 0
        let mutable index = ReadOnlySpan(buffer, next, filled - next).IndexOf '\n'B

        while index < 0 && not ended do
            searched <- filled - next
            fill ()
            index <- ReadOnlySpan(buffer, next + searched, filled - next - searched).IndexOf '\n'B

        if index >= 0 then
            let lineEnd = next + searched + index
            setLine lineEnd
            next <- lineEnd + 1
            true
        elif next < filled then
            setLine filled
            next <- filled
            isOpen <- true
            true
        else
            false

    /// Cuts the line off where a comment begins; the byte behind stays white space.
    member _.DropComment(mark: byte) =
        let length = ReadOnlySpan(buffer, start, finish - start).IndexOf mark

        if length >= 0 then
            buffer[start + length] <- ' 'B
            finish <- start + length

    /// Whether the line ends with the file instead of a line end: it may have been cut off.
    member _.IsOpen = isOpen

    member _.Buffer = buffer
    member _.Start = start
    member _.End = finish

    /// The number of the current line, from 1.
    member _.Number = number

    /// Counts lines on from here: for a stream that begins behind so many.
    member _.CountFrom(lines: int64) = number <- lines

    /// How many bytes of the stream stand before the next line.
    member _.Position = before + int64 next

    member _.Text = Text.Encoding.UTF8.GetString(buffer, start, finish - start)

    member _.IsBlank = ReadOnlySpan(buffer, start, finish - start).IndexOfAnyExceptInRange(0uy, 32uy) < 0

    interface IDisposable with
        member _.Dispose() = stream.Dispose()
