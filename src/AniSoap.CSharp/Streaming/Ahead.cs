using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace AniSoap.CSharp;

/// <summary>Work on a thread of its own, which hands over what it makes and waits where nobody takes it.</summary>
internal static class Ahead
{
    /// <summary>What <paramref name="produce"/> gives to its first argument; so many of them may be waiting to be taken.</summary>
    internal static async IAsyncEnumerable<T> Of<T>(
        int waiting,
        Action<Action<T>, CancellationToken> produce,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var made = Channel.CreateBounded<T>(waiting);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void Give(T item)
        {
            if (!made.Writer.TryWrite(item))
                made.Writer.WriteAsync(item, stop.Token).AsTask().GetAwaiter().GetResult();
        }
        void Work()
        {
            try
            {
                produce(Give, stop.Token);
                made.Writer.Complete();
            }
            catch (Exception problem)
            {
                made.Writer.Complete(problem);
            }
        }
        var working = Task.Factory.StartNew(
            Work,
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        try
        {
            await foreach (var item in made.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                // The channel would first hand out what it has.
                cancellationToken.ThrowIfCancellationRequested();
                yield return item;
            }
        }
        finally
        {
            // Whoever stops asking early gets files closed and threads back.
            await stop.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(false);
        }
    }
}
