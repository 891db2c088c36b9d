/// The contact gap of two ellipsoids in closed form, and its derivatives.
module AniSoap.Tests.ContactGapTests

open System
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private sphere radius = Ellipsoid.sphere 1 Vector3.zero radius |> sure

[<Tests>]
let tests =
    testList "contact gap" [
        property "is the distance less the diameter for equal spheres, and its slope the direction"
        <| fun (SomeDisplacement r) ->
            let r =
                if Vector3.norm r < 0.1 then
                    Vector3.create 0.3 0.2 -0.1
                else
                    r

            let found = ContactGap.ofPair (sphere 0.7) (sphere 0.7) r
            Close.within 1e-14 (1.0 + Vector3.norm r) [| found.Gap |] [| Vector3.norm r - 1.4 |] "gap"
            let u = 1.0 / Vector3.norm r * r
            let slope = found.ByPosition
            Close.within 1e-13 1.0 [| slope.X; slope.Y; slope.Z |] [| u.X; u.Y; u.Z |] "slope"
            let turn = found.ByFirstRotation
            Close.within 1e-13 1.0 [| turn.X; turn.Y; turn.Z |] [| 0.0; 0.0; 0.0 |] "turning a sphere"

        property "is as the slow formula has it, and the same from both sides"
        <| fun (SomeEllipsoid a) (SomeEllipsoid b) (SomeDisplacement r) ->
            let r =
                if Vector3.norm r < 0.1 then
                    Vector3.create 0.3 0.2 -0.1
                else
                    r

            let found = ContactGap.ofPair a b r
            let back = ContactGap.ofPair b a -r
            let expected = Reference.PairSpectrum.gap a a.SemiAxes b b.SemiAxes r
            let scale = abs expected + Vector3.norm r
            Close.within 1e-11 scale [| found.Gap; back.Gap |] [| expected; expected |] "gap"
            let one, other = found.ByFirstRotation, back.BySecondRotation
            let size = Vector3.norm one + scale
            Close.within 1e-9 size [| one.X; one.Y; one.Z |] [| other.X; other.Y; other.Z |] "turning"

        property "is never more than the gap at which both touch"
        <| fun (SomeEllipsoid a) (SomeEllipsoid b) (SomeDisplacement r) ->
            let r =
                if Vector3.norm r < 0.1 then
                    Vector3.create 0.3 0.2 -0.1
                else
                    r

            let touching = Vector3.norm r * (1.0 - 1.0 / Contact.factor a b r)
            Close.atMost (ContactGap.ofPair a b r).Gap (touching + 1e-5 * Vector3.norm r) "gap"

        testCase "changes as its derivatives say, by position, by both orientations and by both shapes"
        <| fun () ->
            let random = Random 11
            let number size = size * (2.0 * random.NextDouble() - 1.0)
            let vector size = Vector3.create (number size) (number size) (number size)

            for _ in 1..50 do
                let body () =
                    Ellipsoid.create
                        1
                        Vector3.zero
                        (PairSupport.turned (vector 3.0))
                        (Vector3.create 1.0 0.6 0.4 + vector 0.2)
                    |> sure

                let a, b, r = body (), body (), vector 2.0 + Vector3.create 1.5 0.0 0.0
                let along, first, second = vector 1.0, vector 1.0, vector 1.0
                let grown, swollen = vector 0.5, vector 0.5

                let swell (v: Vector3) (particle: Ellipsoid) =
                    Ellipsoid.create particle.Species particle.Position particle.Orientation (particle.SemiAxes + v)
                    |> sure

                let at h =
                    (ContactGap.ofPair
                        (Transform.turn (PairSupport.turned (h * first)) a |> swell (h * grown))
                        (Transform.turn (PairSupport.turned (h * second)) b |> swell (h * swollen))
                        (r + h * along))
                        .Gap

                let central h = (at h - at -h) / (2.0 * h)
                let found = (4.0 * central 5e-4 - central 1e-3) / 3.0
                let exact = ContactGap.ofPair a b r

                let expected =
                    Vector3.dot exact.ByPosition along
                    + Vector3.dot exact.ByFirstRotation first
                    + Vector3.dot exact.BySecondRotation second
                    + Vector3.dot exact.ByFirstSemiAxes grown
                    + Vector3.dot exact.BySecondSemiAxes swollen

                Close.within 1e-9 (1.0 + abs expected) [| found |] [| expected |] "derivative"

        testCase "at no distance at all is finite"
        <| fun () ->
            let found = ContactGap.ofPair (sphere 0.5) (sphere 0.5) Vector3.zero
            Expect.equal (found.Gap, found.ByPosition) (-1.0, Vector3.zero) "gap and slope"
            // Of spheres −√2 √(a² + b²): by each radius −√2 a/√(a² + b²) in all, a third of it by each axis.
            let by = found.ByFirstSemiAxes
            Close.within 1e-14 1.0 [| by.X; by.Y; by.Z |] (Array.replicate 3 (-1.0 / 3.0)) "by semi-axes"
    ]
