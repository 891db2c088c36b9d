namespace AniSoap

open System.Collections.Generic
open System.Collections.Immutable

/// The average of molecules that are laid onto each other: what is rigid of a kind of molecule.
type AverageMolecule = {
    /// Positions from the centre, along the principal axes of the average, the longest first.
    Positions: ImmutableArray<Vector3>
    /// How far all atoms of all molecules stay from the average's, each molecule laid onto it by mass, or, about the middle of atoms, with all atoms alike.
    Residual: FitResidual
    /// The mean squares of the masses' distances along the axes, thermal motion among them.
    Moments: Vector3
    /// How many molecules it is the average of.
    Count: int64
}

/// Sums over molecules that are laid onto one and the same: distances are taken from it, so that those of rigid molecules
/// are no differences of large numbers. `weights` are what atoms count when molecules are laid down.
[<Sealed>]
type internal MoleculeSums(weights: float[], masses: float[], onto: Vector3[]) =
    let mass = Array.sum masses
    let shifts = Array.create onto.Length Vector3.zero
    let mutable count = 0L
    let mutable squared = 0.0
    let mutable weighted = 0.0
    let mutable moments: SymmetricMatrix3 = { XX = 0.0; XY = 0.0; XZ = 0.0; YY = 0.0; YZ = 0.0; ZZ = 0.0 }

    let plus (p: SymmetricMatrix3) (q: SymmetricMatrix3) : SymmetricMatrix3 = {
        XX = p.XX + q.XX
        XY = p.XY + q.XY
        XZ = p.XZ + q.XZ
        YY = p.YY + q.YY
        YZ = p.YZ + q.YZ
        ZZ = p.ZZ + q.ZZ
    }

    member _.Onto = onto
    member _.Count = count
    member _.Shifts = shifts
    member _.Squared = squared
    member _.Weighted = weighted
    member _.Moments = moments

    /// Adds a molecule, by the positions of its atoms from the centre.
    member _.Add(molecule: Vector3[]) =
        let rotation = RigidFit.rotation weights molecule onto |> Quaternion.toMatrix
        let mutable xx, xy, xz, yy, yz, zz = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0

        for i in 0 .. onto.Length - 1 do
            let w, r = masses[i], rotation * molecule[i]
            let d = r - onto[i]
            shifts[i] <- shifts[i] + d
            squared <- squared + Vector3.squaredNorm d
            weighted <- weighted + w * Vector3.squaredNorm d
            xx <- xx + w * r.X * r.X
            xy <- xy + w * r.X * r.Y
            xz <- xz + w * r.X * r.Z
            yy <- yy + w * r.Y * r.Y
            yz <- yz + w * r.Y * r.Z
            zz <- zz + w * r.Z * r.Z

        let s = 1.0 / mass
        moments <- plus moments { XX = s * xx; XY = s * xy; XZ = s * xz; YY = s * yy; YZ = s * yz; ZZ = s * zz }
        count <- count + 1L

    /// Adds the sums of others that were laid onto the same.
    member _.AddSums(others: MoleculeSums) =
        for i in 0 .. onto.Length - 1 do
            shifts[i] <- shifts[i] + others.Shifts[i]

        squared <- squared + others.Squared
        weighted <- weighted + others.Weighted
        moments <- plus moments others.Moments
        count <- count + others.Count

    /// The mean of the molecules as they were laid down.
    member _.Mean =
        let s = 1.0 / float count
        Array.map2 (fun p shift -> p + s * shift) onto shifts

    /// The average, along its principal axes.
    member sums.Average: AverageMolecule =
        let n = float count
        let s = 1.0 / n
        let mean = sums.Mean
        let struct (_, axes) = BodyAxes.principal (BodyAxes.gyration masses mean)
        let toBody = Matrix3.transpose axes
        let mutable ofMean = 0.0
        let mutable weightedOfMean = 0.0

        for i in 0 .. onto.Length - 1 do
            let square = Vector3.squaredNorm (s * shifts[i])
            ofMean <- ofMean + square
            weightedOfMean <- weightedOfMean + masses[i] * square

        let root x = if x > 0.0 then sqrt x else 0.0

        {
            Positions = (mean |> Array.map (fun p -> toBody * p)).ToImmutableArray()
            Residual = {
                OverAtoms = root ((s * squared - ofMean) / float onto.Length)
                ByMass = root ((s * weighted - weightedOfMean) / mass)
            }
            Moments = s * BodyAxes.along axes moments
            Count = count
        }

