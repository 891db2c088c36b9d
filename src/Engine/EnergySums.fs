namespace AniSoap.Numerics

open System
open AniSoap

/// What engines of energies are given, checked.
module internal EnergyRoom =
    let checkLength name actual expected =
        if actual = expected then
            Ok()
        else
            AniSoapError.invalid ("length of " + name) actual (string expected) |> Error

    /// Room for three numbers a particle twice, and for nine.
    let check count (forces: Memory<float>) (torques: Memory<float>) (virial: Memory<float>) =
        checkLength "the forces" forces.Length (3 * count)
        |> Result.bind (fun () -> checkLength "the torques" torques.Length (3 * count))
        |> Result.bind (fun () -> checkLength "the virial" virial.Length 9)

    /// So many finite numbers a particle.
    let private checkNumbers name width count (numbers: float[]) =
        checkLength ("the " + name) numbers.Length (width * count)
        |> Result.bind (fun () ->
            match Array.FindIndex(numbers, (fun number -> not (Double.IsFinite number))) with
            | -1 -> Ok()
            | stray ->
                AniSoapError.invalid name numbers[stray] "finite numbers"
                |> AniSoapError.at { Place.Unknown with Particle = Some(stray / width) }
                |> Error)

    /// The frame with its particles at other places, without a copy of them. Refuses numbers that are not finite.
    let moved (frame: Frame) (positions: float[]) (orientations: float[]) : Result<Frame, AniSoapError> =
        let particles = frame.Particles
        let count = particles.Length

        checkNumbers "positions" 3 count positions
        |> Result.bind (fun () -> checkNumbers "orientations" 4 count orientations)
        |> Result.map (fun () -> {
            frame with
                Particles =
                    ParticleArray(particles.SpeciesArray, positions, orientations, particles.SemiAxesArray, count)
        })

/// An energy and what follows from it: six numbers a particle, force and torque, then nine of the virial W_ab = Σ r_a f_b and the energy. Summed in pieces of the centres,
/// which are added in their order, whatever the threads; memory is used again from frame to frame.
[<Sealed>]
type internal EnergySums() =
    static let pieces = 16
    let sums = Array.init pieces (fun _ -> Array.empty<float>)

    /// How many pieces there are.
    static member Pieces = pieces

    /// The place of a piece's first centre of so many; the next piece's is where it ends.
    static member First(piece: int, centers: int) = piece * centers / pieces

    /// The sums of a piece.
    member _.Item
        with get (piece: int) = sums[piece]

    /// Zeros for so many particles.
    member _.Clear(particles: int) =
        let size = 6 * particles + 10

        for piece in 0 .. pieces - 1 do
            if sums[piece].Length <> size then
                sums[piece] <- Array.zeroCreate size
            else
                Array.Clear sums[piece]

    /// The energy; forces, torques and the virial into the caller's memory.
    member _.Total(forces: Memory<float>, torques: Memory<float>, virial: Memory<float>) : float =
        let total = sums[0]
        let count = (total.Length - 10) / 6

        for piece in 1 .. pieces - 1 do
            for i in 0 .. total.Length - 1 do
                total[i] <- total[i] + sums[piece][i]

        for i in 0 .. count - 1 do
            total.AsSpan(6 * i, 3).CopyTo(forces.Span.Slice(3 * i))
            total.AsSpan(6 * i + 3, 3).CopyTo(torques.Span.Slice(3 * i))

        total.AsSpan(6 * count, 9).CopyTo virial.Span
        total[total.Length - 1]

    /// Adds a pair's part: f and t are the force and the torque on the centre, r = (x, y, z) the neighbour's displacement from it. The neighbour's torque is what
    /// turning everything leaves for it.
    static member inline AddPair
        (sums: float[], center: int, neighbor: int, x: float, y: float, z: float, fx, fy, fz, tx, ty, tz, energy)
        =
        let i, j, last = 6 * center, 6 * neighbor, sums.Length - 10
        let inline add at value = sums[at] <- sums[at] + value
        add i fx
        add (i + 1) fy
        add (i + 2) fz
        add (i + 3) tx
        add (i + 4) ty
        add (i + 5) tz
        add j -fx
        add (j + 1) -fy
        add (j + 2) -fz
        add (j + 3) (y * fz - z * fy - tx)
        add (j + 4) (z * fx - x * fz - ty)
        add (j + 5) (x * fy - y * fx - tz)
        add last -(x * fx)
        add (last + 1) -(x * fy)
        add (last + 2) -(x * fz)
        add (last + 3) -(y * fx)
        add (last + 4) -(y * fy)
        add (last + 5) -(y * fz)
        add (last + 6) -(z * fx)
        add (last + 7) -(z * fy)
        add (last + 8) -(z * fz)
        add (last + 9) energy
