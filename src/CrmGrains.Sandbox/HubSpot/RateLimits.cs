using CrmGrains.Sandbox.HubSpot.Answers;

namespace CrmGrains.Sandbox.HubSpot;

/// <summary>Marks endpoints that count against the limit of search rather than that of the app.</summary>
internal sealed record CountsAsSearch;

/// <summary>What is left after a call was let in.</summary>
internal sealed record QuotaLeft(int Burst, int Daily);

/// <summary>The account's limits: rolling windows for bursts and search, a UTC day. Refused calls are not counted.</summary>
internal sealed class RateLimits(SandboxOptions options, TimeProvider time)
{
    public static readonly TimeSpan BurstInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _burst = [];
    private readonly Queue<DateTimeOffset> _searches = [];
    private DateOnly _day;
    private int _today;

    public int BurstLimit => options.BurstLimit;

    public int DailyLimit => options.DailyLimit;

    /// <summary>Counts a call; the error is <see langword="null"/> where it may go on.</summary>
    public HubSpotError? TryCall(out QuotaLeft left)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var day = DateOnly.FromDateTime(now.UtcDateTime);
            if (day != _day) (_day, _today) = (day, 0);
            Forget(_burst, now - BurstInterval);

            var refusal = _today >= options.DailyLimit ? Exceeded("DAILY", "daily")
                : _burst.Count >= options.BurstLimit ? Exceeded("TEN_SECONDLY_ROLLING", "ten_secondly_rolling")
                : null;
            if (refusal is null)
            {
                _burst.Enqueue(now);
                _today++;
            }

            left = new QuotaLeft(options.BurstLimit - _burst.Count, options.DailyLimit - _today);
            return refusal;
        }
    }

    /// <summary>Counts a search; the error is <see langword="null"/> where it may go on.</summary>
    public HubSpotError? TrySearch()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            Forget(_searches, now - TimeSpan.FromSeconds(1));
            if (_searches.Count >= options.SearchLimit) return Exceeded("SECONDLY", "secondly");
            _searches.Enqueue(now);
            return null;
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _burst.Clear();
            _searches.Clear();
            _today = 0;
        }
    }

    /// <summary>A 429 under one of HubSpot's policies.</summary>
    public static HubSpotError Exceeded(string policy, string words) => new(StatusCodes.Status429TooManyRequests, new ErrorBody
    {
        Message = $"You have reached your {words} limit.",
        Category = "RATE_LIMITS",
        ErrorType = "RATE_LIMIT",
        PolicyName = policy,
    });

    private static void Forget(Queue<DateTimeOffset> window, DateTimeOffset until)
    {
        while (window.TryPeek(out var oldest) && oldest <= until) window.Dequeue();
    }
}

/// <summary>Applies the limits and tells what is left in headers, which the answers of search do not have.</summary>
internal sealed class RateLimiter(RequestDelegate next, RateLimits limits)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<CountsAsSearch>() is not null)
            return limits.TrySearch() is { } slower ? slower.ExecuteAsync(context) : next(context);

        var refusal = limits.TryCall(out var left);
        var headers = context.Response.Headers;
        headers["X-HubSpot-RateLimit-Max"] = limits.BurstLimit.ToString();
        headers["X-HubSpot-RateLimit-Remaining"] = left.Burst.ToString();
        headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = RateLimits.BurstInterval.TotalMilliseconds.ToString();
        headers["X-HubSpot-RateLimit-Daily"] = limits.DailyLimit.ToString();
        headers["X-HubSpot-RateLimit-Daily-Remaining"] = left.Daily.ToString();
        return refusal is null ? next(context) : refusal.ExecuteAsync(context);
    }
}
