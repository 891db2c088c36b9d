/// What the tests of coarse-graining share: atoms out of files and out of nothing.
module AniSoap.Tests.CoarseSupport

open System
open System.Collections.Immutable
open System.IO
open Expecto
open AniSoap
open AniSoap.Formats

let sure result =
    match result with
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

let refusal result =
    match result with
    | Ok _ -> failtest "nothing was refused"
    | Error error -> AniSoapError.describe error

/// How atoms are read: what sphere they are does not matter.
let asAtoms = { InputOptions.defaults with PointSemiAxis = Some 0.5 }

/// The frames of a file of atoms.
let atomsOf path = FrameFile.snapshotsWith asAtoms path |> Seq.map sure |> Seq.toList

let benzene state = Path.Combine(Repository.root, "docs", "data", "benzene", state + ".extxyz.gz")

let defaults = CoarseGrainOptions.defaults

let coarse options snapshot = CoarseGrain.frame options CoarseGrain.noKinds snapshot |> sure

let vector (v: Vector3) = [| v.X; v.Y; v.Z |]
let upper (m: Matrix3) = [| m.Row1.X; m.Row2.Y; m.Row3.Z; m.Row1.Y; m.Row1.Z; m.Row2.Z |]

let column name width (values: float seq) =
    ParticleColumn.create name width (ColumnValues.Reals(ImmutableArray.CreateRange values))
    |> sure

let integers name width (values: int64 seq) =
    ParticleColumn.create name width (ColumnValues.Integers(ImmutableArray.CreateRange values))
    |> sure

/// Atoms by their atomic numbers and positions.
let snapshot cell (atoms: (int * Vector3) list) columns =
    let frame =
        Frame.create
            cell
            (atoms
             |> List.map (fun (species, position) -> Ellipsoid.sphere species position 0.5 |> sure))

    let names =
        atoms
        |> List.map fst
        |> List.distinct
        |> List.map (fun z -> z, (ChemicalSymbols.trySymbol z).Value)
        |> Map.ofList

    Snapshot.create frame names None [] columns |> sure

let uniform (random: Random) low high = low + (high - low) * random.NextDouble()

let anyVector (random: Random) size =
    Vector3.create (uniform random -size size) (uniform random -size size) (uniform random -size size)

let rec direction (random: Random) =
    let v = anyVector random 1.0
    let n = Vector3.norm v
    if n > 1.0 || n < 0.1 then direction random else 1.0 / n * v

let rotation (random: Random) =
    let q () = uniform random -1.0 1.0
    Quaternion.create (q ()) (q ()) (q ()) (q ()) |> Quaternion.tryNormalize |> sure

/// A cell that leans any way, whose lattice planes are at least `width` apart.
let rec skewedCell (random: Random) width =
    let edge () = uniform random (1.2 * width) (2.5 * width) * direction random
    let a, b, c = edge (), edge (), edge ()
    let volume = abs (Matrix3.determinant (Matrix3.ofRows a b c))
    let apart u v = volume / Vector3.norm (Vector3.cross u v)

    if apart b c < width || apart a c < width || apart a b < width then
        skewedCell random width
    else
        Cell.create a b c { A = true; B = true; C = true } |> sure

let cellVector (cell: Cell) (a: int, b: int, c: int) =
    let v = cell.Vectors
    float a * v.Row1 + float b * v.Row2 + float c * v.Row3

/// The same point in the cell.
let wrapped (cell: Cell) (position: Vector3) =
    let inverse = Matrix3.transpose (Matrix3.inverse cell.Vectors)
    let turns row = -(int (floor (Vector3.dot row position)))

    position
    + cellVector cell (turns inverse.Row1, turns inverse.Row2, turns inverse.Row3)

/// A zigzag of carbon with an oxygen at one end and a nitrogen at the other: no two ends alike, and longer with each atom.
let chain (random: Random) count =
    let along = direction random
    let across = Vector3.cross along (direction random)
    let across = 1.0 / Vector3.norm across * across

    [
        for i in 0 .. count - 1 do
            let species =
                if i = 0 then 8
                elif i = count - 1 then 7
                else 6

            species, (1.25 * float i) * along + (if i % 2 = 0 then 0.4 else -0.4) * across
    ]
