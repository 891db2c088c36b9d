/// What the program says to people at a terminal, and what it understands of what they type.
module AniSoap.Tests.Cli.ConversationTests

open System
open System.Diagnostics
open System.IO
open Expecto
open AniSoap
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun
open AniSoap.Formats

let private nematic = Repository.gayBerne "nematic"

let private small =
    words "--max-angular 2 --max-radial 1 --radial-gaussian-width 1.5 --cutoff-radius 3.5"

/// Runs a line of shell in the folder; standard output, errors and the exit code.
let private shell (folder: string) (command: string) (arguments: string list) (input: string) =
    let info =
        ProcessStartInfo(
            command,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    arguments |> List.iter info.ArgumentList.Add
    // An own name for the program, and no line that is folded.
    info.Environment["PROGRAM"] <- programPath
    info.Environment["COLUMNS"] <- "1000"
    info.Environment["TERM"] <- "xterm"
    finish input (nonNull (Process.Start info))

let private quoted (text: string) = "'" + text + "'"

/// The program on a terminal of its own (util-linux), both outputs on it.
let private onTerminal folder arguments =
    let line = String.Join(' ', "dotnet" :: quoted programPath :: (arguments |> List.map quoted))
    (shell folder "script" [ "-qec"; line; "/dev/null" ] "").Output

let private isThere command = File.Exists $"/usr/bin/{command}" || File.Exists $"/bin/{command}"

let private needing command tests =
    if OperatingSystem.IsLinux() && isThere command then
        tests
    else
        [ ptestCase $"(skipped: needs {command}, of the packages bsdutils and bash)" ignore ]

let private lastLine (output: string) =
    output.Split([| '\r'; '\n' |], StringSplitOptions.RemoveEmptyEntries)
    |> Array.last
    // What .NET says to a terminal before anything else is no part of the line.
    |> fun line -> line.Replace("\u001b[?1h\u001b=", "").Replace("\u001b[K", "")

[<Tests>]
let terminal =
    testList "program: on a terminal" [
        yield!
            needing "script" [
                testCase "a run ends on one line of what was done and where it is" (fun () ->
                    inFolder (fun folder ->
                        for output, verb, features in [ "a.npz", "power-spectrum", "12"; "b.mts", "expansion", "18" ] do
                            let shown = onTerminal folder ([ verb; nematic; "-o"; output ] @ small) |> lastLine

                            let expected =
                                $"^anisoap: 6 frames, 3,000 particles, 191,700 pairs, {features} features, [0-9.]+ s: {output}$"

                            Expect.isRegexMatch shown (Text.RegularExpressions.Regex expected) "the line"

                        let shown = onTerminal folder [ "convert"; nematic; "-o"; "c.gsd"; "--quiet" ]
                        Expect.isFalse (shown.Contains "frames") "--quiet leaves it out"
                        let converted = onTerminal folder [ "convert"; "c.gsd"; "-o"; "d.xyz" ] |> lastLine

                        Expect.isRegexMatch
                            converted
                            (Text.RegularExpressions.Regex @"^anisoap: 6 frames, 3,000 particles, [0-9.]+ s: d\.xyz$")
                            "what is not counted is not named"))

                testCase "a long single frame shows how far it is" (fun () ->
                    inFolder (fun folder ->
                        for verb in
                            [
                                "power-spectrum -o a.npz"
                                "power-spectrum --gradients strain -o b.mts"
                                "expansion -o c.mts"
                            ] do
                            let shown =
                                onTerminal
                                    folder
                                    (words verb
                                     @ [ nematic; "--frames"; "0"; "--threads"; "1" ]
                                     @ words
                                         "--max-angular 12 --max-radial 6 --radial-gaussian-width 1.5 --cutoff-radius 9")

                            Expect.isRegexMatch
                                shown
                                (Text.RegularExpressions.Regex @"0/1 frames and \d+ % of the next, .* left")
                                $"{verb}: {shown}"))
            ]
    ]

[<Tests>]
let closed =
    testList "program: with a standard stream closed" [
        yield!
            needing "bash" [
                testCase "ends as it would, without a crash" (fun () ->
                    inFolder (fun folder ->
                        let run = String.Join(' ', small)

                        for line, code in
                            [
                                "dotnet $PROGRAM power-spectrum nothing.xyz -o a.npz 2>&-", 2
                                "dotnet $PROGRAM transmogrify 2>&-", 2
                                "dotnet $PROGRAM --version 2>&-", 0
                                // Warnings have nowhere to go, and go nowhere.
                                $"dotnet $PROGRAM power-spectrum {nematic} -o b.npz {run} --shape-as semiaxis 2>&-", 0
                                $"dotnet $PROGRAM power-spectrum {nematic} -o c.npz {run} --stats 2>/dev/full", 0
                                "dotnet $PROGRAM transmogrify >&- 2>&-", 2
                                "dotnet $PROGRAM transmogrify <&- >&- 2>&-", 2
                            ] do
                            let outcome = shell folder "bash" [ "-c"; line ] ""
                            Expect.equal (outcome.ExitCode, outcome.Errors) (code, "") line

                        let whole = NumpyFiles.npz (Path.Combine(folder, "b.npz"))
                        Expect.equal whole["values"].Shape [ 6; 12 ] "and the file holds nothing but numbers"))
            ]
    ]

[<Tests>]
let completion =
    testList "program: completion" [
        testCase "leaves the names of files to the shell" (fun () ->
            inFolder (fun folder ->
                let complete (line: string) = (run folder [ $"[suggest:{line.Length}]"; line ]).Output

                for line in
                    [
                        "anisoap power-spectrum ne"
                        "anisoap power-spectrum "
                        "anisoap convert a.xyz -o out"
                        "anisoap plot frame f"
                        "anisoap inspect a.xyz b"
                        ""
                    ] do
                    Expect.equal (complete line) "" line

                Expect.equal (complete "anisoap pow") "power-spectrum\n" "a verb"
                Expect.equal (complete "/opt/bin/anisoap plot fr") "frame\n" "of a program by its path"
                Expect.equal (complete "anisoap plot map --per") "--per-particle\n" "an option"
                Expect.equal (complete "anisoap convert --format du") "dump\n" "an option's value"
                Expect.stringContains (complete "anisoap ") "power-spectrum\n" "all verbs"
                Expect.isFalse ((complete "anisoap ").Contains '/') "and nothing else"))

        yield!
            needing "script" [
                testCase "works in bash as the help has it, by the tabulator" (fun () ->
                    inFolder (fun folder ->
                        let help = (run folder [ "--help" ]).Output
                        let from = help.IndexOf "_anisoap() {"
                        let upTo = help.IndexOf("anisoap anisoap", from)
                        let lines = help.Substring(from, upTo - from) + "anisoap anisoap\n"
                        File.WriteAllText(Path.Combine(folder, "rc"), $"PATH=\"$PWD:$PATH\"\n{lines}")

                        File.WriteAllText(
                            Path.Combine(folder, "anisoap"),
                            "#!/bin/bash\ncase \"$1\" in\n\"[suggest\"*) exec dotnet \"$PROGRAM\" \"$@\";;\n"
                            + "*) printf '<%s>' \"$@\" >> typed.txt; printf '\\n' >> typed.txt;;\nesac\n"
                        )

                        File.SetUnixFileMode(
                            Path.Combine(folder, "anisoap"),
                            UnixFileMode.UserRead ||| UnixFileMode.UserWrite ||| UnixFileMode.UserExecute
                        )

                        File.WriteAllText(Path.Combine(folder, "nematic one.xyz"), "")
                        let typed = "anisoap pow\t nem\t --radial-ga\t2\nanisoap inspect nem\t\nexit\n"

                        shell folder "script" [ "-qec"; "bash --rcfile rc -i"; "/dev/null" ] typed
                        |> ignore

                        Expect.equal
                            (File.ReadAllLines(Path.Combine(folder, "typed.txt")))
                            [|
                                "<power-spectrum><nematic one.xyz><--radial-gaussian-width><2>"
                                "<inspect><nematic one.xyz>"
                            |]
                            "what was typed"))
            ]
    ]

let private refuses folder arguments (said: string list) =
    let outcome = run folder arguments
    Expect.equal outcome.ExitCode 2 outcome.Errors
    Expect.hasLength outcome.ErrorLines 1 "one line"

    for text in said do
        Expect.stringContains outcome.Errors text "what it says"

[<Tests>]
let understanding =
    testList "program: understands" [
        testCase "help and help VERB" (fun () ->
            inFolder (fun folder ->
                let output arguments =
                    let outcome = run folder arguments
                    Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "help"
                    outcome.Output

                for long, short in
                    [
                        [ "--help" ], [ "help" ]
                        [ "convert"; "--help" ], [ "help"; "convert" ]
                        [ "plot"; "frame"; "--help" ], [ "help"; "plot"; "frame" ]
                    ] do
                    Expect.equal (output short) (output long) "the same"

                refuses folder [ "help"; "powerspectrum" ] [ "powerspectrum"; "did you mean power-spectrum" ]))

        testCase "what was meant by a mistyped option or verb" (fun () ->
            inFolder (fun folder ->
                for typed, meant in
                    [
                        "power-spectrum a.xyz --max-angluar 3", "--max-angular"
                        "power-spectrum a.xyz --max_angular=3", "--max-angular"
                        "expansion a.xyz --cutoff 3", "--cutoff-radius"
                        "convert a.xyz --outptu b.xyz", "--output"
                        "plot basis --radial-basi gto", "--radial-basis"
                        "plot frame a.xyz --colr x", "--color"
                        "inspect a.xyz --thread 3", "--threads"
                        "powr-spectrum a.xyz", "power-spectrum"
                        "plot fram a.xyz", "frame"
                    ] do
                    refuses folder (words typed) [ $"did you mean {meant}" ]

                let far = run folder (words "power-spectrum a.xyz --xyzzy 3")
                Expect.isFalse (far.Errors.Contains "did you mean") "nothing is near"))

        testCase "what is missing, all at once, and names a command that works" (fun () ->
            inFolder (fun folder ->
                for given in
                    [
                        []
                        words "--cutoff-radius 4"
                        words "--radial-gaussian-width 1"
                        words "--radial-basis monomial"
                    ] do
                    let arguments = [ "power-spectrum"; nematic; "-o"; "my out.npz"; "--force" ] @ given
                    let refused = run folder arguments
                    Expect.equal refused.ExitCode 2 refused.Errors
                    let missing = [ "max_angular"; "cutoff_radius"; "radial_gaussian_width" ]

                    for keyword in missing do
                        let option = "--" + keyword.Replace('_', '-')

                        let isThere =
                            List.contains option given
                            || (keyword = "radial_gaussian_width" && List.contains "monomial" given)

                        Expect.equal (refused.Errors.Contains keyword) (not isThere) keyword

                    let from = refused.Errors.IndexOf "anisoap power-spectrum"
                    let command = refused.Errors.Substring(from, refused.Errors.IndexOf(" (or a file") - from)
                    let line = "dotnet $PROGRAM" + command.Substring "anisoap".Length
                    let outcome = shell folder "sh" [ "-c"; line ] ""
                    Expect.equal (outcome.ExitCode, outcome.Surprises) (0, "") command))
    ]

[<Tests>]
let endings =
    testCase "program: help names every ending that is read" (fun () ->
        inFolder (fun folder ->
            let help verb =
                (run folder [ verb; "--help" ]).Output.Replace("\n", " ")
                |> words
                |> String.concat " "

            let frames = Endings.ofFrames
            let features = Endings.ofFeatures

            for verb, all in
                [
                    "power-spectrum", frames
                    "expansion", frames
                    "inspect", frames @ features
                    "convert", frames @ features
                ] do
                for ending in all do
                    Expect.stringContains (help verb) ending verb

            let text = help "expansion"
            let hypers = text.Substring(text.IndexOf "--hypers", 250)

            for ending in features |> List.filter (fun ending -> ending <> ".npy") do
                Expect.stringContains hypers ending "--hypers"))
