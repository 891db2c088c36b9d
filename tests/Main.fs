module AniSoap.Tests.Main

open System
open System.IO
open Expecto
open Expecto.Impl

/// Runs every test of this assembly and ends on a line `N passed, N failed`; the exit code is 0 only where none
/// failed or errored, and some ran.
[<EntryPoint>]
let main arguments =
    let mutable passed = 0
    let mutable failed = 0

    let count (summary: TestRunSummary) =
        passed <- summary.passed.Length
        failed <- summary.failed.Length + summary.errored.Length

    let options = [
        CLIArguments.Append_Summary_Handler(SummaryHandler count)
        CLIArguments.Colours 0
        CLIArguments.No_Spinner
    ]

    let exitCode = runTestsInAssemblyWithCLIArgs options arguments
    // On a line of its own and straight to standard output, whatever the display of Expecto does with the console.
    use output = new StreamWriter(Console.OpenStandardOutput())
    output.Write $"\n{passed} passed, {failed} failed\n"
    if exitCode = 0 && failed = 0 && passed > 0 then 0 else 1
