/// The one checker of derivatives: along a random direction in the space of all positions, orientations, semi-axes or strains of a frame, the
/// derivative of every feature by central differences (extrapolated to zero step after Richardson) against the gradient blocks of its TensorMap.
module AniSoap.Tests.FiniteDifferences

open System
open AniSoap
open AniSoap.Tests.Golden

/// How a frame changes, per unit of the step: vectors of the particles, or the strain's rows.
type Direction = { Parameter: GradientParameter; Vectors: Vector3[]; Strain: Matrix3 }

let private vector (random: Random) (size: float) =
    let one () = size * (2.0 * random.NextDouble() - 1.0)
    Vector3.create (one ()) (one ()) (one ())

/// A random direction that changes no distance below 4 by more than 1 per unit.
let direction (random: Random) parameter (frame: Frame) = {
    Parameter = parameter
    Vectors = Array.init frame.Particles.Length (fun _ -> vector random 0.28)
    Strain = Matrix3.ofRows (vector random 0.08) (vector random 0.08) (vector random 0.08)
}

let private turned (axis: Vector3) =
    let angle = Vector3.norm axis

    if angle = 0.0 then
        Quaternion.identity
    else
        let v = sin (0.5 * angle) / angle * axis
        Quaternion.create (cos (0.5 * angle)) v.X v.Y v.Z

/// The frame a step along a direction.
let step (direction: Direction) (h: float) (frame: Frame) : Frame =
    let change i (particle: Ellipsoid) =
        let v = h * direction.Vectors[i]

        match direction.Parameter with
        | GradientParameter.Positions -> Transform.move v particle
        | GradientParameter.Orientations -> Transform.turn (turned v) particle
        | GradientParameter.SemiAxes ->
            Ellipsoid.create particle.Species particle.Position particle.Orientation (particle.SemiAxes + v)
            |> sure
        | GradientParameter.Strain -> Transform.move (h * (direction.Strain * particle.Position)) particle

    let cell =
        match direction.Parameter with
        | GradientParameter.Strain ->
            let strained (v: Vector3) = v + h * (direction.Strain * v)
            let v = frame.Cell.Vectors

            Cell.create (strained v.Row1) (strained v.Row2) (strained v.Row3) frame.Cell.Periodicity
            |> sure
        | _ -> frame.Cell

    Frame.create cell (frame.Particles |> Seq.mapi change)

/// The derivative of every value of the map along the direction, from its gradient blocks.
let along (direction: Direction) (map: TensorMap) : float[] = [|
    for block in map.Blocks do
        let size = block.ComponentCount * block.Properties.Count
        let result = Array.zeroCreate<float>(block.Samples.Count * size)
        let gradient = block.Gradients[GradientParameter.name direction.Parameter]
        let axes = gradient.ComponentCount / block.ComponentCount

        let weight (row: LabelsRow) axis =
            match direction.Parameter with
            | GradientParameter.Strain ->
                // [p][q] is the derivative by ε_qp.
                let p, q = axis / 3, axis % 3
                let rows = [| direction.Strain.Row1; direction.Strain.Row2; direction.Strain.Row3 |]
                [| rows[q].X; rows[q].Y; rows[q].Z |][p]
            | _ ->
                let v = direction.Vectors[row[2]]
                [| v.X; v.Y; v.Z |][axis]

        for row in gradient.Samples do
            for axis in 0 .. axes - 1 do
                let factor = weight row axis

                for i in 0 .. size - 1 do
                    let at = row[0] * size + i
                    result[at] <- result[at] + factor * gradient.Values[(row.Position * axes + axis) * size + i]

        yield! result
|]

/// Central differences with steps h, h/2, h/4, extrapolated: the error is of the order h⁶.
let differences (compute: Frame -> float[]) (direction: Direction) (h: float) (frame: Frame) : float[] =
    let central h =
        Array.map2
            (fun forward backward -> (forward - backward) / (2.0 * h))
            (compute (step direction h frame))
            (compute (step direction -h frame))

    let better power coarse fine = Array.map2 (fun c f -> f + (f - c) / (power - 1.0)) coarse fine
    let a, b, c = central h, central (0.5 * h), central (0.25 * h)
    better 16.0 (better 4.0 a b) (better 4.0 b c)

/// Hyperparameters whose cutoff (and the beginning of whose smooth step) no pair of the frame is near, and a step that takes none across.
let awayFromCutoff (hypers: Hypers) (frame: Frame) : Hypers * float =
    let distances =
        NeighborList.create 4.6 frame
        |> sure
        |> Seq.map (fun pair -> Vector3.norm pair.Displacement)
        |> Seq.toArray

    let gap cutoff =
        let edges =
            match hypers.Smoothing with
            | Smoothing.Step -> [ cutoff ]
            | Smoothing.ShiftedCosine width -> [ cutoff; cutoff - width ]

        distances
        |> Array.fold (fun least d -> edges |> List.fold (fun least edge -> min least (abs (d - edge))) least) 1.0

    let cutoff = [ 3.2..0.001..3.8 ] |> List.maxBy gap
    { hypers with CutoffRadius = cutoff }, min 0.01 (0.5 * gap cutoff)

/// Holds the gradients of `withGradients` to differences of its values, by every parameter, to 1e-9 of the largest of them.
let check (withGradients: GradientParameter list -> Frame -> TensorMap) h (random: Random) (frame: Frame) message =
    let map = withGradients GradientParameter.all frame
    let compute = withGradients [] >> values
    let sizes = values map |> Array.fold (fun m v -> max m (abs v)) 1e-30

    for parameter in GradientParameter.all do
        let direction = direction random parameter frame
        let exact = along direction map
        let found = differences compute direction h frame
        // A derivative that vanishes is found to rounding of the values.
        let scale = exact |> Array.fold (fun m v -> max m (abs v)) (1e-2 * sizes)
        Close.within 1e-9 scale exact found $"{message}: {GradientParameter.name parameter}"
