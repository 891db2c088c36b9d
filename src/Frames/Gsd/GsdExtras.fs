namespace AniSoap

open System
open System.Collections.Immutable
open System.Text

/// What a GSD file says of a frame beyond particles and box: the columns and the info of its snapshot.
module internal GsdExtras =
    /// Where the logged quantities of a frame and of its particles stand.
    [<Literal>]
    let Logged = "log/"

    [<Literal>]
    let LoggedOfParticles = "log/particles/"

    /// An info of more values than this is a table of its own, not a remark about a frame.
    [<Literal>]
    let private MostInfoValues = 1_000_000L

    /// The schema's quantities of particles that become columns: real numbers, or whole ones.
    let quantities = [
        "particles/velocity", Quantities.Velocities, 3, true
        "particles/angmom", Quantities.AngularMomenta, 4, true
        "particles/mass", Quantities.Masses, 1, true
        "particles/charge", Quantities.Charges, 1, true
        "particles/moment_inertia", Quantities.Inertia, 3, true
        "particles/diameter", Quantities.GsdDiameters, 1, true
        "particles/body", Quantities.Bodies, 1, false
        "particles/image", Quantities.Images, 3, false
    ]

    let private groups = [ "bonds"; "angles"; "dihedrals"; "impropers"; "pairs"; "constraints" ]

    /// The text in a row of bytes that ends on a zero, as HOOMD-blue logs texts; nothing where it is not one.
    let private tryText (bytes: ReadOnlySpan<byte>) =
        let finish = bytes.IndexOf 0uy

        if finish < 1 || bytes.Slice(finish).IndexOfAnyExcept 0uy >= 0 then
            None
        else
            try
                let text = UTF8Encoding(false, true).GetString(bytes.Slice(0, finish))
                if Seq.exists Char.IsControl text then None else Some text
            with :? DecoderFallbackException ->
                None

    /// Whether the file is one of this library's, whose bytes are truth values or texts.
    let private isOwn (frames: GsdFrames) =
        frames.File.Header.Application.StartsWith("AniSoap", StringComparison.Ordinal)

    /// Whether what is logged is not there: a file has NaN throughout where a frame lacks what others have (of this
    /// library, bytes of no truth value or of no text too).
    let private isAbsent (frames: GsdFrames) (entry: GsdEntry) =
        // Mostly the first row says no already.
        let first = lazy frames.Chunks.Reals { entry with Rows = min entry.Rows 1UL }

        let isThroughout (value: byte) = frames.Chunks.Bytes entry |> Array.forall (fun byte -> byte = value)

        match entry.Type with
        | GsdType.Float32
        | GsdType.Float64 ->
            Array.forall Double.IsNaN first.Value
            && Array.forall Double.IsNaN (frames.Chunks.Reals entry)
        | GsdType.Character -> isThroughout 0uy
        | GsdType.Int8 when isOwn frames -> isThroughout 0uy
        | GsdType.UInt8 when isOwn frames -> isThroughout 255uy
        | _ -> false

    /// The truth values of a chunk of this library's files, where others have numbers.
    let private tryTruths (frames: GsdFrames) (entry: GsdEntry) =
        if entry.Type = GsdType.UInt8 && isOwn frames then
            let bytes = frames.Chunks.Bytes entry

            if Array.forall (fun byte -> byte <= 1uy) bytes then
                Some(bytes |> Array.map (fun byte -> byte = 1uy) |> ImmutableArray.Create<bool>)
            else
                None
        else
            None

    /// The texts of a chunk: characters, or bytes of which every row is a text.
    let private tryTexts (chunks: GsdChunks) (entry: GsdEntry) =
        let bytes () = chunks.Bytes entry

        match entry.Type with
        | GsdType.Character -> Some [| Encoding.UTF8.GetString(bytes ()).TrimEnd '\000' |]
        | GsdType.Int8 when entry.Columns = 1u -> tryText (ReadOnlySpan(bytes ())) |> Option.map Array.singleton
        | GsdType.Int8 ->
            let all, width = bytes (), int entry.Columns
            let texts = Array.init (int entry.Rows) (fun row -> tryText (ReadOnlySpan(all, row * width, width)))

            if Array.forall Option.isSome texts then
                Some(Array.map Option.get texts)
            else
                None
        | _ -> None

    /// The numbers of a chunk; unsigned ones beyond 63 bits as reals.
    let private numbers (chunks: GsdChunks) (entry: GsdEntry) =
        match chunks.TryIntegers entry with
        | Some all when entry.Type <> GsdType.UInt64 || Array.forall (fun value -> value >= 0L) all ->
            ColumnValues.Integers(ImmutableArray.Create<int64> all)
        | _ -> ColumnValues.Reals(ImmutableArray.Create<float>(chunks.Reals entry))

    let private infoOf (frames: GsdFrames) (entry: GsdEntry) =
        let chunks = frames.Chunks

        match tryTexts chunks entry, tryTruths frames entry with
        | Some [| text |], _ when entry.Type = GsdType.Character || entry.Columns = 1u -> InfoValue.Text text
        | Some texts, _ -> InfoValue.Texts(ImmutableArray.Create<string> texts)
        | None, Some truths when truths.Length = 1 -> InfoValue.Logical truths[0]
        | None, Some truths -> InfoValue.Logicals truths
        | None, None ->
            let rows, columns = int entry.Rows, int entry.Columns

            match numbers chunks entry with
            | ColumnValues.Integers all when all.Length = 1 -> InfoValue.Integer all[0]
            | ColumnValues.Reals all when all.Length = 1 -> InfoValue.Real all[0]
            | ColumnValues.Integers all when rows > 1 && columns > 1 ->
                InfoValue.Rows(
                    ImmutableArray.CreateRange(
                        seq { for i in 0 .. rows - 1 -> InfoValue.Integers(all.Slice(i * columns, columns)) }
                    )
                )
            | ColumnValues.Reals all when rows > 1 && columns > 1 ->
                InfoValue.Rows(
                    ImmutableArray.CreateRange(
                        seq { for i in 0 .. rows - 1 -> InfoValue.Reals(all.Slice(i * columns, columns)) }
                    )
                )
            | ColumnValues.Integers all -> InfoValue.Integers all
            | ColumnValues.Reals all -> InfoValue.Reals all
            | ColumnValues.Logicals all -> InfoValue.Logicals all
            | ColumnValues.Texts all -> InfoValue.Texts all

    /// The angular momentum in the lab frame: with the body's S, HOOMD-blue keeps P = 2 q S, so L = q S q* = P q* / 2.
    let private angularMomenta (frame: Frame) (momenta: float[]) =
        let found = Array.zeroCreate<float>(3 * frame.Particles.Length)

        for i in 0 .. frame.Particles.Length - 1 do
            let q = frame.Particles[i].Orientation
            let p = Quaternion.create momenta[4 * i] momenta[4 * i + 1] momenta[4 * i + 2] momenta[4 * i + 3]
            let turned = p * Quaternion.create q.W -q.X -q.Y -q.Z
            found[3 * i] <- 0.5 * turned.X
            found[3 * i + 1] <- 0.5 * turned.Y
            found[3 * i + 2] <- 0.5 * turned.Z

        found

    let private quantity (frames: GsdFrames) (frame: Frame) (chunk, column, width, isReal) =
        frames.FindOfParticles(chunk, width)
        |> Result.bind (fun entry ->
            match entry with
            | ValueNone -> Ok None
            | ValueSome entry when column = Quantities.AngularMomenta ->
                let values = angularMomenta frame (frames.Chunks.Reals entry)

                ParticleColumn.create column 3 (ColumnValues.Reals(ImmutableArray.Create<float> values))
                |> Result.map Some
            | ValueSome entry when isReal ->
                let values = ImmutableArray.Create<float>(frames.Chunks.Reals entry)

                ParticleColumn.create column width (ColumnValues.Reals values)
                |> Result.map Some
            | ValueSome entry ->
                ParticleColumn.create column width (numbers frames.Chunks entry)
                |> Result.map Some)

    let private loggedColumn (warn: string -> unit) (frames: GsdFrames) (name: string) =
        match frames.FindOfSame name with
        | ValueNone -> None
        | ValueSome entry when entry.Rows <> uint64 frames.Count ->
            warn (name + " has other rows than the frame has particles: it is left out")
            None
        | ValueSome entry when isAbsent frames entry -> None
        | ValueSome entry ->
            let values, width =
                match entry.Type, tryTexts frames.Chunks entry, tryTruths frames entry with
                | GsdType.Int8, Some texts, _ when entry.Columns > 1u ->
                    ColumnValues.Texts(ImmutableArray.Create<string> texts), 1
                | _, _, Some truths -> ColumnValues.Logicals truths, int entry.Columns
                | _ -> numbers frames.Chunks entry, int entry.Columns

            Some(name, width, values)

    /// The name of a logged column, where it is not that of another.
    let private named taken (name: string) =
        let short = name.Substring LoggedOfParticles.Length

        if short = "" || Set.contains short taken then
            name
        else
            short

    /// The columns of the frame, those of the schema first. Without particles there are none.
    let columns warn (frames: GsdFrames) isDiameterShape (frame: Frame) : Result<ParticleColumn list, AniSoapError> =
        if frames.Count = 0 then
            Ok []
        else
            quantities
            |> Seq.filter (fun (_, column, _, _) -> not (isDiameterShape && column = Quantities.GsdDiameters))
            |> Result.traverse (quantity frames frame)
            |> Result.bind (fun known ->
                let known = known |> Seq.choose id |> List.ofSeq
                let taken = known |> List.map _.Name |> Set.ofList

                frames.File.Names
                |> Seq.filter _.StartsWith(LoggedOfParticles, StringComparison.Ordinal)
                |> Seq.choose (loggedColumn warn frames)
                |> Result.traverse (fun (name, width, values) -> ParticleColumn.create (named taken name) width values)
                |> Result.map (fun logged -> known @ List.ofArray logged))

    /// The info of the frame: what is logged of it, and where its box starts.
    let info (warn: string -> unit) (frames: GsdFrames) (cell: Cell) =
        let origin =
            let v = cell.Vectors
            -0.5 * (v.Row1 + v.Row2 + v.Row3)

        let logged = [
            for name in frames.File.Names do
                if
                    name.StartsWith(Logged, StringComparison.Ordinal)
                    && not (name.StartsWith(LoggedOfParticles, StringComparison.Ordinal))
                    && name.Length > Logged.Length
                then
                    match frames.Find name with
                    | ValueSome entry when int64 entry.Rows * int64 entry.Columns > MostInfoValues ->
                        warn (name + " has more than " + string MostInfoValues + " values: it is left out")
                    | ValueSome entry when isAbsent frames entry -> ()
                    | ValueSome entry -> name.Substring Logged.Length, infoOf frames entry
                    | ValueNone -> ()
        ]

        let own = Quantities.Origin, InfoValue.Reals(ImmutableArray.Create(origin.X, origin.Y, origin.Z))
        own :: List.filter (fun (name, _) -> name <> Quantities.Origin) logged

    /// How the current frame is stored.
    let storage (frames: GsdFrames) : Storage =
        let isDouble name =
            match frames.Find name with
            | ValueSome entry -> entry.Type = GsdType.Float64
            | ValueNone -> false

        {
            IsDouble = isDouble "particles/position" || isDouble "configuration/box"
            Characters =
                Set [
                    for name in frames.File.Names do
                        if name.StartsWith(Logged, StringComparison.Ordinal) then
                            match frames.Find name with
                            | ValueSome entry when entry.Type = GsdType.Character -> name.Substring Logged.Length
                            | _ -> ()
                ]
        }

    /// Tells of what a snapshot has no place for.
    let warnOfOthers (warn: string -> unit) (frames: GsdFrames) =
        let left =
            groups
            |> List.filter (fun group ->
                match frames.Integer(group + "/N", 0L, Int64.MaxValue) with
                | Ok(ValueSome count) -> count > 0L
                | _ -> false)

        if not left.IsEmpty then
            warn (String.concat ", " left + " of GSD files are not read")
