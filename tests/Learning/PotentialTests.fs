/// Potentials: what is fitted, what follows from it, and what files keep of it.
module AniSoap.Tests.Learning.PotentialTests

open System
open System.Collections.Immutable
open System.IO
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.LearningSupport
open AniSoap.Tests.Learning.PotentialSupport

let private trainingTests =
    testList "training a potential" [
        testCase "finds a potential of its own kind again"
        <| fun () ->
            let found = errors trained.Value (made 30 |> Array.skip 24)

            for name, measures in [ "forces", found.Forces; "torques", found.Torques; "virial", found.Virial ] do
                Close.below measures.PercentOfRms 1e-3 name

            Close.below found.Energy.Rmse 1e-4 "energy"
            Close.above found.Forces.R2 0.99999 "R²"
            Expect.equal (found.Forces.Count, found.Energy.Count, found.EnergyPerParticle) (6 * 27, 6, true) "counts"

        testCase "is the same bits on any number of threads"
        <| fun () ->
            let again =
                PotentialTraining.train { options with Threads = 3 } (made 24 |> Seq.map Ok)
                |> sure

            let weights (potential: Potential) = potential.Contact.Value.Weights.ToArray()
            Expect.equal (weights again) (weights trained.Value) "weights"

        testCase "learns Gay–Berne dimers from 200 of them, choosing all by itself"
        <| fun () ->
            let found = errors dimerPotential.Value dimers.Value[200..]
            Close.below found.Energy.Rmse 0.06 "energy, of a standard deviation of 1.2"
            Close.below found.Forces.PercentOfRms 6.0 "forces"
            Close.below found.Torques.PercentOfRms 5.0 "torques"

        testCase "builds a wall: dimers pushed together far beyond what it has seen repel each other"
        <| fun () ->
            let repelled =
                dimers.Value[200..]
                |> Array.map (fun targets ->
                    let first, second = targets.Frame.Particles[0], targets.Frame.Particles[1]
                    let r = second.Position - first.Position
                    let along = 1.0 / Vector3.norm r * r
                    // The gap along one direction is the distance less a number.
                    let distance = Vector3.norm r - (ContactGap.ofPair first second r).Gap - 0.5

                    let pushed =
                        Ellipsoid.create
                            second.Species
                            (first.Position + distance * along)
                            second.Orientation
                            second.SemiAxes
                        |> sure

                    let frame = Frame.create Cell.none [ first; pushed ]

                    Close.within
                        1e-9
                        1.0
                        [| (ContactGap.ofPair first pushed (distance * along)).Gap |]
                        [| -0.5 |]
                        "gap"

                    let result = Potential.evaluate dimerPotential.Value frame |> sure

                    if Vector3.dot result.Forces[1] along > 0.0 then
                        1.0
                    else
                        0.0)

            Close.above (Array.average repelled) 0.99 "part that is repelled"

        testCase "counts a particle less the more acts on it, as robustness says, and every kind as its weight says"
        <| fun () ->
            let frames = made 3
            let survey = TrainingSurvey.ofFrames (frames |> Seq.map Ok) |> sure

            let of' (values: ImmutableArray<float>) i =
                Vector3.norm (Vector3.create values[3 * i] values[3 * i + 1] values[3 * i + 2])

            let norms (pick: PotentialTargets -> ImmutableArray<float>) = [|
                for one in frames do
                    for i in 0..8 -> of' (pick one) i
            |]

            let typical pick = norms pick |> Array.averageBy log |> exp
            let force, torque = typical _.Forces, typical _.Torques
            Close.within 1e-12 force [| survey.TypicalForce |] [| force |] "typical force"
            Close.within 1e-12 torque [| survey.TypicalTorque |] [| torque |] "typical torque"

            for robustness in [ 0.0; 0.5; 1.0 ] do
                let weights =
                    RowWeights.ofFrames robustness [| 2.0; 1.0; 0.5; 3.0 |] survey (frames |> Seq.map Ok)
                    |> sure

                let g (one: PotentialTargets) i =
                    let f, t = of' one.Forces i / force, of' one.Torques i / torque
                    (1.0 + f * f + t * t) ** (-robustness / 2.0)

                for one in frames do
                    for i in 0..8 do
                        Close.within 1e-12 1.0 [| (RowWeights.ofParticles weights one)[i] |] [| g one i |] "particle"

                    Close.within
                        1e-12
                        1.0
                        [| RowWeights.mean (RowWeights.ofParticles weights one) |]
                        [| Seq.averageBy (g one) [ 0..8 ] |]
                        "frame"

                let kind =
                    Seq.sum (
                        seq {
                            for one in frames do
                                for i in 0..8 -> (weights.Kinds[2] * g one i * of' one.Torques i) ** 2.0
                        }
                    )

                Close.within 1e-12 0.25 [| kind |] [| 0.25 |] "torques count the square of their weight"

        testCase "refuses frames without targets, targets that are no numbers or too few, and options that mean nothing"
        <| fun () ->
            let nothing = {
                (made 1)[0] with
                    Energy = None
                    Forces = ImmutableArray.Empty
                    Torques = ImmutableArray.Empty
                    Virial = ImmutableArray.Empty
            }

            let refusal frames options = PotentialTraining.train options frames |> sentence
            Expect.stringContains (refusal [ Ok nothing ] options) "targets" "no targets"
            Expect.stringContains (refusal [] options) "frames" "no frames"
            let few = { (made 1)[0] with Forces = ImmutableArray.Create(1.0, 2.0) }

            Expect.stringContains
                (refusal [ Ok((made 1)[0]); Ok few ] options)
                "frame 1: number of forces = 2"
                "few forces"

            Expect.stringContains (refusal [ Ok few ] { options with Folds = 0 }) "folds" "folds"
            Expect.stringContains (refusal [ Ok few ] { options with Robustness = 1.1 }) "robustness" "robustness"
            Expect.stringContains (refusal [ Ok few ] { options with EnergyWeight = Some nan }) "energy weight" "weight"

            let snapshot =
                Snapshot.create (skew 1 2) Map.empty None [ "energy", InfoValue.Real nan ] []
                |> sure

            Expect.stringContains
                (PotentialTargets.ofSnapshot PotentialTargets.keys snapshot |> sentence)
                "energy"
                "not a number"
    ]

let private evaluationTests =
    testList "a potential" [
        testCase "has forces, torques and virial that are the differences of its energy"
        <| fun () ->
            let potential = trained.Value
            let random = Random 6
            let frame = skew 300 6
            let found = Potential.evaluate potential frame |> sure
            let energy frame = [| (Potential.evaluate potential frame |> sure).Energy |]


            for parameter, vectors in
                [ GradientParameter.Positions, found.Forces; GradientParameter.Orientations, found.Torques ] do
                let direction = FiniteDifferences.direction random parameter frame
                let numeric = FiniteDifferences.differences energy direction 2e-3 frame

                let expected = -Seq.sum(Seq.init 6 (fun i -> Vector3.dot vectors[i] direction.Vectors[i]))

                let scale = vectors |> Seq.sumBy Vector3.norm
                Close.within 1e-6 scale numeric [| expected |] (string parameter)


        testCase "pulls frames of one particle nowhere, and is 0 beyond the cutoff"
        <| fun () ->
            let sphere x = Ellipsoid.sphere 1 (Vector3.create x 0.0 0.0) 0.5 |> sure

            let found =
                Potential.evaluate trained.Value (Frame.create Cell.none [ sphere 0.0; sphere 3.4 ])
                |> sure

            Expect.equal (found.Energy, found.Forces[0]) (0.0, Vector3.zero) "alone"

        testCase "is the same after a file, and a file says what it is"
        <| fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "model.json")
                PotentialFile.save Existing.Keep path trained.Value |> sure
                let again = PotentialFile.load path |> sure
                let found, expected = again.Contact.Value, trained.Value.Contact.Value
                Expect.equal (found.Weights.ToArray()) (expected.Weights.ToArray()) "weights"
                Expect.equal found.Basis.Hypers expected.Basis.Hypers "hyperparameters"
                Expect.equal found.Basis.Species expected.Basis.Species "species"
                Expect.equal again.Fit trained.Value.Fit "fit"
                Expect.equal (PotentialFile.hypers path |> sure) small "hyperparameters alone"
                Expect.stringContains (PotentialFile.save Existing.Keep path trained.Value |> sentence) "exists" "kept"
                let text = File.ReadAllText path
                File.WriteAllText(path, text.Replace("anisoap potential", "another"))
                Expect.stringContains (PotentialFile.load path |> sentence) "anisoap potential" "another format"
                File.WriteAllText(path, text.Replace("\"cutoff_radius\"", "\"radius\""))
                Expect.stringContains (PotentialFile.load path |> sentence) path "a member is missing"
                File.WriteAllText(path, text[.. text.Length / 2])
                Expect.stringContains (PotentialFile.load path |> sentence) "JSON" "cut off")

        testCase "labels snapshots in place of what the file said, and keeps the rest"
        <| fun () ->
            let frame = skew 1 2

            let column name =
                ParticleColumn.create name 3 (ColumnValues.Reals(ImmutableArray.CreateRange [ 1.0 .. 6.0 ]))
                |> sure

            let snapshot =
                Snapshot.create frame Map.empty (Some 5L) [ "energy", InfoValue.Real 7.0; "kind", InfoValue.Text "a" ] [
                    column "force"
                    column "velocities"
                ]
                |> sure

            let result = Potential.evaluate trained.Value frame |> sure
            let found = Potential.label result snapshot |> sure
            Expect.equal (found.Columns |> List.map _.Name) [ "velocities"; "forces"; "torques" ] "columns"
            Expect.equal (found.Info |> List.map fst) [ "kind"; "energy"; "virial" ] "info"
            let targets = PotentialTargets.ofSnapshot PotentialTargets.keys found |> sure
            Expect.equal targets.Energy (Some result.Energy) "energy"
            Expect.equal targets.Forces[3] result.Forces[1].X "forces"
            let places = Map.ofList [ for struct (place, value) in targets.Virial -> place, value ]
            Expect.equal (places[1], places[3]) (result.Virial.Row1.Y, result.Virial.Row2.X) "virial"
    ]

[<Tests>]
let tests = testList "potentials" [ trainingTests; evaluationTests ]
