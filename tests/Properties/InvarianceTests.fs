/// What must not change, and what must change in a known way.
module AniSoap.Tests.InvarianceTests

open Expecto
open AniSoap
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden
open AniSoap.Tests.Features

/// The coefficients of every species and the spectra are those expected, to 1e-12 and 1e-11 of the largest.
let private same expected actual message =
    allToLargest 1e-12 (coefficients small actual) (coefficients small expected) $"{message}: coefficients"
    allToLargest 1e-11 (spectra small actual) (spectra small expected) $"{message}: spectra"

let private large =
    projectionOf { Hypers.create 8 (RadialBasis.Gto 1.5) 4.5 with MaxRadial = RadialCount.Uniform 4 }

let private rotations =
    testList "turning everything" [
        for name, projection, times in [ "l up to 4", small, 200; "l up to 8", large, 15 ] do
            propertyTimes times $"leaves the power spectrum, {name}"
            <| fun (SomeFrame frame) (SomeRotation q) ->
                let turned = Transform.rotate q frame
                allToLargest 1e-11 (spectra projection turned) (spectra projection frame) "per particle"

                Close.toLargest
                    1e-11
                    (meanSpectrum projection turned)
                    (meanSpectrum projection frame)
                    "mean over the particles"

            propertyTimes times $"multiplies the coefficients by Wigner's matrices, {name}"
            <| fun (SomeFrame frame) (SomeRotation q) ->
                let d = Reference.Wigner.matrices projection.Hypers.MaxAngular (Quaternion.toMatrix q)

                let expected =
                    coefficients projection frame
                    |> Array.map (
                        unflatten projection
                        >> Array.map (Reference.Wigner.rotate d)
                        >> Reference.Expansion.flatten
                    )

                allToLargest 1e-12 (coefficients projection (Transform.rotate q frame)) expected "coefficients"

        property "can be told from turning the particles alone"
        <| fun (SomeRotation q) ->
            // Not an invariance: were orientations or places ignored, the properties above would pass as well.
            let ellipsoid at = Ellipsoid.create 1 at Quaternion.identity (Vector3.create 0.3 0.6 2.0) |> sure
            let frame = Frame.create Cell.none [ ellipsoid Vector3.zero; ellipsoid (Vector3.create 1.0 1.5 0.5) ]
            let turned = Transform.particles (Transform.turn q) frame
            let matrix = Quaternion.toMatrix q

            let isSymmetry =
                [ matrix.Row1.X; matrix.Row2.Y; matrix.Row3.Z ]
                |> List.forall (fun x -> abs x > 0.999)

            let before = spectra small frame |> Array.concat
            let after = spectra small turned |> Array.concat
            let distance = Array.map2 (fun a b -> abs (a - b)) before after |> Array.max
            Expect.isTrue (isSymmetry || distance > 1e-7 * Array.max before) $"changed by {distance} only"

        property "reflecting everything multiplies the coefficients by (−1)^l and leaves the power spectrum"
        <| fun (SomeFrame frame) ->
            let expected =
                coefficients small frame
                |> Array.map (
                    unflatten small
                    >> Array.map (Array.mapi (fun l -> Array.map (Array.map (fun c -> if l % 2 = 0 then c else -c))))
                    >> Reference.Expansion.flatten
                )

            allToLargest 1e-12 (coefficients small (Transform.invert frame)) expected "coefficients"
            allToLargest 1e-11 (spectra small (Transform.invert frame)) (spectra small frame) "spectra"
    ]

/// The frame twice, side by side along the first axis that repeats, as one frame of a cell twice as long.
let private doubled (frame: Frame) =
    let v, p = frame.Cell.Vectors, frame.Cell.Periodicity
    let twice repeats isFirst (vector: Vector3) = if repeats && isFirst then 2.0 * vector else vector
    let alongA, alongB = p.A, p.B && not p.A
    let alongC = p.C && not p.A && not p.B

    let shift =
        if p.A then v.Row1
        elif p.B then v.Row2
        else v.Row3

    let cell =
        Cell.create (twice p.A alongA v.Row1) (twice p.B alongB v.Row2) (twice p.C alongC v.Row3) p
        |> sure

    Frame.create cell (Seq.append frame.Particles (frame.Particles |> Seq.map (Transform.move shift)))

/// The same body described with its axes in another order.
let private relabelled kind (e: Ellipsoid) =
    let a = e.SemiAxes
    let half = sqrt 0.5

    let axes, turn =
        match kind with
        // x to y, y to z, z to x; then x to y, y to −x; then y to z, z to −y.
        | 0 -> Vector3.create a.Y a.Z a.X, Quaternion.create 0.5 0.5 0.5 0.5
        | 1 -> Vector3.create a.Y a.X a.Z, Quaternion.create half 0.0 0.0 half
        | _ -> Vector3.create a.X a.Z a.Y, Quaternion.create half half 0.0 0.0

    Ellipsoid.create e.Species e.Position (e.Orientation * turn) axes |> sure

