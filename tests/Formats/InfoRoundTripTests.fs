/// The pairs of extended XYZ's comment line: what other programs write comes back as they wrote it.
module AniSoap.Tests.InfoRoundTripTests

open System.IO
open Expecto
open AniSoap
open AniSoap.Tests.FormatSupport
open AniSoap.Tests.Generators

let private rows = "C 0 0 0 1 0 0 0 2 1 1\n"
let private columns = "Properties=species:S:1:pos:R:3:c_q:R:4:diameter:R:3"
let private file info = $"1\n{columns} {info}\n{rows}"

let private snapshotOf content =
    withText "a.xyz" content (fun path ->
        match FrameFile.snapshots path |> Seq.exactlyOne with
        | Ok snapshot -> snapshot
        | Error error -> failtest (AniSoapError.describe error))

/// The comment line after reading and writing, and what was said.
let private commentWith names content =
    let snapshot = snapshotOf content
    let warnings = ResizeArray<string>()

    TestData.inFolder (fun folder ->
        let path = Path.Combine(folder, "b.xyz")
        let options = { FrameOutputOptions.defaults with Columns = names }

        match
            FrameFile.writeSnapshots { options with Warn = warnings.Add; Existing = Existing.Replace } path [
                Ok snapshot
            ]
        with
        | Ok _ -> warnings.Insert(0, (File.ReadAllLines path)[1])
        | Error error -> failtest (AniSoapError.describe error))

    warnings[0], List.ofSeq (Seq.tail warnings)

/// What stands behind the pairs that every file has.
let private infoAfter names info =
    let comment, _ = commentWith names (file info)

    let start =
        comment.IndexOf("pbc=\"F F F\"", System.StringComparison.Ordinal)
        + "pbc=\"F F F\"".Length

    comment.Substring(start).Trim()

let private lists =
    testList "lists" [
        testCase "what ASE writes of lists, dictionaries, cubes and mixtures comes back the same"
        <| fun () ->
            let written =
                String.concat " " [
                    @"names=""_JSON [\""aa\"", \""bb\""]"""
                    @"empty=""_JSON []"""
                    @"d=""_JSON {\""a\"": 1}"""
                    @"one=""_JSON [7]"""
                    @"cube=""_JSON [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]"""
                    @"mixed=""_JSON [1, \""a\"", 2.5]"""
                    @"none=""_JSON [null, 1]"""
                    @"nothing=""_JSON null"""
                    @"deep=""_JSON {\""a\"": [1, {\""b\"": \""c\""}]}"""
                    @"truths=""_JSON [[true, false]]"""
                    @"words=""_JSON [\""1\"", \""T\"", \""a b\"", \""\""]"""
                    @"empties=""_JSON [[], []]"""
                    @"vector=""1.5 2.5 3.5"""
                    @"flags=""T F"""
                    "text=word"
                    @"quoted=""two words"""
                ]

            Expect.equal (infoAfter ShapeColumns.Escaped written) written "the same"
            Expect.equal (infoAfter ShapeColumns.Ovito written) written "for OVITO too"

        testCase "brackets of the grammar become what ASE reads, and brackets again with --strict"
        <| fun () ->
            let written =
                @"empty=[] one=[7] names=[""aa"", ""bb""] cube=[[[0, 1], [2, 3]], [[4, 5], [6, 7]]] nine=[1, 2, 3, 4, 5, 6, 7, 8, 9] pair=[1.5, 2.5] flags=[T, F]"

            Expect.equal (infoAfter ShapeColumns.Strict written) written "strict"

            Expect.equal
                (infoAfter ShapeColumns.Escaped written)
                @"empty=""_JSON []"" one=""_JSON [7]"" names=""_JSON [\""aa\"", \""bb\""]"" cube=""_JSON [[[0, 1], [2, 3]], [[4, 5], [6, 7]]]"" nine=[1, 2, 3, 4, 5, 6, 7, 8, 9] pair=""1.5 2.5"" flags=""T F"""
                "default"

        testCase "the numbers that JSON does not have are Python's"
        <| fun () ->
            let written = @"a=""_JSON [[NaN, 1.5], [Infinity, -Infinity]]"""
            Expect.equal (infoAfter ShapeColumns.Escaped written) written "the same"

        property "lists of texts are read as they were written, whatever is in them"
        <| fun (texts: string[]) ->
            let printable (text: string) =
                text
                |> String.filter (fun c -> not (System.Char.IsControl c || System.Char.IsSurrogate c))

            let all =
                texts
                |> Array.map (fun text -> if isNull (box text) then "" else printable text)

            let value = InfoValue.Texts(System.Collections.Immutable.ImmutableArray.Create<string> all)
            let frame = (snapshotOf (file "")).Frame

            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "b.xyz")

                let snapshot =
                    Snapshot.create frame Map.empty None [ "a", value ] []
                    |> Result.defaultWith (fun _ -> failtest "snapshot")

                FrameFile.writeSnapshots FrameOutputOptions.replacing path [ Ok snapshot ]
                |> ignore

                match (snapshotOf (File.ReadAllText path)).Info, all with
                | [ "a", InfoValue.Texts read ], _ -> Expect.equal (List.ofSeq read) (List.ofArray all) "texts"
                | [ "a", InfoValue.Integers none ], [||] -> Expect.equal none.Length 0 "an empty list has no kind"
                | other, _ -> failtestf "%A" other)
    ]

