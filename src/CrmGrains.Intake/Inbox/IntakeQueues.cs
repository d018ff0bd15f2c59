using System.Collections.Concurrent;
using CrmGrains.Runtime.Storage;

namespace CrmGrains.Intake.Inbox;

/// <summary>The intake queue of each source: a partition of its own, made when the source is first seen and kept for ever.</summary>
public sealed class IntakeQueues(InboxDatabase database)
{
    private readonly ConcurrentDictionary<(string Workspace, string Source), int> _partitions = new();

    /// <summary>The partition of a source's queue.</summary>
    /// <exception cref="InboxUnavailableException">The database is away: the sender shall come again.</exception>
    public async ValueTask<int> PartitionOfAsync(string workspace, string source, CancellationToken cancellationToken)
    {
        if (_partitions.TryGetValue((workspace, source), out var known))
            return known;

        try
        {
            return _partitions[(workspace, source)] = await FindAsync(workspace, source, cancellationToken);
        }
        catch (Exception exception) when (SqlState.IsTransient(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw new InboxUnavailableException("The source's queue can't be looked up.", isOverload: false, exception);
        }
    }

    private async Task<int> FindAsync(string workspace, string source, CancellationToken cancellationToken)
    {
        // Twice: where another process makes it at the same instant, the first statement sees neither its own row nor the other's.
        for (var attempt = 1; ; attempt++)
        {
            await using var command = database.Source.CreateCommand(InboxSql.Queue);
            command.Parameters.Text(workspace).Text(source);
            if (await command.ExecuteScalarAsync(cancellationToken) is int partition)
                return partition;
            if (attempt == 3)
                throw new InvalidOperationException($"The intake queue of {workspace}/{source} can't be made.");
        }
    }
}
