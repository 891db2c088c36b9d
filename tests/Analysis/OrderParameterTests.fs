module AniSoap.Tests.OrderParameterTests

open System
open System.IO
open Expecto
open MathNet.Numerics.LinearAlgebra
open AniSoap
open AniSoap.Analysis
open AniSoap.Tests.Generators
open AniSoap.Tests.Golden

let private axes = [ BodyAxis.X; BodyAxis.Y; BodyAxis.Z ]

let private order directions =
    match OrderParameters.ofDirections directions |> sure with
    | Some order -> order
    | None -> failtest "there are directions"

/// P2 and the director of every frame of a packed trajectory, as the comments of its file state them (computed with NumPy).
let private stated (path: string) =
    use file = File.OpenRead path
    use unpacked = new Compression.GZipStream(file, Compression.CompressionMode.Decompress)
    use reader = new StreamReader(unpacked)

    let field (name: string) (line: string) =
        let start = line.IndexOf(" " + name + "=", StringComparison.Ordinal) + name.Length + 2
        let quoted = line[start] = '"'
        let first = if quoted then start + 1 else start
        line.Substring(first, line.IndexOf((if quoted then '"' else ' '), first) - first)

    [
        while not reader.EndOfStream do
            let line = nonNull (reader.ReadLine())

            if line.Contains "Lattice=" then
                let numbers = (field "director" line).Split(' ', StringSplitOptions.RemoveEmptyEntries)
                float (field "P2" line), numbers |> Array.map float
    ]

