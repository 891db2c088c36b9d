/// Likely mistakes as values with places.
module AniSoap.Tests.Analysis.SuspicionTests

open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Tests

let private ok =
    function
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

let private frames options phase =
    FrameFile.readWith options (Repository.gayBerne phase)
    |> Seq.truncate 3
    |> Seq.map ok
    |> Seq.toList

let private projection width cutoff =
    let hypers = { Hypers.create 2 (Gto width) cutoff with MaxRadial = RadialCount.Uniform 1 }
    Projection.create hypers [ 1 ] |> ok

let private kinds (suspicions: Suspicion list) = suspicions |> List.map _.Kind
let private defaults = InputOptions.defaults

let private sphere x radius = Ellipsoid.sphere 1 (Vector3.create x 0.0 0.0) radius |> ok

[<Tests>]
let suspicions =
    testList "suspicions" [
        testCase "are none of simulated phases" (fun () ->
            for phase in [ "isotropic"; "nematic"; "smectic" ] do
                Expect.equal (Suspicion.ofFrames (projection 1.5 3.5) (frames defaults phase)) [] phase)

        testCase "name the frame and the particle" (fun () ->
            let wrong = { defaults with OrientationOrder = Some QuaternionOrder.XYZW }

            match Suspicion.ofFrames (projection 1.5 3.5) (frames wrong "isotropic") with
            | [ found ] ->
                Expect.equal found.Kind SuspicionKind.OrientationOrder "the kind"
                Expect.equal found.Place.Frame (Some 0) "the frame"
                Expect.isSome found.Place.Particle "a particle"
                Expect.stringStarts (Suspicion.describe found) "frame 0, particle " "the place stands first"
            | found -> failtest $"%A{found}")

        testCase "tell one wrong order of quaternions from the other" (fun () ->
            // Written with the scalar last, and read as if it stood first.
            let turned (frame: Frame) =
                frame.Particles
                |> Seq.map (fun particle ->
                    let q = particle.Orientation
                    let moved = Quaternion.create q.X q.Y q.Z q.W

                    Ellipsoid.create particle.Species particle.Position moved particle.SemiAxes
                    |> ok)
                |> Frame.create frame.Cell

            let wrong = frames defaults "smectic" |> List.map turned

            match Suspicion.ofFrames (projection 1.5 3.5) wrong with
            | [ found ] ->
                Expect.equal found.Kind SuspicionKind.OrientationOrder "the kind"
                Expect.stringContains found.Sentence "--orientation-order xyzw" "the remedy"
            | found -> failtest $"%A{found}")

        testCase "tell overlaps of a few from shapes that are all too large" (fun () ->
            let line =
                Frame.create Cell.none [ for i in 0..39 -> sphere (2.0 * float i + (if i = 7 then 1.5 else 0.0)) 1.0 ]

            let sparse = Frame.create Cell.none [ sphere 0.0 1.0; sphere 3.0 1.0 ]
            let found = Suspicion.ofFrames (projection 1.5 3.5) [ sparse; line ]
            Expect.equal (kinds found) [ SuspicionKind.Overlaps ] "two particles"
            Expect.equal found[0].Place.Frame (Some 1) "the frame"
            Expect.contains [ Some 7; Some 8 ] found[0].Place.Particle "the particle"
            let large = Frame.create Cell.none [ for i in 0..39 -> sphere (2.0 * float i) 2.0 ]
            let found = Suspicion.ofFrames (projection 1.5 4.5) [ large ]
            Expect.equal (kinds found) [ SuspicionKind.LargeShapes ] "all of them")

        testCase "are of every frame's particles, however many frames have one pair" (fun () ->
            // Pairs at distances around the cutoff: some see each other.
            let pair distance = Frame.create Cell.none [ sphere 0.0 0.5; sphere distance 0.5 ]
            let scan = [ for i in 1..60 -> pair (0.9 + 0.1 * float i) ]
            Expect.equal (Suspicion.ofFrames (projection 1.5 3.5) scan) [] "a scan of distances"
            let far = [ for i in 1..60 -> pair (4.0 + 0.1 * float i) ]
            Expect.equal (kinds (Suspicion.ofFrames (projection 1.5 3.5) far)) [ SuspicionKind.NoNeighbors ] "all far"
            let single = [ Frame.create Cell.none [ sphere 0.0 0.5 ] ]
            Expect.equal (Suspicion.ofFrames (projection 1.5 3.5) single) [] "one particle has nobody to see")

        testCase "do not look farther than is affordable" (fun () ->
            // One particle of 4000 in a cell of 10: contacts would be looked for among half a billion images.
            let cell =
                Cell.create (Vector3.create 10.0 0.0 0.0) (Vector3.create 0.0 10.0 0.0) (Vector3.create 0.0 0.0 10.0) {
                    A = true
                    B = true
                    C = true
                }
                |> ok

            let crowd =
                Frame.create cell [
                    yield sphere 0.0 2000.0
                    for i in 1..9 do
                        yield sphere (float i) 0.5
                ]

            let found = kinds (Suspicion.ofFrames (projection 1.5 3.5) [ crowd ])
            Expect.contains found SuspicionKind.ShortCutoff "the giant")
    ]

[<Tests>]
let contact =
    testList "contact of ellipsoids" [
        testCase "is the distance by the sum of radii for spheres" (fun () ->
            for distance, one, other in [ 3.0, 1.0, 2.0; 1.0, 0.2, 0.3; 5.0, 1.0, 1.0 ] do
                let found = Contact.factor (sphere 0.0 one) (sphere distance other) (Vector3.create distance 0.0 0.0)
                Close.within 1e-6 1.0 [| found |] [| distance / (one + other) |] "spheres")

        testCase "is the distance by the sum of the semi-axes along it" (fun () ->
            let quarter = Quaternion.create (sqrt 0.5) 0.0 0.0 (sqrt 0.5)

            let turned orientation = Ellipsoid.create 1 Vector3.zero orientation (Vector3.create 3.0 1.0 0.5) |> ok

            let upright = turned Quaternion.identity
            let lying = turned quarter
            let along = Vector3.create 2.0 0.0 0.0
            Close.within 1e-6 1.0 [| Contact.factor upright upright along |] [| 2.0 / 6.0 |] "end to end"
            Close.within 1e-6 1.0 [| Contact.factor lying lying along |] [| 2.0 / 2.0 |] "side by side"
            Close.within 1e-6 1.0 [| Contact.factor upright lying along |] [| 2.0 / 4.0 |] "a T")
    ]
