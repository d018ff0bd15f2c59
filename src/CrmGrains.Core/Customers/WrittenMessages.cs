namespace CrmGrains.Core.Customers;

/// <summary>When a customer was written to lately: nobody gets more than so many messages a week, whoever asks for them.</summary>
internal static class WrittenMessages
{
    /// <summary>The action that writes to a customer.</summary>
    public const string Action = "send_message";

    /// <summary>How far back it counts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);

    // A workspace's limit is far below.
    private const int Most = 50;

    /// <summary>In order.</summary>
    public static IReadOnlyList<DateTimeOffset> Since(CustomerState state, DateTimeOffset now) =>
        [.. (state.WrittenAt ?? []).Where(at => at > now - Window)];

    /// <summary>One more was asked for.</summary>
    public static CustomerState Count(CustomerState state, string action, DateTimeOffset now) =>
        action == Action ? state with { WrittenAt = [.. Since(state, now).TakeLast(Most - 1), now] } : state;
}
