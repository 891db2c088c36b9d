/// The properties of chemiscope files: whose they are, what they may hold, and what comes back of what is written.
module AniSoap.Tests.ChemiscopeValueTests

open System
open System.Collections.Immutable
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

let private file sizes environments properties =
    let list (items: string seq) = "[" + String.Join(", ", items) + "]"

    let structure size =
        let zeros = list (Seq.replicate size "0")
        let names = list (Seq.replicate size "\"H\"")
        let x = list (Seq.init size string)
        $"{{\"size\": {size}, \"names\": {names}, \"x\": {x}, \"y\": {zeros}, \"z\": {zeros}}}"

    "{\"structures\": "
    + list (Seq.map structure sizes)
    + ", \"shapes\": {\"e\": {\"kind\": \"sphere\", \"parameters\": {\"global\": {\"radius\": 1}}}}"
    + environments
    + ", \"properties\": {"
    + properties
    + "}}"

let private environments (centers: (int * int) seq) =
    let each (structure, center) =
        $"{{\"structure\": {string<int> structure}, \"center\": {string<int> center}, \"cutoff\": 3}}"

    ", \"environments\": [" + String.Join(", ", Seq.map each centers) + "]"

let private snapshots text =
    let warnings = ResizeArray<string>()

    withText "input.json" text (fun path ->
        FrameFile.snapshotsWith { InputOptions.defaults with Warn = warnings.Add } path
        |> Seq.map Golden.sure
        |> Seq.toList),
    List.ofSeq warnings

let private reals name width (snapshot: Snapshot) = Quantities.tryReals name width snapshot |> Option.map Seq.toList

let private texts (snapshot: Snapshot) = [
    for column in snapshot.Columns do
        match column.Values with
        | ColumnValues.Texts values -> yield! values
        | _ -> ()
]

/// What comes back of snapshots, the text, and what was said to be lost.
let private roundTrip (all: Snapshot list) =
    let lost = ResizeArray<string>()
    let mutable text = ""

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "output.json")

        FrameFile.writeSnapshots
            { FrameOutputOptions.defaults with Warn = lost.Add; Existing = Existing.Replace }
            path
            (Seq.map Ok all)
        |> Golden.sure
        |> ignore

        text <- File.ReadAllText path)

    fst (snapshots text), text, List.ofSeq lost

let private particles count =
    let particle i =
        Ellipsoid.create 1 (Vector3.create (float i) 0 0) Quaternion.identity (Vector3.create 1 1 1)
        |> Golden.sure

    Frame.create Cell.none (List.init count particle)

let private snapshot count info columns = Snapshot.create (particles count) Map.empty None info columns |> Golden.sure

let private column name width values = ParticleColumn.create name width values |> Golden.sure

let private sameInfo actual expected message = Expect.equal (sprintf "%A" actual) (sprintf "%A" expected) message

