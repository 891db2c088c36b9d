/// Training in parts: the same bits as training in one run.
module AniSoap.Tests.Learning.TrainingPartTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open AniSoap
open AniSoap.Formats
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.PotentialSupport

let private bits (values: float[]) = values |> Array.map BitConverter.DoubleToInt64Bits

let private memoryOf columns = FactorMemory(columns, LinearAlgebra.Own)

/// A fold's frames, each with rows of its own.
let private madeRows (random: Random) columns frames =
    Array.init frames (fun _ ->
        Array.init (random.Next 6) (fun _ -> Array.init columns (fun _ -> 2.0 * random.NextDouble() - 1.0)))

let private treeOf columns leaf (first: int) stop (frames: float[][][]) =
    let tree = FactorTree(memoryOf columns, leaf, int64 first, stop)

    frames
    |> Array.iteri (fun k rows ->
        tree.Begin(int64 (first + k))

        for row in rows do
            tree.Add(ReadOnlySpan row, 0.7))

    tree

let private square (factor: PackedTriangle) =
    Array.init factor.Columns (fun k -> Array.append (Array.zeroCreate k) (factor.Row(k).ToArray()))

let private cuts (random: Random) frames =
    0 :: frames :: List.init (random.Next frames) (fun _ -> random.Next(1, frames))
    |> List.distinct
    |> List.sort
    |> List.pairwise

/// Everything of a potential that was learnt, as its file has it.
let private text (potential: Potential) =
    let found = ref ""

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "model.json")
        PotentialFile.save Existing.Replace path potential |> sure
        found.Value <- File.ReadAllText path)

    found.Value

let private learning = { options with Regularization = None; Folds = 3 }

let private spans total count = [
    for k in 0 .. count - 1 -> { First = k * total / count; Stop = (k + 1) * total / count }
]

let private partsOf setup threads (all: PotentialTargets[]) count =
    spans all.Length count
    |> List.map (fun span ->
        all[span.First .. span.Stop - 1]
        |> Seq.map Ok
        |> TrainingPart.compute setup threads all.Length span
        |> sure)

