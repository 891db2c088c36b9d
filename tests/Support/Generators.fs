/// Random inputs for properties, shrinking towards the simplest that still fails, and `property`, which makes a
/// test of one:
///
///     property "turning the frame leaves the power spectrum" (fun (SomeFrame frame) (SomeRotation q) -> ...)
namespace AniSoap.Tests.Generators

open System
open AniSoap
open FsCheck
open FsCheck.FSharp

/// A unit quaternion: uniform over the rotations, with some special ones among them.
type SomeRotation = SomeRotation of Quaternion

/// Needles, discs, spheres and anything between, of every orientation, at the origin.
type SomeEllipsoid = SomeEllipsoid of Ellipsoid

/// A vector up to 8 long; sometimes zero, along an axis, or tiny.
type SomeDisplacement = SomeDisplacement of Vector3

/// A cell of any shape and periodicity, possibly none.
type SomeCell = SomeCell of Cell

/// 1 to 30 particles of up to four species in some cell, some of them outside it, sometimes two at one place.
type SomeFrame = SomeFrame of Frame

/// 1 to 6 particles of up to three species in some cell: for properties that are expensive.
type SmallFrame = SmallFrame of Frame

/// 1 to 30 particles, no cell.
type SomeCluster = SomeCluster of Frame

module private Draw =
    let succeed result =
        match result with
        | Ok value -> value
        | Error error -> failwith (AniSoapError.describe error)

    let uniform (low: float) (high: float) =
        Gen.choose64 (0L, 1L <<< 53)
        |> Gen.map (fun k -> low + (high - low) * Math.ScaleB(float k, -53))

    let logUniform low high = uniform (log low) (log high) |> Gen.map exp

    let vector (component': Gen<float>) = Gen.three component' |> Gen.map (fun (x, y, z) -> Vector3.create x y z)

    /// Uniform over the rotations: K. Shoemake, Graphics Gems III (1992), p. 124.
    let anyRotation =
        Gen.three (uniform 0.0 1.0)
        |> Gen.map (fun (u, v, w) ->
            let a, b = sqrt (1.0 - u), sqrt u
            let v, w = 2.0 * Math.PI * v, 2.0 * Math.PI * w

            Quaternion.create (a * sin v) (a * cos v) (b * sin w) (b * cos w)
            |> Quaternion.tryNormalize
            |> succeed)

    let quarterTurns =
        let h = sqrt 0.5

        [
            Quaternion.identity
            Quaternion.create h 0.0 0.0 h
            Quaternion.create h h 0.0 0.0
            Quaternion.create 0.0 0.0 1.0 0.0
            Quaternion.create 0.5 0.5 0.5 0.5
        ]
        |> List.map (Quaternion.tryNormalize >> succeed)

    let rotation = Gen.frequency [ 9, anyRotation; 1, Gen.elements quarterTurns ]

    let semiAxes =
        let shuffled (a: Gen<float>) b c =
            gen {
                let! a = a
                let! b = b
                let! c = c
                let! axes = Gen.shuffle [ a; b; c ]
                return Vector3.create axes[0] axes[1] axes[2]
            }

        let long, short = uniform 1.5 4.0, logUniform 0.1 0.4

        let twins range =
            gen {
                let! a = range
                let! b = uniform 0.3 2.0
                return! shuffled (Gen.constant a) (Gen.constant a) (Gen.constant b)
            }

        Gen.frequency [
            3, vector (logUniform 0.2 2.5)
            2, shuffled long short short
            2, shuffled long long short
            2, uniform 0.2 2.0 |> Gen.map (fun a -> Vector3.create a a a)
            1, twins (uniform 0.3 2.0)
        ]

    let ellipsoid species position =
        gen {
            let! axes = semiAxes
            let! q = rotation
            return Ellipsoid.create species position q axes |> succeed
        }

    let direction = anyRotation |> Gen.map (fun q -> (Quaternion.toMatrix q).Row1)

    let displacement =
        let along length = Gen.map2 (*) length direction

        Gen.frequency [
            8, along (uniform 0.0 8.0)
            1, Gen.constant Vector3.zero
            1, along (logUniform 1e-12 1e-2)
            1,
            Gen.map2
                (fun s (axis: Vector3) -> s * axis)
                (uniform -8.0 8.0)
                (Gen.elements [ Vector3.create 1.0 0.0 0.0; Vector3.create 0.0 1.0 0.0; Vector3.create 0.0 0.0 1.0 ])
        ]

    /// A triclinic cell with edges from the range, turned anyhow, left-handed now and then; vectors along axes that do
    /// not repeat may be zero.
    let cell low high =
        gen {
            let! a, b, c = Gen.three (uniform low high)
            let! xy, xz, yz = Gen.three (uniform -0.45 0.45)
            let! turn = Gen.map Quaternion.toMatrix rotation
            let! pa, pb, pc = Gen.three (Gen.frequency [ 3, Gen.constant true; 1, Gen.constant false ])
            let! drop = Gen.elements [ true; false ]
            let! handed = Gen.frequency [ 4, Gen.constant 1.0; 1, Gen.constant -1.0 ]
            let row repeats v = if repeats || not drop then turn * v else Vector3.zero

            return
                Cell.create
                    (row pa (Vector3.create a 0.0 0.0))
                    (row pb (Vector3.create (xy * a) b 0.0))
                    (row pc (Vector3.create (xz * a) (yz * b) (handed * c)))
                    { A = pa; B = pb; C = pc }
                |> succeed
        }

    let anyCell = Gen.frequency [ 3, Gen.constant Cell.none; 2, cell 1.6 3.0; 5, cell 4.0 9.0 ]

    let particles species count (position: Gen<Vector3>) =
        gen {
            let! kinds = Gen.subListOf species
            let kinds = if kinds.IsEmpty then species else kinds

            let one =
                gen {
                    let! kind = Gen.elements kinds
                    let! place = position
                    return! ellipsoid kind place
                }

            let! all = Gen.arrayOfLength count one
            let! twin = Gen.frequency [ 9, Gen.constant false; 1, Gen.constant true ]

            if twin && count > 1 then
                let! last = ellipsoid all[count - 1].Species all[0].Position
                return Array.append all[.. count - 2] [| last |]
            else
                return all
        }

    let frameIn cell species count =
        gen {
            // About one particle in 3³, scattered over the cell and beyond it where there is one.
            let side = 1.0 + 3.0 * Math.Cbrt(float count)

            let position =
                if (cell: Cell).IsPeriodic then
                    vector (uniform -1.0 2.0) |> Gen.map (fun f -> Matrix3.transpose cell.Basis * f)
                else
                    vector (uniform 0.0 side)

            let! all = particles species count position
            return Frame.create cell all
        }

    let frame species most =
        Gen.sized (fun size ->
            gen {
                let! count = Gen.choose (1, max 1 (min most (1 + size * most / 100)))
                let! cell = anyCell
                return! frameIn cell species count
            })

    let cluster =
        Gen.sized (fun size ->
            gen {
                let! count = Gen.choose (1, max 1 (min 30 (1 + size * 30 / 100)))
                return! frameIn Cell.none [ 1; 6; 7; 8 ] count
            })

module private Shrink =
    let rotation q =
        if q = Quaternion.identity then
            Seq.empty
        else
            Seq.singleton Quaternion.identity

    let vector (v: Vector3) =
        seq {
            Vector3.zero
            Vector3.create v.X 0.0 0.0
            Vector3.create 0.0 v.Y 0.0
            Vector3.create 0.0 0.0 v.Z
            Vector3.create (round v.X) (round v.Y) (round v.Z)
        }
        |> Seq.filter (fun w -> w <> v && Vector3.squaredNorm w <= Vector3.squaredNorm v)

    let ellipsoid (e: Ellipsoid) =
        seq {
            if not (e.IsSphere && e.SemiAxes.X = 1.0) then
                Ellipsoid.sphere e.Species e.Position 1.0 |> Draw.succeed

            if e.Orientation <> Quaternion.identity then
                Ellipsoid.create e.Species e.Position Quaternion.identity e.SemiAxes
                |> Draw.succeed
        }

    let cell (cell: Cell) =
        if cell.Vectors = Cell.none.Vectors then
            Seq.empty
        else
            Seq.singleton Cell.none

    let frame (frame: Frame) =
        let all = Seq.toArray frame.Particles
        let with' particles = Frame.create frame.Cell particles

        seq {
            if all.Length > 1 then
                with' all[.. all.Length / 2 - 1]
                with' all[all.Length / 2 ..]

                for i in 0 .. all.Length - 1 do
                    with' (Array.removeAt i all)

            for simpler in cell frame.Cell do
                Frame.create simpler all

            for i in 0 .. all.Length - 1 do
                for simpler in ellipsoid all[i] do
                    with' (Array.updateAt i simpler all)
        }

/// What FsCheck looks for: one static member for each type.
type Arbitraries =
    static member Rotation() =
        Arb.fromGenShrink (
            Gen.map SomeRotation Draw.rotation,
            fun (SomeRotation q) -> Shrink.rotation q |> Seq.map SomeRotation
        )

    static member Ellipsoid() =
        Arb.fromGenShrink (
            Gen.map SomeEllipsoid (Draw.ellipsoid 1 Vector3.zero),
            fun (SomeEllipsoid e) -> Shrink.ellipsoid e |> Seq.map SomeEllipsoid
        )

    static member Displacement() =
        Arb.fromGenShrink (
            Gen.map SomeDisplacement Draw.displacement,
            fun (SomeDisplacement r) -> Shrink.vector r |> Seq.map SomeDisplacement
        )

    static member Cell() =
        Arb.fromGenShrink (Gen.map SomeCell Draw.anyCell, fun (SomeCell c) -> Shrink.cell c |> Seq.map SomeCell)

    static member Frame() =
        Arb.fromGenShrink (
            Gen.map SomeFrame (Draw.frame [ 1; 6; 7; 8 ] 30),
            fun (SomeFrame f) -> Shrink.frame f |> Seq.map SomeFrame
        )

    static member SmallFrame() =
        Arb.fromGenShrink (
            Gen.map SmallFrame (Draw.frame [ 1; 6; 8 ] 6),
            fun (SmallFrame f) -> Shrink.frame f |> Seq.map SmallFrame
        )

    static member Cluster() =
        Arb.fromGenShrink (
            Gen.map SomeCluster Draw.cluster,
            fun (SomeCluster f) -> Shrink.frame f |> Seq.map SomeCluster
        )

[<AutoOpen>]
module Property =
    open Expecto

    /// The variable of the environment that replaces the seed: "seed,gamma" or "seed,gamma,size", as a failure
    /// prints them.
    [<Literal>]
    let SeedVariable = "ANISOAP_TEST_SEED"

    let private replay =
        let parse (text: string) =
            match text.Split ',' |> Array.map (fun part -> part.Trim()) with
            | [| seed; gamma |] -> uint64 seed, uint64 gamma, None
            | [| seed; gamma; size |] -> uint64 seed, uint64 gamma, Some(int size)
            | _ -> failwith $"{SeedVariable} is {text}; accepted: seed,gamma or seed,gamma,size"

        match Environment.GetEnvironmentVariable SeedVariable with
        | null
        | "" -> 20260101UL, 11UL, None
        | text -> parse text

    let config = {
        FsCheckConfig.defaultConfig with
            maxTest = 200
            replay = Some replay
            arbitrary = [ typeof<Arbitraries> ]
    }

    /// A property checked `times` times.
    let propertyTimes times name test = testPropertyWithConfig { config with maxTest = times } name test

    /// A property checked 200 times.
    let property name test = testPropertyWithConfig config name test
