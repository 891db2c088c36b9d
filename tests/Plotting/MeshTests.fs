module AniSoap.Tests.Plotting.MeshTests

open System
open Expecto
open AniSoap
open AniSoap.Plotting
open AniSoap.Tests
open AniSoap.Tests.Generators

[<Tests>]
let tests =
    testList "meshes of ellipsoids" [
        testCase "have 10 f² + 2 corners on the unit sphere and 20 f² triangles"
        <| fun () ->
            for f in 1..7 do
                let sphere = SphereMesh.create f
                Expect.equal (sphere.Points.Length, sphere.Triangles.Length) (10 * f * f + 2, 20 * f * f) $"f = {f}"
                let norms = sphere.Points.ToArray() |> Array.map Vector3.norm
                Close.within 1e-15 1.0 norms (Array.create norms.Length 1.0) "distances from the centre"

        testCase "are closed: every edge belongs to two triangles, which run it in opposite directions"
        <| fun () ->
            for f in 1..4 do
                let triangles = (SphereMesh.create f).Triangles.ToArray()

                let edges =
                    triangles
                    |> Array.collect (fun struct (i, j, k) -> [| i, j; j, k; k, i |])
                    |> Set.ofArray

                Expect.equal edges.Count (3 * triangles.Length) "no directed edge occurs twice"

                for i, j in edges do
                    Expect.isTrue (edges.Contains(j, i)) "the other way too"

        testCase "face outwards"
        <| fun () ->
            let sphere = SphereMesh.create 3
            let points = sphere.Points.ToArray()

            for struct (i, j, k) in sphere.Triangles.ToArray() do
                Close.above (Vector3.dot points[i] (Vector3.cross points[j] points[k])) 0.0 "volume"

        property "have their vertices on the surface of the ellipsoid"
        <| fun (SomeEllipsoid e) (SomeDisplacement center) ->
            let mesh = EllipsoidMesh.create (SphereMesh.create 2) [| struct (5, e, center) |]
            let toBody = Matrix3.transpose (Quaternion.toMatrix e.Orientation)
            let shortest = min e.SemiAxes.X (min e.SemiAxes.Y e.SemiAxes.Z)

            let sizes =
                Array.init mesh.X.Length (fun v ->
                    let b =
                        toBody
                        * (Vector3.create (float mesh.X[v]) (float mesh.Y[v]) (float mesh.Z[v]) - center)

                    let x, y, z = b.X / e.SemiAxes.X, b.Y / e.SemiAxes.Y, b.Z / e.SemiAxes.Z
                    sqrt (x * x + y * y + z * z))

            // Single precision of a coordinate up to 12, seen against the shortest axis.
            Close.within
                1e-6
                (1.0 / min 1.0 shortest)
                sizes
                (Array.create sizes.Length 1.0)
                "distance in the body's units"

            Expect.equal (Array.distinct mesh.Particle) [| 5 |] "the particle's number"

        testCase "are finer for fewer particles, and keep to the number of triangles while each has twenty"
        <| fun () ->
            let budget = FramePicture.defaults.Triangles
            let frequency = EllipsoidMesh.frequency budget
            let counts = [ 1; 10; 100; 1000; 5000; 10_000; 50_000 ]

            for few, many in List.pairwise counts do
                Expect.isTrue (frequency few >= frequency many) $"{few} and {many}"

            for count in counts do
                let triangles = count * 20 * pown (frequency count) 2
                Expect.isTrue (triangles <= budget || frequency count = 1) $"{triangles} triangles for {count}"

            Expect.isTrue (frequency 1 > 5) "one particle is smooth"
            Expect.equal (10_000 * 20 * pown (frequency 10_000) 2) budget "10,000 particles use them up"

        testCase "of several particles lie one after another"
        <| fun () ->
            let sphere = SphereMesh.create 1
            let one at = Ellipsoid.sphere 1 (Vector3.create at 0.0 0.0) 0.5 |> Golden.sure

            let mesh =
                EllipsoidMesh.create sphere [|
                    for k in 0..2 -> struct (k, one (float k), Vector3.create (float k) 0.0 0.0)
                |]

            for t in 0 .. mesh.I.Length - 1 do
                let owners = [ mesh.I[t]; mesh.J[t]; mesh.K[t] ] |> List.map (fun v -> mesh.Particle[v])
                Expect.equal owners (List.replicate 3 (t / 20)) "all corners of a triangle are one particle's"
    ]
