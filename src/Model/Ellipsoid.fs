namespace AniSoap

open AniSoap.Display

/// A particle: an ellipsoid with a species, a place and an orientation. Its density is the normalised Gaussian of
/// covariance R diag(a²) Rᵀ, with R the rotation matrix of its orientation and a its semi-axes.
[<NoComparison>]
[<StructuredFormatDisplay("{Display}")>]
type Ellipsoid = private {
    species: int
    position: Vector3
    orientation: Quaternion
    semiAxes: Vector3
} with

    /// The species' number: the atomic number of a chemical symbol, or a type as simulation programs number them.
    member particle.Species = particle.species

    /// The centre, in the length unit of the input.
    member particle.Position = particle.position

    /// The unit quaternion (w, x, y, z) that turns body coordinates into lab coordinates.
    member particle.Orientation = particle.orientation

    /// The semi-axes along the body's x, y and z, all positive, in the length unit of the input.
    member particle.SemiAxes = particle.semiAxes

    /// Whether all three semi-axes are the same number, so that the orientation does not matter.
    member particle.IsSphere =
        particle.semiAxes.X = particle.semiAxes.Y
        && particle.semiAxes.Y = particle.semiAxes.Z

    /// Species, position, orientation (w, x, y, z) and semi-axes, with few digits.
    member internal particle.Cells =
        let vector (v: Vector3) = DisplayTable.numbers [ v.X; v.Y; v.Z ]
        let q = particle.orientation

        [
            string particle.species
            vector particle.position
            DisplayTable.numbers [ q.W; q.X; q.Y; q.Z ]
            vector particle.semiAxes
        ]

    member internal particle.Display =
        match particle.Cells with
        | [ species; position; orientation; semiAxes ] ->
            ("species "
             + string species
             + " at "
             + position
             + ", orientation "
             + orientation
             + ", semi-axes "
             + semiAxes)
        | _ -> ""

    /// The particle on one line, with few digits.
    override particle.ToString() = particle.Display

/// Particles.
module Ellipsoid =
    /// The quaternion of an ellipsoid, normalised; or what keeps these numbers from being one.
    let internal check
        (position: Vector3)
        (orientation: Quaternion)
        (semiAxes: Vector3)
        : Result<Quaternion, AniSoapError> =
        if not (Vector3.isFinite position) then
            Error(AniSoapError.invalid "position" (Vector3.show position) "three finite numbers")
        elif
            not (
                Vector3.isFinite semiAxes
                && semiAxes.X > 0.0
                && semiAxes.Y > 0.0
                && semiAxes.Z > 0.0
            )
        then
            Error(AniSoapError.invalid "semi-axes" (Vector3.show semiAxes) "three finite numbers above zero")
        else
            Quaternion.tryNormalize orientation

    /// An ellipsoid of numbers that have been checked.
    let internal trusted species position orientation semiAxes : Ellipsoid = {
        species = species
        position = position
        orientation = orientation
        semiAxes = semiAxes
    }

    /// An ellipsoid. Refuses positions that are not finite, semi-axes that are not positive and finite, and a
    /// quaternion that is zero or not finite; any other quaternion is normalised.
    let create
        species
        (position: Vector3)
        (orientation: Quaternion)
        (semiAxes: Vector3)
        : Result<Ellipsoid, AniSoapError> =
        match check position orientation semiAxes with
        | Ok unit -> Ok(trusted species position unit semiAxes)
        | Error error -> Error error

    /// The ellipsoid with all lengths multiplied by a factor above zero, the semi-axes by another one too.
    let internal withDensity (factor: float) (densityScale: float) (particle: Ellipsoid) : Ellipsoid = {
        particle with
            position = factor * particle.position
            semiAxes = factor * densityScale * particle.semiAxes
    }

    /// The ellipsoid with all lengths multiplied by a factor above zero.
    let internal scaled (factor: float) (particle: Ellipsoid) : Ellipsoid =
        if factor = 1.0 then
            particle
        else
            {
                particle with
                    position = factor * particle.position
                    semiAxes = factor * particle.semiAxes
            }

    /// A sphere: an ellipsoid of three equal semi-axes.
    let sphere species position radius =
        create species position Quaternion.identity (Vector3.create radius radius radius)
