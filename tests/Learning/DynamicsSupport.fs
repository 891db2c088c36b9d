/// Simulations for tests, under potentials whose weights are made up.
module AniSoap.Tests.Learning.DynamicsSupport

open System
open System.Collections.Immutable
open AniSoap
open AniSoap.Learning
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport

let vector x y z = Vector3.create x y z
let coordinates (v: Vector3) = [| v.X; v.Y; v.Z |]
let components (q: Quaternion) = [| q.W; q.X; q.Y; q.Z |]

let fit = { Frames = 1; Regularization = 0.0; HeldOut = nan }

/// A potential whose weights are made up, its forces about 1 in dense frames; or times a factor.
let potential (factor: float) =
    let random = Random 23
    let sizes = (rowsOf smallBasis (skew 100 9)).Values.ToArray()

    let weights =
        sizes
        |> Array.map (fun size -> factor * (2.0 * random.NextDouble() - 1.0) / (1e-3 + abs size))

    Potential(Some(ContactPotential(smallBasis, weights)), None, fit, [])

let soft = lazy potential 0.1
let nothing = lazy potential 0.0

let options = { SimulationOptions.create 40 0.01 with Temperature = Some 0.2; Seed = 5; Every = 1 }
let run options potential snapshot = Simulation.run options potential snapshot |> Seq.map sure |> Seq.toArray
let start = lazy Snapshot.ofFrame (skew 3 8)

let column name width (values: float seq) =
    ParticleColumn.create name width (ColumnValues.Reals(ImmutableArray.CreateRange values))
    |> sure

let withColumns columns (snapshot: Snapshot) = Snapshot.create snapshot.Frame Map.empty None [] columns |> sure

let reals name width (frame: SimulationFrame) = (Quantities.tryReals name width frame.Snapshot).Value |> Seq.toArray

let standardDeviation (values: float[]) =
    let mean = Array.average values
    sqrt (values |> Array.averageBy (fun value -> (value - mean) ** 2.0))

let rotationEnergy (l: Vector3) (moments: Vector3) =
    0.5 * (l.X * l.X / moments.X + l.Y * l.Y / moments.Y + l.Z * l.Z / moments.Z)

let turnFor time steps (q: Quaternion) l moments =
    let h = time / float steps

    Array.scan (fun struct (q, l) _ -> RigidMotion.turn q l moments h) (struct (q, l)) [| 1..steps |]
