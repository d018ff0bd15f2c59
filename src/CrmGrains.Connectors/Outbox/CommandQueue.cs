namespace CrmGrains.Connectors.Outbox;

/// <summary>
/// The waiting commands of one object in memory, by lane: at most so many, in order within a lane, one batch at a time. It belongs to
/// one loop and is told the time.
/// </summary>
internal sealed class CommandQueue(string commandObject, OutboxOptions options)
{
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private readonly HashSet<long> _held = [];
    private readonly Spacing _spacing = new(options);
    private readonly Backoff _outage = new(options.ProbeBase, options.ProbeCeiling);
    private DateTimeOffset _restsUntil = DateTimeOffset.MinValue;
    private int _outages;

    public string Object => commandObject;

    /// <summary>How far the database was read.</summary>
    public ReadMark Mark { get; } = new();

    public int Count => _held.Count;

    public int Free => Math.Max(0, options.Capacity - _held.Count);

    /// <summary>Held commands that a read from <paramref name="after"/> on comes across again.</summary>
    public int HeldAfter(long after) => after == 0 ? _held.Count : _held.Count(id => id > after);

    /// <summary>Takes a command in; one that is held already is left as it is.</summary>
    /// <returns>False where it was held, or where there is no room.</returns>
    public bool Add(QueuedCommand command)
    {
        if (Free == 0 || !_held.Add(command.Id))
            return false;
        Enter(command);
        return true;
    }

    /// <summary>Takes back what was taken out for an attempt that failed; there is always room for those.</summary>
    public void Return(QueuedCommand command)
    {
        if (_held.Add(command.Id))
            Enter(command);
    }

    /// <summary>When a batch may leave: by the time that its commands are due and by the spacing; null where nothing waits.</summary>
    public DateTimeOffset? LeavesAt(DateTimeOffset now, int batchLimit)
    {
        var due = 0;
        DateTimeOffset? next = null;
        foreach (var lane in _lanes.Values)
        {
            if (lane.DueAt <= now)
                due++;
            else if (next is null || lane.DueAt < next)
                next = lane.DueAt;
        }

        if (due > 0)
        {
            _spacing.Waiting(now);
            next = MayLeave(now, due, batchLimit) ? now : _spacing.LeavesAt(now, due);
        }

        return next < _restsUntil ? _restsUntil : next;
    }

    /// <summary>Whether a batch of so many lanes may leave: a full one at any time, a smaller one when the spacing lets it.</summary>
    public bool MayLeave(DateTimeOffset now, int lanes, int batchLimit) => lanes >= batchLimit || _spacing.LeavesAt(now, lanes) <= now;

    /// <summary>Takes out the lanes that are due, those with the oldest commands first.</summary>
    public IReadOnlyList<IReadOnlyList<QueuedCommand>> Take(DateTimeOffset now, int batchLimit)
    {
        var taken = _lanes.Values.Where(lane => lane.DueAt <= now).OrderBy(lane => lane.OldestId).Take(batchLimit).ToList();
        var batch = new List<IReadOnlyList<QueuedCommand>>(taken.Count);
        foreach (var lane in taken)
        {
            batch.Add(lane.Commands);
            _lanes.Remove(lane.Name);
            _held.ExceptWith(lane.Commands.Select(command => command.Id));
        }

        return batch;
    }

    /// <summary>A batch that was taken out went to the CRM.</summary>
    public void Left(DateTimeOffset now) => _spacing.Left(now, _lanes.Values.Any(lane => lane.DueAt <= now));

    /// <summary>Nothing leaves before then.</summary>
    public void RestUntil(DateTimeOffset at) => _restsUntil = at > _restsUntil ? at : _restsUntil;

    /// <summary>
    /// A batch came back. While the CRM is away, what waits is kept from wasting its attempts one batch after the other.
    /// </summary>
    /// <returns>How long to rest.</returns>
    public TimeSpan CameBack(bool? isOutage, double draw)
    {
        if (isOutage is not true)
        {
            _outages = isOutage is false ? 0 : _outages;
            return TimeSpan.Zero;
        }

        return _outage.DelayOfHalfAtLeast(++_outages, draw);
    }

    private void Enter(QueuedCommand command)
    {
        if (!_lanes.TryGetValue(command.Lane, out var lane))
            _lanes.Add(command.Lane, lane = new Lane(command.Lane));
        lane.Add(command);
    }

    private sealed class Lane(string name)
    {
        public string Name => name;

        public List<QueuedCommand> Commands { get; } = [];

        public long OldestId => Commands[0].Id;

        /// <summary>
        /// A lane rests until all of it may go: what was refused a moment ago isn't tried again because a newer command came.
        /// </summary>
        public DateTimeOffset DueAt { get; private set; } = DateTimeOffset.MinValue;

        public void Add(QueuedCommand command)
        {
            var at = Commands.Count;
            while (at > 0 && Commands[at - 1].Id > command.Id)
                at--;
            Commands.Insert(at, command);
            DueAt = command.DueAt > DueAt ? command.DueAt : DueAt;
        }
    }
}
