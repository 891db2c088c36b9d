/// LAMMPS dumps and data files: the variants that programs and people write, round trips, and what cannot be read.
module AniSoap.Tests.LammpsTests

open System
open System.Collections.Immutable
open Expecto
open FsCheck
open FsCheck.FSharp
open AniSoap
open AniSoap.Tests.Generators

let private get = SnapshotTests.get

let private dump =
    "ITEM: TIMESTEP
0
ITEM: NUMBER OF ATOMS
3
ITEM: BOX BOUNDS pp pp pp
0 8
0 8
0 8
ITEM: ATOMS id type x y z c_q[1] c_q[2] c_q[3] c_q[4] c_shape[1] c_shape[2] c_shape[3] fx fy fz element
7 2 1 2 3 1 0 0 0 1 1 2 0.1 0.2 0.3 B
2 1 4 5 6 0 1 0 0 2 1 1 0.4 0.5 0.6 A
9 1 7 1 2 0 0 1 0 2 1 1 0.7 0.8 0.9 A
ITEM: TIMESTEP
10
ITEM: NUMBER OF ATOMS
1
ITEM: BOX BOUNDS pp ff ss
0 8
0 8
0 8
ITEM: ATOMS id type x y z c_q[1] c_q[2] c_q[3] c_q[4] c_shape[1] c_shape[2] c_shape[3] fx fy fz element
3 1 4 5 6 0 1 0 0 2 1 1 0.4 0.5 0.6 A
"

let private data =
    "a title

3 atoms
2 ellipsoids
2 atom types
0 8 xlo xhi
0 9 ylo yhi # a comment
-1 7 zlo zhi
0.5 0.25 -0.125 xy xz yz

Atoms # ellipsoid

3 1 1 2.0 1 2 3 0 0 1
1 2 0 3.0 4 5 6 0 0 0 # a point
2 1 1 2.0 7 1 2 -1 0 0

Velocities

1 1 2 3 4 5 6
2 1 2 3 4 5 6
3 7 8 9 10 11 12

Ellipsoids

2 2 1 1 0 1 0 0
3 2 1 1 0 0 1 0
"

let private snapshots name options text = SnapshotTests.snapshotsOfText name options text
let private spheres = FormatSupport.spheres

let private outcome (name: string) options (text: string) =
    FormatSupport.withText name text (fun path -> FrameFile.snapshotsWith options path |> Seq.toList)

let private errorOf name options text =
    match outcome name options text |> List.tryLast with
    | Some(Error error) -> error
    | _ -> failtest "reading succeeded"

let private refuses name text (what: string) line =
    let error = errorOf name spheres text
    Expect.stringContains (AniSoapError.describe error) what "the reason"
    Expect.equal (FormatSupport.placeOf error).Line (Some line) $"the line of: {AniSoapError.describe error}"
    Expect.isSome (FormatSupport.placeOf error).Source "the file"

let private ids snapshot = Quantities.tryIntegers Quantities.Ids 1 snapshot |> Option.map Seq.toList

let private reals name width snapshot =
    Quantities.tryReals name width snapshot
    |> Option.map Seq.toList
    |> Option.defaultValue []

let private replaced (a: string) (b: string) (text: string) =
    Expect.stringContains text a "the test's own text"
    text.Replace(a, b)

/// A frame with the columns that LAMMPS has names for.
let private dressed (SomeFrame frame) =
    gen {
        let count = frame.Particles.Length
        let real = Gen.choose (-1000000, 1000000) |> Gen.map (fun n -> float n / 7.0)
        let! step = Gen.choose64 (0L, 1L <<< 40)

        let! columns =
            [ Quantities.Forces; Quantities.Torques; Quantities.Velocities; Quantities.AngularMomenta ]
            |> List.map (fun name ->
                Gen.arrayOfLength (3 * count) real
                |> Gen.map (fun all -> SnapshotTests.column name 3 (SnapshotTests.reals all)))
            |> Gen.sequenceToList

        let! masses = Gen.arrayOfLength count (Gen.choose (1, 1000000) |> Gen.map (fun n -> float n / 7.0))
        let! images = Gen.arrayOfLength (3 * count) (Gen.choose (-5, 5) |> Gen.map int64)

        let columns =
            columns
            @ [
                SnapshotTests.column Quantities.Masses 1 (SnapshotTests.reals masses)
                SnapshotTests.column Quantities.Images 3 (SnapshotTests.integers images)
            ]

        return Snapshot.create frame Map.empty (Some step) [] columns |> get
    }

