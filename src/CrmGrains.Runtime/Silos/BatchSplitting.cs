using CrmGrains.Runtime.Mailboxes;

namespace CrmGrains.Runtime.Silos;

/// <summary>
/// Finds the one message that keeps a batch from being committed. After each failure its partitions are suspect: they are taken one at a
/// time with half as many messages, and never messages and timers together, until the bad one is alone and named; after each success
/// with twice as many. Partitions that aren't suspect go on in between.
/// </summary>
internal sealed class BatchSplitting
{
    private static readonly IReadOnlyDictionary<long, string> Nothing = new Dictionary<long, string>();

    private readonly Lock _gate = new();
    private readonly Dictionary<int, int> _limits = [];
    private readonly Dictionary<(int Partition, long Message, string Timer), string> _poisoned = [];
    private readonly Dictionary<int, long> _chosen = [];
    private long _choices;
    private bool _suspectsWaited;

    /// <summary>Which of the claimed partitions make a batch: all, where none is suspect; else by turns the healthy ones and a suspect.</summary>
    public IReadOnlyList<int> Choose(IReadOnlyList<int> claimed)
    {
        lock (_gate)
        {
            if (_limits.Count == 0 || !claimed.Any(_limits.ContainsKey))
                return claimed;
            var healthy = claimed.Where(partition => !_limits.ContainsKey(partition)).ToList();
            _suspectsWaited = !_suspectsWaited && healthy.Count > 0;
            if (_suspectsWaited)
                return healthy;

            // The one that waited longest: where one can't be committed at all, the others have their turns.
            var suspect = claimed.Where(_limits.ContainsKey).MinBy(partition => _chosen.GetValueOrDefault(partition));
            _chosen[suspect] = ++_choices;
            return [suspect];
        }
    }

    /// <summary>Whether any partition is suspect.</summary>
    public bool HasSuspects
    {
        get
        {
            lock (_gate)
                return _limits.Count > 0;
        }
    }

    /// <summary>Whether the partition is suspect.</summary>
    public bool IsSuspect(int partition)
    {
        lock (_gate)
            return _limits.ContainsKey(partition);
    }

    /// <summary>Most messages to take from a partition.</summary>
    public int Limit(int partition, int share)
    {
        lock (_gate)
            return Math.Min(share, _limits.GetValueOrDefault(partition, share));
    }

    /// <summary>
    /// The messages of a batch that are known to be bad, with the reason, by id. All timers have the id 0, so a bad one counts where it
    /// is alone.
    /// </summary>
    public IReadOnlyDictionary<long, string> Poisoned(IReadOnlyList<MailboxMessage> messages)
    {
        lock (_gate)
        {
            if (_poisoned.Count == 0)
                return Nothing;
            return messages
                .Where(message => message.Id != 0 || messages.Count == 1)
                .Where(message => _poisoned.ContainsKey(Key(message)))
                .ToDictionary(message => message.Id, message => _poisoned[Key(message)]);
        }
    }

    /// <summary>A batch couldn't be committed although nothing is wrong with the database.</summary>
    /// <param name="messages">What was in it.</param>
    /// <param name="reason">For the dead letters.</param>
    /// <param name="hasForwarded">Whether turns of what was sent within the batch were in it too: the next attempt leaves them out.</param>
    /// <returns>Whether the next attempt is another one: false where a message that was known to be bad can't be put away either.</returns>
    public bool Failed(IReadOnlyList<MailboxMessage> messages, string reason, bool hasForwarded = false)
    {
        lock (_gate)
        {
            foreach (var partition in messages.GroupBy(message => message.Partition))
                _limits[partition.Key] = Math.Max(1, partition.Count() / 2);
            return messages is not [var only] || hasForwarded || _poisoned.TryAdd(Key(only), reason);
        }
    }

    /// <summary>A batch was committed.</summary>
    /// <param name="messages">What was in it.</param>
    /// <param name="share">Most messages that are taken from a partition that isn't suspect.</param>
    public void Committed(IReadOnlyList<MailboxMessage> messages, int share)
    {
        lock (_gate)
        {
            if (_limits.Count == 0)
                return;
            foreach (var partition in messages.GroupBy(message => message.Partition))
            {
                foreach (var message in partition)
                    _poisoned.Remove(Key(message));
                if (!_limits.TryGetValue(partition.Key, out var limit))
                    continue;
                if (partition.Count() < limit || limit * 2 >= share)
                    Forget(partition.Key);
                else
                    _limits[partition.Key] = limit * 2;
            }
        }
    }

    private void Forget(int partition)
    {
        _limits.Remove(partition);
        _chosen.Remove(partition);
    }

    private static (int Partition, long Message, string Timer) Key(MailboxMessage message) =>
        (message.Partition, message.Id, message.Id == 0 ? $"{message.Grain} {Convert.ToBase64String(message.Body)}" : "");
}
