using System.Diagnostics;
using System.Net;

namespace CrmGrains.Benchmarks.Load;

/// <summary>Sends deliveries over many connections, each with one request in flight.</summary>
internal sealed class Generator(IPEndPoint address, int connections, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Has .NET run what follows a socket's answer right on the thread that polls the sockets: one busy thread instead of many.</summary>
    /// <remarks>To be called before the first socket is opened. Children must not inherit it.</remarks>
    public static void UseOneThread()
    {
        foreach (var (name, value) in OneThread)
            Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>What <see cref="UseOneThread"/> sets.</summary>
    public static IReadOnlyDictionary<string, string> OneThread { get; } = new Dictionary<string, string>
    {
        ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
        ["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = "1",
    };

    /// <summary>Every connection sends its next request as soon as the last one is answered.</summary>
    public Task<SentDeliveries> AtFullSpeedAsync(Deliveries deliveries, TimeSpan duration, CancellationToken cancellationToken) =>
        AtFullSpeedAsync(deliveries, duration, CancellationToken.None, cancellationToken);

    /// <summary>The same, until it is ended.</summary>
    public Task<SentDeliveries> AtFullSpeedAsync(
        Deliveries deliveries, TimeSpan duration, CancellationToken until, CancellationToken cancellationToken)
    {
        var next = -1;
        return RunAsync(
            deliveries,
            async (_, sent, exchange) =>
            {
                while (Stopwatch.GetElapsedTime(sent.Start) < duration && !until.IsCancellationRequested
                    && Interlocked.Increment(ref next) is var send && send < deliveries.Count)
                    await exchange(send, Stopwatch.GetTimestamp());
            },
            cancellationToken);
    }

    /// <summary>
    /// Requests begin at equal distances, whatever the server does. One whose connection is still busy then counts from when it should have
    /// begun; the timer's own lateness, up to a millisecond, isn't held against the server.
    /// </summary>
    /// <param name="deliveries">What is sent, if nothing ends it before.</param>
    /// <param name="perSecond">Requests a second.</param>
    /// <param name="until">No request begins once it is canceled; those that have begun are finished.</param>
    /// <param name="cancellationToken">Ends it without a result.</param>
    public Task<SentDeliveries> AtRateAsync(
        Deliveries deliveries, double perSecond, CancellationToken until, CancellationToken cancellationToken) =>
        RunAsync(
            deliveries,
            async (connection, sent, exchange) =>
            {
                for (var send = connection; send < deliveries.Count && !until.IsCancellationRequested; send += connections)
                {
                    var due = sent.Start + (long)(send / perSecond * Stopwatch.Frequency);
                    var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
                    if (wait > TimeSpan.Zero)
                        await Task.Delay(wait, time, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    if (until.IsCancellationRequested)
                        return;
                    await exchange(send, wait > TimeSpan.Zero ? Math.Max(due, Stopwatch.GetTimestamp()) : due);
                }
            },
            cancellationToken);

    private async Task<SentDeliveries> RunAsync(
        Deliveries deliveries, Func<int, SentDeliveries, Func<int, long, Task>, Task> send, CancellationToken cancellationToken)
    {
        var open = new List<HttpConnection>();
        try
        {
            for (var i = 0; i < connections; i++)
                open.Add(await HttpConnection.OpenAsync(address, cancellationToken));
            var sent = new SentDeliveries(deliveries, time);
            await Task.WhenAll(open.Select((connection, number) => Task.Run(
                () => send(number, sent, async (request, begunAt) =>
                {
                    var status = await connection.ExchangeAsync(deliveries.RequestOf(request), cancellationToken);
                    sent.Answered(request, begunAt, status);
                }),
                cancellationToken))).WaitAsync(Patience + TimeSpan.FromSeconds(deliveries.Count / 50.0), time, cancellationToken);
            return sent;
        }
        finally
        {
            open.ForEach(connection => connection.Dispose());
        }
    }
}
