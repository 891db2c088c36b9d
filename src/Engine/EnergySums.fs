namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open System.Runtime.Intrinsics
open Microsoft.FSharp.NativeInterop
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

/// One piece's sums: eight numbers a particle, its force, its share of the energy, its torque and nothing, then W_xx W_xy W_xz 0 W_yx … of the virial W_ab = Σ r_a f_b. Who adds to a
/// particle's row says so: rows that nobody has touched are not gone through afterwards.
[<Sealed>]
type internal EnergySum() =
    let mutable rows = AlignedBuffer 0
    let mutable isTouched = Array.empty<bool>
    let mutable touched = Array.empty<int>
    let mutable count = 0

    /// Numbers of a row.
    static member Width = 8

    /// Numbers of the virial.
    static member VirialLength = 12

    /// Zeros for so many particles, whatever was there.
    member _.Reset(particles: int) =
        let length = EnergySum.Width * particles + EnergySum.VirialLength

        if isTouched.Length = particles && rows.Length = length then
            rows.Span.Clear()
            Array.Clear isTouched
        else
            rows <- AlignedBuffer length
            isTouched <- Array.zeroCreate particles
            touched <- Array.zeroCreate particles

        count <- 0

    /// Whether there are rows for so many particles.
    member _.Fits(particles: int) = isTouched.Length = particles

    /// Where a particle's row begins, to be added to.
    member _.Row(particle: int) : nativeptr<float> =
        if not isTouched[particle] then
            isTouched[particle] <- true
            touched[count] <- particle
            count <- count + 1

        NativePtr.add rows.Pointer (EnergySum.Width * particle)

    member _.Virial: nativeptr<float> = NativePtr.add rows.Pointer (EnergySum.Width * isTouched.Length)

    /// Adds all to other sums, and leaves zeros.
    member sum.MoveTo(total: nativeptr<float>) =
        for k in 0 .. count - 1 do
            let at = EnergySum.Width * touched[k]
            let row, target = NativePtr.add rows.Pointer at, NativePtr.add total at
            Vector512.Store(Vector512.Load target + Vector512.Load row, target)
            Vector512.Store(Vector512<float>.Zero, row)
            isTouched[touched[k]] <- false

        count <- 0
        let target = NativePtr.add total (EnergySum.Width * isTouched.Length)

        for i in 0 .. EnergySum.VirialLength - 1 do
            NativePtr.set target i (NativePtr.get target i + NativePtr.get sum.Virial i)
            NativePtr.set sum.Virial i 0.0

    /// Adds a pair's part: f and t are the force and the torque on the centre, r = (x, y, z) the neighbour's displacement from it. The neighbour's torque is what
    /// turning everything leaves for it; the energy is the centre's.
    member inline sum.AddPair
        (center: int, neighbor: int, x: float, y: float, z: float, fx, fy, fz, tx, ty, tz, energy)
        =
        let first = sum.Row center
        let second = sum.Row neighbor
        let virial = sum.Virial
        let inline add (row: nativeptr<float>) at value = NativePtr.set row at (NativePtr.get row at + value)
        add first 0 fx
        add first 1 fy
        add first 2 fz
        add first 3 energy
        add first 4 tx
        add first 5 ty
        add first 6 tz
        add second 0 -fx
        add second 1 -fy
        add second 2 -fz
        add second 4 (y * fz - z * fy - tx)
        add second 5 (z * fx - x * fz - ty)
        add second 6 (x * fy - y * fx - tz)
        add virial 0 -(x * fx)
        add virial 1 -(x * fy)
        add virial 2 -(x * fz)
        add virial 4 -(y * fx)
        add virial 5 -(y * fy)
        add virial 6 -(y * fz)
        add virial 8 -(z * fx)
        add virial 9 -(z * fy)
        add virial 10 -(z * fz)

/// An energy and what follows from it, summed in pieces of the centres, which are added in their order, whatever the threads; memory is used again from frame to frame.
[<Sealed>]
type internal EnergySums() =
    static let pieces = 16
    let sums = Array.init pieces (fun _ -> EnergySum())
    let mutable total = AlignedBuffer 0
    let mutable count = 0
    // Not so when a frame before was not finished.
    let mutable isClean = false

    /// How many pieces there are.
    static member Pieces = pieces

    /// The place of a piece's first centre of so many; the next piece's is where it ends.
    static member First(piece: int, centers: int) = piece * centers / pieces

    /// The sums of a piece.
    member _.Item
        with get (piece: int) = sums[piece]

    /// Zeros for so many particles.
    member _.Clear(particles: int) =
        for sum in sums do
            if not (isClean && sum.Fits particles) then
                sum.Reset particles

        isClean <- false
        count <- particles
        let length = EnergySum.Width * particles + EnergySum.VirialLength

        if total.Length = length then
            total.Span.Clear()
        else
            total <- AlignedBuffer length

    /// The energy; forces, torques and the virial into the caller's memory.
    member _.Total(forces: Memory<float>, torques: Memory<float>, virial: Memory<float>) : float =
        for sum in sums do
            sum.MoveTo total.Pointer

        isClean <- true
        let f = forces.Span
        let t = torques.Span
        let v = virial.Span
        let mutable energy = 0.0

        for i in 0 .. count - 1 do
            let row = NativePtr.add total.Pointer (EnergySum.Width * i)

            for axis in 0..2 do
                f[3 * i + axis] <- NativePtr.get row axis
                t[3 * i + axis] <- NativePtr.get row (4 + axis)

            energy <- energy + NativePtr.get row 3

        for a in 0..2 do
            for b in 0..2 do
                v[3 * a + b] <- total.Span[EnergySum.Width * count + 4 * a + b]

        energy

    /// A particle's share of the energy, once all is summed.
    member _.EnergyOf(particle: int) : float = total.Span[EnergySum.Width * particle + 3]
