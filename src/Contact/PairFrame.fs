namespace AniSoap.Numerics

// Pointers into pinned buffers, see AlignedBuffer.fs.
#nowarn "9"

open System
open Microsoft.FSharp.NativeInterop
open AniSoap

/// The centre's own density of every particle, and what it changes by when the particle turns: c_nlm of a density about its own middle, even l only.
module internal OwnDensity =
    /// Numbers of one particle: the coefficients, l slowest, then m, then n; then three times as many, by turning about x, y, z of the lab.
    let length (layout: PairLayout) =
        let mutable sum = 0

        for l in 0..2 .. layout.MaxAngular do
            sum <- sum + (2 * l + 1) * layout.OwnRadial

        sum

    /// Writes them for the centres among so many particles: all, or those of neighbours from outside, whose other particles are looked at from without alone.
    let fill
        (basis: PairBasis)
        (gaussians: FrameGaussians)
        (particles: int)
        (neighbors: INeighbors | null)
        (pairs: PairKernel.PairWorkspace)
        target
        =
        let count =
            match neighbors with
            | null -> particles
            | outside -> outside.CenterCount

        let layout = basis.Layout
        let size = length layout
        let counts = basis.Single.Table.RadialCounts
        let offsets = pairs.Offsets
        let work = pairs.Work
        let buffer = work.Neighbors
        buffer.EnsureRoom count

        if work.Order.Length < count then
            work.Order <- Array.zeroCreate buffer.Second.Length

        for i in 0 .. count - 1 do
            buffer.Second[i] <-
                match neighbors with
                | null -> i
                | outside -> outside.Center i

            buffer.X[i] <- 0.0
            buffer.Y[i] <- 0.0
            buffer.Z[i] <- 0.0
            work.Order[i] <- i

        buffer.Count <- count

        let take =
            PairKernel.PairHandler(fun place values ->
                let own: float[] = target
                let start = 4 * size * buffer.Second[place]
                let mutable at = start

                for l in 0..2 .. layout.MaxAngular do
                    let turns = basis.Rotations[l / 2]

                    for m in 0 .. 2 * l do
                        for n in 0 .. layout.OwnRadial - 1 do
                            own[at] <- values[offsets[l] + m * counts[l] + n]

                            for axis in 0..2 do
                                let turn = turns[axis]
                                let mutable sum = 0.0

                                for other in 0 .. 2 * l do
                                    sum <- sum + turn[m, other] * values[offsets[l] + other * counts[l] + n]

                                own[at + (axis + 1) * size] <- sum

                            at <- at + 1)

        PairKernel.expand gaussians false pairs take

/// A frame made ready for pair spectra: neighbours, densities, contact shapes, in the unit that kernels compute in. Shared by threads once filled; filled
/// again and again, it uses its memory again.
[<Sealed>]
type internal PairFrame(basis: PairBasis) =
    let layout = basis.Layout
    let ownLength = OwnDensity.length layout
    let gaussians = FrameGaussians()
    let grid = NeighborGrid()
    let list = ListSearch()
    let pairs = PairKernel.PairWorkspace(basis.Single)
    let mutable search: NeighborSearch = grid
    let mutable positions = Array.empty<float>
    let mutable own = Array.empty<float>
    let mutable contacts = Array.empty<float>

    let fillContacts (frame: Frame) =
        let particles = frame.Particles
        let count = particles.Length

        if contacts.Length < 6 * layout.Shapes * count then
            contacts <- Array.zeroCreate (6 * layout.Shapes * count)

        let unit = basis.Single.Unit.FromUser

        basis.Hypers.ContactShapes
        |> List.iteri (fun shape kind ->
            for i in 0 .. count - 1 do
                let axes =
                    match kind with
                    | ContactShape.Scaled factor -> factor * particles.SemiAxesOf i
                    | ContactShape.BySpecies all -> all[particles.SpeciesOf i]

                let a = unit * axes

                let c =
                    SymmetricMatrix3.ofRotatedDiagonal
                        (Quaternion.toMatrix (particles.OrientationOf i))
                        (Vector3.create (a.X * a.X) (a.Y * a.Y) (a.Z * a.Z))

                let at = 6 * (layout.Shapes * i + shape)
                contacts[at] <- c.XX
                contacts[at + 1] <- c.XY
                contacts[at + 2] <- c.XZ
                contacts[at + 3] <- c.YY
                contacts[at + 4] <- c.YZ
                contacts[at + 5] <- c.ZZ)

    /// Whether arrays hold what so many particles need.
    member _.CheckSize(count: int) : Result<unit, AniSoapError> =
        ArraySize.check "numbers of the particles' own densities" [ 4L; int64 ownLength; int64 count ]
        |> Result.bind (fun _ ->
            ArraySize.check "numbers of the particles' contact shapes" [ 6L; int64 layout.Shapes; int64 count ])
        |> Result.map ignore

    /// Takes a frame that was checked, with neighbours from outside or without.
    member _.Fill(frame: Frame, neighbors: INeighbors | null) =
        let count = frame.Particles.Length
        let scale = basis.Single.Unit.FromUser
        let cutoff = basis.Single.InUnit.CutoffRadius

        if positions.Length < 3 * count then
            positions <- Array.zeroCreate (3 * count)
            own <- Array.zeroCreate (4 * ownLength * count)

        FramePositions.fill scale frame positions
        gaussians.Fill(basis.Projection, frame)
        fillContacts frame

        match neighbors with
        | null ->
            grid.Fill(positions, count, frame.Cell, scale, cutoff)
            search <- grid
        | outside ->
            list.Fill(outside, outside.CenterCount, positions, count, cutoff)
            search <- list

        // Centres that are no particles have no density: they are refused.
        if isNull neighbors || list.Stray < 0 then
            OwnDensity.fill basis gaussians count neighbors pairs own

    member _.Gaussians = gaussians
    member _.Search = search
    member _.OwnLength = ownLength
    /// By particle: 4 × OwnLength numbers; of centres alone.
    member _.Own = own

    /// The squared contact shapes, by particle, by shape: xx, xy, xz, yy, yz, zz.
    member _.Contacts = contacts

    /// A place whose neighbours from outside are no particles of the frame; −1 as long as all are well.
    member _.Stray = if obj.ReferenceEquals(search, list) then list.Stray else -1

    /// What is wrong with such neighbours.
    static member CheckStray(stray: int) : Result<unit, AniSoapError> = ListSearch.Check stray
