namespace CrmGrains.Connectors.Outbox;

/// <summary>Whether an account can be used: pauses it where it can't, and probes it until it can again. It belongs to one loop.</summary>
internal sealed class AccountHealth(
    OutboxAccount account, OutboxSession session, OutboxServices services, OutboxBell bell, BookingReport report)
{
    private readonly AccountPause _pause = new(services.Options, services.Draw);
    private InFlight<string?>? _probe;

    public bool IsPaused => _pause.Reason is not null;

    /// <summary>The probe on its way; null where none is.</summary>
    public Task? Probing => _probe?.Answer;

    /// <summary>When it has something to do; null while it waits for others, or for nothing.</summary>
    public DateTimeOffset? NextAt(DateTimeOffset now, bool isIdle) => _probe switch
    {
        { Answer.IsCompleted: true } => now,
        null when IsPaused && isIdle => _pause.ProbeAt,
        _ => null,
    };

    /// <summary>As the holder before left it.</summary>
    public void TakeOver(string? reason, DateTimeOffset now)
    {
        services.Metrics.Paused(account.Name, reason is not null);
        if (reason is not null)
            _pause.Begin(reason, now);
    }

    /// <summary>The account refused to work, and that is committed.</summary>
    public void Pause(string reason, DateTimeOffset now)
    {
        if (!IsPaused)
            OutboxLog.Paused(services.Logger, account.Name, reason);
        _pause.Begin(reason, now);
        services.Metrics.Paused(account.Name, isPaused: true);
    }

    /// <summary>A write worked.</summary>
    public void Worked() => _pause.Worked();

    /// <summary>Books a probe that ended, and starts the next when it is due.</summary>
    /// <param name="isIdle">Whether no other call is on its way.</param>
    public async Task ProbeAsync(DateTimeOffset now, bool isIdle, CancellationToken abandon)
    {
        if (_probe is { Answer.IsCompleted: true } ended)
        {
            _probe = null;
            await BookAsync(StoredText.Of(await ended.Answer, StoredText.MaxNameChars), ended.Calls, now);
        }

        if (IsPaused && _probe is null && isIdle && _pause.ProbeAt <= now)
            _probe = InFlight<string?>.Start(account.Connector.ProbeAsync, Threw, services, bell, abandon);
    }

    private async Task BookAsync(string? error, IReadOnlyList<CrmCall> calls, DateTimeOffset now)
    {
        var booking = new Booking();
        booking.Calls.AddRange(calls.Select(call => new BookedCall(call, [])));
        await session.BookAsync(booking);
        report.Committed(booking);
        if (error is not null)
        {
            var delay = _pause.Begin(error, now);
            await session.SetAccountStateAsync(error);
            OutboxLog.StillPaused(services.Logger, account.Name, error, delay);
            return;
        }

        await session.SetAccountStateAsync(pauseReason: null);
        _pause.End();
        services.Metrics.Paused(account.Name, isPaused: false);
        OutboxLog.Resumed(services.Logger, account.Name);
    }

    private string Threw(Exception exception)
    {
        OutboxLog.ConnectorThrew(services.Logger, account.Name, "probes", exception);
        return "probe_failed";
    }
}
