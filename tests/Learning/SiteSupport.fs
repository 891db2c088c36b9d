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

/// Energy, force on the second, torques on both about their centres.
let pair (law: Law) (a: MadeBody) (ra: Matrix3) (b: MadeBody) (rb: Matrix3) (r: Vector3) =
    let mutable energy = 0.0
    let mutable force = Vector3.zero
    let mutable first = Vector3.zero
    let mutable second = Vector3.zero

    for i in 0 .. a.Sites.Length - 1 do
        for j in 0 .. b.Sites.Length - 1 do
            let x, y = ra * a.Sites[i], rb * b.Sites[j]
            let d = r + y - x
            let struct (u, slope) = lennardJones (law a.Types[i] b.Types[j]) (Vector3.squaredNorm d)
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
let dimers (law: Law) (a: MadeBody) (b: MadeBody) seed count : PotentialTargets[] =
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
        let struct (energy, f, ta, tb) = pair law a (Quaternion.toMatrix qa) b (Quaternion.toMatrix qb) r

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
