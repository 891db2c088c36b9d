namespace AniSoap.Formats

/// A frame, or a snapshot, out of files that are read one after the other, and where it stands in them.
[<Struct; NoComparison; NoEquality>]
type Numbered<'T> = {
    /// Its number, which runs on from file to file.
    Number: int
    /// The file that it is of, as it was named.
    Path: string
    /// Its number in that file.
    NumberInFile: int
    /// What was read.
    Value: 'T
}

namespace AniSoap

open System
open System.Collections.Generic
open System.Globalization
open AniSoap.Formats

/// The frames of several files in their order, as one trajectory: memory depends on the largest frame, not on the files.
module internal FrameTrajectory =
    let private nameOf path = if path = "-" then "standard input" else path

    /// The format of a path by its ending, or as the options say; "-" is extended XYZ.
    let formatOf (options: InputOptions) (path: string) : Result<FrameFormat, AniSoapError> =
        match options.Format |> Option.orElseWith (fun () -> Endings.tryFrames path) with
        | Some format -> Ok format
        | None when path = "-" -> Ok FrameFormat.ExtendedXyz
        | None when Endings.isPositionsAlone path ->
            Error(
                AniSoapError.invalid
                    "input"
                    path
                    "a format that says what its atoms are: DCD, XTC and TRR hold little but positions and are not read; convert them, with their topology, to extended XYZ, PDB or GRO (MDAnalysis does, or the program that wrote them)"
            )
        | None ->
            let known = String.concat ", " Endings.ofFrames

            Error(
                AniSoapError.invalid
                    "input"
                    path
                    $"a file ending in {known} (with .gz, .bz2 or .zst too), or a format given for it"
            )

    /// Pieces are dumps of the same frames, each with some of the particles.
    let private openPieces options warn (paths: string list) =
        let opened = ResizeArray<DumpPiece>()

        let openPiece path =
            InputStream.openPath path
            |> Result.map (fun stream -> opened.Add(LammpsDumpPieces.create (nameOf path) (new LineReader(stream))))

        match Result.check openPiece paths with
        | Ok() ->
            if opened.Count > 1 then
                let all = paths |> List.map nameOf |> String.concat ", "

                warn $"{all}: the same steps and boxes, and different ids: put together as pieces of the same frames"

            Ok(new LammpsDumpReader(options, warn, List.ofSeq opened) :> IFrameReader)
        | Error error ->
            for piece in opened do
                (piece.Lines :> IDisposable).Dispose()

            Error error

    /// The reader of one trajectory of text that has been opened, if it can be begun at any of its frames: each frame says all of itself.
    let trajectoryReader options warn path (lines: LineReader) format : IFrameReader option =
        match format with
        | FrameFormat.ExtendedXyz -> Some(new ExtendedXyzReader(options, warn, nameOf path, lines))
        | FrameFormat.LammpsDump ->
            Some(new LammpsDumpReader(options, warn, [ LammpsDumpPieces.create (nameOf path) lines ]))
        | _ -> None

    /// The reader of a format: the one place to add another.
    let private reader options warn path pieces format : Result<IFrameReader, AniSoapError> =
        let text (make: LineReader -> IFrameReader) =
            InputStream.openPath path
            |> Result.map (fun stream -> make (new LineReader(stream)))

        match format with
        | FrameFormat.ExtendedXyz -> text (fun lines -> new ExtendedXyzReader(options, warn, nameOf path, lines))
        | FrameFormat.LammpsDump -> openPieces options warn (path :: pieces)
        | FrameFormat.LammpsData -> text (fun lines -> new LammpsDataReader(options, warn, nameOf path, lines))
        | FrameFormat.Pdb -> text (fun lines -> new PdbReader(options, warn, nameOf path, lines))
        | FrameFormat.Gro -> text (fun lines -> new GroReader(options, warn, nameOf path, lines))
        | FrameFormat.Gsd ->
            GsdReader.OpenPath(options, warn, path)
            |> Result.map (fun reader -> reader :> IFrameReader)
        | FrameFormat.Chemiscope ->
            ChemiscopeReader.OpenPath(options, warn, path)
            |> Result.map (fun reader -> reader :> IFrameReader)

    /// Names of columns are nothing to formats without columns.
    let private checkKeys (options: InputOptions) format =
        let refuse key name remedy = Error(AniSoapError.invalid key name ("none: " + remedy))

        match format, options.ShapeKey, options.RotationKey with
        | FrameFormat.LammpsData, Some key, _ ->
            refuse "shape key" key "a data file has its shapes in the section Ellipsoids"
        | FrameFormat.LammpsData, None, Some key when key <> "c_q" ->
            refuse "orientation key" key "a data file has its orientations in the section Ellipsoids"
        | (FrameFormat.Pdb | FrameFormat.Gro), Some key, _ ->
            refuse "shape key" key "atoms in such a file have no shape"
        | (FrameFormat.Pdb | FrameFormat.Gro), None, Some key ->
            refuse "orientation key" key "atoms in such a file have no orientation"
        | FrameFormat.Gsd, Some key, _ -> refuse "shape key" key "a GSD file has its shapes in particles/type_shapes"
        | _ -> Ok format

    /// A data file of shapes goes by ids, which dumps alone have for certain.
    let private refuseShapesFrom (options: InputOptions) format =
        match options.ShapesFrom with
        | Some data when format <> FrameFormat.LammpsDump ->
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
        LammpsDumpPieces.group (fun path -> formatOf options path = Ok FrameFormat.LammpsDump) paths

    let private noFrames path =
        Malformed("no frames", "at least one frame", { Place.Unknown with Source = Some(nameOf path) })

    /// Walks the frames of the files in order, numbered on and on. `visit` looks at one frame, of this number in its own file and that
    /// number of all, and says what to hand on, if anything, or that the file has ended.
    let private walk
        options
        warn
        (paths: string seq)
        finish
        (visit: IFrameReader -> int -> int -> Result<'a voption voption, AniSoapError>)
        : seq<Result<Numbered<'a>, AniSoapError>> =
        seq {
            let mutable frame = 0
            let mutable failed = false
            let mutable rest = List.ofSeq paths
            let mutable sizes = groups options rest
            // The number of the current frame in its file, for warnings; what was told of a frame is not told again.
            let here = ref 0
            let told = HashSet<string>()

            while not failed && frame < finish && not rest.IsEmpty do
                let path = rest.Head
                let pieces = rest.Tail |> List.take (sizes.Head - 1)
                let warn = Warnings.at told (fun () -> nameOf path + ", frame " + string here.Value) warn

                match openReader options warn path pieces with
                | Error error ->
                    failed <- true
                    yield Error error
                | Ok made ->
                    use reader = made
                    let first = frame
                    let mutable ended = false

                    while not ended && not failed && frame < finish do
                        here.Value <- frame - first

                        match visit reader (frame - first) frame with
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
                            | ValueSome value ->
                                yield
                                    Ok {
                                        Number = frame - 1
                                        Path = path
                                        NumberInFile = frame - 1 - first
                                        Value = value
                                    }
                            | ValueNone -> ()

                    rest <- List.skip sizes.Head rest
                    sizes <- sizes.Tail
        }

    let private skip (reader: IFrameReader) inFile =
        reader.Skip inFile
        |> Result.map (fun there -> if there then ValueSome ValueNone else ValueNone)

    /// How many there are, or the first error.
    let private tally (results: seq<Result<Numbered<unit>, AniSoapError>>) : Result<int, AniSoapError> =
        Result.fold (fun total one -> Result.map (fun _ -> total + 1) one) 0 results

    /// The number of frames in the files, whatever the selection.
    let count (options: InputOptions) (paths: string seq) : Result<int, AniSoapError> =
        walk options ignore paths Int32.MaxValue (fun reader inFile _ ->
            reader.Skip inFile
            |> Result.map (fun there -> if there then ValueSome(ValueSome()) else ValueNone))
        |> tally

    /// The ranges of the selection, after a first pass over the files where numbers count from the end.
    let private ranges (options: InputOptions) (paths: string seq) =
        if not (FrameSelection.needsCount options.Selection) then
            Ok(FrameSelection.resolve None options.Selection)
        elif Seq.contains "-" paths then
            Error(
                AniSoapError.invalid
                    "frames"
                    "numbers from the end"
                    "on standard input numbers from the start, 0 and up"
            )
        else
            count options paths
            |> Result.map (fun total -> FrameSelection.resolve (Some total) options.Selection)

    /// The selected frames, of each of which `look` takes what is asked for.
    let private select
        (options: InputOptions)
        warn
        paths
        (look: IFrameReader -> int -> Result<'a voption, AniSoapError>)
        =
        seq {
            match ranges options paths with
            | Error error -> yield Error error
            | Ok ranges ->
                let visit reader inFile frame =
                    if FrameSelection.contains ranges frame then
                        look reader inFile |> Result.map (ValueOption.map ValueSome)
                    else
                        skip reader inFile

                yield! walk options (Warnings.once warn) paths (FrameSelection.finish ranges) visit
        }

    let private layerWarning (options: InputOptions) (number: int) (frame: Frame) (layer: ParticleLayer) =
        let four (number: float) = number.ToString("0.####", CultureInfo.InvariantCulture)

        let near =
            match options.CutoffRadius with
            | Some cutoff -> "within the cutoff radius " + four cutoff
            | None -> "nearer than two particles' lengths"

        let p = frame.Cell.Periodicity

        let remedy =
            [ p.A; p.B; p.C ]
            |> List.mapi (fun axis repeats -> if repeats && axis <> layer.Axis then "T" else "F")
            |> String.concat ""

        ("frame "
         + string number
         + ": the particles lie in a layer, and the cell repeats across it (along "
         + string layer.Letter
         + ", every "
         + four layer.Distance
         + "), "
         + near
         + ": images above and below count as neighbours; for a two-dimensional run give --pbc "
         + remedy)

    /// Tells once of a layer of particles whose images are near: a two-dimensional run.
    let private watchLayers (options: InputOptions) =
        let mutable told = false

        fun number (frame: Frame) ->
            if not told then
                let longest =
                    match options.CutoffRadius with
                    | Some _ -> 0.0
                    | None -> frame.Particles.LongestSemiAxis

                match ParticleLayer.tryFind (defaultArg options.CutoffRadius (4.0 * longest)) frame with
                | None -> ()
                | Some layer ->
                    told <- true
                    options.Warn(layerWarning options number frame layer)

    /// The selected frames, each looked at for what is worth a warning. Ends after the first error. A file without frames is an error;
    /// a selection without frames is not.
    let read
        (look: IFrameReader -> int -> Result<'a voption, AniSoapError>)
        (frameOf: 'a -> Frame)
        (options: InputOptions)
        (paths: string seq)
        : seq<Result<Numbered<'a>, AniSoapError>> =
        seq {
            let watch = watchLayers options
            let absent = AbsentSpecies options
            let mutable isTaken = false

            let watching reader inFile =
                look reader inFile
                |> Result.map (fun found ->
                    found
                    |> ValueOption.iter (fun value ->
                        absent.See(frameOf value)
                        watch inFile (frameOf value))

                    found)

            for result in select options options.Warn paths watching do
                isTaken <- result.IsOk
                yield result

            if isTaken then
                absent.Tell options.Warn
        }

    /// The species of the selected frames, ascending, and the number of these frames; without warnings, which come when they are read.
    let survey (options: InputOptions) (paths: string seq) : Result<int[] * int, AniSoapError> =
        let found = HashSet<int>()

        select options ignore paths (fun reader inFile ->
            reader.ReadSpecies(inFile, found)
            |> Result.map (fun there -> if there then ValueSome() else ValueNone))
        |> tally
        |> Result.map (fun total -> found |> Seq.sort |> Seq.toArray, total)
