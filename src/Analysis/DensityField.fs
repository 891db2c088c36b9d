namespace AniSoap.Analysis

open System
open AniSoap

/// The density around a centre as a function of the point, and what its expansion coefficients make of it: how much of the density the
/// features see.
module DensityField =
    /// The neighbours of a centre that have a species, as weight, particle and displacement; itself among them where its density is merged with theirs.
    let private neighbors (projection: Projection) (frame: Frame) (center: int) (species: int) =
        let hypers = projection.Hypers

        if center < 0 || center >= frame.Particles.Length then
            Error(
                AniSoapError.invalid
                    "particle"
                    center
                    (String.Format("a number from 0 to {0}", frame.Particles.Length - 1))
            )
        else
            FrameRules.check projection frame
            |> Result.bind (fun () -> NeighborList.create hypers.CutoffRadius frame)
            |> Result.map (fun pairs ->
                [|
                    if hypers.CenterDensity = CenterDensity.Merged then
                        struct (center, Vector3.zero)

                    for pair in pairs do
                        if pair.First = center then
                            struct (pair.Second, pair.Displacement)
                |]
                |> Array.filter (fun struct (neighbor, _) -> frame.Particles[neighbor].Species = species)
                |> Array.map (fun struct (neighbor, displacement) ->
                    let weight = PairGaussian.neighborWeight hypers (Vector3.norm displacement)
                    struct (weight, frame.Particles[neighbor], displacement)))

    /// A normalised Gaussian of the particle's covariance R diag(a²) Rᵀ, semi-axes times a scale, at a point seen from the particle's centre.
    let private gaussian (scale: float) (particle: Ellipsoid) =
        let a = scale * particle.SemiAxes
        let toBody = Matrix3.transpose (Quaternion.toMatrix particle.Orientation)
        let height = 1.0 / (Math.Pow(2.0 * Math.PI, 1.5) * a.X * a.Y * a.Z)

        fun (point: Vector3) ->
            let b = toBody * point
            let x, y, z = b.X / a.X, b.Y / a.Y, b.Z / a.Z
            height * exp (-0.5 * (x * x + y * y + z * z))

    /// The density of a species that a centre's expansion is made of: the sum of its neighbours' Gaussians, each with its weight at the
    /// cutoff, as a function of the point seen from the centre; in the unit length^−3. Refuses a centre that the frame has not got.
    let exact
        (projection: Projection)
        (frame: Frame)
        (center: int)
        (species: int)
        : Result<Vector3 -> float, AniSoapError> =
        neighbors projection frame center species
        |> Result.map (fun neighbors ->
            let terms =
                neighbors
                |> Array.map (fun struct (weight, particle, displacement) ->
                    struct (weight, gaussian projection.Hypers.DensityScale particle, displacement))

            fun point ->
                terms
                |> Array.sumBy (fun struct (weight, density, displacement) -> weight * density (point - displacement)))

    /// The centre's orthonormal coefficients c_nlm of a species, added up over its neighbours pair by pair.
    let coefficients projection (frame: Frame) (center: int) (species: int) : Result<Coefficients, AniSoapError> =
        neighbors projection frame center species
        |> Result.map (fun neighbors ->
            let sums =
                Array.init (projection.Hypers.MaxAngular + 1) (fun l ->
                    Array2D.zeroCreate (2 * l + 1) (projection.RadialCount l))

            // The coefficients of a pair have its weight in them.
            for struct (_, particle, displacement) in neighbors do
                let c = Coefficients.compute projection particle displacement

                for l in 0 .. sums.Length - 1 do
                    for m in -l .. l do
                        for n in 0 .. projection.RadialCount l - 1 do
                            sums[l][m + l, n] <- sums[l][m + l, n] + c[l, m, n]

            Coefficients sums)

    /// The density that coefficients stand for: Σ_nlm c_nlm R_nl(r) Y_lm(r̂), as a function of the point seen from the centre. For the GTO basis it
    /// is the best approximation that the basis has, and tends to the density as the basis grows.
    let reconstruct (projection: Projection) (coefficients: Coefficients) : Vector3 -> float =
        let harmonics =
            Array.init (projection.Hypers.MaxAngular + 1) (fun l ->
                Array.init (2 * l + 1) (fun row -> SolidHarmonics.polynomial l (row - l)))

        let value (point: Vector3) (terms: Monomial[]) =
            let mutable sum = 0.0

            for term in terms do
                sum <-
                    sum
                    + term.Coefficient
                      * pown point.X term.A
                      * pown point.Y term.B
                      * pown point.Z term.C

            sum

        fun point ->
            let r = Vector3.norm point
            // At the centre itself only l = 0 has a value, whatever the direction.
            let direction =
                if r > 0.0 then
                    1.0 / r * point
                else
                    Vector3.create 0.0 0.0 1.0

            let mutable sum = 0.0

            for l in 0 .. harmonics.Length - 1 do
                let radial = RadialFunctions.orthonormal projection l r

                for row in 0 .. 2 * l do
                    let y = value direction (harmonics[l][row])

                    for n in 0 .. radial.Length - 1 do
                        sum <- sum + coefficients[l, row - l, n] * radial[n] * y

            sum