/// Average molecules.
module AverageMolecule =
    /// More rounds are never needed: the average settles within ten.
    [<Literal>]
    let private MostRounds = 200

    let private change (masses: float[]) (a: Vector3[]) (b: Vector3[]) =
        let mutable squared = 0.0

        for i in 0 .. a.Length - 1 do
            squared <- squared + masses[i] * Vector3.squaredNorm (a[i] - b[i])

        sqrt (squared / Array.sum masses)

    /// The sums over molecules laid onto their own average: each onto that of the round before, beginning with the first.
    let internal settled (weights: float[]) (masses: float[]) (molecules: IReadOnlyList<Vector3[]>) : MoleculeSums =
        let laid onto =
            let sums = MoleculeSums(weights, masses, onto)

            for molecule in molecules do
                sums.Add molecule

            sums

        let rec settle round (current: Vector3[]) =
            let sums = laid current
            let next = sums.Mean

            if round >= MostRounds || change masses next current <= 1e-12 then
                laid next
            else
                settle (round + 1) next

        settle 0 molecules[0]

    /// The average of molecules by the positions of their atoms from the centre, in one order of atoms: each is laid onto the
    /// average of the round before, beginning with the first. Refuses molecules of unlike numbers of atoms.
    let ofMolecules (masses: float seq) (molecules: IReadOnlyList<Vector3[]>) : Result<AverageMolecule, AniSoapError> =
        let masses = Seq.toArray masses

        if molecules.Count = 0 then
            Error(AniSoapError.invalid "molecules" 0 "at least one")
        elif molecules |> Seq.exists (fun molecule -> molecule.Length <> masses.Length) then
            Error(
                AniSoapError.invalid
                    "atoms of a molecule"
                    "another number"
                    (string masses.Length + ", as many as masses")
            )
        else
            Ok (settled masses masses molecules).Average

/// The average of the molecules of a kind in frame after frame, in memory that does not grow with their number. The first
/// ones are laid onto their own average until it settles, all later ones onto that: another average turns all molecules
/// alike but for the product of its distance and of a molecule's own, over the molecule's size.
[<Sealed>]
type internal AverageGathering(weights: float[], masses: float[], mostKept: int) =
    /// Molecules that a thread takes at once; the sums do not depend on the number of threads.
    static let chunk = 2048

    let mutable kept = List<Vector3[]>()
    let mutable sums: MoleculeSums voption = ValueNone

    let settle () =
        match sums with
        | ValueSome known -> known
        | ValueNone ->
            let known = AverageMolecule.settled weights masses kept
            kept <- List()
            sums <- ValueSome known
            known

    let addAll threads (molecules: Vector3[][]) (known: MoleculeSums) =
        let parts =
            Array.init ((molecules.Length + chunk - 1) / chunk) (fun _ -> MoleculeSums(weights, masses, known.Onto))

        Workers.all threads parts.Length (fun part ->
            for k in part * chunk .. min molecules.Length ((part + 1) * chunk) - 1 do
                parts[part].Add molecules[k])

        for part in parts do
            known.AddSums part

    /// Adds the molecules of a frame; their arrays may be used again afterwards.
    member _.Add(threads, molecules: Vector3[][]) =
        let mutable first = 0

        if sums.IsNone then
            first <- min molecules.Length (max 1 (mostKept / masses.Length) - kept.Count)
            kept.AddRange(molecules |> Seq.take first |> Seq.map Array.copy)

        if first < molecules.Length then
            addAll threads molecules[first..] (settle ())

    /// The average so far, if there is a molecule.
    member _.TryAverage: AverageMolecule option =
        match sums with
        | ValueSome known -> Some known.Average
        | ValueNone when kept.Count = 0 -> None
        | ValueNone -> Some (AverageMolecule.settled weights masses kept).Average
