/// Pictures of files of features: every format, every layout of blocks, numbers that no picture can hold, and what rows
/// are called.
module AniSoap.Tests.Cli.FeaturePictureTests

open System
open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Tests.Plotting.FigureData
open AniSoap.Formats

let private succeeds (outcome: Outcome) =
    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"

let private refuses (fragments: string list) (outcome: Outcome) =
    Expect.equal outcome.ExitCode 2 $"exit code; {outcome.Errors}"
    Expect.equal outcome.ErrorLines.Length 1 $"one line: {outcome.Errors}"

    for fragment in fragments do
        Expect.stringContains outcome.Errors fragment "what is wrong"

let private hypers =
    words "--max-angular 2 --max-radial 1 --radial-gaussian-width 1 --cutoff-radius 4 --point-diameter 1 --force"

/// The text and the traces of a page.
let private pageOf folder name =
    let page = File.ReadAllText(Path.Combine(folder, name))

    let start =
        page.LastIndexOf("const figure = ", StringComparison.Ordinal)
        + "const figure = ".Length

    use document =
        JsonDocument.Parse(page.Substring(start, page.IndexOf(";\n", start, StringComparison.Ordinal) - start))

    page, [ for trace in (get "data" document.RootElement).EnumerateArray() -> trace.Clone() ]

let private tracesOf folder name = snd (pageOf folder name)

let private points folder name = tracesOf folder name |> List.sumBy (fun trace -> (numbers "x" trace).Length)

let private hovers folder name = [
    for trace in tracesOf folder name do
        for label in (get "text" trace).EnumerateArray() -> string (label.GetString())
]

let private frame x = $"3\nProperties=species:S:1:pos:R:3\nH 0 0 0\nO {x} 0 0\nH 0 1.5 0.25\n"
let private header = "l=0 n_1=0 neighbor_1_type=1 n_2=0 neighbor_2_type=1"

let private csv (values: string list) =
    let columns = header + "," + header.Replace("n_2=0", "n_2=1")

    String.Join("\n", ("frame," + columns) :: [ for k, row in List.indexed values -> $"{k},{row}" ])
    + "\n"

let private labels names (rows: int list list) = Labels.create names (rows |> Seq.map Seq.ofList) |> Golden.sure

