/// What tells molecules and elements, and what is said where nothing does.
module AniSoap.Tests.GroupTests

open Expecto
open AniSoap
open AniSoap.Tests.CoarseSupport

let private water (x: float) = [
    8, Vector3.create x 0.0 0.0
    1, Vector3.create (x + 0.96) 0.0 0.0
    1, Vector3.create (x - 0.24) 0.93 0.0
]

let private carbonDioxide x = [
    6, Vector3.create x 5.0 0.0
    8, Vector3.create (x + 1.16) 5.0 0.0
    8, Vector3.create (x - 1.16) 5.0 0.0
]

let private ion x = [ 11, Vector3.create x 10.0 0.0 ]

let private mixture = water 0.0 @ carbonDioxide 0.0 @ water 6.0 @ ion 0.0
let private options = { defaults with MinAxis = Some 0.3 }
let private groups text = GroupsFile.parse "groups.json" text
let private names (frame: CoarseFrame) = frame.Bodies |> Seq.map (fun body -> frame.Kinds[body.Kind].Name) |> Seq.toList
let private ofMixture options = CoarseGrain.frame options CoarseGrain.noKinds (snapshot Cell.none mixture [])

/// Types 1, 2, … without names, as a LAMMPS dump has them, with masses or without.
let private typed (atoms: (int * Vector3) list) masses =
    let frame =
        Frame.create Cell.none (atoms |> List.map (fun (species, p) -> Ellipsoid.sphere species p 0.5 |> sure))

    let columns =
        if List.isEmpty masses then
            []
        else
            [ column Quantities.Masses 1 masses ]

    Snapshot.create frame Map.empty None [] columns |> sure

