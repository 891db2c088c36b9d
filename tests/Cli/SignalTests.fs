/// How the program ends when it is asked to, and what stays behind.
module AniSoap.Tests.Cli.SignalTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open AniSoap.Tests.Cli.ProgramRun

let private everything = EnumerationOptions(AttributesToSkip = enum 0)
let private files folder = Directory.GetFiles(folder, "*", everything) |> Array.map Path.GetFileName

let private signal (name: string) (running: Process) =
    use kill = Process.Start("kill", [ "-" + name; string running.Id ])
    kill.WaitForExit()

/// A run that waits for its input, in the middle of a file; it returns when its output is there, under a temporary name.
let private start folder verb output =
    let arguments =
        [ verb; "-"; "-o"; output; "--species"; "6"; "--gradients"; "positions" ]
        @ smallHypers

    let running = startBy "env" [ "--default-signal=INT,QUIT,HUP"; "dotnet" ] folder arguments
    running.StandardInput.Write "1\nProperties=species:S:1:pos:R:3:c_diameter:R:3:c_q:R:4\nC 0 0 0 1 1 1 1 0 0 0\n2\n\n"
    running.StandardInput.Flush()
    let started = Stopwatch.StartNew()

    // Its file is there when it is about to read.
    while files folder |> Array.isEmpty
          && not running.HasExited
          && started.Elapsed.TotalSeconds < 60.0 do
        Thread.Sleep 1

    running

/// The same when it has read what there is.
let private startWaiting folder verb output =
    let running = start folder verb output
    Thread.Sleep 500
    running

let private onLinux () =
    if not (OperatingSystem.IsLinux()) then
        skiptest "signals as Linux sends them"

[<Tests>]
let tests =
    testList "program: a run with derivatives that is ended" [
        for name, code in [ "INT", 130; "TERM", 143; "HUP", 129; "QUIT", 131 ] do
            testCase $"by SIG{name} ends with {code} and leaves nothing behind"
            <| fun () ->
                onLinux ()

                inFolder (fun folder ->
                    use running = startWaiting folder "power-spectrum" "out.mts"
                    signal name running
                    running.WaitForExit()
                    Expect.equal running.ExitCode code (running.StandardError.ReadToEnd())
                    Expect.isEmpty (files folder) "no file")

        for verb in [ "power-spectrum"; "expansion" ] do
            testCase $"by SIGINT leaves nothing behind the moment that the file of {verb} is there"
            <| fun () ->
                onLinux ()

                inFolder (fun folder ->
                    use running = start folder verb "out.mts"
                    signal "INT" running
                    running.WaitForExit()
                    Expect.equal running.ExitCode 130 (running.StandardError.ReadToEnd())
                    Expect.isEmpty (files folder) "no file")

        testCase "by SIGTERM ends with 143 where it is a part, and leaves the manifest alone beside its input"
        <| fun () ->
            onLinux ()

            inFolder (fun folder ->
                let row i = $"C {10 * i} 0 0 1 1 1 1 0 0 0\n"
                let rows = String.init 4000 row
                let frame = "4000\nProperties=species:S:1:pos:R:3:c_diameter:R:3:c_q:R:4\n" + rows
                File.WriteAllText(Path.Combine(folder, "in.xyz"), String.replicate 60 frame)
                Expect.equal (run folder [ "index"; "in.xyz" ]).ExitCode 0 "the index"

                let arguments =
                    [ "power-spectrum"; "in.xyz"; "-o"; "out.npz"; "--part"; "1/2"; "--manifest"; "run.json" ]
                    @ smallHypers

                use running = startBy "env" [ "--default-signal=INT,QUIT,HUP"; "dotnet" ] folder arguments
                let marker = Path.Combine(folder, "out.part-1-of-2.npz.running")

                while not (File.Exists marker) && not running.HasExited do
                    Thread.Sleep 1

                signal "TERM" running
                running.WaitForExit()
                Expect.equal running.ExitCode 143 (running.StandardError.ReadToEnd())

                Expect.containsAll [ "in.xyz"; "in.xyz.index.json"; "run.json" ] (files folder) "nothing else is there")

        testCase "by SIGKILL leaves one file, which the next run for the same output deletes"
        <| fun () ->
            onLinux ()

            inFolder (fun folder ->
                use running = startWaiting folder "expansion" "out.mts"
                signal "KILL" running
                running.WaitForExit()
                Expect.equal (files folder).Length 1 "nothing could be done"
                place folder "in.xyz" "anisoap/triclinic/frames17.extxyz"
                let outcome = run folder ([ "expansion"; "in.xyz"; "-o"; "out.mts" ] @ smallHypers)
                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.equal (files folder |> Array.sort) [| "in.xyz"; "out.mts" |] "the output alone")

        testCase "by a terminal that goes away goes on where it was asked to"
        <| fun () ->
            onLinux ()

            inFolder (fun folder ->
                let arguments = words "convert - -o out.xyz"
                use running = startBy "nohup" [ "dotnet" ] folder arguments
                let started = Stopwatch.StartNew()

                while files folder |> Array.isEmpty && started.Elapsed.TotalSeconds < 60.0 do
                    Thread.Sleep 50

                signal "HUP" running
                Thread.Sleep 1500
                let input = "1\nProperties=species:S:1:pos:R:3:c_diameter:R:3:c_q:R:4\nC 0 0 0 1 1 1 1 0 0 0\n"
                let outcome = finish input running
                Expect.equal outcome.ExitCode 0 outcome.Errors
                Expect.equal (files folder) [| "out.xyz" |] "the output")
    ]
