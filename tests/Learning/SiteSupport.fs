/// Dimers and frames of bodies made of Lennard-Jones sites, by their closed form.
module AniSoap.Tests.Learning.SiteSupport

open System
open System.Collections.Immutable
open AniSoap
open AniSoap.Learning
open AniSoap.Tests.Learning.LearningSupport

/// ε and σ of a pair of types.
type Law = int -> int -> struct (float * float)

/// A body: its species, semi-axes of the ellipsoid that stands for it, places and types of its sites.
type MadeBody = { Species: int; Axes: Vector3; Sites: Vector3[]; Types: int[] }

let private v x y z = Vector3.create x y z

let body species axes sites = { Species = species; Axes = axes; Sites = sites; Types = Array.zeroCreate sites.Length }

let rod = body 0 (v 1.7 0.5 0.5) [| for x in -1.2 .. 0.6..1.3 -> v x 0.0 0.0 |]

let hexagon =
    body 0 (v 1.3 1.3 0.5) [|
        for k in 0..5 ->
            let angle = Math.PI / 3.0 * float k
            v (0.8 * cos angle) (0.8 * sin angle) 0.0
    |]

let board =
    body 0 (v 1.5 1.0 0.5) [|
        for x in [ -1.0; 0.0; 1.0 ] do
            for y in [ -0.5; 0.5 ] do
                v x y 0.0
    |]

let same: Law = fun _ _ -> struct (1.0, 1.0)

/// u and u′/r at a squared distance.
let lennardJones (struct (epsilon, sigma)) square =
    let s = (sigma * sigma / square) ** 3.0
    struct (4.0 * epsilon * (s * s - s), -24.0 * epsilon * (2.0 * s * s - s) / square)

/// u and u′/r of a law at a squared distance, that ends by half a cosine.
let private ended (cutoff: SiteCutoff option) law square =
    let struct (u, slope) = lennardJones law square

    match cutoff with
    | None -> struct (u, slope)
    | Some cutoff ->
        let r = sqrt square
        let struct (f, df, _) = SiteCutoff.at cutoff r
        struct (u * f, slope * f + u * df / r)

/// Energy, force on the second, torques on both about their centres.
let pairWithin
    (cutoff: SiteCutoff option)
    (law: Law)
    (a: MadeBody)
    (ra: Matrix3)
    (b: MadeBody)
    (rb: Matrix3)
    (r: Vector3)
    =
    let mutable energy = 0.0
    let mutable force = Vector3.zero
    let mutable first = Vector3.zero
    let mutable second = Vector3.zero

    for i in 0 .. a.Sites.Length - 1 do
        for j in 0 .. b.Sites.Length - 1 do
            let x, y = ra * a.Sites[i], rb * b.Sites[j]
            let d = r + y - x
            let struct (u, slope) = ended cutoff (law a.Types[i] b.Types[j]) (Vector3.squaredNorm d)
            let f = -slope * d
            energy <- energy + u
            force <- force + f
            first <- first - Vector3.cross x f
            second <- second + Vector3.cross y f

    struct (energy, force, first, second)

let private orientation (normal: NormalNumbers) =
    let q = Array.init 4 (fun _ -> normal.Next())
    let n = sqrt (q |> Array.sumBy (fun x -> x * x))
    Quaternion.create (q[0] / n) (q[1] / n) (q[2] / n) (q[3] / n)

/// Dimers of random orientations whose ellipsoids' gap is between −0.35 and 1 (three of four) or up to 3, with energies below 15.
let dimersWithin (cutoff: SiteCutoff option) (law: Law) (a: MadeBody) (b: MadeBody) seed count : PotentialTargets[] =
    let normal, random = NormalNumbers seed, Random seed

    let one () =
        let qa, qb = orientation normal, orientation normal
        let n = v (normal.Next()) (normal.Next()) (normal.Next())
        let n = 1.0 / Vector3.norm n * n

        let gap =
            if random.NextDouble() < 0.75 then
                -0.35 + 1.35 * random.NextDouble()
            else
                1.0 + 2.0 * random.NextDouble()

        let first = Ellipsoid.create a.Species Vector3.zero qa a.Axes |> sure
        let second = Ellipsoid.create b.Species Vector3.zero qb b.Axes |> sure
        // The gap is the distance less one that depends on the direction alone.
        let far = ContactGap.ofPair first second (10.0 * n)
        let r = (10.0 - far.Gap + gap) * n

        let struct (energy, f, ta, tb) =
            pairWithin cutoff law a (Quaternion.toMatrix qa) b (Quaternion.toMatrix qb) r

        if energy < 15.0 then
            let second = Ellipsoid.create b.Species r qb b.Axes |> sure

            Some {
                Frame = Frame.create Cell.none [ first; second ]
                Energy = Some energy
                Forces = ImmutableArray.Create<float>([| -f.X; -f.Y; -f.Z; f.X; f.Y; f.Z |])
                Torques = ImmutableArray.Create<float>([| ta.X; ta.Y; ta.Z; tb.X; tb.Y; tb.Z |])
                Virial = ImmutableArray.Empty
            }
        else
            None

    Seq.initInfinite (fun _ -> one ())
    |> Seq.choose id
    |> Seq.truncate count
    |> Seq.toArray

/// A quaternion after a small turn in the body's frame.
let private turnedBy (q: Quaternion) x y z =
    let w = 1.0 / sqrt (1.0 + x * x + y * y + z * z)
    let x, y, z = w * x, w * y, w * z

    Quaternion.create
        (q.W * w - q.X * x - q.Y * y - q.Z * z)
        (q.W * x + q.X * w + q.Y * z - q.Z * y)
        (q.W * y - q.X * z + q.Y * w + q.Z * x)
        (q.W * z + q.X * y - q.Y * x + q.Z * w)

