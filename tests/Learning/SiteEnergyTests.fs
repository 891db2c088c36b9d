/// Energies of bodies made of sites.
module AniSoap.Tests.Learning.SiteEnergyTests

open System
open System.IO
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.SiteSupport

let private cutoff = { Radius = 3.0; SmoothingWidth = 1.0 }

let private functionOf first second seed : SiteFunction =
    let random = Random seed

    let weights =
        Array.init SiteExponentials.count (fun k -> (random.NextDouble() - 0.4) / float (1 + k * k))

    {
        First = first
        Second = second
        Form = SiteForm.Exponentials(1.0, Collections.Immutable.ImmutableArray.Create<float> weights)
        Nearest = 0.7
        Farthest = 3.0
    }

let private siteAt x y z name = { Position = Vector3.create x y z; Type = name }

let private made =
    lazy
        (let body =
            SiteBody.create 0 [ siteAt 0.5 0.1 0.0 "a"; siteAt -0.4 0.2 0.1 "b"; siteAt 0.0 -0.5 0.2 "a" ]
            |> sure

         SitePotential.Create([ body ], [ functionOf "a" "a" 1; functionOf "a" "b" 2; functionOf "b" "b" 3 ], cutoff)
         |> sure)

// Two species, one of more sites than are side by side.
let private mixed =
    lazy
        (let small =
            SiteBody.create 0 [ siteAt 0.5 0.1 0.0 "a"; siteAt -0.4 0.2 0.1 "b"; siteAt 0.0 -0.5 0.2 "a" ]
            |> sure

         let large =
             SiteBody.create 1 [
                 for k in 0..10 ->
                     let angle = 2.0 * Math.PI * float k / 11.0
                     siteAt (0.6 * cos angle) (0.6 * sin angle) (0.02 * float k) (if k % 3 = 0 then "b" else "a")
             ]
             |> sure

         SitePotential.Create(
             [ small; large ],
             [ functionOf "a" "a" 1; functionOf "a" "b" 2; functionOf "b" "b" 3 ],
             cutoff
         )
         |> sure)

let private crowd count seed =
    let random = Random seed
    let length = 4.6

    let cell =
        Cell.create (Vector3.create length 0.0 0.0) (Vector3.create 0.7 length 0.0) (Vector3.create 0.2 0.4 length) {
            A = true
            B = true
            C = true
        }
        |> sure

    // No nearer than bodies are in simulations.
    let rec places (known: Vector3 list) =
        if known.Length = count then
            known
        else
            let next () = length * random.NextDouble()
            let place = Vector3.create (next ()) (next ()) (next ())

            let isFree =
                known
                |> List.forall (fun other ->
                    let d = place - other
                    let wrap x = x - length * round (x / length)
                    Vector3.norm (Vector3.create (wrap d.X) (wrap d.Y) (wrap d.Z)) > 1.3)

            places (if isFree then place :: known else known)

    let particles =
        places []
        |> List.map (fun place ->
            let next () = random.NextDouble() - 0.5
            let q = Quaternion.create (next ()) (next ()) (next ()) (next ())
            Ellipsoid.create 0 place q (Vector3.create 0.6 0.6 0.6) |> sure)

    Frame.create cell particles

let private evaluate (model: SiteModel) threads (neighbors: INeighbors | null) (frame: Frame) =
    let engine = SiteEnergy.Create(model, threads) |> sure
    let count = 3 * frame.Particles.Length
    let forces, torques = Array.zeroCreate<float> count, Array.zeroCreate<float> count
    let virial = Array.zeroCreate<float> 9

    let energy =
        engine.Evaluate(frame, Memory forces, Memory torques, Memory virial, neighbors)
        |> sure

    energy, Array.concat [ forces; torques; virial ]

