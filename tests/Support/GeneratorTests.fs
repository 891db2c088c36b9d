module AniSoap.Tests.GeneratorTests

open Expecto
open FsCheck
open FsCheck.FSharp
open AniSoap
open AniSoap.Tests.Generators

let private arbitraries = ArbMap.defaults |> ArbMap.mergeWith<Arbitraries>

/// Always the same sample.
let private sample<'a> count : 'a list =
    arbitraries
    |> ArbMap.generate<'a>
    |> Gen.sampleWithSeed (Rnd 7UL) 60 count
    |> Array.toList

let private fraction (f: Frame) (e: Ellipsoid) =
    let b = f.Cell.Basis
    let volume = Matrix3.determinant b

    [
        Vector3.dot e.Position (Vector3.cross b.Row2 b.Row3) / volume
        Vector3.dot e.Position (Vector3.cross b.Row3 b.Row1) / volume
        Vector3.dot e.Position (Vector3.cross b.Row1 b.Row2) / volume
    ]

let private sortedAxes (e: Ellipsoid) = List.sort [ e.SemiAxes.X; e.SemiAxes.Y; e.SemiAxes.Z ]

[<Tests>]
let tests =
    testList "generators" [
        testCase "ellipsoids are needles, discs, spheres and others"
        <| fun () ->
            let all = sample<SomeEllipsoid> 300 |> List.map (fun (SomeEllipsoid e) -> e)
            let has what test = Expect.exists all (sortedAxes >> test) what
            has "needle" (fun a -> a[2] > 3.0 * a[1])
            has "disc" (fun a -> a[1] > 3.0 * a[0] && a[1] > 1.5)
            has "sphere" (fun a -> a[0] = a[2])
            has "two equal axes" (fun a -> a[0] = a[1] && a[1] < a[2])
            has "three different axes" (fun a -> a[0] < a[1] && a[1] < a[2] && a[2] < 3.0 * a[0])

        testCase "displacements reach 8, and some are zero or tiny"
        <| fun () ->
            let lengths =
                sample<SomeDisplacement> 300
                |> List.map (fun (SomeDisplacement r) -> Vector3.norm r)

            Close.atMost (List.max lengths) 8.01 "longest"
            Expect.exists lengths (fun r -> r > 7.0) "long ones"
            Expect.exists lengths (fun r -> r = 0.0) "zero"
            Expect.exists lengths (fun r -> r > 0.0 && r < 1e-6) "tiny"

        testCase "rotations include the identity and turn any way"
        <| fun () ->
            let all = sample<SomeRotation> 300 |> List.map (fun (SomeRotation q) -> q)
            Expect.exists all (fun q -> q = Quaternion.identity) "identity"

            for component' in [ (fun (q: Quaternion) -> q.W); _.X; _.Y; _.Z ] do
                Expect.exists all (fun q -> component' q > 0.8) "positive"
                Expect.exists all (fun q -> component' q < -0.8) "negative"

        testCase "frames have every periodicity, narrow cells, particles outside, coincident particles, up to 4 species"
        <| fun () ->
            let all = sample<SomeFrame> 400 |> List.map (fun (SomeFrame f) -> f)

            for a in [ true; false ] do
                for b in [ true; false ] do
                    for c in [ true; false ] do
                        Expect.exists all (fun f -> f.Cell.Periodicity = { A = a; B = b; C = c }) $"{a}, {b}, {c}"

            let width (f: Frame) =
                let v = f.Cell.Vectors
                min (Vector3.norm v.Row1) (min (Vector3.norm v.Row2) (Vector3.norm v.Row3))

            Expect.exists all (fun f -> f.Cell.IsPeriodic && width f > 0.0 && width f < 2.5) "narrow cell"

            Expect.exists
                all
                (fun f -> f.Cell.IsPeriodic && width f = 0.0)
                "zero vector along an axis that does not repeat"

            Expect.exists all (fun f -> Matrix3.determinant f.Cell.Basis < 0.0) "left-handed cell"

            let outside (f: Frame) =
                f.Cell.IsPeriodic
                && f.Particles
                   |> Seq.exists (fun e -> fraction f e |> List.exists (fun x -> x < 0.0 || x > 1.0))

            Expect.exists all outside "particles outside the cell"

            let coincident (f: Frame) =
                f.Particles
                |> Seq.countBy (fun e -> let p = e.Position in p.X, p.Y, p.Z)
                |> Seq.exists (fun (_, n) -> n > 1)

            Expect.exists all coincident "two particles at one place"
            Expect.equal (all |> List.map (Frame.species >> Array.length) |> List.max) 4 "most species"

            Expect.isTrue
                (all
                 |> List.forall (fun f -> f.Particles.Length >= 1 && f.Particles.Length <= 30))
                "sizes"

            Expect.exists all (fun f -> f.Particles.Length = 1) "a lone particle"

        testCase "shrinking a frame gives simpler frames only, and ends"
        <| fun () ->
            let shrink = (arbitraries |> ArbMap.arbitrary<SmallFrame>).Shrinker

            /// Always the last candidate: the slowest way down.
            let rec steps count frame =
                Close.below count 100 "steps"

                match shrink frame |> Seq.tryLast with
                | None -> frame
                | Some simpler -> steps (count + 1) simpler

            for frame in sample<SmallFrame> 20 do
                let (SmallFrame simplest) = steps 0 frame
                Expect.equal simplest.Particles.Length 1 "particles left"
                Expect.isTrue simplest.Particles[0].IsSphere "a sphere"
                Expect.isFalse simplest.Cell.IsPeriodic "no cell"

        testCase "the same seed gives the same sample"
        <| fun () ->
            let positions () = [
                for SomeFrame f in sample<SomeFrame> 5 do
                    for e in f.Particles -> e.Position, e.SemiAxes, e.Species
            ]

            Expect.equal (positions ()) (positions ()) "sample"
    ]
