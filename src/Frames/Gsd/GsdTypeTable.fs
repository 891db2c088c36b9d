namespace AniSoap

open System.Collections.Generic
open System.Text

/// The particle types of a GSD file's frames: names, species and shapes, read again only where a frame has others.
[<Sealed>]
type internal GsdTypeTable(options: InputOptions, warn: string -> unit, frames: GsdFrames) =
    /// In the file a, b, c of an ellipsoid are semi-axes.
    let factor =
        match options.ShapeAs with
        | Some ShapeMeasure.Diameter -> 0.5
        | _ -> 1.0

    // Each with the places of the chunks that it was read from: 0 where there is none, −1 before the first frame.
    let mutable namesFrom = -1L
    let mutable names = Array.empty<string>
    let mutable species = Array.empty<int>
    let mutable speciesNames = Map.empty<int, string>
    let mutable shapesFrom = []
    let mutable shapes = Array.empty<Vector3 voption>
    let mutable stated = Array.empty<GsdShape>

    /// What each species has been called in the frames read so far.
    let called = Dictionary<int, string>()

    let placeOf (entry: GsdEntry voption) =
        match entry with
        | ValueSome entry -> entry.Location
        | ValueNone -> 0L

    /// Tells where a number stands for two names, in one file. What the type map says is meant so.
    let compareNames (found: string[]) (numbers: int[]) =
        let areNumbers = GsdTypes.areNumbers found

        for i in 0 .. found.Length - 1 do
            if not (options.TypeMap.ContainsKey found[i]) then
                let name = if areNumbers then string numbers[i] else found[i]

                match called.TryGetValue numbers[i] with
                | true, known when known <> name ->
                    warn (
                        "the names of the particle types change between frames: species "
                        + string numbers[i]
                        + " is "
                        + known
                        + " in one and "
                        + name
                        + " in another"
                    )
                | true, _ -> ()
                | false, _ -> called[numbers[i]] <- name

    let readNames () =
        let entry = frames.Find "particles/types"

        let found () =
            match entry with
            // The schema's default, which the format's library does not write.
            | ValueNone -> Ok [| "A" |]
            | ValueSome entry ->
                frames.Chunks.Strings entry
                |> Result.map (Array.map (fun bytes -> Encoding.UTF8.GetString bytes))

        if placeOf entry = namesFrom then
            Ok()
        else
            found ()
            |> Result.bind (fun found ->
                GsdTypes.species options.TypeMap found
                |> Result.map (fun numbers ->
                    compareNames found numbers
                    namesFrom <- placeOf entry
                    shapesFrom <- []
                    names <- found
                    species <- numbers

                    speciesNames <-
                        if GsdTypes.areNumbers names then
                            Map.empty
                        else
                            Seq.zip species names |> Seq.distinctBy fst |> Map.ofSeq))

    /// Numbers that HOOMD-blue 2 kept for each type in its state.
    let state name =
        match frames.Find name with
        | ValueNone -> Ok None
        | ValueSome entry when int64 entry.Rows * int64 entry.Columns <> int64 names.Length ->
            GsdHeader.malformed
                (string entry.Rows + " × " + string entry.Columns + " values in " + name)
                ("one for each of the " + string names.Length + " types")
        | ValueSome entry -> Ok(Some(frames.Chunks.Reals entry))

    let ofState a b c radii =
        match a, b, c, radii with
        | Some a, Some b, Some c, _ -> Array.map3 (fun a b c -> ValueSome(factor * Vector3.create a b c)) a b c
        | _, _, _, Some radii ->
            radii
            |> Array.map (fun radius -> ValueSome(Vector3.create radius radius radius))
        | _ -> Array.create names.Length ValueNone

    let readState () =
        state "state/hpmc/ellipsoid/a"
        |> Result.bind (fun a ->
            state "state/hpmc/ellipsoid/b"
            |> Result.bind (fun b ->
                state "state/hpmc/ellipsoid/c"
                |> Result.bind (fun c -> state "state/hpmc/sphere/radius" |> Result.map (ofState a b c))))

    /// The error of a type's shape, with the type's name.
    let ofType i error =
        let chunk = "particles/type_shapes of the type " + names[i]

        match error with
        | InvalidValue(key, value, accepted, place) -> InvalidValue(key + " in " + chunk, value, accepted, place)
        | Missing(key, remedy, place) -> Missing(key + " in " + chunk, remedy, place)
        | Malformed(found, expected, place) -> Malformed(found + " in " + chunk, expected, place)
        | Inaccessible _ -> error

    let ofTexts (texts: byte[][]) =
        let found = Array.create names.Length NoShape

        seq { 0 .. min texts.Length names.Length - 1 }
        |> Result.check (fun i ->
            GsdShapes.read factor texts[i]
            |> Result.map (fun shape -> found[i] <- shape)
            |> Result.mapError (ofType i))
        |> Result.map (fun () -> found)

    let axesOf i shape =
        match shape with
        | Axes(axes, kind) ->
            if kind <> "Ellipsoid" && kind <> "Sphere" then
                warn (
                    "the shape of the type "
                    + names[i]
                    + " is called "
                    + kind
                    + " in particles/type_shapes: it is read as Ellipsoid or Sphere, as HOOMD-blue spells them"
                )

            ValueSome axes
        | NoShape
        | LikeEllipsoid _
        | OtherKind _ -> ValueNone

    /// `type_shapes`, and of a type without a shape there what HOOMD-blue 2 kept.
    let readShapes () =
        let texts = frames.Find "particles/type_shapes"

        let from = [
            placeOf texts
            placeOf (frames.Find "state/hpmc/ellipsoid/a")
            placeOf (frames.Find "state/hpmc/sphere/radius")
        ]

        if from = shapesFrom then
            Ok()
        else
            let newer =
                match texts with
                | ValueNone -> Ok(Array.create names.Length NoShape)
                | ValueSome entry -> frames.Chunks.Strings entry |> Result.bind ofTexts

            newer
            |> Result.bind (fun newer ->
                readState ()
                |> Result.map (fun older ->
                    shapesFrom <- from
                    stated <- newer

                    shapes <- Array.mapi2 (fun i older newer -> ValueOption.orElse older (axesOf i newer)) older newer))

    /// The types' names.
    member _.Names = names

    /// The types' species.
    member _.Species = species

    /// The names by species, of those that are no numbers; of several the first.
    member _.SpeciesNames = speciesNames

    /// The semi-axes of the types that have a shape; `Read` has read them.
    member _.Shapes = shapes

    /// The shapes as the file states them in `type_shapes`; `Read` has read them.
    member _.Stated = stated

    /// Looks at the names and species of the current frame's types.
    member _.ReadNames() : Result<unit, AniSoapError> = readNames ()

    /// Looks at all about the current frame's types.
    member _.Read() : Result<unit, AniSoapError> = readNames () |> Result.bind readShapes
