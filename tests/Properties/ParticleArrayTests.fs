/// Particles of a frame: flat arrays inside, particles outside.
module AniSoap.Tests.ParticleArrayTests

open System
open System.Collections.Generic
open AniSoap
open Expecto
open AniSoap.Tests.Tensors

let private vector (random: Random) =
    Vector3.create (random.NextDouble() - 0.5) (8.0 * random.NextDouble()) (-3.0 * random.NextDouble())

let private randomParticles seed count =
    let random = Random(seed: int)

    [
        for _ in 1..count ->
            let q = vector random
            let a = vector random

            Ellipsoid.create
                (random.Next(-3, 9))
                (vector random)
                (Quaternion.create (0.1 + random.NextDouble()) q.X q.Y q.Z)
                (Vector3.create (0.1 + abs a.X) (0.1 + abs a.Y) (0.1 + abs a.Z))
            |> ok
    ]

let private numbers (p: Ellipsoid) =
    [ p.Position.X; p.Position.Y; p.Position.Z ]
    @ [ p.Orientation.W; p.Orientation.X; p.Orientation.Y; p.Orientation.Z ]
    @ [ p.SemiAxes.X; p.SemiAxes.Y; p.SemiAxes.Z ]
    |> List.map BitConverter.DoubleToInt64Bits

let private flat (all: Ellipsoid list) (part: Ellipsoid -> float list) = all |> List.collect part |> List.toArray

let private positionOf (p: Ellipsoid) = [ p.Position.X; p.Position.Y; p.Position.Z ]

let private orientationOf (p: Ellipsoid) =
    let q = p.Orientation
    [ q.W; q.X; q.Y; q.Z ]

let private semiAxesOf (p: Ellipsoid) = [ p.SemiAxes.X; p.SemiAxes.Y; p.SemiAxes.Z ]

let private framesOf seed count =
    let given = randomParticles seed count
    given, Frame.create Cell.none given

