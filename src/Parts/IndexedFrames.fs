namespace AniSoap

open System
open System.IO
open AniSoap.Formats

/// Blocks of a file's text on their way to a reader, each compared with what the index says of it: no bytes of a block behind
/// the first one that differs are handed on.
[<Sealed>]
type internal CheckedStream(text: Stream, file: IndexedFile, first: int, stop: int) =
    inherit ForwardReader()
    let hash = BlockHash.Like file.Blocks[first].Hash
    let startOf k = IndexFile.startOf file.Offsets file.Blocks[k].First

    let endOf k =
        if k + 1 < file.Blocks.Length then
            startOf (k + 1)
        else
            file.Length

    let mutable block = first
    let mutable position = startOf first

    let other () =
        let last =
            (if block + 1 < file.Blocks.Length then
                 file.Blocks[block + 1].First
             else
                 file.Frames)
            - 1

        raise (
            InvalidDataException(
                String.Concat("other bytes in frames ", string file.Blocks[block].First, " to ", string last)
                + " than when the index was made"
            )
        )

    override _.Read(target: Span<byte>) : int =
        if block >= stop || target.IsEmpty then
            0
        else
            let wanted = int (min (int64 target.Length) (endOf block - position))
            let count = text.Read(target.Slice(0, wanted))

            if count = 0 then
                other ()

            hash.Append(Span.op_Implicit (target.Slice(0, count)))
            position <- position + int64 count

            if position = endOf block then
                if hash.Take() <> file.Blocks[block].Hash then
                    other ()

                block <- block + 1

            count

    override _.Dispose(disposing: bool) =
        if disposing then
            (hash :> IDisposable).Dispose()
            text.Dispose()

        base.Dispose disposing

/// Some frames of trajectories that have an index: nothing before them is read where the files are not packed.
module IndexedFrames =
    /// Reads so many bytes, or to the end, for nothing.
    let private drop (stream: Stream) (count: int64) =
        let buffer = Array.zeroCreate<byte> 262144
        let mutable left = count
        let mutable ended = false

        while left > 0L && not ended do
            let got = stream.Read(buffer, 0, int (min left (int64 buffer.Length)))
            left <- left - int64 got
            ended <- got = 0

    /// The text from a block on.
    let private openAt (file: IndexedFile) start =
        IndexFile.openText file.Path
        |> Result.map (fun text ->
            if text.CanSeek then
                text.Seek(start, SeekOrigin.Begin) |> ignore
            else
                drop text start

            text)

    let private ofFile
        (look: IFrameReader -> int -> Result<'a voption, AniSoapError>)
        (options: InputOptions)
        warn
        (file: IndexedFile, start: int, own: FrameSpan)
        =
        seq {
            let struct (first, stop) = FrameIndex.blocksOf file own
            let begins = IndexFile.startOf file.Offsets file.Blocks[first].First

            let opened =
                FrameTrajectory.formatOf options file.Path
                |> Result.bind (fun format ->
                    InputStream.guarded file.Path (fun () -> openAt file begins)
                    |> Result.bind (fun text ->
                        let stream = new CheckedStream(text, file, first, stop)

                        InputStream.guarded file.Path (fun () ->
                            drop stream (file.Offsets[own.First] - begins)
                            let lines = new LineReader(stream)
                            lines.CountFrom file.Lines[own.First]

                            match FrameTrajectory.trajectoryReader options warn file.Path lines format with
                            | Some reader -> Ok(struct (stream, reader))
                            | None ->
                                Error(AniSoapError.invalid "input of a part" file.Path "a trajectory with an index"))))

            match opened with
            | Error error -> yield Error error
            | Ok(struct (stream, reader)) ->
                use reader = reader
                let mutable frame = own.First
                let mutable failed = false

                while not failed && frame < own.Stop do
                    match look reader frame with
                    | Ok(ValueSome value) ->
                        yield Ok { Number = start + frame; Path = file.Path; NumberInFile = frame; Value = value }

                        frame <- frame + 1
                    | Ok ValueNone ->
                        failed <- true

                        yield
                            Error(
                                Malformed(
                                    "the end of the file",
                                    "as many frames as its index has",
                                    { Place.Unknown with Source = Some file.Path; Frame = Some frame }
                                )
                            )
                    | Error error ->
                        failed <- true
                        yield Error error

                if not failed then
                    // What is left of the last block is compared too.
                    match InputStream.guarded file.Path (fun () -> Ok(drop stream Int64.MaxValue)) with
                    | Ok() -> ()
                    | Error error -> yield Error error
        }

    let private readBy look (options: InputOptions) (index: FrameIndex) (span: FrameSpan) =
        seq {
            let warn = Warnings.once options.Warn
            let mutable failed = false

            for part in FrameIndex.within span index do
                if not failed then
                    for result in ofFile look options warn part do
                        failed <- Result.isError result
                        yield result
        }

    /// The frames of a span, numbered as in all inputs. Ends after the first error: bytes that are not those of the index are one.
    let read
        (options: InputOptions)
        (index: FrameIndex)
        (span: FrameSpan)
        : seq<Result<Numbered<Frame>, AniSoapError>> =
        readBy (fun reader frame -> reader.Read frame) options index span

    /// The same with all that the files say of the frames.
    let snapshots
        (options: InputOptions)
        (index: FrameIndex)
        (span: FrameSpan)
        : seq<Result<Numbered<Snapshot>, AniSoapError>> =
        readBy (fun reader frame -> reader.ReadSnapshot frame) options index span
