namespace AniSoap

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Runtime.InteropServices

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

/// What a run tells in the end, gathered frame by frame: molecules by their kinds, averages among them, and which frames have
/// others than most. Memory does not grow with the number of frames but for a number each.
[<Sealed>]
type internal CoarseTally(threads: int, centre: BodyCentre) =
    /// Positions of so many atoms of a kind are kept, for the average that all molecules behind them are laid onto.
    static let mostKeptAtoms = 60_000

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

    let averageOf (kind: BodyKind) =
        let masses = kind.Atoms |> Seq.map _.Mass |> Seq.toArray

        let weights =
            match centre with
            | BodyCentre.Mass -> masses
            | BodyCentre.Geometry -> Array.create masses.Length 1.0

        AverageGathering(weights, masses, mostKeptAtoms)

    /// Whether the atoms themselves are thin along one axis or two.
    let thinness (body: Body) =
        let g = BodyAxes.along (Quaternion.toMatrix body.Fit) (SymmetricMatrix3.ofMatrix body.Gyration)
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

    /// Adds molecules of a frame to the averages of their kinds.
    member _.Gather(kinds: ImmutableArray<BodyKind>, bodies: ReadOnlySpan<Body>) =
        let counts = Array.zeroCreate<int> kinds.Length

        for body in bodies do
            counts[body.Kind] <- counts[body.Kind] + 1

        let ofKind = counts |> Array.map Array.zeroCreate<Vector3[]>
        let next = Array.zeroCreate<int> counts.Length

        for body in bodies do
            ofKind[body.Kind][next[body.Kind]] <- ImmutableCollectionsMarshal.AsArray body.Positions |> nonNull
            next[body.Kind] <- next[body.Kind] + 1

        while averages.Count < counts.Length do
            averages.Add(averageOf kinds[averages.Count])

        ofKind |> Array.iteri (fun k molecules -> averages[k].Add(threads, molecules))

    /// Adds molecules of a frame to what is known of their kinds.
    member gathered.Count(kinds: ImmutableArray<BodyKind>, bodies: ReadOnlySpan<Body>) =
        gathered.Gather(kinds, bodies)

        for body in bodies do
            tally body

    /// Adds what was found in a frame.
    member _.Note(found: CoarseGrain.FoundMolecules) =
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

    /// The average molecule of a kind so far, if there is one.
    member _.TryAverage kind = averages[kind].TryAverage

    /// Forgets the averages.
    member _.ClearAverages() = averages.Clear()

    /// What was found so far of these kinds.
    member _.Report(kinds: ImmutableArray<BodyKind>) : CoarseGrainReport =
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
