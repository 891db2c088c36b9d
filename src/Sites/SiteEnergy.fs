namespace AniSoap

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Collections.Immutable
open System.Runtime.InteropServices
open Microsoft.FSharp.NativeInterop
open AniSoap.Numerics

/// Bodies of sites and the radial function of every pair of types. Immutable.
[<Sealed>]
type SiteModel private (bodies: ImmutableArray<SiteBody>, types: string[], tables: SiteTable[]) =
    let outer = tables |> Array.fold (fun most table -> max most table.Outer) 0.0
    let radius = bodies |> Seq.fold (fun most body -> max most body.Radius) 0.0

    /// The bodies.
    member _.Bodies = bodies

    /// The types of sites in order.
    member _.Types: ImmutableArray<string> = ImmutableArray.Create<string> types

    member internal _.Tables = tables

    /// The place of a pair of types among the tables: 0 0, 0 1, …, 1 1, …
    static member KindOf(first: int, second: int, types: int) : int =
        let t, u = min first second, max first second
        t * types - t * (t - 1) / 2 + u - t

    /// The longest distance of sites at which anything acts.
    member _.SiteCutoff = outer

    /// The longest distance of centres at which anything can act.
    member _.CutoffRadius = outer + 2.0 * radius

    /// The radial function of two types.
    member _.Table(first: string, second: string) : SiteTable =
        tables[SiteModel.KindOf(Array.IndexOf(types, first), Array.IndexOf(types, second), types.Length)]

    /// Bodies with a table for every pair of types, each pair once: first with itself, first with second, …. Refuses two bodies of one species, and another number of tables.
    static member Create
        (bodies: SiteBody seq, types: string seq, tables: SiteTable seq)
        : Result<SiteModel, AniSoapError> =
        let bodies, types, tables = ImmutableArray.CreateRange bodies, Seq.toArray types, Seq.toArray tables
        let species = bodies |> Seq.map _.Species |> Seq.toList

        if species.IsEmpty then
            AniSoapError.invalid "number of bodies" 0 "at least one" |> Error
        elif List.distinct species <> species then
            AniSoapError.invalid "species of bodies" (String.Join(", ", species)) "one body a species"
            |> Error
        elif tables.Length <> types.Length * (types.Length + 1) / 2 then
            AniSoapError.invalid
                "number of radial functions"
                tables.Length
                (string (types.Length * (types.Length + 1) / 2) + ", one for every pair of types")
            |> Error
        else
            match
                bodies
                |> Seq.collect _.Sites
                |> Seq.tryFind (fun site -> not (Array.contains site.Type types))
            with
            | Some site ->
                AniSoapError.invalid "type of a site" site.Type ("one of " + String.Join(", ", types))
                |> Error
            | None -> Ok(SiteModel(bodies, types, tables))

/// Energies of pairs of bodies. d is the vector between two sites, s its square, u the table's function; 2 u′(s) d is what the first site is pulled by.
module internal SiteEnergyKernel =
    /// What a pair's r = r_j − r_i brings, times `share`: `sums` are 6 numbers a particle, force and torque, then nine of the virial and the energy. Gives the energy, times `share`.
    let addPair
        (tables: SiteTable[])
        (kinds: int[])
        (typeCount: int)
        (lab: nativeptr<float>)
        firstSite
        firstCount
        secondSite
        secondCount
        (typesOfSites: int[])
        firstType
        secondType
        center
        neighbor
        (x: float)
        (y: float)
        (z: float)
        (share: float)
        (sums: float[])
        =
        FullOptimization.ask ()
        let mutable energy = 0.0
        // Σ over pairs of sites of what pulls the first, and its torque.
        let mutable fx = 0.0
        let mutable fy = 0.0
        let mutable fz = 0.0
        let mutable tx = 0.0
        let mutable ty = 0.0
        let mutable tz = 0.0
        let b0 = NativePtr.add lab (3 * secondSite)

        for a in 0 .. firstCount - 1 do
            let at = NativePtr.add lab (3 * (firstSite + a))
            let ax, ay, az = NativePtr.get at 0, NativePtr.get at 1, NativePtr.get at 2
            let ox, oy, oz = x - ax, y - ay, z - az
            let row = typeCount * typesOfSites[firstType + a]
            let mutable gx = 0.0
            let mutable gy = 0.0
            let mutable gz = 0.0
            let mutable b = 0

            while b < secondCount do
                // A run of sites of one type.
                let kind = typesOfSites[secondType + b]
                let mutable stop = b + 1

                while stop < secondCount && typesOfSites[secondType + stop] = kind do
                    stop <- stop + 1

                let table = tables[kinds[row + kind]]
                let pieces = table.Buffer.Pointer
                let inner, outer, first = table.InnerSquare, table.OuterSquare, table.First

                while b < stop do
                    let site = NativePtr.add b0 (3 * b)
                    let dx = ox + NativePtr.get site 0
                    let dy = oy + NativePtr.get site 1
                    let dz = oz + NativePtr.get site 2
                    let s = dx * dx + dy * dy + dz * dz

                    if s < outer then
                        if s >= inner then
                            let bits = BitConverter.DoubleToInt64Bits s
                            let piece = NativePtr.add pieces (4 * int ((bits >>> 45) - first))
                            let t = s - BitConverter.Int64BitsToDouble(bits &&& ~~~0x1FFFFFFFFFFFL)
                            let c1, c2, c3 = NativePtr.get piece 1, NativePtr.get piece 2, NativePtr.get piece 3
                            energy <- energy + NativePtr.get piece 0 + t * (c1 + t * (c2 + t * c3))
                            let pull = c1 + t * (c2 + c2 + 3.0 * t * c3)
                            gx <- gx + pull * dx
                            gy <- gy + pull * dy
                            gz <- gz + pull * dz
                        else
                            let struct (u, pull) = table.Inside(sqrt s)
                            energy <- energy + u
                            gx <- gx + 0.5 * pull * dx
                            gy <- gy + 0.5 * pull * dy
                            gz <- gz + 0.5 * pull * dz

                    b <- b + 1

            fx <- fx + gx
            fy <- fy + gy
            fz <- fz + gz
            tx <- tx + ay * gz - az * gy
            ty <- ty + az * gx - ax * gz
            tz <- tz + ax * gy - ay * gx

        let scale = 2.0 * share
        let fx, fy, fz = scale * fx, scale * fy, scale * fz
        let tx, ty, tz = scale * tx, scale * ty, scale * tz
        let energy = share * energy
        EnergySums.AddPair(sums, center, neighbor, x, y, z, fx, fy, fz, tx, ty, tz, energy)
        energy

