namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open System.Runtime.InteropServices
open System.Text
open System.Text.Json

/// What is gathered of a kind.
[<Sealed>]
type private KindTally() =
    member val Axes = [| Spread(); Spread(); Spread() |]
    member val Count = 0L with get, set
    member val Atoms = 0.0 with get, set
    member val Deviation = 0.0 with get, set
    member val Mass = 0.0 with get, set
    member val WeightedDeviation = 0.0 with get, set
    member val Planar = 0L with get, set
    member val Straight = 0L with get, set

/// Frames coarse-grained one after another, with a report at the end. Memory does not grow with the number of frames.
[<Sealed>]
type CoarseGrainRun(options: CoarseGrainOptions, output: CoarseOutput) =
    /// Positions of so many atoms of a kind are kept, for the average that all molecules behind them are laid onto.
    static let mostKeptAtoms = 60_000

    /// So many bodies are made at once where their rows alone are wanted: they are gone when the next ones come, before they
    /// cost more memory. A multiple of what a thread takes at once of those that are averaged.
    static let block = 8192

    let room = AtomRoom()
    let bodies = Array.zeroCreate<Body> block
    let mutable kinds = CoarseGrain.noKinds
    let mutable isLearnt = false
    let averages = List<AverageGathering>()
    let tallies = List<KindTally>()
    let signatures = Dictionary<string, int>()
    let pieces = List<int>()
    let sizes = List<int>()
    let signatureOf = List<int>()
    let atoms = Dictionary<struct (string * int), AtomKind>()
    let mutable spheres = 0L
    let mutable leftover = 0L
    let mutable lastCounts = [||]
    let mutable lastSignature = -1

    let massesOf (kind: BodyKind) = kind.Atoms |> Seq.map _.Mass |> Seq.toArray

    /// Adds molecules of a frame to the averages of their kinds.
    let gather (kinds: ImmutableArray<BodyKind>) (bodies: ReadOnlySpan<Body>) =
        let counts = Array.zeroCreate<int> kinds.Length

        for body in bodies do
            counts[body.Kind] <- counts[body.Kind] + 1

        let ofKind = counts |> Array.map Array.zeroCreate<Vector3[]>
        let next = Array.zeroCreate<int> counts.Length

        for body in bodies do
            ofKind[body.Kind][next[body.Kind]] <- ImmutableCollectionsMarshal.AsArray body.Positions |> nonNull
            next[body.Kind] <- next[body.Kind] + 1

        while averages.Count < counts.Length do
            averages.Add(AverageGathering(massesOf kinds[averages.Count], mostKeptAtoms))

        ofKind
        |> Array.iteri (fun k molecules -> averages[k].Add(options.Threads, molecules))

    /// Whether the atoms themselves are thin along one axis or two.
    let thinness (body: Body) =
        let g = BodyAxes.along (Quaternion.toMatrix body.Fit) body.Gyration
        let long = max g.X (max g.Y g.Z)
        let thin = min g.X (min g.Y g.Z)
        let middle = g.X + g.Y + g.Z - long - thin

        if middle < 0.01 * long then 2
        elif thin < 0.01 * long then 1
        else 0

    let tally (body: Body) =
        while tallies.Count <= body.Kind do
            tallies.Add(KindTally())

        let t = tallies[body.Kind]
        t.Count <- t.Count + 1L
        t.Axes[0].Add body.SemiAxes.X
        t.Axes[1].Add body.SemiAxes.Y
        t.Axes[2].Add body.SemiAxes.Z
        t.Atoms <- t.Atoms + float body.Atoms.Length

        t.Deviation <-
            t.Deviation
            + float body.Atoms.Length * body.Residual.OverAtoms * body.Residual.OverAtoms

        t.Mass <- t.Mass + body.Mass
        t.WeightedDeviation <- t.WeightedDeviation + body.Mass * body.Residual.ByMass * body.Residual.ByMass

        match thinness body with
        | 2 -> t.Straight <- t.Straight + 1L
        | 1 -> t.Planar <- t.Planar + 1L
        | _ -> ()

    /// Adds molecules of a frame to what is known of their kinds.
    let count kinds (bodies: ReadOnlySpan<Body>) =
        gather kinds bodies

        for body in bodies do
            tally body

    let note (found: CoarseGrain.FoundMolecules) =
        let singles, others = found.Groups.Spheres.Length, found.Groups.Leftover.Length
        let counts = Array.zeroCreate<int>(found.Kinds.Length + 2)

        for index in found.Indices do
            counts[index] <- counts[index] + 1

        counts[found.Kinds.Length] <- singles
        counts[found.Kinds.Length + 1] <- others

        if lastSignature < 0 || counts <> lastCounts then
            let parts = [
                for k in 0 .. found.Kinds.Length - 1 do
                    if counts[k] > 0 then
                        string counts[k] + " " + found.Kinds[k].Name

                if singles > 0 then
                    string singles + " single atoms"
            ]

            let text = if parts.IsEmpty then "none" else String.concat ", " parts

            match signatures.TryGetValue text with
            | true, known -> lastSignature <- known
            | false, _ ->
                lastSignature <- signatures.Count
                signatures[text] <- lastSignature
                pieces.Add(found.Indices.Length + singles)
                sizes.Add found.Around.Atoms.Positions.Length

            lastCounts <- counts

        signatureOf.Add lastSignature
        spheres <- spheres + int64 singles
        leftover <- leftover + int64 others

        for kind in found.Around.Atoms.KindList do
            atoms[struct (kind.Label, kind.Species)] <- kind

    /// A kind whose reference is the average molecule, with the mean shape.
    let withAverage (kind: BodyKind) (average: AverageMolecule) =
        let m = average.Moments
        let mass = kind.Atoms |> Seq.sumBy _.Mass
        let root x = if x > 0.0 then sqrt x else 0.0
        let scaled factor = Vector3.create (root (factor * m.X)) (root (factor * m.Y)) (root (factor * m.Z))
        let positions = Seq.toArray average.Positions

        let radii () =
            kind.Atoms
            |> Seq.map (fun atom ->
                match atom.Element with
                | Some element -> element.VanDerWaalsRadius
                | None -> 0.0)
            |> Seq.toArray

        let shape =
            match options.Shape with
            | BodyShape.Gyration factor
            | BodyShape.Inertia factor -> scaled factor
            | BodyShape.Contact -> BodyAxes.halfExtents Matrix3.identity positions (radii ())
            | BodyShape.Fixed axes -> axes

        let added =
            if options.AddRadius then
                let weights =
                    match options.Centre with
                    | BodyCentre.Mass -> kind.Atoms |> Seq.map _.Mass |> Seq.toArray
                    | BodyCentre.Geometry -> Array.create positions.Length 1.0

                (Array.map2 (*) weights (radii ()) |> Array.sum) / Array.sum weights
            else
                0.0

        {
            kind with
                Reference = average.Positions
                Shape = ValueSome(shape + Vector3.create added added added)
                Inertia = ValueSome(mass * Vector3.create (m.Y + m.Z) (m.X + m.Z) (m.X + m.Y))
        }

    /// What the options say while the average is not known yet.
    let learning = {
        options with
            ShapeFrom = ShapeOrigin.Own
            Axes = Some OrientationAxes.Reference
            MinAxis = Some(options.MinAxis |> Option.defaultValue 1e-9)
    }

    /// Whether the frames must be gone through once before, for the average shape.
    member _.NeedsLearning = options.ShapeFrom = ShapeOrigin.Average && not isLearnt

    /// Looks at a frame for the average molecules.
    member _.Learn(snapshot: Snapshot) : Result<unit, AniSoapError> =
        CoarseGrain.frameIn room output.WithAtoms learning kinds snapshot
        |> Result.map (fun frame ->
            kinds <- frame.Kinds
            gather frame.Kinds (frame.Bodies.AsSpan()))

    /// Makes the averages of what was looked at the shapes and references of the kinds.
    member _.EndLearning() =
        kinds <-
            kinds
            |> Seq.mapi (fun k kind ->
                match averages[k].TryAverage with
                | Some average -> withAverage kind average
                | None -> kind)
            |> ImmutableArray.CreateRange

        averages.Clear()
        isLearnt <- true

    /// The molecules of the next frame.
    member _.Frame(snapshot: Snapshot) : Result<CoarseFrame, AniSoapError> =
        CoarseGrain.find room output.WithAtoms options kinds snapshot
        |> Result.bind (fun found ->
            CoarseGrain.bodies found
            |> Result.map (fun frame ->
                kinds <- found.Kinds
                note found
                count found.Kinds (frame.Bodies.AsSpan())
                frame))

    /// What is written of the next frame, and what a person should know of it: as `Add`, in less memory, since the molecules
    /// themselves are not kept.
    member _.Ellipsoids(snapshot: Snapshot) : Result<struct (string list * Snapshot), AniSoapError> =
        CoarseGrain.find room output.WithAtoms options kinds snapshot
        |> Result.bind (fun found ->
            let all = found.Indices.Length
            let atoms = ImmutableCollectionsMarshal.AsImmutableArray found.Around.Atoms.KindList
            let singles = ImmutableCollectionsMarshal.AsImmutableArray found.Groups.Spheres
            let rows = CoarseRows(options, output, snapshot, found.Kinds, atoms, singles, all)
            let mutable outcome = Ok()
            let mutable first = 0
            kinds <- found.Kinds
            note found

            while first < all && outcome.IsOk do
                let start = first
                let here = min block (all - start)

                Workers.eachIn
                    options.Threads
                    here
                    (fun () -> struct (BodyBuilder.Room(), StringBuilder()))
                    (fun (struct (own, text)) k ->
                        bodies[k] <- CoarseGrain.bodyOf found own (start + k)
                        rows.Set(text, start + k, bodies[k]))

                outcome <- CoarseGrain.checkThin found (ReadOnlySpan(bodies, 0, here))

                if outcome.IsOk then
                    count found.Kinds (ReadOnlySpan(bodies, 0, here))

                first <- first + here

            outcome
            |> Result.bind rows.Finish
            |> Result.map (fun written -> struct (found.Warnings, written)))

    /// The next frame, and what is written of it.
    member run.Add(snapshot: Snapshot) : Result<struct (CoarseFrame * Snapshot), AniSoapError> =
        run.Frame snapshot
        |> Result.bind (fun frame ->
            CoarseSnapshot.ofFrame options output snapshot frame
            |> Result.map (fun written -> struct (frame, written)))

    /// What was found so far.
    member _.Report() : CoarseGrainReport =
        let usual =
            if signatureOf.Count = 0 then
                -1
            else
                signatureOf |> Seq.countBy id |> Seq.maxBy snd |> fst

        /// More pieces of the same atoms are broken molecules, fewer are merged ones; other atoms are neither.
        let order signature =
            if sizes[signature] = sizes[usual] then
                compare pieces[signature] pieces[usual]
            else
                0

        let framesWhere test =
            signatureOf
            |> Seq.indexed
            |> Seq.filter (fun (_, signature) -> signature <> usual && test (order signature))
            |> Seq.map fst
            |> Seq.toList

        let three (t: KindTally) choose = Vector3.create (choose t.Axes[0]) (choose t.Axes[1]) (choose t.Axes[2])

        {
            Frames = signatureOf.Count
            Kinds = [
                for k in 0 .. tallies.Count - 1 do
                    let t = tallies[k]

                    {
                        Name = kinds[k].Name
                        Species = kinds[k].Species
                        AtomsEach = kinds[k].Atoms.Length
                        Count = t.Count
                        MeanSemiAxes = three t (fun (s: Spread) -> s.Mean)
                        SpreadOfSemiAxes = three t (fun s -> s.Deviation)
                        LeastSemiAxes = three t (fun s -> s.Least)
                        MostSemiAxes = three t (fun s -> s.Most)
                        ResidualOntoFirst = {
                            OverAtoms = if t.Atoms > 0.0 then sqrt (t.Deviation / t.Atoms) else 0.0
                            ByMass =
                                if t.Mass > 0.0 then
                                    sqrt (t.WeightedDeviation / t.Mass)
                                else
                                    0.0
                        }
                        ResidualOntoAverage = averages[k].TryAverage |> Option.map (fun a -> a.Residual, a.Count)
                        Planar = t.Planar
                        Straight = t.Straight
                    }
            ]
            Atoms = atoms.Values |> Seq.sortBy _.Species |> Seq.toList
            Spheres = spheres
            Leftover = leftover
            Usual =
                if usual < 0 then
                    "none"
                else
                    signatures |> Seq.find (fun pair -> pair.Value = usual) |> _.Key
            Broken = framesWhere (fun order -> order > 0)
            Merged = framesWhere (fun order -> order < 0)
            Other = framesWhere (fun order -> order = 0)
        }

    /// The kinds that were found, with their reference molecules.
    member _.Kinds = kinds

    /// The reference molecules as hidden sites are given to training: for each species positions in the body's frame, with
    /// elements and masses.
    member _.Sites() : string =
        use memory = new MemoryStream()

        (use writer = new Utf8JsonWriter(memory, JsonWriterOptions(Indented = true))
         writer.WriteStartObject()
         writer.WriteStartObject "sites"

         for kind in kinds |> Seq.distinctBy _.Species do
             writer.WriteStartArray(string kind.Species)

             for i in 0 .. kind.Atoms.Length - 1 do
                 let p = kind.Reference[i]
                 writer.WriteStartObject()
                 writer.WriteStartArray "position"
                 writer.WriteNumberValue p.X
                 writer.WriteNumberValue p.Y
                 writer.WriteNumberValue p.Z
                 writer.WriteEndArray()

                 let element = kind.Atoms[i].Element
                 writer.WriteString("type", element |> Option.map _.Symbol |> Option.defaultValue kind.Atoms[i].Label)
                 writer.WriteNumber("mass", kind.Atoms[i].Mass)
                 writer.WriteEndObject()

             writer.WriteEndArray()

         writer.WriteEndObject()
         writer.WriteStartObject "names"

         for kind in kinds |> Seq.distinctBy _.Species do
             writer.WriteString(string kind.Species, kind.Name)

         writer.WriteEndObject()
         writer.WriteEndObject())

        Encoding.UTF8.GetString(memory.ToArray()) + "\n"
