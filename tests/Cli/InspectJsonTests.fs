/// What inspect says as JSON, of digits and of lost bytes; and frames with the components of their features.
module AniSoap.Tests.Cli.InspectJsonTests

open System.IO
open System.Text.Json
open Expecto
open AniSoap
open AniSoap.Analysis
open AniSoap.Learning
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private sure result = Golden.sure result

let private succeeds (outcome: Outcome) =
    Expect.equal outcome.ExitCode 0 outcome.Errors
    outcome

let private nematic = Repository.gayBerne "nematic"

let private numbers (element: JsonElement) = [| for number in element.EnumerateArray() -> number.GetDouble() |]

[<Tests>]
let json =
    testList "program: inspect as JSON" [
        testCase "has order and director of every frame" (fun () ->
            inFolder (fun folder ->
                let outcome = run folder [ "inspect"; nematic; "--json"; "--frames"; "0:3" ] |> succeeds
                use document = JsonDocument.Parse outcome.Output
                let frames = (document.RootElement.GetProperty "frames").EnumerateArray() |> Seq.toList
                let expected = FrameFile.readAll nematic |> sure |> Array.truncate 3
                Expect.hasLength frames 3 "frames"

                for found, frame in Seq.zip frames expected do
                    let order = OrderParameters.ofFrame BodyAxis.X frame |> Option.get
                    let element = (found.GetProperty "order")[0]
                    Expect.equal ((element.GetProperty "axis").GetString()) "x" "the long axis"
                    Close.within 1e-12 1.0 [| (element.GetProperty "order").GetDouble() |] [| order.Order |] "order"
                    let d = order.Director
                    Close.within 1e-9 1.0 (numbers (element.GetProperty "director")) [| d.X; d.Y; d.Z |] "director"
                    Expect.equal ((found.GetProperty "particles").GetInt32()) 500 "particles"))

        testCase "reads a pipe, and is one object whose table is the table" (fun () ->
            inFolder (fun folder ->
                let text = "2\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\n"
                let row x = $"C {x} 0 0 1 0 0 0 1 1 1\n"

                let outcome =
                    runWithInput folder [ "inspect"; "-"; "--json" ] (text + row 0 + row 1)
                    |> succeeds

                use document = JsonDocument.Parse outcome.Output
                let table = document.RootElement.GetProperty "table"
                let first = [ for text in table[0].EnumerateArray() -> nonNull (text.GetString()) ]
                Expect.equal first [ "frames"; "1" ] "the first row"))

        testCase "of features has their rows" (fun () ->
            inFolder (fun folder ->
                let hypers = words "--max-angular 1 --max-radial 1 --radial-gaussian-width 1.5 --cutoff-radius 2"

                run folder ([ "power-spectrum"; nematic; "--frames"; "0:2"; "-o"; "f.npz" ] @ hypers)
                |> succeeds
                |> ignore

                use document = JsonDocument.Parse (succeeds (run folder [ "inspect"; "f.npz"; "--json" ])).Output
                let first = (document.RootElement.GetProperty "table").EnumerateArray() |> Seq.head
                let texts = [ for text in first.EnumerateArray() -> text.GetString() ]
                Expect.equal texts [ "kind"; "table of features" ] "kind"))
    ]

