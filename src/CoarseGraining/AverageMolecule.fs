namespace AniSoap

open System.Collections.Generic
open System.Collections.Immutable

/// The average of molecules that are laid onto each other: what is rigid of a kind of molecule.
type AverageMolecule = {
    /// Positions from the centre, along the principal axes of the average, the longest first.
    Positions: ImmutableArray<Vector3>
    /// The root mean square distance of all atoms of all molecules from the average's, each molecule laid onto it by mass.
    Residual: float
    /// The mean squares of the masses' distances along the axes, thermal motion among them.
    Moments: Vector3
    /// How many molecules it is the average of.
    Count: int
}

/// Average molecules.
module AverageMolecule =
    /// More rounds are never needed: the average settles within ten.
    [<Literal>]
    let private MostRounds = 200

    let private mean (masses: float[]) (samples: IReadOnlyList<Vector3[]>) (onto: Vector3[]) =
        let sum = Array.create onto.Length Vector3.zero
        let mutable deviation = 0.0

        for sample in samples do
            // The rotation that lays the molecule onto the average.
            let rotation = RigidFit.rotation masses sample onto |> Quaternion.toMatrix
            deviation <- deviation + RigidFit.deviation rotation sample onto

            for i in 0 .. sum.Length - 1 do
                sum[i] <- sum[i] + rotation * sample[i]

        let s = 1.0 / float samples.Count
        struct (sum |> Array.map (fun v -> s * v), deviation)

    let private change (masses: float[]) (a: Vector3[]) (b: Vector3[]) =
        let mutable squared = 0.0

        for i in 0 .. a.Length - 1 do
            squared <- squared + masses[i] * Vector3.squaredNorm (a[i] - b[i])

        sqrt (squared / Array.sum masses)

    /// The average of molecules by the positions of their atoms from the centre, in one order of atoms: each is laid onto the
    /// average of the round before, beginning with the first. Refuses molecules of unlike numbers of atoms.
    let ofMolecules (masses: float seq) (molecules: IReadOnlyList<Vector3[]>) : Result<AverageMolecule, AniSoapError> =
        let masses = Seq.toArray masses

        if molecules.Count = 0 then
            Error(AniSoapError.invalid "molecules" 0 "at least one")
        elif molecules |> Seq.exists (fun molecule -> molecule.Length <> masses.Length) then
            Error(AniSoapError.invalid "atoms of a molecule" "another number" $"{masses.Length}, as many as masses")
        else
            let rec settle round (current: Vector3[]) =
                let struct (next, _) = mean masses molecules current

                if round >= MostRounds || change masses next current <= 1e-12 then
                    next
                else
                    settle (round + 1) next

            let average = settle 0 molecules[0]
            let struct (_, deviation) = mean masses molecules average
            let struct (_, axes) = BodyAxes.principal (BodyAxes.gyration masses average)
            let toBody = Matrix3.transpose axes
            let positions = average |> Array.map (fun p -> toBody * p)

            let moments =
                molecules
                |> Seq.map (fun molecule ->
                    let rotation = RigidFit.rotation masses molecule positions |> Quaternion.toMatrix
                    BodyAxes.gyration masses (molecule |> Array.map (fun p -> rotation * p)))
                |> Seq.fold (fun sum g -> sum + Vector3.create g.XX g.YY g.ZZ) Vector3.zero

            Ok {
                Positions = positions.ToImmutableArray()
                Residual = sqrt (deviation / float (masses.Length * molecules.Count))
                Moments = 1.0 / float molecules.Count * moments
                Count = molecules.Count
            }