[<Tests>]
let tests =
    testList "chemiscope: properties" [
        test "values of atoms belong to the particles that the environments name, in any order" {
            let found, warnings =
                snapshots (
                    file
                        [ 2; 3 ]
                        (environments [ 1, 2; 0, 1; 1, 0; 0, 0; 1, 1 ])
                        ("\"p\": {\"target\": \"atom\", \"values\": [12, 1, 10, 0, 11]},"
                         + "\"forces[1]\": {\"target\": \"atom\", \"values\": [12, 1, 10, 0, 11]},"
                         + "\"forces[2]\": {\"target\": \"atom\", \"values\": [-12, -1, -10, 0, -11]},"
                         + "\"m\": {\"target\": \"atom\", \"values\": [[12, 0], [1, 0], [10, 0], [0, 0], [11, 0]], \"parameters\": [\"k\"]},"
                         + "\"t\": {\"target\": \"atom\", \"values\": [\"b2\", \"a1\", \"b0\", \"a0\", \"b1\"]}")
                )

            Expect.equal warnings [] "warnings"
            Expect.equal (found |> List.map (reals "p" 1)) [ Some [ 0; 1 ]; Some [ 10; 11; 12 ] ] "numbers"

            Expect.equal
                (found |> List.map (reals "forces" 2))
                [ Some [ 0; 0; 1; -1 ]; Some [ 10; -10; 11; -11; 12; -12 ] ]
                "components"

            Expect.equal (found |> List.map (reals "m" 2)) [ Some [ 0; 0; 1; 0 ]; Some [ 10; 0; 11; 0; 12; 0 ] ] "lists"

            Expect.equal (found |> List.map texts) [ [ "a0"; "a1" ]; [ "b0"; "b1"; "b2" ] ] "texts"
        }

        property "any order of environments gives the same columns" (fun (seed: int) ->
            let random = Random seed
            let sizes = [ for _ in 0 .. random.Next 4 -> random.Next 5 ]

            let centers = [|
                for structure, size in List.indexed sizes do
                    for center in 0 .. size - 1 -> structure, center
            |]

            let order = Array.copy centers
            random.Shuffle order
            let value (structure, center) = string (100 * structure + center)
            let values = String.Join(", ", Array.map value order)
            let property = "\"p\": {\"target\": \"atom\", \"values\": [" + values + "]}"
            let found, _ = snapshots (file sizes (environments order) property)

            for structure, (size, snapshot) in List.indexed (List.zip sizes found) do
                let expected =
                    if size = 0 then
                        None
                    else
                        Some [ for center in 0 .. size - 1 -> float (100 * structure + center) ]

                Expect.equal (reals "p" 1 snapshot) expected "of the particle")

        test "particles without an environment have no value, and that is said" {
            let found, warnings =
                snapshots (
                    file
                        [ 2; 2 ]
                        (environments [ 0, 1 ])
                        "\"p\": {\"target\": \"atom\", \"values\": [1]}, \"t\": {\"target\": \"atom\", \"values\": [\"x\"]}"
                )

            Expect.equal (sprintf "%A" (reals "p" 1 found[0])) (sprintf "%A" (Some [ nan; 1.0 ])) "first frame"
            Expect.equal found[1].Columns.Length 0 "second frame"
            Expect.equal warnings.Length 1 "one warning"
            Expect.stringContains warnings[0] "3 of 4 particles" "how many"
        }

        test "a particle that stands twice keeps a value that is the same, and no property that is not" {
            let found, warnings =
                snapshots (
                    file
                        [ 2 ]
                        (environments [ 0, 1; 0, 0; 0, 1 ])
                        "\"same\": {\"target\": \"atom\", \"values\": [1, 0, 1]}, \"other\": {\"target\": \"atom\", \"values\": [1, 0, 2]}"
                )

            Expect.equal (found[0].Columns |> List.map _.Name) [ "same" ] "columns"
            Expect.equal (reals "same" 1 found[0]) (Some [ 0; 1 ]) "values"
            Expect.equal warnings.Length 1 "one warning"
            Expect.stringContains warnings[0] "property other" "which"
        }

        test "values that are not one for each environment are left out with a word" {
            let _, warnings =
                snapshots (file [ 2 ] (environments [ 0, 0 ]) "\"p\": {\"target\": \"atom\", \"values\": [1, 2]}")

            Expect.equal warnings.Length 1 "one warning"
            Expect.stringContains warnings[0] "it has 2 values where 1 are expected" "what"
        }

        test "an environment of no particle is an error that says which" {
            for wrong in [ 2, 0; 0, 2; -1, 0; 0, -1 ] do
                withText
                    "input.json"
                    (file [ 2 ] (environments [ 0, 0; wrong ]) "\"p\": {\"target\": \"atom\", \"values\": [1, 2]}")
                    (fun path ->
                        match FrameFile.snapshots path |> Seq.toList with
                        | [ Error error ] ->
                            Expect.stringContains (AniSoapError.describe error) "environment 1" "which"
                        | _ -> failtest "reading succeeded")
        }

        test "NaN, infinities, nulls and lists are values" {
            let found, warnings =
                snapshots (
                    file
                        [ 3 ]
                        ""
                        ("\"q\": {\"target\": \"atom\", \"values\": [0.5, NaN, 1.5]},"
                         + "\"NaN, Infinity\": {\"target\": \"atom\", \"values\":[Infinity,-Infinity,null]},"
                         + "\"m\": {\"target\": \"atom\", \"values\": [[1, 2], [3, NaN], null], \"parameters\": [\"k\"]},"
                         + "\"s\": {\"target\": \"structure\", \"values\": [[1, 2.5]], \"parameters\": [\"k\"]},"
                         + "\"text\": {\"target\": \"structure\", \"values\": [\"NaN \\\" [NaN\"]},"
                         + "\"none\": {\"target\": \"structure\", \"values\": [NaN]}")
                )

            Expect.equal warnings [] "warnings"

            for name, width, expected in
                [
                    "q", 1, [ 0.5; nan; 1.5 ]
                    "NaN, Infinity", 1, [ infinity; -infinity; nan ]
                    "m", 2, [ 1; 2; 3; nan; nan; nan ]
                ] do
                Expect.equal (sprintf "%A" (reals name width found[0])) (sprintf "%A" (Some expected)) name

            sameInfo
                found[0].Info
                [ "s", InfoValue.Reals(ImmutableArray.Create(1.0, 2.5)); "text", InfoValue.Text "NaN \" [NaN" ]
                "info"
        }

        test "lists of several lengths are left out with a word" {
            let _, warnings = snapshots (file [ 2 ] "" "\"m\": {\"target\": \"atom\", \"values\": [[1, 2], [3]]}")

            Expect.equal warnings.Length 1 "one warning"
            Expect.stringContains warnings[0] "property m" "which"
        }

        test "positions that are no numbers are an error that says so" {
            withText "input.json" ((file [ 2 ] "" "").Replace("[0, 1]", "[0, NaN]")) (fun path ->
                match FrameFile.read path |> Seq.toList with
                | [ Error error ] -> Expect.stringContains (AniSoapError.describe error) "null or NaN in x" "what"
                | _ -> failtest "reading succeeded")
        }

        test "frames without a key stay without it, and the others keep theirs" {
            let path = Path.Combine(Repository.root, "tests", "data", "peers", "gaps.xyz")

            let before = FrameFile.snapshots path |> Seq.map Golden.sure |> Seq.toList

            for order in [ [ 0; 1; 2 ]; [ 1; 0; 2 ]; [ 1; 2; 0 ] ] do
                let chosen = order |> List.map (fun k -> before[k])
                let after, _, lost = roundTrip chosen
                Expect.equal lost [] "nothing is lost"
                sameInfo (after |> List.map _.Info) (chosen |> List.map _.Info) "info"

                let columns (snapshot: Snapshot) = [
                    for column in snapshot.Columns -> column.Name, reals column.Name column.Width snapshot
                ]

                Expect.equal
                    (after |> List.map (columns >> List.sort))
                    (chosen |> List.map (columns >> List.sort))
                    "columns"
        }

        test "matrices, truth values and lists of one come back as they were" {
            let info = [
                "virial",
                InfoValue.Rows(
                    ImmutableArray.CreateRange [
                        for i in 0..2 ->
                            InfoValue.Integers(ImmutableArray.CreateRange [ for j in 0..2 -> int64 (3 * i + j) ])
                    ]
                )
                "strain", InfoValue.Rows(ImmutableArray.Create(InfoValue.Reals(ImmutableArray.Create(0.5, nan))))
                "one", InfoValue.Reals(ImmutableArray.Create 0.5)
                "flag", InfoValue.Logical true
                "flags", InfoValue.Logicals(ImmutableArray.Create(true, false))
                "words", InfoValue.Texts(ImmutableArray.Create("a", "b c"))
            ]

            let columns = [
                column "move_mask" 1 (ColumnValues.Logicals(ImmutableArray.Create(true, false)))
                column "fixed" 3 (ColumnValues.Logicals(ImmutableArray.CreateRange [ for k in 0..5 -> k % 2 = 0 ]))
                column "zero_or_one" 1 (ColumnValues.Integers(ImmutableArray.Create(1L, 0L)))
            ]

            let after, _, lost = roundTrip [ snapshot 2 info columns; snapshot 2 info columns ]
            Expect.equal lost [] "nothing is lost"
            sameInfo after[1].Info info "info"

            let shown (columns: ParticleColumn list) = [
                for column in columns -> column.Name, column.Width, sprintf "%A" column.Values
            ]

            Expect.equal (shown after[1].Columns) (shown columns) "columns"
        }

        test "what is too large for properties is said once, whatever its size" {
            let large = InfoValue.Reals(ImmutableArray.CreateRange [ for k in 0..99 -> float k ])

            let wide =
                column "wide" 20 (ColumnValues.Reals(ImmutableArray.CreateRange [ for k in 0..19 -> float k ]))

            let _, _, lost = roundTrip (List.replicate 3 (snapshot 1 [ "large", large ] [ wide ]))
            Expect.equal (List.distinct lost).Length 2 $"{lost}"
        }

        test "a component that is infinite is said once for all components" {
            let forces =
                column
                    "forces"
                    3
                    (ColumnValues.Reals(ImmutableArray.Create(infinity, -infinity, infinity, 1.0, 2.0, 3.0)))

            let _, text, lost = roundTrip [ snapshot 2 [] [ forces ] ]
            Expect.equal (List.distinct lost).Length 1 $"{lost}"
            JsonDocument.Parse(text).Dispose()
        }

        test "particles with properties have environments, so that the viewer can colour and map them" {
            let charges = column "charges" 1 (ColumnValues.Reals(ImmutableArray.Create(0.1, 0.2)))

            let environments columns =
                let _, text, _ = roundTrip [ snapshot 2 [] columns; snapshot 2 [] columns ]
                use document = JsonDocument.Parse text

                match document.RootElement.TryGetProperty "environments" with
                | true, all -> [
                    for one in all.EnumerateArray() ->
                        one.GetProperty("structure").GetInt32(), one.GetProperty("center").GetInt32()
                  ]
                | false, _ -> []

            Expect.equal (environments [ charges ]) [ 0, 0; 0, 1; 1, 0; 1, 1 ] "with properties"
            Expect.equal (environments []) [] "without"
        }

        test "dots in a file's name are part of its title" {
            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "smectic_T0.70_rho0.38.json")

                FrameFile.writeSnapshots FrameOutputOptions.replacing path [ Ok(snapshot 1 [] []) ]
                |> Golden.sure
                |> ignore

                use document = JsonDocument.Parse(File.ReadAllText path)

                Expect.equal
                    (document.RootElement.GetProperty("meta").GetProperty("name").GetString())
                    "smectic_T0.70_rho0.38"
                    "name")
        }
    ]