let private descriptions =
    testList "another description of the same configuration changes nothing:" [
        property "moving everything"
        <| fun (SomeFrame frame) (SomeDisplacement t) -> same frame (Transform.translate t frame) "moved"

        property "moving particles by whole cell vectors, into the cell or far out of it"
        <| fun (SomeFrame frame) ->
            let shifted =
                frame
                |> Transform.moveByCells (fun i -> struct (i % 3 - 1, 2 - i % 5, 7 * (i % 2)))

            same frame shifted "moved by cells"

        property "turning particles by π about an axis of their own"
        <| fun (SomeFrame frame) ->
            let turns = [
                Quaternion.create 0.0 1.0 0.0 0.0
                Quaternion.create 0.0 0.0 1.0 0.0
                Quaternion.create 0.0 0.0 0.0 1.0
            ]

            for half in turns do
                let turned =
                    frame
                    |> Transform.particles (fun e ->
                        Ellipsoid.create e.Species e.Position (e.Orientation * half) e.SemiAxes |> sure)

                same frame turned "turned"

        property "naming semi-axes in another order, with the orientation that goes with it"
        <| fun (SomeFrame frame) ->
            for kind in 0..2 do
                same frame (Transform.particles (relabelled kind) frame) $"relabelled {kind}"

        property "the opposite quaternion and quaternions that are not of unit length"
        <| fun (SomeFrame frame) ->
            for factor in [ -1.0; 1e-200; 3e150 ] do
                let scaled (e: Ellipsoid) =
                    let q = e.Orientation
                    let q = Quaternion.create (factor * q.W) (factor * q.X) (factor * q.Y) (factor * q.Z)
                    Ellipsoid.create e.Species e.Position q e.SemiAxes |> sure

                same frame (Transform.particles scaled frame) $"times {factor}"

        property "a cell twice as long with everything in it twice gives both copies the old features"
        <| fun (SomeFrame frame) ->
            if frame.Cell.IsPeriodic then
                let actual = spectra small (doubled frame)
                let expected = spectra small frame
                allToLargest 1e-11 actual (Array.append expected expected) "spectra"
                Close.toLargest 1e-11 (meanSpectrum small (doubled frame)) (meanSpectrum small frame) "mean"

        property "the order of the particles is the order of the rows and nothing else"
        <| fun (SomeFrame frame) ->
            let actual = coefficients small (Transform.reverse frame)
            allToLargest 1e-12 actual (coefficients small frame |> Array.rev) "coefficients"

            Close.toLargest 1e-12 (meanSpectrum small (Transform.reverse frame)) (meanSpectrum small frame) "mean"
    ]

let private decoupling =
    testList "particles farther away than the cutoff" [
        property "change nothing"
        <| fun (SomeCluster frame) (SomeEllipsoid stranger) (SomeRotation q) ->
            // The cluster fits into a cube of 1 + 3 ∛30 beside the origin.
            for distance in [ 30.0; 1e6 ] do
                let far = Transform.move (distance * (Quaternion.toMatrix q).Row1) stranger
                let both = Frame.create Cell.none (Seq.append frame.Particles [ far ])
                let actual = coefficients small both |> Array.take frame.Particles.Length
                allToLargest 1e-13 actual (coefficients small frame) $"{distance} away"

        property "do not see each other: two distant clusters have the features of each alone"
        <| fun (SomeCluster first) (SomeCluster second) ->
            let away = Transform.translate (Vector3.create 0.0 0.0 60.0) second
            let both = Frame.create Cell.none (Seq.append first.Particles away.Particles)
            let alone = Array.append (coefficients small first) (coefficients small second)
            allToLargest 1e-12 (coefficients small both) alone "coefficients"
    ]

let private spheres =
    let hypers = { smallHypers with CenterDensity = CenterDensity.Absent; CutoffRadius = 9.0 }
    let projection = projectionOf hypers

    /// The coefficients of one neighbour about a centre of another species.
    let neighbor (axes: Vector3) q displacement =
        let center = Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure
        let other = Ellipsoid.create 6 displacement q axes |> sure
        let rows = coefficients projection (Frame.create Cell.none [ center; other ])
        (unflatten projection (Array.head rows)).[1] |> Reference.Coefficients.flatten

    testList "equal semi-axes" [
        property "give the same numbers bit for bit whatever the quaternion"
        <| fun (SomeRotation q) (SomeEllipsoid e) (SomeDisplacement r) ->
            let a = e.SemiAxes.X
            let axes = Vector3.create a a a
            Expect.equal (neighbor axes q r) (neighbor axes Quaternion.identity r) "coefficients"

        property "give what almost equal ones give"
        <| fun (SomeRotation q) (SomeDisplacement r) ->
            let sphere = neighbor (Vector3.create 0.8 0.8 0.8) q r
            let almost = neighbor (Vector3.create 0.8 (0.8 * (1.0 + 1e-15)) 0.8) q r
            Close.toNorm 1e-13 almost sphere "coefficients"

        property "give the radial integral of modified spherical Bessel functions"
        <| fun (SomeRotation q) (SomeEllipsoid e) (SomeDisplacement r) ->
            let a = e.SemiAxes.X
            let settings = settingsOf hypers

            let expected =
                Reference.SphereClosedForm.bare settings.Radial settings.RadialCounts a r
                |> Reference.Coefficients.combine (
                    Reference.Coefficients.matrices settings.Radial settings.RadialCounts settings.Functions
                )
                |> Reference.Coefficients.flatten

            Close.toNorm 1e-11 (neighbor (Vector3.create a a a) q r) expected $"semi-axis {a} at {r}"
    ]

[<Tests>]
let tests = testList "invariances" [ rotations; descriptions; decoupling; spheres ]