[<Tests>]
let digits =
    testList "program: digits and lost bytes" [
        for shift, step in [ 0.0, None; 1000.0, Some "0.01" ] do
            testCase $"positions of six digits, {shift} from the origin, are known as text has them" (fun () ->
                inFolder (fun folder ->
                    let source = System.Random 5

                    let rows = [
                        for _ in 1..40 ->
                            let text =
                                (shift + 9.0 * source.NextDouble())
                                    .ToString("G6", System.Globalization.CultureInfo.InvariantCulture)

                            $"C {text} {text} {text} 1 0 0 0 1 1 1"
                    ]

                    let header = [ "40"; "Properties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3" ]
                    File.WriteAllLines(Path.Combine(folder, "few.xyz"), header @ rows)
                    let outcome = run folder (words "inspect few.xyz") |> succeeds
                    Expect.stringContains outcome.Output "digits of positions" "a row"
                    Expect.stringContains outcome.Errors "positions have 6 digits at most" "a warning"

                    step
                    |> Option.iter (fun step -> Expect.stringContains outcome.Output $"in steps of {step}" "the step")))

        testCase "all digits are nothing to warn of" (fun () ->
            inFolder (fun folder ->
                let outcome = run folder [ "inspect"; nematic; "--frames"; "0" ] |> succeeds
                Expect.isFalse (outcome.Errors.Contains "digits at most") outcome.Errors))

        testCase "bytes of a GSD file that belong to no frame are told" (fun () ->
            inFolder (fun folder ->
                run folder [ "convert"; nematic; "-o"; "a.gsd"; "--frames"; "0:2" ]
                |> succeeds
                |> ignore

                let whole = run folder (words "inspect a.gsd") |> succeeds
                Expect.isFalse (whole.Errors.Contains "belong to no frame") whole.Errors
                // What gsd has written and not entered into its index when a job is killed.
                use file = File.Open(Path.Combine(folder, "a.gsd"), FileMode.Append)
                file.Write(Array.zeroCreate<byte> 6000)
                file.Dispose()
                let outcome = run folder (words "inspect a.gsd") |> succeeds
                Expect.stringContains outcome.Errors "a.gsd: 6000 bytes at the end belong to no frame" "a warning"))
    ]

[<Tests>]
let maps =
    testList "program: frames with components of features" [
        for perParticle in [ false; true ] do
            testCase
                (if perParticle then
                     "a row a particle becomes environments with properties"
                 else
                     "a row a frame becomes properties of structures")
                (fun () ->
                    inFolder (fun folder ->
                        let options =
                            words "--max-angular 2 --max-radial 2 --radial-gaussian-width 1.5 --cutoff-radius 2"
                            @ (if perParticle then [ "--per-particle" ] else [])

                        run folder ([ "power-spectrum"; nematic; "--frames"; "0:4"; "-o"; "f.npz" ] @ options)
                        |> succeeds
                        |> ignore

                        run
                            folder
                            ([ "convert"; nematic; "--frames"; "0:4"; "-o"; "map.json" ]
                             @ words "--features f.npz --components 2")
                        |> succeeds
                        |> ignore

                        use document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "map.json")))
                        let root = document.RootElement
                        let property = (root.GetProperty "properties").GetProperty "PC_2"
                        let found = numbers (property.GetProperty "values")

                        let struct (rows, _) =
                            FeatureFile.read (Path.Combine(folder, "f.npz"))
                            |> Result.bind Matrix.ofFeatures
                            |> sure

                        let scores = Pca.transform (Pca.fit 2 rows |> sure) rows |> sure
                        Close.toLargest 1e-9 found [| for row in 0 .. rows.Rows - 1 -> scores[row, 1] |] "components"

                        Expect.equal
                            ((property.GetProperty "target").GetString())
                            (if perParticle then "atom" else "structure")
                            "target"

                        let hasEnvironments, environments = root.TryGetProperty "environments"
                        Expect.equal hasEnvironments perParticle "environments"

                        if perParticle then
                            Expect.equal (environments.GetArrayLength()) 2000 "one a particle"))

        testCase "features of other frames are refused" (fun () ->
            inFolder (fun folder ->
                let hypers = words "--max-angular 1 --max-radial 1 --radial-gaussian-width 1.5 --cutoff-radius 2"

                run folder ([ "power-spectrum"; nematic; "--frames"; "0:2"; "-o"; "f.npz" ] @ hypers)
                |> succeeds
                |> ignore

                let outcome = run folder [ "convert"; nematic; "-o"; "map.json"; "--features"; "f.npz" ]
                Expect.equal outcome.ExitCode 2 outcome.Output
                Expect.stringContains outcome.Errors "no row for frame 2" "what is missing"
                Expect.isFalse (File.Exists(Path.Combine(folder, "map.json"))) "nothing is left"))
    ]
