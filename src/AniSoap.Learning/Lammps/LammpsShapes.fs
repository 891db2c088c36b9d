namespace AniSoap.Learning

open System
open AniSoap

/// Diameters for LAMMPS, which makes moments of inertia of them: those of a solid ellipsoid, m (b² + c²) / 5. A body with other moments I gets the semi-axes of the solid
/// ellipsoid that has them, a² = 5 (I_y + I_z − I_x) / 2 m, and the potential, if it looks at shapes, is told the body's own by type.
[<NoComparison; NoEquality>]
type internal LammpsShapes = {
    /// Three numbers a particle.
    SemiAxes: float[]
    /// The potential's semi-axes by type, where LAMMPS's are others.
    OfTypes: Map<int, Vector3>
    /// Types whose particles are points to LAMMPS: they have no diameters and do not turn.
    Points: Set<int>
}

module internal LammpsShapes =
    /// The thinnest that LAMMPS is given, relative to the longest semi-axis: flat bodies and lines of point masses have a thickness of 0, which no ellipsoid of LAMMPS's has.
    [<Literal>]
    let Thinnest = 0.01

    let private show (v: Vector3) = String.Join(", ", [ Refuse.text v.X; Refuse.text v.Y; Refuse.text v.Z ])

    let private vector (all: float[]) i = Vector3.create all[3 * i] all[3 * i + 1] all[3 * i + 2]

    let private largest (v: Vector3) = max v.X (max v.Y v.Z)

    let private isSolid (mass: float) (axes: Vector3) (moments: Vector3) =
        let x, y, z = axes.X * axes.X, axes.Y * axes.Y, axes.Z * axes.Z
        let solid = 0.2 * mass * Vector3.create (y + z) (x + z) (x + y)
        let difference = solid - moments

        largest (Vector3.create (abs difference.X) (abs difference.Y) (abs difference.Z))
        <= 1e-9 * largest moments

    /// The squared semi-axes of the solid ellipsoid with these moments.
    let private squares (mass: float) (i: Vector3) =
        5.0 / (2.0 * mass)
        * Vector3.create (i.Y + i.Z - i.X) (i.X + i.Z - i.Y) (i.X + i.Y - i.Z)

    /// The shapes of bodies, `hasShape` of the species that the potential looks at the shapes of, `points` of those that are points. Tells of bodies that are made thicker, and refuses
    /// moments that no body has, and types of several shapes whose moments are not those of their shapes.
    let ofBodies
        (warn: string -> unit)
        (hasShape: int -> bool)
        (points: Set<int>)
        (particles: ParticleArray)
        (bodies: RigidBodies)
        : Result<LammpsShapes, AniSoapError> =
        let axes = particles.SemiAxes.ToArray()
        let count = bodies.Count
        let isPoint i = points.Contains particles.Species[i]

        let other =
            Array.init count (fun i ->
                not (isPoint i)
                && not (isSolid bodies.Masses[i] (vector axes i) (vector bodies.Inertia i)))

        let at i = AniSoapError.at { Place.Unknown with Particle = Some i }

        let widen i =
            let moments = vector bodies.Inertia i
            let all = squares bodies.Masses[i] moments
            let most = largest all

            if not (most > 0.0) || min all.X (min all.Y all.Z) < -1e-6 * most then
                Refuse.because
                    "inertia"
                    (show moments)
                    "moments of a body, none above the sum of the others and not all zero"
                |> Result.mapError (at i)
            else
                let least = Thinnest * sqrt most
                let side square = max least (sqrt (max square 0.0))
                let made = Vector3.create (side all.X) (side all.Y) (side all.Z)
                Ok struct (made, min all.X (min all.Y all.Z) < least * least)

        // Types whose potential must be told of shapes: all of their particles must have one.
        let told =
            seq { 0 .. count - 1 }
            |> Seq.filter (fun i -> isPoint i || other[i] && hasShape particles.Species[i])
            |> Seq.map (fun i -> particles.Species[i], vector axes i)
            |> Seq.distinctBy fst
            |> Map.ofSeq

        let stray =
            seq { 0 .. count - 1 }
            |> Seq.tryFind (fun i ->
                match Map.tryFind particles.Species[i] told with
                | Some shape -> Vector3.norm (shape - vector axes i) > 1e-9 * Vector3.norm shape
                | None -> false)

        match stray with
        | Some i ->
            Refuse.because
                "inertia"
                (show (vector bodies.Inertia i))
                "for LAMMPS: moments of solid ellipsoids, or one shape for all particles of a type"
            |> Result.mapError (at i)
        | None ->
            let result = Array.copy axes
            let mutable thickened = 0
            let mutable outcome = Ok()

            for i in 0 .. count - 1 do
                if outcome.IsOk && other[i] then
                    match widen i with
                    | Ok struct (made, isThickened) ->
                        result[3 * i] <- made.X
                        result[3 * i + 1] <- made.Y
                        result[3 * i + 2] <- made.Z
                        thickened <- thickened + (if isThickened then 1 else 0)
                    | Error error -> outcome <- Error error

            outcome
            |> Result.map (fun () ->
                if thickened > 0 then
                    warn (
                        String.Concat(
                            string thickened,
                            " bodies are flat or lines: LAMMPS, whose ellipsoids have a volume, gets them with a thickness of 0.01 of their length"
                        )
                    )

                { SemiAxes = result; OfTypes = told; Points = points })
