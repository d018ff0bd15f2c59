namespace CrmGrains.Runtime.Turns;

/// <summary>
/// The states of the partitions that this silo ran last. Only whoever has a partition's row locked touches its states, except for the
/// instant between commit and write-back; so every partition has a gate that is held from claim to write-back.
/// </summary>
internal sealed class Activations(int maxPerPartition)
{
    private readonly Dictionary<int, Dictionary<string, Activation>> _partitions = [];

    /// <summary>The states of a partition, emptied where another silo ran it since.</summary>
    public Dictionary<string, Activation> Of(int partition, bool isTakenOver)
    {
        lock (_partitions)
        {
            if (!_partitions.TryGetValue(partition, out var states))
                _partitions[partition] = states = new Dictionary<string, Activation>(StringComparer.Ordinal);
            else if (isTakenOver || states.Count > maxPerPartition)
                states.Clear();
            return states;
        }
    }

    /// <summary>Forgets partitions whose last batch may or may not have been committed.</summary>
    public void Forget(IEnumerable<int> partitions)
    {
        lock (_partitions)
        {
            foreach (var partition in partitions)
                _partitions.Remove(partition);
        }
    }
}

/// <summary>A grain's state in a silo's cache.</summary>
internal readonly record struct Activation(long Version, object State);
