/// PDB and GROMACS structure files: as ASE 3.22.1 writes them, and by the formats' columns.
module AniSoap.Tests.AtomFileTests

open System
open System.Collections.Generic
open Expecto
open AniSoap
open AniSoap.Tests.CoarseSupport
open AniSoap.Tests.FormatSupport

/// ase.io.write("a.pdb", [a, b]) of five atoms in a cell that leans.
let private pdb =
    "CRYST1   10.000   11.281   12.258  82.42  82.97 102.80 P 1\n\
MODEL     1\n\
ATOM      1    O MOL     1       1.235   2.346   3.457  1.00  0.00           O  \n\
ATOM      2    H MOL     1       2.200   2.350   3.500  1.00  0.00           H  \n\
ATOM      3    H MOL     1       1.000   3.300   3.400  1.00  0.00           H  \n\
ATOM      4    C MOL     1       5.100   6.200   7.300  1.00  0.00           C  \n\
ATOM      5    C MOL     1      -1.235   6.500   7.500  1.00  0.00           C  \n\
ENDMDL\n\
MODEL     2\n\
ATOM      1    O MOL     1       1.735   2.846   3.957  1.00  0.00           O  \n\
ATOM      2    H MOL     1       2.700   2.850   4.000  1.00  0.00           H  \n\
ATOM      3    H MOL     1       1.500   3.800   3.900  1.00  0.00           H  \n\
ATOM      4    C MOL     1       5.600   6.700   7.800  1.00  0.00           C  \n\
ATOM      5    C MOL     1      -0.735   7.000   8.000  1.00  0.00           C  \n\
ENDMDL\n"

/// ase.io.write("a.gro", a) with velocities.
let private gro =
    "A Gromacs structure file written by ASE \n\
    5\n    11DUM     O    1   0.123   0.235   0.346  0.0000  0.0982  0.1965\n    11DUM     H    2   0.220   0.235   0.350  0.2947  0.3929  0.4911\n    11DUM     H    3   0.100   0.330   0.340  0.5894  0.6876  0.7858\n    11DUM     C    4   0.510   0.620   0.730  0.8840  0.9823  1.0805\n    11DUM     C    5  -0.123   0.650   0.750  1.1787  1.2770  1.3752\n   1.00000   1.10000   1.20000   0.00000   0.00000  -0.25000   0.00000   0.15000   0.20000\n"

let private read name text = withText name text atomsOf
let private positions (s: Snapshot) = s.Frame.Particles |> Seq.collect (fun p -> vector p.Position) |> Seq.toArray
let private species (s: Snapshot) = s.Frame.Particles |> Seq.map _.Species |> Seq.toList
let private rows (m: Matrix3) = Array.concat [ vector m.Row1; vector m.Row2; vector m.Row3 ]

let private withWarnings name (text: string) =
    let told = List<string>()

    withText name text (fun path ->
        let all =
            FrameFile.snapshotsWith { asAtoms with Warn = told.Add } path
            |> Seq.map sure
            |> Seq.toList

        all, List.ofSeq told)

let private refused name text =
    withText name text (fun path ->
        FrameFile.snapshotsWith asAtoms path
        |> Seq.pick (function
            | Error error -> Some(AniSoapError.describe error)
            | Ok _ -> None))

/// A line ATOM by its columns.
let private atom (serial: string) (name: string) alt residue (x: float) occupancy element =
    let number (value: float) = value.ToString("0.000", Globalization.CultureInfo.InvariantCulture).PadLeft 8

    let occupancy =
        (occupancy: float).ToString("0.00", Globalization.CultureInfo.InvariantCulture).PadLeft 6

    let resnum = string (residue: int)
    $"ATOM  {serial.PadLeft 5} {name.PadRight 4}{alt}ALA A{resnum.PadLeft 4}    {number x}{number 0.0}{number 0.0}{occupancy}  0.00          {(element: string).PadLeft 2}\n"

