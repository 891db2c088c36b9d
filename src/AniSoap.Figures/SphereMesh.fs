namespace AniSoap.Plotting

open System.Collections.Generic
open AniSoap

/// A sphere of radius 1 made of triangles.
type SphereMesh = private {
    points: Vector3[]
    triangles: struct (int * int * int)[]
} with

    /// The corners, all at distance 1 from the origin: 10 f² + 2.
    member mesh.Points = System.ReadOnlySpan mesh.points

    /// Each triangle's corners, counter-clockwise seen from outside: 20 f².
    member mesh.Triangles = System.ReadOnlySpan mesh.triangles

module SphereMesh =
    /// The twelve corners of an icosahedron: (0, ±1, ±φ) and its cyclic permutations.
    let private corners =
        let phi = 0.5 * (1.0 + sqrt 5.0)

        [|
            for permute in
                [
                    fun a b c -> Vector3.create a b c
                    fun a b c -> Vector3.create b c a
                    fun a b c -> Vector3.create c a b
                ] do
                for one in [ -1.0; 1.0 ] do
                    for long in [ -phi; phi ] -> permute 0.0 one long
        |]

    /// The twenty faces: every three corners that are neighbours of each other (distance 2), turned so that they go counter-clockwise.
    let private faces = [|
        let near i j = abs (Vector3.squaredNorm (corners[i] - corners[j]) - 4.0) < 1e-9

        for i in 0..9 do
            for j in i + 1 .. 10 do
                for k in j + 1 .. 11 do
                    if near i j && near j k && near i k then
                        let volume = Vector3.dot corners[i] (Vector3.cross corners[j] corners[k])
                        if volume > 0.0 then struct (i, j, k) else struct (i, k, j)
    |]

    /// The icosahedron with every edge cut into `frequency` parts and all points moved out onto the sphere; a frequency below 1 counts as 1.
    let create (frequency: int) : SphereMesh =
        let f = max 1 frequency
        let points = ResizeArray<Vector3>()
        // A point is the sum of the corners of its face, each some times; on an edge two faces share it, so the corners name it.
        let known = Dictionary<(int * int) list, int>()

        let point (weights: (int * int) list) =
            let key = weights |> List.filter (fun (_, times) -> times > 0) |> List.sort

            match known.TryGetValue key with
            | true, index -> index
            | _ ->
                let sum =
                    key
                    |> List.fold (fun sum (corner, times) -> sum + float times * corners[corner]) Vector3.zero

                known[key] <- points.Count
                points.Add(1.0 / Vector3.norm sum * sum)
                points.Count - 1

        let triangles = [|
            for struct (a, b, c) in faces do
                let at i j = point [ a, f - i - j; b, i; c, j ]

                for i in 0 .. f - 1 do
                    for j in 0 .. f - 1 - i do
                        struct (at i j, at (i + 1) j, at i (j + 1))

                        if i + j < f - 1 then
                            struct (at (i + 1) j, at (i + 1) (j + 1), at i (j + 1))
        |]

        { points = points.ToArray(); triangles = triangles }
