using System.CommandLine;
using System.Globalization;

namespace AniSoap.Cli.Options;

/// <summary>How a run behaves, whatever it computes.</summary>
internal sealed record RunChoices(int Threads, bool Stats, bool Quiet);

/// <summary>The options of a run's behaviour.</summary>
internal sealed class RunOptions
{
    private const int MostThreads = 4096;

    private readonly Option<string> threads = Choice.Of(
        "--threads",
        "N",
        "threads; default all cores, 1 means one thread for everything"
    );
    private readonly Option<bool> stats = Choice.Flag(
        "--stats",
        "print counts and times as one line of JSON, the last on standard error"
    );
    private readonly Option<bool> quiet = Choice.Flag("--quiet", "no progress bar and no warnings");

    internal void AddTo(Command command)
    {
        command.Add(threads);
        command.Add(stats);
        command.Add(quiet);
    }

    internal RunChoices Read(ParseResult given)
    {
        var count = given.Whole(threads) ?? Environment.ProcessorCount;
        if (count is < 1 or > MostThreads)
            throw Refusal.Of(
                threads.Name,
                count.ToString(CultureInfo.InvariantCulture),
                $"a whole number from 1 to {MostThreads}"
            );
        return new RunChoices(count, given.GetValue(stats), given.GetValue(quiet));
    }
}
