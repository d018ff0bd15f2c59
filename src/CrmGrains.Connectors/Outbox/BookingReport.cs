namespace CrmGrains.Connectors.Outbox;

/// <summary>Tells the world of what was committed: logs, metrics, and the engine whose mailboxes got messages.</summary>
internal sealed class BookingReport(OutboxAccount account, OutboxServices services)
{
    public void Committed(Booking booking)
    {
        foreach (var call in booking.Calls)
            services.Metrics.CallEnded(account.Kind, call.Call);

        var dead = booking.Commands.Where(command => command.State == CommandState.DeadLettered).ToList();
        if (dead.Count > 0)
            OutboxLog.DeadLettered(services.Logger, dead.Count, account.Name, dead[0].Error);
        var refused = booking.Commands.Where(command => command.State == CommandState.ManualReview).ToList();
        if (refused.Count > 0)
            OutboxLog.Refused(services.Logger, account.Name, refused.Count, refused[0].Error);

        var partitions = booking.Ended.Select(command => command.Command.Partition).ToHashSet();
        if (partitions.Count > 0)
            Wake(partitions);
    }

    private void Wake(HashSet<int> partitions)
    {
        try
        {
            services.MailboxesFilled(partitions);
        }
        catch (Exception e)
        {
            OutboxLog.WakingFailed(services.Logger, e);
        }
    }
}
