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
    private readonly AccountPause _pause;
    private readonly KnownLinks _links;
    private readonly BookingReport _report;
    private readonly Dictionary<string, CommandQueue> _queues;
    private readonly Dictionary<string, BatchInFlight> _calls = new(StringComparer.Ordinal);
    private InFlight<string?>? _probe;
    private DateTimeOffset _loadAt;
    private DateTimeOffset _sweepAt;
    private DateTimeOffset _countAt;

    public Tenure(OutboxAccount account, OutboxSession session, OutboxServices services, OutboxBell bell)
    {
        (_account, _session, _services, _options, _bell) = (account, session, services, services.Options, bell);
        _verdicts = new Verdicts(_options, services.Draw);
        _pause = new AccountPause(_options, services.Draw);
        _links = new KnownLinks(session, _options.RememberedLinks);
        _report = new BookingReport(account, services);
        _queues = OutboxObjects.All.ToDictionary(name => name, name => new CommandQueue(name, _options), StringComparer.Ordinal);
    }

    private DateTimeOffset Now => _services.Time.GetUtcNow();

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
                await LoadAsync();
                await ProbeAsync(abandon.Token);
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
        var (interrupted, reason) = await _session.TakeOverAsync(_services.Silo);
        OutboxLog.TookOver(_services.Logger, _account.Name, interrupted);
        _services.Metrics.Paused(_account.Name, reason is not null);
        if (reason is not null)
            _pause.Begin(reason, Now);
        _sweepAt = Now + _options.SweepInterval;
    }

    /// <summary>Reads what waits, where there is room for it. Done at every poll even where there is none: it shows that the account is still held.</summary>
    private async Task LoadAsync()
    {
        var now = Now;
        if (_bell.TakeSweep() | now >= _sweepAt)
        {
            foreach (var queue in _queues.Values)
                queue.Mark.Sweep();
            _sweepAt = now + _options.SweepInterval;
        }

        var hasRoomForMore = _queues.Values.Any(queue => queue.Mark.IsMoreWaiting && queue.Free >= _options.Capacity / 2);
        if (!(_bell.TakeWake() | now >= _loadAt | hasRoomForMore))
            return;
        _loadAt = now + _options.PollInterval;

        var places = _queues.Values.Where(queue => queue.Free > 0)
            .Select(queue => (queue.Object, queue.Mark.After, Take: queue.Free + queue.HeldAfter(queue.Mark.After))).ToList();
        var loaded = await _session.LoadAsync(places, now);
        var byObject = loaded.Commands.ToLookup(command => command.Object, StringComparer.Ordinal);
        foreach (var (name, _, take) in places)
        {
            var queue = _queues[name];
            var found = byObject[name].ToList();
            foreach (var command in found)
                queue.Add(command);
            queue.Mark.Moved(found.Count == 0 ? null : found[^1].Id, isMoreWaiting: found.Count == take, loaded.Xmin, loaded.Xmax);
        }
    }

    private async Task SendAsync(CancellationToken abandon)
    {
        foreach (var queue in _queues.Values)
        {
            // Again where all that was taken out had to wait or needed no call.
            while (_pause.Reason is null && !_calls.ContainsKey(queue.Object)
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
        var writes = preparation.Writes.Select(write => Kept(write, sent)).Where(write => write.Lane.Commands.Count > 0).ToList();
        if (writes.Count == 0)
            return false;

        queue.Left(Now);
        _services.Metrics.BatchLeft(_account.CrmKind, queue.Object, writes.Sum(write => write.Lane.Commands.Count));
        _calls.Add(queue.Object, new BatchInFlight(writes, InFlight<IReadOnlyList<WriteOutcome>>.Start(
            (calls, cancellation) => _account.Crm.WriteAsync([.. writes.Select(write => write.Write)], calls, cancellation),
            e => Threw<IReadOnlyList<WriteOutcome>>(e, queue.Object, []),
            _services, _bell, abandon)));
        return true;
    }

    /// <summary>What is left of a write when a person took some of its commands back a moment ago.</summary>
    private static PreparedWrite Kept(PreparedWrite write, IReadOnlySet<long> sent) => write.Lane.Commands.All(command => sent.Contains(command.Id))
        ? write
        : write with { Lane = write.Lane with { Commands = [.. write.Lane.Commands.Where(command => sent.Contains(command.Id))] } };

    private T Threw<T>(Exception exception, string what, T answer)
    {
        OutboxLog.ConnectorThrew(_services.Logger, _account.Name, what, exception);
        return answer;
    }

    private async Task BookEndedCallsAsync()
    {
        foreach (var (commandObject, call) in _calls.Where(call => call.Value.Call.Answer.IsCompleted).ToList())
        {
            _calls.Remove(commandObject);
            var outcomes = await call.Call.Answer;
            var booking = _verdicts.Of(call.Batch, outcomes, call.Call.Calls);
            foreach (var (_, outcome) in Verdicts.Matched(call.Batch, outcomes))
                _services.Metrics.AttemptEnded(_account.CrmKind, commandObject, outcome, call.Call.Took);
            if (outcomes.Any(outcome => outcome is WriteOutcome.Succeeded))
                _pause.Worked();
            await BookAsync(booking);
            Rest(_queues[commandObject], booking);
        }
    }

    /// <summary>Commits a booking, and then does to the memory what it did to the database.</summary>
    private async Task BookAsync(Booking booking)
    {
        var unblocked = await _session.BookAsync(booking);
        var now = Now;
        foreach (var command in booking.Commands.Where(command => command.State == CommandState.Waiting))
        {
            _queues[command.Command.Object].Return(command.Command with
            {
                Attempts = command.Attempts,
                IsUncertain = command.IsUncertain,
                DueAt = now + command.Delay,
            });
        }

        _links.Learn(booking.Links);
        foreach (var (id, commandObject) in unblocked)
        {
            if (_queues.TryGetValue(commandObject, out var queue))
                queue.Mark.Reopened(id);
        }

        if (booking.PauseReason is { } reason)
            Pause(reason, now);
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

    private void Pause(string reason, DateTimeOffset now)
    {
        if (_pause.Reason is null)
            OutboxLog.Paused(_services.Logger, _account.Name, reason);
        _pause.Begin(reason, now);
        _services.Metrics.Paused(_account.Name, isPaused: true);
    }

    /// <summary>Books a probe that ended, and starts the next when it is due.</summary>
    private async Task ProbeAsync(CancellationToken abandon)
    {
        if (_probe is { Answer.IsCompleted: true } ended)
        {
            _probe = null;
            await BookProbeAsync(StoredText.Of(await ended.Answer, StoredText.MaxNameChars), ended.Calls);
        }

        if (_pause.Reason is not null && _probe is null && _calls.Count == 0 && _pause.ProbeAt <= Now)
            _probe = InFlight<string?>.Start(_account.Crm.ProbeAsync, e => Threw(e, "probes", "probe_failed"), _services, _bell, abandon);
    }

    private async Task BookProbeAsync(string? error, IReadOnlyList<CrmCall> calls)
    {
        var booking = new Booking();
        booking.Calls.AddRange(calls.Select(call => new BookedCall(call, [])));
        await BookAsync(booking);
        if (error is not null)
        {
            var delay = _pause.Begin(error, Now);
            await _session.SetAccountStateAsync(error);
            OutboxLog.StillPaused(_services.Logger, _account.Name, error, delay);
            return;
        }

        await _session.SetAccountStateAsync(pauseReason: null);
        _pause.End();
        _services.Metrics.Paused(_account.Name, isPaused: false);
        OutboxLog.Resumed(_services.Logger, _account.Name);
    }

    private async Task CountAsync()
    {
        if (Now < _countAt)
            return;
        _countAt = Now + _options.CountInterval;
        _services.Metrics.Counted(_account.Name, await _session.CountAsync(CountBound));
    }

    /// <summary>When there is something to do, if nobody says so before.</summary>
    private DateTimeOffset NextAt()
    {
        var now = Now;
        var next = _loadAt < _countAt ? _loadAt : _countAt;
        if (_calls.Values.Any(call => call.Call.Answer.IsCompleted) || _probe is { Answer.IsCompleted: true })
            return now;
        if (_pause.Reason is not null)
            return _probe is null && _calls.Count == 0 && _pause.ProbeAt < next ? _pause.ProbeAt : next;
        foreach (var queue in _queues.Values.Where(queue => !_calls.ContainsKey(queue.Object)))
        {
            if (queue.Mark.IsMoreWaiting && queue.Free >= _options.Capacity / 2)
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
        return _probe is null ? calls : calls.Append(_probe.Answer);
    }

    private int BatchLimit(CommandQueue queue) => Math.Max(1, _account.Crm.BatchLimit(queue.Object));
}
