/// Benzene, crystal and liquid: 48 molecules in 51 frames each.
module AniSoap.Tests.BenzeneTests

open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.CoarseSupport

let private crystal = lazy (atomsOf (benzene "crystal"))
let private liquid = lazy (atomsOf (benzene "liquid"))

let private run options (frames: Snapshot list) =
    let run = CoarseGrainRun(options, CoarseSnapshot.plain)

    for frame in frames do
        run.Frame frame |> sure |> ignore

    run.Report()

let private byBonds factor = { defaults with Molecules = MoleculeSource.Radii; BondFactor = factor }

/// The largest turn of a molecule from frame to frame, in degrees.
let private largestTurn axes frames =
    let mutable largest = 0.0

    CoarseGrain.frames { defaults with Axes = Some axes } frames
    |> Seq.map (fun frame -> (sure frame).Bodies |> Seq.map _.Orientation |> Seq.toArray)
    |> Seq.pairwise
    |> Seq.iter (fun (before, after) ->
        Array.iter2
            (fun (p: Quaternion) (q: Quaternion) ->
                let cosine = abs (p.W * q.W + p.X * q.X + p.Y * q.Y + p.Z * q.Z)
                largest <- max largest (2.0 * acos (min 1.0 cosine) * 180.0 / System.Math.PI))
            before
            after)

    largest

