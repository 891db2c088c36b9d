namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// Rigid bodies out of a snapshot: masses, moments of inertia, velocities and angular momenta from its columns, from shapes, or drawn.
module internal SimulationStart =
    /// Moments of inertia about the body's axes, as `coarse-grain` writes them and as GSD files do.
    let inertiaNames = [ "inertia"; "moment_inertia" ]

    let private finite name width (values: ImmutableArray<float>) least accepted : Result<float[], AniSoapError> =
        match
            values
            |> Seq.tryFindIndex (fun value -> not (Double.IsFinite value && value >= least))
        with
        | Some at ->
            Refuse.number name values[at] accepted
            |> Result.mapError (AniSoapError.at { Place.Unknown with Particle = Some(at / width) })
        | None -> Ok(Seq.toArray values)

    /// A column of reals under one of the names; one of another kind is refused.
    let private column (names: string list) width least accepted (snapshot: Snapshot) : Result<float[] option, _> =
        match names |> List.tryFind (fun name -> (Quantities.tryFind name snapshot).IsSome) with
        | None -> Ok None
        | Some name ->
            match Quantities.tryReals name width snapshot with
            | Some values -> finite name width values least accepted |> Result.map Some
            | None -> Refuse.because name "another kind of column" accepted

    /// I_x = m (b² + c²) / 5 and so on: a solid ellipsoid.
    let private solid mass (axes: ReadOnlySpan<float>) (into: float[]) i =
        let x, y, z = axes[3 * i] ** 2.0, axes[3 * i + 1] ** 2.0, axes[3 * i + 2] ** 2.0
        into[3 * i] <- 0.2 * mass * (y + z)
        into[3 * i + 1] <- 0.2 * mass * (x + z)
        into[3 * i + 2] <- 0.2 * mass * (x + y)

    /// Masses, 1 unless given, and moments of inertia. Those of the file go with the masses of the file: where others are given, bodies are solid ellipsoids.
    let private inertia
        (options: SimulationOptions)
        (particles: ParticleArray)
        (fileMasses: float[] option)
        (fileInertia: float[] option)
        =
        let masses = Array.create particles.Length 1.0
        let moments = Array.zeroCreate<float>(3 * particles.Length)

        for i in 0 .. particles.Length - 1 do
            let given = options.Masses |> Map.tryFind particles.Species[i] |> Option.orElse options.Mass

            match given, fileMasses with
            | Some mass, _ -> masses[i] <- mass
            | None, Some all -> masses[i] <- all[i]
            | None, None -> ()

            match given, fileInertia with
            | None, Some all -> Array.blit all (3 * i) moments (3 * i) 3
            | _ -> solid masses[i] particles.SemiAxes moments i

        struct (masses, moments)

    /// l = R I Rᵀ ω.
    let private momentaOf (rates: float[]) (bodies: RigidBodies) =
        Array.blit rates 0 bodies.Momenta 0 rates.Length

        for i in 0 .. bodies.Count - 1 do
            let own, at = RigidMotion.bodyMomentum bodies i, 3 * i

            RigidMotion.setBodyMomentum
                bodies
                i
                (Vector3.create
                    (bodies.Inertia[at] * own.X)
                    (bodies.Inertia[at + 1] * own.Y)
                    (bodies.Inertia[at + 2] * own.Z))

        bodies

    let private missing name : Result<unit, AniSoapError> =
        Error(Missing(name, "the frame has none: give a temperature (k_B T) to draw them at", Place.Unknown))

    /// What the file has is kept at constant energy without a temperature and with a thermostat; the rest is drawn.
    let private start (options: SimulationOptions) normal hasVelocities hasMomenta bodies =
        match options.Temperature, options.Ensemble with
        | Some kT, Ensemble.Nve -> RigidMotion.draw bodies normal kT true true
        | Some kT, _ -> RigidMotion.draw bodies normal kT (not hasVelocities) (not hasMomenta)
        | None, _ -> ()

        RigidMotion.clearIdle bodies
        bodies

    /// The bodies of a snapshot as a run begins.
    let create (options: SimulationOptions) (normal: NormalNumbers) (snapshot: Snapshot) =
        attempt {
            let particles = snapshot.Frame.Particles
            let vectors names = column names 3 Double.NegativeInfinity "three finite numbers a particle" snapshot

            do! Refuse.unless (particles.Length > 0) (fun () -> Refuse.count "number of particles" 0 "at least one")

            let! fileMasses = column [ Quantities.Masses ] 1 Double.Epsilon "finite numbers above zero" snapshot
            let! fileInertia = column inertiaNames 3 0.0 "three numbers a particle, finite and from 0" snapshot
            let! velocities = vectors [ Quantities.Velocities ]
            let! momenta = vectors [ Quantities.AngularMomenta ]
            let! rates = vectors [ Quantities.AngularVelocities ]
            let hasMomenta = momenta.IsSome || rates.IsSome

            do!
                match options.Temperature with
                | None when velocities.IsNone -> missing "velocities"
                | None when not hasMomenta -> missing "angular momenta"
                | _ -> Ok()

            let struct (masses, moments) = inertia options particles fileMasses fileInertia
            let room () = Array.zeroCreate<float>(3 * particles.Length)

            let bodies =
                RigidBodies(
                    particles.Positions.ToArray(),
                    particles.Orientations.ToArray(),
                    velocities |> Option.defaultWith room,
                    momenta |> Option.defaultWith room,
                    masses,
                    moments
                )

            let bodies =
                match momenta, rates with
                | None, Some rates -> momentaOf rates bodies
                | _ -> bodies

            return start options normal velocities.IsSome hasMomenta bodies
        }
