namespace AniSoap

open System
open System.Collections.Generic

/// A name under `log/`, as it is in all frames.
[<NoEquality; NoComparison>]
type private GsdLogName = {
    Name: string
    /// The first frame that has it.
    Start: uint64
    Rows: int
    Columns: int
    IsScalar: bool
    mutable Type: GsdType
    /// Bytes of a text.
    mutable Width: int
    /// Whether a frame lacks it.
    mutable HasGaps: bool
    /// The chunk in frame 0, as it will be read when all is written.
    mutable First: GsdChunk voption
}

/// What is logged of frames, as chunks. GSD's library makes one array of a name's values in all frames, of the type and
/// shape that it has in frame 0, and takes frame 0's for one that a frame does not have. So a name has one type in the
/// whole file, its texts one width, and where a frame does not have it, in frame 0 too, there is NaN. What is known only
/// later is mended when all frames are written: memory depends on a frame, not on their number.
[<Sealed>]
type internal GsdLog(tell: string -> unit) =
    let names = Dictionary<string, GsdLogName>(StringComparer.Ordinal)
    let mutable frame = 0UL
    let mutable firstCount = 0
    let mutable mustRevise = false

    let convert name chunk = GsdLogged.convert name.Type name.Width chunk

    /// The name with another type or width: what is written so far has to follow.
    let become name kind width =
        if name.Type <> kind || name.Width <> width then
            name.Type <- kind
            name.Width <- width
            mustRevise <- true
            name.First <- ValueOption.map (convert name) name.First

    /// Whole numbers have no NaN.
    let leaveGap name =
        if not name.HasGaps then
            name.HasGaps <- true

            if name.Type = GsdType.Int64 then
                become name GsdType.Float64 name.Width

    let missing name count =
        let rows =
            if GsdLogged.isOfParticles name.Name then
                count
            elif name.IsScalar && name.Type = GsdType.Int8 then
                name.Width
            else
                name.Rows

        let columns =
            if name.IsScalar || name.Type <> GsdType.Int8 then
                name.Columns
            else
                name.Width

        GsdLogged.missing name.Name name.Type rows columns

    let start (chunk: GsdChunk) =
        let name = {
            Name = chunk.Name
            Start = frame
            Rows = chunk.Rows
            Columns = chunk.Columns
            IsScalar = GsdLogged.isScalar chunk
            Type = chunk.Type
            Width =
                (if chunk.Type = GsdType.Int8 then
                     GsdLogged.width chunk
                 else
                     0)
            HasGaps = false
            First = (if frame = 0UL then ValueSome chunk else ValueNone)
        }

        names[chunk.Name] <- name

        if frame > 0UL then
            // It goes into frame 0 when all frames are written.
            mustRevise <- true
            leaveGap name

    let tellOfShape name (chunk: GsdChunk) =
        let hasOther =
            not (GsdLogged.isText chunk.Type)
            && (chunk.Columns <> name.Columns
                || (chunk.Rows <> name.Rows && not (GsdLogged.isOfParticles chunk.Name)))

        if hasOther then
            tell (
                chunk.Name
                + " has other lengths in other frames: gsd.hoomd.read_log reads no quantity of such a file, a frame's log does"
            )

    /// Takes account of a chunk; false where the name is of another kind in other frames.
    let admit (chunk: GsdChunk) =
        match names.TryGetValue chunk.Name with
        | false, _ ->
            start chunk
            true
        | true, name ->
            let areScalar = name.IsScalar && GsdLogged.isScalar chunk

            match GsdLogged.join name.Type chunk.Type areScalar with
            | None ->
                tell (
                    "not written: "
                    + chunk.Name
                    + " of some frames: it is a text in some and a number in others, or a list of either"
                )

                false
            | Some _ when
                GsdLogged.isText chunk.Type
                && not areScalar
                && name.IsScalar <> GsdLogged.isScalar chunk
                ->
                tell (
                    "not written: "
                    + chunk.Name
                    + " of some frames: it is one text in some and several in others"
                )

                false
            | Some kind ->
                let kind =
                    if kind = GsdType.Int64 && name.HasGaps then
                        GsdType.Float64
                    else
                        kind

                if GsdLogged.isText kind = GsdLogged.isText name.Type then
                    tellOfShape name chunk

                let width =
                    if kind <> GsdType.Int8 then
                        0
                    else
                        // Of numbers that have become texts, room for any.
                        let own =
                            if GsdLogged.isText chunk.Type then
                                GsdLogged.width chunk
                            else
                                32

                        max own (if GsdLogged.isText name.Type then name.Width else 32)

                become name kind width
                true

    let isSame (a: GsdChunk) (b: GsdChunk) =
        a.Type = b.Type
        && a.Rows = b.Rows
        && a.Columns = b.Columns
        && ReadOnlySpan(a.Data).SequenceEqual(ReadOnlySpan b.Data)

    /// The chunk, unless frame 0's stands for it. Texts of characters stand in each frame: GSD's library fails on frames
    /// without.
    let news count name (chunk: GsdChunk) =
        match name.First with
        | _ when frame = 0UL -> Some chunk
        | ValueSome first when
            name.Type <> GsdType.Character
            && isSame first chunk
            && (count = firstCount || not (GsdLogged.isOfParticles name.Name))
            ->
            None
        | _ -> Some chunk

    /// What a frame without a name that others have must say.
    let gap count name =
        leaveGap name

        match name.First with
        | ValueSome _ -> news count name (missing name count)
        | ValueNone when
            name.Type = GsdType.Character
            || (GsdLogged.isOfParticles name.Name && count <> firstCount)
            ->
            Some(missing name count)
        | ValueNone -> None

    /// The chunks to write of a frame of so many particles, out of those that it has.
    member _.Next(count: int, chunks: GsdChunk list) : GsdChunk list =
        if frame = 0UL then
            firstCount <- count

        let admitted = chunks |> List.filter admit
        let present = admitted |> Seq.map _.Name |> HashSet

        for chunk in admitted do
            if names[chunk.Name].Type = GsdType.Float64 && GsdLogged.areBeyondReals chunk then
                tell (
                    chunk.Name
                    + " has whole numbers beyond 2^53 among real or missing ones: they are rounded"
                )

        let own =
            admitted
            |> List.choose (fun chunk -> news count names[chunk.Name] (convert names[chunk.Name] chunk))

        let gaps = [
            for name in names.Values do
                if not (present.Contains name.Name) then
                    match gap count name with
                    | Some chunk -> chunk
                    | None -> ()
        ]

        frame <- frame + 1UL
        own @ gaps

    /// Whether what is written has to be gone over once more, with `Revise`.
    member _.MustRevise = mustRevise

    /// Chunks that `Revise` adds at most.
    member _.AdditionsAtMost =
        names.Values
        |> Seq.sumBy (fun name ->
            if name.Start = 0UL then
                0L
            elif name.Type = GsdType.Character || GsdLogged.isOfParticles name.Name then
                int64 name.Start
            else
                1L)

    /// The chunks of a frame that have to be others or to be added; `stored` are all that it has.
    member _.Revise (number: uint64) (stored: GsdStored list) : GsdChunk list =
        let count =
            match stored |> List.tryFind (fun chunk -> chunk.Name = "particles/N") with
            | Some chunk -> int (BitConverter.ToUInt32((chunk.Read()).Data, 0))
            | None -> firstCount

        let isPresent = stored |> Seq.map _.Name |> HashSet

        let isOther name (chunk: GsdStored) =
            chunk.Type <> name.Type
            || (chunk.Type = GsdType.Int8
                && name.Width <> (if name.IsScalar then chunk.Rows else chunk.Columns))

        [
            for chunk in stored do
                match names.TryGetValue chunk.Name with
                | true, name when isOther name chunk ->
                    let data = chunk.Read()

                    if name.Type = GsdType.Float64 && GsdLogged.areBeyondReals data then
                        tell (
                            chunk.Name
                            + " has whole numbers beyond 2^53 among real or missing ones: they are rounded"
                        )

                    convert name data
                | _ -> ()

            for name in names.Values do
                if name.Start > number && not (isPresent.Contains name.Name) then
                    let isNeeded =
                        number = 0UL
                        || name.Type = GsdType.Character
                        || (GsdLogged.isOfParticles name.Name && count <> firstCount)

                    if isNeeded then
                        missing name count
        ]
