(**
---
title: The spherical limit
category: Scripts and notebooks
categoryindex: 4
index: 3
---

# The spherical limit

Where all semi-axes of a particle are equal its orientation means nothing, and the features must become those of the ordinary SOAP descriptor of spheres
with Gaussian densities. Two checks that they do: against the formula for a sphere, and by letting ellipsoids grow round.
*)
#r "nuget: AniSoap"

open System
open AniSoap

let width = 1.2

let projection = Projection.create (Hypers.gto 4 3 width 5.0) [ 1 ] |> Result.orFail

(**
## Against the formula

A Gaussian of standard deviation a at distance r, projected on the plain function exp(−r²/2σ²) Y₀₀, gives

    c = σ³ / (σ² + a²)^(3/2) · exp(−r² / 2(σ² + a²)) / √(4π)
*)
let formula radius distance =
    let sum = width * width + radius * radius

    width ** 3.0 / sum ** 1.5 * exp (-distance * distance / (2.0 * sum))
    / sqrt (4.0 * Math.PI)

printfn "radius  distance  here              formula"

for radius in [ 0.3; 1.0 ] do
    for distance in [ 0.0; 1.5; 4.0 ] do
        let sphere = Ellipsoid.sphere 1 Vector3.zero radius |> Result.orFail
        let here = Coefficients.raw projection sphere (Vector3.create 0.0 0.0 distance)
        printfn "%6.1f  %8.1f  %.14f  %.14f" radius distance here[0, 0, 0] (formula radius distance)
(*** include-output ***)

(**
## Ellipsoids that grow round

Two ellipsoids of semi-axes 0.5 (1 + e), 0.5, 0.5 with perpendicular long axes, compared with two spheres of radius 0.5. The difference of their features, relative
to the spheres' features, falls in proportion to the elongation e: divided by e it becomes constant.
*)
let pair semiAxes =
    let half = sqrt 0.5

    [
        Ellipsoid.create 1 Vector3.zero Quaternion.identity semiAxes
        Ellipsoid.create 1 (Vector3.create 1.4 0.3 0.2) (Quaternion.create half 0.0 half 0.0) semiAxes
    ]
    |> List.map Result.orFail
    |> Frame.create Cell.none

let featuresOf frame = (PowerSpectrum.mean projection [ frame ] |> Result.orFail).Blocks[0].Row(0, 0).ToArray()
let norm (row: float[]) = sqrt (row |> Array.sumBy (fun x -> x * x))
let round = featuresOf (pair (Vector3.create 0.5 0.5 0.5))

printfn "elongation e   difference   difference / e"

for e in [ 1.0; 0.3; 0.1; 0.03; 0.01; 0.003 ] do
    let long = featuresOf (pair (Vector3.create (0.5 * (1.0 + e)) 0.5 0.5))
    let difference = norm (Array.map2 (-) long round) / norm round
    printfn "%12.3f   %10.6f   %14.4f" e difference (difference / e)
(*** include-output ***)

(**
And spheres may turn as they like:
*)
let turnedSphere =
    Ellipsoid.create 1 (Vector3.create 1.4 0.3 0.2) (Quaternion.create 0.3 0.5 -0.2 0.7) (Vector3.create 0.5 0.5 0.5)
    |> Result.orFail

let turned = Frame.create Cell.none [ (pair (Vector3.create 0.5 0.5 0.5)).Particles[0]; turnedSphere ]
let change = norm (Array.map2 (-) (featuresOf turned) round) / norm round
printfn "change of the features when a sphere turns: %s" (if change < 1e-14 then "none" else string change)
(*** include-output ***)
