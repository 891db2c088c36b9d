/// Snapshots: frames with all that their files say, and their way through extended XYZ.
module AniSoap.Tests.SnapshotTests

open System.Collections.Immutable
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open AniSoap
open AniSoap.Tests.Generators

let get result =
    match result with
    | Ok value -> value
    | Error error -> failtest (AniSoapError.describe error)

let column name width values = get (ParticleColumn.create name width values)
let reals (values: float seq) = ColumnValues.Reals(ImmutableArray.CreateRange values)
let integers (values: int64 seq) = ColumnValues.Integers(ImmutableArray.CreateRange values)

/// Columns as values that compare.
let shownColumn (column: ParticleColumn) =
    let entries =
        match column.Values with
        | ColumnValues.Reals all -> "R" :: [ for x in all -> x.ToString "R" ]
        | ColumnValues.Integers all -> "I" :: [ for x in all -> string x ]
        | ColumnValues.Logicals all -> "L" :: [ for x in all -> string x ]
        | ColumnValues.Texts all -> "S" :: List.ofSeq all

    column.Name, column.Width, entries

let rec shownInfo (value: InfoValue) =
    match value with
    | InfoValue.Integer x -> $"integer {x}"
    | InfoValue.Real x -> "real " + x.ToString "R"
    | InfoValue.Logical x -> $"logical {x}"
    | InfoValue.Text x -> $"text {x}"
    | InfoValue.Integers all -> $"integers {List.ofSeq all}"
    | InfoValue.Reals all -> "reals " + String.concat " " (all |> Seq.map _.ToString("R"))
    | InfoValue.Logicals all -> $"logicals {List.ofSeq all}"
    | InfoValue.Texts all -> $"texts {List.ofSeq all}"
    | InfoValue.Rows rows -> "rows " + String.concat "; " (Seq.map shownInfo rows)

/// All snapshots of a file, none of which may be an error.
let snapshotsOf options path = FrameFile.snapshotsWith options path |> Seq.map get |> Seq.toList

let snapshotsOfText name options text = FormatSupport.withText name text (snapshotsOf options)

/// Writes snapshots to a file of this name and reads them again; what was lost is collected.
let roundTrip (name: string) output (snapshots: Snapshot list) =
    let lost = ResizeArray<string>()
    let mutable read = []

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, name)

        let written =
            FrameFile.writeSnapshots { output with Warn = lost.Add } path (snapshots |> Seq.map Ok)
            |> get

        Expect.equal written snapshots.Length "frames written"
        read <- snapshotsOf InputOptions.defaults path)

    read, List.ofSeq lost

let expectSameFrame tolerance (read: Frame) (written: Frame) =
    Expect.equal read.Particles.Length written.Particles.Length "particles"

    for a, b in Seq.zip read.Particles written.Particles do
        Expect.equal (a.Species, a.Position, a.SemiAxes) (b.Species, b.Position, b.SemiAxes) "particle"
        let p, q = a.Orientation, b.Orientation

        for d in [ p.W - q.W; p.X - q.X; p.Y - q.Y; p.Z - q.Z ] do
            Close.atMost (abs d) tolerance $"{p} is {q}"

let private name =
    Gen.elements [ "forces"; "charge"; "c_pe"; "c_stress[3]"; "a b"; "with:colon"; "é"; "x=\"y\""; "9lives"; "T" ]

let private word = Gen.elements [ "a"; "H"; "T"; "1"; "x=y"; "\"quoted\""; "[b]"; "back\\slash"; "ü" ]
let private real = Gen.elements [ 0.0; -0.0; 1.0; 0.1; -1e300; 5e-324; 12345678.9; infinity ]
let private integer = Gen.elements [ 0L; -1L; 5L; System.Int64.MaxValue; System.Int64.MinValue ]

let private columnOf particles name =
    gen {
        let! width = Gen.choose (1, 3)
        let many values = Gen.arrayOfLength (particles * width) values

        let! values =
            Gen.oneof [
                many real |> Gen.map reals
                many integer |> Gen.map integers
                many (Gen.elements [ true; false ])
                |> Gen.map (ImmutableArray.CreateRange >> ColumnValues.Logicals)
                many word |> Gen.map (ImmutableArray.CreateRange >> ColumnValues.Texts)
            ]

        return column name width values
    }

