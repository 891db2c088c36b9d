namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open System.Text

/// A chunk to be written: values of one type, row by row, little-endian.
[<NoEquality; NoComparison>]
type internal GsdChunk = { Name: string; Type: GsdType; Rows: int; Columns: int; Data: byte[] }

/// A chunk that is written already.
[<NoEquality; NoComparison>]
type internal GsdStored = {
    Name: string
    Type: GsdType
    Rows: int
    Columns: int
    /// Its values, out of the file.
    Read: unit -> GsdChunk
}

/// Writes a GSD file of version 2.1 into a stream that can be written anywhere, in memory that does not depend on the
/// number of frames. Data go to the end of the file at once; names and index entries wait until there are many and are
/// then written in this order, so that an entry never speaks of what is not there. Nothing is flushed to the disk in
/// between: the file appears only when it is whole (see AtomicFile).
[<Sealed>]
type internal GsdFileWriter(stream: Stream, application: string, schema: string, schemaVersion: uint32) =
    static let firstIndexRoom = 128L
    static let firstNamesRoom = 16L

    /// Entries that wait at most before they are written.
    static let mostWaiting = 2048

    let names = Dictionary<string, int>(StringComparer.Ordinal)
    let nameBytes = new MemoryStream()
    let mutable namesWritten = 0L
    let waiting = ResizeArray<GsdEntry>()
    let mutable entriesWritten = 0L
    let mutable frame = 0UL

    let mutable header = {
        IndexLocation = int64 GsdHeader.Size
        IndexRoom = firstIndexRoom
        NamesLocation = int64 GsdHeader.Size + firstIndexRoom * int64 GsdEntry.Size
        NamesRoom = firstNamesRoom
        SchemaVersion = schemaVersion
        Version = GsdHeader.version 2 1
        Application = application
        Schema = schema
    }

    let mutable finish = header.NamesLocation + header.NamesRoom * int64 GsdHeader.NameBlock

    let writeAt place (bytes: ReadOnlySpan<byte>) =
        stream.Position <- place
        stream.Write bytes

    let writeHeader () =
        let bytes = Array.zeroCreate<byte> GsdHeader.Size
        GsdHeader.write (Span bytes) header
        writeAt 0L (ReadOnlySpan bytes)

    let writeZeros place (count: int64) =
        let zeros = Array.zeroCreate<byte> 65536
        stream.Position <- place
        let mutable left = count

        while left > 0L do
            let now = int (min left (int64 zeros.Length))
            stream.Write(zeros, 0, now)
            left <- left - int64 now

    do
        writeHeader ()
        writeZeros header.IndexLocation (finish - header.IndexLocation)

    let nameOf (name: string) =
        match names.TryGetValue name with
        | true, number -> number
        | false, _ ->
            let number = names.Count
            names[name] <- number
            nameBytes.Write(ReadOnlySpan(Encoding.UTF8.GetBytes name))
            nameBytes.WriteByte 0uy
            number

    /// Writes the names that are new, in a larger block at the end of the file where they need one. The last byte of a
    /// block is zero, and so is that behind the last name.
    let writeNames () =
        if nameBytes.Length > namesWritten then
            let size room = room * int64 GsdHeader.NameBlock

            if nameBytes.Length >= size header.NamesRoom then
                let mutable room = header.NamesRoom

                while nameBytes.Length >= size room do
                    room <- 2L * room

                writeZeros finish (size room)
                header <- { header with NamesLocation = finish; NamesRoom = room }
                finish <- finish + size room
                namesWritten <- 0L

            let all = nameBytes.GetBuffer()
            let count = int (nameBytes.Length - namesWritten)
            writeAt (header.NamesLocation + namesWritten) (ReadOnlySpan(all, int namesWritten, count))
            namesWritten <- nameBytes.Length
            writeHeader ()

    /// Moves the index to the end of the file, with more room.
    let growIndex (needed: int64) =
        let mutable room = header.IndexRoom

        while room <= needed do
            room <- 2L * room

        let bytes = Array.zeroCreate<byte> 65536
        let used = entriesWritten * int64 GsdEntry.Size
        let mutable copied = 0L

        while copied < used do
            let now = int (min (used - copied) (int64 bytes.Length))
            stream.Position <- header.IndexLocation + copied
            stream.ReadExactly(bytes, 0, now)
            writeAt (finish + copied) (ReadOnlySpan(bytes, 0, now))
            copied <- copied + int64 now

        writeZeros (finish + used) (room * int64 GsdEntry.Size - used)
        header <- { header with IndexLocation = finish; IndexRoom = room }
        finish <- finish + room * int64 GsdEntry.Size
        writeHeader ()

    let writeEntries () =
        let needed = entriesWritten + int64 waiting.Count

        if needed >= header.IndexRoom then
            growIndex needed

        let bytes = Array.zeroCreate<byte>(waiting.Count * GsdEntry.Size)

        for i in 0 .. waiting.Count - 1 do
            GsdEntry.write (Span(bytes, i * GsdEntry.Size, GsdEntry.Size)) waiting[i]

        writeAt (header.IndexLocation + entriesWritten * int64 GsdEntry.Size) (ReadOnlySpan bytes)
        entriesWritten <- needed
        waiting.Clear()

    let flush () =
        writeNames ()
        writeEntries ()

    /// Appends a frame, which must have a chunk at least: the format does not allow more frames than index entries.
    member _.Write(chunks: GsdChunk list) : Result<unit, AniSoapError> =
        let numbered = chunks |> List.map (fun chunk -> nameOf chunk.Name, chunk)

        if names.Count > GsdNames.Most then
            Error(AniSoapError.invalid "names of a GSD file" names.Count ("at most " + string GsdNames.Most))
        else
            stream.Position <- finish

            for number, chunk in numbered do
                waiting.Add {
                    Frame = frame
                    Rows = uint64 chunk.Rows
                    Columns = uint32 chunk.Columns
                    Location = finish
                    Name = number
                    Type = chunk.Type
                    Flags = 0uy
                }

                stream.Write(ReadOnlySpan chunk.Data)
                finish <- finish + int64 chunk.Data.Length

            // Version 2 wants a frame's entries in the order of their names' numbers.
            waiting.Sort(
                waiting.Count - numbered.Length,
                numbered.Length,
                Comparer.Create(fun a b -> compare a.Name b.Name)
            )

            frame <- frame + 1UL

            if waiting.Count >= mostWaiting then
                flush ()

            Ok()

    /// Says that the file is of another version of the schema.
    member _.UseSchema(version: uint32) =
        header <- { header with SchemaVersion = version }
        writeHeader ()

    /// Goes over all that was written once more, when there is nothing more to write. `revise` is given the number and
    /// the chunks of a frame, and gives those of them that are to be others, and new ones; there are at most `additions`
    /// of these. They have names that the file knows. The index is then another, at the end of the file.
    member _.Revise (additions: int64) (revise: uint64 -> GsdStored list -> GsdChunk list) : unit =
        flush ()
        let nameOfNumber = Array.zeroCreate<string> names.Count

        for pair in names do
            nameOfNumber[pair.Value] <- pair.Key

        let mutable room = header.IndexRoom

        while room <= entriesWritten + additions do
            room <- 2L * room

        let oldPlace, oldCount, newPlace = header.IndexLocation, entriesWritten, finish
        writeZeros newPlace (room * int64 GsdEntry.Size)
        finish <- newPlace + room * int64 GsdEntry.Size

        let revised = ResizeArray<GsdEntry>()
        let mutable revisedWritten = 0L

        let writeRevised () =
            let bytes = Array.zeroCreate<byte>(revised.Count * GsdEntry.Size)

            for i in 0 .. revised.Count - 1 do
                GsdEntry.write (Span(bytes, i * GsdEntry.Size, GsdEntry.Size)) revised[i]

            writeAt (newPlace + revisedWritten * int64 GsdEntry.Size) (ReadOnlySpan bytes)
            revisedWritten <- revisedWritten + int64 revised.Count
            revised.Clear()

        let stored (entry: GsdEntry) = {
            Name = nameOfNumber[entry.Name]
            Type = entry.Type
            Rows = int entry.Rows
            Columns = int entry.Columns
            Read =
                fun () ->
                    let data = Array.zeroCreate<byte>(int entry.ByteCount)
                    stream.Position <- entry.Location
                    stream.ReadExactly data

                    {
                        Name = nameOfNumber[entry.Name]
                        Type = entry.Type
                        Rows = int entry.Rows
                        Columns = int entry.Columns
                        Data = data
                    }
        }

        /// Data of the same size go where they were, others to the end.
        let put (frame: ResizeArray<GsdEntry>) number (chunk: GsdChunk) =
            let name = names[chunk.Name]
            let known = frame.FindIndex(fun entry -> entry.Name = name)

            let place =
                if known >= 0 && frame[known].ByteCount = int64 chunk.Data.Length then
                    frame[known].Location
                else
                    let place = finish
                    finish <- finish + int64 chunk.Data.Length
                    place

            writeAt place (ReadOnlySpan chunk.Data)

            let entry = {
                Frame = number
                Rows = uint64 chunk.Rows
                Columns = uint32 chunk.Columns
                Location = place
                Name = name
                Type = chunk.Type
                Flags = 0uy
            }

            if known >= 0 then
                frame[known] <- entry
            else
                frame.Add entry

        let close (frame: ResizeArray<GsdEntry>) =
            if frame.Count > 0 then
                let number = frame[0].Frame

                for chunk in revise number [ for entry in frame -> stored entry ] do
                    put frame number chunk

                frame.Sort(Comparer.Create(fun (a: GsdEntry) (b: GsdEntry) -> compare a.Name b.Name))
                revised.AddRange frame
                frame.Clear()

                if revised.Count >= mostWaiting then
                    writeRevised ()

        let window = Array.zeroCreate<byte>(mostWaiting * GsdEntry.Size)
        let current = ResizeArray<GsdEntry>()
        let mutable next = 0L

        while next < oldCount do
            let count = int (min (int64 mostWaiting) (oldCount - next))
            stream.Position <- oldPlace + next * int64 GsdEntry.Size
            stream.ReadExactly(window, 0, count * GsdEntry.Size)

            for i in 0 .. count - 1 do
                let entry = GsdEntry.read (ReadOnlySpan(window, i * GsdEntry.Size, GsdEntry.Size))

                if current.Count > 0 && current[0].Frame <> entry.Frame then
                    close current

                current.Add entry

            next <- next + int64 count

        close current
        writeRevised ()
        header <- { header with IndexLocation = newPlace; IndexRoom = room }
        entriesWritten <- revisedWritten
        writeHeader ()

    /// Writes what waits.
    member _.Finish() =
        flush ()
        stream.Position <- finish
