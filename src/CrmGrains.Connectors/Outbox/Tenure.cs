namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The time from taking an account to losing it. One loop owns everything in it: read, form batches, commit the intent, call, book. Calls
/// of different objects run beside each other and beside the loop; all bookkeeping is done by the loop, over the one connection.
/// </summary>
internal sealed class Tenure
{
    private const int CountBound = 100_000;

    // What calls have to end in once nobody waits for their outcome any more.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly OutboxAccount _account;
    private readonly OutboxSession _session;
    private readonly OutboxServices _services;
    private readonly OutboxOptions _options;
    private readonly OutboxBell _bell;
    private readonly Verdicts _verdicts;
    private readonly KnownLinks _links;
    private readonly BookingReport _report;
    private readonly AccountHealth _health;
    private readonly WaitingCommands _waiting;
    private readonly Dictionary<string, BatchInFlight> _calls = new(StringComparer.Ordinal);
    private DateTimeOffset _countAt;

    public Tenure(OutboxAccount account, OutboxSession session, OutboxServices services, OutboxBell bell)
    {
        (_account, _session, _services, _options, _bell) = (account, session, services, services.Options, bell);
        _verdicts = new Verdicts(_options, services.Draw);
        _links = new KnownLinks(session, _options.RememberedLinks);
        _report = new BookingReport(account, services);
        _health = new AccountHealth(account, session, services, bell, _report);
        _waiting = new WaitingCommands(session, _options, bell, account.Connector.Objects, Now);
    }

    private DateTimeOffset Now => _services.Time.GetUtcNow();

    private bool IsIdle => _calls.Count == 0;

    public async Task RunAsync(CancellationToken stopping)
    {
        using var abandon = new CancellationTokenSource();
        await using var ringWhenStopping = stopping.Register(_bell.Ring);
        try
        {
            await TakeOverAsync();
            while (!stopping.IsCancellationRequested)
            {
                await BookEndedCallsAsync();
                await _waiting.LoadAsync(Now);
                await _health.ProbeAsync(Now, IsIdle, abandon.Token);
                await SendAsync(abandon.Token);
                await CountAsync();
                await _bell.WaitAsync(NextAt() - Now);
            }

            await FinishCallsAsync();
        }
        finally
        {
            // Without the lock nothing can be booked, and whoever holds the account next looks for what these calls did.
            await abandon.CancelAsync();
            await Task.WhenAny(Task.WhenAll(Unfinished()), Task.Delay(Grace, _services.Time, CancellationToken.None));
        }
    }

    private async Task TakeOverAsync()
    {
        var (interrupted, reason) = await _session.TakeOverAsync(_services.Silo, _options.UncertainWait);
        OutboxLog.TookOver(_services.Logger, _account.Name, interrupted);
        _health.TakeOver(reason, Now);
    }

    private async Task SendAsync(CancellationToken abandon)
    {
        foreach (var queue in _waiting.Queues)
        {
            // Again where all that was taken out had to wait or needed no call.
            while (!_health.IsPaused && !_calls.ContainsKey(queue.Object)
                && queue.LeavesAt(Now, BatchLimit(queue)) <= Now
                && !await SendAsync(queue, abandon))
            {
            }
        }
    }

    /// <summary>Takes a batch out, commits that it is about to be sent, and starts the call.</summary>
    /// <returns>Whether a call was started.</returns>
    private async Task<bool> SendAsync(CommandQueue queue, CancellationToken abandon)
    {
        var taken = TakenBatch.Of(queue.Take(Now, BatchLimit(queue)), _options.MaxAttempts);
        taken.Left.ForEach(queue.Return);
        var preparation = Preparation.Of(taken.Lanes, await _links.OfAsync(taken.Lanes));
        taken.Ended.Commands.AddRange(preparation.Overtaken);
        if (taken.Ended.Commands.Count > 0)
            await BookAsync(taken.Ended);
        if (preparation.Writes.Count == 0 && preparation.Blocked.Count == 0)
            return false;

        // What made the batch full may have to wait for its records: what is left of it goes when a small one would.
        if (!queue.MayLeave(Now, preparation.Writes.Count, BatchLimit(queue)))
        {
            preparation.Writes.SelectMany(write => write.Lane.Commands).ToList().ForEach(queue.Return);
            preparation.Writes.Clear();
        }

        var ids = preparation.Writes.SelectMany(write => write.Lane.Commands).Select(command => command.Id).ToArray();
        var sent = await _session.SendAsync(ids, preparation.Blocked);
        var writes = preparation.Writes.Select(write => write.Kept(sent)).Where(write => write.Lane.Commands.Count > 0).ToList();
        if (writes.Count == 0)
            return false;

        queue.Left(Now);
        _services.Metrics.BatchLeft(_account.Kind, queue.Object, writes.Sum(write => write.Lane.Commands.Count));
        _calls.Add(queue.Object, new BatchInFlight(writes, InFlight<IReadOnlyList<WriteOutcome>>.Start(
            (calls, cancellation) => _account.Connector.WriteAsync([.. writes.Select(write => write.Write)], calls, cancellation),
            exception => Threw(queue.Object, exception),
            _services, _bell, abandon)));
        return true;
    }