let private list (values: Gen<'a>) = values |> Gen.listOf |> Gen.map ImmutableArray.CreateRange
let private finite = real |> Gen.filter System.Double.IsFinite

let private infoValue =
    Gen.oneof [
        integer |> Gen.map InfoValue.Integer
        real |> Gen.map InfoValue.Real
        Gen.elements [ true; false ] |> Gen.map InfoValue.Logical
        Gen.elements [ "two words"; "say \"hi\""; "a=b"; ""; "back\\slash"; "[open"; "line\nbreak"; "1x" ]
        |> Gen.map InfoValue.Text
        list finite |> Gen.filter (fun all -> all.Length > 0) |> Gen.map InfoValue.Reals
        list integer
        |> Gen.filter (fun all -> all.Length > 0)
        |> Gen.map InfoValue.Integers
        list (Gen.elements [ true; false ])
        |> Gen.filter (fun all -> all.Length > 0)
        |> Gen.map InfoValue.Logicals
        list (Gen.elements [ "a"; "two words"; "]" ])
        |> Gen.filter (fun all -> all.Length > 0)
        |> Gen.map InfoValue.Texts
    ]

/// Frames of a text format that holds everything: any columns, any info.
let snapshot =
    gen {
        let! SomeFrame frame = ArbMap.defaults |> ArbMap.mergeWith<Arbitraries> |> ArbMap.generate<SomeFrame>
        let! step = Gen.optionOf (Gen.choose64 (0L, 1L <<< 60))
        let! names = Gen.subListOf [ "forces"; "charge"; "c_pe"; "c_stress[3]"; "é"; "x=\"y\""; "9lives"; "T" ]
        let! columns = names |> List.map (columnOf frame.Particles.Length) |> Gen.sequenceToList
        let! keys = Gen.subListOf [ "energy"; "with blank"; "a=b"; "tensor"; "ü" ]
        let! values = Gen.listOfLength keys.Length infoValue
        return get (Snapshot.create frame Map.empty step (List.zip keys values) columns)
    }

let private property name check =
    testPropertyWithConfig { config with maxTest = 80 } name (Prop.forAll (Arb.fromGen snapshot) check)

let private refuses what result =
    match result with
    | Ok _ -> failtest "it was accepted"
    | Error error -> Expect.stringContains (AniSoapError.describe error) what "the reason"

let private sphere = get (Ellipsoid.sphere 1 Vector3.zero 0.5)

[<Tests>]
let tests =
    testList "snapshots" [
        property "a snapshot comes back whole from extended XYZ" (fun snapshot ->
            let read, lost = roundTrip "out.xyz" FrameOutputOptions.defaults [ snapshot; snapshot ]
            Expect.equal lost [] "nothing is lost"
            Expect.equal read.Length 2 "frames"

            for again in read do
                expectSameFrame 4e-16 again.Frame snapshot.Frame
                Expect.equal again.Frame.Cell snapshot.Frame.Cell "cell"
                Expect.equal again.Step snapshot.Step "step"

                Expect.equal
                    (again.Info |> List.map (fun (key, value) -> key, shownInfo value))
                    (snapshot.Info |> List.map (fun (key, value) -> key, shownInfo value))
                    "info"

                Expect.equal
                    (again.Columns |> List.map shownColumn)
                    (snapshot.Columns |> List.map shownColumn)
                    "columns")

        property "the strict form keeps all values and gives names of letters, digits and _" (fun snapshot ->
            let output = { FrameOutputOptions.defaults with Columns = ShapeColumns.Strict }
            let read, lost = roundTrip "out.extxyz.gz" output [ snapshot ]
            Expect.equal lost [] "nothing is lost"

            for column in read.Head.Columns do
                Expect.isTrue
                    (column.Name
                     |> Seq.forall (fun c -> System.Char.IsAsciiLetterOrDigit c || c = '_'))
                    column.Name

            Expect.equal
                (read.Head.Columns
                 |> List.map (fun column -> let _, width, all = shownColumn column in width, all))
                (snapshot.Columns
                 |> List.map (fun column -> let _, width, all = shownColumn column in width, all))
                "columns")

        testCase "rows of lists travel in both forms" (fun () ->
            let rows =
                InfoValue.Rows(
                    ImmutableArray.Create<InfoValue>(
                        InfoValue.Reals(ImmutableArray.Create(1.0, 2.5)),
                        InfoValue.Reals(ImmutableArray.Create(-3.0, 4e-9))
                    )
                )

            let snapshot =
                Snapshot.create (Frame.create Cell.none [ sphere ]) Map.empty None [ "rows", rows ] []
                |> get

            for columns in [ ShapeColumns.Escaped; ShapeColumns.Strict ] do
                let read, _ = roundTrip "out.xyz" { FrameOutputOptions.defaults with Columns = columns } [ snapshot ]

                Expect.equal (read.Head.Info |> List.map (snd >> shownInfo)) [ shownInfo rows ] $"{columns}")

        testCase "what extended XYZ cannot hold is said and left out" (fun () ->
            let texts = ColumnValues.Texts(ImmutableArray.Create "two words")

            let snapshot =
                Snapshot.create (Frame.create Cell.none [ sphere ]) (Map [ 1, "A" ]) None [
                    "pbc", InfoValue.Integer 1L
                ] [
                    column "note" 1 texts
                    column "pos" 3 (reals [ 1.0; 2.0; 3.0 ])
                    column "a b" 1 (reals [ 1.0 ])
                    column "a:b" 1 (reals [ 2.0 ])
                ]
                |> get

            let read, lost = roundTrip "out.xyz" FrameOutputOptions.defaults [ snapshot; snapshot ]
            Expect.equal lost.Length 4 $"once for each kind: {lost}"
            Expect.equal (read.Head.Columns |> List.map _.Name) [ "a_b" ] "columns"
            Expect.equal read.Head.SpeciesNames (Map [ 1, "A" ]) "names of species"
            Expect.isEmpty read.Head.Info "info")

        testCase "what does not fit together is refused" (fun () ->
            let frame = Frame.create Cell.none [ sphere; sphere ]
            let create = Snapshot.create frame Map.empty None
            refuses "particles of the column q" (create [] [ column "q" 1 (reals [ 1.0 ]) ])
            refuses "particles of the column q" (create [] [ column "q" 2 (reals []) ])
            let two = column "q" 1 (reals [ 1.0; 2.0 ])
            refuses "q twice" (create [] [ two; two ])
            refuses "k twice" (create [ "k", InfoValue.Integer 1L; "k", InfoValue.Integer 2L ] [])
            refuses "name of a column" (ParticleColumn.create " " 1 (reals []))
            refuses "width" (ParticleColumn.create "q" 0 (reals []))
            refuses "values of the column" (ParticleColumn.create "q" 2 (reals [ 1.0 ]))
            refuses "values of the column" (ParticleColumn.create "q" 1 (ColumnValues.Reals(ImmutableArray()))))

        testCase "a wrong entry of a column that features do not need stops a conversion and names its place" (fun () ->
            let text = "2\nProperties=species:S:1:pos:R:3:radius:R:1:tag:I:1\nH 0 0 0 1 7\nH 2 0 0 1 x\n"
            Expect.equal (FormatSupport.framesOfText InputOptions.defaults text).Length 1 "features"

            FormatSupport.withText "in.xyz" text (fun path ->
                match FrameFile.snapshots path |> Seq.toList with
                | [ Error error ] ->
                    let place = FormatSupport.placeOf error
                    Expect.equal (place.Line, place.Particle) (Some 4L, Some 1) "place"
                    Expect.stringContains (AniSoapError.describe error) "tag" "the column"
                | other -> failtest $"read {other.Length}"))

        testCase "extended XYZ cut off anywhere gives whole frames, an error with its place, or a warning" (fun () ->
            let frame step =
                $"2\nLattice=\"8 0 0 0 9 0 0 0 7\" Properties=species:S:1:pos:R:3:radius:R:1:f:R:1 step={step}\n"
                + "H 1 2 3 0.5 12.5\nC 4 5 6 1.25 -13.75\n"

            let text = frame 1 + frame 2
            let whole = snapshotsOfText "in.xyz" InputOptions.defaults text
            let same a b = (shownColumn a) = (shownColumn b)

            for length in 0 .. text.Length - 1 do
                let warnings = ResizeArray<string>()

                let results =
                    FormatSupport.withText "in.xyz" (text.Substring(0, length)) (fun path ->
                        FrameFile.snapshotsWith { InputOptions.defaults with Warn = warnings.Add } path
                        |> Seq.toList)

                let ends = length = 0 || length = text.Length / 2
                let isRefused = results |> List.exists _.IsError

                if not isRefused && not ends then
                    Expect.exists warnings (fun said -> said.Contains "no line end") $"cut off after {length} bytes"

                for result, expected in Seq.zip results whole do
                    match result with
                    | Error error ->
                        let place = FormatSupport.placeOf error
                        Expect.isTrue (place.Source.IsSome && (place.Line.IsSome || length = 0)) $"place at {length}"
                    | Ok read when warnings.Count = 0 ->
                        expectSameFrame 0.0 read.Frame expected.Frame
                        Expect.isTrue (List.forall2 same read.Columns expected.Columns) $"columns at {length}"
                    | Ok _ -> ())

        testCase "a line of brackets alone is a text" (fun () ->
            let deep = System.String('[', 20000) + System.String(']', 20000)
            let text = "1\nProperties=species:S:1:pos:R:3:radius:R:1 a=" + deep + "\nH 0 0 0 1\n"
            Expect.equal (snapshotsOfText "in.xyz" InputOptions.defaults text).Length 1 "frames")
    ]