let private snapshot =
    ArbMap.defaults
    |> ArbMap.mergeWith<Arbitraries>
    |> ArbMap.generate<SomeFrame>
    |> Gen.bind dressed

let private inBody (p: Ellipsoid) v = Matrix3.transpose (Quaternion.toMatrix p.Orientation) * v
let private coordinates (v: Vector3) = [ v.X; v.Y; v.Z ]

/// What turning everything together leaves as it is: all vectors seen from the bodies.
let private seenFromBodies (columns: string list) (frame: Frame) snapshot = [|
    for p in frame.Particles do
        for other in frame.Particles do
            yield! coordinates (inBody p (other.Position - p.Position))

        let cell, repeats = frame.Cell.Vectors, frame.Cell.Periodicity

        for v, repeats in [ cell.Row1, repeats.A; cell.Row2, repeats.B ] do
            if repeats then
                yield! coordinates (inBody p v)

        // The vector c of a left-handed cell is turned around.
        if repeats.C then
            let c = inBody p cell.Row3

            yield!
                coordinates (
                    if Matrix3.determinant frame.Cell.Basis < 0.0 then
                        -1.0 * c
                    else
                        c
                )

    for name in columns do
        let all = reals name 3 snapshot |> List.toArray

        for i in 0 .. frame.Particles.Length - 1 do
            yield! coordinates (inBody frame.Particles[i] (Vector3.create all[3 * i] all[3 * i + 1] all[3 * i + 2]))
|]

let private expectSame columns (again: Snapshot) (snapshot: Snapshot) =
    let frame = snapshot.Frame
    Expect.equal again.Frame.Particles.Length frame.Particles.Length "particles"

    for a, b in Seq.zip again.Frame.Particles frame.Particles do
        Expect.equal (a.Species, a.SemiAxes) (b.Species, b.SemiAxes) "species and shape"

    let expected = seenFromBodies columns frame snapshot
    let scale = expected |> Array.fold (fun largest x -> max largest (abs x)) 1.0
    Close.within 1e-13 scale (seenFromBodies columns again.Frame again) expected "seen from the bodies"
    Close.within 1e-15 1e6 (Seq.toArray (reals "masses" 1 again)) (Seq.toArray (reals "masses" 1 snapshot)) "masses"
    Expect.equal again.Step snapshot.Step "step"

let private property name check =
    testPropertyWithConfig { config with maxTest = 80 } name (Prop.forAll (Arb.fromGen snapshot) check)

