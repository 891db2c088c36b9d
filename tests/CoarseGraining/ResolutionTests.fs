/// Atoms or ellipsoids: what either says of the energy between benzene's molecules, as the page From atoms has it.
module AniSoap.Tests.ResolutionTests

open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests.CoarseSupport

/// One uniaxial ellipsoid of the mean density a molecule, the same in both states.
let private ellipsoids (snapshots: Snapshot list) =
    let options = {
        defaults with
            Shape = BodyShape.Gyration 1.0
            ShapeFrom = ShapeOrigin.Average
            Uniaxial = true
            MinAxis = Some 0.4
    }

    let run = CoarseGrainRun(options, CoarseSnapshot.plain)

    for snapshot in snapshots do
        run.Learn snapshot |> sure

    run.EndLearning()

    snapshots
    |> List.map (fun snapshot ->
        let struct (_, written) = run.Add snapshot |> sure
        written.Frame)

let private features hypers frames =
    let projection = Projection.ofFrames hypers frames |> sure
    let struct (matrix, _) = PowerSpectrum.mean projection frames |> sure |> Matrix.ofTensorMap |> sure
    matrix

let private energy (snapshot: Snapshot) =
    match Snapshot.tryInfo "E_inter" snapshot with
    | Some(InfoValue.Real energy) -> energy / 48.0
    | _ -> failtest "no E_inter"

/// Columns of the size of one, by the rows that are learnt from.
let private scaled train (matrix: Matrix) =
    let scaler = Matrix.takeRows train matrix |> Result.bind (Scaler.fit Scaler.defaults) |> sure
    Scaler.transform scaler matrix |> sure

let private beside (a: Matrix) (b: Matrix) =
    [ for row in 0 .. a.Rows - 1 -> Array.append (a.Row(row).ToArray()) (b.Row(row).ToArray()) ]
    |> Matrix.ofRows
    |> sure

/// The errors of rows, learnt from others, the regularisation chosen by leaving out one of these at a time.
let private errors train (tests: int list list) (targets: Matrix) (features: Matrix) =
    let rows which matrix = Matrix.takeRows which matrix |> sure
    let grid = Ridge.grid 1e-10 1e2 25 |> sure

    let search =
        RidgeSearch.run Folds.LeaveOneOut grid Ridge.defaults (rows train features) (rows train targets)
        |> sure

    let predicted = Ridge.predict search.Model features |> sure

    [
        for test in tests ->
            test
            |> List.averageBy (fun row -> (predicted[row, 0] - targets[row, 0]) ** 2.0)
            |> sqrt
    ]

[<Tests>]
let tests =
    testList "atoms or ellipsoids" [
        test "the table of errors of E_inter is what a regression from each alone and from both gives" {
            let snapshots =
                [ for state in [ "crystal"; "liquid" ] -> atomsOf (benzene state) ]
                |> List.concat

            let train = [ yield! [ 0..39 ]; yield! [ 51..90 ] ]
            let tests = [ [ 40..50 ]; [ 91..101 ] ]
            let targets = snapshots |> List.map energy |> Matrix.ofColumn

            let ofAtoms =
                snapshots
                |> List.map _.Frame
                |> features (Hypers.gto 4 3 1.0 4.5)
                |> scaled train

            let ofEllipsoids = ellipsoids snapshots |> features (Hypers.gto 6 4 1.5 9.0) |> scaled train

            let table = [
                ofAtoms.Columns, errors train tests targets ofAtoms
                ofEllipsoids.Columns, errors train tests targets ofEllipsoids
                ofAtoms.Columns + ofEllipsoids.Columns, errors train tests targets (beside ofAtoms ofEllipsoids)
            ]

            let expected = [ 640, [ 0.032; 0.050 ]; 175, [ 0.072; 0.089 ]; 815, [ 0.027; 0.066 ] ]

            for (columns, found), (expectedColumns, errors) in List.zip table expected do
                Expect.equal columns expectedColumns $"number of features; {table}"

                Close.within
                    1e-3
                    1.0
                    (List.toArray found)
                    (List.toArray errors)
                    $"errors of crystal and liquid; {table}"
        }
    ]
