namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Finds the one message that keeps a batch from being committed: after each failure its partitions are taken one at a time with half as
/// many messages, until the bad one is alone and named; after each success with twice as many.
/// </summary>
internal sealed class BatchSplitting
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, int> _limits = [];
    private readonly Dictionary<long, string> _poisoned = [];

    /// <summary>Whether partitions have to be taken one at a time.</summary>
    public bool IsActive
    {
        get
        {
            lock (_gate)
                return _limits.Count > 0;
        }
    }

    /// <summary>Messages known to be bad, with the reason.</summary>
    public IReadOnlyDictionary<long, string> Poisoned
    {
        get
        {
            lock (_gate)
                return _poisoned.Count == 0 ? EmptyPoisoned : new Dictionary<long, string>(_poisoned);
        }
    }

    private static readonly IReadOnlyDictionary<long, string> EmptyPoisoned = new Dictionary<long, string>();

    /// <summary>Most messages to take from a partition.</summary>
    public int Limit(int partition, int share)
    {
        lock (_gate)
            return Math.Min(share, _limits.GetValueOrDefault(partition, share));
    }

    /// <summary>A batch couldn't be committed although nothing is wrong with the database.</summary>
    /// <param name="messages">Ids of its messages, by partition; 0 for timers.</param>
    /// <param name="reason">For the dead letters.</param>
    public void Failed(IReadOnlyDictionary<int, IReadOnlyList<long>> messages, string reason)
    {
        lock (_gate)
        {
            if (messages.Count == 1 && messages.Values.Single() is [var only])
                _poisoned[only] = reason;
            foreach (var (partition, ids) in messages)
                _limits[partition] = Math.Max(1, ids.Count / 2);
        }
    }

    /// <summary>A batch was committed.</summary>
    public void Committed(IReadOnlyDictionary<int, IReadOnlyList<long>> messages, int share)
    {
        lock (_gate)
        {
            if (_limits.Count == 0)
                return;
            foreach (var (partition, ids) in messages)
            {
                foreach (var id in ids)
                    _poisoned.Remove(id);
                if (_limits.TryGetValue(partition, out var limit) && (_limits[partition] = limit * 2) >= share)
                    _limits.Remove(partition);
            }
        }
    }
}
