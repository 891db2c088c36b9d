namespace AniSoap.Analysis

open System
open AniSoap

/// Looks at frames as they pass, for likely mistakes. Some particles of each are looked at, so that it costs a few hundredths of computing features, and
/// memory does not depend on the number of frames. What cannot be taken back is told at once, the rest at the end; each kind once.
[<Sealed>]
type SuspicionWatch
    internal (cutoff: float option, reach: float option, isThorough: bool, hasShape: Predicate<Ellipsoid>) =
    // Packed particles touch at a factor near 1; shapes read at half or twice their size touch near 2 or 1/2.
    let halfSize, halfSizeLimit, twiceSize, overlapping = 1.6, 2.5, 0.65, 0.8
    // Contacts are looked for up to so many times the longest semi-axis: those of half-size shapes too.
    let contactReach = 4.5
    // A sphere that holds so many particles holds the nearest; what cells and shapes ask for beyond it would only cost.
    let most = 1000.0
    // Particles looked at before contacts are judged, and in the first frame; afterwards one of so many.
    let enough, first, oneOf = 64, 128, 256
    // Whoever looks at every particle looks so many times the longest semi-axis far at first: packed particles touch
    // nearer than that, and the sphere of all contacts holds three times as many.
    let nearReach = 3.0
    // Particles of a frame whose contacts with other orders of the quaternions' numbers are looked at.
    let mostTurned = 1024

    let told = Collections.Generic.HashSet<SuspicionKind>()
    let species = Collections.Generic.SortedDictionary<int, struct (int64 * bool)>()
    let mutable firstPlace = ValueNone
    let mutable owed = 0.0
    let mutable looked = 0
    let mutable longestAxis = 0.0
    let mutable longestPlace = Place.Unknown
    // Whether somebody has a neighbour within the cutoff, and whether that was looked for in every frame.
    let mutable hasNeighbors = cutoff.IsNone
    let mutable isSure = true
    let mutable crowds = 0L
    let mutable distances = 0L
    let mutable distanceSum = 0.0
    let mutable leastDistance = infinity
    let mutable contacts = 0
    let mutable factorSum = 0.0
    let mutable leastFactor = infinity
    let mutable leastPlace = Place.Unknown
    let mutable overlaps = 0
    // Overlapping particles with orientations as read and with the scalar elsewhere, of the frames in which any overlap.
    let byOrder = Array.zeroCreate<int> 3

    let show = SuspicionRules.show

    /// The radius of a search that finds about `most` neighbours, or all that there are without images.
    let affordable (frame: Frame) (wanted: float) =
        let periodic = frame.Cell.Periodicity
        let count = float frame.Particles.Length

        if periodic.A && periodic.B && periodic.C then
            let volume = abs (Matrix3.determinant frame.Cell.Basis)
            min wanted (Math.Cbrt(most * volume / (count * 4.0 / 3.0 * Math.PI)))
        else
            let rows = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)

            let images radius =
                let along (row: Vector3) repeats =
                    if repeats then
                        2.0 * radius * Vector3.norm row + 1.0
                    else
                        1.0

                along rows.Row1 periodic.A
                * along rows.Row2 periodic.B
                * along rows.Row3 periodic.C

            let mutable radius = wanted

            while images radius > 27.0 && count * (images radius - 1.0) > most do
                radius <- radius / 2.0

            radius

    /// How many particles of a frame are looked at.
    let share count =
        if isThorough then
            count
        elif looked < enough then
            min count (first - looked)
        else
            owed <- owed + float count / float oneOf

            if owed < float (min count 8) then
                0
            else
                let taken = min count (int owed)
                owed <- owed - float taken
                taken

    let countSpecies (place: Place) (frame: Frame) =
        let mutable longestHere = 0.0

        let particles = frame.Particles

        for i in 0 .. particles.Length - 1 do
            // A particle by itself is made where somebody wants to look at it.
            if not isThorough || hasShape.Invoke particles[i] then
                let axes = particles.SemiAxesOf i
                longestHere <- Math.Max(longestHere, Math.Max(axes.X, Math.Max(axes.Y, axes.Z)))

                if not (axes.X = axes.Y && axes.Y = axes.Z) then
                    let isTurned = abs (particles.OrientationOf i).W <> 1.0
                    let number = particles.SpeciesOf i

                    match species.TryGetValue number with
                    | true, struct (_, true) -> ()
                    | true, struct (count, false) -> species[number] <- struct (count + 1L, isTurned)
                    | _ -> species[number] <- struct (1L, isTurned)

        if longestHere > longestAxis then
            longestAxis <- longestHere
            longestPlace <- place

        longestHere

    let addContact (place: Place) particle factor =
        if factor < infinity then
            contacts <- contacts + 1
            factorSum <- factorSum + factor

            if factor < leastFactor then
                leastFactor <- factor
                leastPlace <- { place with Particle = Some particle }

            if factor < overlapping then
                overlaps <- overlaps + 1

    let look (place: Place) (frame: Frame) longestHere count =
        let asked = affordable frame (max (contactReach * longestHere) (defaultArg cutoff 0.0))
        let radius = if asked > 0.0 && Double.IsFinite asked then asked else 1.0

        match NeighborLimits.check radius frame with
        // Whoever looks for neighbours will say so.
        | Error _ -> isSure <- false
        | Ok() ->
            let total = frame.Particles.Length
            let near = nearReach * longestHere
            let wide = lazy (ContactLook(frame, radius, hasShape))

            let view =
                if isThorough && near > 0.0 && near < radius then
                    ContactLook(frame, near, hasShape)
                else
                    wide.Value

            let spread count = Array.init count (fun k -> int (int64 k * int64 total / int64 (max 1 count)))
            let chosen = spread count
            let before = overlaps
            // Contacts with the images of a layer say nothing about the shapes; the readers warn of these images.
            let isLayer = (ParticleLayer.tryFind radius frame).IsSome
            looked <- looked + count

            for particle in chosen do
                let close = view.Find particle
                let closeFactor = if isLayer then 0.0 else view.Nearest(particle, 0)

                // Farther, where that can change anything.
                let isSettled =
                    view.Radius = radius
                    || close < infinity && view.IsNearest(particle, closeFactor, longestHere)

                let distance = if isSettled then close else wide.Value.Find particle

                let factor =
                    if isSettled || isLayer then
                        closeFactor
                    else
                        wide.Value.Nearest(particle, 0)

                if distance < infinity then
                    distances <- distances + 1L
                    distanceSum <- distanceSum + distance
                    leastDistance <- min leastDistance distance
                    hasNeighbors <- hasNeighbors || distance < cutoff.Value

                if not isLayer then
                    addContact place particle factor

            // Would they overlap as much with the quaternions' numbers in another order?
            if overlaps > before then
                // Those that overlap are nearer than any radius here.
                for particle in spread (min count mostTurned) do
                    view.Find particle |> ignore

                    for order in 0..2 do
                        if view.Nearest(particle, order) < overlapping then
                            byOrder[order] <- byOrder[order] + 1

            if not hasNeighbors && total > 1 then
                crowds <- crowds + 1L
                isSure <- isSure && radius >= cutoff.Value
                let mutable particle = 0

                while not hasNeighbors && particle < total do
                    hasNeighbors <- wide.Value.Find particle < cutoff.Value
                    particle <- particle + 1

    /// The one likely cause of particles that lie within each other.
    let causeOfOverlaps () =
        let mean = factorSum / float (max 1 contacts)
        let explains order = byOrder[0] >= 3 && 10 * byOrder[order] <= byOrder[0]
        let factor = show leastFactor

        let order name other =
            SuspicionRules.make
                SuspicionKind.OrientationOrder
                (string overlaps
                 + " of "
                 + string looked
                 + " particles looked at overlap others, and hardly any would with the numbers of the quaternions in the order "
                 + name
                 + ": they look as if they were read as "
                 + other
                 + " (--orientation-order "
                 + name
                 + ", if that is the order in the file)")
                leastPlace

        if overlaps = 0 then
            None
        elif explains 1 && byOrder[1] <= byOrder[2] then
            Some(order "wxyz" "xyzw")
        elif explains 2 then
            Some(order "xyzw" "wxyz")
        elif contacts >= 10 && leastFactor < twiceSize && mean < overlapping then
            Some(
                SuspicionRules.make
                    SuspicionKind.LargeShapes
                    ("the closest particles touch when shrunk to "
                     + factor
                     + " of their size: semi-axes that look like diameters (--shape-as diameter, or --diameters, if they are)")
                    leastPlace
            )
        else
            Some(
                SuspicionRules.make
                    SuspicionKind.Overlaps
                    ("overlapping particles: "
                     + string overlaps
                     + " of "
                     + string looked
                     + " looked at; the worst, this one, touches another at "
                     + factor
                     + " of its size")
                    leastPlace
            )

    let contactKinds = [ SuspicionKind.OrientationOrder; SuspicionKind.LargeShapes; SuspicionKind.Overlaps ]

    /// What is certain whatever comes.
    let certain isLast = [
        match cutoff with
        | Some radius when radius < 2.0 * longestAxis ->
            SuspicionRules.make
                SuspicionKind.ShortCutoff
                ("the cutoff "
                 + show radius
                 + " is shorter than the longest axis "
                 + (show (2.0 * longestAxis))
                 + ": particles that touch end to end do not see each other")
                longestPlace
        | _ -> ()

        if (isLast || looked >= enough) && not (contactKinds |> List.exists told.Contains) then
            yield! causeOfOverlaps () |> Option.toList
    ]

    /// What only the whole run shows.
    let final () = [
        let mean = factorSum / float (max 1 contacts)

        if
            contacts >= 10
            && leastFactor > halfSize
            && leastFactor < halfSizeLimit
            && mean < 1.5 * leastFactor
        then
            SuspicionRules.make
                SuspicionKind.SmallShapes
                $"the closest particles touch when grown {show leastFactor} times: diameters that look like semi-axes (--shape-as semiaxis, or --semiaxes, if they are)"
                leastPlace

        let meanDistance = distanceSum / float (max 1L distances)

        if not hasNeighbors && isSure && crowds > 0L then
            let nearest =
                if leastDistance < infinity then
                    $" (the nearest found is {show leastDistance} away)"
                else
                    ""

            SuspicionRules.make
                SuspicionKind.NoNeighbors
                $"no particle has a neighbour within the cutoff {show cutoff.Value}{nearest}: the features are those of single particles"
                Place.Unknown
        elif distances > 0L && reach.IsSome && reach.Value < meanDistance then
            SuspicionRules.make
                SuspicionKind.NarrowGaussian
                ("the radial functions end at about "
                 + show reach.Value
                 + ", and the nearest neighbour is "
                 + show meanDistance
                 + " away on average: they see little of the neighbours (a larger --radial-gaussian-width, or more functions, reach further)")
                Place.Unknown

        for entry in species do
            match entry.Value with
            | struct (count, false) when count > 1L ->
                SuspicionRules.make
                    SuspicionKind.NotTurned
                    ("species "
                     + string entry.Key
                     + ": no particle is turned; were the orientations read?")
                    (ValueOption.defaultValue Place.Unknown firstPlace)
            | _ -> ()
    ]

    /// Those of kinds that have not been told yet.
    let fresh suspicions =
        let kept = suspicions |> List.filter (fun suspicion -> not (told.Contains suspicion.Kind))
        kept |> List.iter (fun suspicion -> told.Add suspicion.Kind |> ignore)
        kept

    /// For features by this projection.
    new(projection: Projection) =
        SuspicionWatch(
            Some projection.Hypers.CutoffRadius,
            Some(RadialFunctions.reach projection),
            false,
            Predicate(fun _ -> true)
        )

    /// For looking at what is there: every particle of every frame is looked at, those that `hasShape` denies for their places alone.
    static member Thorough(cutoff: float option, projection: Projection option, hasShape: Predicate<Ellipsoid>) =
        SuspicionWatch(cutoff, projection |> Option.map RadialFunctions.reach, true, hasShape)

    /// Looks at a frame, which stands at `place`. Gives back what has become certain by it.
    member _.Add(place: Place, frame: Frame) : Suspicion list =
        if firstPlace.IsNone then
            firstPlace <- ValueSome place

        let longestHere = countSpecies place frame
        let count = share frame.Particles.Length

        if count > 0 || (not hasNeighbors && frame.Particles.Length > 1) then
            look place frame longestHere count

        fresh (certain false)

    /// What else is likely wrong, now that all frames have passed.
    member _.Finish() : Suspicion list = fresh (certain true @ final ())
