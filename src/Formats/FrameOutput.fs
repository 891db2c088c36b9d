namespace AniSoap

/// How frames are written.
type FrameOutputOptions = {
    /// The format, where the file's ending does not tell it.
    Format: FrameFormat option
    /// How extended XYZ names its columns.
    Columns: ShapeColumns
    /// What becomes of a file of that name.
    Existing: Existing
    /// Told what the format cannot hold, each thing once.
    Warn: string -> unit
}

/// How frames are written.
module FrameOutputOptions =
    /// The format by the file's ending, and names as AniSOAP and ASE know them; no file is replaced, and nobody is told what is lost.
    let defaults: FrameOutputOptions = {
        Format = None
        Columns = ShapeColumns.Escaped
        Existing = Existing.Keep
        Warn = ignore
    }

    /// The same, and a file of that name is replaced.
    let replacing: FrameOutputOptions = { defaults with Existing = Existing.Replace }

namespace AniSoap.Formats

open System
open System.IO
open System.IO.Compression
open AniSoap

/// A file that frames are written to one at a time, in memory that does not depend on their number. It appears when it
/// is completed; disposing of it without that leaves nothing.
[<Sealed>]
type FrameOutput internal (file: AtomicFile, stream: Stream, writer: IFrameWriter) =
    let mutable failure = None

    let guard action =
        match failure with
        | Some error -> Error error
        | None ->
            let outcome = Files.guard file.Path action

            match outcome with
            | Ok() -> ()
            | Error error -> failure <- Some error

            outcome

    /// Adds a frame. After an error nothing can be added or completed any more.
    member _.Write(snapshot: Snapshot) : Result<unit, AniSoapError> = guard (fun () -> writer.Write snapshot)

    /// Ends the file and gives it its name.
    member _.Complete() : Result<unit, AniSoapError> =
        guard (fun () ->
            writer.Finish()
            |> Result.bind (fun () ->
                if not (obj.ReferenceEquals(stream, file.Stream)) then
                    stream.Dispose()

                file.Commit()))

    /// Lets go of the file; nothing is left of it unless it was completed.
    member _.Dispose() =
        try
            writer.Dispose()

            if not (obj.ReferenceEquals(stream, file.Stream)) then
                Files.abandon stream
        finally
            file.Dispose()

    interface IDisposable with
        member output.Dispose() = output.Dispose()

module internal FrameOutput =
    /// The format of a path by its ending, or as the options say.
    let formatOf (options: FrameOutputOptions) (path: string) : Result<FrameFormat, AniSoapError> =
        match options.Format |> Option.orElseWith (fun () -> Endings.tryFrames path) with
        | Some FrameFormat.Gsd when (Endings.tryPacked path).IsSome ->
            Error(AniSoapError.invalid "output" path "GSD without .gz: it is read and written in place")
        | Some _ when Endings.tryPacked path |> Option.exists (fun ending -> ending <> ".gz") ->
            Error(
                AniSoapError.invalid "output" path "a file without .bz2 and .zst, which are read alone, or one with .gz"
            )
        | Some format when not (Endings.isWritten format) ->
            let known = String.concat ", " Endings.ofPackedFrames

            Error(
                AniSoapError.invalid
                    "output"
                    path
                    $"a file ending in {known}: files of atoms alone are read, not written"
            )
        | Some format -> Ok format
        | None ->
            let known = String.concat ", " Endings.ofPackedFrames

            Error(
                AniSoapError.invalid
                    "output"
                    path
                    $"a file ending in {known} (text with .gz too), or a format given for it"
            )

    /// The writer of a format: the one place to add another.
    let private writer options lost format path (stream: Stream) : IFrameWriter =
        match format with
        // Not written, which `formatOf` has refused.
        | FrameFormat.Pdb
        | FrameFormat.Gro
        | FrameFormat.ExtendedXyz -> new ExtendedXyzWriter(options.Columns, lost, stream)
        | FrameFormat.Gsd -> new GsdWriter(lost, stream)
        | FrameFormat.LammpsDump -> new LammpsDumpWriter(lost, stream)
        | FrameFormat.LammpsData -> new LammpsDataWriter(lost, stream)
        | FrameFormat.Chemiscope -> new ChemiscopeWriter(lost, path, ChemiscopeTarget.Structure, stream)

    let create (options: FrameOutputOptions) (path: string) : Result<FrameOutput, AniSoapError> =
        formatOf options path
        |> Result.bind (fun format ->
            AtomicFile.Create(path, options.Existing)
            |> Result.map (fun file ->
                let stream: Stream =
                    if (Endings.tryPacked path).IsSome then
                        new GZipStream(file.Stream, CompressionLevel.Optimal, true)
                    else
                        file.Stream

                new FrameOutput(file, stream, writer options (Warnings.once options.Warn) format file.Path stream)))
