namespace AniSoap

open System
open System.Buffers.Binary
open System.Collections.Generic
open System.IO
open System.IO.Compression

/// Reads members of a ZIP archive, and checks what System.IO.Compression does not: names, checksums, that lengths can be
/// true, and that nothing stands behind what a member should hold. Nothing is ever written under a member's name.
[<Sealed>]
type internal ZipReader private (archive: ZipArchive, source: string) =
    let members = HashSet(archive.Entries |> Seq.map _.FullName, StringComparer.Ordinal)

    // Data that deflate to less than a two-hundredth are all but constant: arrays of features are not, and 32 MB of them
    // are read all the same. More is an archive made to fill the memory.
    let mutable inflatable = 32L <<< 20

    // A deflated member is at most 1032 times as long as its archived bytes: a longer one is a lie about its length.
    static let plausible (entry: ZipArchiveEntry) =
        entry.Length >= 0L && entry.Length / 1032L <= entry.CompressedLength + 64L

    /// What a file is that is no whole archive, told by its first bytes.
    static let describe (stream: Stream) =
        let first = Array.zeroCreate<byte> 6
        stream.Position <- 0L
        let count = stream.ReadAtLeast(Span first, first.Length, false)

        if count = 0 then
            "an empty file"
        elif count >= 2 && first[0] = 'P'B && first[1] = 'K'B then
            "a ZIP archive without its end (was it cut?)"
        elif count = 6 && first[0] = 0x93uy && first[1] = 'N'B then
            "a single NumPy array"
        else
            "no ZIP archive"

    /// The bytes at a place, or none where the file is shorter.
    static let bytesAt (stream: Stream) (at: int64) (count: int) =
        if at < 0L || at > stream.Length - int64 count then
            None
        else
            let bytes = Array.zeroCreate<byte> count
            stream.Position <- at
            stream.ReadExactly(Span bytes)
            Some bytes

    static let short (bytes: byte[]) at = int (BinaryPrimitives.ReadUInt16LittleEndian(ReadOnlySpan(bytes, at, 2)))
    static let word (bytes: byte[]) at = BinaryPrimitives.ReadUInt32LittleEndian(ReadOnlySpan(bytes, at, 4))
    static let long (bytes: byte[]) at = BinaryPrimitives.ReadInt64LittleEndian(ReadOnlySpan(bytes, at, 8))

    /// Where the directory of the archive begins, by the record at the archive's end.
    static let directoryAt (stream: Stream) =
        let least = 22L
        let longest = int (min stream.Length (least + 65535L))
        let from = stream.Length - int64 longest

        bytesAt stream from longest
        |> Option.bind (fun ending ->
            match ReadOnlySpan(ending).LastIndexOf(ReadOnlySpan "PK\005\006"B) with
            | at when at < 0 || at + int least > ending.Length -> None
            | at when word ending (at + 16) <> UInt32.MaxValue -> Some(int64 (word ending (at + 16)))
            | at ->
                // The record of 64 bits, to which twenty bytes before this one lead.
                bytesAt stream (from + int64 at - 20L) 20
                |> Option.bind (fun locator -> bytesAt stream (long locator 8) 56)
                |> Option.map (fun record -> long record 48))

    /// Where the data of an entry of the directory begin: beyond 4 GiB its extra field of 64 bits tells, behind the
    /// lengths that do not fit either.
    static let headerAt (entry: byte[]) (extra: byte[]) =
        if word entry 42 <> UInt32.MaxValue then
            Some(int64 (word entry 42))
        else
            let before =
                [ 24; 20 ]
                |> List.sumBy (fun at -> if word entry at = UInt32.MaxValue then 8 else 0)

            let rec find at =
                if at + 4 > extra.Length then
                    None
                else
                    let size = short extra (at + 2)

                    if short extra at = 1 && size >= before + 8 && at + 4 + size <= extra.Length then
                        Some(long extra (at + 4 + before))
                    else
                        find (at + 4 + size)

            find 0

    /// A name in the directory that is not the name in front of the member's data. The system does not compare them, and
    /// a name with one byte changed would be a member that is not there: metadata would be lost without a word.
    static let strangeName (stream: Stream) (count: int) =
        let rec look left at =
            if left = 0 then
                None
            else
                match bytesAt stream at 46 with
                | None -> Some "a directory that is cut"
                | Some entry ->
                    let length, extraLength = short entry 28, short entry 30
                    let name = bytesAt stream (at + 46L) length

                    let own =
                        bytesAt stream (at + 46L + int64 length) extraLength
                        |> Option.bind (headerAt entry)
                        |> Option.bind (fun start ->
                            bytesAt stream start 30
                            |> Option.bind (fun header -> bytesAt stream (start + 30L) (short header 26)))

                    match name, own with
                    | Some name, Some own when ReadOnlySpan(name).SequenceEqual(ReadOnlySpan own) ->
                        look (left - 1) (at + 46L + int64 (length + extraLength + short entry 32))
                    | Some name, _ ->
                        Some(
                            "a member called "
                            + Text.Encoding.UTF8.GetString name
                            + " in the directory and otherwise in front of its data"
                        )
                    | None, _ -> Some "a directory that is cut"

        match directoryAt stream with
        | Some at -> look count at
        | None -> Some "a ZIP archive without its end (was it cut?)"

    static let strayName (name: string) =
        name.StartsWith '/'
        || name.Contains '\\'
        || name.Split '/' |> Array.exists (fun part -> part = ".." || part = ".")

    /// The archive in a stream that can seek. Refuses names that lead out of a folder or occur twice, and members that
    /// share their bytes.
    static member Open(stream: Stream, source: string) : Result<ZipReader, AniSoapError> =
        let refuse found expected = Error(Malformed(found, expected, { Place.Unknown with Source = Some source }))

        let opened =
            try
                let archive = new ZipArchive(stream, ZipArchiveMode.Read, true)
                Ok(archive, archive.Entries)
            with :? InvalidDataException ->
                refuse (describe stream) "a whole ZIP archive"

        opened
        |> Result.bind (fun (archive, entries) -> ZipReader.Checked(archive, entries, stream, source))

    static member private Checked
        (
            archive: ZipArchive,
            entries: Collections.ObjectModel.ReadOnlyCollection<ZipArchiveEntry>,
            stream: Stream,
            source
        ) =
        let refuse found expected = Error(Malformed(found, expected, { Place.Unknown with Source = Some source }))
        let names = entries |> Seq.map _.FullName

        match Seq.tryFind strayName names, names |> Seq.countBy id |> Seq.tryFind (fun (_, times) -> times > 1) with
        | Some stray, _ -> refuse $"a member called {stray}" "names below the archive's root, without '..'"
        | None, Some(name, times) -> refuse $"{string times} members called {name}" "names that all differ"
        | None, None ->
            // Without overflow: no length is above 2^63 and the sum stops at the first that is too much.
            let mutable left = stream.Length

            if
                entries
                |> Seq.forall (fun entry ->
                    let fits = entry.CompressedLength >= 0L && entry.CompressedLength <= left
                    left <- left - entry.CompressedLength
                    fits)
            then
                match strangeName stream entries.Count with
                | Some found -> refuse found "an intact archive"
                | None -> Ok(new ZipReader(archive, source))
            else
                refuse "members that are longer than the file" "members side by side"

    member _.Source = source
    /// The names of the members, in the order of the archive's directory.
    member _.Names: string seq = archive.Entries |> Seq.map _.FullName
    member _.Contains(name: string) = members.Contains name

    /// The member as `read` reads it from its stream and its length. A place in an error names the member.
    member _.Read(name: string, read: Stream -> int64 -> Result<'a, AniSoapError>) : Result<'a, AniSoapError> =
        let place = { Place.Unknown with Source = Some $"{source}, {name}" }

        match archive.GetEntry name with
        | null ->
            Error(Missing($"member {name}", "the archive is not complete", { Place.Unknown with Source = Some source }))
        | entry when not (plausible entry) ->
            Error(Malformed($"a length of {string entry.Length} bytes", "a length that its data can have", place))
        | entry ->
            if entry.Length / 200L > entry.CompressedLength then
                inflatable <- inflatable - entry.Length

            if inflatable < 0L then
                Error(
                    Malformed(
                        $"{string entry.CompressedLength} bytes that inflate to {string entry.Length}",
                        "data that do not inflate 200-fold; an array that is all zeros can be stored without compression",
                        place
                    )
                )
            else
                try
                    use opened = entry.Open()
                    use stream = new ChecksumStream(opened)

                    read stream entry.Length
                    |> Result.bind (fun value ->
                        if stream.ReadByte() >= 0 then
                            Error(Malformed("more bytes", "the end of the member", place))
                        elif stream.Checksum <> entry.Crc32 then
                            Error(Malformed("another checksum", "the checksum that the archive states", place))
                        else
                            Ok value)
                    |> Result.mapError (AniSoapError.at place)
                with
                | :? InvalidDataException as e -> Error(Malformed(SystemReason.ofData e, "an intact archive", place))
                | :? NotSupportedException ->
                    Error(Malformed("another compression", "a member that is stored or deflated", place))

    /// All bytes of a member.
    member reader.Bytes(name: string) : Result<byte[], AniSoapError> =
        reader.Read(
            name,
            fun stream length ->
                if length > int64 Array.MaxLength then
                    Error(AniSoapError.invalid "length of a member" length $"at most {string Array.MaxLength} bytes")
                else
                    let bytes = Array.zeroCreate<byte>(int length)

                    if stream.ReadAtLeast(Span bytes, bytes.Length, false) < bytes.Length then
                        Error(Malformed("the end of the data", $"{string length} bytes", Place.Unknown))
                    else
                        Ok bytes
        )

    interface IDisposable with
        member _.Dispose() = archive.Dispose()

module internal ZipReader =
    /// Opens the archive in a stream and reads it with `read`; what the system throws becomes an error about `source`.
    let reading
        (source: string)
        (stream: Stream)
        (read: ZipReader -> Result<'a, AniSoapError>)
        : Result<'a, AniSoapError> =
        Files.guard source (fun () ->
            // The directory of an archive is at its end; .NET would read a pipe into memory to get there.
            if not stream.CanSeek then
                raise (NotSupportedException())

            ZipReader.Open(stream, source)
            |> Result.bind (fun zip ->
                use zip = zip
                read zip))
