namespace AniSoap.Formats

open System.Text
open AniSoap

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
    let mutable shapesFrom = []
    let mutable shapes = Array.empty<Vector3 voption>

    let placeOf (entry: GsdEntry voption) =
        match entry with
        | ValueSome entry -> entry.Location
        | ValueNone -> 0L

    let readNames () =
        let entry = frames.Find "particles/types"

        let found () =
            match entry with
            // Types without names are called A, B, … by the schema.
            | ValueNone -> Ok [| for letter in 'A' .. 'Z' -> string letter |]
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
                    if namesFrom >= 0L && found <> names then
                        warn "the names of the particle types change between frames: a number may mean several types"

                    namesFrom <- placeOf entry
                    shapesFrom <- []
                    names <- found
                    species <- numbers))

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
        let found = Array.create<Vector3 voption> names.Length ValueNone
        let mutable failure = ValueNone
        let mutable i = 0

        while failure.IsNone && i < min texts.Length names.Length do
            match GsdShapes.semiAxes factor texts[i] with
            | Ok shape -> found[i] <- shape
            | Error error -> failure <- ValueSome(ofType i error)

            i <- i + 1

        match failure with
        | ValueSome error -> Error error
        | ValueNone -> Ok found

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
                | ValueNone -> Ok(Array.create names.Length ValueNone)
                | ValueSome entry -> frames.Chunks.Strings entry |> Result.bind ofTexts

            newer
            |> Result.bind (fun newer ->
                readState ()
                |> Result.map (fun older ->
                    shapesFrom <- from
                    shapes <- Array.map2 (fun older newer -> ValueOption.orElse older newer) older newer))

    /// The types' names.
    member _.Names = names

    /// The types' species.
    member _.Species = species

    /// The names by species, of those that are no numbers; of several the first.
    member _.SpeciesNames =
        if Array.forall (fun name -> (GsdTypes.tryNumber name).IsSome) names then
            Map.empty
        else
            Seq.zip species names |> Seq.distinctBy fst |> Map.ofSeq

    /// The semi-axes of the types that have a shape; `Read` has read them.
    member _.Shapes = shapes

    /// Looks at the names and species of the current frame's types.
    member _.ReadNames() : Result<unit, AniSoapError> = readNames ()

    /// Looks at all about the current frame's types.
    member _.Read() : Result<unit, AniSoapError> = readNames () |> Result.bind readShapes