let private matrices =
    testList "matrices" [
        testCase "virial and stress are nine numbers by columns, as ASE demands, in both flavours"
        <| fun () ->
            for names in [ ShapeColumns.Escaped; ShapeColumns.Strict; ShapeColumns.Ovito ] do
                for key in [ "virial"; "stress" ] do
                    Expect.equal
                        (infoAfter names $"{key}=[[1,2,3],[4,5,6],[7,8,9]]")
                        $"{key}=\"1 4 7 2 5 8 3 6 9\""
                        "rows"

                    Expect.equal
                        (infoAfter names $"{key}=\"1 4 7 2 5 8 3 6 9\"")
                        $"{key}=\"1 4 7 2 5 8 3 6 9\""
                        "columns"

                    let mixed = infoAfter names $"{key}=[[1.5,2,3],[4,5,6],[7,8,9.5]]"
                    Expect.equal (mixed.Split(' ').Length) 9 "reals"

        testCase "other matrices stay rows"
        <| fun () ->
            Expect.equal
                (infoAfter ShapeColumns.Escaped "m=[[1,2,3],[4,5,6],[7,8,9]]")
                @"m=""_JSON [[1, 2, 3], [4, 5, 6], [7, 8, 9]]"""
                "default"

            Expect.equal
                (infoAfter ShapeColumns.Strict "m=[[1,2,3],[4,5,6],[7,8,9]]")
                "m=[[1, 2, 3], [4, 5, 6], [7, 8, 9]]"
                "strict"

        testCase "a virial of six numbers is a warning that names ASE"
        <| fun () ->
            let _, warnings = commentWith ShapeColumns.Escaped (file "virial=\"1 2 3 4 5 6\"")
            Expect.stringContains (List.exactlyOne warnings) "ASE will not read" "six"
            Expect.isEmpty (snd (commentWith ShapeColumns.Escaped (file "virial=\"1 2 3 4 5 6 7 8 9\""))) "nine"
    ]