[<Tests>]
let tests =
    testList "groups and elements" [
        test "molecules are told by bonds, named by formula, one species a formula, and single atoms stay" {
            let frame = ofMixture options |> sure
            Expect.equal (names frame) [ "H2O"; "CO2"; "H2O" ] "names in the order of the first atoms"
            Expect.equal (Seq.toList frame.Spheres) [ 9 ] "the ion"
            Expect.equal frame.Kinds[0].Species 1001 "beside atoms, species are none of theirs"
            Expect.equal (frame.Bodies[2].Kind) (frame.Bodies[0].Kind) "both waters are of one kind"
        }

        test "atoms of a kind stay as they are, beside the ellipsoids, with masses and radii of their own" {
            let options = { options with Keep = Set [ "C" ] }
            let frame = coarse options (snapshot Cell.none mixture [])
            Expect.equal (names frame) [ "H2O"; "H2O" ] "oxygens without their carbon are single atoms"
            Expect.equal (Seq.toList frame.Spheres) [ 3; 4; 5; 9 ] "carbon, its oxygens, and the ion"

            let written =
                CoarseSnapshot.ofFrame options CoarseSnapshot.plain (snapshot Cell.none mixture []) frame
                |> sure

            Expect.equal written.Frame.Particles.Length 6 "two ellipsoids and four spheres"
            Expect.equal written.Frame.Particles[2].Species 6 "carbon is carbon"
            Expect.equal written.Frame.Particles[2].SemiAxes.X 1.7 "of its van der Waals radius"
        }

        test "a group of atoms that stay spheres is refused by name, since they would be there twice" {
            let text =
                ofMixture {
                    options with
                        Keep = Set [ "Na" ]
                        Groups = sure (groups """{"groups":[{"name":"pair","atoms":[0,9]}]}""")
                }
                |> refusal

            Expect.stringContains text "'pair'" "the group"
            Expect.stringContains text "--keep-atoms" "why"
        }

        test "a straight molecule has no moment of inertia about its line, not what rounding leaves of it" {
            for seed in 1..40 do
                let random = System.Random(seed: int)
                let along, from = direction random, anyVector random 9.0
                let atoms = [ for k, z in List.indexed [ 8; 6; 8 ] -> z, from + (1.16 * float k) * along ]

                for shape in [ ShapeOrigin.Own; ShapeOrigin.Reference ] do
                    let given = { options with ShapeFrom = shape }
                    let atoms = snapshot Cell.none atoms []

                    let written =
                        CoarseSnapshot.ofFrame given CoarseSnapshot.plain atoms (coarse given atoms)
                        |> sure

                    let moments = (Quantities.tryReals "inertia" 3 written).Value
                    Expect.equal moments[0] 0.0 $"seed {seed}"
        }

        test "a column of real numbers that are whole tells molecules; one that is not is refused by name" {
            let numbered values = snapshot Cell.none (water 0.0 @ water 1.5) [ column "mol" 1 values ]

            let frame = coarse options (numbered [ 7.0; 7.0; 7.0; 9.0; 9.0; 9.0 ])
            Expect.equal (frame.Bodies |> Seq.map _.Molecule |> Seq.toList) [ 7L; 9L ] "molecules by the column"

            let text =
                numbered [ 7.0; 7.0; 7.0; 9.0; 9.5; 9.0 ]
                |> CoarseGrain.frame options CoarseGrain.noKinds
                |> refusal

            Expect.stringContains text "column of molecules mol" "its name"
            Expect.stringContains text "9.5" "the number"
        }

        test "the atoms' virial and stress are not written, and a warning names them" {
            let atoms = snapshot Cell.none mixture []

            let atoms =
                Snapshot.create atoms.Frame atoms.SpeciesNames None [
                    "virial", InfoValue.Real 3.0
                    "energy", InfoValue.Real 1.0
                    "stress", InfoValue.Real 2.0
                ] []
                |> sure

            let run = CoarseGrainRun(options, CoarseSnapshot.plain)
            let struct (warnings, written) = run.Ellipsoids atoms |> sure
            Expect.isTrue (warnings |> List.exists _.Contains("the info virial, stress")) $"%A{warnings}"
            Expect.equal (written.Info |> List.map fst) [ "energy"; "centre" ] "what is left"
        }

        test "bodies whose arrays are used again are those of the first frame, in other frames too" {
            let random = System.Random 5
            let turned = rotation random |> Quaternion.toMatrix
            let other = mixture |> List.map (fun (z, p) -> z, turned * p)
            let run = CoarseGrainRun(options, CoarseSnapshot.plain)

            for atoms in [ mixture; other; water 0.0; mixture ] do
                let atoms = snapshot Cell.none atoms []
                let struct (_, rows) = run.Ellipsoids atoms |> sure
                let kinds = run.Kinds
                let frame = CoarseGrain.frame options kinds atoms |> sure
                let alone = CoarseSnapshot.ofFrame options CoarseSnapshot.plain atoms frame |> sure

                Expect.equal
                    (rows.Frame.Particles.Positions.ToArray())
                    (alone.Frame.Particles.Positions.ToArray())
                    "centres"

                Expect.equal
                    (rows.Frame.Particles.SemiAxes.ToArray())
                    (alone.Frame.Particles.SemiAxes.ToArray())
                    "shapes"

                Expect.equal
                    (rows.Columns |> List.map _.Values.ToString())
                    (alone.Columns |> List.map _.Values.ToString())
                    "columns"
        }

        test "frames of other atoms have other molecules; they are not called broken or merged" {
            let run = CoarseGrainRun(options, CoarseSnapshot.plain)

            for atoms in [ mixture; mixture; water 0.0; mixture @ water 20.0 ] do
                run.Add(snapshot Cell.none atoms []) |> sure |> ignore

            let report = run.Report()
            Expect.equal report.Other [ 2; 3 ] "others"
            Expect.isEmpty (report.Broken @ report.Merged) "none is broken or merged"
        }

        test "a mass that is given is that of spheres too, whatever the input says" {
            let atoms = typed (water 0.0 @ [ 3, Vector3.create 9.0 0.0 0.0 ]) [ 16.0; 1.0; 1.0; 20.0 ]

            let options = {
                options with
                    Elements = Map [ "8", "O"; "1", "H"; "3", "Na" ]
                    Masses = Map [ "3", 23.0 ]
            }

            let written =
                CoarseSnapshot.ofFrame options CoarseSnapshot.plain atoms (coarse options atoms)
                |> sure

            Expect.equal
                (Quantities.tryReals Quantities.Masses 1 written |> Option.map Seq.toList)
                (Some [ 18.0; 23.0 ])
                "masses"
        }

        test "a groups file names molecules by formula, parts of them by their atoms, and lists of atoms" {
            let file =
                """{"groups":[{"name":"water","type":4,"elements":"OH2"},
                              {"name":"left","elements":"CO2","atoms":[0,1]},
                              {"name":"rest","atoms":[5,9]}]}"""

            let frame = ofMixture { options with Groups = sure (groups file) } |> sure
            Expect.equal (names frame) [ "water"; "left"; "rest"; "water" ] "in the order of their first atoms"
            Expect.equal frame.Kinds[0].Species 4 "the species that the file gives"
            Expect.isEmpty frame.Leftover "nothing is left"
        }

        test "atoms in no group are left over and counted" {
            let frame =
                ofMixture {
                    options with
                        Groups = sure (groups """{"groups":[{"name":"water","elements":"H2O"}]}""")
                }
                |> sure

            Expect.equal (Seq.toList frame.Leftover) [ 3; 4; 5; 9 ] "carbon dioxide and the ion"
        }

        for what, file, expected in
            [
                "that overlap", """{"groups":[{"name":"a","atoms":[0,1]},{"name":"b","atoms":[1,2]}]}""", "'a' and 'b'"
                "of a molecule that overlap",
                """{"groups":[{"name":"a","elements":"H2O","atoms":[0,1]},{"name":"b","elements":"H2O"}]}""",
                "'a' and 'b'"
                "of molecules that are not there", """{"groups":[{"name":"ring","elements":"C6H6"}]}""", "'ring' = C6H6"
                "of atoms that are not there", """{"groups":[{"name":"a","atoms":[99]}]}""", "0 to 9"
            ] do
            test $"groups {what} are refused by name" {
                let text = ofMixture { options with Groups = sure (groups file) } |> refusal
                Expect.stringContains text expected text
            }

        for what, file, expected in
            [
                "empty", """{"groups":[{"name":"none","atoms":[]}]}""", "'none' with no atoms"
                "of nothing", """{"groups":[{"name":"none"}]}""", "'none' without atoms and elements"
                "with another key", """{"groups":[{"name":"a","atom":[1]}]}""", "atom in group 0"
                "with an atom twice", """{"groups":[{"name":"a","atoms":[1,1]}]}""", "atom 1 twice"
                "with a name of two words", """{"groups":[{"name":"a b","atoms":[1,2]}]}""", "'a b'"
                "that are no list", """{"groups":7}""", "no groups"
                "that are no JSON", "groups:", "no JSON"
            ] do
            test $"a groups file {what} is refused" {
                let text = groups file |> refusal
                Expect.stringContains text expected text
                Expect.stringContains text "groups.json" text
            }

        test "a group of one atom stays a sphere, and it is told" {
            let frame =
                ofMixture { options with Groups = sure (groups """{"groups":[{"name":"lone","atoms":[9]}]}""") }
                |> sure

            Expect.equal (Seq.toList frame.Spheres) [ 9 ] "a sphere"
            Expect.equal frame.Warnings [ "the group 'lone' has one atom: it stays a sphere" ] "told by name"
        }

        test "types without names are told by their masses" {
            let frame =
                coarse
                    options
                    (typed [ for (z, p) in water 0.0 -> (if z = 8 then 1 else 2), p ] [ 15.9994; 1.008; 1.00794 ])

            Expect.equal (names frame) [ "H2O" ] "water"
            Expect.equal (frame.Atoms |> Seq.map _.Told |> Seq.distinct |> Seq.toList) [ "mass" ] "by mass"
        }

        test "types without names and masses are asked for" {
            let atoms = typed [ for (z, p) in water 0.0 -> (if z = 8 then 1 else 2), p ] []
            let text = CoarseGrain.frame options CoarseGrain.noKinds atoms |> refusal
            Expect.stringContains text "element of the atoms 1" text
            Expect.stringContains text "--elements" text
            let given = { options with Elements = Map [ "1", "O"; "2", "H" ] }
            Expect.equal (names (coarse given atoms)) [ "H2O" ] "given ones are taken"
        }

        for mass, what in [ 0.0, "zero"; -1.0, "below zero" ] do
            test $"a mass that is {what} is refused by the type's name" {
                let atoms = typed [ 1, Vector3.zero; 2, Vector3.create 1.0 0.0 0.0 ] [ 12.0; mass ]
                let text = CoarseGrain.frame options CoarseGrain.noKinds atoms |> refusal
                Expect.stringContains text "mass of the atoms 2" text
            }

        test "a name and a mass of different elements are refused" {
            let frame =
                Frame.create Cell.none [
                    Ellipsoid.sphere 2 Vector3.zero 0.5 |> sure
                    Ellipsoid.sphere 2 (Vector3.create 1.4 0.0 0.0) 0.5 |> sure
                ]

            let atoms =
                Snapshot.create frame (Map [ 2, "He" ]) None [] [ column "masses" 1 [ 12.011; 12.011 ] ]
                |> sure

            let text = CoarseGrain.frame options CoarseGrain.noKinds atoms |> refusal
            Expect.stringContains text "He by name, C by the mass 12.011" text
        }

        test "united atoms are no elements" {
            for mass in [ 14.027; 15.035; 13.019; 16.043 ] do
                Expect.isNone (Elements.tryMass mass) $"{mass}"

            for mass, symbol in
                [
                    1.0, "H"
                    12.0, "C"
                    14.0, "N"
                    16.0, "O"
                    12.0107, "C"
                    32.06, "S"
                    35.453, "Cl"
                    39.948, "Ar"
                    40.08, "Ca"
                ] do
                Expect.equal (Elements.tryMass mass |> Option.map _.Symbol) (Some symbol) $"{mass}"
        }

        test "atomic weights and radii are the published ones" {
            for symbol, mass, covalent, contact in
                [
                    "H", 1.008, 0.31, 1.10
                    "C", 12.011, 0.76, 1.70
                    "N", 14.007, 0.71, 1.55
                    "O", 15.999, 0.66, 1.52
                    "Cl", 35.45, 1.02, 1.75
                    "Fe", 55.845, 1.32, 0.0
                ] do
                let element = (Elements.trySymbol symbol).Value

                Expect.equal
                    (element.Mass, element.CovalentRadius, element.VanDerWaalsRadius)
                    (mass, covalent, contact)
                    symbol
        }

        test "a column of molecules that is not there is told with those that could be meant" {
            let atoms = snapshot Cell.none (water 0.0) [ integers "residue" 1 [ 1L; 1L; 1L ] ]

            let text =
                CoarseGrain.frame
                    { options with Molecules = MoleculeSource.Column "fragment" }
                    CoarseGrain.noKinds
                    atoms
                |> refusal

            Expect.stringContains text "residue" text

            Expect.equal
                (names (coarse { options with Molecules = MoleculeSource.Column "residue" } atoms))
                [ "H2O" ]
                "the right one is taken"
        }

        test "atoms of the molecule number 0 are in no molecule" {
            let atoms = snapshot Cell.none (water 0.0 @ ion 0.0) [ integers "molid" 1 [ 3L; 3L; 3L; 0L ] ]
            let frame = coarse options atoms
            Expect.equal (names frame) [ "H2O" ] "one molecule"
            Expect.equal frame.Bodies[0].Molecule 3L "by its number"
            Expect.equal (Seq.toList frame.Leftover) [ 3 ] "one atom in none"
        }

        test "the centre of geometry is the mean of positions, and torques are about it" {
            let forces = [ column Quantities.Forces 3 [ 1.0; 2.0; 3.0; -1.0; 0.5; 0.0; 0.0; 1.0; 1.0 ] ]

            let body =
                (coarse { options with Centre = BodyCentre.Geometry } (snapshot Cell.none (water 0.0) forces)).Bodies[0]

            Close.within 1e-14 1.0 (vector body.Centre) [| 0.24; 0.31; 0.0 |] "centre"
            let atoms = water 0.0 |> List.map (fun (_, p) -> p - body.Centre)
            let f = [ Vector3.create 1.0 2.0 3.0; Vector3.create -1.0 0.5 0.0; Vector3.create 0.0 1.0 1.0 ]
            let torque = List.map2 Vector3.cross atoms f |> List.reduce (+)
            Close.within 1e-14 1.0 (vector body.Torque.Value) (vector torque) "torque"
        }

        test "inertia and gyration by the factor 5 are one shape about the centre of mass" {
            let of' shape =
                (coarse { options with Shape = shape } (snapshot Cell.none (water 0.0) [])).Bodies[0].SemiAxes

            Close.within
                1e-12
                1.0
                (vector (of' (BodyShape.Inertia 5.0)))
                (vector (of' (BodyShape.Gyration 5.0)))
                "semi-axes"
        }

        test
            "ellipsoids with the species number of atoms beside them are refused, or told where single atoms come later" {
            let atoms = snapshot Cell.none (water 0.0) []
            let frame = coarse options atoms
            Expect.equal frame.Kinds[0].Species 1 "hydrogen's number"

            let text =
                CoarseSnapshot.ofFrame options { CoarseSnapshot.plain with WithAtoms = true } atoms frame
                |> refusal

            Expect.stringContains text "H2O" text
            Expect.stringContains text "1001" text

            let run = CoarseGrainRun(options, { CoarseSnapshot.plain with WithAtoms = true })
            let struct (_, written) = run.Add atoms |> sure

            Expect.equal
                (written.Frame.Particles |> Seq.map _.Species |> Seq.toList)
                [ 1001; 8; 1; 1 ]
                "a run that is to write both takes another"

            let broken = snapshot Cell.none (water 0.0 @ [ 1, Vector3.create 9.0 0.0 0.0 ]) []
            let later = CoarseGrain.frame options frame.Kinds broken |> sure

            Expect.isTrue
                (later.Warnings
                 |> List.exists (fun line -> line.Contains "species number 1" && line.Contains "H2O"))
                $"{later.Warnings}"
        }

        test "added radii are the mean van der Waals radius" {
            let of' add =
                (coarse
                    { options with AddRadius = add; MinAxis = Some 1e-9 }
                    (snapshot Cell.none (carbonDioxide 0.0) []))
                    .Bodies[0].SemiAxes

            let radius = (12.011 * 1.70 + 2.0 * 15.999 * 1.52) / (12.011 + 2.0 * 15.999)
            Close.within 2e-9 1.0 (vector (of' true)) (vector (of' false) |> Array.map ((+) radius)) "semi-axes"
        }
    ]
