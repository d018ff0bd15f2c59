using CrmGrains.Intake.Replays;
using Npgsql;

namespace CrmGrains.Host.Reviews;

/// <summary>Replays of single events, as answers to items ask for them: previewed before, started in the answer's transaction.</summary>
internal sealed class EventReplays(ReplayRequests replays)
{
    /// <summary>Previews one.</summary>
    /// <returns>The replay's id; null where there is nothing to replay any more.</returns>
    public async Task<long?> PreviewAsync(ReviewItem item, string by, CancellationToken cancellationToken)
    {
        var filter = new ReplayFilter { Workspace = item.Workspace, Event = item.EventId };
        return await replays.RequestAsync(filter, by, cancellationToken) is { Total: > 0 } replay ? replay.Id : null;
    }

    /// <summary>Starts it in the transaction.</summary>
    public static async Task<Deed> StartAsync(NpgsqlConnection connection, long? replay, string by, CancellationToken cancellationToken) =>
        replay is { } id && await ReplayRequests.StartAsync(connection, id, by, cancellationToken)
            ? Deed.Nothing
            : new Deed(ReviewRefusals.NotNow("nothing_to_replay", "The delivery behind it isn't there any more, so it can't be replayed. Resolve the item instead."));
}
