namespace AniSoap

open System
open System.Collections.Generic
open System.IO

/// Frames out of files, one at a time. Memory depends on the largest frame, not on the files.
module FrameSource =
    let private endings = [
        ".xyz", InputFormat.ExtendedXyz
        ".extxyz", InputFormat.ExtendedXyz
        ".dump", InputFormat.LammpsDump
        ".lammpstrj", InputFormat.LammpsDump
        ".data", InputFormat.LammpsData
        ".gsd", InputFormat.Gsd
        ".json", InputFormat.Chemiscope
    ]

    /// The endings by which `formatOf` knows a format; all but `.gsd` may be followed by `.gz`.
    let knownEndings: string list = List.map fst endings

    let private isEnding (ending: string) (path: string) = path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

    let private withoutGz (path: string) =
        if isEnding ".gz" path then
            path.Substring(0, path.Length - 3)
        else
            path

    /// The format of a path by its ending, or as the options say; "-" is extended XYZ.
    let formatOf (options: InputOptions) (path: string) : Result<InputFormat, AniSoapError> =
        let byEnding () =
            endings
            |> List.tryFind (fun (ending, _) -> isEnding ending (withoutGz path))
            |> Option.map snd

        match options.Format |> Option.orElseWith byEnding with
        | Some format -> Ok format
        | None when path = "-" -> Ok InputFormat.ExtendedXyz
        | None ->
            let known = endings |> List.map fst |> String.concat ", "

            Error(
                AniSoapError.invalid "input" path $"a file ending in {known} (with .gz too), or a format given for it"
            )

    let private nameOf path = if path = "-" then "standard input" else path

    /// The reader of a format: the one place to add another. Pieces are more dumps of the same frames.
    let private reader options warn path (pieces: string list) format : Result<IFrameReader, AniSoapError> =
        let text (make: LineReader -> IFrameReader) =
            InputStream.openPath path
            |> Result.map (fun stream -> make (new LineReader(stream)))

        let rec openPieces opened rest =
            match rest with
            | [] -> Ok(List.rev opened)
            | piece :: others ->
                match InputStream.openPath piece with
                | Ok stream ->
                    openPieces (LammpsDumpPieces.create (nameOf piece) (new LineReader(stream)) :: opened) others
                | Error error ->
                    for before in opened do
                        (before.Lines :> IDisposable).Dispose()

                    Error error

        match format with
        | InputFormat.ExtendedXyz -> text (fun lines -> new ExtendedXyzReader(options, warn, nameOf path, lines))
        | InputFormat.LammpsDump ->
            openPieces [] (path :: pieces)
            |> Result.map (fun opened ->
                if not pieces.IsEmpty then
                    let all = path :: pieces |> List.map nameOf |> String.concat ", "

                    warn
                        $"{all}: the same steps and boxes, and different ids: put together as pieces of the same frames"

                new LammpsDumpReader(options, warn, opened))
        | InputFormat.LammpsData -> text (fun lines -> new LammpsDataReader(options, warn, nameOf path, lines))
        | InputFormat.Gsd ->
            GsdReader.OpenPath(options, warn, path)
            |> Result.map (fun reader -> reader :> IFrameReader)
        | InputFormat.Chemiscope ->
            ChemiscopeReader.OpenPath(options, warn, path)
            |> Result.map (fun reader -> reader :> IFrameReader)

    /// The particle types of a GSD file, whose names are no chemical symbols: each name with each species that it stands
    /// for in some frame, by the type map or as the file numbers them.
    let gsdTypes (typeMap: Map<string, int>) (path: string) : Result<(string * int) list, AniSoapError> =
        GsdReader.Types({ InputOptions.defaults with TypeMap = typeMap }, path)

    /// Names of columns are nothing to formats without columns.
    let private checkKeys (options: InputOptions) format =
        let refuse key name remedy = Error(AniSoapError.invalid key name ("none: " + remedy))

        match format, options.ShapeKey, options.RotationKey with
        | InputFormat.LammpsData, Some key, _ ->
            refuse "shape key" key "a data file has its shapes in the section Ellipsoids"
        | InputFormat.LammpsData, None, Some key when key <> "c_q" ->
            refuse "orientation key" key "a data file has its orientations in the section Ellipsoids"
        | InputFormat.Gsd, Some key, _ -> refuse "shape key" key "a GSD file has its shapes in particles/type_shapes"
        | _ -> Ok format

    /// A data file of shapes goes by ids, which dumps alone have for certain.
    let private refuseShapesFrom (options: InputOptions) format =
        match options.ShapesFrom with
        | Some data when format <> InputFormat.LammpsDump ->
            Error(AniSoapError.invalid "shapes from a data file (--shapes-from)" data "beside LAMMPS dumps alone")
        | _ -> Ok format

    let private openReader options warn path pieces =
        InputStream.refuseFolder path
        |> Result.bind (fun () -> formatOf options path)
        |> Result.bind (refuseShapesFrom options)
        |> Result.bind (checkKeys options)
        |> Result.bind (reader options warn path pieces)

    /// How many of the paths belong together, in their order: pieces of dumps.
    let private groups options (paths: string list) =
        LammpsDumpPieces.group (fun path -> formatOf options path = Ok InputFormat.LammpsDump) paths

    let private noFrames path =
        Malformed("no frames", "at least one frame", { Place.Unknown with Source = Some(nameOf path) })

    /// Walks the frames of the files in order, numbered on and on. `opened` is told the number of each file's first
    /// frame; `visit` looks at one frame, of this number and that number in its own file, and says what to hand on, if
    /// anything, or that the file has ended.
    let private walk
        options
        warn
        (opened: string -> int -> unit)
        (paths: string seq)
        finish
        (visit: IFrameReader -> struct (int * int) -> Result<'a voption voption, AniSoapError>)
        =
        seq {
            let mutable frame = 0
            let mutable failed = false
            let mutable rest = List.ofSeq paths
            let mutable sizes = groups options rest
            // The number of the current frame in its file, for warnings; what was told of a frame is not told again.
            let here = ref 0
            let told = HashSet<string>()
            use files = paths.GetEnumerator()

            while not failed && frame < finish && files.MoveNext() do
                let path = files.Current
                let pieces = rest |> List.tail |> List.take (sizes.Head - 1)

                let warn = Warnings.at told (fun () -> nameOf path + ", frame " + string here.Value) warn

                match openReader options warn path pieces with
                | Error error ->
                    failed <- true
                    yield Error error
                | Ok made ->
                    use reader = made
                    let first = frame
                    opened path first
                    let mutable ended = false

                    while not ended && not failed && frame < finish do
                        here.Value <- frame - first

                        match visit reader (struct (frame, frame - first)) with
                        | Error error ->
                            failed <- true
                            yield Error error
                        | Ok ValueNone when frame = first ->
                            failed <- true
                            yield Error(noFrames path)
                        | Ok ValueNone -> ended <- true
                        | Ok(ValueSome outcome) ->
                            frame <- frame + 1

                            match outcome with
                            | ValueSome value -> yield Ok value
                            | ValueNone -> ()

                    for _ in pieces do
                        files.MoveNext() |> ignore

                    rest <- List.skip sizes.Head rest
                    sizes <- sizes.Tail
        }

    let private skip (reader: IFrameReader) inFile =
        reader.Skip inFile
        |> Result.map (fun there -> if there then ValueSome ValueNone else ValueNone)

    let private ignoreWarnings (_: string) = ()
    let private ignoreOpened (_: string) (_: int) = ()

    let private layerWarning (options: InputOptions) (number: int) (frame: Frame) (layer: ParticleLayer) =
        let distance = layer.Distance.ToString("0.####", Globalization.CultureInfo.InvariantCulture)

        let near =
            match options.CutoffRadius with
            | Some cutoff ->
                "within the cutoff radius "
                + cutoff.ToString("0.####", Globalization.CultureInfo.InvariantCulture)
            | None -> "nearer than two particles' lengths"

        let p = frame.Cell.Periodicity

        let remedy =
            [ p.A; p.B; p.C ]
            |> List.mapi (fun axis repeats -> if repeats && axis <> layer.Axis then "T" else "F")
            |> String.concat ""

        $"frame {number}: the particles lie in a layer, and the cell repeats across it (along {layer.Letter}, every \
         {distance}), {near}: images above and below count as neighbours; for a two-dimensional run give --pbc {remedy}"

    /// The number of frames in the files.
    let count (options: InputOptions) (paths: string seq) : Result<int, AniSoapError> =
        let tally (reader: IFrameReader) (struct (_, inFile)) =
            reader.Skip inFile
            |> Result.map (fun there -> if there then ValueSome(ValueSome()) else ValueNone)

        use frames = (walk options ignoreWarnings ignoreOpened paths Int32.MaxValue tally).GetEnumerator()
        let mutable total = 0
        let mutable failure = ValueNone

        while failure.IsNone && frames.MoveNext() do
            match frames.Current with
            | Ok() -> total <- total + 1
            | Error error -> failure <- ValueSome error

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok total

    /// The ranges of a selection, after a first pass over the files where numbers count from the end.
    let private ranges options (selection: FrameSelection) (paths: string seq) =
        if not (FrameSelection.needsCount selection) then
            Ok(FrameSelection.resolve None selection)
        elif Seq.contains "-" paths then
            Error(
                AniSoapError.invalid
                    "frames"
                    "numbers from the end"
                    "on standard input numbers from the start, 0 and up"
            )
        else
            count options paths
            |> Result.map (fun total -> FrameSelection.resolve (Some total) selection)

    let private select
        options
        warn
        opened
        selection
        paths
        (look: IFrameReader -> struct (int * int) -> Result<'a voption, AniSoapError>)
        =
        seq {
            match ranges options selection paths with
            | Error error -> yield Error error
            | Ok ranges ->
                let visit reader (struct (frame, inFile)) =
                    if FrameSelection.contains ranges frame then
                        look reader (struct (frame, inFile)) |> Result.map (ValueOption.map ValueSome)
                    else
                        skip reader inFile

                yield! walk options (Warnings.once warn) opened paths (FrameSelection.finish ranges) visit
        }

    /// Tells once of a layer of particles whose images are near: a two-dimensional run.
    let private watchLayers (options: InputOptions) warn =
        let mutable told = false

        fun number (frame: Frame) ->
            if not told then
                let longest =
                    match options.CutoffRadius with
                    | Some _ -> 0.0
                    | None ->
                        frame.Particles
                        |> Seq.fold (fun most p -> max most (max p.SemiAxes.X (max p.SemiAxes.Y p.SemiAxes.Z))) 0.0

                match ParticleLayer.tryFind (defaultArg options.CutoffRadius (4.0 * longest)) frame with
                | None -> ()
                | Some layer ->
                    told <- true
                    warn (layerWarning options number frame layer)

    /// The same, looking at each frame that is handed on.
    let private watched options warn opened selection paths look (frameOf: 'a -> Frame) =
        seq {
            let watch = watchLayers options warn
            let absent = AbsentSpecies options
            let mutable isTaken = false

            let watching reader (struct (_, inFile) as number) =
                look reader number
                |> Result.map (fun found ->
                    found
                    |> ValueOption.iter (fun value ->
                        absent.See(frameOf value)
                        watch inFile (frameOf value))

                    found)

            for result in select options warn opened selection paths watching do
                isTaken <- result.IsOk
                yield result

            if isTaken then
                absent.Tell warn
        }

    /// The selected frames of several files in their order, frame numbers running on from file to file. Ends after
    /// the first error. A file without frames is an error; a selection without frames is not.
    let readMany
        (options: InputOptions)
        (warn: string -> unit)
        (selection: FrameSelection)
        (paths: string seq)
        : seq<Result<Frame, AniSoapError>> =
        watched options warn ignoreOpened selection paths (fun reader (struct (_, inFile)) -> reader.Read inFile) id

    /// The same with the number of each frame; `opened` is told of each file before its frames come, with the number
    /// of its first one: what a frame's number within its own file is counted from.
    let readNumberedFrom
        (opened: string -> int -> unit)
        (options: InputOptions)
        (warn: string -> unit)
        (selection: FrameSelection)
        (paths: string seq)
        : seq<Result<struct (int * Frame), AniSoapError>> =
        watched
            options
            warn
            opened
            selection
            paths
            (fun reader (struct (frame, inFile)) ->
                reader.Read inFile
                |> Result.map (ValueOption.map (fun read -> struct (frame, read))))
            (fun (struct (_, read)) -> read)

    /// The same, without being told of files.
    let readNumbered
        (options: InputOptions)
        (warn: string -> unit)
        (selection: FrameSelection)
        (paths: string seq)
        : seq<Result<struct (int * Frame), AniSoapError>> =
        readNumberedFrom ignoreOpened options warn selection paths

    /// The same with all that the files say of each frame; `opened` is told of files as by `readNumberedFrom`.
    let readSnapshotsFrom
        (opened: string -> int -> unit)
        (options: InputOptions)
        (warn: string -> unit)
        (selection: FrameSelection)
        (paths: string seq)
        : seq<Result<struct (int * Snapshot), AniSoapError>> =
        watched
            options
            warn
            opened
            selection
            paths
            (fun reader (struct (frame, inFile)) ->
                reader.ReadSnapshot inFile
                |> Result.map (ValueOption.map (fun read -> struct (frame, read))))
            (fun (struct (_, read)) -> read.Frame)

    /// The same, without being told of files.
    let readSnapshots
        (options: InputOptions)
        (warn: string -> unit)
        (selection: FrameSelection)
        (paths: string seq)
        : seq<Result<struct (int * Snapshot), AniSoapError>> =
        readSnapshotsFrom ignoreOpened options warn selection paths

    /// The frames of one file with all that it says of them. Ends after the first error; the file is closed with the
    /// sequence.
    let snapshots (options: InputOptions) (warn: string -> unit) (path: string) : seq<Result<Snapshot, AniSoapError>> =
        readSnapshots options warn FrameSelection.all [ path ]
        |> Seq.map (Result.map (fun struct (_, snapshot) -> snapshot))

    /// The frames of one file. Ends after the first error; the file is closed with the sequence.
    let read (options: InputOptions) (warn: string -> unit) (path: string) : seq<Result<Frame, AniSoapError>> =
        readMany options warn FrameSelection.all [ path ]

    /// The species that occur in the selected frames, ascending, and the number of these frames: a first pass that reads
    /// nothing else.
    let survey
        (options: InputOptions)
        (selection: FrameSelection)
        (paths: string seq)
        : Result<int[] * int, AniSoapError> =
        let found = HashSet<int>()

        let look (reader: IFrameReader) (struct (_, inFile)) =
            reader.ReadSpecies(inFile, found)
            |> Result.map (fun there -> if there then ValueSome() else ValueNone)

        use frames = (select options ignoreWarnings ignoreOpened selection paths look).GetEnumerator()
        let mutable total = 0
        let mutable failure = ValueNone

        while failure.IsNone && frames.MoveNext() do
            match frames.Current with
            | Ok() -> total <- total + 1
            | Error error -> failure <- ValueSome error

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok(found |> Seq.sort |> Seq.toArray, total)

    /// The species that occur in the selected frames, ascending.
    let species (options: InputOptions) (selection: FrameSelection) (paths: string seq) : Result<int[], AniSoapError> =
        survey options selection paths |> Result.map fst
