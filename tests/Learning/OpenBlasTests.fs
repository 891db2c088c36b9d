/// Rows decomposed by OpenBLAS, where the system has it.
module AniSoap.Tests.Learning.OpenBlasTests

open System
open Expecto
open AniSoap
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.PairSupport
open AniSoap.Tests.Golden
open AniSoap.Tests.Tensors
open AniSoap.Tests.Learning.PotentialSupport

let private library = lazy (OpenBlas.load None)

let private missing = "OpenBLAS is not installed (Debian: libopenblas0-pthread)"

let private whereInstalled name (run: LinearAlgebra -> unit) =
    testCase name
    <| fun () ->
        match library.Value with
        | Ok found -> run (LinearAlgebra.OpenBlas found)
        | Error _ -> skiptest missing

[<Tests>]
let tests =
    testList "OpenBLAS" [
        whereInstalled "leaves the R of the package's own kernels, within rounding"
        <| fun algebra ->
            for count, columns in [ 3, 1; 40, 7; 700, 23; 1100, 41; 900, 130 ] do
                let next = random (count + columns)
                let own, other = TriangularRows columns, TriangularRows(columns, algebra)

                for _ in 1..count do
                    let row = Array.init columns (fun j -> next () * Math.Pow(10.0, float (j % 5)))
                    own.Add(ReadOnlySpan row, 0, 0.7)
                    other.Add(ReadOnlySpan row, 0, 0.7)

                // By columns, whose lengths differ by powers of ten.
                for j in 0 .. columns - 1 do
                    let column (rows: TriangularRows) = Array.init (j + 1) (fun k -> rows.Triangle[k][j])
                    Close.toLargest 1e-12 (column other) (column own) $"{count} rows of {columns}, column {j}"

                let joined = TriangularRows(columns, algebra)
                joined.Add own
                joined.Add other
                let twice = TriangularRows columns
                twice.Add own
                twice.Add own
                Close.toLargest 1e-12 joined.Packed twice.Packed "two of them, which begin behind zeros"

        whereInstalled "trains the potential that the package's own kernels train"
        <| fun algebra ->
            let frames = made 24

            let train algebra : Potential =
                let options = {
                    options with
                        Hypers = Some small
                        Regularization = Some 1e-10
                        LinearAlgebra = algebra
                        Threads = 2
                }

                PotentialTraining.train options (Seq.map Ok frames) |> sure

            let own, other = train LinearAlgebra.Own, train algebra

            let predictions (potential: Potential) =
                made 28
                |> Array.skip 24
                |> Array.collect (fun targets ->
                    let found = Potential.evaluate potential targets.Frame |> sure

                    [|
                        found.Energy
                        for v in Seq.append found.Forces found.Torques do
                            v.X
                            v.Y
                            v.Z
                    |])

            Close.toLargest 1e-8 (predictions other) (predictions own) "predictions"
            Close.within 1e-6 own.Fit.HeldOut [| other.Fit.HeldOut |] [| own.Fit.HeldOut |] "held out"

        test "that is not there is refused, with what to do" {
            match OpenBlas.load (Some "no-such-library.so") with
            | Ok _ -> failtest "loaded"
            | Error error ->
                let sentence = AniSoapError.describe error
                Expect.stringContains sentence "OpenBLAS (no-such-library.so) is missing" "what"
                Expect.stringContains sentence "libopenblas0-pthread" "what to install"
        }
    ]
