namespace AniSoap.Analysis

open System.Collections.Immutable
open AniSoap

/// An axis of a particle's body.
[<RequireQualifiedAccess>]
type BodyAxis =
    /// The body's x axis, that of the first semi-axis.
    | X
    /// The body's y axis.
    | Y
    /// The body's z axis.
    | Z

/// How well directions are aligned, from their order tensor Q = ⟨(3 u uᵀ − 1)/2⟩. Directions have no sign: u and −u count the same.
type OrderParameters = {
    /// S, the largest eigenvalue of Q: 1 where all directions are parallel, 0 where they are isotropic. Of N random directions it is about
    /// 1/√N rather than 0, since the largest of three eigenvalues is taken; directions spread evenly over a plane have 1/4.
    Order: float
    /// The unit eigenvector of that eigenvalue: the direction along which most are aligned. Its largest component is positive.
    Director: Vector3
    /// λ₂ − λ₃ of the eigenvalues λ₁ ≥ λ₂ ≥ λ₃: 0 where the directions are spread evenly around the director, at most 3/4 (two perpendicular
    /// directions, half of each).
    Biaxiality: float
    /// All eigenvalues, descending; they add up to zero.
    Eigenvalues: ImmutableArray<float>
    /// Q itself, in the lab frame.
    Tensor: Matrix3
}

/// Order parameters of orientation. Definitions: P. G. de Gennes and J. Prost, *The Physics of Liquid Crystals*, 2nd ed., section 2.1;
/// the largest eigenvalue as the estimate of S and its size in small systems: R. Eppenga and D. Frenkel, Mol. Phys. 52 (1984) 1303.
module OrderParameters =
    /// The direction of an axis of the particle's body, in the lab frame: a column of its rotation matrix.
    let direction (axis: BodyAxis) (particle: Ellipsoid) : Vector3 =
        let columns = Matrix3.transpose (Quaternion.toMatrix particle.Orientation)

        match axis with
        | BodyAxis.X -> columns.Row1
        | BodyAxis.Y -> columns.Row2
        | BodyAxis.Z -> columns.Row3

    /// The body axes that the particle's shape distinguishes: those whose semi-axis differs from both others. None for a sphere, one for a
    /// rod or a disc, three where all semi-axes differ. Along the other axes an orientation means nothing.
    let distinctAxes (particle: Ellipsoid) : BodyAxis list =
        let a = particle.SemiAxes
        let differs x y = abs (x - y) > 1e-9 * max x y

        [
            if differs a.X a.Y && differs a.X a.Z then
                BodyAxis.X
            if differs a.Y a.X && differs a.Y a.Z then
                BodyAxis.Y
            if differs a.Z a.X && differs a.Z a.Y then
                BodyAxis.Z
        ]

    /// The axis that stands for a particle's orientation: the one that its shape singles out (of a rod the long one, of a disc the short one),
    /// where all three differ the longest; none for a sphere.
    let principalAxis (particle: Ellipsoid) : BodyAxis option =
        match distinctAxes particle with
        | [] -> None
        | [ axis ] -> Some axis
        | _ ->
            let a = particle.SemiAxes

            if a.X >= a.Y && a.X >= a.Z then Some BodyAxis.X
            elif a.Y >= a.Z then Some BodyAxis.Y
            else Some BodyAxis.Z

    /// P₂(cos θ) of a direction and a director, both unit vectors: 1 where they are parallel, −1/2 where they are perpendicular.
    let alignment (director: Vector3) (direction: Vector3) : float =
        let cosine = Vector3.dot director direction
        1.5 * cosine * cosine - 0.5

    /// The order of unit vectors.
    let private ofUnit (directions: Vector3 seq) : OrderParameters option =
        let mutable count = 0
        let mutable xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0

        for u in directions do
            count <- count + 1
            xx <- xx + u.X * u.X
            xy <- xy + u.X * u.Y
            xz <- xz + u.X * u.Z
            yy <- yy + u.Y * u.Y
            yz <- yz + u.Y * u.Z
            zz <- zz + u.Z * u.Z

        if count = 0 then
            None
        else
            let scale = 1.5 / float count

            let tensor = {
                XX = scale * xx - 0.5
                XY = scale * xy
                XZ = scale * xz
                YY = scale * yy - 0.5
                YZ = scale * yz
                ZZ = scale * zz - 0.5
            }

            match SymmetricEigen.decompose tensor with
            | [| struct (first, director); struct (second, _); struct (third, _) |] ->
                Some {
                    Order = first
                    Director = director
                    Biaxiality = second - third
                    Eigenvalues = ImmutableArray.Create(first, second, third)
                    Tensor = SymmetricMatrix3.toMatrix tensor
                }
            | _ -> None

    /// How far the squared length of a unit vector may be from one: numbers of six digits in a file are unit vectors.
    [<Literal>]
    let private LengthTolerance = 1e-4

    /// The order of unit vectors; `None` where there are none. Refuses vectors of another length: they would count more or less than others.
    let ofDirections (directions: Vector3 seq) : Result<OrderParameters option, AniSoapError> =
        let directions = Seq.toArray directions

        // NaN is not within the tolerance.
        let isUnit u = abs (Vector3.squaredNorm u - 1.0) <= LengthTolerance

        match directions |> Array.tryFindIndex (isUnit >> not) with
        | Some stray ->
            Error(
                AniSoapError.invalid
                    (System.String.Concat("direction ", string stray))
                    (directions[stray].ToString())
                    "a vector of length 1"
            )
        | None -> Ok(ofUnit directions)

    /// The order of a body axis over all particles of a frame but its spheres; `None` where there are none. Take the particles of one
    /// species (`Frame.create frame.Cell (frame.Particles |> Seq.filter …)`) where the species' long axes are different ones.
    let ofFrame (axis: BodyAxis) (frame: Frame) : OrderParameters option =
        frame.Particles
        |> Seq.filter (fun particle -> not particle.IsSphere)
        |> Seq.map (direction axis)
        |> ofUnit

    /// The order of the particles' principal axes, whichever axis of the body that is for each; `None` where all are spheres.
    let ofPrincipalAxes (frame: Frame) : OrderParameters option =
        frame.Particles
        |> Seq.choose (fun particle -> principalAxis particle |> Option.map (fun axis -> direction axis particle))
        |> ofUnit
