/// What the program does with the paths it is given: inputs stay, links are followed, and what cannot be is refused.
module AniSoap.Tests.Cli.OutputPathTests

open System
open System.IO
open Expecto
open AniSoap.Tests.Cli.ProgramRun

let private hypers = """{"max_angular": 2, "radial_gaussian_width": 1.5, "cutoff_radius": 4}"""

let private onUnix reason =
    if OperatingSystem.IsWindows() then
        Expecto.Tests.skiptest reason

/// A folder with an input under several names, hyperparameters, and features made with them.
let private withFiles (action: string -> (string -> string) -> unit) =
    inFolder (fun folder ->
        let at name = Path.Combine(folder, name)
        Directory.CreateDirectory(at "data") |> ignore
        place folder "data/in.xyz" "anisoap/triclinic/frames17.extxyz"
        File.WriteAllText(at "h.json", hypers)
        action folder at)

let private refuses (name: string) (prepare: string) (arguments: string) (inputs: string list) (texts: string list) =
    testCase name
    <| fun () ->
        onUnix "links as Unix has them"

        withFiles (fun folder at ->
            let line = prepare + "; exec \"$@\""
            let before = lazy (inputs |> List.map (at >> File.ReadAllBytes))
            let outcome = runInShell folder line (words arguments @ [ "--force"; "--quiet" ])
            Expect.equal outcome.ExitCode 2 outcome.Errors
            Expect.equal outcome.ErrorLines.Length 1 "one line"

            for text in texts do
                Expect.stringContains outcome.Errors text "what is wrong"

            for input, bytes in List.zip inputs before.Value do
                Expect.equal (File.ReadAllBytes(at input)) bytes input)

let private spectrum = "power-spectrum data/in.xyz --hypers h.json --quiet"

[<Tests>]
let inputs =
    testList "program: --force does not overwrite an input" [
        refuses "that the output is a link to" "ln -s data/in.xyz out.xyz" "convert data/in.xyz -o out.xyz" [
            "data/in.xyz"
        ] [ "out.xyz"; "by another name" ]
        refuses "in a linked folder" "ln -s data linked" "convert data/in.xyz -o linked/in.xyz" [ "data/in.xyz" ] [
            "linked/in.xyz"
            "by another name"
        ]
        refuses "under the name of a hard link" "ln data/in.xyz hard.xyz" "convert data/in.xyz -o hard.xyz" [
            "data/in.xyz"
        ] [ "hard.xyz"; "by another name" ]
        refuses "that is not the first" "cp data/in.xyz b.xyz" "convert data/in.xyz b.xyz -o ./b.xyz" [ "data/in.xyz" ] [
            "b.xyz"
        ]
        refuses "of hyperparameters" "true" "power-spectrum data/in.xyz --hypers h.json -o h.json" [ "h.json" ] [
            "h.json"
            "--hypers"
        ]
        refuses
            "of hyperparameters that the output is a link to"
            "ln -s h.json out.json"
            "power-spectrum data/in.xyz --hypers h.json -o out.json" [ "h.json" ] [ "out.json"; "--hypers" ]
        refuses
            "that carries the hyperparameters of an earlier run"
            "\"$1\" \"$2\" power-spectrum data/in.xyz --hypers h.json -o f.npz --quiet && ln -s f.npz out.npz"
            "power-spectrum data/in.xyz --hypers f.npz -o out.npz" [] [ "out.npz"; "--hypers" ]
        refuses
            "of features"
            "\"$1\" \"$2\" power-spectrum data/in.xyz --hypers h.json -o f.npz --quiet && ln -s f.npz out.npz"
            "convert f.npz -o out.npz" [] [ "out.npz"; "f.npz" ]
        refuses "of a picture" "ln -s data/in.xyz out.html" "plot frame data/in.xyz -o out.html" [ "data/in.xyz" ] [
            "out.html"
            "data/in.xyz"
        ]
    ]

[<Tests>]
let links =
    testList "program: an output that is a link" [
        testCase "to a relative path is written there, and the link stays"
        <| fun () ->
            withFiles (fun folder at ->
                let line = "ln -s t.npz out.npz; exec \"$@\""
                let outcome = runInShell folder line (words $"{spectrum} -o out.npz --force")
                Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"
                Expect.isTrue (File.Exists(at "t.npz")) "beside the link"
                Expect.equal (FileInfo(at "out.npz").LinkTarget) "t.npz" "link")

        testCase "to nothing is refused without --force"
        <| fun () ->
            withFiles (fun folder at ->
                let line = "ln -s t.npz out.npz; exec \"$@\""
                let outcome = runInShell folder line (words $"{spectrum} -o out.npz")
                Expect.equal outcome.ExitCode 2 outcome.Errors
                Expect.stringContains outcome.Errors "link to t.npz" "why"
                Expect.isFalse (File.Exists(at "t.npz")) "nothing")
    ]

let private refusesPath (name: string) arguments (texts: string list) =
    testCase name
    <| fun () ->
        withFiles (fun folder _ ->
            let outcome = run folder arguments
            Expect.equal outcome.ExitCode 2 outcome.Errors
            Expect.equal outcome.ErrorLines.Length 1 "one line"

            for text in texts do
                Expect.stringContains outcome.Errors text "what is wrong")

[<Tests>]
let names =
    testList "program: in one sentence it refuses" [
        refusesPath "an output without a name" (words spectrum @ [ "-o"; "" ]) [ "--output is empty" ]
        refusesPath "an input without a name" (words "power-spectrum --hypers h.json -o a.npz" @ [ "" ]) [
            "INPUT = ''"
        ]
        refusesPath "hyperparameters without a name" (words "power-spectrum data/in.xyz -o a.npz" @ [ "--hypers"; "" ]) [
            "--hypers is empty"
        ]

        for text, what in [ "\"max_\xffangular\": 2", "keyword"; "\"rotation_key\": \"\\ud800\"", "text" ] do
            testCase $"hyperparameters with a {what} that is no text"
            <| fun () ->
                withFiles (fun folder at ->
                    File.WriteAllBytes(at "bad.json", Text.Encoding.Latin1.GetBytes("{\n" + text + "}"))
                    let outcome = run folder (words "power-spectrum data/in.xyz --hypers bad.json -o a.npz")
                    Expect.equal outcome.ExitCode 2 outcome.Errors
                    Expect.stringContains outcome.Errors "bad.json, line 2" "where"
                    Expect.stringContains outcome.Errors "UTF-8" "what is accepted")

        testCase "an output whose name is not UTF-8, which would become another"
        <| fun () ->
            withFiles (fun folder _ ->
                let line = "exec \"$@\" -o $'a\\xff.npz'"
                let outcome = runInShell folder line (words spectrum)
                Expect.equal outcome.ExitCode 2 outcome.Errors
                Expect.stringContains outcome.Errors "not UTF-8" "why"
                Expect.isEmpty (Directory.GetFiles(folder, "*.npz")) "nothing is written")

        testCase "an output that is a pipe or a device, whatever its name"
        <| fun () ->
            withFiles (fun folder _ ->
                for made, output, kind in
                    [
                        "mkfifo out.npz", "out.npz", "pipe"
                        "ln -s /dev/null null.npz", "null.npz", "device"
                        "true", "/dev/null", "device"
                    ] do
                    let outcome = runInShell folder $"{made}; exec \"$@\"" (words $"{spectrum} -o {output} --force")
                    Expect.equal outcome.ExitCode 2 outcome.Errors
                    Expect.stringContains outcome.Errors kind output)
    ]
