/// Two molecules across faces and a corner of a tilted cell, with the numbers that LAMMPS (22 Jul 2025) gives for them in
/// units real, forces (i, −i/2, i²/4) on atom i.
module AniSoap.Tests.TwoMoleculesTests

open Expecto
open AniSoap
open AniSoap.Tests.CoarseSupport
open AniSoap.Tests.FormatSupport

let internal data =
    """two molecules

8 atoms
6 bonds
4 atom types
1 bond types

-1 11 xlo xhi
2 13 ylo yhi
-3 7 zlo zhi
3 -2 4 xy xz yz

Masses

1 12
2 16
3 1
4 14

Atoms # bond

1 1 1 11.4 16.6 6.8 -1 -1 -1
2 1 1 0.9 16.6 6.8 0 -1 -1
3 1 1 2.4 16.6 6.8 0 -1 -1
4 1 1 3.9 16.6 6.8 0 -1 -1
5 1 2 2.9 3.1 -2.7 0 0 0
6 2 3 11.5 16.3 6 0 0 0
7 2 1 -2.9 5.9 6.7 1 1 0
8 2 4 -0.3 2.5 -2.6 1 1 1

Velocities

1 0.001 -0.002 0.0005
2 0.002 -0.004 0.002
3 0.003 -0.006 0.0045
4 0.004 -0.008 0.008
5 0.005 -0.01 0.0125
6 0.006 -0.012 0.018
7 0.007 -0.014 0.0245
8 0.008 -0.016 0.032

Bonds

1 1 1 2
2 1 2 3
3 1 3 4
4 1 4 5
5 1 6 7
6 1 7 8
"""

/// With the forces of the example.
let internal withForces (atoms: Snapshot) =
    let forces =
        Seq.init 8 (fun k ->
            let i = float (k + 1)
            [ i; -i / 2.0; i * i / 4.0 ])
        |> Seq.concat

    Snapshot.create atoms.Frame atoms.SpeciesNames atoms.Step atoms.Info (atoms.Columns @ [ column "forces" 3 forces ])
    |> sure

let private atoms = lazy (withText "two.data" data (atomsOf >> List.exactlyOne) |> withForces)

let private bonds = lazy (withText "two.data" data (LammpsBonds.read >> sure))

let private options = { defaults with MinAxis = Some 0.1 }

/// The centre by the atoms' own image flags, as LAMMPS unwraps it.
let private unwrapped (body: Body) =
    let struct (a, b, c) = body.FlaggedImage.Value
    body.Centre + cellVector atoms.Value.Frame.Cell (a, b, c)

/// The numbers that belong to a molecule, by what they are.
let private numbers (body: Body) = [
    "mass", [| body.Mass |]
    "centre of mass", vector (unwrapped body)
    "gyration xx yy zz xy xz yz", upper body.Gyration
    "inertia xx yy zz xy xz yz", upper body.Inertia
    "principal moments", vector (CoarseGrain.principalInertia body)
    "force", vector body.Force.Value
    "torque about the centre of mass", vector body.Torque.Value
    "velocity", vector body.Velocity.Value
    "angular momentum", vector body.AngularMomentum.Value
    "angular velocity", vector (CoarseGrain.angularVelocity body).Value
]

let private first = [
    [| 64.0 |]
    [| 1.2125; 1.975; -3.075 |]
    [| 3.05859375; 0.421875; 0.046875; 0.6328125; 0.2109375; 0.140625 |]
    [| 30.0; 198.75; 222.75; -40.5; -13.5; -9.0 |]
    [| 19.650724057518; 206.099275942482; 225.75 |]
    [| 15.0; -7.5; 13.75 |]
    [| 4.53125; -15.078125; -7.03125 |]
    [| 0.003125; -0.00625; 0.0059375 |]
    [| 0.1875; -0.44625; -0.36 |]
    [| 0.0034; -0.001619269103; -0.001475526024 |]
]

let private second = [
    [| 27.0 |]
    [| 12.388888888889; 17.188888888889; 7.037037037037 |]
    [| 0.116543209877; 0.116543209877; 0.158628257888; 0.116543209877; 0.135967078189; 0.135967078189 |]
    [|
        7.429629629630
        7.429629629630
        6.293333333333
        -3.146666666667
        -3.671111111111
        -3.671111111111
    |]
    [| 0.0; 10.576296296296; 10.576296296296 |]
    [| 21.0; -10.5; 37.25 |]
    [| -9.4; 0.883333333333; 7.3 |]
    [| 0.007481481481; -0.014962962963; 0.028148148148 |]
    [| 0.050681481481; -0.032325925926; -0.015733333333 |]
    [| 0.004791987673; -0.003056450483; -0.001487603306 |]
]

let private agrees expected body =
    List.iter2
        (fun (name, actual) wanted ->
            Close.within 6e-13 (max 1.0 (Array.max (Array.map abs wanted))) actual wanted name)
        (numbers body)
        expected

