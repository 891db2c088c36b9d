namespace AniSoap.Learning

open System
open System.Collections.Immutable
open AniSoap

/// What six numbers of a virial or a stress are.
[<RequireQualifiedAccess>]
type VirialOrder =
    /// xx, yy, zz, xy, xz, yz of the upper triangle, W_xy = Σ x f_y, as LAMMPS writes them.
    | Lammps
    /// xx, yy, zz, yz, xz, xy of the symmetric part, as W. Voigt numbered them.
    | Voigt

/// The names under which a frame has what potentials are trained on; none leaves it out.
type TargetKeys = {
    /// A number of the frame: its energy.
    Energy: string option
    /// Three numbers a particle.
    Forces: string option
    /// Three numbers a particle, lab frame, about each centre.
    Torques: string option
    /// Six numbers of the frame, or nine.
    Virial: string option
    /// The same of the stress where there is no virial, W = −V stress with V the cell's volume: the symmetric part alone.
    Stress: string option
    /// What six numbers are.
    VirialOrder: VirialOrder
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
    /// What is known of W_ab = Σ r_a f_b, as pairs of a place and the value: places 3 a + b are W_ab, 9, 10 and 11 the mean of W_ab and W_ba of xy, xz and yz.
    Virial: ImmutableArray<struct (int * float)>
}

/// What frames say of their energies.
module PotentialTargets =
    /// `energy`, `forces`, `torques`, and `virial` or LAMMPS's `virial6`, else `stress`, each where a frame has it; six numbers in LAMMPS's order.
    let keys: TargetKeys = {
        Energy = Some Quantities.Energy
        Forces = Some Quantities.Forces
        Torques = Some Quantities.Torques
        Virial = Some "virial"
        Stress = Some "stress"
        VirialOrder = VirialOrder.Lammps
    }

    let private finite name (values: float seq) =
        match values |> Seq.tryFindIndex (fun value -> not (Double.IsFinite value)) with
        | Some at -> Refuse.number (String.Concat(name, "[", string at, "]")) (Seq.item at values) "a finite number"
        | None -> Ok()

    /// Places of six numbers: as LAMMPS has them, and as Voigt has them, of the symmetric part.
    let private six order =
        match order with
        | VirialOrder.Lammps -> [| 0; 4; 8; 1; 2; 5 |]
        | VirialOrder.Voigt -> [| 0; 4; 8; 11; 10; 9 |]

    /// Places and values of the symmetric part of all nine W_ab by rows; the same without the rounding of a mean where both are equal.
    let private symmetric (rows: float list) : struct (int * float) list =
        let at a b = rows[3 * a + b]
        let mean a b = if at a b = at b a then at a b else 0.5 * (at a b + at b a)

        [
            struct (0, at 0 0)
            struct (4, at 1 1)
            struct (8, at 2 2)
            struct (9, mean 0 1)
            struct (10, mean 0 2)
            struct (11, mean 1 2)
        ]

    /// Nine numbers by rows. Rows of a matrix are rows; nine numbers in a line are columns, as extended XYZ has matrices.
    let private nine name (snapshot: Snapshot) : float list option =
        match Quantities.tryNumbers name 9 snapshot, Snapshot.tryInfo name snapshot with
        | Some all, Some(InfoValue.Rows _) -> Some all
        | Some all, _ -> Some [ for i in 0..8 -> all[3 * (i % 3) + i / 3] ]
        | None, _ -> None

    let private virialOf order name (snapshot: Snapshot) : struct (int * float) list =
        match nine name snapshot with
        | Some rows -> rows |> List.mapi (fun place value -> struct (place, value))
        | None ->
            [ name; (if name = "virial" then "virial6" else name) ]
            |> List.tryPick (fun key -> Quantities.tryNumbers key 6 snapshot |> Option.map (fun values -> key, values))
            |> Option.map (fun (key, values) ->
                // The name that LAMMPS's numbers have here.
                let places = six (if key = "virial6" then VirialOrder.Lammps else order)
                values |> List.mapi (fun i value -> struct (places[i], value)))
            |> Option.defaultValue []

    let private stressOf order name (snapshot: Snapshot) : Result<struct (int * float) list, AniSoapError> =
        let stress =
            match nine name snapshot with
            | Some rows -> symmetric rows
            | None ->
                match Quantities.tryNumbers name 6 snapshot, order with
                | Some values, VirialOrder.Voigt -> values |> List.mapi (fun i value -> struct ((six order)[i], value))
                | Some values, VirialOrder.Lammps ->
                    values |> List.mapi (fun i value -> struct ([| 0; 4; 8; 9; 10; 11 |][i], value))
                | None, _ -> []

        let volume = abs (Matrix3.determinant snapshot.Frame.Cell.Vectors)

        if stress.IsEmpty then
            Ok []
        elif not snapshot.Frame.Cell.IsPeriodic || volume = 0.0 then
            Refuse.because
                name
                "given in a frame without a periodic cell"
                "a stress of a volume; leave it out with the key none"
        else
            Ok(
                stress
                |> List.map (fun struct (place, value) -> struct (place, -volume * value))
            )

    /// What a virial's place is of all nine W_ab by rows.
    let internal ofVirial (place: int) (at: int -> float) : float =
        match place with
        | 9 -> 0.5 * (at 1 + at 3)
        | 10 -> 0.5 * (at 2 + at 6)
        | 11 -> 0.5 * (at 5 + at 7)
        | one -> at one

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

        attempt {
            let! virial =
                match keys.Virial |> Option.map (fun name -> virialOf keys.VirialOrder name snapshot), keys.Stress with
                | (None | Some []), Some name -> stressOf keys.VirialOrder name snapshot
                | found, _ -> Ok(Option.defaultValue [] found)

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
