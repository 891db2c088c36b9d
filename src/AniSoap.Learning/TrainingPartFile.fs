namespace AniSoap.Learning

open System
open System.IO
open System.Runtime.InteropServices
open System.Text
open System.Text.Json
open AniSoap
open AniSoap.Formats

/// Parts of training in files: a line of text, the length of a description in JSON and this, then the numbers of all factors, little-endian doubles.
module TrainingPartFile =
    [<Literal>]
    let private Line = "anisoap factors\n"

    let private describe (part: TrainingPart) : byte[] =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory)
         writer.WriteStartObject()
         writer.WriteNumber("version", 1)
         writer.WriteNumber("first_frame", part.First)
         writer.WriteNumber("frames", part.Frames)
         writer.WriteNumber("rows", part.Rows)
         writer.WriteNumber("columns", part.Columns)
         writer.WriteNumber("leaf_frames", part.LeafFrames)
         writer.WriteStartArray "folds"

         for fold in part.Folds do
             writer.WriteStartArray()

             for piece in fold do
                 writer.WriteStartObject()

                 match piece with
                 | FactorPiece.Factor(level, index, packed) ->
                     writer.WriteNumber("level", level)
                     writer.WriteNumber("index", index)
                     writer.WriteNumber("numbers", packed.Length)
                 | FactorPiece.Rows(leaf, values) ->
                     writer.WriteNumber("index", leaf)
                     writer.WriteNumber("numbers", values.Length)

                 writer.WriteEndObject()

             writer.WriteEndArray()

         writer.WriteEndArray()
         writer.WriteEndObject())

        memory.ToArray()

    let private valuesOf piece =
        match piece with
        | FactorPiece.Factor(_, _, values)
        | FactorPiece.Rows(_, values) -> values

    /// Writes a part to a file, whole or not at all.
    let save (existing: Existing) (path: string) (part: TrainingPart) : Result<unit, AniSoapError> =
        AtomicFile.Create(path, existing)
        |> Result.bind (fun file ->
            use file = file

            file.Write(fun stream ->
                let description = describe part
                stream.Write(ReadOnlySpan(Encoding.ASCII.GetBytes Line))
                stream.Write(ReadOnlySpan(BitConverter.GetBytes description.Length))
                stream.Write(ReadOnlySpan description)

                for fold in part.Folds do
                    for piece in fold do
                        stream.Write(
                            Span.op_Implicit (MemoryMarshal.AsBytes(Span(valuesOf piece))): ReadOnlySpan<byte>
                        ))
            |> Result.bind (fun () -> file.Commit()))

    let private read (stream: Stream) : TrainingPart =
        let bytes count =
            let buffer = Array.zeroCreate<byte> count
            stream.ReadExactly(Span buffer)
            buffer

        let wrong () = raise (InvalidDataException "no factors of a part of training")

        if Encoding.ASCII.GetString(bytes Line.Length) <> Line then
            wrong ()

        let length = BitConverter.ToInt32(bytes 4, 0)

        if length <= 0 || int64 length > stream.Length then
            wrong ()

        use description = JsonDocument.Parse(ReadOnlyMemory(bytes length))
        let root = description.RootElement

        if root.GetProperty("version").GetInt32() <> 1 then
            wrong ()

        let piece (element: JsonElement) =
            let count = element.GetProperty("numbers").GetInt32()

            if count < 0 || int64 count > stream.Length / 8L then
                wrong ()

            let values = Array.zeroCreate<float> count
            stream.ReadExactly(MemoryMarshal.AsBytes(Span values))
            let index = element.GetProperty("index").GetInt64()

            match element.TryGetProperty "level" with
            | true, level -> FactorPiece.Factor(level.GetInt32(), index, values)
            | _ -> FactorPiece.Rows(index, values)

        let folds = [|
            for fold in root.GetProperty("folds").EnumerateArray() ->
                [| for one in fold.EnumerateArray() -> piece one |]
        |]

        if stream.Position <> stream.Length then
            wrong ()

        let whole (name: string) = root.GetProperty(name).GetInt32()

        TrainingPart(
            whole "first_frame",
            whole "frames",
            root.GetProperty("rows").GetInt64(),
            whole "columns",
            whole "leaf_frames",
            folds
        )

    /// The part of a file. Refuses what `save` has not written, and files that are not whole.
    let load (path: string) : Result<TrainingPart, AniSoapError> =
        let refuse found =
            Error(Malformed(found, "what a part of training writes", { Place.Unknown with Source = Some path }))

        try
            use stream = File.OpenRead path
            Ok(read stream)
        with
        | :? EndOfStreamException -> refuse "the end of the file"
        | :? InvalidDataException as failure -> refuse failure.Message
        | :? JsonException
        | :? Collections.Generic.KeyNotFoundException
        | :? InvalidOperationException
        | :? FormatException -> refuse "no description of factors"
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error(Inaccessible(path, "does not exist"))
        | :? IOException as failure -> Error(Inaccessible(path, failure.Message))
        | :? UnauthorizedAccessException -> Error(Inaccessible(path, "it may not be read"))