/// The energy by the functions themselves, over images of the cell.
let private slow (potential: SitePotential) (frame: Frame) =
    let f =
        potential.Functions
        |> Seq.map (fun f -> f, SiteFunction.evaluator potential.Cutoff f)
        |> Seq.toList

    let vectors = frame.Cell.Vectors

    let sites =
        frame.Particles
        |> Seq.map (fun p ->
            let r = Quaternion.toMatrix p.Orientation
            let body = potential.Bodies |> Seq.find (fun body -> body.Species = p.Species)
            [ for s in body.Sites -> p.Position + r * s.Position, s.Type ])
        |> Seq.toArray

    Seq.sum (
        seq {
            for i in 0 .. sites.Length - 1 do
                for j in 0 .. sites.Length - 1 do
                    for a in -2 .. 2 do
                        for b in -2 .. 2 do
                            for c in -2 .. 2 do
                                if i <> j || (a, b, c) <> (0, 0, 0) then
                                    let shift = float a * vectors.Row1 + float b * vectors.Row2 + float c * vectors.Row3

                                    for x, t in sites[i] do
                                        for y, u in sites[j] do
                                            let r = Vector3.norm (y + shift - x)

                                            if r < potential.Cutoff.Radius then
                                                let _, at =
                                                    f
                                                    |> List.find (fun (f, _) ->
                                                        f.First = t && f.Second = u || f.First = u && f.Second = t)

                                                let struct (value, _) = at r
                                                0.5 * value
        }
    )