/// The same without an end.
let dimers law a b seed count = dimersWithin None law a b seed count

/// Frames of 32 bodies in a box that repeats, number density 0.12, out of a walk of Metropolis at a temperature: single bodies move and turn; so many sweeps between frames, three times as many before
/// the first.
let crowds (cutoff: SiteCutoff) (law: Law) (made: MadeBody) temperature seed sweeps count : PotentialTargets[] =
    let normal, random = NormalNumbers seed, Random seed
    // A lattice of 2 × 2 × 8 that is as dense.
    let edges = [| 5.4; 5.4; 32.0 / (0.12 * 5.4 * 5.4) |]
    let reach = cutoff.Radius + 2.0 * (made.Sites |> Array.map Vector3.norm |> Array.max)

    let images = [|
        for a in -1 .. 1 do
            for b in -1 .. 1 do
                for c in -1 .. 1 -> v (float a * edges[0]) (float b * edges[1]) (float c * edges[2])
    |]

    let places =
        Array.init 32 (fun k -> v (2.7 * float (k % 2)) (2.7 * float (k / 2 % 2)) (edges[2] / 8.0 * float (k / 4)))

    let turns = Array.create 32 Quaternion.identity

    let wrapped (d: Vector3) =
        let wrap x edge = x - edge * round (x / edge)
        v (wrap d.X edges[0]) (wrap d.Y edges[1]) (wrap d.Z edges[2])

    /// Everything that acts between two bodies, all images.
    let between j (x: Vector3) (turn: Matrix3) =
        let r = wrapped (places[j] - x)

        images
        |> Array.map (fun shift -> r + shift)
        |> Array.filter (fun r -> Vector3.norm r < reach)
        |> Array.map (pairWithin (Some cutoff) law made turn made (Quaternion.toMatrix turns[j]))

    let energyOf i x turn =
        Seq.sum (
            seq {
                for j in 0..31 do
                    if j <> i then
                        for struct (energy, _, _, _) in between j x turn -> energy
            }
        )

    let sweep () =
        for i in 0..31 do
            let old, q = places[i], turns[i]
            let step () = 0.15 * normal.Next()
            let place = old + v (step ()) (step ()) (step ())
            let x, y, z = 0.5 * step (), 0.5 * step (), 0.5 * step ()
            let turn = turnedBy q x y z
            let before = energyOf i old (Quaternion.toMatrix q)
            let after = energyOf i place (Quaternion.toMatrix turn)

            if random.NextDouble() < exp ((before - after) / temperature) then
                places[i] <- place
                turns[i] <- turn

    let frame () =
        let forces, torques = Array.create 32 Vector3.zero, Array.create 32 Vector3.zero
        let mutable sum = 0.0

        for i in 0..31 do
            for j in i + 1 .. 31 do
                for struct (energy, force, first, second) in between j places[i] (Quaternion.toMatrix turns[i]) do
                    sum <- sum + energy
                    forces[i] <- forces[i] - force
                    forces[j] <- forces[j] + force
                    torques[i] <- torques[i] + first
                    torques[j] <- torques[j] + second

        let numbers (all: Vector3[]) = all |> Seq.collect (fun f -> [ f.X; f.Y; f.Z ]) |> ImmutableArray.CreateRange

        let cell =
            Cell.create (v edges[0] 0.0 0.0) (v 0.0 edges[1] 0.0) (v 0.0 0.0 edges[2]) { A = true; B = true; C = true }
            |> sure

        {
            Frame =
                Array.map2 (fun place turn -> Ellipsoid.create made.Species place turn made.Axes |> sure) places turns
                |> Frame.create cell
            Energy = Some sum
            Forces = numbers forces
            Torques = numbers torques
            Virial = ImmutableArray.Empty
        }

    for _ in 1 .. 2 * sweeps do
        sweep ()

    Array.init count (fun _ ->
        for _ in 1..sweeps do
            sweep ()

        frame ())

let options = {
    PotentialTraining.defaults with
        Bodies = { PotentialTraining.defaults.Bodies with Sites = SiteChoice.Auto }
        Threads = 1
}

let train options (targets: PotentialTargets[]) = PotentialTraining.train options (targets |> Seq.map Ok) |> sure

let errors potential (targets: PotentialTargets[]) =
    let struct (all, _) = PotentialErrors.measure 1 None potential (targets |> Seq.map Ok) |> sure
    all

/// Rows of dimers for kernels, all weights 1.
let internal rows species (targets: PotentialTargets[]) =
    let frames =
        targets
        |> Array.map (fun one -> {
            Targets = one
            Pairs = SiteRowsBuilder.pairs 12.0 one.Frame |> sure
            EnergyWeight = 1.0
            ForceWeights = Array.create one.Frame.Particles.Length 1.0
            TorqueWeights = Array.create one.Frame.Particles.Length 1.0
        })

    SiteRowsBuilder.build 1000.0 (fun number -> Array.IndexOf(species, number)) frames

/// Sizes of targets, and what rows of energies, forces, torques and virials count by these.
let internal weighed (kinds: float[]) (targets: PotentialTargets[]) =
    let survey = TrainingSurvey.ofFrames (targets |> Seq.map Ok) |> sure
    struct (survey, RowWeights.ofFrames 0.5 kinds survey (targets |> Seq.map Ok) |> sure)
