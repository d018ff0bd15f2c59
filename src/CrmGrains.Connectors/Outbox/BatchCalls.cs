namespace CrmGrains.Connectors.Outbox;

/// <summary>The calls of one batch, until they are booked; a CRM that calls without end is not kept in full.</summary>
internal sealed class BatchCalls : ICallLog
{
    private const int MaxCalls = 1_000;

    private readonly Lock _lock = new();
    private readonly List<CrmCall> _calls = [];

    public void Add(CrmCall call)
    {
        lock (_lock)
        {
            if (_calls.Count < MaxCalls)
                _calls.Add(call);
        }
    }

    public IReadOnlyList<CrmCall> Snapshot()
    {
        lock (_lock)
            return [.. _calls];
    }
}