[<Tests>]
let tests =
    testList "training in parts" [
        test "a tree over frames has the same R, to the last bit, in whatever parts it is made" {
            for seed in 1..60 do
                let random = Random(seed: int)
                let columns, frames = random.Next(2, 30), random.Next(2, 50)
                let leaf = int64 (1 <<< random.Next 4)
                let all = madeRows random columns frames
                let whole = treeOf columns leaf 0 Int64.MaxValue all
                let joined = FactorTree(memoryOf columns, leaf, 0L, Int64.MaxValue)

                for first, next in cuts random frames do
                    let stop = if next = frames then Int64.MaxValue else int64 next
                    let part = treeOf columns leaf first stop all[first .. next - 1]

                    for piece in part.Pieces do
                        Expect.isTrue (joined.Take piece) $"seed {seed}: pieces follow on each other"

                let expected, found = whole.Root, joined.Root
                Expect.equal (bits found.Values) (bits expected.Values) $"seed {seed}"

                // Slowly: R has the products of the rows.
                let rows = all |> Array.concat |> Array.map (Array.map (fun x -> 0.7 * x))

                let products (rows: float[][]) =
                    Array.init (columns * columns) (fun i ->
                        rows |> Array.sumBy (fun row -> row[i / columns] * row[i % columns]))

                Close.toLargest 1e-12 (products (square found)) (products rows) $"seed {seed}: products"
        }

        test "pieces that a tree takes stay what they are, for another one that takes them too" {
            let random = Random 8
            let all = madeRows random 7 40
            let parts = [ treeOf 7 1L 0 21L all[..20]; treeOf 7 1L 21 Int64.MaxValue all[21..] ]
            let pieces = parts |> List.collect (fun part -> List.ofSeq part.Pieces)

            let root () =
                let joined = FactorTree(memoryOf 7, 1L, 0L, Int64.MaxValue)
                Expect.isTrue (pieces |> List.forall joined.Take) "pieces follow on each other"
                bits joined.Root.Values

            let first = root ()
            Expect.equal (root ()) first "taken once more"
            Expect.equal first (bits (treeOf 7 1L 0 Int64.MaxValue all).Root.Values) "all in one"
        }

        test "a tree refuses pieces that do not follow on each other" {
            let random = Random 5
            let all = madeRows random 4 12
            let pieces first stop = (treeOf 4 2L first stop all[first .. min 11 (int stop - 1)]).Pieces
            let joined = FactorTree(memoryOf 4, 2L, 0L, Int64.MaxValue)
            Expect.isTrue (pieces 0 4L |> Seq.forall joined.Take) "the first"
            Expect.isFalse (pieces 6 8L |> Seq.forall joined.Take) "one is missing"
            Expect.isTrue (pieces 4 6L |> Seq.forall joined.Take) "which comes"
            Expect.isFalse (pieces 4 6L |> Seq.forall joined.Take) "twice"
            Expect.isFalse (FactorTree(memoryOf 5, 2L, 0L, Int64.MaxValue).Take(Seq.head (pieces 0 4L))) "other columns"
        }

        test "any number of parts on any threads give the potential of one run, and of one that chose by itself" {
            let all = made 24
            let frames () = all |> Seq.map Ok
            let setup = PotentialTraining.choose learning (frames ()) |> sure
            let one = PotentialTraining.train learning (frames ()) |> sure |> text
            Expect.equal (PotentialTraining.trainBy setup 0 2 (frames ()) |> sure |> text) one "by the setup"

            // Leaves of several frames, which parts cut.
            for leaf, counts in [ setup.LeafFrames, [ 1; 5; 24 ]; 1, [ 7 ]; 4, [ 3; 24 ] ] do
                let setup = { setup with LeafFrames = leaf }
                let whole = PotentialTraining.trainBy setup 0 1 (frames ()) |> sure |> text

                for count in counts do
                    let merged =
                        partsOf setup (1 + count % 2) all count
                        |> Seq.map Ok
                        |> TrainingPart.merge setup
                        |> sure

                    Expect.equal (text merged) whole $"{count} parts, leaves of {leaf}"
        }

        test "parts are read back as they were written, and refused when anything is missing or of another setup" {
            let all = made 9
            let setup = PotentialTraining.choose learning (all |> Seq.map Ok) |> sure
            let setup = { setup with LeafFrames = 2 }
            let parts = partsOf setup 1 all 2
            let merge setup parts = parts |> Seq.map Ok |> TrainingPart.merge setup
            let whole = merge setup parts |> sure |> text

            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "one.factors")
                TrainingPartFile.save Existing.Keep path parts[0] |> sure
                let bytes = File.ReadAllBytes path

                Expect.equal
                    (merge setup [ TrainingPartFile.load path |> sure; parts[1] ] |> sure |> text)
                    whole
                    "read"

                // Cut at the border of every piece, and beside it.
                let sizes =
                    parts[0].Folds
                    |> Seq.concat
                    |> Seq.map (function
                        | FactorPiece.Factor(_, _, values)
                        | FactorPiece.Rows(_, values) -> 8 * values.Length)
                    |> Seq.toList

                let borders = sizes |> List.scan (fun at size -> at - size) bytes.Length |> List.tail

                for at in 0 :: 16 :: 20 :: borders do
                    for at in [ at - 1; at; at + 1 ] do
                        if at >= 0 && at < bytes.Length then
                            File.WriteAllBytes(path, bytes[.. at - 1])
                            Expect.isError (TrainingPartFile.load path) $"cut at {at}"

                File.WriteAllBytes(path, Array.append bytes [| 0uy |])
                Expect.isError (TrainingPartFile.load path) "longer")

            Expect.isError (merge setup [ parts[1] ]) "the second alone"
            Expect.isError (merge setup [ parts[0]; parts[0] ]) "one twice"
            Expect.isError (merge setup []) "none"
            Expect.isError (merge { setup with LeafFrames = 4 } parts) "other leaves"
            Expect.isError (merge { setup with Folds = 2 } parts) "other folds"
            Expect.isError (merge { setup with Species = [ 1; 6 ] } parts) "other columns"
        }

        test
            "what bodies made of sites bring is taken off in parts as in one run, and where nothing is left frames are counted" {
            let sites =
                let place x : BodySite = { Position = Vector3.create x 0.0 0.0; Type = "a" }
                let body = SiteBody.create 6 [ place -0.3; place 0.3 ] |> sure
                let cutoff = SiteCutoff.create 2.5 0.5 |> sure
                let weights = ImmutableArray.CreateRange(Seq.replicate SiteExponentials.count 0.01)

                let f: SiteFunction = {
                    First = "a"
                    Second = "a"
                    Form = SiteForm.Exponentials(1.0, weights)
                    Nearest = 0.1
                    Farthest = 2.5
                }

                SitePotential.Create([ body ], [ f ], cutoff) |> sure

            let all = made 12
            let setup = PotentialTraining.choose learning (all |> Seq.map Ok) |> sure
            let setup = { setup with Sites = Some sites; LeafFrames = 2 }
            let whole = PotentialTraining.trainBy setup 0 1 (all |> Seq.map Ok) |> sure

            let plain =
                PotentialTraining.trainBy { setup with Sites = None } 0 1 (all |> Seq.map Ok)
                |> sure

            let merged = partsOf setup 2 all 5 |> Seq.map Ok |> TrainingPart.merge setup |> sure

            Expect.equal (text merged) (text whole) "parts"

            Expect.notEqual
                (whole.Contact.Value.Weights.ToArray())
                (plain.Contact.Value.Weights.ToArray())
                "sites count"

            // No pair spectra: frames of bodies alone.
            let alone = { setup with Hypers = None }

            let bodies =
                Array.init 4 (fun k -> {
                    all[0] with
                        Frame =
                            Frame.create Cell.none [
                                Ellipsoid.sphere 6 (Vector3.create (float k) 0.0 0.0) 0.5 |> sure
                            ]
                        Forces = ImmutableArray.Empty
                        Torques = ImmutableArray.Empty
                        Virial = ImmutableArray.Empty
                })

            let merged = partsOf alone 1 bodies 3 |> Seq.map Ok |> TrainingPart.merge alone |> sure
            Expect.equal merged.Fit.Frames 4 "frames"
            Expect.isNone merged.Contact "no pair spectra"
            Expect.isError (PotentialTraining.trainBy alone 0 1 (all |> Seq.map Ok)) "other species"
        }

        test "a setup reads back to the same text, and other files are none" {
            let setup = PotentialTraining.choose learning (made 6 |> Seq.map Ok) |> sure

            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "setup.json")
                TrainingSetupFile.save Existing.Keep path setup |> sure
                let back = TrainingSetupFile.load path |> sure
                Expect.equal (TrainingSetupFile.toJson back) (TrainingSetupFile.toJson setup) "text"
                Expect.equal (PotentialFile.hypers path |> sure) setup.Hypers.Value "its hyperparameters alone"
                File.WriteAllText(path, """{"format":"anisoap potential"}""")
                Expect.equal (TrainingSetupFile.tryLoad path |> sure) None "a potential"
                Expect.isError (TrainingSetupFile.load path) "a potential is no setup"

                let text = TrainingSetupFile.toJson setup

                for word, other in
                    [
                        "\"folds\": 3", "\"folds\": 0"
                        "\"robustness\": 0.5", "\"robustness\": 1.5"
                        "\"virials\": 0", "\"virials\": -1"
                        "\"virials\": 0", "\"virials\": 1e999"
                        "\"version\": 1", "\"version\": 2"
                    ] do
                    Expect.stringContains text word "what is changed"
                    File.WriteAllText(path, text.Replace(word, other))
                    Expect.isError (TrainingSetupFile.load path) other)
        }
    ]
