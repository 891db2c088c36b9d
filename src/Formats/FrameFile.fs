namespace AniSoap

open AniSoap.Formats

/// Frames out of files and into them, one at a time: memory depends on the largest frame, not on the files. The format goes by the
/// file's ending; "-" reads standard input. What is read may be packed (`.gz`).
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module FrameFile =
    let private values results = results |> Seq.map (Result.map _.Value)

    /// The selected frames of several files in their order, each with its number, which runs on from file to file. Ends after the first
    /// error. A file without frames is an error; a selection without frames is not.
    let readNumbered (options: InputOptions) (paths: string seq) : seq<Result<Numbered<Frame>, AniSoapError>> =
        FrameTrajectory.read (fun reader inFile -> reader.Read inFile) id options paths

    /// The selected frames of several files in their order, as one trajectory. Ends after the first error.
    let readMany (options: InputOptions) (paths: string seq) : seq<Result<Frame, AniSoapError>> =
        readNumbered options paths |> values

    /// The selected frames of a file, as they are asked for. Ends after the first error; the file is closed with the sequence.
    let readWith (options: InputOptions) (path: string) : seq<Result<Frame, AniSoapError>> = readMany options [ path ]

    /// The frames of a file, as they are asked for. Ends after the first error; the file is closed with the sequence.
    let read (path: string) : seq<Result<Frame, AniSoapError>> = readWith InputOptions.defaults path

    /// The selected frames of several files, all at once.
    let readAllWith (options: InputOptions) (paths: string seq) : Result<Frame[], AniSoapError> =
        readMany options paths |> Result.traverse id

    /// The frames of a file, all at once.
    let readAll (path: string) : Result<Frame[], AniSoapError> = readAllWith InputOptions.defaults [ path ]

    /// The same as `readNumbered` with all that the files say of each frame, which takes longer.
    let snapshotsNumbered (options: InputOptions) (paths: string seq) : seq<Result<Numbered<Snapshot>, AniSoapError>> =
        FrameTrajectory.read (fun reader inFile -> reader.ReadSnapshot inFile) _.Frame options paths

    /// The selected frames of a file with all that it says of them. Ends after the first error; the file is closed with the sequence.
    let snapshotsWith (options: InputOptions) (path: string) : seq<Result<Snapshot, AniSoapError>> =
        snapshotsNumbered options [ path ] |> values

    /// The frames of a file with all that it says of them. Ends after the first error; the file is closed with the sequence.
    let snapshots (path: string) : seq<Result<Snapshot, AniSoapError>> = snapshotsWith InputOptions.defaults path

    /// The species that occur in the selected frames, ascending, and the number of these frames: a first pass that reads nothing else and
    /// tells no warnings.
    let survey (options: InputOptions) (paths: string seq) : Result<int[] * int, AniSoapError> =
        FrameTrajectory.survey options paths

    /// The species that occur in the selected frames, ascending.
    let species (options: InputOptions) (paths: string seq) : Result<int[], AniSoapError> =
        survey options paths |> Result.map fst

    /// The particle types of a GSD file, whose names are no chemical symbols: each name with each species that it stands
    /// for in some frame, by the type map or as the file numbers them.
    let gsdTypes (typeMap: Map<string, int>) (path: string) : Result<(string * int) list, AniSoapError> =
        GsdReader.Types({ InputOptions.defaults with TypeMap = typeMap }, path)

    /// The format that a path is read in, by its ending or as the options say; "-" is extended XYZ.
    let inputFormat (options: InputOptions) (path: string) : Result<FrameFormat, AniSoapError> =
        FrameTrajectory.formatOf options path

    /// What can be told of inputs before a frame is read: their formats are known, and the files are there ("-" is standard input).
    let check (options: InputOptions) (paths: string seq) : Result<unit, AniSoapError> =
        paths
        |> Result.check (fun path ->
            inputFormat options path
            |> Result.bind (fun _ ->
                if path = "-" || System.IO.File.Exists path then
                    Ok()
                elif System.IO.Directory.Exists path then
                    Error(Inaccessible(path, "is a folder; the input must be a file"))
                else
                    Error(Inaccessible(path, "does not exist"))))

    /// The format that a path is written in, by its ending or as the options say.
    let outputFormat (options: FrameOutputOptions) (path: string) : Result<FrameFormat, AniSoapError> =
        FrameOutput.formatOf options path

    /// Starts a file that frames are written to one at a time. Refuses what cannot be created, a file that exists and may not be replaced,
    /// and endings of no known format.
    let create (options: FrameOutputOptions) (path: string) : Result<FrameOutput, AniSoapError> =
        FrameOutput.create options path

    /// Writes all snapshots to a file, which appears only when every one was written; gives their number. The first error ends it.
    let writeSnapshots
        (options: FrameOutputOptions)
        (path: string)
        (snapshots: Result<Snapshot, AniSoapError> seq)
        : Result<int, AniSoapError> =
        create options path
        |> Result.bind (fun output ->
            use output = output

            snapshots
            |> Result.fold (fun count read -> read |> Result.bind output.Write |> Result.map (fun () -> count + 1)) 0
            |> Result.bind (fun count -> output.Complete() |> Result.map (fun () -> count)))

    /// Writes all frames to a file, which appears only when every one was written; gives their number.
    let writeWith (options: FrameOutputOptions) (path: string) (frames: Frame seq) : Result<int, AniSoapError> =
        frames
        |> Seq.map (fun frame -> Ok(Snapshot.ofFrame frame))
        |> writeSnapshots options path

    /// Writes all frames to a file that does not exist yet; gives their number.
    let write (path: string) (frames: Frame seq) : Result<int, AniSoapError> =
        writeWith FrameOutputOptions.defaults path frames
