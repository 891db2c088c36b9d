(**
---
title: Turning one of two ellipsoids
category: Scripts and notebooks
categoryindex: 4
index: 4
---

# Turning one of two ellipsoids

Two long ellipsoids lie side by side; one of them is turned about the line that joins them. How do the features follow, and what torque does an energy
that is made of them exert?
*)
#r "nuget: AniSoap"

open System
open AniSoap

/// Two ellipsoids of semi-axes 1.5, 0.5, 0.5, a distance of 1.2 apart along z; the second is turned by an angle (in radians) about z.
let pair angle =
    let long = Vector3.create 1.5 0.5 0.5

    [
        Ellipsoid.create 1 Vector3.zero Quaternion.identity long
        Ellipsoid.create
            1
            (Vector3.create 0.0 0.0 1.2)
            (Quaternion.create (cos (angle / 2.0)) 0.0 0.0 (sin (angle / 2.0)))
            long
    ]
    |> List.map Result.orFail
    |> Frame.create Cell.none

let projection = Projection.create (Hypers.gto 6 3 1.5 4.0) [ 1 ] |> Result.orFail

let columns = (SpectrumColumns.properties OrderedPairs projection).Count

(**
## An energy out of features

Any smooth function of the features will do, a trained model for example. Here it is half the squared distance to the features p₀ of the
parallel pair, E = ½ |p − p₀|², whose derivative by the features is p − p₀. `Features.pullback` takes that derivative and returns those by
positions and orientations, hence forces and torques, in one pass.
*)
let featuresOf frame = (PowerSpectrum.mean projection [ frame ] |> Result.orFail).Blocks[0].Row(0, 0).ToArray()
let parallelFeatures = featuresOf (pair 0.0)

let energy frame =
    let difference = Array.map2 (-) (featuresOf frame) parallelFeatures
    0.5 * Array.sumBy (fun x -> x * x) difference

/// The energy's derivatives by everything that the frame is made of.
let derivatives frame =
    let cotangent = Array.map2 (-) (featuresOf frame) parallelFeatures

    Features.pullback RunOptions.defaults OrderedPairs [] projection frame (OfMean(ReadOnlyMemory cotangent))
    |> Result.orFail

(**
## The scan

The torque about z on the second ellipsoid, minus the derivative of E by its angle, beside the same from central differences of the energy. The energy has
its maximum where the ellipsoids are crossed, and is the same at 0° and 180°, since an ellipsoid has no head. Energies are in
millionths of a squared feature, torques in the same per radian.
*)
let degrees angle = angle * Math.PI / 180.0
let step = 1e-4

printfn "angle/°      energy    torque z    by differences"

for angle in 0.0..15.0..180.0 do
    let at shift = energy (pair (degrees angle + shift))
    let torque = (derivatives (pair (degrees angle))).Torques[1].Z
    let byDifferences = -(at step - at -step) / (2.0 * step)
    // Adding zero turns −0 into 0.
    let shown (x: float) = Math.Round(1e6 * x, 3) + 0.0
    printfn "%7.0f  %10.3f  %10.3f  %16.3f" angle (shown (at 0.0)) (shown torque) (shown byDifferences)
(*** include-output ***)

(**
## Forces and torques balance

No force or torque acts on the pair from outside, so forces add up to zero, and so do torques together with the moments of the forces. At 30°:
*)
let frame = pair (degrees 30.0)
let gradient = derivatives frame
let sum (vectors: Vector3 seq) = vectors |> Seq.fold (+) Vector3.zero

let net = sum gradient.Forces

let turning =
    Seq.zip frame.Particles gradient.Forces
    |> Seq.map (fun (particle, force) -> Vector3.cross particle.Position force)
    |> Seq.append gradient.Torques
    |> sum

printfn "forces along z: %.3f and %.3f millionths" (1e6 * gradient.Forces[0].Z) (1e6 * gradient.Forces[1].Z)
printfn "sum of forces vanishes: %b" (Vector3.norm net < 1e-12)
printfn "sum of torques and moments vanishes: %b" (Vector3.norm turning < 1e-12)
(*** include-output ***)

(**
More on derivatives: [gradients, forces and torques](../gradients.fsx).
*)
