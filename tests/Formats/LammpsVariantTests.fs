/// What programs write as dumps and data files beside the plain forms: atom styles, pieces, other names of columns.
module AniSoap.Tests.LammpsVariantTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.LammpsPointTests

let private beads =
    "# three beads\n\n3 atoms\n3 ellipsoids\n2 atom types\n\n-9 9 xlo xhi\n-9 9 ylo yhi\n-9 9 zlo zhi\n\nAtoms # hybrid\n\n\
     1 1 -0.61 0 0 1 1 1\n2 2 -0.45 0.35 0.4 1 1 1\n3 1 0.55 0.1 -0.9 2 1 1\n\n\
     Ellipsoids\n\n1 1.2 0.7 0.7 1 0 0 0\n2 1.2 0.7 0.7 0.8 0 0 0.6\n3 1.2 0.7 0.7 0.6 0.8 0 0\n"

/// Rows under Atoms of one particle at 1 2 3, in each style that LAMMPS has.
let private styles = [
    "amoeba", "1 9 1 0.5 1 2 3"
    "angle", "1 9 1 1 2 3"
    "apip", "1 1 1 2 3"
    "atomic", "1 1 1 2 3"
    "body", "1 1 0 2 1 2 3"
    "bond", "1 9 1 1 2 3"
    "bpm/sphere", "1 9 1 1 2 1 2 3"
    "charge", "1 1 0.5 1 2 3"
    "dielectric", "1 9 1 0.5 1 2 3 0 0 1 4 1 1 2 0"
    "dipole", "1 1 0.5 1 2 3 0 0 1"
    "dpd", "1 1 0.1 1 2 3"
    "edpd", "1 1 0.1 0.2 1 2 3"
    "electron", "1 1 0 1 0.5 1 2 3"
    "full", "1 9 1 0.5 1 2 3"
    "line", "1 9 1 0 1 1 2 3"
    "mdpd", "1 1 0.1 1 2 3"
    "molecular", "1 9 1 1 2 3"
    "peri", "1 1 0.1 1 1 2 3"
    "rheo", "1 1 0 0.1 1 2 3"
    "rheo/thermal", "1 1 0 0.1 0.2 1 2 3"
    "smd", "1 1 9 0.1 1 1 1 0 0 0 1 2 3"
    "sph", "1 1 0.1 0.2 0.3 1 2 3"
    "sphere", "1 1 1 2 1 2 3"
    "spin", "1 1 1 2 3 0 0 1 2"
    "tdpd 2", "1 1 1 2 3 0.1 0.2"
    "template", "1 9 0 0 1 1 2 3"
    "tri", "1 9 1 0 1 1 2 3"
    "wavepacket", "1 1 0 1 0.5 3 1 0 1 2 3"
    "ellipsoid/kk", "1 1 0 1 1 2 3"
    "hybrid sphere dipole ellipsoid", "1 1 1 2 3 1 1.9 0 0 0 0 0"
    "hybrid bond ellipsoid oxdna", "1 1 1 2 3 9 0 1"
    "hybrid ellipsoid charge", "1 1 1 2 3 0 1 0.5"
]

let private body hint rows = $"t\n\n1 atoms\n0 8 xlo xhi\n0 8 ylo yhi\n0 8 zlo zhi\n\nAtoms{hint}\n\n{rows}\n"

let private only (read: Result<Snapshot, AniSoapError> list, _: string list) =
    read |> List.exactlyOne |> SnapshotTests.get