[<Tests>]
let tests =
    testList "benzene" [
        test "ellipsoids that are made block by block are those of all molecules at once, and so is the report" {
            // More molecules than one block has, and several kinds.
            let pairs = [
                for k in 0..8299 do
                    let x, y = 4.0 * float (k % 100), 4.0 * float (k / 100)
                    (if k % 7 = 0 then 8 else 7), Vector3.create x y 0.0
                    7, Vector3.create (x + 1.1) (y + 1e-5 * float k) 0.3
            ]

            let atoms = snapshot Cell.none pairs []
            let options = { defaults with MinAxis = Some 0.2 }

            let whole, blocks =
                CoarseGrainRun(options, CoarseSnapshot.plain), CoarseGrainRun(options, CoarseSnapshot.plain)

            let struct (_, expected) = whole.Add atoms |> sure
            let struct (warnings, found) = blocks.Ellipsoids atoms |> sure
            Expect.isEmpty warnings "nothing to say"
            Expect.isTrue (expected.Frame.Particles.Equals found.Frame.Particles) "the same particles"

            let texts (snapshot: Snapshot) =
                snapshot.Columns
                |> List.map (fun column ->
                    match column.Values with
                    | ColumnValues.Reals all -> column.Name, String.concat " " (Seq.map string all)
                    | ColumnValues.Integers all -> column.Name, String.concat " " (Seq.map string all)
                    | ColumnValues.Texts all -> column.Name, String.concat " " all
                    | ColumnValues.Logicals _ -> column.Name, "")

            Expect.isTrue (texts expected = texts found) "the same columns"
            Expect.equal (CoarseGrainReport.lines (blocks.Report())) (CoarseGrainReport.lines (whole.Report())) "report"
        }

        for name, source in [ "by molecule numbers", MoleculeSource.Automatic; "by bonds", MoleculeSource.Radii ] do
            test $"centres, covariances, semi-axes and axes of the crystal's first frame are the reference's, {name}" {
                use document = JsonDocument.Parse(TestData.text "coarse/benzene_crystal_150K_frame0.json")
                let frame = coarse { defaults with Molecules = source } crystal.Value.Head
                let expected = document.RootElement.EnumerateArray() |> Seq.toArray
                Expect.equal frame.Bodies.Length expected.Length "molecules"

                for body, wanted in Seq.zip frame.Bodies expected do
                    let numbers (element: JsonElement) = [| for x in element.EnumerateArray() -> x.GetDouble() |]
                    let atoms = wanted.GetProperty "atoms" |> numbers |> Array.map int
                    Expect.equal (Seq.toArray body.Atoms) atoms "atoms"
                    Close.within 1e-12 10.0 (vector body.Centre) (numbers (wanted.GetProperty "center")) "centre"

                    Close.within
                        1e-12
                        1.0
                        (vector body.SemiAxes)
                        (numbers (wanted.GetProperty "semiaxes") |> Array.rev)
                        "semi-axes, descending"

                    let covariance =
                        wanted.GetProperty("covariance").EnumerateArray()
                        |> Seq.collect numbers
                        |> Seq.toArray

                    let ours =
                        let d = body.SemiAxes

                        SymmetricMatrix3.ofRotatedDiagonal
                            (Quaternion.toMatrix body.Orientation)
                            (Vector3.create (d.X * d.X) (d.Y * d.Y) (d.Z * d.Z))

                    Close.within
                        1e-12
                        10.0
                        [| ours.XX; ours.XY; ours.XZ; ours.XY; ours.YY; ours.YZ; ours.XZ; ours.YZ; ours.ZZ |]
                        covariance
                        "covariance of the ellipsoid that is written"
            }

        for state, frames in [ "crystal", crystal; "liquid", liquid ] do
            for factor in [ 1.15; 1.2; 1.3; 1.5; 1.7; 1.9 ] do
                test $"every molecule of every frame of the {state} is found at the factor {factor}" {
                    let report = run (byBonds factor) frames.Value
                    Expect.equal report.Usual "48 C6H6" "48 molecules"
                    Expect.isEmpty (report.Broken @ report.Merged @ report.Other) "in every frame"
                    Expect.equal report.Kinds.Head.Count (48L * 51L) "of one kind"
                    Expect.equal report.Leftover 0L "nothing is left"
                }

        test
            "at the factor 1.1 a molecule of the liquid is broken in five frames, at 2.0 two are one in six, and the report names them" {
            let broken = run (byBonds 1.1) liquid.Value
            Expect.equal broken.Broken.Length 5 "broken"
            Expect.isEmpty broken.Merged "none merged"
            let merged = run (byBonds 2.0) liquid.Value
            Expect.equal merged.Merged.Length 6 "merged"
            Expect.isEmpty merged.Broken "none broken"
            let text = CoarseGrainReport.warnings broken |> String.concat "\n"

            Expect.stringContains
                text
                (broken.Broken |> List.map string |> String.concat ", ")
                "frames by their numbers"
        }

        // The figures over atoms are the reference's: the fit is by mass, and its distance counts every atom alike. Those by
        // mass are ours alone, held so that nobody takes one for the other.
        for state, frames, onto, average, byMass in
            [ "liquid", liquid, 0.130, 0.0988, 0.0583; "crystal", crystal, 0.096, 0.0688, 0.0405 ] do
            test
                $"the rigid fit of the {state} leaves {onto} onto the first molecule and {average} onto the average, and by mass {byMass}" {
                let kind = (run defaults frames.Value).Kinds.Head
                Close.within 5e-4 1.0 [| kind.ResidualOntoFirst.OverAtoms |] [| onto |] "onto the first molecule"
                let residual, count = kind.ResidualOntoAverage.Value
                Expect.equal count (48L * 51L) "molecules of the average"
                Close.within 5e-5 1.0 [| residual.OverAtoms |] [| average |] "onto the average"
                Close.within 5e-5 1.0 [| residual.ByMass |] [| byMass |] "onto the average, by mass"
            }

        test
            "the average of all frames does not need the molecules of all frames: those behind the first are laid onto theirs" {
            let molecules = [|
                for frame in liquid.Value do
                    [| for body in (coarse defaults frame).Bodies -> Seq.toArray body.Positions |]
            |]

            let masses = [| for i in 0..11 -> if i < 6 then 12.011 else 1.008 |]
            let all = AverageMolecule.ofMolecules masses (Array.concat molecules) |> sure

            for threads in [ 1; 2 ] do
                let gathered = AverageGathering(masses, masses, 12 * 100)

                for ofFrame in molecules do
                    gathered.Add(threads, ofFrame)

                let found = gathered.TryAverage.Value
                Expect.equal found.Count (48L * 51L) "all molecules"
                Close.within 1e-5 1.0 [| found.Residual.OverAtoms |] [| all.Residual.OverAtoms |] "residual over atoms"
                Close.within 1e-5 1.0 [| found.Residual.ByMass |] [| all.Residual.ByMass |] "residual by mass"
                Close.within 1e-4 1.0 (vector found.Moments) (vector all.Moments) "moments"

                // The first average is of the first 100 molecules alone: what they say of all is far off.
                let few =
                    AverageMolecule.ofMolecules masses (Array.concat molecules |> Array.truncate 100)
                    |> sure

                Close.above (abs (few.Residual.OverAtoms - all.Residual.OverAtoms)) 1e-4 "what the first alone say"
        }

        test "orientations of the crystal go on from frame to frame; principal axes of the plane jump" {
            let fitted = largestTurn OrientationAxes.Reference crystal.Value
            let principal = largestTurn OrientationAxes.Principal crystal.Value
            Close.within 0.05 1.0 [| fitted |] [| 32.4 |] "largest turn with the reference, degrees"
            Close.above principal 85.0 "largest turn without it, degrees"
        }

        test "uniaxial ellipsoids keep their own axis, and the two others go on" {
            let options = { defaults with Uniaxial = true }

            for frame in CoarseGrain.frames options (List.take 5 crystal.Value) do
                for body in (sure frame).Bodies do
                    Expect.equal body.SemiAxes.X body.SemiAxes.Y "two equal axes"
                    let axis = (Quaternion.toMatrix body.Orientation |> Matrix3.transpose).Row3
                    let g = 5.0 * Vector3.dot axis (body.Gyration * axis)

                    Close.within
                        1e-12
                        1.0
                        [| body.SemiAxes.Z * body.SemiAxes.Z |]
                        [| g |]
                        "the single axis is the molecule's"
        }

        test "the contact shape of benzene is 3.4 long and 1.7 thick, its density sqrt 5 smaller than its inertia" {
            let frame = coarse { defaults with Axes = Some OrientationAxes.Reference } crystal.Value.Head
            let struct (density, inertia, contact) = CoarseGrain.shapes frame.Kinds frame.Bodies[0]
            Close.within 1e-12 1.0 (vector inertia) (vector density |> Array.map ((*) (sqrt 5.0))) "inertia"
            Close.within 0.12 1.0 [| contact.Value.Z |] [| 1.7 |] "thickness"
            Close.within 0.3 1.0 [| contact.Value.X; contact.Value.Y |] [| 3.4; 3.4 |] "width"
        }
    ]
