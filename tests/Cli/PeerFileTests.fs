/// Files as today's programs of the field write them (tests/data/peers), through the program: what is read, said and written again. The numbers are those
/// that the programs which wrote the files hold.
module AniSoap.Tests.Cli.PeerFileTests

open System
open System.Globalization
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private peer name = Path.Combine(Repository.root, "tests", "data", "peers", name)

/// A frame of extended XYZ as its text has it: the comment line, and the numbers of a column, particle by particle.
type private WrittenFrame = { Comment: string; Columns: Map<string, float[]> }

/// Written by the program, so that its own reader has no say here.
let private writtenFrames path =
    let rec go (lines: string list) = [
        match lines with
        | count :: comment :: rows ->
            let properties =
                Regex.Match(comment, "Properties=\"?([^ \"]+)").Groups[1].Value.Replace("\\", "").Split ':'

            let rows, rest = rows |> List.splitAt (int count)
            let rows = rows |> List.map _.Split(' ', StringSplitOptions.RemoveEmptyEntries)

            let columns =
                ((0, Map.empty), properties |> Array.chunkBySize 3)
                ||> Array.fold (fun (at, columns) property ->
                    let width = int property[2]

                    let numbers = [|
                        for row in rows do
                            for text in row[at .. at + width - 1] do
                                match Double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture) with
                                | true, number -> number
                                | _ -> nan
                    |]

                    at + width, columns |> Map.add property[0] numbers)
                |> snd

            { Comment = comment; Columns = columns }
            yield! go rest
        | _ -> ()
    ]

    File.ReadAllLines path |> Array.toList |> go

/// The three semi-axes of each particle: half of the diameters that are written.
let private semiAxes frame =
    match Map.tryFind "c_diameter" frame.Columns with
    | Some diameters -> diameters |> Array.map (fun diameter -> diameter / 2.0)
    | None ->
        let axis k = frame.Columns[$"c_diameter[{k}]"]
        Array.init (3 * (axis 1).Length) (fun i -> (axis (1 + i % 3))[i / 3] / 2.0)

let private runs folder (arguments: string list) =
    let outcome = run folder arguments
    Expect.equal outcome.ExitCode 0 $"{arguments}: {outcome.Errors}"
    outcome

/// The frames of a file as the program converts them.
let private converted name more (check: Outcome -> WrittenFrame list -> unit) =
    inFolder (fun folder ->
        let outcome = runs folder ([ "convert"; peer name; "-o"; "o.xyz" ] @ more)
        check outcome (writtenFrames (Path.Combine(folder, "o.xyz"))))

/// The frames of a file after a way through another format.
let private through middle name (check: Outcome -> WrittenFrame list -> unit) =
    inFolder (fun folder ->
        let first = runs folder [ "convert"; peer name; "-o"; middle ]
        runs folder [ "convert"; middle; "-o"; "o.xyz" ] |> ignore
        check first (writtenFrames (Path.Combine(folder, "o.xyz"))))

let private features name =
    inFolder (fun folder ->
        let outcome = runs folder [ "convert"; peer name; "-o"; "o.npy" ]
        Expect.isFalse (outcome.Errors.Contains "LineNumber") "no library's words"
        let array = NumpyFiles.parse (File.ReadAllBytes(Path.Combine(folder, "o.npy")))
        array.Shape, NumpyFiles.floats array)

let private hypers = words "--max-angular 3 --max-radial 2 --radial-gaussian-width 1 --cutoff-radius 4"

let private spectrumOf (inputs: string list) =
    inFolder (fun folder ->
        runs
            folder
            ([ "power-spectrum" ]
             @ List.map peer inputs
             @ [ "-o"; "o.npz"; "--stats" ]
             @ hypers))

let private says (text: string) (outcome: Outcome) = Expect.stringContains outcome.Errors text "standard error"

let private lacks (texts: string list) frame =
    for text in texts do
        Expect.isFalse (frame.Comment.Contains text) $"no {text} in {frame.Comment}"