[<Tests>]
let variants =
    testList "variants of LAMMPS's files" [
        testCase "hybrid styles without their names are refused with the remedy, and read with it" (fun () ->
            let refused = readText InputOptions.defaults "in.data" beads |> fst |> describe
            Expect.stringContains refused "--atom-style \"hybrid bond ellipsoid\"" "the remedy"
            Expect.stringContains refused "line 13" "the line"
            let options = { InputOptions.defaults with AtomStyle = Some "hybrid bond ellipsoid" }
            let read = readText options "in.data" beads |> only
            let molecules = Quantities.tryIntegers Quantities.Molecules 1 read |> Option.map Seq.toList
            Expect.equal molecules (Some [ 1L; 1L; 2L ]) "molecules"
            Expect.equal read.Frame.Particles[1].SemiAxes.X 0.6 "a shape"

            let named = beads.Replace("# hybrid", "# hybrid bond ellipsoid")
            SnapshotTests.expectSameFrame 0.0 (readText InputOptions.defaults "in.data" named |> only).Frame read.Frame
            let wrong = { options with AtomStyle = Some "hybrid bond elipsoid" }
            Expect.stringContains (readText wrong "in.data" beads |> fst |> describe) "elipsoid" "a style that is none")

        testCase "every atom style is read by its name, behind Atoms or given, with images and without" (fun () ->
            for style, row in styles do
                let given = { FormatSupport.spheres with AtomStyle = Some style }

                let all = [
                    readText FormatSupport.spheres "in.data" (body (" # " + style) row)
                    readText given "in.data" (body "" row)
                    readText given "in.data" (body " # id type x y z" row)
                    if style <> "tdpd 2" then
                        readText FormatSupport.spheres "in.data" (body (" # " + style) (row + " 0 0 1"))
                ]

                for read in all do
                    match read with
                    | [ Ok snapshot ], _ ->
                        Expect.equal snapshot.Frame.Particles[0].Position (Vector3.create 1.0 2.0 3.0) style
                    | read, _ -> failtest $"{style}: {describe read}")

        testCase "without a style, or with a comment that is none, the message names the option" (fun () ->
            for hint in [ ""; " # id mol type q x y z"; " # my colloids" ] do
                let refused =
                    readText FormatSupport.spheres "in.data" (body hint "1 9 1 0.5 1 2 3")
                    |> fst
                    |> describe

                Expect.stringContains refused "--atom-style" hint

            let counted =
                readText FormatSupport.spheres "in.data" (body " # full" "1 1 1 2 3")
                |> fst
                |> describe

            Expect.stringContains counted "--atom-style" "another number of columns")

        testCase "pieces of the same frames are put together, in any order" (fun () ->
            let whole, warnings = readAll InputOptions.defaults [ peer "piece.0.dump"; peer "piece.1.dump" ]
            Expect.equal warnings.Length 1 "said once"

            for read, x in List.zip whole [ 1.5; 1.55 ] do
                let snapshot = SnapshotTests.get read
                let ids = Quantities.tryIntegers Quantities.Ids 1 snapshot |> Option.get |> Seq.toList
                Expect.equal ids [ 1L; 2L; 3L; 4L; 5L; 6L ] "all particles, by id"
                Expect.equal snapshot.Frame.Particles[0].Position.X x "of the frame"
                Expect.equal snapshot.Frame.Particles[1].Position.X (x + 3.0) "from the other piece"

            let turned, _ = readAll InputOptions.defaults [ peer "piece.1.dump"; peer "piece.0.dump" ]

            for a, b in List.zip turned whole do
                SnapshotTests.expectSameFrame 0.0 (SnapshotTests.get a).Frame (SnapshotTests.get b).Frame

            let paths = [ peer "piece.0.dump"; peer "piece.1.dump" ]
            Expect.equal (FrameTrajectory.count InputOptions.defaults paths) (Ok 2) "frames"

            let survey = FrameFile.survey InputOptions.defaults (peer "points.dump" :: paths)
            Expect.equal survey (Ok([| 1; 2; 3 |], 3)) "after another dump")

        testCase "the same particles twice are frames of their own, and pieces that part are refused" (fun () ->
            let twice, warnings = readAll InputOptions.defaults [ peer "piece.0.dump"; peer "piece.0.dump" ]
            Expect.equal (twice.Length, warnings) (4, []) "frames"
            let second = File.ReadAllText(peer "piece.1.dump")

            for shorter, what in
                [
                    second.Substring(0, second.LastIndexOf "ITEM: TIMESTEP"), "step 5"
                    second.Replace("\n5\nITEM", "\n10\nITEM"), "step 5"
                    second.Replace("7.550000", "x"), "line 24"
                    second.Replace("id type x", "id kind x"), "the columns"
                ] do
                FormatSupport.withText "piece.1.dump" shorter (fun path ->
                    let described = readAll InputOptions.defaults [ peer "piece.0.dump"; path ] |> fst |> describe
                    Expect.stringContains described path "the piece"
                    Expect.stringContains described what "what is wrong"))

        testCase "OVITO's dump holds semi-axes under c_shape, which is warned of and can be overruled" (fun () ->
            let read, warnings = readAll InputOptions.defaults [ peer "ovito.dump" ]

            Expect.equal
                (SnapshotTests.get read.Head).Frame.Particles[0].SemiAxes
                (Vector3.create 1.0 0.5 0.5)
                "semi-axes"

            Expect.exists warnings (fun said -> said.Contains "--shape-as") "said"
            let halved = one { InputOptions.defaults with ShapeAs = Some ShapeMeasure.Diameter } (peer "ovito.dump")
            Expect.equal halved.Frame.Particles[0].SemiAxes (Vector3.create 0.5 0.25 0.25) "overruled")

        testCase "components of a column may be numbered from 0" (fun () ->
            let read = one InputOptions.defaults (peer "from-zero.dump")
            Expect.equal read.Frame.Particles[0].SemiAxes (Vector3.create 1.5 0.5 0.5) "shape"
            Close.within 1e-15 1.0 [| read.Frame.Particles[0].Orientation.W |] [| 0.6 |] "orientation")

        testCase
            "a row with all its columns is read without a line end, with a warning, in every text format"
            (fun () ->
                let xyz = "1\nProperties=species:S:1:pos:R:3\nH 1 2 3"
                let dump = File.ReadAllText(peer "from-zero.dump").TrimEnd '\n'
                let data = File.ReadAllText(peer "points.data").TrimEnd '\n'

                for name, text in
                    [
                        "a.xyz", xyz
                        "a.dump", dump
                        "a.data", data
                        "b.data", body " # atomic" "1 1 1 2 3" |> _.TrimEnd('\n')
                    ] do
                    match readText FormatSupport.spheres name text with
                    | [ Ok _ ], warnings ->
                        Expect.exists warnings (fun said -> said.Contains "its last number is wrong") name
                        Expect.equal warnings.Length 1 name
                    | read, _ -> failtest $"{name}: {describe read}")

        testCase "dumps name quaternions as OVITO turns particles by them" (fun () ->
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "out.dump")
                let snapshot = one InputOptions.defaults (peer "from-zero.dump")

                FrameFile.writeSnapshots FrameOutputOptions.defaults path [ Ok snapshot ]
                |> ignore

                let columns = File.ReadAllLines path |> Array.find _.StartsWith("ITEM: ATOMS")

                Expect.stringContains
                    columns
                    "quatw quati quatj quatk c_diameter[1] c_diameter[2] c_diameter[3]"
                    "columns"

                SnapshotTests.expectSameFrame 1e-15 (one InputOptions.defaults path).Frame snapshot.Frame))

        testCase "elements keep their numbers as types beside X, and long lists of types are cut short" (fun () ->
            let frame (species: int seq) =
                species
                |> Seq.mapi (fun i number ->
                    Ellipsoid.sphere number (Vector3.create (float i) 0.0 0.0) 0.5
                    |> SnapshotTests.get)
                |> Frame.create Cell.none

            let written names species =
                let snapshot = Snapshot.create (frame species) names None [] [] |> SnapshotTests.get
                let read, lost = SnapshotTests.roundTrip "out.dump" FrameOutputOptions.defaults [ snapshot ]

                read.Head.Frame.Particles |> Seq.map _.Species |> Seq.toList,
                lost |> List.find _.Contains("types are numbered")

            let types, said = written (Map [ 0, "X"; 6, "C"; 8, "O" ]) [ 0; 6; 8 ]
            Expect.equal types [ 1; 6; 8 ] "X has the first number that is free"
            Expect.stringContains said "species 0 is 1" "said"
            Expect.isFalse (said.Contains "6 is") "of X alone"
            let types, _ = written Map.empty [ 0; 1; 2 ]
            Expect.equal types [ 1; 2; 3 ] "numbers from 0"
            let _, said = written Map.empty [ 0..118 ]
            Close.below said.Length 200 "cut short"
            Expect.stringContains said "118 is 119" "the last")
    ]
