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

let private random seed =
    let random = Random seed
    fun () -> 2.0 * random.NextDouble() - 1.0

let private squares (rows: float[][]) =
    let columns = rows[0].Length

    Array.init (columns * columns) (fun i -> rows |> Array.sumBy (fun row -> row[i / columns] * row[i % columns]))

let private triangular (rows: float[][]) =
    let sums = TriangularRows rows[0].Length

    for row in rows do
        sums.Add(ReadOnlySpan row, 0, 1.0)

    sums

let private rowTests =
    testList "rows that are not kept" [
        for count, columns in [ 3, 1; 40, 7; 700, 23; 1100, 41 ] do
            testCase $"leave R with the products of {count} rows of {columns}, in two parts too"
            <| fun () ->
                let next = random (count + columns)

                let rows =
                    Array.init count (fun _ -> Array.init columns (fun j -> (next ()) * Math.Pow(10.0, float (j % 5))))

                let sums = triangular rows
                Close.toLargest 1e-13 (squares sums.Triangle) (squares rows) "products"

                for k in 0 .. columns - 1 do
                    Expect.all sums.Triangle[k].[.. k - 1] ((=) 0.0) "below the diagonal"

                let first, second = triangular rows[.. count / 2], triangular rows[count / 2 + 1 ..]
                first.Add second
                Close.toLargest 1e-13 (squares first.Triangle) (squares rows) "products of two parts"

        testCase "give the solution of ridge regression, and what it leaves"
        <| fun () ->
            let next = random 3
            let rows = Array.init 300 (fun _ -> Array.init 9 (fun _ -> next ()))
            let sums = triangular rows
            let x = rows |> Array.map (fun row -> row[..7]) |> Matrix.ofRows |> sure
            let y = rows |> Array.map (fun row -> row[8]) |> Matrix.ofColumn
            let norms = Array.init 8 (fun j -> sqrt (rows |> Array.sumBy (fun row -> row[j] * row[j])))
            let scaled = Matrix.init 300 8 (fun i j -> x[i, j] / norms[j])

            for lambda in [ 0.0; 1e-6; 1e-2 ] do
                let options = { Ridge.defaults with Intercept = false; Regularization = 8.0 * lambda }
                let model = Ridge.fit options scaled y |> sure
                let expected = Array.init 8 (fun j -> model.Coefficients[0, j] / norms[j])
                let found = LeastSquares.ridge lambda sums
                Close.toLargest 1e-11 found expected $"coefficients at {lambda}"

                let left =
                    rows
                    |> Array.sumBy (fun row -> (row[8] - Seq.sum (Seq.init 8 (fun j -> found[j] * row[j]))) ** 2.0)

                Close.within 1e-12 left [| LeastSquares.squaredResidual found sums |] [| left |] "residual"
    ]

let private small = {
    hypers with
        ContactShapes = [ ContactShape.Scaled 1.0 ]
        DeepestGap = -3.0
        MaxAngular = 2
        MaxRadial = 1
}

let private basis = PairBasis.create small [ 1; 6; 8 ] |> sure

/// Targets of frames by a potential whose weights are made up.
let private made count : PotentialTargets[] =
    let next = random 17

    let scales =
        let rows = rowsOf basis (skew 100 9)
        rows.Values.ToArray() |> Array.map (fun size -> 1.0 / (1e-3 + abs size))

    let weights = Array.init basis.Length (fun k -> next () * scales[k])
    let engine = PairEnergy.Create(basis, ReadOnlyMemory weights, 1) |> sure

    Array.init count (fun seed ->
        let frame = skew (200 + seed) 9

        let forces, torques, virial =
            Array.zeroCreate<float> 27, Array.zeroCreate<float> 27, Array.zeroCreate<float> 9

        let energy = engine.Evaluate(frame, Memory forces, Memory torques, Memory virial) |> sure

        {
            Frame = frame
            Energy = Some energy
            Forces = ImmutableArray.Create<float> forces
            Torques = ImmutableArray.Create<float> torques
            Virial = ImmutableArray.CreateRange(virial |> Seq.mapi (fun i value -> struct (i, value)))
        })

let private options = {
    PotentialTraining.defaults with
        Hypers = Some small
        Regularization = Some 1e-16
        Threads = 1
}

let private trained = lazy (PotentialTraining.train options (made 24 |> Seq.map Ok) |> sure)

let private errors potential frames =
    let struct (all, _) = PotentialErrors.measure 1 None potential (frames |> Seq.map Ok) |> sure
    all

let private dimers =
    lazy
        (TestData.withFile "potentials/dimers.extxyz" (fun path ->
            FrameFile.snapshots path
            |> Seq.map (Result.bind (PotentialTargets.ofSnapshot PotentialTargets.keys) >> sure)
            |> Seq.toArray))

let private dimerPotential =
    lazy
        (PotentialTraining.train PotentialTraining.defaults (dimers.Value[..199] |> Seq.map Ok)
         |> sure)

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

            Expect.equal (again.Weights.ToArray()) (trained.Value.Weights.ToArray()) "weights"

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
                        Close.within 1e-12 1.0 [| RowWeights.ofParticle weights one i |] [| g one i |] "particle"

                    Close.within
                        1e-12
                        1.0
                        [| RowWeights.ofFrame weights one |]
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

