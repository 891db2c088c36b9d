/// Points of LAMMPS (`ellipsoidflag` 0), masses of types, and shapes out of a data file of the run.
module AniSoap.Tests.LammpsPointTests

open System.IO
open Expecto
open AniSoap

let peer name = Path.Combine(Repository.root, "tests", "data", "peers", name)

/// All snapshots of some files, and what was warned of.
let readAll options (paths: string list) =
    let warnings = ResizeArray<string>()

    let read =
        FrameFile.snapshotsNumbered { options with Warn = warnings.Add } paths
        |> Seq.map (Result.map _.Value)
        |> Seq.toList

    read, List.ofSeq warnings

let readText options name text = FormatSupport.withText name text (fun path -> readAll options [ path ])

let one options path =
    match readAll options [ path ] with
    | [ Ok snapshot ], _ -> snapshot
    | [ Error error ], _ -> failtest (AniSoapError.describe error)
    | other -> failtest $"{other}"

let describe (read: Result<'a, AniSoapError> list) =
    match List.tryLast read with
    | Some(Error error) -> AniSoapError.describe error
    | _ -> failtest "reading succeeded"

let private sizes (snapshot: Snapshot) = snapshot.Frame.Particles |> Seq.map _.SemiAxes |> Seq.toList
let private rod = Vector3.create 1.5 0.5 0.5
let private disc = Vector3.create 0.75 0.5 0.3
let private ball r = Vector3.create r r r
let private sized = { InputOptions.defaults with PointSemiAxis = Some 0.3 }

let private flags snapshot = Quantities.tryIntegers "ellipsoidflag" 1 snapshot |> Option.map Seq.toList
let private masses snapshot = Quantities.tryReals Quantities.Masses 1 snapshot |> Option.map Seq.toArray

/// Writes a snapshot as a data file and gives its lines.
let private dataOf snapshot =
    let mutable lines = [||]

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "out.data")

        FrameFile.writeSnapshots FrameOutputOptions.defaults path [ Ok snapshot ]
        |> SnapshotTests.get
        |> ignore

        lines <- File.ReadAllLines path)

    lines

let private isRow (id: string) (line: string) = line.StartsWith(id + " ", System.StringComparison.Ordinal)

let private ofPoints = { InputOptions.defaults with PointsWithoutSize = true }

