namespace AniSoap.Analysis

open System
open AniSoap
open AniSoap.Numerics

/// A neighbour of a particle that was looked at.
[<Struct; NoComparison>]
type internal SeenNeighbor = {
    Particle: Ellipsoid
    /// From the centre to it.
    Displacement: Vector3
    Distance: float
    /// The factor by which both must grow to touch, see `Contact.factor`.
    Contact: float
}

/// A particle that was looked at, and whom it sees.
[<NoComparison>]
type internal Surrounding = {
    Center: Ellipsoid
    /// By distance, ascending.
    Neighbors: SeenNeighbor[]
}

/// The surroundings of some particles of some frames: what hyperparameters are suggested from.
[<RequireQualifiedAccess>]
module internal Surroundings =
    /// Neighbours of one particle beyond which looking farther tells nothing more.
    [<Literal>]
    let private MostNeighbors = 1500.0

    /// Contacts are looked for up to so many times the longest semi-axis: end to end, and half as far again.
    [<Literal>]
    let private Reach = 3.2

    /// Of few and far particles the radius is doubled so often at most.
    [<Literal>]
    let private Doublings = 14

    let longest (a: Vector3) = max a.X (max a.Y a.Z)
    let shortest (a: Vector3) = min a.X (min a.Y a.Z)

    let median (values: float[]) = (Array.sort values)[values.Length / 2]

    /// The longest semi-axis of the particle in the middle, of the species whose is longest: one wall or one wrong number does not count.
    let longestSemiAxis (frames: Frame seq) : float =
        frames
        |> Seq.collect _.Particles
        |> Seq.groupBy _.Species
        |> Seq.map (fun (_, particles) ->
            particles
            |> Seq.map (fun particle -> longest particle.SemiAxes)
            |> Seq.toArray
            |> median)
        |> Seq.max

    /// Particles of a frame to be looked at: evenly spread, and the first of every species.
    let private chosen (count: int) (frame: Frame) : int[] =
        let total = frame.Particles.Length
        let count = min count total
        let spread = Array.init count (fun k -> int (int64 k * int64 total / int64 count))

        let firsts =
            frame.Particles
            |> Seq.indexed
            |> Seq.distinctBy (fun (_, particle) -> particle.Species)
            |> Seq.map fst

        Seq.append spread firsts |> Seq.distinct |> Seq.toArray

    /// Radii are made smaller so often at most: by a factor of a thousand.
    [<Literal>]
    let private Shrinkings = 32

    /// As far as wanted, or as far as most particles have neighbours enough.
    let private affordable (frame: Frame) (wanted: float) =
        let isTooFar radius =
            NeighborLimits.check radius frame |> Result.isError
            || (PairEstimate.ofFrame 0.0 radius frame).Most > MostNeighbors

        Seq.init Shrinkings (fun k -> wanted * Math.Pow(0.8, float k))
        |> Seq.tryFind (isTooFar >> not)
        |> Option.defaultValue (wanted * Math.Pow(0.8, float Shrinkings))

    let private look (frame: Frame) (radius: float) (centers: int[]) : Surrounding[] =
        let contact = Contact frame
        let grid = NeighborGrid.Create(frame, radius)
        let buffer = NeighborBuffer()

        centers
        |> Array.map (fun center ->
            grid.Find(center, buffer)

            {
                Center = frame.Particles[center]
                Neighbors =
                    Array.init buffer.Count (fun k ->
                        let displacement = Vector3.create buffer.X[k] buffer.Y[k] buffer.Z[k]

                        {
                            Particle = frame.Particles[buffer.Second[k]]
                            Displacement = displacement
                            Distance = Vector3.norm displacement
                            Contact = contact.Factor(center, buffer.Second[k], displacement)
                        })
                    |> Array.sortBy _.Distance
            })

    /// The surroundings of about `count` particles of a frame, as far as contacts of particles of this semi-axis reach; farther where most see nobody.
    let ofFrame (count: int) (semiAxis: float) (frame: Frame) : Surrounding[] =
        let centers = chosen count frame

        let rec from doublings radius =
            let found = look frame (affordable frame radius) centers
            let alone = found |> Array.filter (fun one -> one.Neighbors.Length = 0) |> Array.length

            if doublings < Doublings && frame.Particles.Length > 1 && 2 * alone > found.Length then
                from (doublings + 1) (2.0 * radius)
            else
                found

        if frame.Particles.Length = 0 then
            [||]
        else
            from 0 (Reach * semiAxis)

    /// A particle that sees nobody sees another one like itself where it is: the basis then has to hold the particle's own shape.
    let withItself (one: Surrounding) : Surrounding = {
        one with
            Neighbors = [| { Particle = one.Center; Displacement = Vector3.zero; Distance = 0.0; Contact = 0.0 } |]
    }

    /// A frame of the centre, at the origin, and those of its neighbours that are nearer than a radius: nothing else is within it.
    let cluster (radius: float) (one: Surrounding) : Frame =
        let at position (particle: Ellipsoid) =
            Ellipsoid.trusted particle.Species position particle.Orientation particle.SemiAxes

        Frame.create Cell.none [
            at Vector3.zero one.Center

            for neighbor in one.Neighbors do
                if neighbor.Distance < radius then
                    at neighbor.Displacement neighbor.Particle
        ]

    /// The list that makes the first particle of a cluster the one centre, and all others its neighbours.
    let onlyFirst (cluster: Frame) : INeighbors =
        let others = [| 1 .. cluster.Particles.Length - 1 |]

        {
            new INeighbors with
                member _.CenterCount = 1
                member _.Center _ = 0
                member _.Candidates _ = ReadOnlySpan<int> others
        }
