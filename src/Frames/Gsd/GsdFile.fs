namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open System.Text

/// The names of a GSD file's chunks; an index entry names its chunk by the place in this list.
module internal GsdNames =
    /// An index entry has 16 bits for the name, and the largest number stands for none.
    [<Literal>]
    let Most = 65535

    let private strict = UTF8Encoding(false, true)

    let private decode (bytes: ReadOnlySpan<byte>) =
        try
            Ok(strict.GetString bytes)
        with :? DecoderFallbackException ->
            GsdHeader.malformed "a chunk's name that is not UTF-8" "names in UTF-8"

    /// Where the name behind one that starts at `start` and ends at `finish` starts: version 1 has 64 bytes a name,
    /// version 2 one behind the other, each ended by a zero.
    let private next isVersion1 start finish =
        if isVersion1 then
            start + GsdHeader.NameBlock
        else
            finish + 1

    /// The names in the list's bytes, up to the first empty one.
    let parse (isVersion1: bool) (bytes: byte[]) : Result<string[], AniSoapError> =
        if bytes.Length = 0 || bytes[bytes.Length - 1] <> 0uy then
            GsdHeader.malformed "a list of names that does not end on a zero byte" "names that each end on a zero byte"
        else
            let names = ResizeArray<string>()
            let known = HashSet<string>(StringComparer.Ordinal)
            let mutable start = 0
            let mutable failure = ValueNone

            while failure.IsNone && start < bytes.Length && bytes[start] <> 0uy do
                let finish = Array.IndexOf(bytes, 0uy, start)

                let name =
                    if isVersion1 && finish >= start + GsdHeader.NameBlock then
                        GsdHeader.malformed "a chunk's name of more than 63 bytes" "at most 63 in a file of version 1"
                    else
                        decode (ReadOnlySpan(bytes, start, finish - start))

                match name with
                | Error error -> failure <- ValueSome error
                | Ok name when not (known.Add name) ->
                    failure <-
                        ValueSome(Malformed("the chunk name " + name + " twice", "each name once", Place.Unknown))
                | Ok _ when names.Count = Most ->
                    failure <- ValueSome(Malformed("more than 65535 chunk names", "at most 65535", Place.Unknown))
                | Ok name ->
                    names.Add name
                    start <- next isVersion1 start finish

            match failure with
            | ValueSome error -> Error error
            | ValueNone -> Ok(names.ToArray())

