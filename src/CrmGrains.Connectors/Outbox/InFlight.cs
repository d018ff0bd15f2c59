namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// A call of a connector on its way. It ends in time and never throws, whatever the connector does; the loop is rung when it has ended.
/// </summary>
internal sealed class InFlight<T>
{
    // What a connector has to end in once it was told to.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly BatchCalls _calls = new();

    private InFlight(
        Func<ICallLog, CancellationToken, Task<T>> call, Func<Exception, T> whenItThrows,
        OutboxServices services, OutboxBell bell, CancellationToken abandon)
    {
        Answer = RunAsync(call, whenItThrows, services, abandon);

        // Only then is it completed for whoever looks.
        _ = Answer.ContinueWith(_ => bell.Ring(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    public Task<T> Answer { get; }

    /// <summary>The calls that it made so far.</summary>
    public IReadOnlyList<CrmCall> Calls => _calls.Snapshot();

    /// <summary>How long it took, once it has ended.</summary>
    public TimeSpan Took { get; private set; }

    public static InFlight<T> Start(
        Func<ICallLog, CancellationToken, Task<T>> call, Func<Exception, T> whenItThrows,
        OutboxServices services, OutboxBell bell, CancellationToken abandon) =>
        new(call, whenItThrows, services, bell, abandon);

    private async Task<T> RunAsync(
        Func<ICallLog, CancellationToken, Task<T>> call, Func<Exception, T> whenItThrows, OutboxServices services,
        CancellationToken abandon)
    {
        var began = services.Time.GetTimestamp();
        try
        {
            using var timeout = new CancellationTokenSource(services.Options.CallTimeout, services.Time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, abandon);

            // On a thread of its own, so that a connector that computes or blocks first doesn't hold the loop up.
            return await Task.Run(() => call(_calls, end.Token), CancellationToken.None)
                .WaitAsync(services.Options.CallTimeout + Grace, services.Time, CancellationToken.None);
        }
        catch (Exception e)
        {
            return whenItThrows(e);
        }
        finally
        {
            Took = services.Time.GetElapsedTime(began);
        }
    }
}

/// <summary>A batch that was sent.</summary>
internal sealed record BatchInFlight(IReadOnlyList<PreparedWrite> Batch, InFlight<IReadOnlyList<WriteOutcome>> Call);
