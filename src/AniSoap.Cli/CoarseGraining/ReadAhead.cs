using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace AniSoap.Cli.CoarseGraining;

/// <summary>What is read on another thread while what was read before is worked on: one item waits, and one is being read.</summary>
internal static class ReadAhead
{
    private const int Items = 1;

    /// <summary>
    /// How many threads the work itself may have: reading has one of its own. Two threads that work on one frame wait for each other dozens of times, and for the one that reads, if there are but two processors.
    /// </summary>
    internal static int ThreadsOfWork(int threads) =>
        Math.Max(1, (threads == 0 ? Environment.ProcessorCount : threads) - 1);

    /// <summary>The same items in the same order; on one thread when <paramref name="threads"/> is 1.</summary>
    internal static IEnumerable<T> Of<T>(IEnumerable<T> source, int threads) => threads == 1 ? source : Ahead(source);

    /// <summary>
    /// What <paramref name="work"/> makes of items, in their order: it is done on a thread of its own, and the next item is
    /// read on another, while whoever takes the results is at work on the one before.
    /// </summary>
    internal static IEnumerable<TResult> Worked<T, TResult>(
        IEnumerable<T> source,
        Func<T, TResult> work,
        int threads
    ) => Of(Of(source, threads).Select(work), threads);

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
