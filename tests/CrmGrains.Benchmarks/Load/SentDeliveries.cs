using System.Diagnostics;

namespace CrmGrains.Benchmarks.Load;

/// <summary>When each request of a run was begun and when it was answered.</summary>
internal sealed class SentDeliveries(Deliveries deliveries, TimeProvider time)
{
    private const int Accepted = 202;

    private readonly DateTimeOffset _startAt = time.GetUtcNow();
    private readonly long[] _begun = new long[deliveries.Count];
    private readonly long[] _answered = new long[deliveries.Count];
    private int _refused;

    /// <summary>The first request's instant, as a timestamp.</summary>
    public long Start { get; } = Stopwatch.GetTimestamp();

    /// <summary>Requests that weren't answered 202.</summary>
    public int Refused => _refused;

    /// <summary>Requests that were.</summary>
    public int Acknowledged => _answered.Count(one => one > 0);

    public Deliveries Deliveries => deliveries;

    /// <summary>UTC, by this machine's clock, which is the database's too.</summary>
    public DateTimeOffset StartAt => _startAt;

    public void Answered(int send, long begunAt, int status)
    {
        _begun[send] = begunAt;
        if (status == Accepted)
            _answered[send] = Stopwatch.GetTimestamp();
        else
            Interlocked.Increment(ref _refused);
    }

    /// <summary>From begin to answer, in milliseconds.</summary>
    public Latencies Acknowledgements() => new(
        Enumerable.Range(0, deliveries.Count)
            .Where(send => _answered[send] > 0)
            .Select(send => Stopwatch.GetElapsedTime(_begun[send], _answered[send]).TotalMilliseconds));

    /// <summary>When the first request for each acknowledged event was begun.</summary>
    public Dictionary<int, DateTimeOffset> BegunByEvent()
    {
        var begun = new Dictionary<int, DateTimeOffset>(deliveries.Events);
        for (var send = 0; send < deliveries.Count; send++)
        {
            if (_answered[send] > 0)
                begun.TryAdd(Deliveries.EventOf(send, out _), _startAt + Stopwatch.GetElapsedTime(Start, _begun[send]));
        }

        return begun;
    }
}