[<Tests>]
let dumps =
    testList "LAMMPS dump" [
        testCase "particles come by ascending id, their columns with them" (fun () ->
            let all = snapshots "in.dump" InputOptions.defaults dump
            let first = all.Head
            Expect.equal (ids first) (Some [ 2L; 7L; 9L ]) "ids"
            Expect.equal (first.Frame.Particles |> Seq.map _.Species |> Seq.toList) [ 1; 2; 1 ] "species"
            Expect.equal first.Frame.Particles[1].Position (Vector3.create 1.0 2.0 3.0) "position"
            Expect.equal first.Frame.Particles[1].SemiAxes (Vector3.create 0.5 0.5 1.0) "shape: full diameters"
            Expect.equal first.Frame.Particles[0].Orientation (Quaternion.create 0.0 1.0 0.0 0.0) "w first"
            Expect.equal (reals Quantities.Forces 3 first) [ 0.4; 0.5; 0.6; 0.1; 0.2; 0.3; 0.7; 0.8; 0.9 ] "forces"

            Expect.equal
                (Snapshot.tryColumn "element" first |> Option.map SnapshotTests.shownColumn)
                (Some("element", 1, [ "S"; "A"; "B"; "A" ]))
                "element"

            Expect.equal (all |> List.map _.Step) [ Some 0L; Some 10L ] "steps"
            Expect.equal all[1].Frame.Cell.Periodicity { A = true; B = false; C = false } "periodicity"

            Expect.equal
                (Snapshot.tryInfo "boundary" all[1] |> Option.map SnapshotTests.shownInfo)
                (Some "text pp ff ss")
                "boundaries")

        testCase "features, species and numbers of frames come without the other columns" (fun () ->
            FormatSupport.withBytes
                "in.lammpstrj.gz"
                (FormatSupport.gzip (Text.Encoding.UTF8.GetBytes dump))
                (fun path ->
                    let frames = FormatSupport.framesOf InputOptions.defaults path
                    Expect.equal (frames |> List.map _.Particles.Length) [ 3; 1 ] "particles"
                    Expect.equal (FrameTrajectory.count InputOptions.defaults [ path ]) (Ok 2) "count"

                    Expect.equal (FrameFile.species InputOptions.defaults [ path ]) (Ok [| 1; 2 |]) "species"))

        testCase "columns by the names of compute property/atom, and x y z before all others" (fun () ->
            let text =
                dump
                |> replaced "c_q[1] c_q[2] c_q[3] c_q[4]" "quatw quati quatj quatk"
                |> replaced "c_shape[1] c_shape[2] c_shape[3] fx fy fz" "shapex shapey shapez xs ys zs"

            let again = snapshots "in.dump" InputOptions.defaults text
            let first = snapshots "in.dump" InputOptions.defaults dump
            SnapshotTests.expectSameFrame 0.0 again.Head.Frame first.Head.Frame
            Expect.equal (again.Head.Columns |> List.map _.Name) [ "ids"; "xs"; "ys"; "zs"; "element" ] "the others")

        testCase "a compute's components are one column" (fun () ->
            let text = dump |> replaced "fx fy fz" "c_s[2] c_s[3] c_s[1]"
            let first = (snapshots "in.dump" InputOptions.defaults text).Head
            Expect.equal (reals "c_s" 3 first |> List.take 3) [ 0.6; 0.4; 0.5 ] "in the order of their numbers")

        property "what is written as a dump reads back the same but for the frame of the lab" (fun snapshot ->
            let read, _ = SnapshotTests.roundTrip "out.dump.gz" FrameOutputOptions.defaults [ snapshot; snapshot ]
            Expect.equal read.Length 2 "frames"
            let columns = [ "forces"; "torques"; "velocities"; "angular_momenta" ]
            expectSame columns read.Head snapshot
            expectSame columns read[1] snapshot)

        testCase "a dump cut off anywhere gives whole frames or an error with its place" (fun () ->
            let whole = snapshots "in.dump" InputOptions.defaults dump
            let second = dump.IndexOf("ITEM: TIMESTEP", 1, StringComparison.Ordinal)

            for length in 0 .. dump.Length - 1 do
                let results = outcome "in.dump" InputOptions.defaults (dump.Substring(0, length))

                for result, expected in Seq.zip results whole do
                    match result with
                    | Ok read -> SnapshotTests.expectSameFrame 0.0 read.Frame expected.Frame
                    | Error error ->
                        let place = FormatSupport.placeOf error
                        Expect.isTrue (place.Source.IsSome && (place.Line.IsSome || length = 0)) $"place at {length}"

                // A row with all its columns is read even without its line end.
                let isWhole = List.contains length [ second; second - 1; dump.Length - 1 ]
                Expect.equal (results |> List.exists _.IsError) (not isWhole) $"cut off after {length} bytes")

        testCase "counts that lie are refused by their line, without memory for what they promise" (fun () ->
            let counts = [ "-1"; "2147483648"; "4611686018427387904"; "99999999999999999999"; "2.5"; "" ]

            for count in counts do
                refuses "in.dump" (dump |> replaced "\n3\nITEM: BOX" $"\n{count}\nITEM: BOX") "number of particles" 4L

            let before = GC.GetAllocatedBytesForCurrentThread()
            refuses "in.dump" (dump |> replaced "\n3\nITEM: BOX" "\n2147483647\nITEM: BOX") "columns" 13L
            let used = GC.GetAllocatedBytesForCurrentThread() - before
            Close.below used 50_000_000L "bytes")

        testCase "what is no dump of particles is refused by its line" (fun () ->
            let refuses = refuses "in.dump"
            refuses (dump |> replaced "7 2 1 2 3" "2 2 1 2 3") "every id once" 11L
            refuses (dump |> replaced "7 2 1 2 3" "7.5 2 1 2 3") "whole number" 10L
            refuses (dump |> replaced "9 1 7 1 2" "9 1 7 x 2") "'x'" 12L
            refuses (dump |> replaced "0.7 0.8 0.9" "0.7 y 0.9") "'y'" 12L
            refuses (dump |> replaced "0.9 A" "0.9") "15 columns" 12L
            refuses (dump |> replaced "pp ff ss" "pp ff") "boundaries" 17L
            refuses (dump |> replaced "pp ff ss" "pp ff xx") "boundaries" 17L
            refuses (dump |> replaced "pp pp pp\n0 8" "pp pp pp\n0 nan") "bound" 6L
            refuses (dump |> replaced "pp pp pp\n0 8" "pp pp pp\n0 0") "cell" 12L
            refuses (dump |> replaced "ITEM: NUMBER OF ATOMS\n3" "ITEM: NUMBER OF ENTRIES\n3") "ENTRIES" 3L
            refuses (dump |> replaced "ITEM: TIMESTEP\n0\n" "") "TIMESTEP" 1L
            refuses "x" "ITEM: TIMESTEP" 1L
            refuses (dump |> replaced "id type x y z" "id id x y z") "columns id" 9L
            refuses (dump |> replaced "type x y z" "type a b c") "position" 9L)

        testCase "a general box must be right-handed and span a volume" (fun () ->
            let general rows =
                dump
                |> replaced "ITEM: BOX BOUNDS pp pp pp\n0 8\n0 8\n0 8" $"ITEM: BOX BOUNDS abc origin pp pp pp\n{rows}"

            Expect.equal (snapshots "in.dump" spheres (general "8 0 0 1\n0 8 0 2\n0 0 8 3")).Length 2 "frames"
            refuses "in.dump" (general "0 8 0 0\n8 0 0 0\n0 0 8 0") "right-handed" 8L
            refuses "in.dump" (general "8 0 0 0\n8 0 0 0\n0 0 8 0") "right-handed" 8L
            refuses "in.dump" (general "8 0 0 0\n0 8 0\n0 0 8 0") "box vector" 7L)
    ]

