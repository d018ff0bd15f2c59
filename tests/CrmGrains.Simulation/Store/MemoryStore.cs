using CrmGrains.Runtime.Storage;
using CrmGrains.Simulation.Scheduling;

namespace CrmGrains.Simulation.Store;

/// <summary>The database as one silo reaches it: its connections, and what it knows of who sends.</summary>
internal sealed class MemoryStore(Database database, NetworkFaults faults, Scheduler scheduler, Process process, Guid silo) : IEngineStore
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly List<Session> _sessions = [];
    private long _askedAt;
    private ulong _ended;

    /// <summary>Whether a batch found that a mark waits for a transaction that runs.</summary>
    public bool AreSendersAwaited { get; set; }

    /// <summary>Whose store it is.</summary>
    public Guid Silo => silo;

    public IReadOnlyList<Session> Sessions => _sessions;

    public async Task<Peeked> PeekAsync(Reach reach, CancellationToken cancellationToken)
    {
        var session = Open();
        return await session.CallAsync("peek", () => Task.FromResult(Statements.Peek(database, reach)));
    }

    public async Task<EngineTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var session = Open();
        var ended = await EndedAsync();
        return new MemoryTransaction(database, session, ended, this);
    }

    public async Task<string[]> DeepMailboxesAsync(int messages, CancellationToken cancellationToken)
    {
        var session = Open();
        return await session.CallAsync("depths", () =>
        {
            var snapshot = database.Snapshot();
            return Task.FromResult(database.Messages
                .Where(message => message.Partition < 1000 && message.IsVisible(snapshot, null))
                .CountBy(message => message.Workspace).Where(workspace => workspace.Value >= messages)
                .Select(workspace => workspace.Key).ToArray());
        });
    }

    // As the engine's own: asked now and then, by a connection of its own. What is running is read after the snapshot was taken.
    private async ValueTask<ulong> EndedAsync()
    {
        var now = process.Time.GetTimestamp();
        if (AreSendersAwaited && (_askedAt == 0 || process.Time.GetElapsedTime(_askedAt, now) >= Interval))
        {
            _askedAt = now;
            var session = Open();
            _ended = await session.CallAsync("senders", async () =>
            {
                var snapshot = database.Snapshot();
                await Task.Yield();
                return database.Senders(snapshot);
            });
        }

        return _ended;
    }

    private Session Open()
    {
        _sessions.RemoveAll(session => session.IsEnded || session.Transaction is { IsRunning: false });
        var session = new Session(database, faults, scheduler, process.Name);
        _sessions.Add(session);
        return session;
    }
}
