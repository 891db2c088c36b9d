namespace AniSoap

open System
open System.Collections.Generic
open System.IO

/// Frames of GSD files in HOOMD-blue's schema. Memory depends on the largest frame.
[<Sealed>]
type internal GsdReader private (options: InputOptions, warn: string -> unit, source: string, file: GsdFile) =
    let frames = GsdFrames file
    let particles = GsdParticles(options, warn, frames)

    /// The box of three lengths and three tilts: a = (Lx, 0, 0), b = (xy Ly, Ly, 0), c = (xz Lz, yz Lz, Lz), repeating
    /// along all of them, in two dimensions along the first two.
    let cellOf (box: float[]) isFlat =
        let lengths =
            "("
            + String.Join(
                ", ",
                box
                |> Array.map (fun number -> number.ToString("R", Globalization.CultureInfo.InvariantCulture))
            )
            + ")"

        if box[0] < 0.0 || box[1] < 0.0 || box[2] < 0.0 then
            Error(AniSoapError.invalid "configuration/box" lengths "Lx, Ly, Lz above zero and three tilts")
        else
            let a = Vector3.create box[0] 0.0 0.0
            let b = Vector3.create (box[3] * box[1]) box[1] 0.0
            let c = Vector3.create (box[4] * box[2]) (box[5] * box[2]) box[2]

            InputOptions.periodicity options { A = true; B = true; C = not isFlat }
            |> Cell.create a b c

    let readCell () =
        frames.Integer("configuration/dimensions", 2L, 3L)
        |> Result.bind (fun dimensions ->
            let isFlat = dimensions = ValueSome 2L

            match frames.Find "configuration/box" with
            | ValueNone -> cellOf [| 1.0; 1.0; 1.0; 0.0; 0.0; 0.0 |] isFlat
            | ValueSome entry when int64 entry.Rows * int64 entry.Columns = 6L ->
                cellOf (frames.Chunks.Reals entry) isFlat
            | ValueSome entry ->
                GsdHeader.malformed
                    (string entry.Rows
                     + " × "
                     + string entry.Columns
                     + " values in configuration/box")
                    "six: Lx, Ly, Lz, xy, xz, yz")

    let readSnapshot () =
        readCell ()
        |> Result.bind particles.Read
        |> Result.bind (fun frame ->
            frames.Integer("configuration/step", 0L, Int64.MaxValue)
            |> Result.bind (fun step ->
                GsdExtras.columns warn frames particles.TakesDiameters frame
                |> Result.bind (fun columns ->
                    GsdExtras.warnOfOthers warn frames
                    // The schema's default.
                    let step = Some(ValueOption.defaultValue 0L step)

                    Snapshot.create
                        frame
                        particles.Types.SpeciesNames
                        step
                        (GsdExtras.info warn frames frame.Cell)
                        columns
                    |> Result.map (Snapshot.storedAs (GsdExtras.storage frames)))))

    let mutable isStrayTold = false

    /// Says once what stands behind the last frame: gsd 4 and 5 keep chunks back, and their index entries are lost with them when a job is killed.
    let tellStray () =
        if not isStrayTold && file.StrayBytes > 0L then
            isStrayTold <- true

            warn (
                source
                + ": "
                + string file.StrayBytes
                + " bytes at the end belong to no frame: were they written by a job that was killed? gsd 4 and 5 enter frames into the file's index by flush() or close() alone; frames after the last of these are lost"
            )

    /// Goes to the next frame and looks at it; `ended` behind the last one.
    let next frame ended (look: unit -> Result<'a, AniSoapError>) =
        InputStream.guarded source (fun () ->
            match frames.MoveNext() with
            | Error error -> Error error
            | Ok false ->
                tellStray ()
                Ok ended
            | Ok true -> look ()
            |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some source; Frame = Some frame }))

    /// Refuses what GSD files have no place for.
    static let checkOptions (options: InputOptions) =
        match options.RotationType, options.RotationKey with
        | RotationType.Matrix, _ ->
            Error(AniSoapError.invalid "rotation type" "matrix" "quaternion: GSD files have these")
        | _, Some key when key <> "orientation" && key <> "particles/orientation" ->
            Error(AniSoapError.invalid "rotation key" key "orientation: GSD files have no other")
        | _ -> Ok()

    /// Opens a stream that can be read anywhere; it is disposed of with the reader, or here after an error.
    static member Open(options: InputOptions, warn: string -> unit, source: string, stream: Stream) =
        let opened =
            InputStream.guarded source (fun () ->
                checkOptions options
                |> Result.bind (fun () -> GsdFile.Open stream)
                |> Result.bind (fun file ->
                    if file.Header.Schema = "hoomd" || file.Header.Schema = "hoomd.fixed" then
                        Ok(new GsdReader(options, warn, source, file))
                    else
                        GsdHeader.malformed ("the schema '" + file.Header.Schema + "'") "HOOMD-blue's, called hoomd")
                |> Result.mapError (AniSoapError.at { Place.Unknown with Source = Some source }))

        if opened.IsError then
            stream.Dispose()

        opened

    /// Opens a file.
    static member OpenPath(options: InputOptions, warn: string -> unit, path: string) =
        if path = "-" then
            GsdHeader.malformed "standard input" "the name of a file: GSD is read here and there"
        elif not (File.Exists path) then
            Error(Inaccessible(path, "there is no such file"))
        else
            InputStream.guarded path (fun () ->
                let stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 <<< 16)

                GsdReader.Open(options, warn, path, stream))

    /// Adds the next frame's types, names and species, to `found`; false behind the last frame.
    member private _.AddTypes(frame, found: ResizeArray<struct (string * int)>) =
        next frame false (fun () ->
            particles.Types.ReadNames()
            |> Result.map (fun () ->
                for pair in Seq.zip particles.Types.Names particles.Types.Species do
                    let pair = struct (fst pair, snd pair)

                    if not (found.Contains pair) then
                        found.Add pair

                true))

    /// The types that the frames of a file have: each name with each species that it stands for.
    static member Types(options: InputOptions, path: string) : Result<(string * int) list, AniSoapError> =
        GsdReader.OpenPath(options, ignore, path)
        |> Result.bind (fun reader ->
            use reader = reader
            let found = ResizeArray<struct (string * int)>()
            let mutable outcome = Ok true
            let mutable frame = 0

            while outcome = Ok true do
                outcome <- reader.AddTypes(frame, found)
                frame <- frame + 1

            outcome
            |> Result.map (fun _ -> [
                for struct (name, species) in found do
                    name, species
            ]))

    interface IFrameReader with
        member _.Read frame =
            next frame ValueNone (fun () -> readCell () |> Result.bind particles.Read |> Result.map ValueSome)

        member _.ReadSnapshot frame = next frame ValueNone (readSnapshot >> Result.map ValueSome)

        member _.ReadSpecies(frame, found) =
            next frame false (fun () -> particles.ReadSpecies found |> Result.map (fun () -> true))

        member _.Skip frame = next frame false (fun () -> Ok true)

    interface IDisposable with
        member _.Dispose() = (file :> IDisposable).Dispose()