let private texts =
    testList "texts" [
        testCase "an empty text takes nothing of the pair behind it"
        <| fun () ->
            for info in
                [
                    "comment= energy=-1.5"
                    "comment=   energy=-1.5"
                    "comment=\"\" energy=-1.5"
                    "energy=-1.5 comment="
                    "energy=-1.5 comment= "
                ] do
                let snapshot = snapshotOf (file info)
                Expect.equal (Map.ofList snapshot.Info |> Map.find "comment") (InfoValue.Text "") info
                Expect.equal (Map.ofList snapshot.Info |> Map.find "energy") (InfoValue.Real -1.5) info

            let first = $"1\ncomment= pbc=\"T T F\" {columns} Lattice=\"9 0 0 0 9 0 0 0 9\"\n{rows}"
            let snapshot = snapshotOf first
            Expect.equal snapshot.Frame.Cell.Periodicity { A = true; B = true; C = false } "pbc"
            Expect.equal snapshot.Info [ "comment", InfoValue.Text "" ] "info"

            Expect.equal
                (snapshotOf $"1\ncomment= {columns}\n{rows}").Info
                [ "comment", InfoValue.Text "" ]
                "Properties"

        testCase "blanks around = are still the grammar's, and values may be quoted behind them"
        <| fun () ->
            for info in [ "a = 5 b = two"; "a= 5 b= two"; "a =5 b =two"; "a= \"5\" b= \"two\"" ] do
                Expect.equal (snapshotOf (file info)).Info [ "a", InfoValue.Integer 5L; "b", InfoValue.Text "two" ] info

            Expect.equal (snapshotOf (file "a= \"x=1\"")).Info [ "a", InfoValue.Text "x=1" ] "a quoted text may have ="

        testCase "words that need no quotes are written without"
        <| fun () ->
            for names in [ ShapeColumns.Escaped; ShapeColumns.Strict ] do
                for bare in [ "date=2026-11-28"; "v=1-2"; "phase=nematic"; "e=ü"; "path=/a/b.c" ] do
                    Expect.equal (infoAfter names bare) bare bare

                for quoted in [ "a=\"b c\""; "a=\"x=1\""; "a=\"{b}\""; "a=\"b,c\"" ] do
                    Expect.equal (infoAfter names quoted) quoted quoted

            Expect.equal (infoAfter ShapeColumns.Strict "a= b=1") "a=\"\" b=1" "an empty text by the grammar"

            Expect.equal
                (infoAfter ShapeColumns.Escaped "a= b=1")
                @"a=""_JSON \""\"""" b=1"
                "and as ASE, which takes the next pair for it, reads it"

            Expect.equal (infoAfter ShapeColumns.Strict @"a=""_JSON \""\"""" b=1") "a=\"\" b=1" "and we"

        testCase "a comment line that ends within a quote is refused with its place"
        <| fun () ->
            for info, mark in
                [
                    "pbc=\"F F F", "the \" that opens in column"
                    "title='a b", "the ' that opens in column"
                    "m=[1, 2", "the [ that opens in column"
                    "m=\"[1, 2]", "the \" that opens in column"
                    "m={1 2", "the { that opens in column"
                    "title=Bob's", "the ' that opens in column"
                ] do
                for line in [ $"{columns} {info}"; $"{columns} {info} energy=1"; $"{info} {columns}" ] do
                    let error = errorOfText InputOptions.defaults $"1\n{line}\n{rows}"
                    Expect.stringContains (AniSoapError.describe error) mark line
                    Expect.equal (placeOf error).Line (Some 2L) line
                    let column = line.IndexOf(mark[4], line.IndexOf(info, System.StringComparison.Ordinal)) + 1
                    Expect.stringContains (AniSoapError.describe error) $"column {column}" line

            let second = file "a=1" + $"1\n{columns} pbc=\"F F F\n{rows}"
            let frames, error = outcomeOfText InputOptions.defaults second
            Expect.equal frames.Length 1 "the frame before is read"
            Expect.equal (error |> Option.map (placeOf >> _.Line)) (Some(Some 5L)) "also where Properties stay the same"

        testCase "apostrophes in the free comment of a plain file are nobody's quotes"
        <| fun () -> Expect.equal (framesOfText spheres "1\nBob's molecule\nC 0 0 0\n").Length 1 "plain"
    ]

let private flavours =
    testList "flavours" [
        testCase "for OVITO the columns are orientation, scalar last, and aspherical_shape in semi-axes"
        <| fun () ->
            let snapshot = snapshotOf $"1\n{columns}\nC 1 2 3 0.6 0 0 0.8 3 1 2\n"

            TestData.inFolder (fun folder ->
                let path = Path.Combine(folder, "b.xyz")
                let options = { FrameOutputOptions.defaults with Columns = ShapeColumns.Ovito }

                FrameFile.writeSnapshots { options with Existing = Existing.Replace } path [ Ok snapshot ]
                |> ignore

                let lines = File.ReadAllLines path

                Expect.stringContains
                    lines[1]
                    "Properties=species:S:1:pos:R:3:orientation:R:4:aspherical_shape:R:3 "
                    "names"

                Expect.equal lines[2] "C 1 2 3 0 0 0.8 0.6 1.5 0.5 1" "numbers"
                let back = (framesOf InputOptions.defaults path).Head.Particles[0]
                Expect.equal back.Orientation snapshot.Frame.Particles[0].Orientation "reads back"
                Expect.equal back.SemiAxes snapshot.Frame.Particles[0].SemiAxes "and the shape")
    ]

[<Tests>]
let tests = testList "info of extended XYZ" [ lists; matrices; texts; flavours ]