[<Tests>]
let tests =
    testList "files of atoms" [
        test "trajectories of positions alone are refused with what to do about them" {
            for ending in [ "dcd"; "xtc"; "TRR" ] do
                let text = FrameFile.snapshots ("run." + ending) |> Seq.head |> refusal
                Expect.stringContains text "are not read" ending
                Expect.stringContains text "convert them, with their topology" ending
        }

        test "a PDB file with two models is two frames, with the digits of the file" {
            let frames = read "a.pdb" pdb
            Expect.equal frames.Length 2 "models"
            Expect.equal (species frames[0]) [ 8; 1; 1; 6; 6 ] "elements"

            Expect.equal
                (positions frames[0])
                [| 1.235; 2.346; 3.457; 2.2; 2.35; 3.5; 1.0; 3.3; 3.4; 5.1; 6.2; 7.3; -1.235; 6.5; 7.5 |]
                "first"

            Expect.equal (Array.sub (positions frames[1]) 0 3) [| 1.735; 2.846; 3.957 |] "second"
        }

        test "the cell of CRYST1 is that of the frames within the digits of its angles" {
            let cell = (read "a.pdb" pdb).Head.Frame.Cell
            Expect.isTrue cell.IsPeriodic "periodic"
            Close.within 4e-3 1.0 (rows cell.Vectors) [| 10.0; 0.0; 0.0; -2.5; 11.0; 0.0; 1.5; 2.0; 12.0 |] "vectors"
        }

        for cryst in
            [
                "CRYST1    1.000    1.000    1.000  90.00  90.00  90.00 P 1           1\n"
                "CRYST1    0.000    0.000    0.000  90.00  90.00  90.00 P 1           1\n"
                ""
            ] do
            test $"no cell: '{cryst.Trim()}'" {
                let frame = (read "a.pdb" (cryst + atom "1" " C" ' ' 1 1.5 1.0 "C" + "END\n")).Head.Frame
                Expect.isFalse frame.Cell.IsPeriodic "no cell"
                Expect.equal frame.Particles.Length 1 "the atom"
            }

        test "of alternate locations the one of the highest occupancy is taken, of equal ones the first, and it is told" {
            let text =
                atom "1" " N" ' ' 1 0.0 1.0 "N"
                + atom "2" " CA" 'A' 1 1.0 0.4 "C"
                + atom "3" " CA" 'B' 1 2.0 0.6 "C"
                + atom "4" " CB" 'A' 1 3.0 0.5 "C"
                + atom "5" " CB" 'B' 1 4.0 0.5 "C"
                + atom "6" " CA" 'A' 2 5.0 0.7 "C"
                + atom "7" " CA" 'B' 2 6.0 0.3 "C"
                + "END\n"

            let frames, told = withWarnings "a.pdb" text
            let x = frames.Head.Frame.Particles |> Seq.map _.Position.X |> Seq.toList
            Expect.equal x [ 0.0; 2.0; 3.0; 5.0 ] "kept"
            Expect.isTrue (told |> List.exists (fun line -> line.Contains "3 atoms at alternate locations")) $"{told}"
        }

        test
            "alternate locations are those of one residue: behind TER and behind residue 9999 the same numbers are other atoms" {
            let pair residue x first =
                atom "1" " CA" 'A' residue x (if first then 0.6 else 0.4) "C"
                + atom "2" " CA" 'B' residue (x + 0.5) (if first then 0.4 else 0.6) "C"

            let kept text =
                (read "a.pdb" (text + "END\n")).Head.Frame.Particles
                |> Seq.map _.Position.X
                |> Seq.toList

            Expect.equal (kept (pair 1 0.0 true + "TER\n" + pair 1 5.0 false)) [ 0.0; 5.5 ] "two chains without letters"

            let wrapped =
                String.concat "" [
                    pair 1 0.0 true
                    for residue in 2..9999 do
                        atom "1" " N" ' ' residue 9.0 1.0 "N"
                    atom "1" " N" ' ' 0 9.0 1.0 "N"
                    pair 1 5.0 false
                ]

            Expect.equal (kept wrapped |> List.filter (fun x -> x <> 9.0)) [ 0.0; 5.5 ] "ten thousand residues"
        }

        test
            "without elements the place of a name tells them: CA in column 13 is calcium, in column 14 carbon; the map is told" {
            let text =
                atom "1" "CA" ' ' 1 0.0 1.0 ""
                + atom "2" " CA" ' ' 1 1.0 1.0 ""
                + atom "3" "1HB" ' ' 1 2.0 1.0 ""
                + atom "4" "HG11" ' ' 1 3.0 1.0 ""
                + atom "5" "HG" ' ' 1 4.0 1.0 ""
                + atom "6" " HG" ' ' 1 5.0 1.0 ""
                + atom "7" "CL" ' ' 1 6.0 1.0 ""
                + "END\n"

            let frames, told = withWarnings "a.pdb" text
            Expect.equal (species frames.Head) [ 20; 6; 1; 1; 80; 1; 17 ] "elements"

            Expect.isTrue
                (told
                 |> List.exists (fun line -> line.Contains "CL = Cl" && line.Contains "HG11 = H"))
                $"{told}"
        }

        test "a column of elements is taken before the name" {
            let frames = read "a.pdb" (atom "1" "CA" ' ' 1 0.0 1.0 "C" + atom "2" " D1" ' ' 1 1.0 1.0 "D" + "END\n")
            Expect.equal (species frames.Head) [ 6; 1 ] "carbon and deuterium, which is hydrogen"
        }

        test "numbers that wrap go on" {
            let text =
                atom "99998" " C" ' ' 9998 0.0 1.0 "C"
                + atom "99999" " C" ' ' 9999 1.0 1.0 "C"
                + atom "0" " C" ' ' 0 2.0 1.0 "C"
                + atom "1" " C" ' ' 1 3.0 1.0 "C"
                + "END\n"

            let frame = (read "a.pdb" text).Head

            Expect.equal
                (Seq.toList (Quantities.tryIntegers Quantities.Ids 1 frame).Value)
                [ 99998L; 99999L; 100000L; 100001L ]
                "ids"

            Expect.equal
                (Seq.toList (Quantities.tryIntegers "residue" 1 frame).Value)
                [ 9998L; 9999L; 10000L; 10001L ]
                "residues"
        }

        for what, text, expected in
            [
                "a line that was cut off", "ATOM      1  C   ALA A   1       1.000   2.0\n", "columns"
                "a coordinate that is no number",
                (atom "1" " C" ' ' 1 0.0 1.0 "C").Replace("   0.000", "********"),
                "a number"
                "a model without an end", "MODEL     1\n" + atom "1" " C" ' ' 1 0.0 1.0 "C", "ENDMDL"
                "a file without atoms", "REMARK nothing\nEND\n", "no frames"
            ] do
            test $"PDB: {what} is refused with its place" {
                let message = refused "a.pdb" text
                Expect.stringContains message expected message
                Expect.stringContains message "a.pdb" message
            }

        test "a GROMACS file is read in Ångström, with velocities and a box that leans" {
            let frame = (read "a.gro" gro).Head
            Expect.equal (species frame) [ 8; 1; 1; 6; 6 ] "elements"

            Expect.equal
                (positions frame)
                [| 1.23; 2.35; 3.46; 2.2; 2.35; 3.5; 1.0; 3.3; 3.4; 5.1; 6.2; 7.3; -1.23; 6.5; 7.5 |]
                "ten times the digits"

            Expect.equal (rows frame.Frame.Cell.Vectors) [| 10.0; 0.0; 0.0; -2.5; 11.0; 0.0; 1.5; 2.0; 12.0 |] "box"
            let v = (Quantities.tryReals Quantities.Velocities 3 frame).Value

            Expect.equal
                (Seq.toList v |> List.take 6)
                [ 0.0; 0.982; 1.965; 2.947; 3.929; 4.911 ]
                "Ångström a picosecond"

            match Snapshot.tryInfo Quantities.Units frame with
            | Some(InfoValue.Text units) -> Expect.stringContains units "angstrom" "stated"
            | _ -> failtest "no units"
        }

        test "more decimals, numbers that wrap, times and steps, several frames" {
            let line residue name number (x: string) =
                $"%5d{residue}SOL  %5s{name}%5d{number}{x.PadLeft 11}{x.PadLeft 11}{x.PadLeft 11}\n"

            let text =
                "water t=  12.50000 step= 5000\n    3\n"
                + line 99999 "OW" 99999 "0.123456"
                + line 0 "HW1" 0 "0.223456"
                + line 0 "HW2" 1 "0.323456"
                + "   0.00000   0.00000   0.00000\n"

            let frames = read "a.gro" (text + text.Replace("step= 5000", "step= 6000"))
            Expect.equal (frames |> List.map _.Step) [ Some 5000L; Some 6000L ] "steps"
            let frame = frames.Head
            Expect.equal (positions frame |> Array.distinct) [| 1.23456; 2.23456; 3.23456 |] "six decimals"

            Expect.equal
                (Seq.toList (Quantities.tryIntegers Quantities.Ids 1 frame).Value)
                [ 99999L; 100000L; 100001L ]
                "ids go on"

            Expect.equal
                (Seq.toList (Quantities.tryIntegers "residue" 1 frame).Value)
                [ 99999L; 100000L; 100000L ]
                "residues go on"

            Expect.isFalse frame.Frame.Cell.IsPeriodic "a box of zeros is none"
            Expect.equal (Quantities.tryNumbers Quantities.Time 1 frame) (Some [ 12.5 ]) "time"
        }

        for name in [ "CA"; "CL"; "NA"; "MW" ] do
            test $"GROMACS: the name {name} tells no one element and is asked for; a type map answers" {
                let text = $"t\n    1\n    1SOL  %5s{name}    1   0.100   0.200   0.300\n   1.0 1.0 1.0\n"
                let message = refused "a.gro" text
                Expect.stringContains message $"--type-map {name}=" message

                withText "a.gro" text (fun path ->
                    let options = { asAtoms with TypeMap = Map [ name, 6 ] }
                    let frame = FrameFile.snapshotsWith options path |> Seq.map sure |> Seq.exactlyOne
                    Expect.equal (species frame) [ 6 ] "as given")
            }

        for what, text, expected in
            [
                "a number of atoms that is none", "t\nmany\n", "number of atoms"
                "fewer atoms than it says",
                "t\n    2\n    1SOL      C    1   0.100   0.200   0.300\n",
                "the end of the file"
                "no box", "t\n    1\n    1SOL      C    1   0.100   0.200   0.300\n", "box"
                "a row without coordinates", "t\n    1\n    1SOL      C    1\n 1 1 1\n", "nanometres"
            ] do
            test $"GROMACS: {what} is refused with its place" {
                let message = refused "a.gro" text
                Expect.stringContains message expected message
                Expect.stringContains message "a.gro" message
            }

        test "a GROMACS file whose numbers of atoms take six columns, as ASE writes them, is read all the same" {
            let text =
                String.concat "\n" [
                    "wide"
                    "3"
                    "    1SOL     OW99999   0.100   0.200   0.300  0.1000  0.2000  0.3000"
                    "    1SOL    HW1100000   0.196   0.200   0.300  0.4000  0.5000  0.6000"
                    "    1SOL    HW2100001  -0.024   0.293   0.300  0.7000  0.8000  0.9000"
                    "   2.0 2.0 2.0"
                ]

            let frame = (read "a.gro" text).Head
            Expect.equal (positions frame) [| 1.0; 2.0; 3.0; 1.96; 2.0; 3.0; -0.24; 2.93; 3.0 |] "positions"

            Expect.equal
                (Quantities.tryIntegers Quantities.Ids 1 frame).Value
                (System.Collections.Immutable.ImmutableArray.Create(99999L, 100000L, 100001L))
                "numbers"

            Expect.equal
                (Seq.toList (Quantities.tryReals Quantities.Velocities 3 frame).Value)
                [ 1.0; 2.0; 3.0; 4.0; 5.0; 6.0; 7.0; 8.0; 9.0 ]
                "velocities"
        }

        test "molecules of a PDB file become ellipsoids by bonds" {
            let frame = (read "a.pdb" pdb).Head

            let found =
                CoarseGrain.frame
                    { defaults with MinAxis = Some 0.3; Molecules = MoleculeSource.Radii }
                    CoarseGrain.noKinds
                    frame
                |> sure

            Expect.equal
                (found.Bodies |> Seq.map (fun body -> found.Kinds[body.Kind].Name) |> Seq.toList)
                [ "H2O" ]
                "water, and two carbons by themselves"

            Expect.equal (Seq.toList found.Spheres) [ 3; 4 ] "single atoms"
        }
    ]