/// Energies of bodies made of sites, with forces, torques and virial, of one frame after another. One call at a time; memory is that of the largest frame. Particles of
/// species without a body do not act. The same bits for any number of threads.
[<Sealed>]
type SiteEnergy private (model: SiteModel, threads: int) =
    let cutoff = model.CutoffRadius
    let types = model.Types
    let tables = model.Tables
    let bodies = model.Bodies |> Seq.toArray

    let kinds =
        Array.init (types.Length * types.Length) (fun k ->
            SiteModel.KindOf(k / types.Length, k % types.Length, types.Length))

    /// Types of the sites of all bodies, one after another, and where those of a body begin.
    let typesOfSites =
        bodies
        |> Array.collect (fun body -> [| for site in body.Sites -> types.IndexOf site.Type |])

    let starts = bodies |> Array.scan (fun sum body -> sum + body.Sites.Length) 0

    let sites =
        bodies
        |> Array.collect (fun body -> [| for site in body.Sites -> site.Position |])

    let grid = NeighborGrid()
    let list = ListSearch()
    let mutable search: NeighborSearch = grid
    let mutable isDirected = false
    let buffers = Array.init threads (fun _ -> NeighborBuffer())
    let sums = EnergySums()
    let mutable positions = Array.empty<float>
    // By particle: its body, −1 for none, and where its sites begin.
    let mutable bodyOf = Array.empty<int>
    let mutable siteOf = Array.empty<int>
    let mutable lab = AlignedBuffer 0

    // Where centres' energies go in the call that is under way, empty where nobody wants them.
    let mutable energies = Memory<float>.Empty

    let fill (frame: Frame) =
        let particles = frame.Particles
        let count = particles.Length

        if bodyOf.Length < count then
            bodyOf <- Array.zeroCreate count
            siteOf <- Array.zeroCreate count
            positions <- Array.zeroCreate (3 * count)

        let mutable total = 0

        for i in 0 .. count - 1 do
            let species = particles.SpeciesOf i
            let body = Array.FindIndex(bodies, fun body -> body.Species = species)
            bodyOf[i] <- body
            siteOf[i] <- total

            if body >= 0 then
                total <- total + bodies[body].Sites.Length

        if lab.Length < 3 * total then
            lab <- AlignedBuffer(3 * total)

        for i in 0 .. count - 1 do
            if bodyOf[i] >= 0 then
                let r = Quaternion.toMatrix (particles.OrientationOf i)
                let first = starts[bodyOf[i]]

                for k in 0 .. bodies[bodyOf[i]].Sites.Length - 1 do
                    let p = r * sites[first + k]
                    let at = NativePtr.add lab.Pointer (3 * (siteOf[i] + k))
                    NativePtr.set at 0 p.X
                    NativePtr.set at 1 p.Y
                    NativePtr.set at 2 p.Z

        FramePositions.fill 1.0 frame positions

    /// Of a grid every pair once: towards the later particle, and of images of a particle towards those with the first shift that is not zero above zero.
    let isTaken center (buffer: NeighborBuffer) k =
        let neighbor = buffer.Second[k]

        isDirected
        || neighbor > center
        || neighbor = center
           && (let a, b, c = buffer.Shift[3 * k], buffer.Shift[3 * k + 1], buffer.Shift[3 * k + 2]
               a > 0 || a = 0 && (b > 0 || b = 0 && c > 0))

    let compute =
        Action<NeighborBuffer, int>(fun buffer piece ->
            let count = search.Count
            let share = if isDirected then 0.5 else 1.0

            for place in EnergySums.First(piece, count) .. EnergySums.First(piece + 1, count) - 1 do
                let center = search.Center place
                let mutable energy = 0.0

                if bodyOf[center] >= 0 then
                    search.Find(place, buffer)
                    let body = bodyOf[center]

                    for k in 0 .. buffer.Count - 1 do
                        let neighbor = buffer.Second[k]
                        let other = bodyOf[neighbor]

                        if other >= 0 && isTaken center buffer k then
                            energy <-
                                energy
                                + SiteEnergyKernel.addPair
                                    tables
                                    kinds
                                    types.Length
                                    lab.Pointer
                                    siteOf[center]
                                    bodies[body].Sites.Length
                                    siteOf[neighbor]
                                    bodies[other].Sites.Length
                                    typesOfSites
                                    starts[body]
                                    starts[other]
                                    center
                                    neighbor
                                    buffer.X[k]
                                    buffer.Y[k]
                                    buffer.Z[k]
                                    share
                                    sums[piece]

                if not energies.IsEmpty then
                    energies.Span[place] <- energy)

    /// Energies of a model on so many threads (0: as many as there are processors).
    static member Create(model: SiteModel, threads: int) : Result<SiteEnergy, AniSoapError> =
        RunOptions.threadCount threads
        |> Result.map (fun threads -> SiteEnergy(model, threads))

    /// What acts.
    member _.Model = model

    /// The energy of a frame, into `forces` and `torques` (lab frame, about each centre) three numbers a particle, into `virial` W_ab = Σ r_a f_b = −∂E/∂ε_ab, a
    /// slowest; with neighbours from outside, where every pair is half of each of its centres' (one that is no centre's is another process's), or its own. Refuses memory of other lengths.
    member energy.Evaluate
        (
            frame: Frame,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        energy.EvaluateCenters(frame, Memory.Empty, forces, torques, virial, neighbors)

    /// The same with the energies of the centres, whose sum it is, in the order of the neighbours from outside or of the particles: a pair's energy is half of each of its
    /// bodies'. No memory for them: they are not written.
    member _.EvaluateCenters
        (
            frame: Frame,
            centers: Memory<float>,
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>,
            [<Optional; DefaultParameterValue(null: INeighbors | null)>] neighbors: INeighbors | null
        ) : Result<float, AniSoapError> =
        let count = frame.Particles.Length

        EnergyRoom.check count forces torques virial
        |> Result.bind (fun () -> NeighborLimits.check cutoff frame)
        |> Result.bind (fun () ->
            sums.Clear count
            fill frame

            match neighbors with
            | null ->
                grid.Fill(positions, count, frame.Cell, 1.0, cutoff)
                search <- grid
                // A centre's own half of each of its pairs, where that is asked for.
                isDirected <- not centers.IsEmpty
            | outside ->
                list.Fill(outside, outside.CenterCount, positions, count, cutoff)
                search <- list
                isDirected <- true

            let stray () = if obj.ReferenceEquals(search, list) then list.Stray else -1

            (if centers.IsEmpty then
                 Ok()
             else
                 EnergyRoom.checkLength "the centres' energies" centers.Length search.Count)
            |> Result.bind (fun () -> PairFrame.CheckStray(stray ()))
            |> Result.bind (fun () ->
                energies <- centers
                Schedule.forEach buffers EnergySums.Pieces compute
                energies <- Memory.Empty
                let energy = sums.Total(forces, torques, virial)
                PairFrame.CheckStray(stray ()) |> Result.map (fun () -> energy)))

    /// The energy of the frame's particles at other places, without a copy of them: `positions` are x, y, z, `orientations` unit quaternions w, x, y, z of one
    /// particle after another. The rest as in `Evaluate`. Refuses numbers that are not finite.
    member engine.EvaluateAt
        (
            frame: Frame,
            positions: float[],
            orientations: float[],
            forces: Memory<float>,
            torques: Memory<float>,
            virial: Memory<float>
        ) : Result<float, AniSoapError> =
        EnergyRoom.moved frame positions orientations
        |> Result.bind (fun moved -> engine.Evaluate(moved, forces, torques, virial))
