namespace AniSoap.Learning

open System
open System.Collections.Generic
open System.Collections.Immutable
open AniSoap

/// A frame as pairs of bodies, with what its rows count.
[<NoComparison>]
type internal SiteFrame = {
    Targets: PotentialTargets
    /// Both bodies and the vector from the first to the second; every pair once.
    Pairs: struct (int * int * Vector3)[]
    /// Of the energy, of forces and of torques of every particle.
    EnergyWeight: float
    ForceWeights: float[]
    TorqueWeights: float[]
} with

    /// Whether it is one pair alone.
    member frame.IsDimer =
        frame.Targets.Frame.Particles.Length = 2
        && not frame.Targets.Frame.Cell.IsPeriodic

/// Rows out of frames.
module internal SiteRowsBuilder =
    let private rotationOf (frame: Frame) i = Quaternion.toMatrix (frame.Particles[i].Orientation)

    let private vectorOf (values: ImmutableArray<float>) i =
        Vector3.create values[3 * i] values[3 * i + 1] values[3 * i + 2]

    /// Pairs of a frame within a distance of centres, every pair once; a periodic image is a pair of its own.
    let pairs (reach: float) (frame: Frame) : Result<struct (int * int * Vector3)[], AniSoapError> =
        if frame.Particles.Length = 2 && not frame.Cell.IsPeriodic then
            Ok [| struct (0, 1, frame.Particles[1].Position - frame.Particles[0].Position) |]
        else
            NeighborList.create reach frame
            |> Result.map (fun all ->
                let isFirst (pair: NeighborPair) =
                    pair.First < pair.Second
                    || pair.First = pair.Second
                       && (pair.ShiftA > 0
                           || pair.ShiftA = 0 && (pair.ShiftB > 0 || pair.ShiftB = 0 && pair.ShiftC > 0))

                [|
                    for pair in all do
                        if isFirst pair then
                            struct (pair.First, pair.Second, pair.Displacement)
                |])

    /// The ten targets of a dimer and their weights. The forces are each other's opposites: two rows become one of their mean, by weight.
    let private dimer (frame: SiteFrame) first second (targets: float[]) (weights: float[]) =
        let given = frame.Targets

        match given.Energy with
        | Some energy ->
            targets[0] <- energy
            weights[0] <- frame.EnergyWeight
        | None -> ()

        if not given.Forces.IsDefaultOrEmpty then
            let a, b = frame.ForceWeights[first], frame.ForceWeights[second]
            let whole = a * a + b * b

            if whole > 0.0 then
                let mean =
                    1.0 / whole
                    * (b * b * vectorOf given.Forces second - a * a * vectorOf given.Forces first)

                targets[1] <- mean.X
                targets[2] <- mean.Y
                targets[3] <- mean.Z

                for row in 1..3 do
                    weights[row] <- sqrt whole

        if not given.Torques.IsDefaultOrEmpty then
            for axis in 0..2 do
                targets[4 + axis] <- given.Torques[3 * first + axis]
                targets[7 + axis] <- given.Torques[3 * second + axis]
                weights[4 + axis] <- frame.TorqueWeights[first]
                weights[7 + axis] <- frame.TorqueWeights[second]

    let private putMatrix (geometry: float[]) at (m: Matrix3) =
        let put k value = geometry[at + Lanes.Count * k] <- value
        put 0 m.Row1.X
        put 1 m.Row1.Y
        put 2 m.Row1.Z
        put 3 m.Row2.X
        put 4 m.Row2.Y
        put 5 m.Row2.Z
        put 6 m.Row3.X
        put 7 m.Row3.Y
        put 8 m.Row3.Z

    /// Pairs by species, lower number first. `places` are the five rows of a pair, or none.
    let private group
        (far: float)
        first
        second
        rowStart
        (members: (SiteFrame * struct (int * int * Vector3) * int[])[])
        : SitePairGroup =
        let L = Lanes.Count
        let blocks = (members.Length + L - 1) / L
        let geometry = Array.zeroCreate<float>(21 * L * blocks)
        let isIsolated = members |> Array.forall (fun (_, _, places) -> places.Length = 0)

        let places =
            if isIsolated then
                [||]
            else
                Array.zeroCreate<int>(5 * L * blocks)

        for k in 0 .. L * blocks - 1 do
            let at = 21 * L * (k / L) + k % L

            if k < members.Length then
                let frame, (struct (i, j, r)), rows = members[k]
                geometry[at] <- r.X
                geometry[at + L] <- r.Y
                geometry[at + 2 * L] <- r.Z
                putMatrix geometry (at + 3 * L) (rotationOf frame.Targets.Frame i)
                putMatrix geometry (at + 12 * L) (rotationOf frame.Targets.Frame j)

                rows
                |> Array.iteri (fun row place -> places[5 * L * (k / L) + L * row + k % L] <- place)
            else
                geometry[at] <- far
                putMatrix geometry (at + 3 * L) Matrix3.identity
                putMatrix geometry (at + 12 * L) Matrix3.identity

                if not isIsolated then
                    // Three rows behind all others.
                    for row in 0..4 do
                        places[5 * L * (k / L) + L * row + k % L] <- -1

        SitePairGroup(first, second, blocks, geometry, rowStart, places)

    /// Rows of frames; `speciesOf` is the place of a species' number among those of the bodies, and pairs of others are left out. `far` is a distance beyond all.
    let build (far: float) (speciesOf: int -> int) (frames: SiteFrame seq) : SiteRows =
        let isolated =
            SortedDictionary<struct (int * int), List<SiteFrame * struct (int * int * Vector3) * int[]>>()

        let joined =
            SortedDictionary<struct (int * int), List<SiteFrame * struct (int * int * Vector3) * int[]>>()

        let weights, targets, kinds = List<float>(), List<float>(), List<int>()
        let tail = List<SiteFrame * int>()

        let add (all: SortedDictionary<_, _>) key item =
            match all.TryGetValue key with
            | true, (known: List<_>) -> known.Add item
            | _ -> all[key] <- List [ item ]

        let ordered (frame: SiteFrame) (struct (i, j, r: Vector3)) =
            let a = speciesOf (frame.Targets.Frame.Particles[i].Species)
            let b = speciesOf (frame.Targets.Frame.Particles[j].Species)

            if a <= b then
                struct (a, b), struct (i, j, r)
            else
                struct (b, a), struct (j, i, -1.0 * r)

        for frame in frames do
            if frame.IsDimer then
                let key, pair = ordered frame frame.Pairs[0]
                let struct (a, _) = key

                if a >= 0 then
                    add isolated key (frame, pair, [||])
            else
                tail.Add(frame, 0)

        let L = Lanes.Count
        let groups = List<SitePairGroup>()

        for entry in isolated do
            let struct (first, second) = entry.Key
            let members = entry.Value.ToArray()
            let start = targets.Count
            groups.Add(group far first second start members)

            for block in 0 .. (members.Length + L - 1) / L - 1 do
                let y, w = Array.zeroCreate<float>(10 * L), Array.zeroCreate<float>(10 * L)

                for lane in 0 .. min L (members.Length - L * block) - 1 do
                    let ten, tenWeights = Array.zeroCreate<float> 10, Array.zeroCreate<float> 10
                    let frame, (struct (i, j, _)), _ = members[L * block + lane]
                    dimer frame i j ten tenWeights

                    for row in 0..9 do
                        y[L * row + lane] <- ten[row]
                        w[L * row + lane] <- tenWeights[row]

                targets.AddRange y
                weights.AddRange w

                for row in 0..9 do
                    kinds.AddRange(
                        Array.create
                            L
                            (if row = 0 then 0
                             elif row <= 3 then 1
                             else 2)
                    )

        for frame, _ in tail do
            let given = frame.Targets
            let count = given.Frame.Particles.Length
            let start = targets.Count
            targets.Add(given.Energy |> Option.defaultValue 0.0)
            weights.Add(if given.Energy.IsSome then frame.EnergyWeight else 0.0)
            kinds.Add 0

            let addVectors kind (values: ImmutableArray<float>) (own: float[]) =
                for i in 0 .. 3 * count - 1 do
                    kinds.Add kind
                    let isKnown = not values.IsDefaultOrEmpty
                    targets.Add(if isKnown then values[i] else 0.0)
                    weights.Add(if isKnown then own[i / 3] else 0.0)

            addVectors 1 given.Forces frame.ForceWeights
            addVectors 2 given.Torques frame.TorqueWeights

            for pair in frame.Pairs do
                let key, (struct (i, j, r)) = ordered frame pair
                let struct (a, _) = key

                if a >= 0 then
                    let torques = start + 1 + 3 * count

                    add
                        joined
                        key
                        (frame,
                         struct (i, j, r),
                         [| start; start + 1 + 3 * i; start + 1 + 3 * j; torques + 3 * i; torques + 3 * j |])

        // Rows that are nobody's, for lanes that are left over; up to a multiple of four.
        let nobody = targets.Count

        if joined.Count > 0 then
            targets.AddRange(Array.zeroCreate<float> 3)
            weights.AddRange(Array.zeroCreate<float> 3)

        while targets.Count % L <> 0 do
            targets.Add 0.0
            weights.Add 0.0

        kinds.AddRange(Array.create (targets.Count - kinds.Count) -1)

        for entry in joined do
            let struct (first, second) = entry.Key
            let made = group far first second 0 (entry.Value.ToArray())

            for k in 0 .. made.Places.Length - 1 do
                if made.Places[k] < 0 then
                    made.Places[k] <- nobody

            groups.Add made

        let y = Array.init targets.Count (fun i -> targets[i] * weights[i])
        SiteRows(groups.ToArray(), targets.Count, weights.ToArray(), y, kinds.ToArray())
