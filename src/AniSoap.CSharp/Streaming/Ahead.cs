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
        CancellationToken always,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var made = Channel.CreateBounded<T>(waiting);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, always);
        void Give(T item) => made.Writer.WriteAsync(item, stop.Token).AsTask().GetAwaiter().GetResult();
        var working = Task
            .Factory.StartNew(
                () => produce(Give, stop.Token),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            .ContinueWith(done => made.Writer.Complete(done.Exception?.InnerException), TaskScheduler.Default);
        try
        {
            await foreach (var item in made.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                // The channel would first hand out what it has.
                stop.Token.ThrowIfCancellationRequested();
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
