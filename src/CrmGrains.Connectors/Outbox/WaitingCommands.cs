using System.Diagnostics.CodeAnalysis;

namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The waiting commands of an account in memory, a queue for each object, and how they are read from the database: when somebody says so,
/// at every poll, and from the oldest on now and then. It belongs to one loop.
/// </summary>
internal sealed class WaitingCommands
{
    private readonly OutboxSession _session;
    private readonly OutboxOptions _options;
    private readonly OutboxBell _bell;
    private readonly Dictionary<string, CommandQueue> _queues;
    private DateTimeOffset _sweepAt;

    public WaitingCommands(OutboxSession session, OutboxOptions options, OutboxBell bell, IReadOnlyList<string> objects, DateTimeOffset now)
    {
        (_session, _options, _bell, _sweepAt) = (session, options, bell, now + options.SweepInterval);
        _queues = objects.ToDictionary(name => name, name => new CommandQueue(name, options), StringComparer.Ordinal);
    }

    public IReadOnlyCollection<CommandQueue> Queues => _queues.Values;

    public CommandQueue this[string commandObject] => _queues[commandObject];

    /// <summary>When the database is asked next, if nobody says so before.</summary>
    public DateTimeOffset LoadAt { get; private set; }

    public bool TryGetQueue(string commandObject, [NotNullWhen(true)] out CommandQueue? queue) =>
        _queues.TryGetValue(commandObject, out queue);

    /// <summary>Whether a queue has drained far enough that reading on is worth a statement.</summary>
    public bool HasRoomForMore(CommandQueue queue) => queue.Mark.IsMoreWaiting && queue.Free >= _options.Capacity / 2;

    /// <summary>
    /// Reads what waits, where there is room. Done at every poll even where there is none: it shows that the account is still held.
    /// </summary>
    public async Task LoadAsync(DateTimeOffset now)
    {
        if (_bell.TakeSweep() | now >= _sweepAt)
        {
            foreach (var queue in Queues)
                queue.Mark.Sweep();
            _sweepAt = now + _options.SweepInterval;
        }

        if (!(_bell.TakeWake() | now >= LoadAt | Queues.Any(HasRoomForMore)))
            return;
        LoadAt = now + _options.PollInterval;

        var places = Queues.Where(queue => queue.Free > 0)
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
}
