using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace AniSoap.Cli.CoarseGraining;

/// <summary>What is read on another thread while what was read before is worked on: one item waits, and one is being read.</summary>
internal static class ReadAhead
{
    private const int Items = 1;

    /// <summary>The same items in the same order; on one thread when <paramref name="threads"/> is 1.</summary>
    internal static IEnumerable<T> Of<T>(IEnumerable<T> source, int threads) => threads == 1 ? source : Ahead(source);

    private static IEnumerable<T> Ahead<T>(IEnumerable<T> source)
    {
        using var stop = new CancellationTokenSource();
        using var items = new BlockingCollection<T>(Items);
        ExceptionDispatchInfo? failure = null;
        var reading = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    foreach (var item in source)
                        items.Add(item, stop.Token);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
                catch (Exception error)
                {
                    failure = ExceptionDispatchInfo.Capture(error);
                }
                finally
                {
                    items.CompleteAdding();
                }
            },
            TaskCreationOptions.LongRunning
        );
        try
        {
            foreach (var item in items.GetConsumingEnumerable())
                yield return item;
            failure?.Throw();
        }
        finally
        {
            // The collection is let go of only when nobody adds to it.
            stop.Cancel();
            reading.Wait();
        }
    }
}
