namespace AniSoap.Learning

open System
open AniSoap

/// Particles that are points to LAMMPS: those that a data file of its says are, and those without a moment of inertia (single atoms that were coarse-grained beside molecules). LAMMPS's computes and fixes of rotation
/// stop at the first point, so that points have a group of their own; it is one of types here, which stay what they are when a person goes on with the input.
module internal LammpsPointTypes =
    /// The column of data files that is 0 for points.
    [<Literal>]
    let Flags = "ellipsoidflag"

    let private show (v: Vector3) = String.Join(", ", [ Refuse.text v.X; Refuse.text v.Y; Refuse.text v.Z ])

    let private isBare (bodies: RigidBodies) i =
        bodies.Inertia[3 * i] = 0.0
        && bodies.Inertia[3 * i + 1] = 0.0
        && bodies.Inertia[3 * i + 2] = 0.0

    /// Whether turning a particle changes nothing: a ball, or a body of one site at its centre.
    let private isRound (potential: Potential) (particles: ParticleArray) i =
        let axes = particles[i].SemiAxes

        let isOneSite =
            match potential.Sites with
            | Some sites ->
                sites.Bodies
                |> Seq.exists (fun body -> body.Species = particles.Species[i] && body.Radius = 0.0)
            | None -> false

        isOneSite || axes.X = axes.Y && axes.Y = axes.Z

    /// The types of points. Refuses types of which only some particles are points, and points that are neither balls nor bodies of one site.
    let find (potential: Potential) (snapshot: Snapshot) (bodies: RigidBodies) : Result<Set<int>, AniSoapError> =
        let particles = snapshot.Frame.Particles

        let isPoint =
            match Quantities.tryIntegers Flags 1 snapshot with
            | Some flags -> Array.init bodies.Count (fun i -> flags[i] = 0L || isBare bodies i)
            | None -> Array.init bodies.Count (isBare bodies)

        let types =
            seq { 0 .. bodies.Count - 1 }
            |> Seq.filter (fun i -> isPoint[i])
            |> Seq.map (fun i -> particles.Species[i])
            |> Set.ofSeq

        let refuse parameter value accepted i =
            Refuse.because parameter value accepted
            |> Result.mapError (AniSoapError.at { Place.Unknown with Particle = Some i })

        let tryFind condition = seq { 0 .. bodies.Count - 1 } |> Seq.tryFind condition

        match
            tryFind (fun i -> types.Contains particles.Species[i] && not isPoint[i]),
            tryFind (fun i -> isPoint[i] && not (isRound potential particles i))
        with
        | Some i, _ ->
            refuse
                "inertia"
                "moments of inertia"
                (String.Concat(
                    "for LAMMPS: none, as others of species ",
                    string particles.Species[i],
                    " which are points, or moments for all of a species"
                ))
                i
        | None, Some i -> refuse "semi-axes" (show particles[i].SemiAxes) "for a point: three that are equal" i
        | None, None -> Ok types

    /// The bodies, of which points do not turn.
    let still (types: Set<int>) (particles: ParticleArray) (bodies: RigidBodies) : RigidBodies =
        if types.IsEmpty then
            bodies
        else
            let isPoint k = types.Contains particles.Species[k / 3]

            let without (values: float[]) = values |> Array.mapi (fun k value -> if isPoint k then 0.0 else value)

            RigidBodies(
                bodies.Positions,
                bodies.Orientations,
                bodies.Velocities,
                without bodies.Momenta,
                bodies.Masses,
                without bodies.Inertia
            )
