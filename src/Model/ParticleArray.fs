namespace AniSoap

open System
open System.Collections
open System.Collections.Generic

/// The particles of a frame, in order. Their numbers stand in flat arrays that nobody changes; a particle by itself is
/// made when it is asked for.
[<Sealed>]
type ParticleArray internal (species: int[], positions: float[], orientations: float[], semiAxes: float[], count: int) =

    /// No particles.
    static member Empty = ParticleArray([||], [||], [||], [||], 0)

    /// How many there are.
    member _.Length = count

    /// How many there are.
    member _.Count = count

    /// Whether there are none.
    member _.IsEmpty = (count = 0)

    /// The species' number of each particle.
    member _.Species = ReadOnlySpan(species, 0, count)

    /// The centres: x, y, z of the first particle, of the second, and so on.
    member _.Positions = ReadOnlySpan(positions, 0, 3 * count)

    /// The unit quaternions: w, x, y, z of the first particle, of the second, and so on.
    member _.Orientations = ReadOnlySpan(orientations, 0, 4 * count)

    /// The semi-axes along the body's x, y and z of the first particle, of the second, and so on.
    member _.SemiAxes = ReadOnlySpan(semiAxes, 0, 3 * count)

    /// The species that occur, ascending.
    member internal _.SpeciesAscending: int[] =
        let found = HashSet<int>()

        for i in 0 .. count - 1 do
            found.Add species[i] |> ignore

        let all = Seq.toArray found
        Array.Sort all
        all

    /// The longest semi-axis of all, 0 without particles.
    member internal _.LongestSemiAxis: float =
        let mutable longest = 0.0

        for i in 0 .. 3 * count - 1 do
            longest <- max longest semiAxes[i]

        longest

    /// The species' number of a particle.
    member internal _.SpeciesOf(i: int) = species[i]

    /// The centre of a particle.
    member internal _.PositionOf(i: int) : Vector3 = {
        X = positions[3 * i]
        Y = positions[3 * i + 1]
        Z = positions[3 * i + 2]
    }

    /// The unit quaternion of a particle.
    member internal _.OrientationOf(i: int) : Quaternion = {
        W = orientations[4 * i]
        X = orientations[4 * i + 1]
        Y = orientations[4 * i + 2]
        Z = orientations[4 * i + 3]
    }

    /// The semi-axes of a particle.
    member internal _.SemiAxesOf(i: int) : Vector3 = {
        X = semiAxes[3 * i]
        Y = semiAxes[3 * i + 1]
        Z = semiAxes[3 * i + 2]
    }

    /// A particle by its number, from 0. Another number is the caller's mistake and throws.
    member particles.Item
        with get (i: int): Ellipsoid =
            if uint32 i >= uint32 count then
                raise (ArgumentOutOfRangeException(nameof i, i, $"a number from 0 to {string (count - 1)}"))

            Ellipsoid.trusted species[i] (particles.PositionOf i) (particles.OrientationOf i) (particles.SemiAxesOf i)

    /// The particles one after another.
    member particles.GetEnumerator() : IEnumerator<Ellipsoid> = new ParticleEnumerator(particles)

    interface IReadOnlyList<Ellipsoid> with
        member _.Count = count

        member particles.Item
            with get i = particles[i]

        member particles.GetEnumerator() : IEnumerator<Ellipsoid> = particles.GetEnumerator()
        member particles.GetEnumerator() : IEnumerator = particles.GetEnumerator()

    /// Whether both hold the same particles in the same order.
    override particles.Equals other =
        match other with
        | :? ParticleArray as other ->
            Object.ReferenceEquals(particles, other)
            || (particles.Species.SequenceEqual other.Species
                && particles.Positions.SequenceEqual other.Positions
                && particles.Orientations.SequenceEqual other.Orientations
                && particles.SemiAxes.SequenceEqual other.SemiAxes)
        | _ -> false

    override _.GetHashCode() =
        let mutable hash = HashCode()
        hash.Add count

        if count > 0 then
            hash.Add species[0]
            hash.Add positions[0]
            hash.Add positions[3 * count - 1]

        hash.ToHashCode()

    /// How many there are.
    override _.ToString() = String.Concat(string count, " particles")

/// Goes through particles in their order.
and [<Sealed>] internal ParticleEnumerator(particles: ParticleArray) =
    let mutable i = -1

    interface IEnumerator<Ellipsoid> with
        member _.Current: Ellipsoid = particles[i]

    interface IEnumerator with
        member _.Current: obj | null = box particles[i]

        member _.MoveNext() =
            i <- i + 1
            i < particles.Length

        member _.Reset() = i <- -1

    interface IDisposable with
        member _.Dispose() = ()

/// Takes particles one after another into flat arrays.
[<Sealed>]
type internal ParticleBuilder(capacity: int) =
    let mutable species = Array.zeroCreate<int> capacity
    let mutable positions = Array.zeroCreate<float>(3 * capacity)
    let mutable orientations = Array.zeroCreate<float>(4 * capacity)
    let mutable semiAxes = Array.zeroCreate<float>(3 * capacity)
    let mutable count = 0

    let grow () =
        let room = max 16 (2 * count)
        Array.Resize(&species, room)
        Array.Resize(&positions, 3 * room)
        Array.Resize(&orientations, 4 * room)
        Array.Resize(&semiAxes, 3 * room)

    /// Adds a particle that has been checked: its quaternion is of norm 1.
    member _.AddTrusted(number: int, position: Vector3, q: Quaternion, axes: Vector3) =
        if count = species.Length then
            grow ()

        species[count] <- number
        positions[3 * count] <- position.X
        positions[3 * count + 1] <- position.Y
        positions[3 * count + 2] <- position.Z
        orientations[4 * count] <- q.W
        orientations[4 * count + 1] <- q.X
        orientations[4 * count + 2] <- q.Y
        orientations[4 * count + 3] <- q.Z
        semiAxes[3 * count] <- axes.X
        semiAxes[3 * count + 1] <- axes.Y
        semiAxes[3 * count + 2] <- axes.Z
        count <- count + 1

    /// Adds a particle as `Ellipsoid.create` makes it, or not what that refuses.
    member builder.Add(number: int, position: Vector3, q: Quaternion, axes: Vector3) : Result<unit, AniSoapError> =
        match Ellipsoid.check position q axes with
        | Ok unit ->
            builder.AddTrusted(number, position, unit, axes)
            Ok()
        | Error error -> Error error

    /// The particles added; nothing can be added afterwards.
    member _.ToArray() : ParticleArray = ParticleArray(species, positions, orientations, semiAxes, count)

/// Particles of frames.
module ParticleArray =
    /// Particles in their order.
    let ofSeq (particles: Ellipsoid seq) : ParticleArray =
        match particles with
        | :? ParticleArray as known -> known
        | _ ->
            let capacity =
                match particles with
                | :? ICollection<Ellipsoid> as all -> all.Count
                | :? IReadOnlyCollection<Ellipsoid> as all -> all.Count
                | _ -> 0

            let builder = ParticleBuilder capacity

            for particle in particles do
                builder.AddTrusted(particle.Species, particle.Position, particle.Orientation, particle.SemiAxes)

            builder.ToArray()
