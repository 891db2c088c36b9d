namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// The names under which a frame has what potentials are trained on; none leaves it out.
type TargetKeys = {
    /// A number of the frame: its energy.
    Energy: string option
    /// Three numbers a particle.
    Forces: string option
    /// Three numbers a particle, lab frame, about each centre.
    Torques: string option
    /// Six numbers xx, yy, zz, xy, xz, yz of the frame, or nine.
    Virial: string option
}

/// What one frame says of its energy: everything may be absent.
[<NoComparison>]
type PotentialTargets = {
    /// The particles and the cell.
    Frame: Frame
    /// The energy of the whole frame.
    Energy: float option
    /// x, y, z of the force on each particle; empty where unknown.
    Forces: ImmutableArray<float>
    /// x, y, z of the torque on each particle, lab frame, about its centre; empty where unknown.
    Torques: ImmutableArray<float>
    /// Some of the nine W_ab = Σ r_a f_b, by 3 a + b, as pairs of that number and the value.
    Virial: ImmutableArray<struct (int * float)>
}

/// What frames say of their energies.
module PotentialTargets =
    /// `energy`, `forces`, `torques`, and `virial` or LAMMPS's `virial6`, each where a frame has it.
    let keys: TargetKeys = {
        Energy = Some Quantities.Energy
        Forces = Some Quantities.Forces
        Torques = Some Quantities.Torques
        Virial = Some "virial"
    }

    let private finite name (values: float seq) =
        match values |> Seq.tryFindIndex (fun value -> not (Double.IsFinite value)) with
        | Some at -> Refuse.number (String.Concat(name, "[", string at, "]")) (Seq.item at values) "a finite number"
        | None -> Ok()

    /// Six numbers as LAMMPS has them: xx, yy, zz, and the upper triangle.
    let private six = [| 0; 4; 8; 1; 2; 5 |]

    let private virialOf name (snapshot: Snapshot) : struct (int * float) list =
        let numbers count key = Quantities.tryNumbers key count snapshot

        match numbers 9 name, Snapshot.tryInfo name snapshot with
        // Rows of a matrix are rows; nine numbers in a line are columns, as extended XYZ has matrices.
        | Some all, Some(InfoValue.Rows _) -> all |> List.mapi (fun i value -> struct (i, value))
        | Some all, _ -> all |> List.mapi (fun i value -> struct (3 * (i % 3) + i / 3, value))
        | None, _ ->
            [ name; (if name = "virial" then "virial6" else name) ]
            |> List.tryPick (numbers 6)
            |> Option.map (List.mapi (fun i value -> struct (six[i], value)))
            |> Option.defaultValue []

    /// The targets of a frame under these names, each where it has it. Refuses numbers that are not finite.
    let ofSnapshot (keys: TargetKeys) (snapshot: Snapshot) : Result<PotentialTargets, AniSoapError> =
        let column (name: string option) =
            name
            |> Option.bind (fun name -> Quantities.tryReals name 3 snapshot)
            |> Option.defaultValue ImmutableArray.Empty

        let energy =
            keys.Energy
            |> Option.bind (fun name -> Quantities.tryNumbers name 1 snapshot)
            |> Option.map List.head

        let forces, torques = column keys.Forces, column keys.Torques

        let virial =
            keys.Virial
            |> Option.map (fun name -> virialOf name snapshot)
            |> Option.defaultValue []

        attempt {
            do! finite "energy" (Option.toList energy)
            do! finite "forces" forces
            do! finite "torques" torques
            do! finite "virial" (virial |> List.map (fun (struct (_, value)) -> value))

            return {
                Frame = snapshot.Frame
                Energy = energy
                Forces = forces
                Torques = torques
                Virial = ImmutableArray.CreateRange virial
            }
        }
