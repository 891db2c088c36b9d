/// What GSD files log of frames: one type a name throughout, NaN where a frame lacks it, a step in frame 0.
module AniSoap.Tests.GsdLogTests

open System
open System.Collections.Immutable
open System.IO
open System.Text
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

let private cube =
    Cell.create (Vector3.create 8 0 0) (Vector3.create 0 8 0) (Vector3.create 0 0 8) { A = true; B = true; C = true }
    |> Golden.sure

let private frameOf count =
    Frame.create cube [
        for i in 1..count -> Ellipsoid.sphere 6 (Vector3.create (0.5 * float i) 0 0) 0.5 |> Golden.sure
    ]

let private snapshot count info columns =
    Snapshot.create (frameOf count) Map.empty None info [
        for name, width, values in columns -> ParticleColumn.create name width values |> Golden.sure
    ]
    |> Golden.sure

/// Writes snapshots, and gives what `look` sees in the file, with what was told.
let private written (snapshots: Snapshot list) (look: string -> 'a) =
    let mutable result = Unchecked.defaultof<'a>
    let told = ResizeArray<string>()

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "output.gsd")

        FrameFile.writeSnapshots
            { FrameOutputOptions.defaults with Warn = told.Add; Existing = Existing.Replace }
            path
            (Seq.map Ok snapshots)
        |> Golden.sure
        |> ignore

        result <- look path)

    result, List.ofSeq told

let private read path = FrameFile.snapshots path |> Seq.map Golden.sure |> Seq.toList

let private roundTrip snapshots = written snapshots read

/// The chunks of each frame as the file has them: type, rows, columns and bytes by name.
let private chunksOf path =
    use file = new FileStream(path, FileMode.Open) |> GsdFile.Open |> Golden.sure
    let chunks = GsdChunks file

    [
        while file.MoveNext() = Ok true do
            Map [
                for number in Seq.toList file.Present do
                    match file.TryChunk number with
                    | ValueSome entry ->
                        let bytes = chunks.Bytes entry
                        file.Names[number], (entry.Type, int entry.Rows, int entry.Columns, bytes)
                    | ValueNone -> ()
            ]
    ]

let private chunks snapshots = written snapshots chunksOf |> fst

let private shapeOf name (chunks: Map<string, GsdType * int * int * byte[]>) =
    Map.tryFind name chunks
    |> Option.map (fun (kind, rows, columns, _) -> kind, rows, columns)

let private real name (chunks: Map<string, GsdType * int * int * byte[]>) =
    let _, _, _, bytes = chunks[name]
    BitConverter.ToDouble(bytes, 0)

let private infoOf (snapshot: Snapshot) = [
    for name, value in snapshot.Info do
        if name <> Quantities.Origin then
            name, sprintf "%A" value
]

let private columnsOf (snapshot: Snapshot) = [
    for column in snapshot.Columns -> column.Name, column.Width, sprintf "%A" column.Values
]

let private reals (values: float list) = ColumnValues.Reals(ImmutableArray.CreateRange values)
let private energy (value: float) = "energy", InfoValue.Real value

/// What a frame may have, by name: `next` makes the values of a frame of so many particles.
type private Kept =
    | Info of string * (Random -> InfoValue)
    | Column of string * int * (Random -> int -> ColumnValues)

