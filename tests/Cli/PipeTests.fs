/// Inputs that are read once, from pipes that have a name or that the shell makes; and full discs.
module AniSoap.Tests.Cli.PipeTests

open System
open System.IO
open Expecto
open AniSoap.Tests
open AniSoap.Tests.Cli.ProgramRun

let private withInput (action: string -> unit) =
    inFolder (fun folder ->
        place folder "in.xyz" "anisoap/triclinic/frames17.extxyz"
        action folder)

let private spectrum input = [ "power-spectrum"; input; "-o"; "out.npz"; "--force"; "--quiet" ] @ smallHypers

[<Tests>]
let inputs =
    testList "program: a pipe with a name as input" [
        testCase "gives what the file gives, read once"
        <| fun () ->
            withInput (fun folder ->
                let known = [ "--species"; "1,6" ]
                let made = run folder (spectrum "in.xyz" @ known)
                Expect.equal made.ExitCode 0 made.Errors
                let expected = NumpyFiles.npz (Path.Combine(folder, "out.npz"))
                let line = "mkfifo p.xyz; cat in.xyz > p.xyz & exec timeout 60 \"$@\""
                let outcome = runInShell folder line (spectrum "p.xyz" @ known)
                Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error"
                let found = NumpyFiles.npz (Path.Combine(folder, "out.npz"))
                Expect.equal found["values"].Bytes expected["values"].Bytes "values")

        testCase "is refused, not waited for, where it would have to be read twice"
        <| fun () ->
            withInput (fun folder ->
                let outcome = runInShell folder "mkfifo p.xyz; exec timeout 60 \"$@\"" (spectrum "p.xyz")
                Expect.equal outcome.ExitCode 2 outcome.Errors
                Expect.stringContains outcome.Errors "--species" "the remedy")

        testCase "made by the shell is read where a format is given, and so are hyperparameters"
        <| fun () ->
            withInput (fun folder ->
                let json = """{"max_angular": 2, "radial_gaussian_width": 1.5, "cutoff_radius": 4}"""

                let line =
                    $"exec timeout 60 \"$@\" <(cat in.xyz) --format xyz --species 1,6 --hypers <(echo '{json}') -o out.npz --quiet"

                let outcome = runInShell folder line [ "power-spectrum" ]
                Expect.equal (outcome.ExitCode, outcome.Errors) (0, "") "exit code and standard error")

        for ending in [ "gsd"; "npz"; "mts"; "h5"; "parquet" ] do
            testCase $"is refused in one sentence as .{ending}, which is read here and there"
            <| fun () ->
                inFolder (fun folder ->
                    let line = $"mkfifo p.{ending}; head -c 100000 /dev/zero > p.{ending} & exec timeout 60 \"$@\""
                    let outcome = runInShell folder line [ "inspect"; $"p.{ending}" ]
                    Expect.equal outcome.ExitCode 2 outcome.Errors
                    Expect.stringContains outcome.Errors "here and there" "why")

        testCase "without an end is no file of hyperparameters"
        <| fun () ->
            withInput (fun folder ->
                let arguments = words "power-spectrum in.xyz -o out.npz --hypers /dev/zero"
                let outcome = runInShell folder "exec timeout 60 \"$@\"" arguments
                Expect.equal outcome.ExitCode 2 outcome.Errors
                Expect.stringContains outcome.Errors "larger than" "why")
    ]

[<Tests>]
let limits =
    testList "program: where a file may not grow, it fails in one sentence and leaves nothing:" [
        for arguments in
            [
                "convert in.xyz -o out.xyz"
                "convert in.xyz -o out.json"
                "power-spectrum in.xyz --per-particle -o out.npz"
                "power-spectrum in.xyz --per-particle -o out.mts"
                "power-spectrum in.xyz --per-particle -o out.h5"
                "power-spectrum in.xyz --per-particle -o out.parquet"
                "power-spectrum in.xyz --per-particle -o out.csv"
                "expansion in.xyz -o out.mts"
                "expansion in.xyz --pairs -o out.mts"
                "expansion in.xyz --gradients positions -o out.mts"
                "plot frame in.xyz -o out.html"
            ] do
            testCase arguments
            <| fun () ->
                withInput (fun folder ->
                    let isSpectral = not (arguments.StartsWith "convert" || arguments.StartsWith "plot")
                    // The runtime keeps code in a file of its own, unless it is told not to.
                    let line = "ulimit -f 1; DOTNET_EnableWriteXorExecute=0 exec \"$@\""

                    let outcome =
                        runInShell
                            folder
                            line
                            (words arguments @ "--quiet" :: (if isSpectral then smallHypers else []))

                    Expect.equal outcome.ExitCode 1 outcome.Errors
                    Expect.equal outcome.ErrorLines.Length 1 "one line"
                    Expect.stringContains outcome.Errors "larger than the file system allows" "why"
                    Expect.isFalse (outcome.Errors.Contains "partial") "no name of a temporary file"

                    Expect.equal
                        (Directory.GetFileSystemEntries folder |> Array.map Path.GetFileName)
                        [| "in.xyz" |]
                        "nothing is left")
    ]
