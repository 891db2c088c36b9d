using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using AniSoap.Cli.Options;
using AniSoap.Cli.Output;

namespace AniSoap.Cli.Verbs;

/// <summary><c>anisoap submit</c>: a run in parts write a job array for Slurm, and the merge behind it.</summary>
internal sealed class SubmitVerb
{
    private const int MostParts = 100_000;
    private static readonly string[] Parted = ["power-spectrum", "expansion", "train"];

    private readonly Argument<string[]> words = new("VERB")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "after --: the run that is cut into parts, with its options",
    };
    private readonly Option<bool> slurm = Choice.Flag("--slurm", "write a job array for Slurm");
    private readonly Option<string> parts = Choice.Of("--parts", "N", "the number of parts");
    private readonly Option<string> manifest = Choice.Of("--manifest", "FILE.json", "the manifest of the run");
    private readonly Option<string> atOnce = Choice.Of(
        "--max-parts-at-once",
        "M",
        "run at most this many parts at the same time"
    );
    private readonly Option<bool> start = Choice.Flag("--run", "submit the scripts with sbatch at once");
    private readonly Option<bool> force = Choice.Flag(
        "--force",
        "replace scripts that exist already, even edited ones"
    );

    internal Command Command { get; }

    internal SubmitVerb()
    {
        Command = new Command(
            "submit",
            "Write scripts that run a command in parts on a cluster; you may edit them before they are submitted."
        );
        Command.Add(words);
        Command.Add(slurm);
        Command.Add(parts);
        Command.Add(manifest);
        Command.Add(atOnce);
        Command.Add(start);
        Command.Add(force);
        Command.SetAction(Run);
    }

    private int Run(ParseResult given)
    {
        if (!given.GetValue(slurm))
            throw new Refusal("--slurm is missing; it is the one scheduler that scripts are written for");
        var count = Number(given, parts) ?? throw new Refusal("--parts is missing; give the number of parts");
        var manifestPath =
            given.GetValue(manifest) ?? throw new Refusal("--manifest is missing; give --manifest FILE.json");
        var command = given.GetValue(words) ?? [];
        if (command is not [var verb, ..] || !Parted.Contains(verb))
            throw Refusal.Of("VERB", command.FirstOrDefault() ?? "", string.Join(" or ", Parted) + ", behind --");
        if (verb == "train" && !command.Contains("--hypers"))
            throw new Refusal(
                "--hypers is missing in the run behind --; parts choose nothing: give what train --choose -o FILE.json writes"
            );
        var output = OutputOf(command);
        var (array, merge) = (manifestPath + ".slurm", manifestPath + ".merge.slurm");
        var existing = given.GetValue(force) ? Existing.Replace : Existing.Keep;
        ReportFile.Write(array, existing, Array(command, count, Number(given, atOnce), manifestPath));
        ReportFile.Write(merge, existing, Merge(manifestPath, output));
        if (!given.GetValue(start))
        {
            Console.Out.WriteLine($"sbatch --parsable {Quoted(array)}");
            Console.Out.WriteLine($"sbatch --dependency=afterok:JOB {Quoted(merge)}");
            return 0;
        }
        var job = Sbatch("--parsable", array);
        var last = Sbatch("--parsable", $"--dependency=afterok:{job}", "--kill-on-invalid-dep=yes", merge);
        Console.Out.WriteLine($"{job} {last}");
        return 0;
    }

    private static int? Number(ParseResult given, Option<string> option) =>
        given.Whole(option) switch
        {
            null => null,
            >= 1 and <= MostParts and var number => number,
            var other => throw Refusal.Of(
                option.Name,
                other.Value.ToString(CultureInfo.InvariantCulture),
                $"a whole number from 1 to {MostParts}"
            ),
        };

    private static string OutputOf(string[] command)
    {
        var at = System.Array.FindIndex(command, word => word is "-o" or "--output");
        return at >= 0 && at + 1 < command.Length
            ? command[at + 1]
            : throw new Refusal("--output is missing in the run behind --; give -o FILE");
    }

    /// <summary>The script of the array. Slurm gives a part its number, and as many threads as it has processors.</summary>
    private static string Array(string[] command, int count, int? most, string manifestPath)
    {
        var limit = most is { } number ? "%" + number.ToString(CultureInfo.InvariantCulture) : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            #!/bin/bash
            #SBATCH --job-name=anisoap
            #SBATCH --array=1-{count}{limit}
            #SBATCH --cpus-per-task=1
            #SBATCH --requeue
            #SBATCH --open-mode=append
            #SBATCH --output={manifestPath}.%a.log
            # A part that stands and fits the manifest is not computed again: submit the same script to go on.
            set -euo pipefail
            SECONDS=0
            {Program()} {string.Join(
                ' ',
                command.Select(Quoted)
            )} --part "$SLURM_ARRAY_TASK_ID/{count}" --manifest {Quoted(manifestPath)} --threads "$SLURM_CPUS_PER_TASK"
            echo "part $SLURM_ARRAY_TASK_ID of {count} on $(hostname): $SECONDS s"

            """
        );
    }

    private static string Merge(string manifestPath, string output) =>
        $"""
            #!/bin/bash
            #SBATCH --job-name=anisoap-merge
            #SBATCH --output={manifestPath}.merge.log
            set -euo pipefail
            {Program()} merge {Quoted(manifestPath)} -o {Quoted(output)} --force

            """;

    /// <summary>This program, as it was started: by its own name, or by the host of an assembly.</summary>
    private static string Program()
    {
        var host = Environment.ProcessPath ?? "anisoap";
        return Path.GetFileNameWithoutExtension(host) == "dotnet"
            ? $"{Quoted(host)} {Quoted(Path.Combine(AppContext.BaseDirectory, "anisoap.dll"))}"
            : Quoted(host);
    }

    /// <summary>A word as the shell reads it.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./=:,+%".Contains(letter))
            ? word
            : "'" + word.Replace("'", "'\\''") + "'";

    private static string Sbatch(params string[] arguments)
    {
        try
        {
            var info = new ProcessStartInfo("sbatch", arguments) { RedirectStandardOutput = true };
            using var running = Process.Start(info)!;
            var text = running.StandardOutput.ReadToEnd().Trim();
            running.WaitForExit();
            if (running.ExitCode != 0)
                throw new Refusal("sbatch refuses the job; what it says stands above", Refusal.Failed);
            return text.Split(';')[0];
        }
        catch (Win32Exception)
        {
            throw new Refusal(
                "sbatch is not there: --run needs Slurm; without it the scripts are written",
                Refusal.Failed
            );
        }
    }
}
