namespace AniSoap

open System

/// The box of a LAMMPS file.
[<NoComparison>]
type internal LammpsBox = {
    /// The box vectors as rows.
    Vectors: Matrix3
    /// Where they start.
    Origin: Vector3
    Periodicity: Periodicity
    /// The boundaries as written (`pp`, `fs`, …), one word an axis.
    Boundary: string list
    /// What turns LAMMPS's own restricted box into this one, where the file has a general triclinic box.
    Turn: Quaternion voption
}

/// LAMMPS computes in restricted triclinic boxes alone: a along x, b in the xy plane, c with z > 0. A general box is
/// turned on the way in and back on the way out.
module internal LammpsBox =
    /// The name under which boundaries that are not all periodic travel.
    [<Literal>]
    let BoundaryName = "boundary"

    /// The rotation that makes a right-handed box restricted, as rows of unit vectors: x along a, y in the plane of a
    /// and b.
    let private rotationToRestricted (m: Matrix3) =
        let unit v = 1.0 / Vector3.norm v * v
        let x = unit m.Row1
        let z = unit (Vector3.cross m.Row1 m.Row2)
        Matrix3.ofRows x (Vector3.cross z x) z

    /// Smaller components, relative to the longest vector, are what rounding left of a zero.
    [<Literal>]
    let private Rounding = 1e-14

    /// The box without what rounding left of zeros.
    let withoutRounding (m: Matrix3) =
        let longest = max (Vector3.norm m.Row1) (max (Vector3.norm m.Row2) (Vector3.norm m.Row3))
        let clean x = if abs x <= Rounding * longest then 0.0 else x
        let row (v: Vector3) = Vector3.create (clean v.X) (clean v.Y) (clean v.Z)
        Matrix3.ofRows (row m.Row1) (row m.Row2) (row m.Row3)

    /// A box of independent right-handed vectors as LAMMPS has it, and the rotation that leads there.
    let restrict (m: Matrix3) : Matrix3 * Matrix3 =
        let rotation = rotationToRestricted m
        let a, b, c = rotation * m.Row1, rotation * m.Row2, rotation * m.Row3

        // What is zero by construction is not left to rounding.
        withoutRounding (Matrix3.ofRows (Vector3.create a.X 0.0 0.0) (Vector3.create b.X b.Y 0.0) c), rotation

    let private isFinite (m: Matrix3) = Vector3.isFinite m.Row1 && Vector3.isFinite m.Row2 && Vector3.isFinite m.Row3

    /// The box as a general one: its vectors as they stand in the file. Refuses what no rotation makes restricted.
    let general (vectors: Matrix3) origin boundary periodicity =
        if not (isFinite vectors) || not (Matrix3.determinant vectors > 0.0) then
            let v = vectors

            Error(
                AniSoapError.invalid
                    "box"
                    ((Vector3.show v.Row1)
                     + ", "
                     + (Vector3.show v.Row2)
                     + ", "
                     + (Vector3.show v.Row3))
                    "three vectors a, b, c that span a volume and are right-handed"
            )
        else
            rotationToRestricted vectors
            |> Matrix3.transpose
            |> Quaternion.tryOfMatrix
            |> Result.map (fun turn -> {
                Vectors = vectors
                Origin = origin
                Periodicity = periodicity
                Boundary = boundary
                Turn = ValueSome turn
            })

    /// A restricted box from its lower and upper corner and its tilts.
    let restricted (low: Vector3) (high: Vector3) (xy, xz, yz) boundary periodicity = {
        Vectors =
            Matrix3.ofRows
                (Vector3.create (high.X - low.X) 0.0 0.0)
                (Vector3.create xy (high.Y - low.Y) 0.0)
                (Vector3.create xz yz (high.Z - low.Z))
        Origin = low
        Periodicity = periodicity
        Boundary = boundary
        Turn = ValueNone
    }

    /// The bounding box of a tilted box, which is what dumps print, around its corners (LAMMPS manual, "Howto triclinic").
    let private overhang (xy: float, xz: float, yz: float) =
        let minX, maxX = min (min 0.0 xy) (min xz (xy + xz)), max (max 0.0 xy) (max xz (xy + xz))
        Vector3.create minX (min 0.0 yz) 0.0, Vector3.create maxX (max 0.0 yz) 0.0

    let ofBounds (low: Vector3) (high: Vector3) tilts boundary periodicity =
        let below, above = overhang tilts
        restricted (low - below) (high - above) tilts boundary periodicity

    /// The other way round: the bounds and tilts of a restricted box.
    let toBounds (box: LammpsBox) =
        let m = box.Vectors
        let tilts = m.Row2.X, m.Row3.X, m.Row3.Y
        let below, above = overhang tilts
        let high = box.Origin + Vector3.create m.Row1.X m.Row2.Y m.Row3.Z
        box.Origin + below, high + above, tilts

    let cell options (box: LammpsBox) =
        let v = box.Vectors
        Cell.create v.Row1 v.Row2 v.Row3 (InputOptions.periodicity options box.Periodicity)

    /// The place of fractional coordinates of the box.
    let position (box: LammpsBox) (s: Vector3) =
        box.Origin
        + s.X * box.Vectors.Row1
        + s.Y * box.Vectors.Row2
        + s.Z * box.Vectors.Row3

    let private isBoundary (word: string) = word.Length = 2 && word |> Seq.forall (fun c -> "pfsm".Contains c)

    /// What `pp ff ss` says; nothing at all (as in old files) is periodic.
    let tryBoundary (words: string list) =
        match words with
        | [] -> Some([ "pp"; "pp"; "pp" ], { A = true; B = true; C = true })
        | [ a; b; c ] when List.forall isBoundary words -> Some(words, { A = a = "pp"; B = b = "pp"; C = c = "pp" })
        | _ -> None

    /// What a snapshot says of the box beyond its cell; of boundaries nothing where the options have others.
    let info (options: InputOptions) (box: LammpsBox) = [
        if box.Origin <> Vector3.zero then
            Quantities.Origin,
            InfoValue.Reals(
                Collections.Immutable.ImmutableArray.Create<float>([| box.Origin.X; box.Origin.Y; box.Origin.Z |])
            )
        if
            not (box.Periodicity.A && box.Periodicity.B && box.Periodicity.C)
            && InputOptions.periodicity options box.Periodicity = box.Periodicity
        then
            BoundaryName, InfoValue.Text(String.concat " " box.Boundary)
    ]
