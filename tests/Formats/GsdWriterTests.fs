/// Writing GSD files, held against the format's rules and against reading them again.
module AniSoap.Tests.GsdWriterTests

open System
open System.Collections.Immutable
open System.IO
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

let private writeTo path (snapshots: Snapshot seq) =
    let lost = ResizeArray<string>()

    FrameFile.writeSnapshots
        { FrameOutputOptions.defaults with Warn = lost.Add; Existing = Existing.Replace }
        path
        (Seq.map Ok snapshots)
    |> Golden.sure
    |> ignore

    List.ofSeq lost

let private inFile (action: string -> 'a) =
    let mutable result = Unchecked.defaultof<'a>
    TestData.inFolder (fun folder -> result <- action (Path.Combine(folder, "output.gsd")))
    result

let private snapshotsOf path = FrameFile.snapshots path |> Seq.map Golden.sure |> Seq.toList

/// What comes back of snapshots, and what was said to be lost.
let private roundTrip (snapshots: Snapshot seq) =
    inFile (fun path ->
        let lost = writeTo path snapshots
        snapshotsOf path, lost)

let private bytesOf snapshots =
    inFile (fun path ->
        writeTo path snapshots |> ignore
        File.ReadAllBytes path)

/// Holds a file of version 2 against the rules of the container; gives its chunks as (frame, name, entry).
let private check (bytes: byte[]) =
    let u64 (place: int) = BitConverter.ToUInt64(bytes, place)
    let length = uint64 bytes.Length
    Expect.equal (u64 0) 0x65DF65DF65DF65DFUL "magic"
    let indexPlace, indexRoom, namesPlace, namesRoom = u64 8, u64 16, u64 24, u64 32
    Expect.equal (BitConverter.ToUInt32(bytes, 40)) 0x10004u "schema 1.4"
    Expect.equal (BitConverter.ToUInt32(bytes, 44)) 0x20001u "version 2.1"
    Expect.isTrue (indexPlace + 32UL * indexRoom <= length) "the index is in the file"
    Expect.isTrue (namesPlace + 64UL * namesRoom <= length) "the names are in the file"
    Expect.equal bytes[int (namesPlace + 64UL * namesRoom) - 1] 0uy "the names' last byte"

    let names =
        Encoding.UTF8.GetString(bytes, int namesPlace, 64 * int namesRoom).Split('\000')
        |> Array.takeWhile (fun name -> name <> "")

    let entries =
        [ 0 .. int indexRoom - 1 ]
        |> List.map (fun i -> int indexPlace + 32 * i)
        |> List.takeWhile (fun place -> u64 (place + 16) <> 0UL)
        |> List.map (fun place ->
            let rows, location, columns =
                u64 (place + 8), u64 (place + 16), BitConverter.ToUInt32(bytes, place + 24)

            let kind = int bytes[place + 30]
            let size = [| 0UL; 1UL; 2UL; 4UL; 8UL; 1UL; 2UL; 4UL; 8UL; 4UL; 8UL; 1UL |][kind]
            Expect.equal bytes[place + 31] 0uy "flags"
            Expect.isTrue (columns > 0u) "columns"
            Expect.isTrue (u64 place < indexRoom) "the frame is less than the index's room"
            struct (u64 place, int (BitConverter.ToUInt16(bytes, place + 28))), location, rows * uint64 columns * size)

    let keys = entries |> List.map (fun (key, _, _) -> key)
    Expect.equal keys (List.sort keys) "entries by frame and name"
    Expect.equal (List.distinct keys) keys "no entry twice"

    let blocks =
        (0UL, 256UL)
        :: (indexPlace, 32UL * indexRoom)
        :: (namesPlace, 64UL * namesRoom)
        :: [ for _, location, size in entries -> location, size ]
        |> List.filter (fun (_, size) -> size > 0UL)
        |> List.sort

    for (first, size), (second, _) in List.pairwise blocks do
        Expect.isTrue (first + size <= second) $"blocks at {first} and {second} do not overlap"

    Expect.isTrue (blocks |> List.forall (fun (place, size) -> place + size <= length)) "all data are in the file"
    [ for struct (frame, name), _, _ in entries -> frame, names[name] ]

let private columnsOf (snapshot: Snapshot) = [
    for column in snapshot.Columns ->
        column.Name,
        column.Width,
        (match column.Values with
         | ColumnValues.Reals all -> box (Seq.toList all)
         | ColumnValues.Integers all -> box (Seq.toList all)
         | ColumnValues.Logicals all -> box (Seq.toList all)
         | ColumnValues.Texts all -> box (Seq.toList all))
]

let private particlesOf (snapshot: Snapshot) = [
    for p in snapshot.Frame.Particles -> p.Species, p.Position, p.SemiAxes
]

/// The turn that is left between two orientations.
let private turnBetween (a: Quaternion) (b: Quaternion) = 1.0 - abs (a.W * b.W + a.X * b.X + a.Y * b.Y + a.Z * b.Z)

let private sameSnapshot (actual: Snapshot) (expected: Snapshot) =
    Expect.equal (particlesOf actual) (particlesOf expected) "species, positions and semi-axes"
    Expect.equal actual.Frame.Cell.Vectors expected.Frame.Cell.Vectors "cell"
    Expect.equal actual.Frame.Cell.Periodicity expected.Frame.Cell.Periodicity "periodicity"
    Expect.equal actual.Step expected.Step "step"
    Expect.equal actual.SpeciesNames expected.SpeciesNames "names of species"
    Expect.equal (columnsOf actual) (columnsOf expected) "columns"
    Expect.equal (sprintf "%A" actual.Info) (sprintf "%A" expected.Info) "info"

    for a, b in Seq.zip actual.Frame.Particles expected.Frame.Particles do
        Close.below (turnBetween a.Orientation b.Orientation) 1e-12 "orientation"

let private golden name =
    test $"{name}.gsd written again holds the same" {
        TestData.withFile $"gsd/{name}.gsd" (fun path ->
            let before = snapshotsOf path
            let after, lost = roundTrip before
            Expect.equal lost [] "nothing is lost"
            Expect.equal after.Length before.Length "frames"
            List.iter2 sameSnapshot after before
            check (bytesOf before) |> ignore)
    }

let private reals (values: float list) = ColumnValues.Reals(ImmutableArray.CreateRange values)
let private integers (values: int64 list) = ColumnValues.Integers(ImmutableArray.CreateRange values)
let private column name width values = ParticleColumn.create name width values |> Golden.sure

let private cube side =
    let all = { A = true; B = true; C = true }

    Cell.create (Vector3.create side 0 0) (Vector3.create 0 side 0) (Vector3.create 0 0 side) all
    |> Golden.sure

let private particle species position =
    Ellipsoid.create species position (Quaternion.create 0.5 0.5 0.5 0.5) (Vector3.create 0.5 0.75 1.5)
    |> Golden.sure

let private two =
    Frame.create (cube 8.0) [ particle 1 Vector3.zero; particle 6 (Vector3.create 1 -2 3) ]

let private snapshot frame info columns = Snapshot.create frame Map.empty (Some 12L) info columns |> Golden.sure

/// The coordinates of the particles in units of the cell's vectors.
let private fractions (frame: Frame) = [
    let inverse = Matrix3.transpose (Matrix3.inverse frame.Cell.Basis)
    for p in frame.Particles -> inverse * p.Position
]

let private largest (v: Vector3) = max (abs v.X) (max (abs v.Y) (abs v.Z))
let private gram (m: Matrix3) = Matrix3.multiply m (Matrix3.transpose m)

/// The cell's vectors as a particle sees them.
let private inBody (cell: Matrix3) (p: Ellipsoid) = Matrix3.multiply cell (Quaternion.toMatrix p.Orientation)

let private difference (a: Matrix3) (b: Matrix3) =
    List.max [ largest (a.Row1 - b.Row1); largest (a.Row2 - b.Row2); largest (a.Row3 - b.Row3) ]

/// One frame written and read is the same but for turning, whole cells, and single precision.
let private isSameLattice (frame: Frame) =
    let read, _ = roundTrip [ Snapshot.ofFrame frame ]
    let found = read.Head.Frame

    let handed =
        if Matrix3.determinant frame.Cell.Vectors < 0.0 then
            -1.0
        else
            1.0

    let right (m: Matrix3) = { m with Row3 = handed * m.Row3 }
    let cell = right frame.Cell.Vectors

    let size =
        largest (Vector3.create (Vector3.norm cell.Row1) (Vector3.norm cell.Row2) (Vector3.norm cell.Row3))

    Close.below (difference (gram found.Cell.Vectors) (gram cell)) (1e-5 * size * size) "lengths and angles"

    for p, q, s, t in
        Seq.zip (Seq.zip frame.Particles found.Particles) (Seq.zip (fractions frame) (fractions found))
        |> Seq.map (fun ((p, q), (s, t)) -> p, q, s, t) do
        let away = Vector3.create (t.X - s.X) (t.Y - s.Y) (t.Z - handed * s.Z)
        let whole = Vector3.create (round away.X) (round away.Y) (round away.Z)
        Close.below (largest (away - whole)) 1e-4 "positions but for whole cells"
        Close.atMost (largest t) 0.50001 "inside the box"
        Expect.equal q.Species p.Species "species"
        Expect.equal q.SemiAxes p.SemiAxes "semi-axes, all digits"

        Close.below (difference (inBody found.Cell.Vectors q) (inBody cell p)) (1e-5 * size) "orientations to the cell"

/// The frame with a cell that repeats along all axes.
let private periodic (frame: Frame) =
    let v = frame.Cell.Basis
    let cell = Cell.create v.Row1 v.Row2 v.Row3 { A = true; B = true; C = true } |> Golden.sure
    { frame with Cell = cell }

[<Tests>]
let tests =
    testList "GSD writer" [
        golden "ellipsoids"
        golden "defaults"
        golden "many-frames"
        golden "two-dimensional"

        property
            "a periodic frame comes back but for turning, whole cells and single precision"
            (fun (SomeFrame frame) -> isSameLattice (periodic frame))

        test "columns and info come back, those of the schema in single precision" {
            let columns = [
                column Quantities.Velocities 3 (reals [ 1; 2; 3; 4; 5; 6.5 ])
                column Quantities.Masses 1 (reals [ 2; 1.5 ])
                column Quantities.Charges 1 (reals [ -1; 0.25 ])
                column "body" 1 (integers [ -1L; 4L ])
                column Quantities.Images 3 (integers [ 0L; 1L; -2L; 0L; 0L; 5L ])
                column Quantities.Forces 3 (reals [ 0.1; 0.2; 0.3; 1e-300; 1e300; nan ])
                column "molecules" 1 (integers [ Int64.MaxValue; -7L ])
                column "label" 1 (ColumnValues.Texts(ImmutableArray.Create("left", "rechts é")))
                column "pair" 2 (integers [ 1L; 2L; 3L; 4L ])
            ]

            let info = [
                "energy", InfoValue.Real -1.0000000000000002
                "count", InfoValue.Integer 3L
                "note", InfoValue.Text "two particles"
                "stress", InfoValue.Reals(ImmutableArray.Create(1.0, 2.5, 3.0))
                "table",
                InfoValue.Rows(
                    ImmutableArray.Create(
                        InfoValue.Reals(ImmutableArray.Create(1.0, 2.0)),
                        InfoValue.Reals(ImmutableArray.Create(3.0, 4.0))
                    )
                )
            ]

            let before = snapshot two info columns
            let after, lost = roundTrip [ before ]
            Expect.equal lost [] "nothing is lost"
            let byName = columnsOf >> List.sortBy (fun (name, _, _) -> name)
            Expect.equal (sprintf "%A" (byName after.Head)) (sprintf "%A" (byName before)) "columns"
            let others = after.Head.Info |> List.filter (fun (key, _) -> key <> Quantities.Origin)
            Expect.equal (sprintf "%A" others) (sprintf "%A" info) "info"
            Expect.equal after.Head.Step (Some 12L) "step"
            Expect.equal [ for p in after.Head.Frame.Particles -> p.Species ] [ 1; 6 ] "species"
        }

        test "angular momenta come back in the lab frame" {
            let momenta = column Quantities.AngularMomenta 3 (reals [ 1; 2; 3; -4; 0; 0.5 ])
            let after, lost = roundTrip [ snapshot two [] [ momenta ] ]
            Expect.equal lost [] "nothing is lost"
            Expect.equal (columnsOf after.Head) (columnsOf (snapshot two [] [ momenta ])) "momenta"
        }

        test "the container's rules hold where the index has to grow" {
            let snapshots = [
                for i in 0..699 ->
                    let frame =
                        Frame.create (cube (8.0 + float i)) [ particle 1 (Vector3.create (0.001 * float i) 0 0) ]

                    let info = [
                        for k in 0..59 -> $"a rather long name {k}", InfoValue.Real(float (if k = i % 60 then i else k))
                    ]

                    Snapshot.create frame Map.empty (Some(int64 i)) info [] |> Golden.sure
            ]

            let chunks = check (bytesOf snapshots)
            Expect.equal (chunks |> List.map fst |> List.max) 699UL "frames"
            Expect.equal (chunks |> List.filter (fun (_, name) -> name.StartsWith "log/") |> List.length) 700 "info"
            let after, lost = roundTrip snapshots
            Expect.equal lost [] "nothing is lost"
            Expect.equal (after |> List.map _.Step) (snapshots |> List.map _.Step) "steps"

            for a, b in List.zip after snapshots do
                Expect.equal (sprintf "%A" a.Info.Tail) (sprintf "%A" b.Info) "info"
        }

        test "the container's rules hold where the list of names has to grow" {
            use memory = new MemoryStream()
            let file = GsdFileWriter(memory, "tests", "hoomd", GsdHeader.version 1 4)

            for i in 0..2999 do
                file.Write [ GsdValues.octet $"a rather long name {i}" (byte i) ] |> Golden.sure

            file.Finish()
            let chunks = check (memory.ToArray())
            Expect.equal chunks [ for i in 0..2999 -> uint64 i, $"a rather long name {i}" ] "names of the chunks"
        }

        test "what frame 0 says is not taken for a later frame that does not say it" {
            let full =
                snapshot two [] [
                    column Quantities.Masses 1 (reals [ 2; 3 ])
                    column Quantities.Images 3 (integers [ 1L; 0L; 0L; 0L; 0L; 0L ])
                ]

            let bare = Snapshot.ofFrame two
            let after, _ = roundTrip [ full; bare; Snapshot.ofFrame (Frame.create (cube 8.0) []) ]
            let masses = Quantities.tryReals Quantities.Masses 1 after[1] |> Option.map Seq.toList
            Expect.equal masses (Some [ 1.0; 1.0 ]) "the schema's default"
            Expect.equal after[1].Step (Some 0L) "step"
            Expect.equal after[2].Frame.Particles.Length 0 "an empty frame"
        }

        test "a species of several shapes has several types and stays one species" {
            let shapes = [ 0.5; 1.0; 2.0 ]
            let particles = [ for a in shapes -> Ellipsoid.sphere 6 (Vector3.create a 0 0) a |> Golden.sure ]
            let frame = Frame.create (cube 8.0) (particle 1 Vector3.zero :: particles)
            let after, lost = roundTrip [ Snapshot.ofFrame frame ]
            Expect.equal lost [] "nothing is lost"
            Expect.equal (particlesOf after.Head) (particlesOf (Snapshot.ofFrame frame)) "species and shapes"
        }

        test "shapes that change with every frame do not pile up types" {
            let frames = [
                for i in 0..999 ->
                    Frame.create (cube 8.0) [ Ellipsoid.sphere 1 Vector3.zero (1.0 + 0.001 * float i) |> Golden.sure ]
                    |> Snapshot.ofFrame
            ]

            let after, _ = roundTrip frames
            Expect.equal (after |> List.map particlesOf) (frames |> List.map particlesOf) "shapes"
            Close.below (bytesOf frames).Length 12_000_000 "bytes"
        }

        test "what a GSD box cannot be is said" {
            let lost frame = roundTrip [ Snapshot.ofFrame frame ] |> snd |> String.concat " "
            let cellOf a b c periodicity = Cell.create a b c periodicity |> Golden.sure
            let all = { A = true; B = true; C = true }
            let turned = cellOf (Vector3.create 0 8 0) (Vector3.create -8 0 0) (Vector3.create 0 0 8) all
            let left = cellOf (Vector3.create 8 0 0) (Vector3.create 0 8 0) (Vector3.create 0 0 -8) all
            let inCell cell = Frame.create cell two.Particles
            Expect.equal (lost two) "" "a cube"
            Expect.stringContains (lost (inCell turned)) "turned" "turned cells"
            Expect.stringContains (lost (inCell left)) "left-handed" "left-handed cells"
            Expect.stringContains (lost (inCell Cell.none)) "do not repeat" "no cell"

            Expect.stringContains
                (lost (
                    inCell (cellOf (Vector3.create 8 0 0) (Vector3.create 0 8 0) Vector3.zero { all with C = false })
                ))
                "do not repeat"
                "a slab"
        }

        test "a cluster gets a box around it and stays as it is" {
            let places = [ Vector3.create 10 0 0; Vector3.create -3 4 5; Vector3.create 0.5 -20 1 ]
            let frame = Frame.create Cell.none (places |> List.map (particle 1))
            let after, _ = roundTrip [ Snapshot.ofFrame frame ]
            Expect.equal [ for p in after.Head.Frame.Particles -> p.Position ] places "positions"
            Expect.isTrue (fractions after.Head.Frame |> List.forall (fun s -> largest s < 0.5)) "inside"
        }

        test "a layer that repeats along a and b becomes two-dimensional, wherever its plane is" {
            let flat = { A = true; B = true; C = false }

            let square =
                Cell.create (Vector3.create 8 0 0) (Vector3.create 0 8 0) (Vector3.create 0 0 1) flat
                |> Golden.sure

            let steep =
                Cell.create (Vector3.create 8 0 6) (Vector3.create 0 8 0) Vector3.zero flat
                |> Golden.sure

            let along s t = s * square.Vectors.Row1 + t * square.Vectors.Row2 + Vector3.create 0 0 4.5
            let onSteep s t = s * steep.Vectors.Row1 + t * steep.Vectors.Row2 + Vector3.create -0.6 0 0.8

            for cell, place in [ square, along; steep, onSteep ] do
                let frame =
                    Frame.create cell [
                        particle 1 (place 0.1 0.2)
                        particle 1 (place -0.3 0.4)
                        particle 1 (place 0.0 0.1)
                    ]

                let after, lost = roundTrip [ Snapshot.ofFrame frame ]
                let found = after.Head.Frame
                Expect.equal found.Cell.Periodicity flat "two dimensions"
                Expect.stringContains (String.concat " " lost) "z = 0" "that it is moved is said"
                Expect.isFalse (String.concat " " lost |> _.Contains("always repeats")) "no box is made up"

                for p in found.Particles do
                    Expect.isTrue (abs p.Position.Z < 1e-6) "in the plane"

                let distance (f: Frame) i j = Vector3.norm (f.Particles[i].Position - f.Particles[j].Position)
                let distances f = [| distance f 0 1; distance f 0 2; distance f 1 2 |]
                Close.toLargest 1e-6 (distances found) (distances frame) "distances"
        }

        test "velocities and forces turn with the cell" {
            let cell =
                Cell.create (Vector3.create 0 8 0) (Vector3.create -8 0 0) (Vector3.create 0 0 8) {
                    A = true
                    B = true
                    C = true
                }
                |> Golden.sure

            let columns = [
                column Quantities.Velocities 3 (reals [ 0; 1; 0; -1; 0; 2 ])
                column Quantities.Forces 3 (reals [ 0; 1; 0; -1; 0; 2 ])
            ]

            let after, _ = roundTrip [ snapshot (Frame.create cell two.Particles) [] columns ]

            for name in [ Quantities.Velocities; Quantities.Forces ] do
                let values = Quantities.tryReals name 3 after.Head |> Option.get |> Seq.toList
                Expect.equal values [ 1.0; 0.0; 0.0; 0.0; 1.0; 2.0 ] name
        }

        test "numbers beyond single precision are refused, not made infinite" {
            let frame = Frame.create (cube 8.0) [ particle 1 Vector3.zero ]
            let far = snapshot frame [] [ column Quantities.Velocities 3 (reals [ 1e300; 0; 0 ]) ]

            inFile (fun path ->
                match FrameFile.writeSnapshots FrameOutputOptions.replacing path [ Ok far ] with
                | Ok _ -> failtest "it was written"
                | Error error -> Expect.stringContains (AniSoapError.describe error) "particles/velocity" "what")
        }
    ]
