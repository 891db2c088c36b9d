/// What the program says about itself, and how it behaves towards shells and scripts.
module AniSoap.Tests.Cli.UsageTests

open System.IO
open System.Text.Json
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private verbs = [
    "power-spectrum"
    "expansion"
    "inspect"
    "suggest"
    "compare"
    "convert"
    "simulate"
    "index"
    "merge"
    "status"
    "submit"
    "plot"
]

let private succeeds (outcome: Outcome) = Expect.equal outcome.ExitCode 0 $"exit code; {outcome.Errors}"

[<Tests>]
let help =
    testList "program: help" [
        testCase "of the program names every verb and how to complete in a shell" (fun () ->
            inFolder (fun folder ->
                let outcome = run folder [ "--help" ]
                succeeds outcome

                verbs
                |> List.iter (fun verb -> Expect.stringContains outcome.Output verb "the verb")

                Expect.stringContains outcome.Output "[suggest" "completion"))

        yield!
            verbs
            |> List.map (fun verb ->
                testCase $"of {verb} has an example" (fun () ->
                    inFolder (fun folder ->
                        let outcome = run folder [ verb; "--help" ]
                        succeeds outcome
                        Expect.stringContains outcome.Output $"anisoap {verb} " "an example"
                        Expect.stringContains outcome.Output "Example" "an example")))

        yield!
            verbs @ words "coarse-grain train predict evaluate select reduce regress"
            |> List.map (fun verb ->
                testCase $"of {verb} has no option twice" (fun () ->
                    inFolder (fun folder ->
                        let outcome = run folder [ verb; "--help" ]
                        succeeds outcome

                        let options = [
                            for found in
                                System.Text.RegularExpressions.Regex.Matches(
                                    outcome.Output,
                                    "(?m)^ {2,5}(?:-[a-zA-Z], )?(--[a-z0-9-]+)"
                                ) -> found.Groups[1].Value
                        ]

                        if verb <> "plot" then
                            Close.atLeast options.Length 1 "options"

                        Expect.equal options (List.distinct options) "options")))

        yield!
            verbs @ words "coarse-grain train predict evaluate select reduce regress"
            |> List.filter ((<>) "plot")
            |> List.map (fun verb -> [ verb ])
            |> List.append [ [ "plot"; "basis" ]; [ "plot"; "body" ]; [ "plot"; "frame" ] ]
            |> List.map (fun verb ->
                let name = String.concat " " verb

                testCase $"of {name} is named where an option is unknown, which is no file" (fun () ->
                    inFolder (fun folder ->
                        let outcome = run folder (verb @ [ "one.json"; "--no-such-option" ])
                        Expect.equal outcome.ExitCode 2 "exit code"

                        Expect.equal
                            outcome.ErrorLines
                            [
                                $"anisoap: unknown option --no-such-option; anisoap {name} --help lists those that exist"
                            ]
                            "what is said")))

        testCase "is not asked for behind --, where a word with a dash is a file" (fun () ->
            inFolder (fun folder ->
                let outcome = run folder [ "inspect"; "--"; "--no-such-file.npz" ]
                Expect.equal outcome.ExitCode 2 "exit code"
                Expect.stringContains outcome.Errors "--no-such-file.npz" "the file"
                Expect.isFalse (outcome.Errors.Contains "option") "no option"))

        testCase "completes options" (fun () ->
            inFolder (fun folder ->
                let outcome = run folder [ "[suggest:27]"; "anisoap power-spectrum --ra" ]
                succeeds outcome
                Expect.stringContains outcome.Output "--radial-gaussian-width" "an option that starts so"))

        testCase "has the version" (fun () ->
            inFolder (fun folder ->
                let outcome = run folder [ "--version" ]
                succeeds outcome

                Expect.isRegexMatch
                    outcome.Output
                    (System.Text.RegularExpressions.Regex "^anisoap \d+\.\d+\.\d+\n$")
                    ""))
    ]

