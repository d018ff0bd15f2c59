namespace CrmGrains.Connectors.Outbox;

/// <summary>What is known of a record in the CRM.</summary>
/// <param name="CrmId">Null: writing it was given up for now.</param>
/// <param name="WrittenFor">The newest command that it was written for.</param>
internal readonly record struct Link(string? CrmId, long? WrittenFor);

/// <summary>The links used last. True while the account is held, since nobody else writes them then.</summary>
internal sealed class LinkCache(int capacity)
{
    private readonly Dictionary<RecordKey, LinkedListNode<(RecordKey Key, Link Link)>> _nodes = [];
    private readonly LinkedList<(RecordKey Key, Link Link)> _byUse = new();

    public int Count => _nodes.Count;

    public bool TryGet(RecordKey key, out Link link)
    {
        link = default;
        if (!_nodes.TryGetValue(key, out var node))
            return false;
        _byUse.Remove(node);
        _byUse.AddFirst(node);
        link = node.Value.Link;
        return true;
    }

    public void Set(RecordKey key, Link link)
    {
        if (_nodes.Remove(key, out var known))
            _byUse.Remove(known);
        _nodes.Add(key, _byUse.AddFirst((key, link)));
        if (_nodes.Count > capacity && _byUse.Last is { } oldest)
        {
            _nodes.Remove(oldest.Value.Key);
            _byUse.RemoveLast();
        }
    }
}
