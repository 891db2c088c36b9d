/// Runs the built program as others do: as a process of its own, in a temporary folder of its own.
module AniSoap.Tests.Cli.ProgramRun

open System
open System.Diagnostics
open System.IO
open AniSoap.Tests

/// What a run left: its exit code and all that it printed.
type Outcome = {
    ExitCode: int
    Output: string
    Errors: string
} with

    /// The lines of standard error.
    member outcome.ErrorLines =
        outcome.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        |> Array.toList

    /// Standard error without what is true of the references' random particles: that they overlap, as if they were twice too large at times, and that some are
    /// longer than the cutoff.
    member outcome.Surprises =
        outcome.ErrorLines
        |> List.filter (fun line ->
            not (
                line.StartsWith "anisoap: warning: "
                && (line.Contains "overlapping particles"
                    || line.Contains "semi-axes that look like diameters"
                    || line.Contains "shorter than the longest axis")
            ))
        |> String.concat "\n"

/// The program as `dotnet build` leaves it, in the configuration of these tests.
let programPath =
    let here = DirectoryInfo AppContext.BaseDirectory
    let configuration = (nonNull here.Parent).Name

    let rec rootAbove (folder: DirectoryInfo) =
        if File.Exists(Path.Combine(folder.FullName, "AniSoap.slnx")) then
            folder.FullName
        else
            rootAbove (nonNull folder.Parent)

    Path.Combine(rootAbove here, "src", "AniSoap.Cli", "bin", configuration, here.Name, "anisoap.dll")

/// A command line without quotes, word by word.
let words (line: string) = line.Split(' ', StringSplitOptions.RemoveEmptyEntries) |> Array.toList

/// Starts `command`, with `before` and then the program and its arguments behind it.
let startBy (command: string) (before: string list) (folder: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            command,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    before @ programPath :: arguments |> List.iter info.ArgumentList.Add
    nonNull (Process.Start info)

/// Starts the program with these arguments, its standard input open.
let start folder arguments = startBy "dotnet" [] folder arguments

/// The same, with interrupts heard: what a shell starts in the background ignores them, and so do its children.
let startInterruptible folder arguments =
    if OperatingSystem.IsLinux() then
        startBy "env" [ "--default-signal=INT"; "dotnet" ] folder arguments
    else
        start folder arguments

/// Feeds `input`, waits, and collects what was printed.
let finish (input: string) (running: Process) =
    let output = running.StandardOutput.ReadToEndAsync()
    let errors = running.StandardError.ReadToEndAsync()

    try
        running.StandardInput.Write input
        running.StandardInput.Close()
    with :? IOException ->
        () // The program ended without reading all of it, which is for the test to judge.

    running.WaitForExit()

    { ExitCode = running.ExitCode; Output = output.Result; Errors = errors.Result }

let runWithInput folder arguments input =
    use running = start folder arguments
    finish input running

let run folder arguments = runWithInput folder arguments ""

/// Runs a line of the shell, in which "$@" is the program with these arguments. Skipped where there is no Bash.
let runInShell folder (line: string) arguments =
    if OperatingSystem.IsWindows() then
        Expecto.Tests.skiptest "pipes, links and limits as Bash makes them"

    use running = startBy "bash" [ "-c"; line; "bash"; "dotnet" ] folder arguments
    finish "" running

/// Runs `action` with the path of a new folder, which is gone afterwards.
let inFolder (action: string -> 'a) =
    let folder = Directory.CreateTempSubdirectory "anisoap-cli-"

    try
        action folder.FullName
    finally
        folder.Delete true

/// Puts a reference's file into the folder under a name.
let place (folder: string) (name: string) (reference: string) =
    File.WriteAllBytes(Path.Combine(folder, name), TestData.bytes reference)

/// A folder with `frames.xyz` and `hypers.json` of one case of the references.
let inCase case (action: string -> 'a) =
    inFolder (fun folder ->
        place folder "frames.xyz" $"anisoap/{case}/frames17.extxyz"
        place folder "hypers.json" $"anisoap/{case}/hypers.json"
        action folder)

/// The hyperparameters of small runs that are not about hyperparameters.
let smallHypers = words "--max-angular 2 --radial-gaussian-width 1.5 --cutoff-radius 4"
