namespace AniSoap

/// Which of the three cell vectors repeat.
[<Struct>]
type Periodicity = {
    /// Along the first vector.
    A: bool
    /// Along the second vector.
    B: bool
    /// Along the third vector.
    C: bool
}

/// The simulation cell: three vectors and the axes along which it repeats. Vectors of axes that do not repeat
/// may be zero; the others span what they must span.
type Cell = private {
    vectors: Matrix3
    periodicity: Periodicity
    basis: Matrix3
} with

    /// The cell vectors a, b, c as rows, as given.
    member cell.Vectors = cell.vectors

    /// Which of the vectors repeat.
    member cell.Periodicity = cell.periodicity

    /// The cell vectors with every zero vector (of an axis that does not repeat) replaced by a unit vector
    /// orthogonal to the others: always three independent rows.
    member cell.Basis = cell.basis

    /// Whether any of the vectors repeats.
    member cell.IsPeriodic = cell.periodicity.A || cell.periodicity.B || cell.periodicity.C

    /// The vectors and the axes that repeat, on one line.
    override cell.ToString() =
        let axes =
            [ "a", cell.periodicity.A; "b", cell.periodicity.B; "c", cell.periodicity.C ]
            |> List.filter snd
            |> List.map fst

        let repeats =
            if axes.IsEmpty then
                "nothing"
            else
                System.String.Join(", ", axes)

        System.String.Concat(cell.vectors.ToString(), ", periodic: ", repeats)

/// Simulation cells.
module Cell =
    /// No cell at all: nothing repeats.
    let none = {
        vectors = Matrix3.ofRows Vector3.zero Vector3.zero Vector3.zero
        periodicity = { A = false; B = false; C = false }
        basis = Matrix3.identity
    }

    /// Smallest |det| of the normalised vectors that still counts as a volume.
    [<Literal>]
    let private SmallestRelativeVolume = 1e-10

    /// Products of lengths below it, or above its inverse, lose digits or overflow in what is computed from them.
    [<Literal>]
    let private SmallestProduct = 1e-303

    let private unit v = 1.0 / Vector3.norm v * v

    /// A unit vector orthogonal to `v`.
    let private orthogonal (v: Vector3) =
        let axis =
            if abs v.X <= abs v.Y && abs v.X <= abs v.Z then
                Vector3.create 1.0 0.0 0.0
            elif abs v.Y <= abs v.Z then
                Vector3.create 0.0 1.0 0.0
            else
                Vector3.create 0.0 0.0 1.0

        unit (Vector3.cross v axis)

    let private complete (vectors: Vector3 list) =
        let given = vectors |> List.filter (fun v -> v <> Vector3.zero)

        let fillers =
            match given with
            | [] -> [ Matrix3.identity.Row1; Matrix3.identity.Row2; Matrix3.identity.Row3 ]
            | [ v ] ->
                let w = orthogonal v
                [ w; unit (Vector3.cross v w) ]
            | [ v; w ] -> [ unit (Vector3.cross v w) ]
            | _ -> []

        let folder (filled, rest) v =
            match rest with
            | next :: others when v = Vector3.zero -> next :: filled, others
            | _ -> v :: filled, rest

        vectors |> List.fold folder ([], fillers) |> fst |> List.rev

    /// Whether volumes and their inverses, products of three lengths, stay within what doubles hold.
    let private isRepresentable (basis: Matrix3) =
        let lengths = [ Vector3.norm basis.Row1; Vector3.norm basis.Row2; Vector3.norm basis.Row3 ]
        let fits x = x > SmallestProduct && x < 1.0 / SmallestProduct

        let products = [
            for a in lengths do
                for b in lengths -> a * b
        ]

        fits (abs (Matrix3.determinant basis)) && List.forall fits products

    /// A cell from its three vectors and the axes along which it repeats. Refuses vectors that are not finite,
    /// a zero vector along an axis that repeats, and vectors that are not independent.
    let create (a: Vector3) (b: Vector3) (c: Vector3) (periodicity: Periodicity) : Result<Cell, AniSoapError> =

        let refuse accepted =
            let text = (Vector3.show a) + ", " + (Vector3.show b) + ", " + (Vector3.show c)
            Error(AniSoapError.invalid "cell" text accepted)

        let named = [ a, periodicity.A; b, periodicity.B; c, periodicity.C ]

        if not (Vector3.isFinite a && Vector3.isFinite b && Vector3.isFinite c) then
            refuse "three vectors of finite numbers"
        elif named |> List.exists (fun (v, repeats) -> repeats && v = Vector3.zero) then
            refuse "a vector that is not zero along every axis that repeats"
        else
            match complete [ a; b; c ] with
            | [ x; y; z ] ->
                let basis = Matrix3.ofRows x y z
                let volume = Matrix3.determinant (Matrix3.ofRows (unit x) (unit y) (unit z))

                if not (abs volume > SmallestRelativeVolume) then
                    refuse "three vectors that span a volume (a zero vector only along an axis that does not repeat)"
                elif not (isRepresentable basis) then
                    refuse "three vectors whose lengths and volume a double holds (lengths from 1e-90 to 1e90, say)"
                else
                    Ok { vectors = Matrix3.ofRows a b c; periodicity = periodicity; basis = basis }
            | _ -> refuse "three vectors that span a volume"

type Cell with

    /// No cell: nothing repeats.
    static member None = Cell.none