let private virialTests =
    testList "virials of files" [
        let cell =
            Cell.create (Vector3.create 2.0 0.0 0.0) (Vector3.create 0.0 3.0 0.0) (Vector3.create 0.0 0.0 5.0) {
                A = true
                B = true
                C = true
            }
            |> sure

        let targetsOf keys (frame: Frame) (info: (string * InfoValue) list) =
            Snapshot.create frame Map.empty None info []
            |> sure
            |> PotentialTargets.ofSnapshot keys

        let placesOf keys info =
            let targets = targetsOf keys { skew 1 2 with Cell = cell } info |> sure
            [ for struct (place, value) in targets.Virial -> place, value ]

        let virialOf name value = placesOf PotentialTargets.keys [ name, value ]
        let voigt = { PotentialTargets.keys with VirialOrder = VirialOrder.Voigt }

        let reals (values: float list) = InfoValue.Reals(ImmutableArray.CreateRange values)

        testCase "of six numbers are LAMMPS's: xx, yy, zz, xy, xz, yz"
        <| fun () ->
            let six = reals [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]
            let expected = [ 0, 1.0; 4, 2.0; 8, 3.0; 1, 4.0; 2, 5.0; 5, 6.0 ]
            Expect.equal (virialOf "virial" six) expected "virial"
            Expect.equal (virialOf "virial6" six) expected "virial6"

        testCase "of nine numbers in a line are columns, of lists are rows"
        <| fun () ->
            let line = virialOf "virial" (reals [ 1.0 .. 9.0 ]) |> Map.ofList
            Expect.equal (line[1], line[3]) (4.0, 2.0) "xy and yx of a line"

            let rows =
                InfoValue.Rows(
                    ImmutableArray.Create(reals [ 1.0; 2.0; 3.0 ], reals [ 4.0; 5.0; 6.0 ], reals [ 7.0; 8.0; 9.0 ])
                )

            let nested = virialOf "virial" rows |> Map.ofList
            Expect.equal (nested[1], nested[3]) (2.0, 4.0) "xy and yx of lists"

        testCase "of six numbers in Voigt's order are the symmetric part, but virial6 stays LAMMPS's"
        <| fun () ->
            let six = reals [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]

            Expect.equal
                (placesOf voigt [ "virial", six ])
                [ 0, 1.0; 4, 2.0; 8, 3.0; 11, 4.0; 10, 5.0; 9, 6.0 ]
                "yz, xz, xy last, symmetric"

            Expect.equal (placesOf voigt [ "virial6", six ]) (virialOf "virial6" six) "virial6"

        testCase "are minus the volume times a stress where there is no virial, and that of its symmetric part"
        <| fun () ->
            let six = reals [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0 ]
            let expected = [ 0, -30.0; 4, -60.0; 8, -90.0 ]

            Expect.equal
                (virialOf "stress" six)
                (expected @ [ 9, -120.0; 10, -150.0; 11, -180.0 ])
                "six in LAMMPS's order"

            Expect.equal
                (placesOf voigt [ "stress", six ])
                (expected @ [ 11, -120.0; 10, -150.0; 9, -180.0 ])
                "six in Voigt's order"

            let nine = reals [ 1.0; 4.0; 5.0; 4.5; 2.0; 6.0; 5.0; 6.0; 3.0 ]

            Expect.equal
                (virialOf "stress" nine)
                (expected @ [ 9, -127.5; 10, -150.0; 11, -180.0 ])
                "nine, whose triangles differ by rounding or more"

            let both = [ "stress", six; "virial", reals [ 1.0 .. 6.0 ] ]
            Expect.equal (placesOf PotentialTargets.keys both) (virialOf "virial" six) "the virial goes first"

            let isolated = targetsOf PotentialTargets.keys { skew 1 2 with Cell = Cell.none } [ "stress", six ]
            Expect.stringContains (sentence isolated) "stress = given in a frame without a periodic cell" "no volume"

        testCase "of the symmetric part are trained on and compared as means of both triangles"
        <| fun () ->
            let symmetric (targets: PotentialTargets) =
                let w = Map.ofSeq (targets.Virial |> Seq.map (fun (struct (place, value)) -> place, value))
                let mean a b = 0.5 * (w[a] + w[b])

                {
                    targets with
                        Energy = None
                        Forces = ImmutableArray.Empty
                        Torques = ImmutableArray.Empty
                        Virial =
                            ImmutableArray.Create(
                                struct (0, w[0]),
                                struct (4, w[4]),
                                struct (8, w[8]),
                                struct (9, mean 1 3),
                                struct (10, mean 2 6),
                                struct (11, mean 5 7)
                            )
                }

            let frames = made 30 |> Array.map symmetric
            let found = errors trained.Value frames
            Close.below found.Virial.PercentOfRms 1e-3 "compared"
            Expect.equal found.Virial.Count (6 * 30) "numbers"

            // More columns than rows: what is trained on is met, if its rows are those of what is compared.
            let potential =
                PotentialTraining.train { options with VirialWeight = 1.0 } (frames |> Seq.map Ok)
                |> sure

            Close.above (float potential.Basis.Length) (float (6 * 30)) "columns"
            Close.below (errors potential frames).Virial.PercentOfRms 1e-3 "trained on"
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
                Expect.equal (again.Weights.ToArray()) (trained.Value.Weights.ToArray()) "weights"
                Expect.equal again.Basis.Hypers trained.Value.Basis.Hypers "hyperparameters"
                Expect.equal again.Basis.Species trained.Value.Basis.Species "species"
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
let tests = testList "potentials" [ rowTests; trainingTests; virialTests; evaluationTests ]