[<Tests>]
let tests =
    testList "sites: energies" [
        testCase "are sums of their functions over all images"
        <| fun () ->
            let frame = crowd 7 4
            let energy, _ = evaluate made.Value.Model 1 null frame
            Close.within 1e-6 (abs energy) [| energy |] [| slow made.Value frame |] "energy"

        testCase
            "of two species and more sites than eight are sums of their functions too, and what a frame brings does not stay for the next"
        <| fun () ->
            let frame =
                crowd 8 21
                |> fun frame ->
                    frame.Particles
                    |> Seq.mapi (fun k p ->
                        Ellipsoid.create (k % 2) p.Position p.Orientation (Vector3.create 0.6 0.6 0.6)
                        |> sure)
                    |> Frame.create frame.Cell

            let engine = SiteEnergy.Create(mixed.Value.Model, 2) |> sure
            let room (count: int) = Memory(Array.zeroCreate<float> count)

            for _ in 1..2 do
                let energy = engine.Evaluate(frame, room 24, room 24, room 9) |> sure
                Close.within 1e-6 (abs energy) [| energy |] [| slow mixed.Value frame |] "energy"

        testCase "of pairs that are listed once, whichever of the two is the centre, are those of all pairs"
        <| fun () ->
            let frame = { crowd 9 11 with Cell = Cell.none }
            let random = Random 5
            let lists = Array.init 9 (fun _ -> ResizeArray<int>())

            for i in 0..8 do
                for j in i + 1 .. 8 do
                    if random.Next 2 = 0 then lists[i].Add j else lists[j].Add i

            let table = NeighborTable()
            let starts = lists |> Array.scan (fun sum list -> sum + list.Count) 0

            table.Fill(
                ReadOnlyMemory [| 0..8 |],
                ReadOnlyMemory starts,
                ReadOnlyMemory(lists |> Array.collect (fun list -> list.ToArray()))
            )
            |> sure

            let engine = SiteEnergy.Create(made.Value.Model, 2) |> sure
            let room () = Array.zeroCreate<float> 27
            let f, t, v, e = room (), room (), Array.zeroCreate<float> 9, Array.create 9 nan

            let energy =
                engine.EvaluatePairs(frame, Memory e, Memory f, Memory t, Memory v, table)
                |> sure

            let expected, numbers = evaluate made.Value.Model 1 null frame
            Close.toLargest 1e-12 [| energy; Array.sum e |] [| expected; expected |] "energy"
            Close.toLargest 1e-12 (Array.concat [ f; t; v ]) numbers "forces, torques, virial"
            let halves = Array.create 9 nan

            engine.EvaluateCenters(frame, Memory halves, Memory f, Memory t, Memory v)
            |> sure
            |> ignore

            Close.toLargest 1e-12 e halves "energies of particles"

            Expect.stringContains
                (engine.EvaluatePairs(frame, Memory(Array.zeroCreate 3), Memory f, Memory t, Memory v, table)
                 |> Tensors.sentence)
                "centres' energies"
                "room"

        testCase "have the forces, torques and virial that differences give"
        <| fun () ->
            let frame = crowd 6 8
            let model = made.Value.Model
            let _, found = evaluate model 1 null frame
            let count = frame.Particles.Length
            let energyOf frame = fst (evaluate model 1 null frame)

            let difference (move: float -> Frame) =
                // Pieces of tables join with their slopes only: few steps cross a joint.
                let h = 2e-4
                let at k = energyOf (move (k * h))

                (45.0 * (at 1.0 - at -1.0) - 9.0 * (at 2.0 - at -2.0) + (at 3.0 - at -3.0))
                / (60.0 * h)

            let moved i axis h =
                frame.Particles
                |> Seq.mapi (fun k p -> if k = i then Transform.move (h * axis) p else p)
                |> Frame.create frame.Cell

            let turned i (axis: Vector3) h =
                let s, c = sin (0.5 * h), cos (0.5 * h)
                let q = Quaternion.create c (s * axis.X) (s * axis.Y) (s * axis.Z)

                frame.Particles
                |> Seq.mapi (fun k p -> if k = i then Transform.turn q p else p)
                |> Frame.create frame.Cell

            let axes = [| Vector3.create 1.0 0.0 0.0; Vector3.create 0.0 1.0 0.0; Vector3.create 0.0 0.0 1.0 |]

            let expected =
                Array.concat [
                    [|
                        for i in 0 .. count - 1 do
                            for axis in axes -> -(difference (moved i axis))
                    |]
                    [|
                        for i in 0 .. count - 1 do
                            for axis in axes -> -(difference (turned i axis))
                    |]
                ]

            Close.toLargest 1e-8 found[.. 6 * count - 1] expected "forces and torques"

            let strained a b h =
                let strain (v: Vector3) =
                    let c = [| v.X; v.Y; v.Z |]
                    let d = Array.copy c
                    d[a] <- d[a] + h * c[b]
                    Vector3.create d[0] d[1] d[2]

                let cell = frame.Cell.Vectors

                let cell =
                    Cell.create (strain cell.Row1) (strain cell.Row2) (strain cell.Row3) frame.Cell.Periodicity
                    |> sure

                frame.Particles
                |> Seq.map (fun p -> Ellipsoid.create p.Species (strain p.Position) p.Orientation p.SemiAxes |> sure)
                |> Frame.create cell

            // ∂ε_ab: the place changes along a by the place along b.
            let virial = [|
                for a in 0..2 do
                    for b in 0..2 -> -(difference (strained b a))
            |]

            let transposed = [|
                for a in 0..2 do
                    for b in 0..2 -> found[6 * count + 3 * a + b]
            |]

            Close.toLargest 1e-8 transposed virial "virial"

        testCase "are the same bits for any number of threads"
        <| fun () ->
            let frame = crowd 9 3
            Expect.equal (evaluate made.Value.Model 3 null frame) (evaluate made.Value.Model 1 null frame) "numbers"

        testCase "of neighbours from outside, images as particles of their own, are halves that add up"
        <| fun () ->
            let frame = { crowd 5 2 with Cell = Cell.none }
            let table = NeighborTable()
            let all = [| 0..4 |]

            table.Fill(
                ReadOnlyMemory all,
                ReadOnlyMemory [| 0; 5; 10; 15; 20; 25 |],
                ReadOnlyMemory(Array.concat (List.replicate 5 all))
            )
            |> sure

            let energy, numbers = evaluate made.Value.Model 2 table frame
            let expected, others = evaluate made.Value.Model 1 null frame
            Close.within 1e-12 (abs expected) [| energy |] [| expected |] "energy"
            Close.toLargest 1e-12 numbers others "forces, torques, virial"

        testCase "of centres are halves of their pairs, with neighbours from outside or without"
        <| fun () ->
            let engine = SiteEnergy.Create(made.Value.Model, 2) |> sure
            let room (count: int) = Memory(Array.zeroCreate<float> count)
            let frame = crowd 5 4
            let centers = Array.create 5 nan

            let energy = engine.EvaluateCenters(frame, Memory centers, room 15, room 15, room 9) |> sure

            Close.toLargest 1e-12 [| Array.sum centers |] [| energy |] "sum"

            Close.toLargest
                1e-12
                [| energy |]
                [| fst (evaluate made.Value.Model 1 null frame) |]
                "the energy of the frame"

            // Two alone: half of their pair each.
            let two = { crowd 2 9 with Cell = Cell.none }
            let table = NeighborTable()

            table.Fill(ReadOnlyMemory [| 1 |], ReadOnlyMemory [| 0; 1 |], ReadOnlyMemory [| 0 |])
            |> sure

            let one = Array.create 1 nan
            let whole = engine.Evaluate(two, room 6, room 6, room 9) |> sure

            let part = engine.EvaluateCenters(two, Memory one, room 6, room 6, room 9, table) |> sure

            Close.toLargest 1e-12 [| part; one[0] |] [| whole / 2.0; whole / 2.0 |] "halves"

        testCase "repel below the shortest distance that was seen, whatever the functions do there"
        <| fun () ->
            for f in made.Value.Functions do
                let at = SiteFunction.evaluator cutoff f
                let distances = [ 0.65 .. -0.05 .. 0.25 ]

                let value r =
                    let struct (u, _) = at r
                    u

                let values = List.map value distances
                Expect.isTrue (List.pairwise values |> List.forall (fun (a, b) -> b > a)) $"{f.First} {f.Second}"

        testCase "of tables join without a step, and end at nothing"
        <| fun () ->
            let at = SiteFunction.evaluator cutoff made.Value.Functions[0]
            let table = made.Value.Model.Table("a", "a")

            for r in [ 0.05; 0.25; 0.4; 0.69; 0.71; 1.3; 2.2; 2.9; 2.999 ] do
                let struct (u, slope) = table.At r

                if r > 0.22 then
                    let struct (expected, derivative) = at r
                    Close.within 1e-6 (abs expected + 1e-3) [| u |] [| expected |] $"energy at {r}"
                    Close.within 1e-4 (abs derivative + 1e-3) [| slope * r |] [| derivative |] $"slope at {r}"

            Expect.equal (table.At 3.0) (struct (0.0, 0.0)) "end"

        testCase "that mean nothing are refused"
        <| fun () ->
            let refused result part = Expect.stringContains (Tensors.sentence result) part part
            refused (SiteBody.create 0 []) "at least one"
            refused (SiteBody.create 0 [ siteAt 1.0 0.0 0.0 "a"; siteAt 1.0 0.0 0.0 "a" ]) "coincide"
            refused (SiteBody.create 0 [ siteAt nan 0.0 0.0 "a" ]) "finite"
            refused (SiteBody.create 0 [ siteAt 1.0 0.0 0.0 " " ]) "a name"
            let one = SiteBody.create 0 [ siteAt 1.0 0.0 0.0 "a" ] |> sure
            refused (SitePotential.Create([ one ], [], cutoff)) "types a and a"
            refused (SitePotential.Create([ one; one ], [ functionOf "a" "a" 1 ], cutoff)) "one body a species"
            refused (SiteCutoff.create -1.0 0.0) "site cutoff"
            refused (SiteCutoff.create 1.0 2.0) "smoothing width"
            Expect.isTrue one.IsStraight "on a line"

        testCase "are the same after a file"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "model.json")
                let fit = { Frames = 3; Regularization = 1e-10; HeldOut = 0.25 }

                let trial = {
                    Species = 0
                    Sites = 3
                    Types = 2
                    Training = 0.125
                    Validation = 0.25
                    Successes = 1
                    Starts = 4
                }

                // JSON has no number for what was not measured.
                let unknown = { trial with Validation = nan }
                let potential = Potential(None, Some made.Value, fit, [ trial; unknown ])
                PotentialFile.save Existing.Keep path potential |> sure
                let again = PotentialFile.load path |> sure
                Expect.equal (again.Contact.IsNone, again.Fit) (true, fit) "the rest"
                Expect.equal again.Sites.Value.Functions made.Value.Functions "functions"
                Expect.equal again.Trials [ trial ] "what was tried"
                let frame = crowd 6 5

                Expect.equal
                    (Potential.evaluate again frame |> sure)
                    (Potential.evaluate potential frame |> sure)
                    "bits"

                let bodies = SiteFile.bodies path |> sure
                Expect.equal (List.head bodies).Sites made.Value.Bodies[0].Sites "bodies"

                let strange =
                    Frame.create Cell.none [
                        Ellipsoid.create 7 Vector3.zero Quaternion.identity (Vector3.create 1.0 1.0 1.0)
                        |> sure
                    ]

                Expect.stringContains (Potential.evaluate again strange |> Tensors.sentence) "species = 7" "unknown")
    ]