[<Tests>]
let tests =
    testList "program: plot features" [
        testCase "a map of numbers that are not finite, or too large, is refused with row and column" (fun () ->
            inFolder (fun folder ->
                for value, shown in
                    [ "nan", "NaN"; "inf", "Infinity"; "-inf", "-Infinity"; "1e200", "1E+200"; "-1e308", "-1E+308" ] do
                    File.WriteAllText(Path.Combine(folder, "f.csv"), csv [ "1,2"; $"1,{value}"; "2,5" ])

                    for ending in [ "csv"; "npz"; "mts"; "h5"; "parquet"; "npy" ] do
                        let name = "f." + ending

                        if ending = "npy" then
                            run folder (words "convert f.csv -o f.npy --force --quiet") |> succeeds
                        elif ending <> "csv" then
                            run folder [ "convert"; "f.csv"; "-o"; name; "--force" ] |> succeeds

                        run folder [ "plot"; "map"; name; "-o"; "f.html" ]
                        |> refuses [ name; "row 1, column 1"; shown; "finite numbers" ]

                    if value.Contains "n" then
                        run folder (words "plot spectrum f.csv --row 1 -o f.html")
                        |> refuses [ "f.csv"; "row 1, column 1"; shown ]

                Expect.isFalse (File.Exists(Path.Combine(folder, "f.html"))) "nothing is drawn"))

        testCase "a map of very large and of very small numbers is that of moderate ones" (fun () ->
            inFolder (fun folder ->
                let expected = ResizeArray<float[]>()

                for exponent in [ 0; 140; -200 ] do
                    File.WriteAllText(
                        Path.Combine(folder, "f.csv"),
                        csv [
                            for a, b in [ 1, 2; 3, 7; 5, 4 ] ->
                                $"{a}e{string<int> exponent},{b}e{string<int> exponent}"
                        ]
                    )

                    run folder (words "plot map f.csv -o f.html --force") |> succeeds

                    expected.Add(
                        tracesOf folder "f.html"
                        |> List.head
                        |> numbers "x"
                        |> Array.map (fun x -> x / Math.Pow(10.0, float exponent))
                    )

                Close.toLargest 1e-12 expected[1] expected[0] "1e140"
                Close.toLargest 1e-12 expected[2] expected[0] "1e-200"))

        testCase "every format of features is drawn, and an array without labels by its rows" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "f.csv"), csv [ "1,2"; "1,3"; "2,5" ])

                for ending in [ "csv"; "npz"; "mts"; "h5"; "parquet" ] do
                    if ending <> "csv" then
                        run folder [ "convert"; "f.csv"; "-o"; "f." + ending ] |> succeeds

                    run folder [ "plot"; "map"; "f." + ending; "-o"; "f.html"; "--force" ]
                    |> succeeds

                    Expect.equal (hovers folder "f.html") [ for k in 0..2 -> $"f, frame {k}" ] ending

                run folder (words "convert f.csv -o f.npy --quiet") |> succeeds
                run folder (words "plot map f.npy -o f.html --force") |> succeeds
                Expect.equal (hovers folder "f.html") [ for k in 0..2 -> $"f, row {k}" ] ".npy"))

        testCase "blocks by neighbour species are columns of the rows that convert makes" (fun () ->
            inFolder (fun folder ->
                let samples (rows: int list list) = labels [ "system"; "atom" ] rows
                let properties = labels [ "l"; "n_1"; "n_2" ] [ [ 0; 0; 0 ]; [ 1; 0; 0 ] ]
                let block rows values = TensorBlock.create (samples rows) [] properties values |> Golden.sure
                let rows = [ [ 0; 0 ]; [ 0; 1 ]; [ 1; 0 ] ]

                let map =
                    TensorMap.create
                        (labels [ "center_type"; "neighbor_1_type"; "neighbor_2_type" ] [ [ 1; 1; 1 ]; [ 1; 1; 6 ] ])
                        [ block rows [| 1; 2; 3; 5; 2; 2 |]; block rows[..1] [| 9; 8; 7; 1 |] ]
                    |> Golden.sure

                Mts.write (Path.Combine(folder, "k.mts")) map |> Golden.sure

                run folder (words "plot map k.mts -o k.html") |> succeeds
                run folder (words "convert k.mts -o k.npz") |> succeeds
                run folder (words "plot map k.npz -o n.html") |> succeeds

                Expect.equal
                    (hovers folder "k.html")
                    [
                        "k, frame 0, particle 0, species 1"
                        "k, frame 0, particle 1, species 1"
                        "k, frame 1, particle 0, species 1"
                    ]
                    "a point for each row"

                Expect.equal
                    (tracesOf folder "k.html" |> List.map (numbers "x"))
                    (tracesOf folder "n.html" |> List.map (numbers "x"))
                    "as of the table"

                File.Copy(
                    Path.Combine(Repository.root, "tests", "data", "peers", "soap.mts"),
                    Path.Combine(folder, "soap.mts")
                )

                run folder (words "plot map soap.mts -o soap.html") |> succeeds
                Expect.equal (points folder "soap.html") 5 "featomic's SoapPowerSpectrum of five particles"))

        testCase "the package's labels give the same pictures as today's" (fun () ->
            inFolder (fun folder ->
                File.WriteAllText(Path.Combine(folder, "t.xyz"), frame "1" + frame "2")

                for rows in [ []; [ "--per-particle" ] ] do
                    for kind in [ "anisoap"; "metatensor" ] do
                        for ending in [ "npz"; "mts" ] do
                            run
                                folder
                                ([ "power-spectrum"; "t.xyz"; "--labels"; kind; "-o"; kind + "." + ending ]
                                 @ rows
                                 @ hypers)
                            |> succeeds

                            for picture in [ "map"; "spectrum" ] do
                                run folder [
                                    "plot"
                                    picture
                                    kind + "." + ending
                                    "-o"
                                    $"{picture}-{kind}-{ending}.html"
                                    "--force"
                                ]
                                |> succeeds

                    for picture, key in [ "map", "x"; "spectrum", "customdata" ] do
                        let values kind ending = [
                            for trace in tracesOf folder $"{picture}-{kind}-{ending}.html" ->
                                (get key trace).GetRawText()
                        ]

                        for ending in [ "npz"; "mts" ] do
                            Expect.equal
                                (values "anisoap" ending)
                                (values "metatensor" "npz")
                                $"{picture} {rows} {ending}"))

        testCase "equivariant spectra are drawn at λ = 0, and refused by their axis else" (fun () ->
            inFolder (fun folder ->
                let map o3Lambda =
                    let mu = labels [ "o3_mu" ] [ for m in -o3Lambda .. o3Lambda -> [ m ] ]

                    let properties =
                        labels [ "l_1"; "l_2"; "n_1"; "n_2" ] [ [ 0; o3Lambda; 0; 0 ]; [ 1; 1 + o3Lambda; 0; 0 ] ]

                    let samples = labels [ "system"; "atom" ] [ [ 0; 0 ]; [ 0; 1 ]; [ 1; 0 ] ]
                    let values = Array.init (3 * mu.Count * 2) (fun k -> float (k * k))

                    TensorMap.create
                        (labels [ "o3_lambda"; "o3_sigma"; "center_type"; "neighbor_1_type"; "neighbor_2_type" ] [
                            [ o3Lambda; 1; 1; 1; 1 ]
                        ])
                        [ TensorBlock.create samples [ mu ] properties values |> Golden.sure ]
                    |> Golden.sure

                for o3Lambda in [ 0; 1 ] do
                    Mts.write (Path.Combine(folder, $"e{o3Lambda}.mts")) (map o3Lambda)
                    |> Golden.sure

                run folder (words "plot map e0.mts -o map.html") |> succeeds
                Expect.equal (points folder "map.html") 3 "points"
                run folder (words "plot spectrum e0.mts -o spectrum.html") |> succeeds
                Expect.equal (tracesOf folder "spectrum.html").Length 2 "a panel for each l"

                for picture in [ "map"; "spectrum" ] do
                    run folder [ "plot"; picture; "e1.mts"; "-o"; "no.html" ]
                    |> refuses [ "e1.mts"; "o3_mu"; "3 values"; "invariant" ]))

        testCase "frames are numbered within their own files, which keep all of their names" (fun () ->
            inFolder (fun folder ->
                let name k = $"smectic_T0.7{k}_rho0.38"

                for k in 0..1 do
                    File.WriteAllText(
                        Path.Combine(folder, name k + ".xyz"),
                        String.Concat [ for x in 1..3 -> frame (string (float x + 0.1 * float k)) ]
                    )

                run folder ([ "plot"; "map"; name 0 + ".xyz"; name 1 + ".xyz"; "-o"; "m.html" ] @ hypers)
                |> succeeds

                Expect.equal
                    (hovers folder "m.html")
                    [
                        for k in 0..1 do
                            for x in 0..2 -> $"{name k}, frame {x}"
                    ]
                    "hovers"

                run
                    folder
                    ([ "plot"; "map"; name 0 + ".xyz"; name 1 + ".xyz"; "-o"; "m.html"; "--frames"; "1::3" ]
                     @ hypers)
                |> succeeds

                Expect.equal (hovers folder "m.html") [ for k in 0..1 -> $"{name k}, frame 1" ] "chosen ones"

                for picture, more in [ "frame", words "--point-diameter 1 --force"; "density", hypers ] do
                    run
                        folder
                        ([ "plot"; picture; name 0 + ".xyz"; name 1 + ".xyz"; "-o"; "p.html"; "--frames"; "4" ]
                         @ more)
                    |> succeeds

                    let page, _ = pageOf folder "p.html"
                    Expect.stringContains page $"<title>{name 1}, frame 1" picture

                // What is wrong in the second file is said of its own first frame.
                File.WriteAllText(
                    Path.Combine(folder, "bad.xyz"),
                    "1\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\nH 0 0 0 1 0 0 0 -1 1 1\n"
                )

                run folder ([ "power-spectrum"; name 0 + ".xyz"; "bad.xyz"; "-o"; "o.npz" ] @ hypers)
                |> refuses [ "bad.xyz, line 3, frame 0, particle 0" ]

                File.WriteAllText(
                    Path.Combine(folder, "empty.xyz"),
                    frame "1" + "0\nProperties=species:S:1:pos:R:3\n"
                )

                run folder ([ "power-spectrum"; name 0 + ".xyz"; "empty.xyz"; "-o"; "o.npz" ] @ hypers)
                |> refuses [ "empty.xyz, frame 1" ]))
    ]