[<Tests>]
let lammps =
    testList "program: files by LAMMPS and OVITO" [
        testCase "points of a dump have the diameter that is given" (fun () ->
            converted "points.dump" [ "--point-diameter"; "3=0.6" ] (fun _ frames ->
                let rod, disc, point = [| 1.5; 0.5; 0.5 |], [| 0.75; 0.5; 0.3 |], [| 0.3; 0.3; 0.3 |]
                let expected = Array.concat [ rod; disc; point; disc; rod; point ]
                Close.within 1e-6 1.0 (semiAxes frames[0]) expected "semi-axes"))

        testCase "points of a dump without one are warned of" (fun () ->
            converted "points.dump" [] (fun outcome _ -> says "point" outcome))

        testCase "points of a data file stay points, with their masses" (fun () ->
            inFolder (fun folder ->
                runs folder [ "convert"; peer "points.data"; "-o"; "o.data" ] |> ignore
                let lines = File.ReadAllLines(Path.Combine(folder, "o.data"))

                let atoms =
                    lines
                    |> Array.skipWhile (fun line -> not (line.StartsWith "Atoms"))
                    |> Array.skip 2

                let flags, densities =
                    atoms
                    |> Array.takeWhile (fun line -> line <> "")
                    |> Array.map (fun line -> line.Split ' ')
                    |> Array.map (fun words -> int words[2], words[3])
                    |> Array.unzip

                Expect.equal flags [| 1; 1; 0; 1; 1; 0 |] "flags"
                Expect.equal (densities[2], densities[5]) ("1.25", "1.25") "masses"))

        testCase "the pieces of a frame are one frame" (fun () ->
            let outcome = spectrumOf [ "piece.0.dump"; "piece.1.dump" ]
            use statistics = JsonDocument.Parse(List.last outcome.ErrorLines)
            let count (name: string) = statistics.RootElement.GetProperty(name).GetInt32()
            Expect.equal (count "frames", count "particles") (2, 12) "frames and particles")

        testCase "the shapes of a dump by OVITO are semi-axes, and that is said" (fun () ->
            converted "ovito.dump" [] (fun outcome frames ->
                says "shape-as" outcome
                let expected = Array.init 18 (fun i -> if i % 3 = 0 then 1.0 else 0.5)
                Close.within 1e-6 1.0 (semiAxes frames[0]) expected "semi-axes"))

        testCase "masses of types are kept" (fun () ->
            converted "masses.data" [ "--point-diameter"; "1" ] (fun _ frames ->
                let masses =
                    frames[0].Columns
                    |> Map.toSeq
                    |> Seq.map snd
                    |> Seq.exists ((=) [| 12.5; 16.5 |])

                Expect.isTrue masses "a column 12.5, 16.5"))

        testCase "columns may be numbered from 0" (fun () ->
            converted "from-zero.dump" [] (fun _ frames ->
                Close.within 1e-6 1.0 (semiAxes frames[0]) [| 1.5; 0.5; 0.5 |] "semi-axes"
                Close.within 1e-6 1.0 frames[0].Columns["pos"] [| 1.0; 2.0; 3.0 |] "positions"))
    ]

