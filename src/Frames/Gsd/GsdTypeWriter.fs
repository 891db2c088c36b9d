namespace AniSoap

open System.Collections.Generic

/// The types of a frame's particles as they are written.
[<NoEquality; NoComparison>]
type internal GsdTypeList = {
    /// The type of each particle.
    Ids: int[]
    Names: string[]
    /// The shapes of the types that have one.
    Shapes: Vector3 voption[]
    /// Whether the names are those of the snapshot.
    AreOwn: bool
}

/// GSD has shapes of types only, so there is one type for each species and shape. They keep their numbers from frame to
/// frame while they are not too many.
[<Sealed>]
type internal GsdTypeWriter() =
    /// Types that are kept although a frame does not use them.
    static let mostUnused = 256

    let numbers = Dictionary<struct (int * Vector3), int>()
    let kinds = ResizeArray<struct (int * Vector3)>()

    let add kind =
        match numbers.TryGetValue kind with
        | true, number -> number
        | false, _ ->
            let number = kinds.Count
            numbers[kind] <- number
            kinds.Add kind
            number

    let kindOf (particle: Ellipsoid) = struct (particle.Species, particle.SemiAxes)

    /// The types of a frame's particles; new ones in the order of their species.
    let assign (frame: Frame) =
        let fresh = HashSet<struct (int * Vector3)>()

        for particle in frame.Particles do
            if not (numbers.ContainsKey(kindOf particle)) then
                fresh.Add(kindOf particle) |> ignore

        for kind in fresh |> Seq.sortBy (fun struct (species, _) -> species) do
            add kind |> ignore

        [| for particle in frame.Particles -> add (kindOf particle) |]

    /// Types under names by which the species can be told again.
    let numbered (frame: Frame) =
        let ids = assign frame

        let ids =
            if kinds.Count - (ids |> Seq.distinct |> Seq.length) > mostUnused then
                numbers.Clear()
                kinds.Clear()
                assign frame
            else
                ids

        let shapes = Dictionary<int, int>()

        let names = [|
            for struct (species, _) in kinds do
                let shape =
                    match shapes.TryGetValue species with
                    | true, known -> known + 1
                    | false, _ -> 1

                shapes[species] <- shape
                GsdTypes.name species shape
        |]

        {
            Ids = ids
            Names = names
            Shapes = [| for struct (_, axes) in kinds -> ValueSome axes |]
            AreOwn = false
        }

    /// The types of the snapshot's own names, where the species are the numbers of these names from 0 on and have one
    /// shape each: as they were in another GSD file.
    let tryOwn (snapshot: Snapshot) =
        let names = [|
            for KeyValue(_, name) in snapshot.SpeciesNames do
                name
        |]

        let areCounted =
            snapshot.SpeciesNames
            |> Seq.indexed
            |> Seq.forall (fun (i, pair) -> pair.Key = i)

        let areNames = names |> Array.forall (fun name -> name <> "" && not (name.Contains '\000'))
        let areDifferent = Array.distinct names = names
        let areRead = GsdTypes.species Map.empty names = Ok [| 0 .. names.Length - 1 |]
        let particles = snapshot.Frame.Particles
        let shapes = Array.create<Vector3 voption> names.Length ValueNone
        let mutable fits = areCounted && areNames && areDifferent && areRead
        let mutable i = 0

        while fits && i < particles.Length do
            let species, axes = particles[i].Species, particles[i].SemiAxes

            if species < 0 || species >= names.Length then
                fits <- false
            else
                match shapes[species] with
                | ValueNone -> shapes[species] <- ValueSome axes
                | ValueSome known -> fits <- (known = axes)

            i <- i + 1

        if fits && names.Length > 0 then
            Some {
                Ids = [| for p in particles -> p.Species |]
                Names = names
                Shapes = shapes
                AreOwn = true
            }
        else
            None

    /// The types of a snapshot's particles.
    member _.Assign(snapshot: Snapshot) = tryOwn snapshot |> Option.defaultWith (fun () -> numbered snapshot.Frame)
