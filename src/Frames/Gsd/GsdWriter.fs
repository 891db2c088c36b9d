namespace AniSoap

open System
open System.Collections.Generic
open System.IO
open AniSoap.Formats

/// Writes frames as GSD in HOOMD-blue's schema 1.4, which every version of its library reads; in schema 2.0 where the
/// first frame was stored in double precision.
[<Sealed>]
type internal GsdWriter(tell: string -> unit, stream: Stream) =
    let lost what = tell ("not written: " + what)
    let file = GsdFileWriter(stream, "AniSoap", "hoomd", GsdHeader.version 1 4)
    let types = GsdTypeWriter()
    let log = GsdLog tell

    // The chunks of frame 0: a later frame's chunk that is the same is left out.
    let first = Dictionary<string, GsdChunk>(StringComparer.Ordinal)
    let mutable isFirst = true
    let mutable isDouble = false

    let isSame (a: GsdChunk) (b: GsdChunk) =
        a.Type = b.Type
        && a.Rows = b.Rows
        && a.Columns = b.Columns
        && ReadOnlySpan(a.Data).SequenceEqual(ReadOnlySpan b.Data)

    let tellOfBox (box: GsdBox) =
        if box.Rotation.IsSome then
            tell "the cell is turned, with all that is in it: a GSD box has a along x and b in the xy plane"

        if box.IsReversed then
            tell "left-handed cells are written with -c for c, which spans the same lattice"

        if box.Plane <> Vector3.zero then
            tell "flat frames are moved to z = 0, where the particles of a two-dimensional GSD box are"

        if box.IsMadeUp then
            tell
                "cells that do not repeat along an axis get a box wide enough for the particles: a GSD box always repeats"

    let infoChunks (snapshot: Snapshot) = [
        for key, value in snapshot.Info do
            if key.StartsWith("particles/", StringComparison.Ordinal) then
                lost ("the info " + key + ": GSD has such names for particles")
            elif key <> Quantities.Origin then
                match GsdValues.ofInfo (snapshot.Storage.Characters.Contains key) (GsdExtras.Logged + key) value with
                | Some chunk -> chunk
                | None -> lost ("the info " + key + ": GSD holds numbers, tables of them, and printable texts")
    ]

    let stepChunk (snapshot: Snapshot) =
        match snapshot.Step with
        | Some step when step >= 0L -> [ GsdValues.step step ]
        | Some _ ->
            lost "steps below zero"
            [ GsdValues.step 0L ]
        // Without it a frame would be of the first one's step, and GSD's library does not find the first one's.
        | None -> [ GsdValues.step 0L ]

    let tellOfNames (snapshot: Snapshot) (kinds: GsdTypeList) =
        let isTold (species: int) name = ChemicalSymbols.trySymbol species = Some name || string species = name

        if
            not kinds.AreOwn
            && snapshot.SpeciesNames
               |> Map.exists (fun species name -> not (isTold species name))
        then
            lost "names of species: the types are called by the species' numbers, a species' further shapes 6_2, 6_3, …"

    let typeChunks (kinds: GsdTypeList) = [
        GsdValues.texts "particles/types" kinds.Names
        GsdValues.unsigned "particles/typeid" kinds.Ids

        kinds.Shapes
        |> Array.map (function
            | ValueSome axes -> GsdShapes.render axes
            | ValueNone -> "{}")
        |> GsdValues.texts "particles/type_shapes"
    ]

    let orientationChunk (orientations: Quaternion[]) =
        GsdValues.reals isDouble "particles/orientation" 4 [|
            for q in orientations do
                let q = if isDouble then q else GsdValues.singleQuaternion q
                q.W
                q.X
                q.Y
                q.Z
        |]

    let particleChunks (box: GsdBox) (snapshot: Snapshot) =
        let frame = snapshot.Frame
        let orientations = [| for p in frame.Particles -> GsdBox.turnOrientation box p.Orientation |]
        let kinds = types.Assign snapshot
        tellOfNames snapshot kinds

        GsdBox.wrap box frame
        |> Result.bind (fun (positions, moved) ->
            [
                GsdValues.reals isDouble "particles/position" 3 (GsdColumns.numbers positions)
                orientationChunk orientations
            ]
            |> Result.traverse id
            |> Result.bind (fun own ->
                GsdColumns.chunks lost isDouble box orientations snapshot
                |> Result.map (fun columns ->
                    typeChunks kinds
                    @ List.ofArray own
                    @ GsdColumns.images lost box snapshot moved
                    @ columns)))

    /// What a frame must say because it is not what frame 0 says and would stand for it: quantities of the schema by
    /// their defaults.
    let unsaid count (chunks: GsdChunk list) = [
        let names = chunks |> List.map _.Name |> Set.ofList

        for KeyValue(name, chunk) in first do
            if
                not (Set.contains name names)
                && chunk.Rows = count
                && count > 0
                && name.StartsWith("particles/", StringComparison.Ordinal)
            then
                let standard =
                    match name with
                    | "particles/mass"
                    | "particles/diameter" -> Some 1.0
                    | "particles/charge"
                    | "particles/velocity"
                    | "particles/angmom"
                    | "particles/moment_inertia" -> Some 0.0
                    | _ -> None

                match standard with
                | Some value ->
                    tell (
                        "frames without "
                        + name
                        + " get GSD's default, "
                        + string value
                        + ", for other frames have it"
                    )

                    Array.create (count * chunk.Columns) value
                    |> GsdValues.reals isDouble name chunk.Columns
                | None when name = "particles/image" -> Ok(GsdValues.ints name 3 (Array.zeroCreate (3 * count)))
                | None when name = "particles/body" -> Ok(GsdValues.ints name 1 (Array.create count -1L))
                | None -> Ok chunk
    ]

    let configuration (cell: Cell) box count =
        GsdValues.reals isDouble "configuration/box" 1 (GsdBox.parameters cell box)
        |> Result.map (fun parameters -> [
            GsdValues.octet "configuration/dimensions" (if box.IsFlat then 2uy else 3uy)
            parameters
            GsdValues.unsigned "particles/N" [| count |]
        ])

    /// Of a later frame's chunks those that say something new; its number of particles always, so that it has a chunk.
    let news (chunks: GsdChunk list) =
        chunks
        |> List.filter (fun chunk ->
            match first.TryGetValue chunk.Name with
            | true, known -> chunk.Name = "particles/N" || not (isSame known chunk)
            | false, _ -> true)

    let isLogged (chunk: GsdChunk) = chunk.Name.StartsWith(GsdExtras.Logged, StringComparison.Ordinal)

    /// The precision is that of the first frame.
    let choosePrecision (snapshot: Snapshot) =
        if isFirst && snapshot.Storage.IsDouble then
            isDouble <- true
            file.UseSchema(GsdHeader.version 2 0)
        elif snapshot.Storage.IsDouble && not isDouble then
            tell
                "later frames of the input are in double precision and the first is in single: positions, orientations and cells are all written in single"

    /// The chunks, of two under one name the first.
    let single (chunks: GsdChunk list) =
        let names = HashSet<string>(StringComparer.Ordinal)

        chunks
        |> List.filter (fun chunk ->
            let isNew = names.Add chunk.Name

            if not isNew then
                lost ("another quantity that would be called " + chunk.Name)

            isNew)

    let write (snapshot: Snapshot) =
        let frame = snapshot.Frame
        let count = frame.Particles.Length
        choosePrecision snapshot

        GsdBox.create frame
        |> Result.bind (fun box ->
            tellOfBox box

            configuration frame.Cell box count
            |> Result.bind (fun configuration ->
                let particles = if count = 0 then Ok [] else particleChunks box snapshot

                particles
                |> Result.bind (fun particles ->
                    let logged, chunks =
                        single (stepChunk snapshot @ configuration @ particles @ infoChunks snapshot)
                        |> List.partition isLogged

                    let logged = log.Next(count, logged)

                    if isFirst then
                        isFirst <- false

                        for chunk in chunks do
                            first[chunk.Name] <- chunk

                        file.Write(chunks @ logged)
                    else
                        unsaid count chunks
                        |> Result.traverse id
                        |> Result.bind (fun defaults -> file.Write(news (chunks @ List.ofArray defaults) @ logged)))))

    interface IFrameWriter with
        member _.Write snapshot = write snapshot

        member _.Finish() =
            if log.MustRevise then
                file.Revise log.AdditionsAtMost log.Revise

            file.Finish()
            Ok()

    interface IDisposable with
        member _.Dispose() = ()
