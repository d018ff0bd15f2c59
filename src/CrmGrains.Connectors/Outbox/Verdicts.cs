using CrmGrains.Core.Commands;

namespace CrmGrains.Connectors.Outbox;

/// <summary>Makes of what a CRM answered what is committed. Pure, but for the draw.</summary>
internal sealed class Verdicts(OutboxOptions options, Func<double> draw)
{
    private readonly Backoff _backoff = new(options.RetryBase, options.RetryCeiling);

    /// <summary>Judges a batch, write by write: one that nothing was said about may have been carried out.</summary>
    public Booking Of(IReadOnlyList<PreparedWrite> batch, IReadOnlyList<WriteOutcome> outcomes, IReadOnlyList<CrmCall> calls)
    {
        var booking = new Booking();
        var failed = 0;
        foreach (var (write, outcome) in Matched(batch, outcomes))
        {
            Judge(booking, write, outcome);
            if (outcome is WriteOutcome.Retryable { IsOfThisOneOnly: false } or WriteOutcome.Unknown)
                failed++;
        }

        booking.IsOutage = failed < batch.Count ? false : batch.Any(write => write.Write.Attempt == 1) ? true : null;
        booking.Calls.AddRange(Calls(batch, calls));
        return booking;
    }

    /// <summary>What outcome each write has; a row that can't be believed is as good as none.</summary>
    public static IEnumerable<(PreparedWrite Write, WriteOutcome Outcome)> Matched(
        IReadOnlyList<PreparedWrite> batch, IReadOnlyList<WriteOutcome> outcomes)
    {
        var byKey = new Dictionary<string, WriteOutcome>(StringComparer.Ordinal);
        foreach (var outcome in outcomes)
            byKey.TryAdd(outcome.EffectKey, outcome);
        foreach (var write in batch)
        {
            var key = write.Write.EffectKey;
            yield return (write, byKey.GetValueOrDefault(key) switch
            {
                null => new WriteOutcome.Unknown("No outcome was reported.", IsUncertain: true) { EffectKey = key },
                WriteOutcome.Succeeded { CrmId: var id } when (id is not null || write.Write.Command.Own() is not null)
                    && !StoredText.IsId(id) =>
                    new WriteOutcome.Unknown("Success was reported without a usable id.", IsUncertain: true) { EffectKey = key },
                { } outcome => outcome,
            });
        }
    }

    /// <summary>Ends a command without a call: it can't be read, or the attempts that it had were all interrupted.</summary>
    public static BookedCommand WithoutCall(QueuedCommand command) => command.Wanted is null
        ? new BookedCommand(command, CommandState.ManualReview, command.Attempts)
        {
            IsUncertain = command.IsUncertain,
            Error = "unreadable_command",
            Detail = "The stored command can't be read by this version.",
        }
        : new BookedCommand(command, CommandState.DeadLettered, command.Attempts)
        {
            IsUncertain = command.IsUncertain,
            Error = "interrupted",
            Detail = "Every attempt ended before its outcome was known.",
        };