/// A GSD file being read: frame after frame, each a set of named chunks whose data are read when asked for. Of the
/// index only a window is in memory. Versions 0.3, 1 and 2.
[<Sealed>]
type internal GsdFile private (stream: Stream, length: int64, header: GsdHeader, names: string[]) =
    /// Entries of the index read at a time.
    static let windowEntries = 2048

    let indexEnd = header.IndexLocation + header.IndexRoom * int64 GsdEntry.Size
    let namesEnd = header.NamesLocation + header.NamesRoom * int64 GsdHeader.NameBlock
    let isSorted = header.Version >= GsdHeader.version 2 0

    let window = Array.zeroCreate<byte>(int (min (int64 windowEntries) header.IndexRoom) * GsdEntry.Size)

    let mutable windowStart = 0L
    let mutable windowCount = 0
    // The next entry to look at, and the frame that comes next.
    let mutable position = 0L
    let mutable frame = 0L
    // Where the data of all entries so far end.
    let mutable dataEnd = 0L

    // The chunks of the current frame, and for each name the entry and the frame that it was last seen in (from 1).
    let present = ResizeArray<int>()
    let entries = Array.zeroCreate<GsdEntry> names.Length
    let seenIn = Array.zeroCreate<int64> names.Length
    let byPlace = ResizeArray<GsdEntry>()

    let wrong found expected = Error(Malformed(found, expected, Place.Unknown))

    let nameOf (entry: GsdEntry) =
        if entry.Name < names.Length then
            names[entry.Name]
        else
            "number " + string entry.Name

    let overlaps (entry: GsdEntry) first finish =
        entry.ByteCount > 0L
        && entry.Location < finish
        && first < entry.Location + entry.ByteCount

    let check (entry: GsdEntry) =
        let size = uint64 (GsdType.size entry.Type)
        let what = "index entry " + string position + ": "

        if size = 0UL then
            wrong (what + "the type " + string (int entry.Type)) "a type from 1 to 11"
        elif entry.Flags <> 0uy then
            wrong (what + "the flags " + string entry.Flags) "0"
        elif entry.Columns = 0u then
            wrong (what + "0 columns") "at least 1"
        elif uint64 entry.Columns * size > 0x40000000UL then
            wrong (what + string entry.Columns + " columns") "rows of at most 1 GiB"
        elif entry.Name >= names.Length then
            wrong (what + "the name " + nameOf entry) ("one of the file's " + string names.Length + " names")
        elif entry.Frame >= uint64 header.IndexRoom then
            wrong (what + "the frame " + string entry.Frame) ("less than the index's room, " + string header.IndexRoom)
        elif
            entry.Location < int64 GsdHeader.Size
            || entry.Location > length
            || entry.Rows > uint64 (length - entry.Location) / (uint64 entry.Columns * size)
        then
            wrong
                (what
                 + string entry.Rows
                 + " × "
                 + string entry.Columns
                 + " values of "
                 + nameOf entry
                 + " at byte "
                 + string entry.Location)
                ("data behind the header and in the file's " + string length + " bytes")
        elif entry.Rows * uint64 entry.Columns > uint64 Array.MaxLength then
            wrong
                (what
                 + string entry.Rows
                 + " × "
                 + string entry.Columns
                 + " values of "
                 + nameOf entry)
                ("at most " + string Array.MaxLength + " values in a chunk")
        elif
            overlaps entry header.IndexLocation indexEnd
            || overlaps entry header.NamesLocation namesEnd
        then
            wrong
                (what + "the data of " + nameOf entry + " at byte " + string entry.Location)
                "data outside the index and the list of names"
        else
            Ok entry

    /// The entry at `position`, or nothing where the list ends.
    let peek () =
        if position >= header.IndexRoom then
            Ok ValueNone
        else
            if position >= windowStart + int64 windowCount then
                let count = int (min (int64 windowEntries) (header.IndexRoom - position))
                stream.Position <- header.IndexLocation + position * int64 GsdEntry.Size
                stream.ReadExactly(window, 0, count * GsdEntry.Size)
                windowStart <- position
                windowCount <- count

            let start = int (position - windowStart) * GsdEntry.Size
            let entry = GsdEntry.read (ReadOnlySpan(window, start, GsdEntry.Size))

            if entry.Location = 0L then
                Ok ValueNone
            else
                check entry |> Result.map ValueSome

    /// No two chunks of the frame share bytes.
    let checkPlaces () =
        byPlace.Clear()

        for name in present do
            if entries[name].ByteCount > 0L then
                byPlace.Add entries[name]

        byPlace.Sort(fun a b -> compare a.Location b.Location)

        let mutable clash = 1

        while clash < byPlace.Count
              && byPlace[clash - 1].Location + byPlace[clash - 1].ByteCount
                 <= byPlace[clash].Location do
            clash <- clash + 1

        if clash < byPlace.Count then
            wrong
                ("the data of "
                 + nameOf byPlace[clash - 1]
                 + " and "
                 + nameOf byPlace[clash]
                 + " in the same place")
                "each chunk's data in a place of its own"
        else
            Ok true

    /// The entries of frame `frame`, which has some unless frames were left out.
    let rec collect previous =
        match peek () with
        | Error error -> Error error
        | Ok(ValueSome entry) when entry.Frame = uint64 frame ->
            if isSorted && entry.Name < previous then
                wrong ("index entry " + string position + ": " + nameOf entry + " after a later name") "names in order"
            elif seenIn[entry.Name] = frame + 1L then
                wrong ("the chunk " + nameOf entry + " twice") "each chunk once in a frame"
            else
                entries[entry.Name] <- entry
                seenIn[entry.Name] <- frame + 1L
                present.Add entry.Name
                dataEnd <- max dataEnd (entry.Location + entry.ByteCount)
                position <- position + 1L
                collect entry.Name
        | Ok(ValueSome entry) when entry.Frame < uint64 frame ->
            wrong ("index entry " + string position + ": frame " + string entry.Frame) "frames in ascending order"
        | Ok ended ->
            // A frame without chunks is one where a later frame has some.
            if present.Count = 0 && ended.IsNone then
                Ok false
            else
                checkPlaces ()

    /// Opens what is in the stream, which must be one that can be read anywhere.
    static member Open(stream: Stream) : Result<GsdFile, AniSoapError> =
        if not stream.CanSeek then
            GsdHeader.malformed "a pipe" "a file, for GSD is read here and there"
        else
            let length = stream.Length
            let start = Array.zeroCreate<byte>(int (min length (int64 GsdHeader.Size)))
            stream.Position <- 0L
            stream.ReadExactly start

            GsdHeader.read length (ReadOnlySpan start)
            |> Result.bind (fun header ->
                let bytes = Array.zeroCreate<byte>(int header.NamesRoom * GsdHeader.NameBlock)
                stream.Position <- header.NamesLocation
                stream.ReadExactly bytes

                GsdNames.parse (header.Version < GsdHeader.version 2 0) bytes
                |> Result.map (fun names -> new GsdFile(stream, length, header, names)))

    member _.Header = header
    member _.Names: string[] = names

    /// Bytes behind all that the index knows, once the last frame has passed: what was written and never entered into the index.
    member _.StrayBytes: int64 = max 0L (length - max dataEnd (max indexEnd namesEnd))

    /// Goes to the next frame; false behind the last.
    member _.MoveNext() : Result<bool, AniSoapError> =
        present.Clear()

        match collect -1 with
        | Ok true ->
            frame <- frame + 1L
            Ok true
        | Ok false -> Ok false
        | Error error -> Error error

    /// The number in `Names` of a chunk's name, -1 where the file has no such name.
    member _.NumberOf(name: string) = Array.IndexOf(names, name)

    /// The current frame's chunk of a name, given by its number.
    member _.TryChunk(name: int) =
        // `MoveNext` has counted the frame already.
        if name >= 0 && frame > 0L && seenIn[name] = frame then
            ValueSome entries[name]
        else
            ValueNone

    /// The numbers of the names of the current frame's chunks.
    member _.Present: seq<int> = present

    /// Reads rows from `first` on of a chunk, as many as `destination` holds.
    member _.Read(entry: GsdEntry, first: int64, destination: Span<byte>) =
        stream.Position <- entry.Location + first * int64 entry.Columns * int64 (GsdType.size entry.Type)
        stream.ReadExactly destination

    interface IDisposable with
        member _.Dispose() = stream.Dispose()
