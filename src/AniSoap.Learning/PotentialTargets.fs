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

    /// The two W_ab, by 3 a + b, whose mean a place is: one twice, or both of the symmetric part.
    let internal entries (place: int) : struct (int * int) =
        match place with
        | 9 -> struct (1, 3)
        | 10 -> struct (2, 6)
        | 11 -> struct (5, 7)
        | one -> struct (one, one)

    /// What a place is of all nine W_ab by rows.
    let internal ofVirial (place: int) (at: int -> float) : float =
        let struct (first, second) = entries place

        if first = second then
            at first
        else
            0.5 * (at first + at second)

    /// The places of six numbers: as LAMMPS has them, and as Voigt has them, of the symmetric part.
    let private six order =
        match order with
        | VirialOrder.Lammps -> [ 0; 4; 8; 1; 2; 5 ]
        | VirialOrder.Voigt -> [ 0; 4; 8; 11; 10; 9 ]

    /// The place of the symmetric part that W_ab is in.
    let private symmetric place =
        match place with
        | 1 -> 9
        | 2 -> 10
        | 5 -> 11
        | one -> one

    let private placed (places: int list) (values: float list) =
        List.map2 (fun place value -> struct (place, value)) places values

    /// Nine numbers by rows. Rows of a matrix are rows; nine numbers in a line are columns, as extended XYZ has matrices.
    let private nine name (snapshot: Snapshot) : float list option =
        match Quantities.tryNumbers name 9 snapshot, Snapshot.tryInfo name snapshot with
        | Some all, Some(InfoValue.Rows _) -> Some all
        | Some all, _ -> Some [ for i in 0..8 -> all[3 * (i % 3) + i / 3] ]
        | None, _ -> None

    let private virialOf order name (snapshot: Snapshot) : struct (int * float) list =
        match nine name snapshot with
        | Some rows -> placed [ 0..8 ] rows
        | None ->
            [ name; (if name = "virial" then "virial6" else name) ]
            |> List.tryPick (fun key -> Quantities.tryNumbers key 6 snapshot |> Option.map (fun values -> key, values))
            |> Option.map (fun (key, values) ->
                // The name that LAMMPS's numbers have here.
                placed (six (if key = "virial6" then VirialOrder.Lammps else order)) values)
            |> Option.defaultValue []

    let private stressOf order name (snapshot: Snapshot) : Result<struct (int * float) list, AniSoapError> =
        let stress =
            match nine name snapshot, Quantities.tryNumbers name 6 snapshot with
            | Some rows, _ -> [
                for place in six VirialOrder.Lammps |> List.map symmetric ->
                    struct (place, ofVirial place (fun i -> rows[i]))
              ]
            | None, Some values -> placed (six order |> List.map symmetric) values
            | None, None -> []

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