    private void Judge(Booking booking, PreparedWrite write, WriteOutcome outcome)
    {
        var commands = write.Lane.Commands;
        switch (outcome)
        {
            case WriteOutcome.Succeeded succeeded:
                var hash = BookedCommand.Hash(succeeded.Response);
                booking.Commands.AddRange(commands.Select(command =>
                    new BookedCommand(command, CommandState.Succeeded, command.Attempts + 1)
                    {
                        CrmId = succeeded.CrmId,
                        Action = StoredText.Of(succeeded.Action, StoredText.MaxNameChars),
                        OwnerStatus = StoredText.Of(succeeded.OwnerStatus, StoredText.MaxNameChars),
                        ResponseHash = hash,
                    }));
                break;

            // Whoever writes the record anew may be on the way; the next attempt goes to the id that it has by then.
            case WriteOutcome.ManualReview { Error: WriteOutcome.ManualReview.ObjectNotFound } gone:
                booking.Commands.AddRange(Retried(
                    write, gone.Error, Detail(gone.Detail), isUncertain: false, _backoff.DelayOfHalfAtLeast(write.Write.Attempt, draw: 0),
                    CommandState.ManualReview));
                break;

            case WriteOutcome.ManualReview review:
                booking.Commands.AddRange(commands.Select(command =>
                    new BookedCommand(command, CommandState.ManualReview, command.Attempts + 1)
                    {
                        IsUncertain = command.IsUncertain,
                        Error = Name(review.Error),
                        Detail = Detail(review.Detail),
                    }));
                break;

            case WriteOutcome.AlertOperator alert:
                booking.PauseReason = Name(alert.Error);
                booking.Commands.AddRange(commands.Select(command => new BookedCommand(command, CommandState.Waiting, command.Attempts)
                {
                    IsUncertain = command.IsUncertain,
                    Error = Name(alert.Error),
                    Detail = Detail(alert.Detail),
                }));
                break;

            case WriteOutcome.Retryable retryable:
                var asked = retryable.RetryAfter is { } after && after > TimeSpan.Zero
                    ? Shorter(after, options.MaxRetryAfter)
                    : TimeSpan.Zero;
                if ((retryable.IsAccountClosed || retryable.Error == "rate_limited") && asked > booking.Rest)
                    booking.Rest = asked;
                var retried = Retried(write, Name(retryable.Error), Detail(retryable.Detail), retryable.IsUncertain, asked);
                booking.Commands.AddRange(retryable.IsAccountClosed ? retried.Select(Uncounted) : retried);
                break;

            case WriteOutcome.Unknown unknown:
                booking.Commands.AddRange(
                    Retried(write, "unknown_response", Detail(unknown.Detail), unknown.IsUncertain, options.UnknownWait));
                break;
        }

        if (write.Lane.Wanted.Own() is not { } own)
            return;
        if (outcome is WriteOutcome.Succeeded { CrmId: { } id })
            booking.Links.Add(new BookedLink(own, new Link(id, write.Lane.NewestId)));
        else if (booking.Commands.TakeLast(commands.Count).All(command => command.State != CommandState.Waiting))
            booking.Links.Add(new BookedLink(own, default));
    }

    /// <param name="end">What a command becomes that had all its attempts.</param>
    private IEnumerable<BookedCommand> Retried(
        PreparedWrite write, string error, string? detail, bool isUncertain, TimeSpan atLeast, string end = CommandState.DeadLettered)
    {
        var delay = Longer(_backoff.Delay(write.Write.Attempt, draw()), atLeast);
        if (isUncertain && !CommandRecords.IsRepeatable(write.Lane.Object))
            delay = Longer(delay, options.UncertainWait);
        foreach (var command in write.Lane.Commands)
        {
            var attempts = command.Attempts + 1;
            yield return new BookedCommand(command, attempts < options.MaxAttempts ? CommandState.Waiting : end, attempts)
            {
                IsUncertain = command.IsUncertain || isUncertain,
                Delay = delay,
                Error = error,
                Detail = detail,
            };
        }
    }

    private static IEnumerable<BookedCall> Calls(IReadOnlyList<PreparedWrite> batch, IReadOnlyList<CrmCall> calls)
    {
        var lanes = new Dictionary<string, LaneWrite>(StringComparer.Ordinal);
        foreach (var write in batch)
            lanes.TryAdd(write.Write.EffectKey, write.Lane);
        foreach (var call in calls)
            yield return new BookedCall(call, [..
                from key in call.EffectKeys.Distinct(StringComparer.Ordinal)
                where lanes.ContainsKey(key)
                from command in lanes[key].Commands
                select (command.Id, command.Attempts + 1)]);
    }

    private static string Name(string? error) =>
        StoredText.Of(error, StoredText.MaxNameChars) is { Length: > 0 } name ? name : "unknown";

    private static string? Detail(string? detail) => StoredText.Of(detail, StoredText.MaxDetailChars);

    /// <summary>It wasn't the command's fault.</summary>
    private static BookedCommand Uncounted(BookedCommand command) =>
        command with { State = CommandState.Waiting, Attempts = command.Command.Attempts };

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