[<Tests>]
let points =
    testList "points of LAMMPS" [
        testCase
            "rows 1 0 0 0 and 1 1 1 beside other shapes get the diameter of points, of all species or of one"
            (fun () ->
                let expected = [ rod; disc; ball 0.3; disc; rod; ball 0.3 ]
                let read, warnings = readAll sized [ peer "points.dump" ]
                Expect.equal (read.Head |> SnapshotTests.get |> sizes) expected "all"
                Expect.isEmpty warnings "nothing is left to say"
                let third = { InputOptions.defaults with PointSemiAxisBySpecies = Map [ 3, 0.3 ] }
                Expect.equal (one third (peer "points.dump") |> sizes) expected "species 3"

                Expect.equal
                    (one sized (peer "points.dump") |> flags)
                    (Some [ 1L; 1L; 0L; 1L; 1L; 0L ])
                    "they are points")

        testCase
            "without a diameter of points they are balls of diameter 1, with one warning that names the remedies"
            (fun () ->
                let read, warnings = readAll InputOptions.defaults [ peer "points.dump" ]
                Expect.equal (read.Head |> SnapshotTests.get |> sizes |> List.item 2) (ball 0.5) "a ball"
                Expect.equal warnings.Length 1 "one"

                for what in [ "points"; "--point-diameter"; "--shapes-from" ] do
                    Expect.stringContains warnings.Head what "the remedy"

                let other = { InputOptions.defaults with PointSemiAxisBySpecies = Map [ 2, 0.3 ] }
                let read, warnings = readAll other [ peer "points.dump" ]
                Expect.equal (read.Head |> SnapshotTests.get |> sizes |> List.item 2) (ball 0.5) "of another species"
                Expect.equal warnings.Length 1 "warned of too")

        testCase
            "balls of diameter 1 alone are balls, and a diameter of points that is of no use is warned of"
            (fun () ->
                let text =
                    "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS ff ff ff\n0 9\n0 9\n0 9\n\
                 ITEM: ATOMS id type x y z quatw quati quatj quatk shapex shapey shapez\n1 1 3 3 3 1 0 0 0 1 1 1\n"

                let read, warnings = readText sized "in.dump" text
                Expect.equal (read.Head |> SnapshotTests.get |> sizes) [ ball 0.5 ] "a ball"
                Expect.exists warnings (fun said -> said.Contains "not used") "said")

        testCase "shapes, flags and masses of a dump come by id from a data file" (fun () ->
            let options = { sized with ShapesFrom = Some(peer "points.data") }
            let snapshot = one options (peer "points.dump")
            Expect.equal (sizes snapshot) [ rod; disc; ball 0.3; disc; rod; ball 0.3 ] "shapes"
            Expect.equal (flags snapshot) (Some [ 1L; 1L; 0L; 1L; 1L; 0L ]) "flags"
            let masses = masses snapshot |> Option.get
            Close.within 1e-15 1.0 [| masses[2]; masses[5] |] [| 1.25; 1.25 |] "masses of points"
            Close.within 1e-14 1.0 [| masses[0] |] [| System.Math.PI / 2.0 |] "of a rod"

            let bare =
                File
                    .ReadAllText(peer "points.dump")
                    .Replace("c_diameter[1] c_diameter[2] c_diameter[3]", "c_a c_b c_d")

            let read, _ = readText options "bare.dump" bare
            Expect.equal (read.Head |> SnapshotTests.get |> sizes) (sizes snapshot) "where the dump has none"

            let described =
                readAll { options with ShapesFrom = Some(peer "masses.data") } [ peer "points.dump" ]
                |> fst
                |> describe

            Expect.stringContains described "line 12" "the place"
            Expect.stringContains described "id = 3" "an id that is not there"
            let refused = readAll options [ peer "points.data" ] |> fst |> describe
            Expect.stringContains refused "dumps" "beside dumps alone")

        testCase "points stay points in a data file: flag, mass and no entry, whatever size they were given" (fun () ->
            let fromData = one ofPoints (peer "points.data")

            let again = one { sized with ShapesFrom = Some(peer "points.data") } (peer "points.dump")

            for snapshot in [ fromData; one sized (peer "points.data"); again ] do
                let lines = dataOf snapshot
                Expect.contains lines "4 ellipsoids" "the header"

                for id in [ "3"; "6" ] do
                    let rows = lines |> Array.filter (isRow id) |> Array.filter (fun line -> line.Contains '.')
                    Expect.equal rows.Length 1 "no entry under Ellipsoids"
                    Expect.stringStarts rows[0] $"{id} 3 0 1.25 " "flag and mass")

        testCase
            "points without a size are let through on demand alone, and only where the file says that they are points"
            (fun () ->
                Expect.stringContains
                    (readAll InputOptions.defaults [ peer "points.data" ] |> fst |> describe)
                    "shape"
                    "refused"

                Expect.stringContains
                    (readAll ofPoints [ peer "masses.data" ] |> fst |> describe)
                    "shape"
                    "no flags there")

        testCase "masses of types are a column where the style has none of its own" (fun () ->
            Expect.equal (one FormatSupport.spheres (peer "masses.data") |> masses) (Some [| 12.5; 16.5 |]) "masses"
            let text = File.ReadAllText(peer "masses.data")

            let styles = [
                "full", "1 7 1 0.25 1 2 3\n2 7 2 -0.25 4 5 6"
                "molecular", "1 7 1 1 2 3\n2 7 2 4 5 6"
                "atomic", "1 1 1 2 3\n2 2 4 5 6"
            ]

            for style, rows in styles do
                let read, _ =
                    text.Replace("# charge", "# " + style).Replace("1 1 0.25 1 2 3\n2 2 -0.25 4 5 6", rows)
                    |> readText FormatSupport.spheres "in.data"

                Expect.equal (read.Head |> SnapshotTests.get |> masses) (Some [| 12.5; 16.5 |]) style

            let refused =
                readText FormatSupport.spheres "in.data" (text.Replace("2 16.5\n", ""))
                |> fst
                |> describe

            Expect.stringContains refused "mass of type 2" "a type without"

            let wrong =
                readText FormatSupport.spheres "in.data" (text.Replace("2 16.5\n", "2 -1\n"))
                |> fst
                |> describe

            Expect.stringContains wrong "line 13" "its line"

            let none =
                readText FormatSupport.spheres "in.data" (text.Replace("2 16.5\n", "2 0\n"))
                |> fst
                |> describe

            Expect.stringContains none "mass of type 2" "none"

            // What write_data writes of a hybrid style with densities.
            let own =
                File.ReadAllText(peer "points.data").Replace("Atoms #", "Masses\n\n1 0\n2 0\n3 0\n\nAtoms #")
                |> readText sized "in.data"

            Expect.equal
                (fst own |> List.head |> SnapshotTests.get |> masses |> Option.map (Array.item 2))
                (Some 1.25)
                "beside masses of particles")

        testCase "an ellipsoid without an entry is refused by its line, and so is a flag that is none" (fun () ->
            let text = File.ReadAllText(peer "points.data")
            let refuse (a: string) (b: string) = readText sized "in.data" (text.Replace(a, b)) |> fst |> describe
            let flagged = refuse "3 3 0 1.25" "3 3 1 1.25"
            Expect.stringContains flagged "line 15" "its line"
            Expect.stringContains flagged "without an entry under Ellipsoids" "why"
            Expect.stringContains (refuse "3 3 0 1.25" "3 3 2 1.25") "ellipsoidflag = 2" "no flag"
            let bare = text.Substring(0, text.IndexOf "Ellipsoids").Replace("4 ellipsoids\n", "")

            Expect.stringContains
                (readText sized "in.data" bare |> fst |> describe)
                "without an entry"
                "no section at all")

        testCase "a shape that is given needs an orientation, which a data file has under Ellipsoids alone" (fun () ->
            let options = { InputOptions.defaults with SemiAxes = Some(Vector3.create 1.0 0.5 0.5) }
            let refused = readAll options [ peer "masses.data" ] |> fst |> describe
            Expect.stringContains refused "the orientation is missing" "why")
    ]
