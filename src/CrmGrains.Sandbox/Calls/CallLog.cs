using System.Text.Json.Serialization;

namespace CrmGrains.Sandbox.Calls;

/// <summary>One call to a CRM, after its end.</summary>
/// <param name="Route">Its template, with the type of record filled in.</param>
/// <param name="Status">What was answered; where the connection was cut after the work, what would have been; 0 where it was only held.</param>
/// <param name="RecordIds">The records that it wrote.</param>
/// <param name="Fault">The kind of the fault that it ran into.</param>
internal sealed record EndedCall(
    DateTimeOffset Time,
    string Method,
    string Path,
    string Route,
    int Status,
    [property: JsonPropertyName("duration_ms")] double DurationMs,
    [property: JsonPropertyName("record_ids")] IReadOnlyList<string> RecordIds,
    string? Fault);

/// <summary>The calls to one endpoint.</summary>
/// <param name="Statuses">How many were answered with which status.</param>
internal sealed record EndpointStats(
    string Method,
    string Route,
    long Calls,
    [property: JsonPropertyName("records_written")] long RecordsWritten,
    IReadOnlyDictionary<string, long> Statuses);

internal sealed record CallTotals(
    long Calls,
    long Errors,
    [property: JsonPropertyName("rate_limited")] long RateLimited,
    [property: JsonPropertyName("records_written")] long RecordsWritten);

internal sealed record CallStats(CallTotals Totals, IReadOnlyList<EndpointStats> Endpoints);

/// <summary>Counts all calls and remembers the latest.</summary>
internal sealed class CallLog
{
    public const int Capacity = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<EndedCall> _latest = new(Capacity);
    private readonly SortedDictionary<string, Counter> _counters = new(StringComparer.Ordinal);

    public void Add(EndedCall call)
    {
        lock (_gate)
        {
            if (_latest.Count == Capacity) _latest.Dequeue();
            _latest.Enqueue(call);

            var key = $"{call.Route} {call.Method}";
            if (!_counters.TryGetValue(key, out var counter)) _counters.Add(key, counter = new Counter(call.Method, call.Route));
            counter.Add(call);
        }
    }

    /// <summary>The latest calls, oldest first.</summary>
    public IReadOnlyList<EndedCall> Latest(int limit)
    {
        lock (_gate) return [.. _latest.Skip(Math.Max(0, _latest.Count - limit))];
    }

    public CallStats Stats()
    {
        lock (_gate)
        {
            var endpoints = _counters.Values.Select(counter => counter.ToStats()).ToList();
            var statuses = endpoints.SelectMany(endpoint => endpoint.Statuses).ToList();
            return new CallStats(
                new CallTotals(
                    endpoints.Sum(endpoint => endpoint.Calls),
                    statuses.Where(pair => pair.Key[0] is '4' or '5').Sum(pair => pair.Value),
                    statuses.Where(pair => pair.Key == "429").Sum(pair => pair.Value),
                    endpoints.Sum(endpoint => endpoint.RecordsWritten)),
                endpoints);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _latest.Clear();
            _counters.Clear();
        }
    }

    private sealed class Counter(string method, string route)
    {
        private readonly SortedDictionary<string, long> _statuses = new(StringComparer.Ordinal);
        private long _calls;
        private long _written;

        public void Add(EndedCall call)
        {
            var status = call.Status.ToString();
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
            _calls++;
            _written += call.RecordIds.Count;
        }

        public EndpointStats ToStats() => new(method, route, _calls, _written, new Dictionary<string, long>(_statuses));
    }
}