[<Tests>]
let dataFiles =
    testList "LAMMPS data" [
        testCase "particles come by ascending id with what other sections say of them" (fun () ->
            let one = snapshots "in.data" spheres data |> List.exactlyOne
            Expect.equal (ids one) (Some [ 1L; 2L; 3L ]) "ids"
            Expect.equal one.Frame.Particles[2].Position (Vector3.create 1.0 2.0 3.0) "position"
            Expect.equal one.Frame.Particles[2].SemiAxes (Vector3.create 1.0 0.5 0.5) "diameters"
            Expect.equal one.Frame.Particles[2].Orientation (Quaternion.create 0.0 0.0 1.0 0.0) "w first"
            Expect.isTrue one.Frame.Particles[0].IsSphere "the point"
            let volume = Math.PI / 6.0 * 2.0
            Close.within 1e-15 1.0 (Seq.toArray (reals "masses" 1 one)) [| 3.0; 2.0 * volume; 2.0 * volume |] "masses"
            Expect.equal (reals Quantities.Velocities 3 one |> List.skip 6) [ 7.0; 8.0; 9.0 ] "velocities"
            Expect.equal (reals Quantities.AngularMomenta 3 one |> List.skip 6) [ 10.0; 11.0; 12.0 ] "momenta"
            Expect.equal (Quantities.tryIntegers "images" 3 one |> Option.map (Seq.item 8)) (Some 1L) "images"
            Expect.equal (Quantities.tryOrigin one) (Some(Vector3.create 0.0 0.0 -1.0)) "origin"
            let cell = one.Frame.Cell.Vectors
            Expect.equal (cell.Row2, cell.Row3) (Vector3.create 0.5 9.0 0.0, Vector3.create 0.25 -0.125 8.0) "cell")

        testCase "hybrid, sphere, full and atomic styles, and type labels" (fun () ->
            let body hint rows = $"t\n\n2 atoms\n0 8 xlo xhi\n0 8 ylo yhi\n0 8 zlo zhi\n\nAtoms # {hint}\n\n{rows}\n"
            let read text = (snapshots "in.data" spheres text |> List.exactlyOne)
            let positions (s: Snapshot) = s.Frame.Particles |> Seq.map (fun p -> coordinates p.Position) |> Seq.toList
            let expected = [ [ 1.0; 2.0; 3.0 ]; [ 4.0; 5.0; 6.0 ] ]
            Expect.equal (read (body "atomic" "1 1 1 2 3\n2 1 4 5 6") |> positions) expected "atomic"
            Expect.equal (read (body "" "1 1 1 2 3\n2 1 4 5 6") |> positions) expected "no hint"
            Expect.equal (read (body "full" "1 9 1 -1 1 2 3\n2 9 1 1 4 5 6") |> positions) expected "full"
            let sphere = read (body "sphere" "1 1 3.0 1.0 1 2 3\n2 1 0 1.0 4 5 6")
            Expect.equal (sphere.Frame.Particles |> Seq.map _.SemiAxes.Y |> Seq.toList) [ 1.5; 0.5 ] "spheres"
            let hybrid = read (body "hybrid charge ellipsoid" "1 1 1 2 3 -0.5 0 1\n2 1 4 5 6 0.5 0 1")
            Expect.equal (positions hybrid) expected "hybrid"
            Expect.equal (reals Quantities.Charges 1 hybrid) [ -0.5; 0.5 ] "charges"

            let labelled =
                read (
                    body "atomic" "1 rod 1 2 3\n2 disc 4 5 6"
                    |> replaced "Atoms" "Atom Type Labels\n\n1 disc\n2 rod\n\nAtoms"
                )

            Expect.equal (labelled.Frame.Particles |> Seq.map _.Species |> Seq.toList) [ 2; 1 ] "types"
            Expect.equal labelled.SpeciesNames (Map [ 1, "disc"; 2, "rod" ]) "labels")

        property "what is written as a data file reads back the same but for the frame of the lab" (fun snapshot ->
            let read, _ = SnapshotTests.roundTrip "out.data" FrameOutputOptions.defaults [ snapshot ]
            let again = List.exactlyOne read
            // A data file does not say along which axes the cell repeats.
            let again =
                let v = again.Frame.Cell.Vectors
                let cell = Cell.create v.Row1 v.Row2 v.Row3 snapshot.Frame.Cell.Periodicity |> get

                Snapshot.create { again.Frame with Cell = cell } Map.empty again.Step [] again.Columns
                |> get

            expectSame [ "velocities"; "angular_momenta" ] again snapshot)

        testCase "a data file cut off anywhere is refused" (fun () ->
            // Without its last line end alone it is whole.
            for length in 0 .. data.Length - 2 do
                let text = data.Substring(0, length)
                // Without its last section a file may still be whole; velocities come before the ellipsoids here.
                match outcome "in.data" spheres text with
                | [ Error error ] ->
                    let place = FormatSupport.placeOf error
                    Expect.isTrue (place.Source.IsSome && place.Line.IsSome) $"place at {length}"
                | _ -> failtest $"cut off after {length} bytes: {text}")

        testCase "counts that lie are refused" (fun () ->
            let refuses text what line = refuses "in.data" text what line

            for count in [ "-1"; "2147483648"; "4611686018427387904"; "3.5"; "many" ] do
                let text = data |> replaced "3 atoms" $"{count} atoms"
                Expect.isTrue (errorOf "in.data" spheres text |> FormatSupport.placeOf).Line.IsSome count

            let before = GC.GetAllocatedBytesForCurrentThread()
            refuses (data |> replaced "3 atoms" "2147483647 atoms") "3 rows under Atoms" 26L
            Close.below (GC.GetAllocatedBytesForCurrentThread() - before) 50_000_000L "bytes"
            refuses (data |> replaced "2 ellipsoids" "3 ellipsoids") "2 rows under Ellipsoids" 26L
            refuses (data |> replaced "\n2 1 2 3 4 5 6" "") "2 rows under Velocities" 25L)

        testCase "what does not fit together is refused by its line" (fun () ->
            let refuses = refuses "in.data"
            refuses (data |> replaced "\n1 2 0 3.0" "\n3 2 0 3.0") "every id once" 14L
            refuses (data |> replaced "2 1 1 2.0" "2 1 0 2.0") "ellipsoidflag" 25L
            refuses (data |> replaced "3 2 1 1 0 0 1 0" "5 2 1 1 0 0 1 0") "under Atoms" 26L
            refuses (data |> replaced "3 2 1 1 0 0 1 0" "2 2 1 1 0 0 1 0") "one entry" 26L
            refuses (data |> replaced "3 2 1 1 0 0 1 0" "3 2 1 1 0 0 0 0") "quaternion" 13L
            refuses (data |> replaced "Atoms # ellipsoid" "Atoms # rods") "--atom-style" 13L
            refuses (data |> replaced "0 8 xlo" "8 0 xlo") "below" 6L
            refuses (data |> replaced "7 1 2 -1 0 0" "7 1 2") "columns" 15L
            refuses (data |> replaced "7 1 2 -1 0 0" "7 1 2 -1.5 0 0") "whole number" 15L)

        testCase "one frame is all that a data file holds" (fun () ->
            let one = snapshots "in.data" spheres data |> List.exactlyOne

            TestData.inFolder (fun folder ->
                let path = IO.Path.Combine(folder, "out.data")

                let outcome = FrameFile.writeSnapshots FrameOutputOptions.defaults path [ Ok one; Ok one ]

                Expect.isTrue outcome.IsError "two frames"
                Expect.isEmpty (IO.Directory.GetFiles folder) "nothing is left"))

        testCase "types from 1, labels, a box for what has none, and what is lost is said" (fun () ->
            let sphere species x = get (Ellipsoid.sphere species (Vector3.create x 0.0 0.0) 0.5)
            let frame = Frame.create Cell.none [ sphere 0 0.0; sphere 9 3.0 ]
            let energy = [ "energy", InfoValue.Real 1.0 ]
            let column = SnapshotTests.column "c_pe" 1 (SnapshotTests.reals [ 1.0; 2.0 ])
            let snapshot = Snapshot.create frame (Map [ 9, "disc" ]) None energy [ column ] |> get
            let read, lost = SnapshotTests.roundTrip "out.data" FrameOutputOptions.defaults [ snapshot ]
            Expect.equal (read.Head.Frame.Particles |> Seq.map _.Species |> Seq.toList) [ 1; 2 ] "types"
            Expect.equal read.Head.SpeciesNames (Map [ 1, "type1"; 2, "disc" ]) "labels"

            for what in [ "0 is 1, 9 is 2"; "as large as"; "c_pe"; "energy"; "boundary f f f"; "mass 1" ] do
                Expect.exists lost (fun said -> said.Contains what) $"{what} is said: {lost}")
    ]