[<Tests>]
let others =
    testList "program: files by chemiscope, gsd and ASE" [
        testCase "values belong to the particles that chemiscope's environments name" (fun () ->
            converted "order.json" [] (fun _ frames ->
                Expect.equal frames[0].Columns["p"] [| 0.5; 1.5 |] "frame 0"
                Expect.equal frames[1].Columns["p"] [| 10.5; 11.5 |] "frame 1"))

        testCase "the set of ellipsoids is the one that chemiscope's settings show" (fun () ->
            converted "two-sets.json" [] (fun _ frames ->
                Close.within 1e-6 1.0 (semiAxes frames[0]) [| 1.5; 0.5; 0.25; 1.5; 0.5; 0.25 |] "semi-axes"))

        testCase "the ellipsoids within a combined shape are read" (fun () ->
            converted "combined.json" [ "--point-diameter"; "1" ] (fun _ frames ->
                Close.within 1e-6 1.0 (semiAxes frames[0]) [| 1.25; 0.5; 0.25; 1.25; 0.5; 0.25 |] "semi-axes"))

        testCase "a GSD file of one type stays one of one type" (fun () ->
            let check _ (frames: WrittenFrame list) = frames |> List.iter (lacks [ "25=Z"; "=B" ])
            converted "one-type.gsd" [] check
            through "o.gsd" "one-type.gsd" check)

        testCase "double precision of a GSD file is kept" (fun () ->
            through "o.gsd" "double.gsd" (fun _ frames ->
                Close.within 1e-12 1.0 frames[0].Columns["pos"] [| 0.1; 0.2; 0.3; 2.1; 0.7; 1.0 / 3.0 |] "positions"))

        for middle in [ "o.gsd"; "o.json" ] do
            testCase $"each frame keeps its own targets, and no other's, through {middle.Substring 2}" (fun () ->
                through middle "gaps.xyz" (fun _ frames ->
                    Expect.stringContains frames[0].Comment "energy=" "frame 0"
                    lacks [ "energy"; "virial"; "stress"; "forces"; "torques" ] frames[1]
                    Expect.stringContains frames[2].Comment "energy=" "frame 2"
                    Expect.isTrue (frames[2].Columns.ContainsKey "forces") "forces of frame 2"
                    lacks [ "torques"; "virial"; "stress" ] frames[2]))

        testCase "a matrix is written as ASE reads it" (fun () ->
            converted "matrix.xyz" [] (fun _ frames ->
                Expect.stringContains frames[0].Comment "virial=\"1 4 7 2 5 8 3 6 9\"" "by columns"))

        testCase "an empty text does not take the next key" (fun () ->
            converted "empty-text.xyz" [] (fun _ frames ->
                Expect.stringContains frames[0].Comment "energy=-1.5" "the energy"
                Expect.stringContains frames[0].Comment "pbc=\"T T F\"" "the axes that repeat"
                lacks [ "\"energy" ] frames[0]))

        testCase "particles that are all X beside a column of types are warned of" (fun () ->
            says "type" (spectrumOf [ "all-x.xyz" ]))

        testCase "symbols that atomic numbers contradict are warned of" (fun () -> says "Z" (spectrumOf [ "z.xyz" ]))
    ]

[<Tests>]
let tables =
    testList "program: features by h5py, pandas, NumPy and featomic" [
        for name in [ "latest.h5"; "int64.h5"; "savetxt.csv" ] do
            testCase $"{name} holds its six numbers" (fun () ->
                Expect.equal (features name) ([ 3; 2 ], [| 0.0; 1.0; 2.0; 3.0; 4.0; 5.0 |]) name)

        testCase "an empty table of pandas is an empty table" (fun () ->
            inFolder (fun folder ->
                runs folder [ "convert"; peer "empty.parquet"; "-o"; "o.csv" ] |> ignore
                Expect.hasLength (File.ReadAllLines(Path.Combine(folder, "o.csv"))) 1 "the header alone"))

        testCase "a map of featomic's spectra has a point for each particle" (fun () ->
            inFolder (fun folder ->
                runs folder [ "plot"; "map"; peer "soap.mts"; "-o"; "o.html" ] |> ignore
                let page = File.ReadAllText(Path.Combine(folder, "o.html"))
                let numbers = Regex.Match(page, "\"x\":\\s*\\{\"bdata\":\\s*\"([^\"]*)\",\\s*\"dtype\":\\s*\"f8\"")
                let listed = Regex.Match(page, "\"x\":\\s*\\[([^\\]]*)\\]")

                let count =
                    if numbers.Success then
                        Convert.FromBase64String(numbers.Groups[1].Value).Length / 8
                    else
                        listed.Groups[1].Value.Split(',').Length

                Expect.equal count 5 "points"))
    ]