[<Tests>]
let tests =
    testList "particles of a frame" [
        testCase "are those given whatever frame was before, whose arrays they have where they are like it"
        <| fun () ->
            for seed in 1..60 do
                let random = Random(seed: int)
                let before = (framesOf seed (random.Next 12) |> snd).Particles

                let given =
                    randomParticles (100 + seed) (random.Next 14)
                    |> List.mapi (fun i p ->
                        let like = if i < before.Length then before[i] else p
                        // Up to some particle all is as it was, and behind it some of it.
                        let keeps () = i < seed % 13 || random.Next 2 = 0
                        let pick a b = if keeps () then a else b

                        Ellipsoid.create
                            (pick like.Species p.Species)
                            p.Position
                            (pick like.Orientation p.Orientation)
                            (pick like.SemiAxes p.SemiAxes)
                        |> ok)

                let builder = ParticleBuilder(random.Next 14, before)

                for p in given do
                    builder.AddTrusted(p.Species, p.Position, p.Orientation, p.SemiAxes)

                let found = builder.ToArray()

                Expect.equal
                    (found |> Seq.map _.Species |> Seq.toList)
                    (given |> List.map _.Species)
                    $"species, seed {seed}"

                Expect.equal (found |> Seq.map numbers |> Seq.toList) (given |> List.map numbers) $"seed {seed}"

        testCase "have the shapes of the frame before without a copy, but not a zero of the other sign"
        <| fun () ->
            let particle w =
                Ellipsoid.trusted 1 Vector3.zero (Quaternion.create 1.0 w 0.0 0.0) (Vector3.create 1.0 1.0 1.0)

            let built before w =
                let builder = ParticleBuilder(1, before)
                let p: Ellipsoid = particle w
                builder.AddTrusted(p.Species, p.Position, p.Orientation, p.SemiAxes)
                builder.ToArray()

            let first = built ParticleArray.Empty 0.0
            let second = built first -0.0
            Expect.isTrue (obj.ReferenceEquals(first.SemiAxesArray, second.SemiAxesArray)) "one array of shapes"
            Expect.isTrue (Double.IsNegative second[0].Orientation.X) "the sign is kept"

        testCase "are the particles given, bit for bit, however they are asked for"
        <| fun () ->
            for seed in 1..50 do
                let given, frame = framesOf seed (seed - 1)
                let particles = frame.Particles

                Expect.equal
                    (particles.Length, particles.Count, particles.IsEmpty)
                    (seed - 1, seed - 1, seed = 1)
                    "number"

                let same (found: Ellipsoid seq) how =
                    Expect.equal
                        [ for p in found -> p.Species, numbers p ]
                        [ for p in given -> p.Species, numbers p ]
                        how

                same particles "as a sequence"
                same [ for p in particles -> p ] "in a loop"
                same [ for i in 0 .. particles.Length - 1 -> particles[i] ] "by number"
                same (Seq.toArray (particles :> IReadOnlyList<Ellipsoid>)) "as a list of .NET"
                same (Linq.Enumerable.ToList particles) "by LINQ"
                same (Frame.create frame.Cell particles).Particles "as another frame's"

        testCase "stand flat, in the order x, y, z and w, x, y, z"
        <| fun () ->
            let given, frame = framesOf 7 100
            let particles = frame.Particles
            Expect.equal (particles.Species.ToArray()) [| for p in given -> p.Species |] "species"
            Expect.equal (particles.Positions.ToArray()) (flat given positionOf) "positions"
            Expect.equal (particles.Orientations.ToArray()) (flat given orientationOf) "orientations"
            Expect.equal (particles.SemiAxes.ToArray()) (flat given semiAxesOf) "semi-axes"

        testCase "are equal where all their numbers are"
        <| fun () ->
            let given, frame = framesOf 8 20
            let again = Frame.create Cell.none (List.toArray given)
            Expect.equal again frame "frames"
            Expect.equal (again.Particles.GetHashCode()) (frame.Particles.GetHashCode()) "hash codes"
            Expect.notEqual (Frame.create Cell.none given.Tail) frame "one less"
            Expect.notEqual (Frame.create Cell.none (snd (framesOf 9 20)).Particles) frame "others"

        testCase "by a number that none has are refused by an exception that says which there are"
        <| fun () ->
            let _, frame = framesOf 10 3

            for i in [ -1; 3; Int32.MinValue ] do
                Expect.throwsC (fun () -> frame.Particles[i] |> ignore) (fun e ->
                    Expect.stringContains e.Message "from 0 to 2" (string i))

        testCase "of flat arrays are those of particles one by one, and what is wrong is named"
        <| fun () ->
            let given, frame = framesOf 11 30
            let species = [| for p in given -> p.Species |]
            let x, q, a = flat given positionOf, flat given orientationOf, flat given semiAxesOf
            Expect.equal (Frame.ofArrays Cell.none species x q a |> ok) frame "the same frame"
            // Nothing that is done to the arrays afterwards changes the frame.
            let made = Frame.ofArrays Cell.none species x q a |> ok
            x[0] <- 1e9
            Expect.equal made frame "still"
            let twice = q |> Array.map (fun v -> 2.0 * v)
            let x = flat given positionOf
            let turned = (Frame.ofArrays Cell.none species x twice a |> ok).Particles
            Close.toLargest 1e-15 (turned.Orientations.ToArray()) q "normalised"

            let refused (fragments: string list) result =
                for fragment in fragments do
                    Expect.stringContains (sentence result) fragment "what is wrong"

            Frame.ofArrays Cell.none species x[3..] q a
            |> refused [ "length of positions"; "87"; "90" ]

            Frame.ofArrays Cell.none species x q[1..] a
            |> refused [ "length of orientations"; "119"; "120" ]

            Frame.ofArrays Cell.none species x q (Array.append a [| 1.0 |])
            |> refused [ "length of semi-axes"; "91" ]

            a[3 * 5 + 1] <- -1.0
            Frame.ofArrays Cell.none species x q a |> refused [ "particle 5"; "semi-axes" ]

        testCase "are read from a file without an object for each"
        <| fun () ->
            let count = 20_000
            let text = Text.StringBuilder()

            for _ in 1..3 do
                text.Append(count).Append("\nProperties=species:S:1:pos:R:3:c_diameter:R:3:c_q:R:4 pbc=\"F F F\"\n")
                |> ignore

                for i in 0 .. count - 1 do
                    text.Append("H ").Append(i % 100).Append(' ').Append(i / 100).Append(" 0.25 1 2 3 1 0 0 0\n")
                    |> ignore

            AniSoap.Tests.FormatSupport.withText "a.xyz" (text.ToString()) (fun path ->
                use frames = (FrameFile.read path).GetEnumerator()
                // The first makes the memory that rows are read into.
                Expect.isTrue (frames.MoveNext()) "a first frame"

                for _ in 1..2 do
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    Expect.isTrue (frames.MoveNext()) "another frame"
                    let bytes = GC.GetAllocatedBytesForCurrentThread() - before
                    Expect.equal (ok frames.Current).Particles.Length count "particles"
                    // Ten doubles and a species: 84 bytes. An object, and where it is, are 112.
                    Close.below (float bytes / float count) 90.0 "bytes a particle")

        testCase
            "of flat arrays are the particles that the arrays say, and what cannot be one is refused by name, value and number"
        <| fun () ->
            let all = randomParticles 7 5 |> ParticleArray.ofSeq

            let made (species: int[]) positions orientations semiAxes =
                ParticleArray.OfArrays(species, positions, orientations, semiAxes)

            let species, positions = all.Species.ToArray(), all.Positions.ToArray()
            let orientations, semiAxes = all.Orientations.ToArray(), all.SemiAxes.ToArray()
            Expect.equal (made species positions orientations semiAxes |> ok) all "the same particles"

            let spoiled (numbers: float[]) at value =
                let copy = Array.copy numbers
                copy[at] <- value
                copy

            for name, result in
                [
                    "length of the positions = 14", made species positions[..13] orientations semiAxes
                    "length of the orientations = 19", made species positions orientations[..18] semiAxes
                    "length of the semi-axes = 12", made species positions orientations semiAxes[..11]
                    "particle 2: position = NaN", made species (spoiled positions 7 nan) orientations semiAxes
                    "particle 4: semi-axis = 0", made species positions orientations (spoiled semiAxes 14 0.0)
                    "particle 3: squared norm of the quaternion = ",
                    made species positions (spoiled orientations 12 2.0) semiAxes
                ] do
                Expect.stringContains (sentence result) name "refusal"
    ]