let private list (random: Random) (make: Random -> 'a) count =
    ImmutableArray.CreateRange [ for _ in 1..count -> make random ]

let private word (random: Random) = String(char (int 'a' + random.Next 26), 1 + random.Next 12)
let private number (random: Random) = random.NextDouble() - 0.5
let private truth (random: Random) = random.Next 2 = 1

let private kept = [
    Info("energy", number >> InfoValue.Real)
    Info("phase", word >> InfoValue.Text)
    Info("flag", truth >> InfoValue.Logical)
    Info("virial", (fun random -> InfoValue.Reals(list random number 9)))
    Info("names", (fun random -> InfoValue.Texts(list random word 3)))
    Info("flags", (fun random -> InfoValue.Logicals(list random truth 2)))
    Column(Quantities.Forces, 3, (fun random count -> ColumnValues.Reals(list random number (3 * count))))
    Column("label", 1, (fun random count -> ColumnValues.Texts(list random word count)))
    Column("fixed", 1, (fun random count -> ColumnValues.Logicals(list random truth count)))
]

let private anyFrames seed =
    let random = Random(seed: int)

    [
        for _ in 1 .. 1 + random.Next 6 do
            let count = random.Next 4
            let own = kept |> List.filter (fun _ -> truth random)

            snapshot count [
                for item in own do
                    match item with
                    | Info(name, next) -> name, next random
                    | Column _ -> ()
            ] [
                for item in own do
                    match item with
                    | Column(name, width, next) when count > 0 -> name, width, next random count
                    | _ -> ()
            ]
    ]

[<Tests>]
let tests =
    testList "GSD log" [
        property "a frame has after GSD what it had before, whatever others have" (fun (seed: int) ->
            let before = anyFrames seed
            let after, told = roundTrip before
            Expect.equal told [] "nothing is lost"
            Expect.equal after.Length before.Length "frames"

            for a, b in List.zip after before do
                Expect.equal (List.sort (infoOf a)) (List.sort (infoOf b)) "info"
                Expect.equal (List.sort (columnsOf a)) (List.sort (columnsOf b)) "columns")

        property "a name has one type and shape in all frames, and stands in frame 0" (fun (seed: int) ->
            let all = chunks (anyFrames seed)

            for later in all do
                for KeyValue(name, (kind, rows, columns, _)) in later do
                    if name.StartsWith "log/" then
                        let first, firstRows, firstColumns, _ = all.Head[name]
                        Expect.equal (kind, columns) (first, firstColumns) $"{name}: type and columns"

                        if not (name.StartsWith "log/particles/") then
                            Expect.equal rows firstRows $"{name}: rows"
                        else
                            let _, _, _, count = later["particles/N"]
                            Expect.equal rows (BitConverter.ToInt32(count, 0)) $"{name}: a row a particle")

        test "a frame without targets has none after GSD, before or behind frames that have some" {
            let targets count = [
                Quantities.Forces, 3, reals [ for i in 1 .. 3 * count -> float i ]
                Quantities.Torques, 3, reals [ for i in 1 .. 3 * count -> 0.5 * float i ]
            ]

            let has =
                snapshot 1 [ energy -5.0; "virial", InfoValue.Reals(ImmutableArray.Create(1.0, 2.0)) ] (targets 1)

            let hasMore = snapshot 3 [ energy -7.0 ] (targets 3)
            let bare count = snapshot count [] []

            for order in
                [
                    [ has; bare 1; hasMore ]
                    [ bare 1; has; hasMore ]
                    [ bare 2; bare 1; hasMore; has; bare 3 ]
                    [ bare 0; has; bare 0; hasMore ]
                ] do
                let after, told = roundTrip order
                Expect.equal told [] "nothing is lost"
                Expect.equal (List.map infoOf after) (List.map infoOf order) "info"
                Expect.equal (List.map columnsOf after) (List.map columnsOf order) "columns"
        }

        test "what is missing is NaN in the file, in frame 0 too" {
            let all = chunks [ snapshot 1 [] []; snapshot 1 [ energy 2.0 ] []; snapshot 1 [] [] ]

            Expect.equal
                (all |> List.map (shapeOf "log/energy"))
                [ Some(GsdType.Float64, 1, 1); Some(GsdType.Float64, 1, 1); None ]
                "chunks"

            Expect.isTrue (Double.IsNaN(real "log/energy" all[0])) "frame 0"
            Expect.equal (real "log/energy" all[1]) 2.0 "frame 1"
        }

        test "the step stands in frame 0 although it is 0" {
            let all = chunks [ snapshot 1 [ energy 1.5 ] []; snapshot 1 [ energy 2.5 ] [] ]
            Expect.equal (all |> List.map (shapeOf "configuration/step")) [ Some(GsdType.UInt64, 1, 1); None ] "steps"
        }

        test "whole numbers before real ones are real in every frame" {
            let column values = [ "col", 1, values ]

            let before = [
                snapshot
                    1
                    [ "energy", InfoValue.Integer 0L; "m", InfoValue.Integers(ImmutableArray.Create(1L, 2L)) ]
                    (column (ColumnValues.Integers(ImmutableArray.Create 1L)))
                snapshot
                    1
                    [ "energy", InfoValue.Real 2.75; "m", InfoValue.Reals(ImmutableArray.Create(0.5, 2.0)) ]
                    (column (reals [ 0.5 ]))
                snapshot
                    1
                    [ "energy", InfoValue.Real -0.6; "m", InfoValue.Integers(ImmutableArray.Create(7L, 8L)) ]
                    (column (reals [ 3.5 ]))
            ]

            let all = chunks before

            for name in [ "log/energy"; "log/m"; "log/particles/col" ] do
                for later in all do
                    Expect.equal (later[name] |> fun (kind, _, _, _) -> kind) GsdType.Float64 name

            Expect.equal (all |> List.map (real "log/energy")) [ 0.0; 2.75; -0.6 ] "energies"
            Expect.equal (all |> List.map (real "log/m")) [ 1.0; 0.5; 7.0 ] "lists"
            Expect.equal (all |> List.map (real "log/particles/col")) [ 1.0; 0.5; 3.5 ] "columns"
        }

        test "whole numbers alone stay whole, all 63 bits of them" {
            let before = [ for n in [ 3L; Int64.MaxValue; -7L ] -> snapshot 1 [ "count", InfoValue.Integer n ] [] ]
            let after, told = roundTrip before
            Expect.equal told [] "nothing is lost"
            Expect.equal (List.map infoOf after) (List.map infoOf before) "numbers"
            let _, told = roundTrip (before @ [ snapshot 1 [] [] ])
            Expect.stringContains (String.concat " " told) "beyond 2^53" "what becomes real is told"
        }

        test "texts are of one width in all frames and read back as texts" {
            let before = [
                for text in [ "nematic"; "smectic A"; "I" ] -> snapshot 1 [ "state", InfoValue.Text text ] []
            ]

            let all = chunks before
            Expect.equal (all |> List.map (shapeOf "log/state")) (List.replicate 3 (Some(GsdType.Int8, 10, 1))) "chunks"
            let after, _ = roundTrip before
            Expect.equal (List.map infoOf after) (List.map infoOf before) "texts"
        }

        test "texts of characters stay such and stand in each frame, an empty one where a frame has none" {
            let character text =
                snapshot 1 [ "phase", InfoValue.Text text ] []
                |> Snapshot.storedAs { Storage.Usual with Characters = Set [ "phase" ] }

            let before = [
                snapshot 1 [] []
                character "nematic"
                character "smectic Ä"
                snapshot 1 [] []
                character "nematic"
            ]

            let all = chunks before

            Expect.equal
                (all |> List.map (shapeOf "log/phase"))
                [ for rows in [ 1; 7; 10; 1; 7 ] -> Some(GsdType.Character, rows, 1) ]
                "chunks"

            let after, told = roundTrip before
            Expect.equal told [] "nothing is lost"
            Expect.equal (List.map infoOf after) (List.map infoOf before) "texts"
            Expect.isTrue (after[2].Storage.Characters.Contains "phase") "characters again"
        }

        test "numbers and texts under one name are texts, lists of them are told" {
            let one = snapshot 1 [ "state", InfoValue.Integer 1L ] []
            let text = snapshot 1 [ "state", InfoValue.Text "nematic" ] []
            let after, _ = roundTrip [ one; text; one; snapshot 1 [] [] ]

            let states =
                after
                |> List.map (fun s -> Snapshot.tryInfo "state" s |> Option.map (sprintf "%A"))

            Expect.equal states [ Some "Text \"1\""; Some "Text \"nematic\""; Some "Text \"1\""; None ] "texts"

            let lists = snapshot 1 [ "state", InfoValue.Integers(ImmutableArray.Create(1L, 2L)) ] []
            let _, told = roundTrip [ lists; text ]
            Expect.stringContains (String.concat " " told) "log/state" "told"
        }

        test "other lengths under one name are told, for read_log fails on them" {
            let list values = snapshot 1 [ "m", InfoValue.Reals(ImmutableArray.CreateRange(values: float list)) ] []
            let before = [ list [ 1; 2; 3 ]; list [ 1; 2 ] ]
            let after, told = roundTrip before
            Expect.equal (List.map infoOf after) (List.map infoOf before) "values"
            Expect.stringContains (String.concat " " told) "read_log" "told"
        }

        test "masses that some frames lack are the schema's, and that is told" {
            let masses = snapshot 1 [] [ Quantities.Masses, 1, reals [ 2.0 ] ]
            let after, told = roundTrip [ masses; snapshot 1 [] [] ]

            Expect.equal
                (Quantities.tryReals Quantities.Masses 1 after[1] |> Option.map Seq.toList)
                (Some [ 1.0 ])
                "masses"

            Expect.stringContains (String.concat " " told) "particles/mass" "told"
        }

        test "the index of a file of many frames is gone over in pieces" {
            let before = [
                for i in 0..4999 ->
                    snapshot
                        1
                        (if i = 4321 then
                             [ energy 1.5; "late", InfoValue.Text "x" ]
                         else
                             [ "k", InfoValue.Integer(int64 i) ])
                        []
            ]

            let after, _ = roundTrip before
            Expect.equal after.Length 5000 "frames"
            Expect.equal (infoOf after[4321]) (infoOf before[4321]) "the one with an energy"

            for i in [ 0; 1; 4320; 4322; 4999 ] do
                Expect.equal (infoOf after[i]) [ "k", sprintf "%A" (InfoValue.Real(float i)) ] $"frame {i}"
        }

        test "a GSD file of double precision stays one, in schema 2.0" {
            let before = read (Path.Combine(Repository.root, "tests", "data", "peers", "double.gsd"))

            let (schema, kinds, after), told =
                written before (fun path ->
                    let bytes = File.ReadAllBytes path
                    let first = List.head (chunksOf path)
                    let kind name = first[name] |> fun (kind, _, _, _) -> kind

                    BitConverter.ToUInt32(bytes, 40),
                    [ kind "particles/position"; kind "particles/orientation"; kind "configuration/box" ],
                    read path)

            Expect.equal told [] "nothing is lost"
            Expect.equal schema 0x20000u "schema 2.0"
            Expect.equal kinds (List.replicate 3 GsdType.Float64) "double precision"
            Expect.equal after.Head.Frame.Particles[0].Position (Vector3.create 0.1 0.2 0.3) "positions"
            Expect.equal (sprintf "%A" after.Head.Frame) (sprintf "%A" before.Head.Frame) "the frame"
        }

        test "bytes of other programs' files are numbers, not truth values" {
            let flag = GsdBytes.chunk "log/flag" 1 1 1 [| 1uy |]
            let bytes = GsdBytes.file 2 [ GsdBytes.twoParticles @ [ flag ] ]

            withBytes "input.gsd" bytes (fun path ->
                Expect.equal
                    (infoOf (List.head (read path)))
                    [ "flag", sprintf "%A" (InfoValue.Integer 1L) ]
                    "a number")
        }
    ]