let private statisticsKeys =
    (words
        "frames particles pairs features read_seconds compute_seconds write_seconds seconds threads peak_memory_bytes")

let private expectStatistics (outcome: Outcome) =
    succeeds outcome
    use document = JsonDocument.Parse(List.last outcome.ErrorLines)
    let keys = [ for property in document.RootElement.EnumerateObject() -> property.Name ]
    Expect.equal keys statisticsKeys "the keys"
    let numbers = Map [ for key in keys -> key, document.RootElement.GetProperty(key).GetDouble() ]
    let number key = numbers[key]
    Expect.isTrue (statisticsKeys |> List.forall (fun key -> number key >= 0.0)) "all are numbers from zero"
    number

[<Tests>]
let statistics =
    testList "program: statistics" [
        testCase "count what was done" (fun () ->
            inFolder (fun folder ->
                // Three points on a line, 2 apart, cutoff 3: the middle one sees both, the others see one.
                let row x = $"C {x} 0 0 1 0 0 0 1 1 1\n"

                File.WriteAllText(
                    Path.Combine(folder, "line.xyz"),
                    "3\nProperties=species:S:1:pos:R:3:c_q:R:4:c_diameter:R:3\n"
                    + row 0
                    + row 2
                    + row 4
                )

                let number =
                    (words "power-spectrum line.xyz -o out.npz --stats --threads 1")
                    @ (words "--max-angular 1 --max-radial 1 --radial-gaussian-width 1 --cutoff-radius 3")
                    |> run folder
                    |> expectStatistics

                Expect.equal (number "frames") 1.0 "frames"
                Expect.equal (number "particles") 3.0 "particles"
                Expect.equal (number "pairs") 4.0 "directed pairs"
                Expect.equal (number "features") 8.0 "two l, two n and two n'"
                Expect.equal (number "threads") 1.0 "threads"
                Close.above (number "peak_memory_bytes") 1e6 "memory"))

        testCase "stand alone on standard error with --quiet" (fun () ->
            inCase "triclinic" (fun folder ->
                let outcome =
                    run folder [
                        yield! (words "power-spectrum frames.xyz -o out.npz --hypers hypers.json")
                        yield! [ "--stats"; "--quiet" ]
                    ]

                expectStatistics outcome |> ignore
                Expect.hasLength outcome.ErrorLines 1 "one line"))

        testCase "of an expansion count the same pairs" (fun () ->
            inCase "triclinic" (fun folder ->
                let pairs verb output =
                    let number =
                        run folder [ verb; "frames.xyz"; "-o"; output; "--hypers"; "hypers.json"; "--stats" ]
                        |> expectStatistics

                    number "pairs"

                Expect.equal (pairs "expansion" "out.mts") (pairs "power-spectrum" "out.npz") "pairs"))
    ]

[<Tests>]
let silence =
    testCase "program: without --stats and a terminal, a run prints nothing" (fun () ->
        inCase "coupled-radial" (fun folder ->
            let outcome = run folder (words "power-spectrum frames.xyz -o out.npz --hypers hypers.json")

            succeeds outcome
            Expect.equal (outcome.Output, outcome.Errors) ("", "") "nothing is printed"))

[<Tests>]
let interruption =
    testCase "program: an interrupt ends the program with 130 and leaves nothing behind" (fun () ->
        inFolder (fun folder ->
            use running =
                startInterruptible folder ((words "power-spectrum - -o out.npz --species 6") @ smallHypers)

            // The program waits for standard input, which stays open: it is in the middle of reading.
            running.StandardInput.Write "2\n\n"
            running.StandardInput.Flush()
            System.Threading.Thread.Sleep 1000
            use kill = System.Diagnostics.Process.Start("kill", [ "-INT"; string running.Id ])
            kill.WaitForExit()
            running.WaitForExit()
            Expect.equal running.ExitCode 130 "exit code"
            Expect.isEmpty (Directory.GetFiles folder) "no file"))
