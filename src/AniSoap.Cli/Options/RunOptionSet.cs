using System.CommandLine;
using System.Globalization;
using AniSoap.Cli.Running;

namespace AniSoap.Cli.Options;

/// <summary>How a run behaves, whatever it computes.</summary>
internal sealed record RunChoices(int Threads, bool Stats, bool Quiet, Limits Limits);

/// <summary>The options of a run's behaviour.</summary>
internal sealed class RunOptionSet
{
    private const int MostThreads = 4096;

    private readonly Option<string> threads = Choice.Of(
        "--threads",
        "N",
        "number of threads; default 0: as many as there are processors"
    );
    private readonly Option<bool> stats = Choice.Flag(
        "--stats",
        "print counts and times as one line of JSON, the last line on standard error"
    );
    private readonly Option<bool> quiet = Choice.Flag("--quiet", "no progress bar and no warnings");

    private readonly Option<string> maxPairs = Choice.Of(
        "--max-pairs",
        "N",
        "stop at a frame with more pairs of neighbours than this; default 2e10"
    );
    private readonly Option<string> maxMemory = Choice.Of(
        "--max-memory",
        "BYTES",
        "stop before starting if the run needs more memory than this, by an estimate; default 16 GiB (1.72e10)"
    );

    internal void AddTo(Command command)
    {
        command.Add(threads);
        command.Add(maxPairs);
        command.Add(maxMemory);
        command.Add(stats);
        command.Add(quiet);
    }

    internal RunChoices Read(ParseResult given)
    {
        var count = given.Whole(threads) ?? 0;
        if (count is < 0 or > MostThreads)
            throw Refusal.Of(
                threads.Name,
                count.ToString(CultureInfo.InvariantCulture),
                $"a whole number from 1 to {MostThreads}, or 0 for as many as there are processors"
            );
        var limits = new Limits(
            Limit(given, maxPairs) ?? LimitsModule.defaults.MaxPairs,
            Limit(given, maxMemory) ?? LimitsModule.defaults.MaxMemory
        );
        return new RunChoices(
            count > 0 ? count : Environment.ProcessorCount,
            given.GetValue(stats),
            given.GetValue(quiet),
            limits
        );
    }

    /// <summary>The beginning of a verb that takes frames and no hyperparameters: its clock, its behaviour, and how frames are read.</summary>
    internal (RunClock Clock, RunChoices Choices, InputChoices Input) Begin(
        ParseResult given,
        InputOptionSet input,
        RotationOptionSet? rotation = null
    ) => (new RunClock(), Read(given), input.Read(given, rotation?.Read(given) ?? new HyperChoices()));

    /// <summary>A whole number from 1 up, 5e10 too.</summary>
    private static long? Limit(ParseResult given, Option<string> option)
    {
        if (given.Number(option) is not { } number)
            return null;
        return number >= 1.0 && number <= 9e18 && number == Math.Floor(number)
            ? (long)number
            : throw Refusal.Of(option.Name, given.GetValue(option) ?? "", "a whole number from 1, such as 5e10");
    }
}
