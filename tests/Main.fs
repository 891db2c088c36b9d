module AniSoap.Tests.Main

open System
open System.IO
open Expecto
open Expecto.Impl

/// Runs every test of this assembly and ends on a line `N passed, N failed`; the exit code is 0 only where none
/// failed or errored, and some ran.
[<EntryPoint>]
let main arguments =
    // A run under the culture of a reader: threads that are started later have it too.
    match Environment.GetEnvironmentVariable "ANISOAP_TEST_CULTURE" with
    | null
    | "" -> ()
    | name ->
        let culture = Globalization.CultureInfo name
        Globalization.CultureInfo.DefaultThreadCurrentCulture <- culture
        Globalization.CultureInfo.CurrentCulture <- culture

    let mutable passed = 0
    let mutable failed = 0

    let count (summary: TestRunSummary) =
        passed <- summary.passed.Length
        failed <- summary.failed.Length + summary.errored.Length

    let all = testFromThisAssembly () |> Option.defaultValue (testList "" [])

    // Straight to standard output, whatever the display of Expecto does with the console.
    use output = new StreamWriter(Console.OpenStandardOutput())
    let lines = GroupLines.Lines(output, all)

    let options = [
        // First, for it would replace the handler.
        CLIArguments.Printer lines.Printer
        CLIArguments.Append_Summary_Handler(SummaryHandler count)
        CLIArguments.Colours 0
        CLIArguments.No_Spinner
    ]

    let exitCode = runTestsWithCLIArgs options arguments all

    let isListing =
        arguments
        |> Array.exists (fun argument -> argument.StartsWith("--list", StringComparison.Ordinal))

    lines.WriteLeftOut()

    if passed + failed = 0 && not isListing then
        output.Write "\nno test of that name ran: `--list-tests` names them\n"

    output.Write $"\n{passed} passed, {failed} failed\n"

    if exitCode = 0 && failed = 0 && (passed > 0 || isListing) then
        0
    else
        1