[<Tests>]
let tests =
    testList "two molecules across a corner of a tilted cell" [
        for name, source in
            [
                "by their numbers", (fun () -> MoleculeSource.Automatic)
                "by the bonds of the file", (fun () -> MoleculeSource.Listed bonds.Value)
            ] do
            test $"masses, centres, moments, forces, torques, velocities and momenta are LAMMPS's, {name}" {
                let frame = coarse { options with Molecules = source () } atoms.Value
                Expect.equal frame.Bodies.Length 2 "two molecules"
                Expect.isEmpty frame.Warnings "the image flags make the molecules whole"
                agrees first frame.Bodies[0]
                agrees second frame.Bodies[1]
            }

        test "the orientation of the planar one is that of LAMMPS's rigid body, up to the signs of axes" {
            let body = (coarse options atoms.Value).Bodies[0]
            let ours = Quaternion.toMatrix body.Orientation |> Matrix3.transpose

            let theirs =
                Quaternion.create 0.980116234261 0.159050969189 -0.019003688453 0.117106004814
                |> Quaternion.toMatrix
                |> Matrix3.transpose

            for mine, other in [ ours.Row1, theirs.Row1; ours.Row2, theirs.Row2; ours.Row3, theirs.Row3 ] do
                Close.within 1e-11 1.0 [| abs (Vector3.dot mine other) |] [| 1.0 |] "axes of the same direction"
        }

        test "the axis of the straight one is (6 6 7)/11" {
            let body = (coarse options atoms.Value).Bodies[1]
            let axis = (Quaternion.toMatrix body.Orientation |> Matrix3.transpose).Row1
            let expected = 1.0 / 11.0 * Vector3.create 6.0 6.0 7.0
            Close.within 1e-12 1.0 [| abs (Vector3.dot axis expected) |] [| 1.0 |] "along the molecule"
        }

        test
            "semi-axes are roots of five times the moments; those of a plane and a line are zero and get the smallest length" {
            let bodies = (coarse options atoms.Value).Bodies
            // a² = 5/2M (I₁ + I₂ + I₃ − 2 I) of LAMMPS's principal moments.
            let solid mass (moments: float[]) =
                moments
                |> Array.map (fun moment ->
                    let twice = Array.sum moments - 2.0 * moment
                    if abs twice < 1e-11 then 0.0 else sqrt (2.5 / mass * twice))

            Close.within 1e-12 1.0 (vector bodies[0].RawSemiAxes) (solid 64.0 first[4]) "planar"
            Close.within 1e-12 1.0 (vector bodies[1].RawSemiAxes) (solid 27.0 second[4]) "straight"

            Close.within
                3e-9
                1.0
                (vector bodies[0].RawSemiAxes)
                [| 4.012668183; 1.239037054; 0.0 |]
                "planar, in numbers"

            Close.within 3e-9 1.0 (vector bodies[1].RawSemiAxes) [| 1.399490402; 0.0; 0.0 |] "straight, in numbers"
            Close.within 3e-9 1.0 (vector bodies[0].SemiAxes) [| 4.012668183; 1.239037054; 0.1 |] "with a smallest one"
        }

        test "semi-axes by the factor 3 are OVITO's" {
            let bodies = (coarse { options with Shape = BodyShape.Gyration 3.0 } atoms.Value).Bodies
            Close.within 1e-6 1.0 (vector bodies[0].RawSemiAxes) [| 3.108199; 0.959754; 0.0 |] "planar"
            Close.within 1e-6 1.0 (vector bodies[1].RawSemiAxes) [| 1.084041; 0.0; 0.0 |] "straight"
        }

        test "a planar molecule without a smallest axis is refused with what helps" {
            let text = CoarseGrain.frame defaults CoarseGrain.noKinds atoms.Value |> refusal
            Expect.stringContains text "planar" text
            Expect.stringContains text "--min-axis" text
        }

        test "wrong image flags are told, and the molecules are whole all the same" {
            let wrong =
                let flags = Seq.replicate 24 0L
                let others = atoms.Value.Columns |> List.filter (fun c -> c.Name <> Quantities.Images)

                Snapshot.create atoms.Value.Frame Map.empty None [] (others @ [ integers Quantities.Images 3 flags ])
                |> sure

            let frame = coarse options wrong
            Expect.equal frame.Warnings.Length 1 "one warning"
            Expect.stringContains frame.Warnings.Head "2 of 2 molecules" "both"

            Close.within
                1e-12
                10.0
                (upper frame.Bodies[0].Gyration)
                [| 3.05859375; 0.421875; 0.046875; 0.6328125; 0.2109375; 0.140625 |]
                "whole"
        }

        test "the ellipsoid stands in the cell, and its flags lead to where it is" {
            let frame = coarse options atoms.Value
            let written = CoarseSnapshot.ofFrame options CoarseSnapshot.plain atoms.Value frame |> sure
            let flags = (Quantities.tryIntegers Quantities.Images 3 written).Value

            let back i =
                written.Frame.Particles[i].Position
                + cellVector atoms.Value.Frame.Cell (int flags[3 * i], int flags[3 * i + 1], int flags[3 * i + 2])

            Close.within 1e-12 10.0 (vector (back 0)) [| 1.2125; 1.975; -3.075 |] "first"
            Close.within 1e-12 10.0 (vector (back 1)) [| 12.388888888889; 17.188888888889; 7.037037037037 |] "second"
        }
    ]
