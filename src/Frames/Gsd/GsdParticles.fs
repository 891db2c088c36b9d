namespace AniSoap

open System
open System.Collections.Generic

/// The particles of a GSD file's frames. What stays the same from frame to frame is read once.
[<Sealed>]
type internal GsdParticles(options: InputOptions, warn: string -> unit, frames: GsdFrames) =
    /// More particles than this have positions in the file: a number without data behind it fills no memory.
    static let mostWithoutPositions = 100_000

    static let identity = [| 1.0; 0.0; 0.0; 0.0 |]
    static let origin = [| 0.0; 0.0; 0.0 |]
    static let noPlace = struct (-1L, 0, 0)

    let types = GsdTypeTable(options, warn, frames)
    let rows = ParticleRows()

    // From what the data in memory come: the place of the chunk in the file (0: none), the number of particles and of
    // numbers in a row.
    let mutable typeIdsFrom = noPlace
    let mutable typeIds = Array.empty<int64>
    let mutable positionsFrom = noPlace
    let mutable orientationsFrom = noPlace

    let mutable takesDiameters = false

    let from (entry: GsdEntry voption) stride =
        match entry with
        | ValueSome entry -> struct (entry.Location, frames.Count, stride)
        | ValueNone -> struct (0L, frames.Count, stride)

    let checkCount () =
        if frames.Count > mostWithoutPositions && (frames.Find "particles/position").IsNone then
            GsdHeader.malformed (string frames.Count + " particles without positions") "a chunk particles/position"
        else
            Ok()

    let checkTypeIds (found: int64[]) =
        match
            found
            |> Array.tryFindIndex (fun id -> id < 0L || id >= int64 types.Names.Length)
        with
        | None -> Ok()
        | Some particle ->
            AniSoapError.invalid
                "particles/typeid"
                found[particle]
                ("whole numbers from 0 to "
                 + string (types.Names.Length - 1)
                 + ", one for each type")
            |> AniSoapError.at { Place.Unknown with Particle = Some particle }
            |> Error

    let readTypeIds () =
        frames.FindOfParticles("particles/typeid", 1)
        |> Result.bind (fun entry ->
            if from entry 1 = typeIdsFrom then
                Ok()
            else
                match entry with
                | ValueNone -> Ok(Array.zeroCreate<int64> frames.Count)
                | ValueSome entry ->
                    match frames.Chunks.TryIntegers entry with
                    | Some found -> Ok found
                    | None -> GsdHeader.malformed "real numbers in particles/typeid" "whole numbers"
                |> Result.map (fun found ->
                    typeIds <- found
                    typeIdsFrom <- from entry 1))
        // The types may be others than when the numbers were read.
        |> Result.bind (fun () -> checkTypeIds typeIds)

    /// Puts a quantity into the rows, unless it is there already; gives where it comes from.
    let fill known name offset (standard: float[]) =
        frames.FindOfParticles(name, standard.Length)
        |> Result.map (fun entry ->
            let now = from entry rows.Stride

            if now <> known then
                match entry with
                | ValueSome entry -> frames.Chunks.ReadReals(entry, rows.Numbers, offset, rows.Stride)
                | ValueNone ->
                    for i in 0 .. frames.Count - 1 do
                        Array.blit standard 0 rows.Numbers (i * rows.Stride + offset) standard.Length

            now)

    let readPositions () =
        fill positionsFrom "particles/position" 0 origin
        |> Result.map (fun now -> positionsFrom <- now)

    /// Orientations are w, x, y, z in the file, unless an option says otherwise.
    let readOrientations () =
        fill orientationsFrom "particles/orientation" 3 identity
        |> Result.map (fun now ->
            let struct (place, _, _) = now

            if
                now <> orientationsFrom
                && place > 0L
                && options.OrientationOrder = Some QuaternionOrder.XYZW
            then
                for i in 0 .. frames.Count - 1 do
                    let q = i * rows.Stride + 3
                    let w = rows.Numbers[q + 3]
                    Array.Copy(rows.Numbers, q, rows.Numbers, q + 1, 3)
                    rows.Numbers[q] <- w

            orientationsFrom <- now)

    /// The diameters that the file gives particles one by one, if it does and a type without a shape needs them.
    let diameters () =
        if types.Shapes |> Array.forall _.IsSome then
            Ok [||]
        else
            frames.FindOfParticles("particles/diameter", 1)
            |> Result.map (function
                | ValueSome entry -> frames.Chunks.Reals entry
                | ValueNone -> [||])

    let fillSpeciesAndShapes (layout: ParticleLayout) (diameters: float[]) =
        let species, shapes = types.Species, types.Shapes

        for i in 0 .. frames.Count - 1 do
            let kind = int typeIds[i]
            rows.Species[i] <- species[kind]

            if layout.Shape.Length > 0 then
                let axes =
                    match shapes[kind] with
                    | ValueSome axes -> axes
                    | ValueNone when diameters.Length > 0 -> 0.5 * diameters[i] * Vector3.create 1.0 1.0 1.0
                    | ValueNone -> Vector3.zero

                let shape = i * layout.Stride + layout.ShapeStart
                rows.Numbers[shape] <- axes.X
                rows.Numbers[shape + 1] <- axes.Y
                rows.Numbers[shape + 2] <- axes.Z

    let layoutOf hasShapes : ParticleLayout = {
        Taken = Set.empty
        Notes = LayoutNotes.none
        Species = None
        Position = [| 0; 1; 2 |]
        Orientation = [| 3; 4; 5; 6 |]
        Shape = if hasShapes then [| 7; 8; 9 |] else [||]
        ShapeFactor = 1.0
    }

    /// Whether types without a shape take the particles' own diameters; that is worth a warning.
    let lookAtDiameters (diameters: float[]) =
        takesDiameters <-
            diameters.Length > 0
            && options.SemiAxes.IsNone
            && typeIds |> Array.exists (fun kind -> types.Shapes[int kind].IsNone)

        if takesDiameters then
            warn "particles of types without a shape are spheres of the diameters in particles/diameter"

    let read cell =
        diameters ()
        |> Result.bind (fun diameters ->
            let hasShapes = diameters.Length > 0 || Array.exists ValueOption.isSome types.Shapes

            if hasShapes && options.SemiAxes.IsSome then
                warn "the shapes given replace those in the input"

            lookAtDiameters diameters
            let layout = layoutOf hasShapes
            rows.Allot(frames.Count, layout.Stride)

            readPositions ()
            |> Result.bind readOrientations
            |> Result.bind (fun () ->
                fillSpeciesAndShapes layout diameters
                ParticleRows.toFrame options warn layout rows cell (fun _ -> None)))

    /// Shapes that are stated and not read are told, before something else stands for them.
    let checkShapes () =
        let given species = options.SemiAxes.IsSome || options.SemiAxesBySpecies.ContainsKey species

        /// The error of a type, if it has particles.
        let refused kind error =
            match typeIds |> Array.tryFindIndex (fun id -> int id = kind) with
            | Some particle -> Error(AniSoapError.at { Place.Unknown with Particle = Some particle } error)
            | None -> Ok()

        let check kind (shape: GsdShape) =
            let species = types.Species[kind]
            let chunk () = "particles/type_shapes of the type " + types.Names[kind]

            match shape with
            | LikeEllipsoid name when
                types.Shapes[kind].IsNone
                && not (given species)
                && not (options.PointSemiAxisBySpecies.ContainsKey species)
                ->
                InvalidValue(
                    chunk (),
                    (if name = "" then
                         "a, b, c without a type"
                     else
                         name + " with a, b, c"),
                    "Ellipsoid and Sphere; for other shapes give semi-axes (--semiaxes "
                    + string species
                    + "=A,B,C) or a diameter (--point-diameter "
                    + string species
                    + "=D)",
                    Place.Unknown
                )
                |> refused kind
            | LikeEllipsoid name
            | OtherKind name when types.Shapes[kind].IsNone && not (given species) ->
                warn (
                    chunk ()
                    + " says "
                    + name
                    + ", which is not read: its particles are taken for spheres where a diameter is given"
                )

                Ok()
            | _ -> Ok()

        let mutable outcome = Ok()
        let mutable kind = 0

        while outcome.IsOk && kind < types.Stated.Length do
            outcome <- check kind types.Stated[kind]
            kind <- kind + 1

        outcome

    /// The types of the current frame.
    member _.Types = types

    /// Whether particles of the frame read last are spheres of the diameters in `particles/diameter`.
    member _.TakesDiameters = takesDiameters

    /// The current frame's particles in a cell.
    member _.Read(cell: Cell) : Result<Frame, AniSoapError> =
        checkCount ()
        |> Result.bind types.Read
        |> Result.bind readTypeIds
        |> Result.bind checkShapes
        |> Result.bind (fun () -> read cell)

    /// Adds the species of the current frame to `found`.
    member _.ReadSpecies(found: HashSet<int>) : Result<unit, AniSoapError> =
        checkCount ()
        |> Result.bind types.ReadNames
        |> Result.bind readTypeIds
        |> Result.map (fun () ->
            for kind in typeIds do
                found.Add types.Species[int kind] |> ignore)
