namespace AniSoap

open System
open System.IO
open System.IO.Compression

/// The formats that frames are written in.
[<RequireQualifiedAccess>]
type OutputFormat =
    /// Extended XYZ, as ASE and OVITO read it.
    | ExtendedXyz
    /// A dump of LAMMPS's atoms.
    | LammpsDump
    /// A data file, which LAMMPS starts from.
    | LammpsData
    /// GSD, as HOOMD-blue reads it.
    | Gsd
    /// chemiscope JSON, which a browser shows.
    | Chemiscope

/// How frames are written.
type FrameOutputOptions = {
    /// The format, where the file's ending does not tell it.
    Format: OutputFormat option
    /// How extended XYZ names its columns.
    Columns: ShapeColumns
}

/// How frames are written.
module FrameOutputOptions =
    /// The format by the file's ending, and names as AniSOAP and ASE know them.
    let defaults = { Format = None; Columns = ShapeColumns.Escaped }

/// A file that frames are written to one at a time, in memory that does not depend on their number. It appears when it
/// is completed; disposing of it without that leaves nothing.
[<Sealed>]
type FrameSink internal (file: AtomicFile, stream: Stream, writer: IFrameWriter) =
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
        member sink.Dispose() = sink.Dispose()

/// Frames into files.
module FrameSink =
    let private endings = [
        ".xyz", OutputFormat.ExtendedXyz
        ".extxyz", OutputFormat.ExtendedXyz
        ".dump", OutputFormat.LammpsDump
        ".lammpstrj", OutputFormat.LammpsDump
        ".data", OutputFormat.LammpsData
        ".gsd", OutputFormat.Gsd
        ".json", OutputFormat.Chemiscope
    ]

    /// The endings by which `formatOf` knows a format, those of compressed text among them.
    let knownEndings: string list =
        endings
        |> List.collect (fun (ending, format) ->
            if format = OutputFormat.Gsd then
                [ ending ]
            else
                [ ending; ending + ".gz" ])

    let private isGzip (path: string) = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)

    /// The format of a path by its ending, or as the options say.
    let formatOf (options: FrameOutputOptions) (path: string) : Result<OutputFormat, AniSoapError> =
        let plain =
            if isGzip path then
                path.Substring(0, path.Length - 3)
            else
                path

        let byEnding () =
            endings
            |> List.tryFind (fun (ending, _) -> plain.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            |> Option.map snd

        match options.Format |> Option.orElseWith byEnding with
        | Some OutputFormat.Gsd when isGzip path ->
            Error(AniSoapError.invalid "output" path "GSD without .gz: it is read and written in place")
        | Some format -> Ok format
        | None ->
            let known = String.concat ", " knownEndings

            Error(
                AniSoapError.invalid
                    "output"
                    path
                    $"a file ending in {known} (text with .gz too), or a format given for it"
            )

    /// The writer of a format: the one place to add another.
    let private writer options lost format path (stream: Stream) : Result<IFrameWriter, AniSoapError> =
        match format with
        | OutputFormat.ExtendedXyz -> Ok(new ExtendedXyzWriter(options.Columns, lost, stream))
        | OutputFormat.Gsd -> Ok(new GsdWriter(lost, stream))
        | OutputFormat.LammpsDump -> Ok(new LammpsDumpWriter(lost, stream))
        | OutputFormat.LammpsData -> Ok(new LammpsDataWriter(lost, stream))
        | OutputFormat.Chemiscope -> Ok(new ChemiscopeWriter(lost, path, ChemiscopeTarget.Structure, stream))

    /// Starts a file. `lost` is told once for each kind what the format cannot hold. Refuses what `AtomicFile.Create`
    /// refuses, and endings of no known format.
    let create
        (options: FrameOutputOptions)
        (lost: string -> unit)
        (replace: bool)
        (path: string)
        : Result<FrameSink, AniSoapError> =
        formatOf options path
        |> Result.bind (fun format ->
            AtomicFile.Create(path, replace)
            |> Result.bind (fun file ->
                let stream: Stream =
                    if isGzip path then
                        new GZipStream(file.Stream, CompressionLevel.Optimal, true)
                    else
                        file.Stream

                match writer options (Warnings.once lost) format file.Path stream with
                | Ok writer -> Ok(new FrameSink(file, stream, writer))
                | Error error ->
                    file.Dispose()
                    Error error))

    /// Writes all snapshots to a file, which appears only when every one was written; gives their number. The first
    /// error ends it.
    let writeAll
        (options: FrameOutputOptions)
        (lost: string -> unit)
        (replace: bool)
        (path: string)
        (snapshots: Result<Snapshot, AniSoapError> seq)
        : Result<int, AniSoapError> =
        create options lost replace path
        |> Result.bind (fun sink ->
            use sink = sink
            use all = snapshots.GetEnumerator()
            let mutable count = 0
            let mutable failure = None

            while failure.IsNone && all.MoveNext() do
                match all.Current |> Result.bind sink.Write with
                | Ok() -> count <- count + 1
                | Error error -> failure <- Some error

            match failure with
            | Some error -> Error error
            | None -> sink.Complete() |> Result.map (fun () -> count))
