namespace AniSoap.Plotting

open AniSoap

/// The surfaces of many ellipsoids as one mesh of triangles: the arrays that plotly.js takes.
type internal EllipsoidMesh = {
    X: float32[]
    Y: float32[]
    Z: float32[]
    /// Corners of the triangles, counted through all ellipsoids.
    I: int[]
    J: int[]
    K: int[]
    /// For every vertex the number of the particle that it belongs to.
    Particle: int[]
}

module internal EllipsoidMesh =
    /// Finer than this no one sees.
    [<Literal>]
    let private FinestFrequency = 10

    /// How far a particle reaches from its centre.
    let longest (particle: Ellipsoid) =
        let a = particle.SemiAxes
        max a.X (max a.Y a.Z)

    /// How finely each of so many ellipsoids is drawn: 20 f² triangles each, within the budget, at least an icosahedron's twenty.
    let frequency (triangles: int) (particles: int) =
        let affordable = sqrt (float triangles / (20.0 * float (max 1 particles)))
        max 1 (min FinestFrequency (int affordable))

    /// The surfaces x = center + R diag(a) s, with s on the unit sphere.
    let create (sphere: SphereMesh) (particles: struct (int * Ellipsoid * Vector3)[]) : EllipsoidMesh =
        let points, triangles = sphere.Points.ToArray(), sphere.Triangles.ToArray()
        let vertices = particles.Length * points.Length

        let x, y, z =
            Array.zeroCreate<float32> vertices, Array.zeroCreate<float32> vertices, Array.zeroCreate<float32> vertices

        let owner = Array.zeroCreate<int> vertices
        let mutable at = 0

        for struct (number, particle, center) in particles do
            let rotation = Quaternion.toMatrix particle.Orientation
            let a = particle.SemiAxes

            for s in points do
                let vertex = center + rotation * Vector3.create (a.X * s.X) (a.Y * s.Y) (a.Z * s.Z)
                x[at] <- float32 vertex.X
                y[at] <- float32 vertex.Y
                z[at] <- float32 vertex.Z
                owner[at] <- number
                at <- at + 1

        let corner pick =
            Array.init (particles.Length * triangles.Length) (fun t ->
                let particle, triangle = t / triangles.Length, t % triangles.Length
                particle * points.Length + pick triangles[triangle])

        {
            X = x
            Y = y
            Z = z
            I = corner (fun struct (i, _, _) -> i)
            J = corner (fun struct (_, j, _) -> j)
            K = corner (fun struct (_, _, k) -> k)
            Particle = owner
        }