    private IReadOnlyList<WriteOutcome> Threw(string commandObject, Exception exception)
    {
        OutboxLog.ConnectorThrew(_services.Logger, _account.Name, commandObject, exception);
        return [];
    }

    private async Task BookEndedCallsAsync()
    {
        foreach (var (commandObject, call) in _calls.Where(call => call.Value.Call.Answer.IsCompleted).ToList())
        {
            _calls.Remove(commandObject);
            var outcomes = await call.Call.Answer;
            var booking = _verdicts.Of(call.Batch, outcomes, call.Call.Calls);
            foreach (var (_, outcome) in Verdicts.Matched(call.Batch, outcomes))
                _services.Metrics.AttemptEnded(_account.Kind, commandObject, outcome, call.Call.Took);
            if (outcomes.Any(outcome => outcome is WriteOutcome.Succeeded))
                _health.Worked();
            await BookAsync(booking);
            Rest(_waiting[commandObject], booking);
        }
    }

    /// <summary>Commits a booking, and then does to the memory what it did to the database.</summary>
    private async Task BookAsync(Booking booking)
    {
        var unblocked = await _session.BookAsync(booking);
        var now = Now;
        foreach (var command in booking.Commands.Where(command => command.State == CommandState.Waiting))
        {
            _waiting[command.Command.Object].Return(command.Command with
            {
                Attempts = command.Attempts,
                IsUncertain = command.IsUncertain,
                DueAt = now + command.Delay,
            });
        }

        _links.Learn(booking.Links);
        foreach (var (id, commandObject) in unblocked)
        {
            if (_waiting.TryGetQueue(commandObject, out var queue))
                queue.Mark.Reopened(id);
        }

        if (booking.PauseReason is { } reason)
            _health.Pause(reason, now);
        _report.Committed(booking);
    }

    private void Rest(CommandQueue queue, Booking booking)
    {
        var rest = booking.Rest;
        if (queue.CameBack(booking.IsOutage, _services.Draw()) is var away && away > rest)
        {
            OutboxLog.CrmIsAway(_services.Logger, _account.Name, queue.Object, away);
            rest = away;
        }

        if (rest > TimeSpan.Zero)
            queue.RestUntil(Now + rest);
    }

    private async Task CountAsync()
    {
        if (Now < _countAt)
            return;
        _countAt = Now + _options.CountInterval;
        _services.Metrics.Counted(_account.Name, await _session.CountAsync(_account.Connector.Objects, CountBound));
    }

    /// <summary>When there is something to do, if nobody says so before.</summary>
    private DateTimeOffset NextAt()
    {
        var now = Now;
        if (_calls.Values.Any(call => call.Call.Answer.IsCompleted))
            return now;
        var next = _waiting.LoadAt < _countAt ? _waiting.LoadAt : _countAt;
        if (_health.NextAt(now, IsIdle) is { } probe && probe < next)
            next = probe;
        if (_health.IsPaused)
            return next;
        foreach (var queue in _waiting.Queues.Where(queue => !_calls.ContainsKey(queue.Object)))
        {
            if (_waiting.HasRoomForMore(queue))
                return now;
            if (queue.LeavesAt(now, BatchLimit(queue)) is { } leaves && leaves < next)
                next = leaves;
        }

        return next;
    }

    /// <summary>Books what is in flight, as long as a stop may take.</summary>
    private async Task FinishCallsAsync()
    {
        var until = Now + _options.StopTimeout;
        while (_calls.Count > 0 && Now < until)
        {
            await BookEndedCallsAsync();
            await _session.HeartbeatAsync();
            var left = until - Now;
            if (_calls.Count > 0)
                await _bell.WaitAsync(left < _options.PollInterval ? left : _options.PollInterval);
        }

        if (_calls.Count > 0)
            OutboxLog.StoppedWithCallsInFlight(_services.Logger, _account.Name);
    }

    private IEnumerable<Task> Unfinished()
    {
        var calls = _calls.Values.Select(call => (Task)call.Call.Answer);
        return _health.Probing is { } probe ? calls.Append(probe) : calls;
    }

    private int BatchLimit(CommandQueue queue) => Math.Max(1, _account.Connector.BatchLimit(queue.Object));
}
