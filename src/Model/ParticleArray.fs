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

    // The arrays themselves, for frames that have them too; longer than there are particles, it may be.
    member internal _.SpeciesArray = species
    member internal _.OrientationArray = orientations
    member internal _.SemiAxesArray = semiAxes

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

    /// Particles of flat arrays as they stand, not copied: who changes the arrays afterwards changes the particles, as simulations do between two calls of an engine.
    /// Arrays are of the species' numbers, of x, y, z of the centres, of unit quaternions w, x, y, z, of semi-axes. Refuses other lengths, positions that are not finite, semi-axes that
    /// are not above zero, and quaternions whose squared norm is not 1 to 1e-12.
    static member OfArrays
        (species: int[], positions: float[], orientations: float[], semiAxes: float[])
        : Result<ParticleArray, AniSoapError> =
        let count = species.Length

        let invalid name value accepted particle =
            AniSoapError.invalid name value accepted
            |> AniSoapError.at { Place.Unknown with Particle = particle }
            |> Error

        let checkLength name actual width next =
            if actual = width * count then
                next ()
            else
                invalid
                    ("length of the " + name)
                    (actual :> obj)
                    (String.Concat(string (width * count), ", ", string width, " a particle"))
                    None

        // Of every frame of a simulation: no call a number.
        let firstOf (numbers: float[]) width least =
            let mutable i = 0

            while i < width * count && numbers[i] > least && numbers[i] < Double.PositiveInfinity do
                i <- i + 1

            if i = width * count then
                None
            else
                Some struct (i / width, numbers[i])

        let squared i =
            let w, x, y, z =
                orientations[4 * i], orientations[4 * i + 1], orientations[4 * i + 2], orientations[4 * i + 3]

            w * w + x * x + y * y + z * z

        checkLength "positions" positions.Length 3 (fun () ->
            checkLength "orientations" orientations.Length 4 (fun () ->
                checkLength "semi-axes" semiAxes.Length 3 (fun () ->
                    match firstOf positions 3 Double.NegativeInfinity, firstOf semiAxes 3 0.0 with
                    | Some struct (particle, value), _ ->
                        invalid "position" (value :> obj) "finite numbers" (Some particle)
                    | None, Some struct (particle, value) ->
                        invalid "semi-axis" (value :> obj) "a finite number above zero" (Some particle)
                    | None, None ->
                        let mutable stray = -1

                        for i in 0 .. count - 1 do
                            if stray < 0 && not (abs (squared i - 1.0) <= 1e-12) then
                                stray <- i

                        if stray < 0 then
                            Ok(ParticleArray(species, positions, orientations, semiAxes, count))
                        else
                            invalid
                                "squared norm of the quaternion"
                                ((squared stray) :> obj)
                                "1, to 1e-12"
                                (Some stray))))

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

/// One of a builder's arrays, so many numbers a particle: that of the frame before as long as its numbers are the same, then one of its own.
[<Sealed>]
type private SharedNumbers<'T when 'T: unmanaged>(width: int, before: 'T[]) =
    let mutable numbers = before
    let mutable isShared = true

    member _.Numbers = numbers
    member _.IsShared = isShared

    /// Has an array of its own from here on, for so many particles, with the numbers of the first ones.
    member _.Own(room: int, count: int) =
        // Numbers behind the last particle are never seen.
        let own = LargeArray.create<'T>(width * room)
        Array.Copy(numbers, own, width * count)
        numbers <- own
        isShared <- false

    member _.Grow(room: int) =
        if not isShared then
            Array.Resize(&numbers, width * room)

/// Takes particles one after another into flat arrays. What they have like the frame before them stands there already, mostly
/// species and shapes and the orientations of spheres: then both have one array.
[<Sealed>]
type internal ParticleBuilder(capacity: int, before: ParticleArray) =
    let mutable room = capacity
    let mutable count = 0
    let mutable positions = LargeArray.create<float>(3 * capacity)
    let species = SharedNumbers(1, before.SpeciesArray)
    let orientations = SharedNumbers(4, before.OrientationArray)
    let semiAxes = SharedNumbers(3, before.SemiAxesArray)

    let grow () =
        room <- max 16 (2 * count)
        Array.Resize(&positions, 3 * room)
        species.Grow room
        orientations.Grow room
        semiAxes.Grow room

    /// Whether two numbers are of the same bits: zeros of unlike signs are not.
    let same (a: float) (b: float) = BitConverter.DoubleToInt64Bits a = BitConverter.DoubleToInt64Bits b

    let isOrientation (q: Quaternion) (all: float[]) i =
        same all[4 * i] q.W
        && same all[4 * i + 1] q.X
        && same all[4 * i + 2] q.Y
        && same all[4 * i + 3] q.Z

    let areSemiAxes (axes: Vector3) (all: float[]) i =
        same all[3 * i] axes.X
        && same all[3 * i + 1] axes.Y
        && same all[3 * i + 2] axes.Z

    /// Particles that have nothing before them.
    new(capacity) = ParticleBuilder(capacity, ParticleArray.Empty)

    /// Adds a particle that has been checked: its quaternion is of norm 1.
    member _.AddTrusted(number: int, position: Vector3, q: Quaternion, axes: Vector3) =
        if count = room then
            grow ()

        let i = count
        let isBeyond = i >= before.Length
        positions[3 * i] <- position.X
        positions[3 * i + 1] <- position.Y
        positions[3 * i + 2] <- position.Z

        if species.IsShared && (isBeyond || species.Numbers[i] <> number) then
            species.Own(room, count)

        if not species.IsShared then
            species.Numbers[i] <- number

        if
            orientations.IsShared
            && (isBeyond || not (isOrientation q orientations.Numbers i))
        then
            orientations.Own(room, count)

        if not orientations.IsShared then
            let all = orientations.Numbers
            all[4 * i] <- q.W
            all[4 * i + 1] <- q.X
            all[4 * i + 2] <- q.Y
            all[4 * i + 3] <- q.Z

        if semiAxes.IsShared && (isBeyond || not (areSemiAxes axes semiAxes.Numbers i)) then
            semiAxes.Own(room, count)

        if not semiAxes.IsShared then
            let all = semiAxes.Numbers
            all[3 * i] <- axes.X
            all[3 * i + 1] <- axes.Y
            all[3 * i + 2] <- axes.Z

        count <- count + 1

    /// Adds a particle as `Ellipsoid.create` makes it, or not what that refuses.
    member builder.Add(number: int, position: Vector3, q: Quaternion, axes: Vector3) : Result<unit, AniSoapError> =
        match Ellipsoid.check position q axes with
        | Ok unit ->
            builder.AddTrusted(number, position, unit, axes)
            Ok()
        | Error error -> Error error

    /// The particles added; nothing can be added afterwards.
    member _.ToArray() : ParticleArray =
        ParticleArray(species.Numbers, positions, orientations.Numbers, semiAxes.Numbers, count)

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