[<Tests>]
let tests =
    testList "order parameters" [
        testCase "of parallel directions are 1, whatever their signs"
        <| fun () ->
            let n = Vector3.create 0.6 0.0 -0.8
            let found = order [ n; -n; n; n ]
            Close.within 1e-15 1.0 [| found.Order; found.Biaxiality |] [| 1.0; 0.0 |] "S and biaxiality"
            Close.within 1e-15 1.0 [| abs (Vector3.dot found.Director n) |] [| 1.0 |] "director"
            Close.above found.Director.Z 0.0 "the largest component of the director is positive"

        testCase "of three perpendicular directions are zero, of two 1/4 with the largest biaxiality"
        <| fun () ->
            let x, y, z = Matrix3.identity.Row1, Matrix3.identity.Row2, Matrix3.identity.Row3
            Close.within 1e-15 1.0 (Seq.toArray (order [ x; y; z ]).Eigenvalues) [| 0.0; 0.0; 0.0 |] "isotropic"
            let planar = order [ x; y ]
            Close.within 1e-15 1.0 [| planar.Order; planar.Biaxiality |] [| 0.25; 0.75 |] "planar"

        testCase "of vectors that are no unit vectors are refused by their number"
        <| fun () ->
            let x = Matrix3.identity.Row1

            for stray in [ 2.0 * x; Vector3.zero; Vector3.create nan 0.0 0.0; Vector3.create infinity 0.0 0.0 ] do
                let error = Tensors.sentence (OrderParameters.ofDirections [ x; x; stray; x ])
                Expect.stringContains error "direction 2 = " "which"
                Expect.stringContains error "length 1" "what is accepted"

            // As files have them.
            Expect.isOk (OrderParameters.ofDirections [ Vector3.create 0.57735 0.57735 0.57735 ]) "rounded"

        testCase "of nothing are nothing, and so are those of spheres"
        <| fun () ->
            Expect.isNone (OrderParameters.ofDirections [] |> sure) "no directions"
            let sphere = Ellipsoid.sphere 1 Vector3.zero 1.0 |> sure
            Expect.isNone (OrderParameters.ofFrame BodyAxis.X (Frame.create Cell.none [ sphere ])) "spheres"

        testCase "of many random directions are about 1/√N"
        <| fun () ->
            let random = Random 7
            let count = 2000

            let direction () =
                let z = 2.0 * random.NextDouble() - 1.0
                let phi = 2.0 * Math.PI * random.NextDouble()
                let rho = sqrt (1.0 - z * z)
                Vector3.create (rho * cos phi) (rho * sin phi) z

            let baseline = sqrt (float count) * (order (List.init count (fun _ -> direction ()))).Order
            Expect.isTrue (baseline > 0.2 && baseline < 3.0) $"S √N is {baseline}"

        property "have the eigenvalues and director that MathNet finds of Q"
        <| fun (SomeFrame frame) ->
            for axis in axes do
                match OrderParameters.ofFrame axis frame with
                | None -> Expect.isTrue (frame.Particles |> Seq.forall _.IsSphere) "spheres alone"
                | Some found ->
                    let q = Matrix<float>.Build.Dense(3, 3)
                    let rods = frame.Particles |> Seq.filter (fun p -> not p.IsSphere) |> Seq.toArray

                    for particle in rods do
                        let r = Quaternion.toMatrix particle.Orientation

                        let u =
                            match axis with
                            | BodyAxis.X -> [| r.Row1.X; r.Row2.X; r.Row3.X |]
                            | BodyAxis.Y -> [| r.Row1.Y; r.Row2.Y; r.Row3.Y |]
                            | BodyAxis.Z -> [| r.Row1.Z; r.Row2.Z; r.Row3.Z |]

                        for i in 0..2 do
                            for j in 0..2 do
                                let delta = if i = j then 0.5 else 0.0
                                q[i, j] <- q[i, j] + (1.5 * u[i] * u[j] - delta) / float rods.Length

                    let expected =
                        (q.Evd Symmetricity.Symmetric).EigenValues
                        |> Seq.map _.Real
                        |> Seq.sortDescending
                        |> Seq.toArray

                    Close.within 1e-14 1.0 (Seq.toArray found.Eigenvalues) expected "eigenvalues"
                    let n = found.Director
                    let turned = q * Vector<float>.Build.Dense [| n.X; n.Y; n.Z |]
                    let scaled = found.Order * n
                    Close.within 1e-14 1.0 (turned.ToArray()) [| scaled.X; scaled.Y; scaled.Z |] "Q n = S n"
                    Close.within 1e-14 1.0 [| Vector3.norm n |] [| 1.0 |] "the director is a unit vector"

        property "turn with the frame: S stays, the director turns"
        <| fun (SomeFrame frame) (SomeRotation q) ->
            for axis in axes do
                match OrderParameters.ofFrame axis frame, OrderParameters.ofFrame axis (Transform.rotate q frame) with
                | Some before, Some after ->
                    Close.within
                        1e-13
                        1.0
                        (Seq.toArray after.Eigenvalues)
                        (Seq.toArray before.Eigenvalues)
                        "eigenvalues"

                    // Where two eigenvalues are equal the director is any of a plane; then Q alone must turn.
                    let expected = Quaternion.toMatrix q * before.Director
                    let scaled = after.Tensor * expected
                    let s = before.Order * expected
                    Close.within 1e-13 1.0 [| scaled.X; scaled.Y; scaled.Z |] [| s.X; s.Y; s.Z |] "director"
                | None, None -> ()
                | _ -> failtest "turning changes nothing about what there is"

        testCase "of single particles follow P₂: 1 along the director, −1/2 across"
        <| fun () ->
            let x, y = Matrix3.identity.Row1, Matrix3.identity.Row2
            Expect.equal (OrderParameters.alignment x x, OrderParameters.alignment x y) (1.0, -0.5) ""

        testCase "are those of the axes that a shape distinguishes"
        <| fun () ->
            let axesOf a b c =
                Ellipsoid.create 1 Vector3.zero Quaternion.identity (Vector3.create a b c)
                |> sure
                |> OrderParameters.distinctAxes

            Expect.equal (axesOf 1.5 0.5 0.5) [ BodyAxis.X ] "rod"
            Expect.equal (axesOf 2.0 2.0 0.5) [ BodyAxis.Z ] "disc"
            Expect.equal (axesOf 1.0 2.0 3.0) axes "three axes"
            Expect.equal (axesOf 1.0 1.0 1.0) [] "sphere"

        testCase "agree with those stated in the Gay–Berne frames"
        <| fun () ->
            for phase in [ "isotropic"; "nematic"; "smectic" ] do
                let path = Repository.gayBerne phase

                let found =
                    FrameFile.read path
                    |> Seq.map (sure >> OrderParameters.ofFrame BodyAxis.X >> Option.get)
                    |> Seq.toList

                let expected = stated path
                Expect.equal found.Length 6 $"{phase}: frames"

                for order, (p2, director) in List.zip found expected do
                    // The comments carry six digits.
                    Close.within 1e-6 1.0 [| order.Order |] [| p2 |] $"{phase}: P2"
                    let cosine = Vector3.dot order.Director (Vector3.create director[0] director[1] director[2])
                    Close.within 1e-6 1.0 [| abs cosine |] [| 1.0 |] $"{phase}: director"
    ]
