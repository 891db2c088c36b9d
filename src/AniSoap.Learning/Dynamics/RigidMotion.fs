namespace AniSoap.Learning

open System
open AniSoap

/// Rigid bodies in motion, particle after particle in flat arrays: places and velocities of their centres, unit quaternions (body to lab), angular momenta in
/// the lab frame, masses, moments of inertia about the body's axes. A moment of 0 is of an axis about which nothing turns.
[<Sealed>]
type internal RigidBodies
    (positions: float[], orientations: float[], velocities: float[], momenta: float[], masses: float[], inertia: float[])
    =
    member _.Count = masses.Length
    member _.Positions = positions
    member _.Orientations = orientations
    member _.Velocities = velocities
    member _.Momenta = momenta
    member _.Masses = masses
    member _.Inertia = inertia

/// How rigid bodies move in a short time: by forces (kick), freely (drift), by a bath (thermostat).
///
/// Symbols: x position, v velocity, m mass, q quaternion, R rotation matrix of q, l angular momentum in the lab, L = Rᵀ l in the body, I_k moments of inertia,
/// h the time.
///
/// A free body's rotation is split into turns about its own axes, each exact: about axis k by the angle h L_k / I_k, in the order x y z y x with times ½ ½ 1 ½ ½
/// (A. Dullweber, B. Leimkuhler, R. McLachlan, J. Chem. Phys. 107 (1997) 5840). It keeps l, is symplectic and reversible, and its energy is off by O(h²) without a drift.
/// The thermostat is the exact solution of dv = −v dt/τ + √(2 kT / (m τ)) dW, and so for L: with half drifts around it and half kicks around these it is BAOAB
/// (B. Leimkuhler, C. Matthews, Appl. Math. Res. Express 2013, 34).
module internal RigidMotion =
    let private vector (all: float[]) i = Vector3.create all[3 * i] all[3 * i + 1] all[3 * i + 2]

    let private put (all: float[]) i (v: Vector3) =
        all[3 * i] <- v.X
        all[3 * i + 1] <- v.Y
        all[3 * i + 2] <- v.Z

    let private quaternion (all: float[]) i = Quaternion.create all[4 * i] all[4 * i + 1] all[4 * i + 2] all[4 * i + 3]

    let private putQuaternion (all: float[]) i (q: Quaternion) =
        all[4 * i] <- q.W
        all[4 * i + 1] <- q.X
        all[4 * i + 2] <- q.Y
        all[4 * i + 3] <- q.Z

    /// Rᵀ v.
    let inline private toBody (r: Matrix3) (v: Vector3) = v.X * r.Row1 + v.Y * r.Row2 + v.Z * r.Row3

    let inline private rate (momentum: float) (moment: float) = if moment > 0.0 then momentum / moment else 0.0

    /// The angular momentum of a body about its own axes.
    let bodyMomentum (bodies: RigidBodies) i : Vector3 =
        toBody (Quaternion.toMatrix (quaternion bodies.Orientations i)) (vector bodies.Momenta i)

    /// Sets it.
    let setBodyMomentum (bodies: RigidBodies) i (momentum: Vector3) =
        put bodies.Momenta i (Quaternion.toMatrix (quaternion bodies.Orientations i) * momentum)

    /// Leaves out what no axis of inertia has.
    let private withoutIdle (bodies: RigidBodies) i =
        let moments = vector bodies.Inertia i

        if moments.X = 0.0 || moments.Y = 0.0 || moments.Z = 0.0 then
            let own = bodyMomentum bodies i
            let keep moment value = if moment > 0.0 then value else 0.0

            setBodyMomentum
                bodies
                i
                (Vector3.create (keep moments.X own.X) (keep moments.Y own.Y) (keep moments.Z own.Z))

    /// The same for all.
    let clearIdle (bodies: RigidBodies) =
        for i in 0 .. bodies.Count - 1 do
            withoutIdle bodies i

    /// v += h f / m, l += h τ.
    let kick (bodies: RigidBodies) (forces: float[]) (torques: float[]) h =
        let velocities, momenta = bodies.Velocities, bodies.Momenta

        for i in 0 .. bodies.Count - 1 do
            let a = h / bodies.Masses[i]

            for k in 3 * i .. 3 * i + 2 do
                velocities[k] <- velocities[k] + a * forces[k]
                momenta[k] <- momenta[k] + h * torques[k]

            withoutIdle bodies i

    /// A free body's rotation in the time h: its quaternion and its angular momentum about its own axes afterwards.
    let turn (q: Quaternion) (momentum: Vector3) (moments: Vector3) (h: float) : struct (Quaternion * Vector3) =
        let mutable q = q
        let mutable l = momentum

        for stage in 0..4 do
            // x y z y x; the middle one for the whole time.
            let axis = if stage < 3 then stage else 4 - stage
            let time = if stage = 2 then h else 0.5 * h

            let spin =
                match axis with
                | 0 -> rate l.X moments.X
                | 1 -> rate l.Y moments.Y
                | _ -> rate l.Z moments.Z

            let struct (s, c) = Math.SinCos(0.5 * time * spin)
            let sine, cosine = 2.0 * s * c, 1.0 - 2.0 * s * s

            match axis with
            | 0 ->
                q <- q * Quaternion.create c s 0.0 0.0
                l <- Vector3.create l.X (cosine * l.Y + sine * l.Z) (cosine * l.Z - sine * l.Y)
            | 1 ->
                q <- q * Quaternion.create c 0.0 s 0.0
                l <- Vector3.create (cosine * l.X - sine * l.Z) l.Y (cosine * l.Z + sine * l.X)
            | _ ->
                q <- q * Quaternion.create c 0.0 0.0 s
                l <- Vector3.create (cosine * l.X + sine * l.Y) (cosine * l.Y - sine * l.X) l.Z

        let norm = sqrt (q.W * q.W + q.X * q.X + q.Y * q.Y + q.Z * q.Z)
        struct (Quaternion.create (q.W / norm) (q.X / norm) (q.Y / norm) (q.Z / norm), l)

    /// x += h v, and free rotation, which keeps l.
    let drift (bodies: RigidBodies) h =
        for i in 0 .. bodies.Count - 1 do
            for k in 3 * i .. 3 * i + 2 do
                bodies.Positions[k] <- bodies.Positions[k] + h * bodies.Velocities[k]

            let struct (q, _) =
                turn (quaternion bodies.Orientations i) (bodyMomentum bodies i) (vector bodies.Inertia i) h

            putQuaternion bodies.Orientations i q

    /// Brings velocities and angular momenta towards the temperature kT for the time h, with the friction times of both.
    let thermostat (bodies: RigidBodies) (normal: NormalNumbers) kT translation rotation h =
        let keepVelocity, keepMomentum = exp (-h / translation), exp (-h / rotation)
        let noise keep = sqrt ((1.0 - keep * keep) * kT)
        let velocityNoise, momentumNoise = noise keepVelocity, noise keepMomentum

        for i in 0 .. bodies.Count - 1 do
            let scale = velocityNoise / sqrt bodies.Masses[i]

            for k in 3 * i .. 3 * i + 2 do
                bodies.Velocities[k] <- keepVelocity * bodies.Velocities[k] + scale * normal.Next()

            let own, moments = bodyMomentum bodies i, vector bodies.Inertia i
            let x = keepMomentum * own.X + momentumNoise * sqrt moments.X * normal.Next()
            let y = keepMomentum * own.Y + momentumNoise * sqrt moments.Y * normal.Next()
            let z = keepMomentum * own.Z + momentumNoise * sqrt moments.Z * normal.Next()
            setBodyMomentum bodies i (Vector3.create x y z)

    /// Draws velocities or angular momenta, or both, at the temperature kT. Of more than one particle the total momentum is zero.
    let draw (bodies: RigidBodies) (normal: NormalNumbers) kT velocitiesToo momentaToo =
        let count = bodies.Count

        if velocitiesToo then
            for i in 0 .. count - 1 do
                let scale = sqrt (kT / bodies.Masses[i])
                put bodies.Velocities i (scale * Vector3.create (normal.Next()) (normal.Next()) (normal.Next()))

            if count > 1 then
                let mutable momentum = Vector3.zero

                for i in 0 .. count - 1 do
                    momentum <- momentum + bodies.Masses[i] * vector bodies.Velocities i

                let drift = 1.0 / Array.sum bodies.Masses * momentum

                for i in 0 .. count - 1 do
                    put bodies.Velocities i (vector bodies.Velocities i - drift)

        if momentaToo then
            for i in 0 .. count - 1 do
                let moments = vector bodies.Inertia i
                let x = sqrt (kT * moments.X) * normal.Next()
                let y = sqrt (kT * moments.Y) * normal.Next()
                let z = sqrt (kT * moments.Z) * normal.Next()
                setBodyMomentum bodies i (Vector3.create x y z)

    /// ½ Σ m v².
    let kineticEnergy (bodies: RigidBodies) =
        let mutable sum = 0.0

        for i in 0 .. bodies.Count - 1 do
            sum <- sum + 0.5 * bodies.Masses[i] * Vector3.squaredNorm (vector bodies.Velocities i)

        sum

    /// ½ Σ L_k² / I_k.
    let rotationalEnergy (bodies: RigidBodies) =
        let mutable sum = 0.0

        for i in 0 .. bodies.Count - 1 do
            let l, moments = bodyMomentum bodies i, vector bodies.Inertia i

            sum <-
                sum
                + 0.5
                  * (l.X * rate l.X moments.X + l.Y * rate l.Y moments.Y + l.Z * rate l.Z moments.Z)

        sum
